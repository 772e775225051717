/*
 * frame.h: checked counts with their sums, as every measure takes them.
 *
 * frame_init refuses negative and non-finite counts (RC_INVALID) and an empty
 * matrix (RC_UNDEFINED). A frame is immutable after frame_init: threads share
 * it. Internal to the measuring library.
 */
#ifndef PASSERELLE_MEASURE_FRAME_H
#define PASSERELLE_MEASURE_FRAME_H

#include "base/base.h"
#include "passerelle/measure.h"

#include <math.h>

struct spatial;
struct two;

struct frame {
    size_t units, groups;
    const double *n;     /* borrowed: n[unit * groups + group] */
    double *unit_total;  /* owned */
    double *group_total; /* owned */
    double *share;       /* of the groups in the city */
    double *per_share;   /* 1 / share; 0 for a group without persons */
    double total;
    size_t lived_in; /* units with persons */
    size_t present;  /* groups with persons */
    /* For draws: k ln k for k below `logs`, where all counts are whole. */
    const double *x_log_x; /* borrowed, or NULL */
    size_t logs;
    double mutual; /* frame_mutual, where has_mutual */
    bool has_mutual;
};

enum rc frame_init(struct frame *f, const struct counts *c) MUST_USE;
void frame_free(struct frame *f);
void cleanup_frame(struct frame *f);

/* NULL stands for the defaults in every public function. */
static inline const struct measure_options *
options_or(const struct measure_options *o, struct measure_options *defaults)
{
    *defaults = measure_defaults();
    return o ? o : defaults;
}

/* What is asked of a measure; `o` is never NULL. */
struct ask {
    enum measure_scope scope;
    size_t group, against;
    const struct measure_options *o;
    /* Measures on areas: spatial_space.h. */
    const struct spatial *space;
    const double *contact; /* contact_product, or NULL: not at hand */
    /* two_init of what is asked, or NULL: not at hand */
    const struct two *columns;
};
typedef enum rc measure_fn(const struct frame *f, const struct ask *a,
                           double *out);

/* Whether a measure has an answer to what is asked, and the answer. */
enum rc frame_ask(const struct measure *m, const struct frame *f,
                  const struct ask *a) MUST_USE;
enum rc frame_compute(const struct measure *m, const struct frame *f,
                      const struct ask *a, double *out) MUST_USE;

/*
 * One group against another or the rest: x members and t persons of both in
 * each lived-in unit. two_init answers RC_UNDEFINED when one side has no
 * members or fewer than two units are lived in.
 */
struct two {
    size_t n;
    double *x, *t; /* owned unless `lent`; t > 0 */
    double X, T;
    bool lent;
};
enum rc two_init(struct two *p, const struct frame *f,
                 const struct ask *a) MUST_USE;
void cleanup_two(struct two *p);

/* Neumaier's compensated sum. */
struct sum {
    double s, c;
};
static inline void sum_add(struct sum *k, double v)
{
    double t = k->s + v;

    k->c += fabs(k->s) >= fabs(v) ? (k->s - t) + v : (v - t) + k->s;
    k->s = t;
}
static inline double sum_of(const struct sum *k)
{
    return k->s + k->c;
}

/* x ln x, 0 where x = 0. */
static inline double xlogx(double x)
{
    return x > 0 ? x * log(x) : 0;
}

/* What a value in natural units is divided by for the base asked. */
static inline double log_unit(const struct measure_options *o)
{
    return o->log_base > 0 ? log(o->log_base) : 1;
}

/* Indices of two groups from x and t alone; used by the simulations too. */
double two_dissimilarity(const struct two *p);
enum rc two_gini(const struct two *p, double *out) MUST_USE;

/* Every function of the table. */
#define MEASURE(code, scopes, needs, dimension, name, reference, low, high, \
                function)                                                   \
    measure_fn measure_##function;
#include "measure/measure.def"
#undef MEASURE

#endif
