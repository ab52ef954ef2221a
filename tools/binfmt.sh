#!/bin/sh
# Let the kernel start programs of other machines with Mimus (binfmt_misc).
#
#   tools/binfmt.sh register [PROGRAM]   PROGRAM: the mimus-user to use, default: build/mimus-user or the one in PATH
#   tools/binfmt.sh unregister
#   tools/binfmt.sh status
#   options before the command: --dry-run (print what would be written), --credentials (add flag C)
#
# Flags given to the kernel:
#   F  open PROGRAM now, not at each start: works inside containers and chroots that do not have it (it is static)
#   P  keep the program's own argv[0]; the kernel then says so in AT_FLAGS
#   O  hand over the program as an open descriptor (AT_EXECFD): programs that may be executed but not read work
#   C  take user and capabilities from the program, not from PROGRAM: set-user-id programs work as on their own machine.
#      Only with --credentials: everybody who can start such a program then runs PROGRAM with its rights.
set -eu

MISC=${MIMUS_BINFMT_DIR:-/proc/sys/fs/binfmt_misc}
# name, then the first 20 bytes of an ELF file and which bits of them count: class, data, type (EXEC or DYN), machine
TABLE='riscv64 \x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xf3\x00 \xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'

fail() { echo "binfmt.sh: $*" >&2; exit 1; }

usage() { sed -n '2,16s/^# \{0,1\}//p' "$0"; exit "$1"; }

# binfmt_misc does not look at argv[0] to find the guest: each guest has its own name of the program.
find_program() {
	dir=$(dirname "$0")/..
	for p in "$dir/build/mimus-$1" "$(command -v "mimus-$1" 2>/dev/null || true)"; do
		if [ -n "$p" ] && [ -x "$p" ]; then
			echo "$(cd "$(dirname "$p")" && pwd)/$(basename "$p")"
			return
		fi
	done
	fail "no mimus-$1 in build/ or PATH; give the program"
}

need_misc() {
	[ "$DRY" = 1 ] && return
	[ -d "$MISC" ] || fail "$MISC: not there; load the kernel module binfmt_misc"
	if [ ! -e "$MISC/register" ]; then
		mount -t binfmt_misc binfmt_misc "$MISC" || fail "cannot mount binfmt_misc on $MISC"
	fi
	[ -w "$MISC/register" ] || fail "$MISC/register: cannot be written; run this as root"
}

register() {
	need_misc
	printf '%s\n' "$TABLE" | while read -r name magic mask; do
		program=${1:-$(find_program "$name")}
		[ -x "$program" ] || fail "$program: not an executable file"
		line=":mimus-$name:M::$magic:$mask:$program:$FLAGS"
		if [ "$DRY" = 1 ]; then
			printf '%s\n' "$line"
			continue
		fi
		[ ! -e "$MISC/mimus-$name" ] || echo -1 >"$MISC/mimus-$name"
		printf '%s' "$line" >"$MISC/register" || fail "the kernel refused $line"
		echo "$name: programs are started with $program"
		for other in "$MISC/qemu-$name"*; do
			[ ! -e "$other" ] || echo "note: $(basename "$other") is registered too; the later one wins"
		done
	done
}

unregister() {
	need_misc
	printf '%s\n' "$TABLE" | while read -r name rest; do
		if [ "$DRY" = 1 ]; then
			echo "-1 > $MISC/mimus-$name"
		elif [ -e "$MISC/mimus-$name" ]; then
			echo -1 >"$MISC/mimus-$name"
			echo "$name: no longer registered"
		else
			echo "$name: was not registered"
		fi
	done
}

status() {
	[ -e "$MISC/status" ] || fail "binfmt_misc is not mounted on $MISC"
	echo "binfmt_misc: $(cat "$MISC/status")"
	printf '%s\n' "$TABLE" | while read -r name rest; do
		if [ -e "$MISC/mimus-$name" ]; then
			echo "$name: $(sed -n '1p' "$MISC/mimus-$name"), $(sed -n 's/^interpreter //p' "$MISC/mimus-$name")"
		else
			echo "$name: not registered"
		fi
	done
}

DRY=0
FLAGS=FPO
while [ $# -gt 0 ]; do
	case $1 in
	--dry-run) DRY=1 ;;
	--credentials) FLAGS=FPOC ;;
	-h | --help) usage 0 ;;
	*) break ;;
	esac
	shift
done
case ${1:-} in
register) shift; register "${1:-}" ;;
unregister) unregister ;;
status) status ;;
*) usage 2 ;;
esac
