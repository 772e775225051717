/*
 * tally.h: sums over many cells, fast and with little rounding.
 *
 * Terms are written into a block; a full block is added up in eight lanes whose
 * order is the same on every processor, and blocks by a compensated sum.
 * tally_log takes terms a ln b. Internal.
 */
#ifndef PASSERELLE_MEASURE_TALLY_H
#define PASSERELLE_MEASURE_TALLY_H

#include "measure/frame.h"
#include "measure/spatial_sweep.h"

enum { TALLY_BLOCK = 512 };

struct tally {
    struct sum sum;
    log_fn *log; /* of this processor; all give the same */
    size_t n;    /* terms in the block */
    double a[TALLY_BLOCK], b[TALLY_BLOCK], ln[TALLY_BLOCK];
};

static inline void tally_init(struct tally *t)
{
    t->sum = (struct sum){0};
    t->log = sweeps_choose().log;
    t->n = 0;
}

/* Adds the block up. */
void tally_flush(struct tally *t);
void tally_flush_log(struct tally *t); /* of a ln b */

/*
 * Room for up to `want` terms: returns how many fit (at least one), to be
 * written at t->a + t->n (and t->b + t->n); the caller then adds to t->n.
 */
static inline size_t tally_room(struct tally *t, size_t want, bool logs)
{
    if (t->n == TALLY_BLOCK || (want < 64 && t->n + want > TALLY_BLOCK)) {
        if (logs)
            tally_flush_log(t);
        else
            tally_flush(t);
    }
    return MIN(want, TALLY_BLOCK - t->n);
}

static inline double tally_sum(struct tally *t)
{
    tally_flush(t);
    return sum_of(&t->sum);
}

static inline double tally_sum_log(struct tally *t)
{
    tally_flush_log(t);
    return sum_of(&t->sum);
}

/*
 * The sum of one term a cell (a ln b where `logs`) over the units lived in.
 * `fill` writes the terms of groups [from, from + n) of unit i; it is known
 * when this is compiled, so there is no call in the loop.
 */
typedef void fill_fn(const struct frame *f, size_t i, size_t from, size_t n,
                     const void *ctx, double *a, double *b);
static inline __attribute__((always_inline)) double
cells_sum(const struct frame *f, fill_fn *fill, const void *ctx, bool logs)
{
    struct tally t;

    tally_init(&t);
    for (size_t i = 0; i < f->units; i++) {
        size_t from = 0;

        if (f->unit_total[i] <= 0)
            continue;
        while (from < f->groups) {
            size_t n = tally_room(&t, f->groups - from, logs);

            fill(f, i, from, n, ctx, t.a + t.n, t.b + t.n);
            t.n += n;
            from += n;
        }
    }
    return logs ? tally_sum_log(&t) : tally_sum(&t);
}

#endif
