# bash and coreutils: pipes, jobs, traps, arrays, here-documents, and what the tools say.
# guests: riscv64 aarch64
# timeout: 120
set -euo pipefail
die() { echo "wrong: $*"; exit 1; }
case $(uname -m) in riscv64 | aarch64) ;; *) die uname ;; esac
[ "$(seq 1 1000 | awk '{s += $1} END {print s}')" = 500500 ] || die awk
[ "$(printf '%s\n' c a b | sort | tr '\n' ' ')" = 'a b c ' ] || die sort
seq 1 20000 > n; split -l 3000 n part.; cat part.* | cmp - n || die split
[ "$(sha256sum < n)" = "$(tac n | tac | sha256sum)" ] || die tac
[ "$(printf abc | sha256sum | cut -c1-16)" = ba7816bf8f01cfea ] || die sha256
[ "$(printf abc | md5sum | cut -c1-16)" = 900150983cd24fb0 ] || die md5
mkdir -p d/e; ln -s e d/l; cp -a d f; [ "$(readlink f/l)" = e ] || die readlink
tar cf - d n | gzip -9 | gunzip | (mkdir x; cd x; tar xf -); cmp x/n n || die tar
touch -d '2001-02-03 04:05:06 UTC' t; [ "$(TZ=UTC stat -c %y t | cut -c1-19)" = '2001-02-03 04:05:06' ] || die stat
[ "$(date -u -d @1000000000 +%F)" = 2001-09-09 ] || die date
find . -name 'part.*' | xargs -n1 -P4 wc -l | awk '{s += $1} END {exit s != 20000}' || die xargs
(trap 'echo got > trapped; exit 5' TERM; while :; do sleep 0.05; done) & p=$!
sleep 0.5; kill -TERM $p; s=0; wait $p || s=$?
[ $s = 5 ] && [ "$(cat trapped)" = got ] || die trap
s=0; (kill -SEGV $BASHPID) || s=$?; [ $s = 139 ] || die "signal status $s"
timeout 0.3 sleep 10 && die timeout
coproc C { tr a-z A-Z; }; echo hello >&"${C[1]}"; eval "exec ${C[1]}>&-"
read -r line <&"${C[0]}"; [ "$line" = HELLO ] || die coproc
diff <(seq 5) <(printf '%s\n' {1..5}) || die substitution
s=0; for i in $(seq 100); do /bin/true; s=$((s + $(/bin/echo $i))); done; [ $s = 5050 ] || die fork
[ "$(busybox sh -c 'echo $((6*7))')" = 42 ] || die busybox
busybox seq 5 | busybox sort -r | busybox head -1 | grep -x 5 > /dev/null || die busybox tools
[ "$(stty size < /dev/ptmx 2>/dev/null | wc -w)" = 2 ] || die pty
file -L /bin/bash | grep -E 'RISC-V|aarch64' > /dev/null || die file
strace -V > /dev/null || die strace
