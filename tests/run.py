#!/usr/bin/env python3
"""Finds the tests, runs them side by side, and ends with "N passed, N failed".

    tests/run.py [--level quick|full|long] [--build DIR] [--jobs N] [KIND[/NAME]...]

Kinds:
  tidy         the rules of CONTRIBUTING.md (tools/tidy)
  unit         DIR/unit-*, cmocka programs; each case counts
  guest        tests/guest/<guest>/*.S: instructions, final registers compared
  user         tests/user/*.c: programs for the guest that check themselves
  fuzz         DIR/fuzz-* (build with -Dfuzz=true), seeds in tests/fuzz/NAME/
  any other    a folder tests/KIND with a kind.py that has tests(ctx) returning a
               list of Test, and/or executable files, each a test

To add a kind: a function kind_x(ctx) here, or a folder with a kind.py.

A test is a program: status 0 is passed, 77 is skipped (its last line says why),
anything else failed.  The comment at the head of a test's file may hold lines:
  level: full          first level that runs it (quick is the default)
  timeout: 60          seconds
  flags: -O0 -lm       more compiler flags (user)
  run: -strace         options of mimus (user)
  args: a b            arguments of the guest program (user)
  expect-exit: 3       its exit status (user)
  needs: threads       comment only
A file NAME.out beside tests/user/NAME.c is what it must print.
Executables get MIMUS_BUILD, MIMUS_LEVEL and MIMUS_CACHE in their environment.
"""
import argparse
import concurrent.futures
import dataclasses
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
LEVELS = ['quick', 'full', 'long']
SKIP = 77
OUTPUT_LINES = 60       # of a failed test that are shown

# For sanitizer builds: a size too big is NULL, as without them; what they find fails the test.
SANITIZERS = {'ASAN_OPTIONS': 'allocator_may_return_null=1',
              'TSAN_OPTIONS': 'allocator_may_return_null=1:halt_on_error=1',
              'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1'}

# Guests and the cross compiler's prefix of each.
GUESTS = {'riscv64': 'riscv64-linux-gnu-', 'aarch64': 'aarch64-linux-gnu-',
          'x86_64': 'x86_64-linux-gnu-'}


@dataclasses.dataclass
class Test:
    """One test.  argv runs it, unless `function` (returning a Result) does."""
    kind: str
    name: str
    argv: list = None
    function: object = None
    timeout: float = 60
    level: str = 'quick'
    env: dict = dataclasses.field(default_factory=dict)
    judge: object = None        # (Process) -> Result; None: by exit status


@dataclasses.dataclass
class Process:
    """How a program ended.  status is negative for a signal, None after a timeout."""
    status: int
    output: bytes       # stdout and stderr together, or stdout alone
    seconds: float


@dataclasses.dataclass
class Result:
    passed: int = 0
    failed: list = dataclasses.field(default_factory=list)     # names of failed cases
    skipped: str = None         # the reason
    output: str = ''


class Skip(Exception):
    """A test cannot run here: the text says why."""


class Context:
    """What kinds and tests need to know about this run."""

    def __init__(self, build, level):
        self.build = os.path.join(ROOT, build)
        self.level = level
        self.cache = (os.environ.get('MIMUS_CACHE') or
                      os.path.expanduser('~/.cache/mimus-tests'))
        os.makedirs(self.cache, exist_ok=True)

    def program(self, guest):
        """The mimus-GUEST of the build; Skip when this build has none."""
        path = os.path.join(self.build, 'mimus-' + guest)
        if not os.path.exists(path):
            raise Skip(f'no {os.path.relpath(path, ROOT)}')
        return path

    def compile(self, guest, sources, flags):
        """Compile for a guest; returns the program's path, from the cache if it is there."""
        compiler = GUESTS[guest] + 'gcc'
        if not shutil.which(compiler):
            raise Skip(f'no {compiler}')
        key = hashlib.sha256(' '.join([compiler, *flags]).encode())
        key.update(version_of(compiler))
        for folder in sorted({os.path.dirname(s) for s in sources}):
            for name in sorted(os.listdir(folder)):
                if os.path.join(folder, name) in sources or name.endswith(('.h', '.inc')):
                    with open(os.path.join(folder, name), 'rb') as f:
                        key.update(f.read())
        out = os.path.join(self.cache, 'bin', guest,
                           os.path.basename(sources[0]) + '-' + key.hexdigest()[:16])
        if os.path.exists(out):
            return out
        os.makedirs(os.path.dirname(out), exist_ok=True)
        mine = f'{out}.{os.getpid()}.{time.monotonic_ns()}'
        r = subprocess.run([compiler, *sources, '-o', mine, *flags],
                           capture_output=True, text=True)
        if r.returncode:
            raise RuntimeError(f'{compiler} failed:\n{r.stderr}')
        os.replace(mine, out)
        return out


