#!/usr/bin/env python3
"""example.c from Python, with ctypes alone.

    python3 example.py [path of libpasserelle-measure.so.0]
"""
import ctypes as c
import sys

lib = c.CDLL(sys.argv[1] if len(sys.argv) > 1 else 'libpasserelle-measure.so.0')
GROUP, CITY = 2, 1
MODEL_EVENNESS, MODEL_PERSONS = 0, 5
SHAPE_BIWEIGHT = 3
real, size, ptr = c.c_double, c.c_size_t, c.c_void_p


def structure(name, *fields):
    return type(name, (c.Structure,), {'_fields_': list(fields)})


Counts = structure('Counts', ('units', size), ('groups', size),
                   ('n', c.POINTER(real)))
Options = structure(
    'Options', ('atkinson_b', real), ('log_base', real), ('thresholds', size),
    ('draws', size), ('seed', c.c_uint64), ('threads', c.c_uint),
    ('flags', c.c_uint), ('parent', ptr), ('ordinal', c.c_int), ('other', ptr))
Target = structure('Target', ('m', ptr), ('scope', c.c_int), ('group', size),
                   ('against', size), ('space', ptr))
Tested = structure(
    'Tested', *[(k, real) for k in ('value', 'expected', 'sd', 'excess', 'p',
                                    'p_low', 'p_two', 'p_error')],
    ('draws', size), ('undefined', size))
Interval = structure(
    'Interval', *[(k, real) for k in ('value', 'bias', 'debiased', 'se',
                                      'level', 'low', 'high', 'bca_low',
                                      'bca_high')],
    ('draws', size), ('undefined', size))
Neighbours = structure('Neighbours', ('start', ptr), ('to', ptr),
                       ('length_m', ptr))
Areas = structure('Areas', ('n', size), ('x_m', c.POINTER(real)),
                  ('y_m', c.POINTER(real)), ('area_m2', c.POINTER(real)),
                  ('perimeter_m', c.POINTER(real)), ('rook', Neighbours),
                  ('queen', Neighbours))
Kernel = structure('Kernel', ('shape', c.c_int), ('bandwidth_m', real),
                   ('reach_m', real), ('power', real), ('tail', real),
                   ('density', c.c_bool))
SpatialOptions = structure(
    'SpatialOptions', ('contiguity', c.c_int), ('contact', c.c_int),
    ('distance_unit_m', real), ('self', c.c_int), ('centre', c.c_int),
    ('centre_x_m', real), ('centre_y_m', real), ('nearest', size),
    ('interior_only', c.c_bool), ('row_standardised', c.c_bool),
    ('binary_weights', c.c_bool), ('tail', real), ('kernel', Kernel),
    ('form', c.c_int), ('bandwidth_m', ptr), ('bandwidths', size),
    ('threads', c.c_uint))

lib.measure_defaults.restype = Options
lib.spatial_defaults.restype = SpatialOptions
lib.kernel_of.restype = Kernel
lib.kernel_of.argtypes = [c.c_int, real]
lib.measure_find.restype = ptr
lib.measure_compute.argtypes = [ptr, c.c_int, ptr, size, size, ptr, ptr]
lib.measure_test.argtypes = [ptr, ptr, c.c_int, ptr, ptr, ptr]
lib.measure_bootstrap.argtypes = [ptr, ptr, c.c_int, real, ptr, ptr, ptr]
lib.spatial_new.argtypes = [ptr, ptr, ptr]
lib.spatial_free.argtypes = [ptr]
lib.measure_spatial.argtypes = [ptr, c.c_int, ptr, ptr, size, size, ptr, ptr]


def must(rc):
    if rc:
        sys.exit('example: code %d' % rc)


def reals(*values):
    return (real * len(values))(*values)


persons = reals(210, 10, 180, 35, 150, 60, 120, 95, 140, 70, 205, 20)
counts = Counts(6, 2, persons)
options = lib.measure_defaults()
options.draws, options.seed, options.threads = 500, 7, 2

target = Target(lib.measure_find(b'dissimilarity'), GROUP, 1, 0, None)
test, interval, h = Tested(), Interval(), real()
must(lib.measure_test(c.byref(target), c.byref(counts), MODEL_EVENNESS,
                      c.byref(options), c.byref(test), None))
must(lib.measure_bootstrap(c.byref(target), c.byref(counts), MODEL_PERSONS,
                           0.95, c.byref(options), c.byref(interval), None))
print('dissimilarity %.4f, by chance %.4f, p %.4f' %
      (test.value, test.expected, test.p))
print('debiased %.4f, between %.4f and %.4f' %
      (interval.debiased, interval.low, interval.high))

theil = lib.measure_find(b'information_theory')
must(lib.measure_compute(theil, CITY, c.byref(counts), 0, 0,
                         c.byref(options), c.byref(h)))
print('information theory %.4f' % h.value)

places = Areas(6, reals(0, 200, 400, 600, 800, 1000), reals(*[0] * 6),
               reals(*[4e4] * 6), reals(*[800] * 6))
how, space = lib.spatial_defaults(), ptr()
how.kernel = lib.kernel_of(SHAPE_BIWEIGHT, 500)
must(lib.spatial_new(c.byref(places), c.byref(how), c.byref(space)))
must(lib.measure_spatial(theil, CITY, c.byref(counts), space, 0, 0,
                         c.byref(options), c.byref(h)))
print('information theory within 500 m %.4f' % h.value)
lib.spatial_free(space)
