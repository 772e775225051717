/*
 * release.h: what may be seen.
 *
 * Only protect/ can make a `struct release`; every later room takes one and
 * never a cube. A release holds tables of protected counts, the measures
 * computed on the true counts, and what was done to protect them.
 *
 * A cell's state says why it has no plain count:
 *   CELL_WITHHELD  our rule keeps it back (small, or complementary)
 *   CELL_SOURCE    the publisher kept it back: unknown to us as well
 *   CELL_MISSING   not known
 *   CELL_AT_LEAST  a sum with such a part inside: `count` is a lower bound
 * Never is any of these zero.
 */
#ifndef PASSERELLE_RELEASE_H
#define PASSERELLE_RELEASE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "intake/package.h"

enum cell_state {
    CELL_COUNT,
    CELL_AT_LEAST,
    CELL_WITHHELD,
    CELL_SOURCE,
    CELL_MISSING
};
struct cell {
    int64_t count; /* valid for CELL_COUNT and CELL_AT_LEAST */
    enum cell_state state;
};

/* The tables of a release, each over the period or the one compared with. */
enum release_table_id {
    TABLE_AREA,          /* area */
    TABLE_AREA_ORIGIN,   /* area x origin */
    TABLE_ORIGIN,        /* origin */
    TABLE_ORIGIN_SEX,    /* origin x sex */
    TABLE_GROUP_SEX_AGE, /* group x sex x age: 0 majority, 1 migrants, then one
                            row an origin (cube order) */
    TABLE_AREA_GROUP,    /* area x {majority, migrants} */
    TABLE_GROUP_SEX,     /* group x sex; groups as in TABLE_GROUP_SEX_AGE */
    RELEASE_TABLES
};
struct release_table {
    size_t rows, columns, depth; /* depth 1 where two dimensions do */
    const struct cell *cells;    /* row-major; NULL when not available */
    uint64_t withheld, source_withheld, complementary; /* cells */
};

/* One total a period that the table has (all periods of the cube). */
struct release_period {
    const char *period;
    struct cell total, migrants;
};

/* The origin of a measure of all migrants together. */
#define RELEASE_MIGRANTS (DICT_NONE - 1)

/*
 * Values are rounded where a rule withholds counts: three decimals for one
 * value, two for a value an area. An area's value is NaN too where its
 * population is below ten times the threshold.
 */
struct release_measure {
    const char *code; /* measure catalogue */
    unsigned scope;   /* enum measure_scope */
    uint32_t origin;  /* cube origin, RELEASE_MIGRANTS, or DICT_NONE: city */
    const double *area_values; /* per area for local measures, else NULL */
    double value;              /* NaN: undefined for these data */
    bool compare;              /* true: of the period compared with */
    int64_t size;              /* persons of the group */
    uint64_t draws;            /* 0 when not by simulation */
    /*
     * How sure it is, where inferred: persons drawn anew from all cells give
     * the bias and the interval at 95% around `debiased`; persons spread by
     * chance alone over units of the same sizes give `expected`, and `p` is the
     * share of such cities at least as uneven; both NaN for a composition. Each
     * rounded as the value.
     */
    uint64_t inferred; /* draws; 0: not */
    double low, high, debiased, expected, p;
};
/* For all migrants; for the city and for each origin. */
enum { RELEASE_INFERENCE_DRAWS = 200, RELEASE_ORIGIN_DRAWS = 100 };

/*
 * Spatial H of a group against everyone else in environments of growing size,
 * a biweight kernel at each bandwidth; rounded as other measures.
 */
enum { RELEASE_BANDWIDTHS = 8 };
extern const double release_bandwidth_m[RELEASE_BANDWIDTHS];
struct release_curve {
    uint32_t origin; /* RELEASE_MIGRANTS, or one of the largest of them */
    double value[RELEASE_BANDWIDTHS]; /* NaN: undefined */
};

struct release_flow {
    const char *period;
    struct cell arrivals, departures, internal;
};
struct release_outcome {
    const struct outcome *from; /* its names; its counts stay unread */
    struct cell numerator, denominator;
    double value, low, high; /* shares 0..1; NaN where withheld. Wilson 1927 */
    bool has_gap;            /* against the comparison group */
    const char *against;
    double gap, gap_low, gap_high;       /* Newcombe 1998, method 10 */
    double ratio, ratio_low, ratio_high; /* log method, Katz et al. 1978 */
};

struct release; /* opaque; made here only */

struct release_options {
    uint64_t seed;
    unsigned threads;
    int64_t measure_from; /* smallest group with measures; default 1000 */
};

enum rc release_make(const struct intake *in, const struct release_options *o,
                     const struct progress *progress, struct arena *a,
                     struct release **out, struct err *err) MUST_USE;

const struct release_table *
release_table(const struct release *r, enum release_table_id id, bool compare);
const struct release_period *release_periods(const struct release *r,
                                             size_t *n);
const struct release_measure *release_measures(const struct release *r,
                                               size_t *n);
const struct release_curve *release_curves(const struct release *r, size_t *n);
const struct release_flow *release_flows(const struct release *r, size_t *n);
const struct release_outcome *release_outcomes(const struct release *r,
                                               size_t *n);
/* Axis labels: dictionaries of the cube (area, origin, sex, age, period). */
const struct dict *release_dict(const struct release *r, enum dim d);
const struct protection_rule *release_rule(const struct release *r);
bool release_secondary(const struct release *r); /* complementary too */
/* Small counts that a combination of lines still narrows; see suppress.h. */
size_t release_unsure(const struct release *r);
int64_t release_measure_from(const struct release *r);
int64_t release_threshold(const struct release *r); /* counts below: withheld;
                                                       0: none */

#endif
