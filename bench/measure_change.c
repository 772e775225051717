/*
 * Why two periods differ, and units merged: median of five, processor
 * milliseconds on one thread, for growing cities.
 *
 *     bench/measure_change [MOST_UNITS]
 */
#include "passerelle/measure_change.h"
#include "base/base.h"
#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 5 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Two periods of a square city: groups have centres, the second period's
 * somewhat apart, and a few units are there in one period only. */
struct pair {
    struct counts period[2];
    struct neighbours near;
};

static double persons(struct rng *r, double x, double y, size_t g, int period)
{
    double cx = fmod(0.37 * (double)(g + 1) + 0.02 * period, 1);
    double cy = fmod(0.61 * (double)(g + 1), 1);
    double d = (x - cx) * (x - cx) + (y - cy) * (y - cy);

    return floor(400 * exp(-8 * d) * rng_double(r) / (double)(g + 1)) +
           (double)(1 + rng_u64(r) % 3);
}

static struct counts counts_of(size_t side, size_t groups, int period)
{
    size_t units = side * side;
    double *n = calloc(units * groups, sizeof *n);
    struct rng r;

    if (!n)
        exit(10);
    rng_init(&r, 7, (uint64_t)period);
    for (size_t i = 0; i < units; i++)
        for (size_t g = 0; g < groups; g++) {
            bool gone = i % 97 == (size_t)(11 + period);

            n[i * groups + g] =
                persons(&r, (double)(i % side) / (double)side,
                        (double)(i / side) / (double)side, g, period);
            if (gone)
                n[i * groups + g] = 0;
        }
    return (struct counts){units, groups, n};
}

static struct neighbours grid(size_t side)
{
    size_t units = side * side, k = 0;
    size_t *start = calloc(units + 1, sizeof *start);
    uint32_t *to = calloc(4 * units, sizeof *to);

    if (!start || !to)
        exit(10);
    for (size_t i = 0; i < units; i++) {
        start[i] = k;
        if (i >= side)
            to[k++] = (uint32_t)(i - side);
        if (i % side)
            to[k++] = (uint32_t)(i - 1);
        if ((i + 1) % side)
            to[k++] = (uint32_t)(i + 1);
        if (i + side < units)
            to[k++] = (uint32_t)(i + side);
    }
    start[units] = k;
    return (struct neighbours){start, to, NULL};
}

static enum rc change(const struct pair *p, int method)
{
    struct measure_change c;

    return measure_change(&p->period[0], &p->period[1],
                          (enum measure_change_method)method, 0, NULL, &c);
}

static enum rc ipf(const struct pair *p, int precise)
{
    const struct counts *a = &p->period[0], *b = &p->period[1];
    double *unit = calloc(a->units, sizeof *unit);
    double *group = calloc(a->groups, sizeof *group);
    double *out = calloc(a->units * a->groups, sizeof *out);
    enum rc rc = unit && group && out ? RC_OK : RC_MEMORY;

    for (size_t i = 0; !rc && i < a->units * a->groups; i++) {
        bool here = a->n[i / a->groups * a->groups] > 0;

        /* no persons are asked of a unit that has none */
        unit[i / a->groups] += here ? b->n[i] : 0;
        group[i % a->groups] += here ? b->n[i] : 0;
    }
    if (!rc)
        rc = measure_ipf(a, unit, group, precise ? 1e-10 : 1e-3, out, NULL);
    free(unit);
    free(group);
    free(out);
    return rc;
}

static enum rc shapley(const struct pair *p, int how)
{
    struct measure_target t = {.m = measure_find("dissimilarity"),
                               .scope = MEASURE_GROUP};
    struct measure_shapley s;

    return measure_shapley(&t, &p->period[0], 0, &p->period[1], NULL,
                           (enum measure_counterfactual)how, NULL, &s);
}

static enum rc merge(const struct pair *p, int near)
{
    struct measure_merger *out = calloc(p->period[0].units, sizeof *out);
    size_t n = 0;
    enum rc rc = out ? measure_compress(&p->period[0], near ? &p->near : NULL,
                                        NULL, out, &n)
                     : RC_MEMORY;

    free(out);
    return rc;
}

static const struct work {
    const char *name;
    enum rc (*run)(const struct pair *p, int how);
    int how;
    size_t most; /* units: all pairs take their square */
} works[] = {
    {"change of M, Shapley", change, CHANGE_SHAPLEY, SIZE_MAX},
    {"change of M, Karmel-Maclachlan", change, CHANGE_KM, SIZE_MAX},
    {"change of M, Mora and Ruiz-Castillo", change, CHANGE_MRC, SIZE_MAX},
    {"IPF to 1e-10", ipf, 1, SIZE_MAX},
    {"IPF to 1e-3", ipf, 0, SIZE_MAX},
    {"difference of D, by composition", shapley, BY_COMPOSITION, SIZE_MAX},
    {"difference of D, by share", shapley, BY_SHARE, SIZE_MAX},
    {"units merged, neighbours", merge, 1, SIZE_MAX},
    {"units merged, any two", merge, 0, 2500}};

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(const struct work *w, const struct pair *p)
{
    double t[RUNS];

    for (int k = 0; k < RUNS; k++) {
        double from = now_ms();
        enum rc rc = w->run(p, w->how);

        t[k] = now_ms() - from;
        if (rc) {
            printf("%-38s code %d\n", w->name, (int)rc);
            return;
        }
    }
    qsort(t, RUNS, sizeof *t, order);
    printf("%-38s %8zu %4zu %10.2f ms\n", w->name, p->period[0].units,
           p->period[0].groups, t[RUNS / 2]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const size_t sides[] = {20, 50, 140, 316, 1000};
    size_t most = argc > 1 ? strtoul(argv[1], NULL, 10) : 2500;

    for (size_t s = 0; s < ARRAY_LEN(sides); s++) {
        struct pair p;

        if (sides[s] * sides[s] > most)
            break;
        p.period[0] = counts_of(sides[s], 10, 0);
        p.period[1] = counts_of(sides[s], 10, 1);
        p.near = grid(sides[s]);
        for (size_t i = 0; i < ARRAY_LEN(works); i++)
            if (p.period[0].units <= works[i].most)
                measure(&works[i], &p);
        free((double *)p.period[0].n);
        free((double *)p.period[1].n);
        free((size_t *)p.near.start);
        free((uint32_t *)p.near.to);
    }
    return 0;
}
