/*
 * measure.h: indices of residential distribution.
 *
 * Pure: no I/O, no globals, no locale; every array belongs to the caller.
 * Counts are a matrix of units x groups, row-major, in persons (doubles, so
 * that smoothed counts fit). Logarithms are natural unless told otherwise and
 * 0 log 0 = 0. A value that the data do not define (no members, one unit) is
 * answered by RC_UNDEFINED and the output left alone, never by NaN. Negative
 * or non-finite counts are RC_INVALID. Groups and units without persons change
 * no value. Scratch memory is taken and given back inside a call (RC_MEMORY
 * when there is none). Every function may be called from several threads, and
 * takes NULL for options as the defaults.
 * Results are the same for any number of threads.
 *
 * What chance alone gives is found without draws where it can be. Counts are
 * rounded to whole persons first.
 *   modified_dissimilarity  exact mean over all ways in which persons can
 *     change places (margins stay; hypergeometric)
 *   bias_corrected_dissimilarity  exact mean over the bootstrap of persons
 *     within both groups (their sizes stay; binomial)
 *   modified_gini  E(sum |x_i t_j - x_j t_i|) / E(2 X Y) where each person is
 * of the group with the city's share (Winship 1977 for D), exact; from the mean
 * of Gini for X as it is it differs by about 1 part in 8 min(X, Y). Units so
 * many and so large that it takes more than 2^22 steps are drawn o->draws times
 * instead, each draw with a stream of its own.
 */
#ifndef PASSERELLE_MEASURE_H
#define PASSERELLE_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "passerelle/rc.h"