VERSIONS = {}


def version_of(compiler):
    if compiler not in VERSIONS:
        VERSIONS[compiler] = subprocess.run([compiler, '--version'], capture_output=True).stdout
    return VERSIONS[compiler]


def execute(argv, timeout, env=None, merge=True):
    """Run a program in its own process group, with nothing on its stdin."""
    start = time.monotonic()
    env = {**SANITIZERS, **os.environ, **(env or {})}
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT if merge else subprocess.PIPE,
                         env=env, cwd=ROOT, start_new_session=True)
    try:
        out, err = p.communicate(timeout=timeout)
        status = p.returncode
    except subprocess.TimeoutExpired:
        status = None
        os.killpg(p.pid, signal.SIGKILL)
        out, err = p.communicate()
    if not merge and status != 0:
        out += err or b''
    return Process(status, out, time.monotonic() - start)


# A guest program ends the process in the middle of everything.
NO_LEAKS = {'ASAN_OPTIONS': SANITIZERS['ASAN_OPTIONS'] + ':detect_leaks=0'}


def by_status(name, process, expected=0):
    """The Result of a program whose exit status tells."""
    text = process.output.decode(errors='replace')
    if process.status is None:
        return Result(failed=[name], output=text + '\n(timed out)')
    if process.status == SKIP and expected != SKIP:
        lines = text.strip().split('\n')
        return Result(skipped=lines[-1] or 'no reason given')
    if process.status != expected:
        how = (f'signal {-process.status}' if process.status < 0
               else f'exit status {process.status}')
        return Result(failed=[name], output=f'{text}\n({how}, expected {expected})')
    return Result(passed=1, output=text)


def head_lines(path):
    """The "word: value" lines of the comment at a file's head."""
    found = {}
    with open(path, encoding='utf-8', errors='replace') as f:
        text = f.read(4000)
    if path.endswith(('.c', '.S', '.h')):
        text = text.split('*/')[0]
    else:
        text = '\n'.join(x for x in text.split('\n')[:40] if x.startswith('#'))
    for m in re.finditer(r'^[ \t/*#]*([a-z-]+):[ \t]*(.*?)[ \t]*$', text, re.M):
        found[m.group(1)] = m.group(2)
    return found


def common(head):
    """Keyword arguments of a Test from a head."""
    return {'level': head.get('level', 'quick'), 'timeout': float(head.get('timeout', 60))}


# ---- kinds ----

def kind_tidy(ctx):
    return [Test('tidy', 'tree', [os.path.join(ROOT, 'tools/tidy')])]


def judge_cmocka(process):
    text = process.output.decode(errors='replace')
    passed = len(re.findall(r'^\[       OK \]', text, re.M))
    failed = sorted(set(re.findall(r'^\[  FAILED  \] (\S+)$', text, re.M)))
    skipped = len(re.findall(r'^\[  SKIPPED \] \D', text, re.M))
    if process.status is None or process.status < 0 or (process.status and not failed):
        running = re.findall(r'^\[ RUN      \] (\S+)', text, re.M)
        how = 'timed out' if process.status is None else f'status {process.status}'
        failed.append(running[-1] if running else 'start')
        text += f'\n({how})'
    elif not passed and not failed and not skipped:
        failed, text = ['start'], text + '\n(no case ran)'
    return Result(passed=passed, failed=failed, output=text)


def build_programs(ctx, start):
    if not os.path.isdir(ctx.build):
        return
    for name in sorted(os.listdir(ctx.build)):
        path = os.path.join(ctx.build, name)
        if name.startswith(start) and os.path.isfile(path) and os.access(path, os.X_OK):
            yield name[len(start):], path


def kind_unit(ctx):
    return [Test('unit', name, [path], judge=judge_cmocka, timeout=120)
            for name, path in build_programs(ctx, 'unit-')]


