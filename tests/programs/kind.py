"""Real programs of Debian, run by Mimus in a root of their own.

Each NAME.sh of this folder is a script for the guest's bash: status 0 is passed, 77
skipped.  It runs in a fresh folder, as root of the guest, in a copy-on-write view of
the root that root.py makes, with /proc, /dev/pts and /dev/shm; what it changes is gone
afterwards.  Beside the words of tests/run.py its head may have:
  parts: a b c         runs once for each, as its argument $1, each a test
  guests: a b          which guests' roots (riscv64)
"""
import importlib.util
import os

HERE = os.path.dirname(os.path.abspath(__file__))

# The mounts vanish with their namespace when the script ends.
VIEW = r'''
set -e
root=$1 mimus=$2 script=$3 guest=$4 part=$5
tmp=$(mktemp -d)
mount -t tmpfs tmpfs "$tmp"
mkdir "$tmp/upper" "$tmp/work" "$tmp/view"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$tmp/upper,workdir=$tmp/work" "$tmp/view"
cd "$tmp/view"
mount -t proc proc proc
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
rm -f dev/ptmx && ln -s pts/ptmx dev/ptmx
mkdir -p dev/shm && mount -t tmpfs tmpfs dev/shm
rm -f "mimus-$guest" && cp "$mimus" "mimus-$guest"
# overlayfs shows a folder under two inode numbers
mount -t tmpfs tmpfs tmp
mkdir tmp/test && cp "$script" tmp/test/script
status=0
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
	chroot . "/mimus-$guest" /bin/bash -c 'cd /tmp/test && exec bash ./script "$@"' sh "$part" || status=$?
cd / && umount -l "$tmp" && rmdir "$tmp"
exit $status
'''


def load(name):
    spec = importlib.util.spec_from_file_location('programs_' + name, f'{HERE}/{name}.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tests(ctx):
    root = load('root')
    found = []
    for name in sorted(os.listdir(HERE)):
        if not name.endswith('.sh'):
            continue
        head = run.head_lines(f'{HERE}/{name}')
        for guest in head.get('guests', 'riscv64').split():
            for part in head.get('parts', '').split() or ['']:
                found.append(one(ctx, root, root.DEBIANS[guest], name[:-3], part, head))
    return found


def one(ctx, root, debian, name, part, head):
    title = '-'.join(w for w in ('' if debian.guest == 'riscv64' else debian.guest, name, part) if w)
    level = head.get('level', 'full')
    limit = float(head.get('timeout', 120))

    def check():
        try:
            folder = root.make(ctx, debian, 'long' if level == 'long' else 'full')
        except root.Unavailable as e:
            return run.Result(skipped=str(e))
        except RuntimeError as e:
            return run.Result(failed=[title], output=str(e))
        argv = ['unshare', '--mount', '--propagation', 'private', '/bin/sh', '-c', VIEW, 'sh',
                folder, os.path.realpath(ctx.program(debian.guest)), f'{HERE}/{name}.sh', debian.guest, part]
        return run.by_status(title, run.execute(argv, limit))

    return run.Test('programs', title, function=check, timeout=limit, level=level)
