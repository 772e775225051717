/*
 * draw.h: simulated counts by model, and running an index over many of them.
 * Internal.
 */
#ifndef PASSERELLE_MEASURE_DRAW_H
#define PASSERELLE_MEASURE_DRAW_H

#include "base/rng.h"
#include "measure/frame.h"
#include "measure/sample_many.h"
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
    bool one; /* two columns: the group of the targets, and the rest */
    struct sampler sampler;
    double *x_log_x; /* owned: k ln k for k below `logs` */
    size_t logs;
};
/* Columns that serve all n targets. */
enum rc people_init(struct people *p, const struct counts *c,
                    const struct measure_target *t, size_t n) MUST_USE;
void cleanup_people(struct people *p);
/* The target in these columns. */
struct measure_target people_target(const struct people *p,
                                    const struct measure_target *t);

/* `spare` holds people_room numbers. */
size_t people_room(const struct people *p, enum measure_model model);
void people_draw(const struct people *p, enum measure_model model,
                 struct rng *r, double *out, double *spare);

enum rc target_value(const struct measure_target *t, const struct counts *c,
                     const struct measure_options *o, double *out) MUST_USE;

/*
 * value[k * n + i] for draw i and index k: fn fills `cells` numbers for the
 * draws [i, i + count), at most `batch`, and takes their indices into
 * value[k * n + 0..count); NaN is there before, and stays where an index is not
 * defined.
 */
struct draws {
    size_t n, cells, width; /* draws, numbers of a batch, indices */
    size_t batch;
    unsigned threads;
    enum rc (*fn)(const void *ctx, size_t i, size_t count, double *cells,
                  double *value);
    const void *ctx;
    double *value; /* the caller's: width * n */
};
enum rc draws_run(const struct draws *d) MUST_USE;

/* Whether all ask of one group and no more. */
bool targets_of_one_group(const struct measure_target *t, size_t n);

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