def kind_fuzz(ctx):
    seconds = {'quick': 10, 'full': 30, 'long': 600}[ctx.level]
    tests = []
    for name, path in build_programs(ctx, 'fuzz-'):
        corpus = os.path.join(ctx.cache, 'fuzz', name)
        seeds = os.path.join(TESTS, 'fuzz', name)
        os.makedirs(corpus, exist_ok=True)
        argv = [path, f'-max_total_time={seconds}', '-timeout=10', '-print_final_stats=1',
                f'-artifact_prefix={corpus}/', corpus]
        tests.append(Test('fuzz', name, argv + ([seeds] if os.path.isdir(seeds) else []),
                          timeout=seconds + 60))
    return tests


def user_test(ctx, path, guest):
    head = head_lines(path)
    name = f'{guest}/{os.path.basename(path)[:-2]}'

    def run():
        program = ctx.program(guest)
        flags = ['-O2', '-g', '-Wall', '-static', '-pthread', *head.get('flags', '').split()]
        argv = [program, *head.get('run', '').split(), ctx.compile(guest, [path], flags),
                *head.get('args', '').split()]
        want = path[:-2] + '.out'
        process = execute(argv, float(head.get('timeout', 60)), merge=not os.path.exists(want),
                          env=NO_LEAKS)
        result = by_status(name, process, int(head.get('expect-exit', 0)))
        if result.passed and os.path.exists(want):
            with open(want, 'rb') as f:
                expected = f.read()
            if process.output != expected:
                return Result(failed=[name], output=f'printed:\n{result.output}\n'
                              f'and not:\n{expected.decode(errors="replace")}')
        return result
    return Test('user', name, function=run, **common(head))


def kind_user(ctx):
    folder = os.path.join(TESTS, 'user')
    tests = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        if name.endswith('.c'):
            guests = head_lines(path).get('guests', 'riscv64 aarch64').split()
            tests += [user_test(ctx, path, g) for g in guests]
    return tests + files_and_module(ctx, 'user')


def dump_names(guest):
    """Names of the registers that tests/guest/<guest>/frame.h dumps, 8 bytes each, in order."""
    with open(os.path.join(TESTS, 'guest', guest, 'frame.h'), encoding='utf-8') as f:
        return re.search(r'dump: ((?:[ *\n]*[a-z0-9]+)+)', f.read()).group(1).replace(
            '*', ' ').split()


def guest_test(ctx, path, guest):
    head = head_lines(path)
    name = f'{guest}/{os.path.basename(path)[:-2]}'

    def run():
        names = dump_names(guest)
        program = ctx.compile(guest, [path], ['-nostdlib', '-static', '-g',
                              '-Wl,--build-id=none', *head.get('flags', '').split()])
        runner = os.environ.get('MIMUS_GUEST_RUNNER') or ctx.program(guest)
        process = execute([runner, *head.get('run', '').split(), program],
                          float(head.get('timeout', 20)), NO_LEAKS, merge=False)
        result = by_status(name, process)
        if not result.passed:
            return result
        if len(process.output) != 8 * len(names):
            return Result(failed=[name], output=f'dumped {len(process.output)} bytes')
        have = dict(zip(names, struct.unpack(f'<{len(names)}Q', process.output)))
        with open(path, encoding='utf-8') as f:
            comment = f.read().split('*/')[0]
        wanted = re.findall(r'\b([a-z]+\d*) = (-?(?:0x[0-9a-fA-F]+|\d+))', comment)
        if not wanted:
            return Result(failed=[name], output='the head comment expects no register')
        wrong = [f'{reg} = {have.get(reg, 0):#x}, expected {int(v, 0) & 2**64 - 1:#x}'
                 for reg, v in wanted if have.get(reg) != int(v, 0) & 2**64 - 1]
        return Result(failed=[name], output='\n'.join(wrong)) if wrong else result
    return Test('guest', name, function=run, **common(head))


def kind_guest(ctx):
    folder = os.path.join(TESTS, 'guest')
    tests = []
    for guest in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if guest in GUESTS:
            names = sorted(os.listdir(os.path.join(folder, guest)))
            tests += [guest_test(ctx, os.path.join(folder, guest, n), guest)
                      for n in names if n.endswith('.S')]
    return tests + files_and_module(ctx, 'guest')


