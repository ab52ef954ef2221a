"""Sessions of gdb with the stub: NAME.gdb is run by gdb-multiarch against a program of this folder.

Lines of a script's comments tell the rest; a {} in the script is the stub's address:
  program: basic          NAME.c here, compiled with flags
  flags: -O1              more compiler flags
  run: -one-insn-per-tb   more options of mimus
  args: a b               the program's arguments
  status: 3               how mimus ends (negative: by a signal)
  listen: tcp             a port instead of a Unix socket
  suspend: ,suspend=n     the program runs before gdb comes
  file: no                gdb is not given the program: it asks the stub
and, in order, what gdb prints:
  = regular expression    some later line has it
  ! regular expression    no line at all has it
"""
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GUEST = 'riscv64'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def check(script, output):
    """Names of expectations that do not hold."""
    wrong, at, lines = [], 0, output.split('\n')
    for kind, pattern in re.findall(r'^#([=!]) (.*)$', script, re.M):
        if kind == '!':
            wrong += ['! ' + pattern] if re.search(pattern, output, re.M) else []
            continue
        found = next((i for i in range(at, len(lines)) if re.search(pattern, lines[i])), None)
        if found is None:
            wrong.append('= ' + pattern)
        else:
            at = found + 1
    return wrong


def start(ctx, head, program, folder):
    """mimus, and the address that gdb connects to."""
    where = os.path.join(folder, 'sock')
    listen = where
    if head.get('listen') == 'tcp':
        port = free_port()
        listen, where = f'127.0.0.1:{port}', f':{port}'
    argv = [ctx.program(GUEST), '-g', listen + head.get('suspend', ''), *head.get('run', '').split(),
            program, *head.get('args', '').split()]
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, env={**run.NO_LEAKS, **os.environ})
    return p, where


def session(ctx, path, name):
    with open(path, encoding='utf-8') as f:
        script = f.read()
    head = run.head_lines(path)

    def test():
        if not shutil.which('gdb-multiarch'):
            raise run.Skip('no gdb-multiarch')
        program = ctx.compile(GUEST, [os.path.join(HERE, head['program'] + '.c')],
                              ['-O1', '-g', '-pthread', *head.get('flags', '-static').split()])
        with tempfile.TemporaryDirectory() as folder:
            p, where = start(ctx, head, program, folder)
            commands = os.path.join(folder, 'script')
            with open(commands, 'w', encoding='utf-8') as f:
                f.write('set pagination off\nset confirm off\nset width 0\nset tcp connect-timeout 20\n'
                        'set style enabled off\n' + wait_for(where) + script.replace('{}', where))
            try:
                gdb = run.execute(['gdb-multiarch', '-q', '-nx', '-batch', '-x', commands,
                                   *([] if head.get('file') == 'no' else [program])], 60)
                out, _ = p.communicate(timeout=20)
            finally:
                p.kill()
        text = gdb.output.decode(errors='replace')
        wrong = check(script + '\n', text + '\n' + out.decode(errors='replace'))
        if gdb.status is None:
            wrong.append('gdb timed out')
        if p.returncode != int(head.get('status', 0)):
            wrong.append(f'mimus ended with {p.returncode}')
        if wrong:
            return run.Result(failed=[name], output=f'{text}\n--- program:\n{out.decode(errors="replace")}'
                              '\n--- wrong:\n' + '\n'.join(wrong))
        return run.Result(passed=1)
    return run.Test('gdb', name, function=test, timeout=90, level=head.get('level', 'quick'))


def wait_for(where):
    """A command that waits for the socket: gdb itself waits for TCP alone."""
    return f'shell for i in $(seq 200); do test -S {where} && break; sleep 0.05; done\n' \
        if '/' in where else ''


def packets():
    spec = importlib.util.spec_from_file_location('gdb_packets', os.path.join(HERE, 'packets.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tests(ctx):
    found = packets().tests(run, ctx, HERE, tempfile.TemporaryDirectory)
    for name in sorted(os.listdir(HERE)):
        if name.endswith('.gdb'):
            found.append(session(ctx, os.path.join(HERE, name), name[:-4]))
    return found
