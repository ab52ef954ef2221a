"""Packets that gdb does not send for RISC-V, or that nobody should: spoken to the stub directly."""
import os
import re
import socket
import subprocess
import time
import traceback

ECALL = b'\x73\0\0\0'


class Stub:
    """A connection, acknowledgements off after no_ack()."""

    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(20)
        for _ in range(200):
            try:
                self.s.connect(path)
                break
            except OSError:
                time.sleep(0.05)
        self.left, self.acks = b'', True

    def send(self, body, checksum=None):
        body = body if isinstance(body, bytes) else body.encode()
        total = sum(body) & 255 if checksum is None else checksum
        self.s.sendall(b'$' + body + b'#%02x' % total)

    def byte(self):
        if not self.left:
            self.left = self.s.recv(65536)
            if not self.left:
                raise EOFError
        b, self.left = self.left[:1], self.left[1:]
        return b

    def receive(self):
        """One packet's body; what comes before it must be '+'."""
        before = b''
        while (b := self.byte()) != b'$':
            before += b
        body = b''
        while (b := self.byte()) != b'#':
            body += b
        assert int(self.byte() + self.byte(), 16) == sum(body) & 255, 'checksum'
        assert before == (b'+' if self.acks else b''), before
        return body

    def ask(self, body):
        self.send(body)
        return self.receive().decode('latin-1')

    def run(self, body):
        """A packet that lets the program run; returns the stop reply."""
        self.send(body)
        if self.acks:
            self.acks = False
            r = self.receive()
            self.acks = True
            return r.decode('latin-1')
        return self.receive().decode('latin-1')

    def reg(self, n):
        return int.from_bytes(bytes.fromhex(self.ask(f'p{n:x}')), 'little')

    def memory(self, at, n):
        return bytes.fromhex(self.ask(f'm{at:x},{n:x}'))


def symbols(program):
    out = subprocess.run(['riscv64-linux-gnu-nm', program], capture_output=True, text=True).stdout
    return {m[1]: int(m[0], 16) for m in re.findall(r'^([0-9a-f]+) \w (\S+)$', out, re.M)}


def envelope(g, sym):
    g.send('?', checksum=0)
    assert g.byte() == b'-'
    g.s.sendall(b'+$?#zz')
    assert g.byte() == b'-'
    g.s.sendall(b'$junk$?#3f')
    first = g.receive()
    assert first.startswith(b'T05'), first
    g.s.sendall(b'-')
    g.acks = False
    assert g.receive() == first
    g.acks = True
    g.s.sendall(b'$' + b'q' * 100000 + b'#00')
    assert g.byte() == b'-'
    assert g.ask('vMustReplyEmpty') == ''
    assert g.ask('QStartNoAckMode') == 'OK'
    g.acks = False
    assert g.ask('qSupported:swbreak+').startswith('PacketSize=')
    assert g.ask('') == ''


def registers(g, sym):
    assert g.reg(32) == sym['_start']
    assert g.ask('P5=8877665544332211') == 'OK' and g.reg(5) == 0x1122334455667788
    everything = g.ask('g')
    assert len(everything) == 2 * (33 * 8 + 32 * 8 + 3 * 4)
    assert g.ask('G' + '00' * 8 + 'ff' * 8) == 'OK' and g.reg(1) == 2**64 - 1
    assert g.ask('G' + everything) == 'OK' and g.ask('g') == everything
    for bad in 'p', 'pzz', 'p1000', 'p7fffffffffffffff', 'P5=11', 'P5', 'P=', 'G1', 'Gzz':
        assert g.ask(bad).startswith('E'), bad


def memory(g, sym):
    at = sym['text']
    assert g.ask(f'M{at:x},3:616263') == 'OK' and g.memory(at, 5) == b'abcst'
    assert g.ask(b'X%x,4:\x7d\x03\x7d\x04\x7d\x0a*' % at) == 'OK' and g.memory(at, 4) == b'#$**'
    code = g.memory(sym['main'], 4)
    assert g.ask(f'M{sym["main"]:x},4:{code.hex()}') == 'OK'      # read-only to the program
    for bad in ('m', 'm0', 'm0,', 'm0,4', 'mffffffffffffffff,40', 'm,4', f'M{at:x},4:61', f'M{at:x},1:zz',
                f'M{at:x},ffffffffffffffff:00', f'X{at:x},7fffffff:a', f'X{at:x},1:ab', 'M0,1:00',
                'mfffffffffffffffff,1'):
        assert g.ask(bad).startswith('E'), bad
    assert len(g.ask(f'm{sym["main"]:x},ffffffff')) > 100


