"""Roots of Debian for a guest, made under Mimus and kept in the cache.

make(ctx, DEBIANS[guest], 'full') returns the folder of a root that debootstrap has unpacked here and
whose second stage, dpkg and apt then ran under Mimus; 'long' adds more packages.
Packages come from the mirror this host's apt uses, with an apt state of our own, so
nothing is installed on the host.  A lock lets one test make a root while others wait.
Without root rights, debootstrap or a mirror there is no root: Skip, raised by need().
"""
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys



class Debian:
    """What a guest's root is made of."""

    def __init__(self, guest, arch, suite, python, more):
        self.guest, self.arch, self.suite = guest, arch, suite
        self.packages = {
            'full': f'busybox-static file gcc g++ git libc6-dev libpython{python}-testsuite make openssl '
                    f'perl procps python3 sqlite3 strace {more}',
            'long': 'cargo default-jdk-headless golang-go nodejs rustc',
        }
        self.program = '/mimus-' + guest


DEBIANS = {d.guest: d for d in (
    Debian('riscv64', 'riscv64', 'trixie', '3.13', 'openssl-provider-fips'),
    Debian('aarch64', 'arm64', 'bookworm', '3.11', ''),
)}
# Sources of crates: unpacked into the root, since their dependencies are not wanted.
CRATES = 'librust-fnv-dev librust-itoa-dev librust-semver-dev'
# Their own tests come with them; what those need beside them.
NPM = ('tape minimist qs es-value-fixtures for-each has-bigints has-override-mistake '
       'has-property-descriptors has-proto has-symbols iconv-lite mock-property object-inspect '
       'safer-buffer')
ENV = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': '/root', 'LANG': 'C.UTF-8',
       'DEBIAN_FRONTEND': 'noninteractive'}


class Unavailable(Exception):
    """What this host lacks."""


def run(argv, what, **more):
    r = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, errors='replace', **more)
    if r.returncode:
        raise RuntimeError(f'{what}: status {r.returncode}\n' + '\n'.join(
            r.stdout.split('\n')[-40:]))
    return r.stdout


def need():
    if os.getuid() != 0:
        raise Unavailable('needs root rights')
    for tool in ('debootstrap', 'apt-get', 'unshare', 'chroot'):
        if not shutil.which(tool):
            raise Unavailable(f'no {tool}')


def mirror():
    text = subprocess.run(['apt-get', 'indextargets', '--format', '$(REPO_URI)'],
                          capture_output=True, text=True).stdout
    for line in text.split('\n'):
        if line.endswith('/debian/'):
            return line
    return 'http://deb.debian.org/debian/'


class Apt:
    """An apt state for the guest's packages in a folder of the cache."""

    def __init__(self, debian, folder):
        self.debian = debian
        self.folder = folder
        self.archives = os.path.join(folder, 'cache/archives')
        os.makedirs(os.path.join(folder, 'lists/partial'), exist_ok=True)
        os.makedirs(os.path.join(self.archives, 'partial'), exist_ok=True)
        with open(os.path.join(folder, 'sources.list'), 'w', encoding='utf-8') as f:
            f.write(f'deb [arch={debian.arch}] {mirror()} {debian.suite} main\n')
        self.options = []
        for o in (f'Dir::Etc::SourceList={folder}/sources.list', 'Dir::Etc::SourceParts=-',
                  f'Dir::State={folder}', f'Dir::State::status={folder}/status',
                  f'Dir::Cache={folder}/cache', 'APT::Sandbox::User=root',
                  f'APT::Architecture={debian.arch}', f'APT::Architectures::={debian.arch}',
                  'APT::Install-Recommends=false', 'Acquire::Retries=3'):
            self.options += ['-o', o]

    def update(self):
        r = subprocess.run(['apt-get', *self.options, '-q', 'update'],
                           capture_output=True, text=True)
        if r.returncode or 'Failed to fetch' in r.stdout + r.stderr:
            raise Unavailable('the mirror does not answer')

    def install(self, root, packages):
        """Fetch here, install in the root under Mimus."""
        shutil.copy(f'{root}/var/lib/dpkg/status', f'{self.folder}/status')
        run(['apt-get', *self.options, '-q', '-y', '--download-only', 'install', *packages],
            'download')
        into = f'{root}/var/cache/apt/archives'
        for name in os.listdir(self.archives):
            if name.endswith('.deb'):
                shutil.move(f'{self.archives}/{name}', f'{into}/{name}')
        lists = f'{root}/var/lib/apt/lists'
        for name in os.listdir(f'{self.folder}/lists'):
            if self.debian.suite in name:
                shutil.copy(f'{self.folder}/lists/{name}', lists)
        inside(self.debian, root, 'exec apt-get -q -y --no-install-recommends --no-download '
                     '-o APT::Sandbox::User=root install ' + ' '.join(packages), 'apt-get install')
        for name in os.listdir(into):
            if name.endswith('.deb'):
                os.remove(f'{into}/{name}')

    def unpack(self, root, packages):
        run(['apt-get', *self.options, '-q', 'download', *packages], 'download',
            cwd=self.archives)
        for name in sorted(os.listdir(self.archives)):
            if name.endswith('.deb'):
                run(['dpkg-deb', '-x', f'{self.archives}/{name}', root], 'dpkg-deb')
                os.remove(f'{self.archives}/{name}')


