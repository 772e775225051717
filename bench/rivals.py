"""What PySAL's `segregation` takes for the work of rivals.sh.

    rivals.py TABLE GROUPS MANY_TABLE MANY_GROUPS

Lines on standard output: "time", work, package, processor seconds; and "value",
name, package, value, tolerance. Reading is left out; the kernels that numba
compiles are compiled before the clock starts.
"""
import io
import contextlib
import sys
import time
import warnings

warnings.filterwarnings('ignore')
PACKAGE = 'PySAL segregation'
DRAWS, MANY, FEW = 500, 100, 20  # fewer where it takes minutes: multiplied

try:
    import geopandas
    import pandas
    from shapely.geometry import box
    from segregation import singlegroup, multigroup
    from segregation.dynamics import compute_multiscalar_profile
    from segregation.inference import SingleValueTest
except ImportError as why:
    print('absent\t%s\t%s' % (PACKAGE, why))
    sys.exit()


def read(path, names):
    t = pandas.read_csv(path)
    t['all'] = t[names].sum(axis=1)
    half = t['m2'] ** 0.5 / 2
    return geopandas.GeoDataFrame(t, crs=32633, geometry=[
        box(x - h, y - h, x + h, y + h) for x, y, h in zip(t.x, t.y, half)])


def clock(work, times, do):
    """Once: these take long enough to be told apart."""
    held, result = io.StringIO(), None
    start = time.process_time()
    try:
        with contextlib.redirect_stdout(held), \
                contextlib.redirect_stderr(held):
            result = do()
    except Exception as why:
        print('failed\t%s\t%s\t%s %s' % (work, PACKAGE, type(why).__name__,
                                         str(why).split('\n')[0]))
        return None
    print('time\t%s\t%s\t%.6f' % (work, PACKAGE,
                                  (time.process_time() - start) * times),
          flush=True)
    return result


def value(name, got, tolerance=1e-9):
    if got is not None:
        print('value\t%s\t%s\t%.17g\t%g' % (name, PACKAGE, got.statistic,
                                            tolerance), flush=True)


names = sys.argv[2].split(',')
t = read(sys.argv[1], names)
one = dict(data=t, group_pop_var=names[0], total_pop_var='all')
COUNTS = ['Dissim', 'Gini', 'Entropy', 'Atkinson', 'ConProf', 'CorrelationR',
          'Isolation', 'Interaction', 'MinMax']
SIMULATED = ['ModifiedDissim', 'ModifiedGini', 'BiasCorrectedDissim']


def every(classes):
    return {c: getattr(singlegroup, c)(**one) for c in classes}


got = clock('single', 1, lambda: every(COUNTS)) or {}
for name, code in (('Dissim', 'D'), ('Gini', 'Gini'),
                   ('Isolation', 'isolation'), ('Entropy', 'H of a group')):
    value(code, got.get(name))
clock('groups', 1, lambda: [
    k(t, group_pop_var=g, total_pop_var='all') for g in names
    for k in (singlegroup.Dissim, singlegroup.Gini, singlegroup.Isolation)])
clock('simulated', 1, lambda: every(SIMULATED))
got = clock('multi', 1, lambda: [
    k(t, groups=names)
    for k in (multigroup.MultiDivergence, multigroup.MultiInfoTheory)])
if got:
    value('M', got[0])
    value('H', got[1])
got = clock('spatial', 1, lambda: [
    k(t, groups=names, distance=1000, function='triangular')
    for k in (multigroup.MultiDissim, multigroup.MultiInfoTheory)])
if got:  # it rounds smoothed counts to whole persons
    value('D of environments', got[0], 1e-4)
    value('H of environments', got[1], 1e-4)
value('D(adj)', clock('adjacency', 1,
                      lambda: singlegroup.SpatialDissim(**one)))
clock('profile', 1, lambda: compute_multiscalar_profile(
    t, multigroup.MultiInfoTheory, distances=[1000, 2000, 3000, 4000, 5000],
    groups=names))


def test(index, draws, how):
    return SingleValueTest(index, iterations_under_null=draws,
                           null_approach=how, n_jobs=1, backend='loky')


d = singlegroup.Dissim(**one)
h = multigroup.MultiInfoTheory(t, groups=names)
m = multigroup.MultiDivergence(t, groups=names)
clock('draws', 1, lambda: test(d, DRAWS, 'evenness'))
clock('draws-multi', DRAWS / MANY, lambda: [test(i, MANY, 'evenness')
                                           for i in (m, h)])
clock('bootstrap-multi', 1, lambda: [test(i, DRAWS, 'bootstrap')
                                     for i in (m, h)])
clock('draws-spatial', DRAWS / FEW, lambda: test(
    singlegroup.Dissim(distance=1000, **one), FEW, 'evenness'))
