"""The library as others meet it: what it needs, what it shows, and whether the
examples in C, Python and R print the same. TAP.

    test_library.py SOURCE LIBRARY EXAMPLE GLUE
"""
import ctypes
import glob
import os
import re
import shutil
import subprocess
import sys

source, library, example, glue = sys.argv[1:5]
done = 0


def check(name, good, more=''):
    global done
    done += 1
    print('%s %d - %s' % ('ok' if good else 'not ok', done, name))
    if not good:
        for line in str(more).splitlines():
            print('#', line)


def skip(name, why):
    global done
    done += 1
    print('ok %d - %s # SKIP %s' % (done, name, why))


def run(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          env={**os.environ, 'LC_ALL': 'C'})


def declared():
    """Names of the functions of the public headers."""
    names = set()
    for path in glob.glob(source + '/include/passerelle/*.h'):
        text = open(path).read()
        text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
        text = re.sub(r'^\s*#.*$', '', text, flags=re.M)
        text = text.replace('PASSERELLE_MUST_USE', '')
        names |= set(re.findall(r'\b(\w+)\s*\(', text))
    return names


def exported():
    rows = [line.split() for line in
            run('nm', '-D', '--defined-only', library).stdout.splitlines()]
    return [r[2] for r in rows if len(r) == 3 and r[1] != 'A']


def spelled_out():
    want = {n + '@@PASSERELLE_MEASURE_0' for n in declared()}
    got = set(exported())
    check('shows the functions of its headers and nothing else',
          want and got == want,
          'not in measure.map: %s\nnot in a header: %s' %
          (sorted(want - got), sorted(got - want)))


def needs_little():
    text = run('objdump', '-p', library).stdout
    needed = set(re.findall(r'NEEDED\s+(\S+)', text))
    allowed = {'libc.so.6', 'libm.so.6', 'libpthread.so.0',
               'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'}
    check('needs the C library, libm and threads alone',
          needed and needed <= allowed, needed - allowed)
    check('is libpasserelle-measure.so.0',
          'SONAME' in text and 'libpasserelle-measure.so.0' in text, text)


def same_lines(name, want, *command):
    got = run(*command)
    check(name + ' prints what the C example prints',
          got.returncode == 0 and got.stdout == want,
          got.stdout + got.stderr + '\nwanted:\n' + want)


def glue_answers(want):
    """What the R example calls, without R."""
    lib = ctypes.CDLL(glue)
    real, whole = ctypes.c_double, ctypes.c_int
    n = (real * 12)(210, 10, 180, 35, 150, 60, 120, 95, 140, 70, 205, 20)
    out, rc = (real * 6)(), whole(-1)
    code = ctypes.c_char_p(b'dissimilarity')

    def ints(*values):
        return [ctypes.byref(whole(v)) for v in values]

    lib.glue_interval(ctypes.byref(code), n, *ints(6, 2, 1, 500, 7, 2), out,
                      ctypes.byref(rc))
    got = ('dissimilarity %.4f, by chance %.4f, p %.4f\n'
           'debiased %.4f, between %.4f and %.4f\n' % tuple(out))
    check("R's way in gives the same interval", rc.value == 0 and
          want.startswith(got), got)


def headers_alone():
    compiler = shutil.which('cc')
    if not compiler:
        return skip('headers stand alone in C11 and C++', 'no cc')
    for name in sorted(glob.glob(source + '/include/passerelle/*.h')):
        got = run(compiler, '-std=c11', '-Wall', '-Wextra', '-Werror',
                  '-pedantic', '-fsyntax-only', '-I', source + '/include',
                  '-x', 'c', name)
        check(os.path.basename(name) + ' stands alone in strict C11',
              got.returncode == 0, got.stderr)


spelled_out()
needs_little()
headers_alone()
wanted = run(example)
check('the C example runs', wanted.returncode == 0 and
      wanted.stdout.count('\n') == 4, wanted.stdout + wanted.stderr)
same_lines('Python', wanted.stdout, sys.executable,
           source + '/examples/measure/example.py', library)
glue_answers(wanted.stdout)
if shutil.which('Rscript'):
    same_lines('R', wanted.stdout, 'Rscript',
               source + '/examples/measure/example.R', glue)
else:
    skip('R prints what the C example prints', 'no Rscript')
print('1..%d' % done)