def inside(debian, root, command, what):
    """Run a command of the root under Mimus, with /proc, in mounts of its own."""
    script = f'mount -t proc proc "{root}/proc" && exec chroot "{root}" {debian.program} /bin/sh -c "$1"'
    return run(['unshare', '--mount', '--propagation', 'private', '/bin/sh', '-c', script,
                'sh', command], what, env=ENV)


def second_stage(debian, mimus, folder, root):
    """debootstrap, its second stage under Mimus."""
    os.makedirs(folder, exist_ok=True)
    run(['debootstrap', f'--arch={debian.arch}', '--foreign', '--variant=minbase', debian.suite, root,
         mirror()], 'debootstrap')
    shutil.copy(os.path.realpath(mimus), root + debian.program)
    inside(debian, root, 'exec /debootstrap/debootstrap --second-stage', 'second stage')


def npm(root, folder):
    """Packages that bring their tests, if this host has npm to fetch them."""
    if not shutil.which('npm'):
        return
    os.makedirs(folder, exist_ok=True)
    with open(f'{folder}/package.json', 'w', encoding='utf-8') as f:
        f.write('{"private": true}\n')
    r = subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts',
                        *NPM.split()], cwd=folder, capture_output=True)
    if r.returncode == 0:
        shutil.copytree(folder, f'{root}/opt/npm', symlinks=True)


def build(debian, mimus, kind, folder, base):
    root = f'{folder}/root-{kind}'
    shutil.rmtree(root, ignore_errors=True)
    apt = Apt(debian, f'{folder}/apt')
    apt.update()
    if base:
        run(['cp', '-a', base, root], 'copy')
        shutil.copy(os.path.realpath(mimus), root + debian.program)
    else:
        second_stage(debian, mimus, folder, root)
    apt.install(root, debian.packages[kind].split())
    if kind == 'long':
        apt.unpack(root, CRATES.split())
        npm(root, f'{folder}/npm')


def make(ctx, debian, kind):
    """The folder of the root: 'full' or 'long'.  ctx is the context of tests/run.py."""
    need()
    key = hashlib.sha256(repr((debian.suite, debian.packages, CRATES, NPM)).encode()).hexdigest()[:12]
    folder = os.path.join(ctx.cache, f'programs-{debian.arch}-{key}')
    os.makedirs(folder, exist_ok=True)
    base = make(ctx, debian, 'full') if kind == 'long' else None
    root, done = f'{folder}/root-{kind}', f'{folder}/done-{kind}'
    with open(f'{folder}/lock-{kind}', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(done):
            build(debian, ctx.program(debian.guest), kind, folder, base)
            with open(done, 'w', encoding='utf-8'):
                pass
    return root


class Folders:
    """What make() needs of a context, for the demo."""

    def __init__(self, build):
        self.build = build
        self.cache = os.environ.get('MIMUS_CACHE') or os.path.expanduser('~/.cache/mimus-tests')

    def program(self, guest):
        return os.path.join(self.build, 'mimus-' + guest)


if __name__ == '__main__':
    try:
        print(make(Folders(sys.argv[1]), DEBIANS[sys.argv[2]], 'full'))
    except (Unavailable, RuntimeError) as e:
        print(e)
        sys.exit(1)
