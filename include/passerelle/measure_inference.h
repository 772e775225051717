/*
 * measure_inference.h: how sure an index is, and what chance alone gives.
 *
 * Draws are made of whole persons (shares of persons are rounded first), each
 * from its own random stream (o->seed, number of the draw), and are put
 * together in their order: any number of threads gives the same result. A draw
 * in which the index is not defined is left out and counted in `undefined`;
 * RC_UNDEFINED when fewer than half of them are defined. Memory: one matrix a
 * thread, for MODEL_PERSONS three. Other codes and rules as in measure.h.
 */
#ifndef PASSERELLE_MEASURE_INFERENCE_H
#define PASSERELLE_MEASURE_INFERENCE_H

#include "passerelle/measure.h"
#include "passerelle/measure_spatial.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One index: of the whole city, a group or a pair. */
struct measure_target {
    const struct measure *m;
    enum measure_scope scope;
    size_t group, against;
    const struct spatial *space; /* NULL: without places */
};

enum measure_model {
    /* what chance gives where nobody is separated */
    MODEL_EVENNESS,      /* each unit's persons take the city's shares */
    MODEL_SYSTEMATIC,    /* each group's persons take the units' shares */
    MODEL_FIXED_MARGINS, /* persons change places: both margins stay */
    MODEL_FREE_MARGINS,  /* persons drawn anew: both margins vary */
    MODEL_AREAS,         /* whole areas change places: needs a `space` */
    /* what another sample of the same city gives */
    MODEL_PERSONS, /* persons drawn anew, from all cells */
    MODEL_GROUPS,  /* the same within each group, whose size stays */
    MODEL_UNITS,   /* units drawn with replacement: without `space` only */
    MODEL_COUNT
};
const char *measure_model_code(enum measure_model model); /* "evenness" */
bool measure_model_find(const char *code, enum measure_model *model);

/*
 * NULL where a model says something about a target, else a message id with the
 * reason. An index without places does not change when areas are moved about,
 * and an index with places has none for a unit drawn twice: both are refused.
 */
const char *measure_model_refused(enum measure_model model,
                                  const struct measure_target *t);

/* One draw: out[c->units * c->groups]. */
enum rc measure_draw(enum measure_model model, const struct counts *c,
                     uint64_t seed, uint64_t stream,
                     double *out) PASSERELLE_MUST_USE;

/*
 * Against a null model (the first five). p counts the draws at least as high
 * as the value: (k + 1) / (defined + 1), so it is never 0; p_low those at least
 * as low; p_two = min(1, 2 min(p, p_low)). p_error is the Monte Carlo standard
 * error of p.
 */
struct measure_tested {
    double value, expected, sd; /* mean and deviation of the draws */
    double excess;              /* value - expected */
    double p, p_low, p_two, p_error;
    size_t draws, undefined;
};
enum rc measure_test(const struct measure_target *t, const struct counts *c,
                     enum measure_model model, const struct measure_options *o,
                     struct measure_tested *out,
                     double *draws /* o->draws, NaN: undefined; or NULL */)
    PASSERELLE_MUST_USE;

/*
 * Several indices of the same draws, which costs little more than one: out[n],
 * set where rc[n] is RC_OK. The draws are those of measure_test where all are
 * of the same group, or none is of a group.
 */
enum rc measure_test_many(const struct measure_target *t, size_t n,
                          const struct counts *c, enum measure_model model,
                          const struct measure_options *o,
                          struct measure_tested *out,
                          enum rc *rc) PASSERELLE_MUST_USE;

/*
 * By a bootstrap (the last three). bias = mean of the draws - value; debiased =
 * value - bias; low and high are percentiles, bca_low and bca_high those of
 * Efron 1987, doi:10.1080/01621459.1987.10478410, with the acceleration from a
 * jackknife over at most 200 blocks of units or persons. An index that grows
 * with any noise (D, M, Gini) is far from its own bootstrap where units are
 * small: then bca_low and bca_high are NaN, for no draw lies beyond the value.
 */
struct measure_interval {
    double value, bias, debiased, se;
    double level; /* as asked: 0.95 */
    double low, high, bca_low, bca_high;
    size_t draws, undefined;
};
enum rc measure_bootstrap(const struct measure_target *t,
                          const struct counts *c, enum measure_model model,
                          double level, const struct measure_options *o,
                          struct measure_interval *out,
                          double *draws) PASSERELLE_MUST_USE;
enum rc measure_bootstrap_many(const struct measure_target *t, size_t n,
                               const struct counts *c, enum measure_model model,
                               double level, const struct measure_options *o,
                               struct measure_interval *out,
                               enum rc *rc) PASSERELLE_MUST_USE;

/*
 * Two cities or periods: difference = value of a - value of b, its p two-sided
 * as above.
 *   COMPARE_LABELS       units change city: no difference but chance; refused
 *                        (RC_USAGE) for an index with places
 *   COMPARE_COMPOSITION  each unit keeps its persons and takes, or does not,
 * the share of the group that the other city has at the same rank (Rey et al.
 * 2021); one group, no places COMPARE_BOOTSTRAP    both drawn anew by `model`
 * (one of the last three); low and high are percentiles of the difference
 * `t->space` is that of a, `space_b` that of b.
 */
enum measure_comparison {
    COMPARE_LABELS,
    COMPARE_COMPOSITION,
    COMPARE_BOOTSTRAP
};
struct measure_compared {
    double a, b, difference;
    double expected, sd; /* of the difference over the draws */
    double p, p_error;
    double low, high; /* COMPARE_BOOTSTRAP, else NaN */
    size_t draws, undefined;
};
enum rc measure_compare(const struct measure_target *t, const struct counts *a,
                        const struct counts *b, const struct spatial *space_b,
                        enum measure_comparison how, enum measure_model model,
                        double level, const struct measure_options *o,
                        struct measure_compared *out) PASSERELLE_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
