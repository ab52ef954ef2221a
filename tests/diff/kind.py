"""The differential tester's runs: interpreter against translator, against qemu, against our own user mode.

At quick a few seconds, at full about 40 s of processor time, at long a million cases and more.
"""
import os
import re
import shutil

SETS = {    # level: [(name, arguments)]
    'quick': [
        ('tcg', '--cases 20000'),
        ('parallel', '--cases 4000 --seed 8 --parallel'),
        ('base', '--cases 4000 --seed 3 --base 0x300000000000'),
        ('no-c', '--cases 4000 --seed 4 --cpu rv64,c=false'),
        ('qemu', '--cases 4500 --seed 5 --qemu'),
        ('user', '--cases 3000 --seed 6 --qemu={user}'),
    ],
    'full': [
        ('tcg', '--cases 220000'),
        ('parallel', '--cases 40000 --seed 8 --parallel'),
        ('base', '--cases 30000 --seed 3 --base 0x300000000000'),
        ('no-c', '--cases 20000 --seed 4 --cpu rv64,c=false'),
        ('plain', '--cases 20000 --seed 7 --cpu rv64i'),
        ('qemu', '--cases 20000 --seed 5 --qemu'),
        ('user', '--cases 20000 --seed 6 --qemu={user}'),
    ],
    'long': [
        ('tcg', '--cases 1000000'),
        ('parallel', '--cases 300000 --seed 8 --parallel'),
        ('tcg-2', '--cases 1000000 --seed 2 --max 60'),
        ('base', '--cases 300000 --seed 3 --base 0x300000000000'),
        ('no-c', '--cases 200000 --seed 4 --cpu rv64,c=false'),
        ('plain', '--cases 100000 --seed 7 --cpu rv64i'),
        ('qemu', '--cases 300000 --seed 5 --qemu'),
        ('user', '--cases 300000 --seed 6 --qemu={user}'),
    ],
}


def judge(process):
    """Cases count as one test: what matters is that none differs."""
    result = run.by_status('diff', process)
    if result.passed and not re.search(rb'[1-9]\d* cases the same, 0 different', process.output):
        return run.Result(failed=['diff'], output=result.output + '\n(no case ran)')
    return result


def test(ctx, name, words):
    def go():
        program = os.path.join(ctx.build, 'test-diff')
        if not os.path.exists(program):
            raise run.Skip('no test-diff in this build')
        if name == 'qemu' and not shutil.which('qemu-riscv64'):
            raise run.Skip('no qemu-riscv64')
        user = ctx.program('riscv64') if name == 'user' else ''
        if os.environ.get('MIMUS_ACCEL') == 'interp' and name != 'qemu':
            raise run.Skip('the translator is not tested in this build')
        argv = [program, *words.replace('{user}', user).split()]
        return judge(run.execute(argv, 3600 if ctx.level == 'long' else 300))
    return run.Test('diff', name, function=go)


def tests(ctx):
    return [test(ctx, name, words) for name, words in SETS[ctx.level]]
