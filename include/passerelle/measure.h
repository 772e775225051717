/*
 * measure.h: indices of residential distribution.
 *
 * Pure: no I/O, no globals, no locale; every array belongs to the caller.
 * Counts are a matrix of units x groups, row-major, in persons (doubles, so
 * that smoothed counts fit). Logarithms are natural unless told otherwise and
 * 0 log 0 = 0. A value that the data do not define (no members, one unit) is
 * answered by RC_UNDEFINED and the output left alone, never by NaN. Negative
 * or non-finite counts are RC_INVALID.
 */
#ifndef PASSERELLE_MEASURE_H
#define PASSERELLE_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct counts {
    size_t units, groups;
    const double *n; /* n[unit * groups + group] */
};

enum measure_scope {
    MEASURE_CITY = 1,      /* one value: all groups together */
    MEASURE_GROUP = 2,     /* one value: a group against the rest */
    MEASURE_PAIR = 4,      /* one value: a group against another */
    MEASURE_AREA = 8,      /* `units` values */
    MEASURE_GROUP_AREA = 16 /* `units` values for one group */
};
enum measure_needs { NEEDS_COUNTS = 1, NEEDS_AREAS = 2, NEEDS_TWO = 4 };

struct measure_options {
    double atkinson_b;  /* 0.5 */
    double log_base;    /* 0: natural */
    size_t thresholds;  /* 1000, concentration profile */
    size_t draws;       /* 500, simulated measures */
    uint64_t seed;      /* 1 */
    unsigned threads;   /* 1 */
    unsigned flags;     /* MEASURE_EXACT_ISOLATION, ... */
    const uint32_t *parent; /* within/between: level of each unit */
};
enum { MEASURE_EXACT_ISOLATION = 1, MEASURE_NORMALISED = 2 };
struct measure_options measure_defaults(void);

struct measure {
    const char *code;      /* "dissimilarity" */
    unsigned scopes;       /* enum measure_scope */
    unsigned needs;
    const char *dimension; /* evenness, exposure, composition, ... */
    const char *name;      /* message id */
    const char *reference; /* publication */
    double low, high;      /* bounds; +-INFINITY where open */
};
const struct measure *measure_catalogue(size_t *n);
const struct measure *measure_find(const char *code); /* or NULL */

/*
 * `group` and `against` are ignored where the scope has none. `out` receives
 * one value, or c->units values for MEASURE_AREA and MEASURE_GROUP_AREA (NaN
 * there only for a unit without persons).
 */
enum rc measure_compute(const struct measure *m, enum measure_scope scope,
                        const struct counts *c, size_t group, size_t against,
                        const struct measure_options *o,
                        double *out) MUST_USE;

#endif
