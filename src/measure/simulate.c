/*
 * Evenness corrected for what chance alone would show.
 *
 * Expected values are exact where they have a form that costs less than draws:
 * see expected.h. Else each draw has its own random stream, and values are put
 * together in the order of the draws: the number of threads changes nothing.
 * Shares of persons (smoothed counts) are rounded to whole persons first.
 */
#include "base/thread.h"
#include "measure/expected.h"
#include "measure/frame.h"
#include "measure/sample.h"

#include <stdlib.h>

struct simulation {
    const struct two *p;
    const struct measure_options *o;
    struct two *scratch; /* one a worker */
    double *value;       /* one a draw; NaN: not defined */
    bool *no_memory;     /* one a worker */
};

/* Everyone in a unit is of the group with the same probability. */
static void draw_random(struct rng *r, const struct two *from, struct two *to)
{
    double P = from->X / from->T;

    to->X = to->T = 0;
    for (size_t i = 0; i < from->n; i++) {
        uint64_t t = (uint64_t)llround(from->t[i]);

        to->t[i] = (double)t;
        to->x[i] = (double)sample_binomial(r, t, P);
        to->X += to->x[i];
        to->T += to->t[i];
    }
}

static void one_draw(void *ctx, size_t i, unsigned worker)
{
    struct simulation *s = ctx;
    struct two *to = &s->scratch[worker];
    struct rng r;

    rng_init(&r, s->o->seed, i);
    draw_random(&r, s->p, to);
    s->value[i] = NAN;
    if (to->X > 0 && to->X < to->T && two_gini(to, &s->value[i]) != RC_OK)
        s->no_memory[worker] = true;
}

static void simulation_free(struct simulation *s, unsigned workers)
{
    for (unsigned w = 0; s->scratch && w < workers; w++)
        cleanup_two(&s->scratch[w]);
    free(s->scratch);
    free(s->value);
    free(s->no_memory);
}

static enum rc simulation_init(struct simulation *s, unsigned workers)
{
    size_t n = s->p->n;

    s->scratch = calloc(workers, sizeof *s->scratch);
    s->value = malloc(s->o->draws * sizeof *s->value);
    s->no_memory = calloc(workers, sizeof *s->no_memory);
    if (!s->scratch || !s->value || !s->no_memory)
        return RC_MEMORY;
    for (unsigned w = 0; w < workers; w++) {
        struct two *p = &s->scratch[w];

        *p = (struct two){.n = n,
                          .x = malloc(n * sizeof *p->x),
                          .t = malloc(n * sizeof *p->t)};
        if (!p->x || !p->t)
            return RC_MEMORY;
    }
    return RC_OK;
}

/* The mean over the draws in which the index is defined. */
static enum rc simulated_mean(struct simulation *s, double *mean)
{
    unsigned workers = thread_count(s->o->threads);
    struct sum sum = {0};
    size_t defined = 0;
    enum rc rc = simulation_init(s, workers);

    if (!rc)
        parallel_for(s->o->draws, workers, s, one_draw);
    for (unsigned w = 0; !rc && w < workers; w++)
        if (s->no_memory[w])
            rc = RC_MEMORY;
    for (size_t i = 0; !rc && i < s->o->draws; i++)
        if (!isnan(s->value[i])) {
            sum_add(&sum, s->value[i]);
            defined++;
        }
    if (!rc && !defined)
        rc = RC_UNDEFINED;
    if (!rc)
        *mean = sum_of(&sum) / (double)defined;
    simulation_free(s, workers);
    return rc;
}

/* Carrington and Troske 1997, doi:10.1080/07350015.1997.10524718. */
static enum rc in_excess(double observed, double random, double *out)
{
    if (observed >= random && random < 1)
        *out = (observed - random) / (1 - random);
    else if (random > 0)
        *out = (observed - random) / random;
    else
        return RC_UNDEFINED;
    return RC_OK;
}

enum rc measure_modified_dissimilarity(const struct frame *f,
                                       const struct ask *a, double *out)
{
    AUTO(two) struct two p = {0};
    double random = 0;
    enum rc rc = two_init(&p, f, a);

    if (!rc)
        rc = expected_dissimilarity(&p, &random);
    return rc ? rc : in_excess(two_dissimilarity(&p), random, out);
}

enum rc measure_modified_gini(const struct frame *f, const struct ask *a,
                              double *out)
{
    AUTO(two) struct two p = {0};
    struct simulation s = {.p = &p, .o = a->o};
    double observed = 0, random = 0;
    enum rc rc = a->o->draws ? two_init(&p, f, a) : RC_USAGE;

    if (!rc)
        rc = two_gini(&p, &observed);
    if (!rc)
        rc = expected_gini(&p, &random);
    if (rc == RC_LIMIT)
        rc = simulated_mean(&s, &random);
    return rc ? rc : in_excess(observed, random, out);
}

/* 2 D - mean of D over the bootstrap: Allen, Burgess, Davidson and Windmeijer
 * 2015, doi:10.1111/ectj.12039. */
enum rc measure_bias_corrected_dissimilarity(const struct frame *f,
                                             const struct ask *a, double *out)
{
    AUTO(two) struct two p = {0};
    double mean = 0;
    enum rc rc = two_init(&p, f, a);

    if (!rc)
        rc = expected_bootstrap_dissimilarity(&p, &mean);
    if (!rc)
        *out = 2 * two_dissimilarity(&p) - mean;
    return rc;
}
