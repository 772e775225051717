#include "measure/tally.h"

static double eight_lanes(const double *a, size_t n)
{
    double lane[LANES] = {0};
    size_t k = 0;

    for (; k + LANES <= n; k += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += a[k + l];
    for (size_t l = 0; k + l < n; l++)
        lane[l] += a[k + l];
    return lanes_sum(lane);
}

void tally_flush(struct tally *t)
{
    sum_add(&t->sum, eight_lanes(t->a, t->n));
    t->n = 0;
}

void tally_flush_log(struct tally *t)
{
    t->log(t->b, t->n, t->ln);
    for (size_t k = 0; k < t->n; k++)
        t->a[k] *= t->ln[k];
    tally_flush(t);
}
