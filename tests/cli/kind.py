"""What the program says and how it ends, by the name it is called by and its words.

A case: name called by, words, exit status, pattern for stdout, pattern for
stderr (None: must be empty), and changes to the environment.
"""
import os
import re
import tempfile

CASES = [
    ('mimus', '', 1, r'Usage: mimus ROLE', None),
    ('mimus', '-help', 0, r'Roles.*\n  user +run', None),
    ('mimus', '--version', 0, r'^mimus version \d+\.\d+\.\d+\n$', None),
    ('mimus', 'img', 1, None, r"^mimus: this program has no role 'img'"),
    ('mimus', 'nonsense', 1, None, r"^mimus: unknown role 'nonsense'"),
    ('mimus', 'user -help', 0, r'Usage: user', None),
    ('mimus-system-x86_64', '-m 4', 1, None, r"no role 'system'"),
    ('mimus-img', 'info x', 1, None, r"no role 'img'"),
    ('mimus-nosuch', 'x', 1, None, r"'nosuch' is neither a role nor a guest"),
    ('qemu-nosuch-static', 'x', 1, None, r"'nosuch' is neither a role nor a guest"),
    ('mimus-riscv64', '-help', 0, r'Usage: mimus-riscv64 \[options\] program', None),
    ('qemu-riscv64-static', '-help', 0, r'Usage: qemu-riscv64-static ', None),
    ('x86_64-qemu-riscv64', '-version', 0, r'^mimus version', None),
    ('mimus-riscv64', '', 1, None, r'^mimus-riscv64: no program given'),
    ('mimus-riscv64', '-strase x', 1, None, r"unknown option '-strase'; did you mean '-strace'"),
    ('mimus-riscv64', '-s 12Q x', 1, None, r"option '-s': '12Q' is not right: give a number"),
    ('mimus-riscv64', '-cpu', 1, None, r"option '-cpu' needs an argument: -cpu model"),
    ('mimus-riscv64', '-cpu nosuch /bin/true', 1, None,
     r"CPU model 'nosuch' is not known; there are: max rv64 rv64i rva20u64 rva22u64 sifive-u54$"),
    ('mimus-riscv64', '-cpu riscv-cpu /bin/true', 1, None, r"CPU model 'riscv-cpu' is not known"),
    ('mimus-riscv64', '-cpu rv64,+zzz /bin/true', 1, None,
     r"'rv64-riscv-cpu' has no property 'zzz'; there are: g i m a f d c zicbom "),
    ('mimus-riscv64', '-cpu max,zba=maybe /bin/true', 1, None,
     r"'max-riscv-cpu': property 'zba': 'maybe' is not right: give on or off"),
    ('mimus-riscv64', '-cpu rv64,zba /bin/true', 1, None, r"CPU property 'zba' needs a value: "),
    ('mimus-riscv64', '-cpu help', 0,
     r'max +all.*rv64 [^\n]*\(default\)\n.*sifive-u54 +RV64GC.*\n.*  zba +address generation\n', None),
    ('mimus', 'user -cpu help', 0, r'CPU models of riscv64:\n', None),
    ('mimus-riscv64', '-d help', 0, r'in_asm .*\n', None),
    ('mimus-riscv64', '-d in_asm,nosuch x', 1, None, r"unknown log item 'nosuch'"),
    ('mimus-riscv64', '-D /nosuch/log x', 1, None, r"log file '/nosuch/log': No such file"),
    ('mimus-riscv64', '-accel help', 0, r'tcg', None),
    ('mimus-riscv64', '-accel nosuch /bin/true', 1, None, r"there is no 'nosuch'"),
    ('mimus-riscv64', '-trace nosuch:* x', 1, None, r"no trace point matches 'nosuch:\*'"),
    ('mimus-riscv64', '-tb-size 4096 /bin/true', 1, None, r"option '-tb-size': give at most"),
    ('mimus-riscv64', '-B 0x1001 /bin/true', 1, None, r"option '-B': not a multiple"),
    ('mimus-riscv64', '-p 8192 /bin/true', 1, None, r"option '-p': only pages of 4096"),
    ('mimus-riscv64', '-E A x', 1, None, r"option '-E': 'A' is not right: give var=value"),
    ('mimus-riscv64', '/nosuch/program', 1, None, r'/nosuch/program.*No such file'),
    ('mimus-user', '/bin/sh', 1, None, r'/bin/sh: made for a machine \(ELF number 62\)'),
    ('mimus-user', '/etc/passwd', 1, None, r'/etc/passwd: not an ELF program'),
    ('mimus-exec', '77 a b', 1, None, r'mimus-exec is for our own use'),
    ('mimus-riscv64', 'x', 1, None, r'QEMU_STACK_SIZE: .*-s.*zz', {'QEMU_STACK_SIZE': 'zz'}),
    ('mimus-riscv64', 'x', 1, None, r'MIMUS_CPU|nosuch', {'MIMUS_CPU': 'nosuch'}),
]


def tests(ctx):
    return [case_test(ctx, i, case) for i, case in enumerate(CASES)]


def case_test(ctx, number, case):
    called, words, status, out, err = case[:5]
    env = case[5] if len(case) > 5 else {}
    name = f'{number:02}-{called}'

    def check():
        program = os.path.join(ctx.build, 'mimus')
        if not os.path.exists(program):
            raise run.Skip('no mimus in the build')
        with tempfile.TemporaryDirectory() as d:
            link = os.path.join(d, called)
            os.symlink(program, link)
            # stdout and stderr apart: the shell sends the second to a file
            errors = os.path.join(d, 'stderr')
            p = run.execute(['/bin/sh', '-c', 'f=$1; shift; exec "$@" 2>"$f"', 'sh', errors, link,
                             *words.split()], 20, {**run.NO_LEAKS, **env})
            with open(errors, encoding='utf-8', errors='replace') as f:
                err_text = f.read()
        out_text = p.output.decode(errors='replace')
        wrong = []
        if p.status != status:
            wrong.append(f'exit status {p.status}, expected {status}')
        for what, text, pattern in (('stdout', out_text, out), ('stderr', err_text, err)):
            if pattern is None and text:
                wrong.append(f'{what} should be empty')
            elif pattern and not re.search(pattern, text, re.S if what == 'stdout' else 0):
                wrong.append(f'{what} does not match {pattern}')
        if wrong:
            text = f'{called} {words}\n{out_text}{err_text}\n' + '\n'.join(wrong)
            return run.Result(failed=[name], output=text)
        return run.Result(passed=1)
    return run.Test('cli', name, function=check)