def stepping(g, sym):
    """vCont;s and its kin, over a system call, in a range, onto a breakpoint."""
    main = sym['main']
    assert g.ask(f'Z0,{main:x},2') == 'OK'
    stop = g.run('vCont;c')
    assert stop.startswith('T05') and 'swbreak:;' in stop and g.reg(32) == main
    assert g.ask(f'z0,{main:x},2') == 'OK'
    for how in 's', 'vCont;s':
        pc = g.reg(32)
        stop = g.run(how)
        assert stop.startswith('T05') and 'swbreak' not in stop
        assert g.reg(32) - pc in (2, 4)
    pc = g.reg(32)
    g.run(f'vCont;r{pc:x},{pc + 6:x}')
    assert not pc <= g.reg(32) < pc + 6
    assert g.ask(f'Z1,{sym["write"]:x},2') == 'OK'
    g.run('c')
    assert g.reg(32) == sym['write']
    for _ in range(100):
        if g.memory(g.reg(32), 4) == ECALL:
            break
        g.run('s')
    pc, number = g.reg(32), g.reg(17)
    info = g.run('vCont;s')
    assert number == 64 and g.reg(32) == pc + 4 and g.reg(10) > 30, info
    assert g.ask('qXfer:siginfo:read::0,80')[:2] == 'l\5'


def odd_words(g, sym):
    tid = re.match(r'm([0-9a-f]+)', g.ask('qfThreadInfo'))[1]
    assert g.ask('qsThreadInfo') == 'l' and g.ask('T' + tid) == 'OK'
    assert bytes.fromhex(g.ask('qThreadExtraInfo,' + tid))
    for bad in ('Hx', 'Hg', 'Hgzz', 'H', 'T', 'T7fffffff', 'Hg7fffffff', 'vCont', 'vCont;', 'vCont;x', 'vCont;C',
                'vCont;Cff', 'vCont;s:zz', 'vCont;r1', 'C', 'Czz', 'czz', 'Z0', 'Z0,', 'Z0,1', 'Z0,zz,2', 'z0,,',
                'qThreadExtraInfo,zz', 'qXfer:features:read:other.xml:0,10', 'qXfer:auxv:read:',
                'vCont' + ';c' * 1000):
        assert g.ask(bad).startswith('E'), bad
    for unknown in 'Z2,0,8', 'Z3,0,8', 'Z4,0,8', 'qXfer:memory-map:read::0,10', 'R00', '!', 'A', 'vAttach;1', 'bc', '\x7f':
        assert g.ask(unknown) == '', unknown
    xml = g.ask('qXfer:features:read:target.xml:0,3f00')
    assert xml[1:].startswith('<?xml') and 'riscv:rv64' in xml
    assert g.ask('qXfer:features:read:target.xml:ffffffffffffffff,10') == 'l'
    assert g.ask('qXfer:features:read:target.xml:5,0') == 'm'
    assert len(g.ask('qXfer:auxv:read::0,ffffffffffffffff')) > 16 * 10


def files(g, sym, program):
    name = os.fsencode(program).hex()
    assert g.ask('vFile:setfs:0') == 'F0'
    fd = re.match(r'F(\d+)$', g.ask(f'vFile:open:{name},0,0'))[1]
    assert g.ask(f'vFile:pread:{fd},4,0') == 'F4;\x7fELF'
    stat = g.ask(f'vFile:fstat:{fd}')
    assert stat.startswith('F40;')
    assert g.ask(f'vFile:pread:{fd},10,7fffffffffffff00').startswith('F0')
    assert g.ask(f'vFile:pread:{fd},10,ffffffffffffffff').startswith('F0')
    assert g.ask(f'vFile:close:{fd}') == 'F0' and g.ask(f'vFile:close:{fd}') == 'F-1,9'
    exe = g.ask('vFile:readlink:' + b'/proc/self/exe'.hex())
    assert exe.endswith(os.path.realpath(program)), exe
    for bad in ('open:zz,0,0', f'open:{name}', f'open:{name},1,0', 'open:' + '61' * 5000 + ',0,0', 'open:610062,0,0',
                'pread:0,1,0', 'pread:ffffffff,1,0', 'fstat:', 'close:-1', 'readlink:61'):
        assert g.ask('vFile:' + bad).startswith('F-1,'), bad
    assert g.ask('vFile:rename:00') == ''


def ending(g, sym):
    assert g.ask('D') == 'OK'


def tests(run, ctx, here, folder_of):
    def test():
        program = ctx.compile('riscv64', [os.path.join(here, 'basic.c')], ['-O1', '-g', '-static'])
        sym, wrong = symbols(program), []
        with folder_of() as folder:
            path = os.path.join(folder, 'sock-%d')
            p = subprocess.Popen([ctx.program('riscv64'), '-g', path, program], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 env={**run.NO_LEAKS, **os.environ})
            try:
                g = Stub(path.replace('%d', str(p.pid)))
                for part in envelope, registers, memory, stepping, odd_words:
                    part(g, sym)
                files(g, sym, program)
                ending(g, sym)
                out, _ = p.communicate(timeout=20)
                if p.returncode != 51 or b'counter 51' not in out:
                    wrong.append(f'ended with {p.returncode}: {out}')
            except Exception:
                wrong.append(traceback.format_exc())
            finally:
                p.kill()
        return run.Result(failed=['packets'], output='\n'.join(wrong)) if wrong else run.Result(passed=1)
    return [run.Test('gdb', 'packets', function=test, timeout=90)]
