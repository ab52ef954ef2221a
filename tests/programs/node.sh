# Node: the tests that come with npm packages; threads, timers, files, sockets, WebAssembly.
# guests: riscv64 aarch64
# parts: minimist qs own
# level: long
# timeout: 200
set -eu
if [ "$1" != own ]; then
	[ -d "/opt/npm/node_modules/$1" ] || { echo 'npm packages could not be fetched'; exit 77; }
	cd "/opt/npm/node_modules/$1"
	exec node ../tape/bin/tape 'test/*.js'
fi
cat > t.js <<'X'
const assert = require('assert'), test = require('node:test'), fs = require('fs');
const { Worker } = require('worker_threads'), net = require('net'), zlib = require('zlib');
const { execFileSync } = require('child_process'), crypto = require('crypto');
test('threads', async () => {
	const code = "const {parentPort:p,workerData:d}=require('worker_threads');let s=0;for(let i=0;i<1e6;i++)s+=i%d;p.postMessage(s)";
	const sums = await Promise.all([7, 11, 13].map(d => new Promise((y, n) => {
		new Worker(code, { eval: true, workerData: d }).on('message', y).on('error', n); })));
	assert.deepStrictEqual(sums, [7, 11, 13].map(d => { let s = 0; for (let i = 0; i < 1e6; i++) s += i % d; return s; }));
});
test('sockets', async () => {
	const got = await new Promise((y, n) => { const s = net.createServer(c => c.pipe(c)).listen(0, () => {
		const c = net.connect(s.address().port, () => c.end('hello')); let t = '';
		c.on('data', d => t += d).on('error', n).on('close', () => { s.close(); y(t); }); }); });
	assert.strictEqual(got, 'hello');
});
test('files', async () => {
	await Promise.all([...Array(50).keys()].map(i => fs.promises.writeFile('f' + i, 'x'.repeat(i))));
	assert.strictEqual(fs.readdirSync('.').filter(f => /^f\d/.test(f)).length, 50);
	assert.strictEqual(zlib.gunzipSync(zlib.gzipSync('y'.repeat(1e5))).length, 1e5);
	assert.strictEqual(crypto.createHash('sha256').update('abc').digest('hex').slice(0, 16), 'ba7816bf8f01cfea');
	assert.strictEqual(execFileSync('/bin/echo', ['a']).toString(), 'a\n');
});
test('wasm', () => {
	const m = new WebAssembly.Module(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]));
	assert.strictEqual(new WebAssembly.Instance(m).exports.f(40, 2), 42);
});
test('hot loops', () => {
	const f = n => n < 2 ? n : f(n - 1) + f(n - 2);
	assert.strictEqual(f(24), 46368);
	let x = 0.5; for (let i = 0; i < 1e6; i++) x = 3.7 * x * (1 - x);
	assert(x > 0 && x < 1);
	assert.throws(() => { const r = () => r() + 1; r(); }, RangeError);
});
X
node --test t.js
