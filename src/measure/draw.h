/*
 * draw.h: simulated counts by model, and running an index over many of them.
 * Internal.
 */
#ifndef PASSERELLE_MEASURE_DRAW_H
#define PASSERELLE_MEASURE_DRAW_H

#include "base/rng.h"
#include "measure/frame.h"
#include "passerelle/measure_inference.h"

/*
 * Whole persons with their margins. For an index of one group the other groups
 * are added up: no index of one group asks who the rest are.
 */
struct people {
    struct counts c;
    double *n;     /* owned: units x groups, whole numbers */
    double *unit;  /* owned: persons of each unit */
    double *group; /* owned: persons of each group */
    double total;
    struct measure_target t; /* the target in these columns */
};
enum rc people_init(struct people *p, const struct counts *c,
                    const struct measure_target *t) MUST_USE;
void cleanup_people(struct people *p);

/* `spare` holds the groups, for models that need it. */
void people_draw(const struct people *p, enum measure_model model,
                 struct rng *r, double *out, double *spare);

/* The index of a matrix of the target's columns; one thread. */
enum rc target_value(const struct measure_target *t, const struct counts *c,
                     const struct measure_options *o, double *out) MUST_USE;

/*
 * value[i] for i in [0, draws): fn fills a matrix of `cells` numbers for draw i
 * and takes its index; NaN where that is not defined.
 */
struct draws {
    size_t n, cells;
    unsigned threads;
    enum rc (*fn)(const void *ctx, size_t i, double *cells, double *value);
    const void *ctx;
    double *value; /* the caller's: n */
};
enum rc draws_run(const struct draws *d) MUST_USE;

struct draws_summary {
    double mean, sd;
    size_t defined;
};
/* RC_UNDEFINED when fewer than half are defined. */
enum rc draws_summarise(const double *value, size_t n,
                        struct draws_summary *out) MUST_USE;

/* Shares of a unit's persons: rank and quantile, see counterfactual.c. */
enum rc counterfactual_shares(const struct counts *from, size_t group,
                              const struct counts *other, size_t other_group,
                              double *share) MUST_USE;

#endif
