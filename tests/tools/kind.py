"""Tests of tools/tidy and of tests/run.py itself: each rule catches what it is for."""
import importlib.machinery
import importlib.util
import os

H = '/* head */\n'      # a good beginning

# (path, text, part of the one problem expected or None for none)
TIDY = [
    ('src/base/x.c', H + 'int f(void)\n{\n\treturn 0;\n}\n', None),
    ('src/base/x.c', '#include "base/base.h"\n', 'must begin with a comment'),
    ('src/base/x.c', H + '#include "host/file.h"\n', 'src/base may not include'),
    ('src/jit/x.c', H + '#include "target/insn.h"\n', 'src/jit may not include'),
    ('src/user/x.c', H + '#include "cpu/vcpu.h"\n', None),
    ('src/user/x.c', H + '#include "cpu/nosuch.h"\n', 'is not there'),
    ('src/main/x.c', H + '#include "user/linux.h"\n', 'is private to src/user'),
    ('src/nosuch/x.c', H, 'not in the include order'),
    ('src/base/x.c', H + '#if 1\n#endif\n', '#if only in'),
    ('src/host/x.c', H + '#if 1\n#endif\n', None),
    ('src/base/x.h', H + '#ifndef BASE_X_H\n#define BASE_X_H\n#endif\n', None),
    ('src/base/x.h', H + '#ifndef X\n#endif\n', '#ifndef only'),
    ('src/base/x.c', H + 'typedef struct { int a; } b;\n', 'no typedef'),
    ('src/base/x.c', H + 'int a; // b\n', 'comments are'),
    ('src/base/x.c', H + 'char *a = "http://b"; /* // c */\n', None),
    ('src/base/x.c', H + '\tstrcpy(a, b);\n', 'strcpy is banned'),
    ('src/base/x.c', H + '\tx_strcpy(a, b); a->system(1); s = "gets(1)"; /* atoi(1) */\n', None),
    ('src/base/x.c', H + '\tprintf(a);\n', 'only main/ and ctl/ print'),
    ('src/base/x.c', H + '\tsnprintf(a);\n', None),
    ('src/main/x.c', H + '\tprintf(a);\n', None),
    ('src/base/x.c', H + '        int a;\n', 'indent with tabs'),
    ('src/base/x.c', H + 'int a; \n', 'blanks at the end'),
    ('src/base/x.c', H + 'int a' + 'a' * 116 + ';\n', '122 columns'),
    ('src/base/x.c', H + 'int a' + 'a' * 100 + ';\n', 'lines wider than 100'),
    ('src/base/x.c', H + 'INSN(a' + 'a' * 120 + ');\n', None),
    ('src/base/x.c', H + '__attribute__((constructor)) void f(void);\n', 'no code before main'),
    ('src/base/x.c', H + 'void f(void)\n{\n' + '\ta++;\n' * 71 + '}\n', 'function f has 71 lines'),
    ('src/base/x.c', H + 'void f(void)\n{\n' + '\ta++;\n' * 70 + '}\n', None),
    ('src/base/x.c', H + 'void f(void)\n{\n\tswitch (a) {\n' + '\tcase 1: break;\n' * 99 +
     '\t}\n}\n', None),
    ('src/base/x.c', H + 'int a;\n' * 1500, 'at most 1500'),
    ('src/base/x.c', H + 'int a;\n' * 900, 'aim below 800'),
]

CMOCKA = """[ RUN      ] a
[       OK ] a
[ RUN      ] b
[  ERROR   ] --- x
[  FAILED  ] b
[  PASSED  ] 1 test(s).
[  FAILED  ] tests: 1 test(s), listed below:
[  FAILED  ] b
"""


def load_tidy():
    path = os.path.join(run.ROOT, 'tools/tidy')
    loader = importlib.machinery.SourceFileLoader('tidy', path)
    spec = importlib.util.spec_from_loader('tidy', loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def tidy_test(tidy, number, path, text, expected):
    name = f'tidy-{number:02}'

    def check():
        problems = []
        f = tidy.File(path, problems, text)
        for rule in tidy.RULES:
            rule(f)
        texts = [p[3] for p in problems]
        if len(texts) == (expected is not None) and all(expected in t for t in texts):
            return run.Result(passed=1)
        return run.Result(failed=[name], output=f'{path}: {text[:200]!r}\nfound {texts}, '
                          f'expected {expected!r}')
    return run.Test('tools', name, function=check)


def runner_cases():
    """(name, what run.py makes of something, what it should make)"""
    p = run.Process
    yield 'passed and failed', counts(run.judge_cmocka(p(1, CMOCKA.encode(), 0))), (1, ['b'])
    crash = b'[ RUN      ] a\n[       OK ] a\n[ RUN      ] c\n'
    yield 'crash in c', counts(run.judge_cmocka(p(-11, crash, 0))), (1, ['c'])
    yield 'time out in c', counts(run.judge_cmocka(p(None, crash, 0))), (1, ['c'])
    yield 'no case', counts(run.judge_cmocka(p(0, b'', 0))), (0, ['start'])
    yield 'status 0', counts(run.by_status('x', p(0, b'', 0))), (1, [])
    yield 'status 1', counts(run.by_status('x', p(1, b'', 0))), (0, ['x'])
    yield 'expected 3', counts(run.by_status('x', p(3, b'', 0), 3)), (1, [])
    yield 'killed', counts(run.by_status('x', p(-9, b'', 0))), (0, ['x'])
    yield 'skip', run.by_status('x', p(77, b'a\nno b\n', 0)).skipped, 'no b'


def counts(result):
    return result.passed, result.failed


def tests(ctx):
    tidy = load_tidy()
    found = [tidy_test(tidy, i, *case) for i, case in enumerate(TIDY)]
    for name, have, want in runner_cases():
        result = run.Result(passed=1) if have == want else run.Result(
            failed=[name], output=f'{have!r}, expected {want!r}')
        found.append(run.Test('tools', f'runner: {name}', function=lambda r=result: r))
    return found
