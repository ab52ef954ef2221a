"""Random AArch64 instructions from random states: translator against interpreter, both against QEMU."""
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.join(HERE, '..', '..', 'tools', 'insn')
CASES = {'quick': 2500, 'full': 20000, 'long': 1000000}


def test(ctx, name, length, seed):
    def go():
        if os.environ.get('MIMUS_ACCEL') == 'interp':
            raise run.Skip('the translator is not tested in this build')
        if name == 'qemu' and not shutil.which('qemu-aarch64'):
            raise run.Skip('no qemu-aarch64')
        program = ctx.compile('aarch64', [os.path.join(HERE, 'arm64.c')], ['-static', '-O2', '-w'])
        mimus = ctx.program('aarch64')
        other = 'qemu-aarch64 -cpu max,sve=off,sme=off' if name == 'qemu' else f'{mimus} -accel interp'
        os.environ.update(MIMUS_BUILD=os.path.abspath(ctx.build), ASAN_OPTIONS='detect_leaks=0')
        argv = [sys.executable, os.path.join(HERE, 'step.py'), '--insn', TOOL, '--program', program,
                '--length', str(length), '--seed', str(seed), '--cases', str(CASES[ctx.level] // length), mimus, other]
        return run.by_status(name, run.execute(argv, 7200 if ctx.level == 'long' else 300))
    return run.Test('step', name, function=go)


def tests(ctx):
    return [test(ctx, 'interp', 1, 1), test(ctx, 'interp-pieces', 6, 2), test(ctx, 'qemu', 1, 3)]