#ifdef __cplusplus
extern "C" {
#endif

struct counts {
    size_t units, groups;
    const double *n; /* n[unit * groups + group] */
};

enum measure_scope {
    MEASURE_CITY = 1,       /* one value: all groups together */
    MEASURE_GROUP = 2,      /* one value: a group against the rest */
    MEASURE_PAIR = 4,       /* one value: a group against another */
    MEASURE_AREA = 8,       /* `units` values */
    MEASURE_GROUP_AREA = 16 /* `units` values for one group */
};
enum measure_needs { NEEDS_COUNTS = 1, NEEDS_AREAS = 2, NEEDS_TWO = 4 };

/* Which function of the cumulative shares an ordinal index uses. */
enum measure_ordinal {
    ORDINAL_INFORMATION = 0, /* information theory */
    ORDINAL_VARIATION = 1,   /* variation ratio */
    ORDINAL_SQUARE_ROOT = 2, /* square root */
    ORDINAL_ABSOLUTE = 3     /* absolute difference */
};

struct measure_options {
    double atkinson_b;            /* 0.5 */
    double log_base;              /* 0: natural */
    size_t thresholds;            /* 1000, concentration profile */
    size_t draws;                 /* 500: tests, bootstraps, modified_gini */
    uint64_t seed;                /* 1 */
    unsigned threads;             /* 1 */
    unsigned flags;               /* MEASURE_EXACT_ISOLATION, ... */
    const uint32_t *parent;       /* within/between: level of each unit */
    enum measure_ordinal ordinal; /* ORDINAL_INFORMATION */
    const struct counts *other;   /* decompositions: second period or city */
};
enum {
    MEASURE_EXACT_ISOLATION = 1, /* n - 1 neighbours, oneself left out */
    MEASURE_NORMALISED = 2,      /* Shannon over the log of the groups */
    /*
     * Density-corrected D as the package `segregation` of PySAL finds it: its
     * search starts at 0 and takes a unit more than about 38 standard errors
     * away from even to be even. For comparison only.
     */
    MEASURE_DENSITY_FROM_ZERO = 4,
    /* A bootstrap leaves out the interval BCa (NaN), whose jackknife costs as
     * much as 200 draws. */
    MEASURE_PERCENTILES_ONLY = 8,
    /* Moran's I: the p of areas without that of the whole. */
    MEASURE_LOCAL_ONLY = 16,
    /*
     * Moran's I: an area is drawn for only until its nearer tail holds 50
     * draws, for its p is then above 50 in o->draws whatever follows (Besag
     * and Clifford 1991, doi:10.1093/biomet/78.2.301).
     */
    MEASURE_SEQUENTIAL = 32
};
struct measure_options measure_defaults(void);

struct measure {
    const char *code; /* "dissimilarity" */
    unsigned scopes;  /* enum measure_scope */
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
 * there only for a unit without persons). An exception: MEASURE_AREA of
 * local_segregation gives the part of each unit, MEASURE_GROUP the part of one
 * group. RC_USAGE where the measure has no such scope or needs areas.
 */
enum rc measure_compute(const struct measure *m, enum measure_scope scope,
                        const struct counts *c, size_t group, size_t against,
                        const struct measure_options *o,
                        double *out) PASSERELLE_MUST_USE;

/*
 * The same value for every group, the matrix read once: out[c->groups] and
 * rc[c->groups]; a value is set only where its rc is RC_OK. Returns a code
 * other than RC_OK only when nothing could be computed.
 */
enum rc measure_groups(const struct measure *m, const struct counts *c,
                       const struct measure_options *o, double *out,
                       enum rc *rc) PASSERELLE_MUST_USE;

/*
 * n measures of every group, a column read once for all of them:
 * out[k * c->groups + group], and rc the same; and n measures of the whole
 * city: out[n] and rc[n]. Shared out among o->threads; the values are those of
 * measure_compute, but for the rounding of sums.
 */
enum rc measure_groups_many(const struct measure *const *m, size_t n,
                            const struct counts *c,
                            const struct measure_options *o, double *out,
                            enum rc *rc) PASSERELLE_MUST_USE;
enum rc measure_city_many(const struct measure *const *m, size_t n,
                          const struct counts *c,
                          const struct measure_options *o, double *out,
                          enum rc *rc) PASSERELLE_MUST_USE;

/*
 * Concentration profile (Hong and Sadahiro 2014): curve[k] is the share of the
 * group living in units where its own share is at least k / (m - 1), for k in
 * [0, m). m = o->thresholds, at least 2.
 */
enum rc measure_concentration_curve(const struct counts *c, size_t group,
                                    const struct measure_options *o,
                                    double *curve) PASSERELLE_MUST_USE;

/*
 * Within and between: `level` says for each unit which part of the city it
 * belongs to (numbers below `levels`). The parts add up:
 *     m = m_between + sum over parts of share[i] * m_within[i]
 * and likewise for h, where h_within_total = m_within_total / entropy.
 */
struct measure_part {
    double share;         /* of the city's persons */
    double m, h;          /* inside this part; 0 where one group lives alone */
    double entropy;       /* of its groups */
    double entropy_ratio; /* to the city's */
};
struct measure_within {
    double m, h, entropy; /* the whole city */
    double m_between, h_between, m_within, h_within;
};
enum rc measure_within_between(
    const struct counts *c, const uint32_t *level, size_t levels,
    const struct measure_options *o, struct measure_within *out,
    struct measure_part *parts /* levels, or NULL */) PASSERELLE_MUST_USE;

/*
 * Nested levels, coarse to fine: level[k * c->units + unit] < UINT32_MAX is
 * the part of that unit at level k; the units themselves are the last level.
 * Gives n_levels + 1 values whose sums are M and H of the whole. A part of a
 * finer level that lies in two parts of a coarser one counts as two.
 */
enum rc measure_nested(const struct counts *c, const uint32_t *level,
                       size_t n_levels, const struct measure_options *o,
                       double *m, double *h) PASSERELLE_MUST_USE;

/*
 * Units of few persons make D large by chance alone. Whole persons; units with
 * none left out. D here is the mean over persons, P the share in the city.
 *   expected  D if everyone were of the group with probability P, exact:
 *             Winship 1977, doi:10.1093/sf/55.4.1058
 *   excess    (naive - expected) / (1 - expected), or over `expected` where
 *             that is larger: Carrington and Troske 1997
 *   rathelot  D of the Beta distribution of the units' probabilities that is
 *             most likely: Rathelot 2012, doi:10.1080/07350015.2012.707586
 */
struct measure_small {
    double naive, expected, excess, rathelot;
    double alpha, beta; /* of that distribution; INFINITY: no spread seen */
    double mean_size;   /* persons in a unit */
    double share_small; /* of the persons, in units of fewer than 30 */
    bool unreliable;    /* `expected` is more than half of `naive` */
};
enum rc measure_small_units(const struct counts *c, size_t group,
                            struct measure_small *out) PASSERELLE_MUST_USE;

/*
 * What units of few persons let be known: the least and the greatest value of
 * an index over all distributions of the units' probabilities that give such
 * counts (D'Haultfoeuille and Rathelot 2017), and its value for the most likely
 * one. Probabilities are taken not to depend on the size of a unit; units of 60
 * persons and more count as they are. For dissimilarity, information_theory,
 * correlation_ratio and hutchens of a group; RC_USAGE for others. Units of one
 * person leave everything open, [0, 1]; with eight the bounds are close.
 */
struct measure_bounds {
    double low, high, likely;
    size_t moments; /* how many are known: the largest unit's size, to 12 */
};
enum rc measure_small_bounds(const struct measure *m, const struct counts *c,
                             size_t group,
                             struct measure_bounds *out) PASSERELLE_MUST_USE;

/* Several indices of a group, the likely distribution found once: out[n] and
 * rc[n]. */
enum rc measure_small_bounds_many(const struct measure *const *m, size_t n,
                                  const struct counts *c, size_t group,
                                  struct measure_bounds *out,
                                  enum rc *rc) PASSERELLE_MUST_USE;

/* All pairs: out[g * groups + h], NaN where not defined. */
enum rc measure_pairs(const struct measure *m, const struct counts *c,
                      const struct measure_options *o,
                      double *out) PASSERELLE_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