def files_and_module(ctx, kind):
    """Tests of a folder: what its kind.py lists, and its executable files."""
    folder = os.path.join(TESTS, kind)
    tests = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        if name == 'kind.py':
            spec = importlib.util.spec_from_file_location(f'kind_{kind}', path)
            module = importlib.util.module_from_spec(spec)
            module.run = sys.modules[__name__]      # Test, Result, execute, ... as run.X
            spec.loader.exec_module(module)
            tests += module.tests(ctx)
        elif os.path.isfile(path) and os.access(path, os.X_OK):
            env = {'MIMUS_BUILD': ctx.build, 'MIMUS_LEVEL': ctx.level, 'MIMUS_CACHE': ctx.cache}
            tests.append(Test(kind, name, [path], env=env, **common(head_lines(path))))
    return tests


KINDS = {'tidy': kind_tidy, 'unit': kind_unit, 'guest': kind_guest, 'user': kind_user,
         'fuzz': kind_fuzz}


def all_kinds():
    """The kinds above, then every other folder of tests/."""
    kinds = dict(KINDS)
    for name in sorted(os.listdir(TESTS)):
        if os.path.isdir(os.path.join(TESTS, name)) and not name.startswith(('_', '.')):
            kinds.setdefault(name, lambda ctx, n=name: files_and_module(ctx, n))
    return kinds


# ---- running ----

def run_test(test):
    try:
        if test.function:
            return test.function()
        process = execute(test.argv, test.timeout, test.env)
        return test.judge(process) if test.judge else by_status(test.name, process)
    except Skip as e:
        return Result(skipped=str(e))
    except Exception as e:      # a broken test is a failed test
        return Result(failed=[test.name], output=f'{type(e).__name__}: {e}')


def is_chosen(test, words):
    full = f'{test.kind}/{test.name}'
    return not words or any(full == w or full.startswith(w.rstrip('/') + '/') or
                            test.kind == w for w in words)


def collect(ctx, words):
    tests, kinds = [], all_kinds()
    for w in words:
        if w.split('/')[0] not in kinds:
            sys.exit(f"no kind '{w.split('/')[0]}'; there are: {' '.join(kinds)}")
    for name, kind in kinds.items():
        if words and not any(w.split('/')[0] == name for w in words):
            continue
        tests += [t for t in kind(ctx) if is_chosen(t, words) and
                  LEVELS.index(t.level) <= LEVELS.index(ctx.level)]
    return tests


def report(test, result, seconds, verbose):
    full = f'{test.kind}/{test.name}'
    if result.failed:
        lines = result.output.rstrip().split('\n')
        print(f'FAILED {full}: {", ".join(result.failed)}')
        if len(lines) > OUTPUT_LINES:
            print(f'    ... {len(lines) - OUTPUT_LINES} lines more before this')
        for line in lines[-OUTPUT_LINES:]:
            print('    ' + line)
    elif verbose:
        print(f'{"skipped" if result.skipped else "passed "} {full} {seconds:.1f} s')
    sys.stdout.flush()


def main():
    p = argparse.ArgumentParser(description='Runs the tests.')
    p.add_argument('--level', choices=LEVELS, default='quick')
    p.add_argument('--build', default='build')
    p.add_argument('--jobs', type=int, default=2)
    p.add_argument('--list', action='store_true')
    p.add_argument('-v', '--verbose', action='store_true')
    p.add_argument('words', nargs='*', metavar='KIND[/NAME]')
    args = p.parse_args()
    ctx = Context(args.build, args.level)
    tests = collect(ctx, args.words)
    if args.list:
        for t in tests:
            print(f'{t.kind}/{t.name}')
        return 0
    passed = failed = 0
    skipped = {}
    with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
        futures = {}
        for t in tests:
            def timed(t=t):
                start = time.monotonic()
                return run_test(t), time.monotonic() - start
            futures[pool.submit(timed)] = t
        for future in concurrent.futures.as_completed(futures):
            test = futures[future]
            result, seconds = future.result()
            report(test, result, seconds, args.verbose)
            passed += result.passed
            failed += len(result.failed)
            if result.skipped:
                skipped.setdefault((test.kind, result.skipped), []).append(test.name)
    for (kind, reason), names in sorted(skipped.items()):
        shown = ', '.join(names[:5]) + (', ...' if len(names) > 5 else '')
        print(f'skipped {len(names)} of {kind}: {reason} ({shown})')
    count = sum(len(n) for n in skipped.values())
    print(f'{passed} passed, {failed} failed' + (f', {count} skipped' if count else ''))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
