/*
 * Every count measure on a large city, one after the other: seconds of wall
 * and processor and the most memory, so that what is slow stands out.
 *
 *     bench/measure_large [UNITS [GROUPS [THREADS [PERSONS]]]]
 *
 * PERSONS of the largest group in a unit, 400 unless told: with 20, corrections
 * for small units have something to do.
 */
#include "base/base.h"
#include "base/rng.h"
#include "passerelle/measure_spatial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct lap {
    double wall, cpu;
};

static struct lap lap(void)
{
    return (struct lap){seconds(CLOCK_MONOTONIC),
                        seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static void say(const char *what, const char *scope, struct lap from)
{
    struct lap to = lap();
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    printf("%-34s %-11s %8.3f %8.3f %7ld\n", what, scope, to.wall - from.wall,
           to.cpu - from.cpu, u.ru_maxrss / 1024);
    fflush(stdout);
}

static void *need(void *p)
{
    if (!p)
        BUG("no memory");
    return p;
}

/* Squares of 100 m; groups of very different sizes around their own places. */
static void town(struct counts *c, struct areas *a, double persons)
{
    size_t n = c->units, side = (size_t)ceil(sqrt((double)n));
    double *v = need(malloc(n * c->groups * sizeof *v));
    double *x = need(malloc(2 * n * sizeof *x));
    struct rng r;

    rng_init(&r, 1, 0);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)(i % side) * 100;
        x[n + i] = (double)(i / side) * 100;
        for (size_t g = 0; g < c->groups; g++) {
            double u = rng_double(&r);

            v[i * c->groups + g] = floor(persons / (double)((g + 1) * (g + 1)) *
                                         (0.1 + u * u * u * 3));
        }
    }
    c->n = v;
    *a = (struct areas){.n = n, .x_m = x, .y_m = x + n};
}

static void all(const struct counts *c, const struct measure_options *o)
{
    size_t n, groups = c->groups;
    const struct measure *m = measure_catalogue(&n);
    double *out = need(malloc((c->units + groups * groups) * sizeof *out));
    enum rc *rc = need(malloc(groups * sizeof *rc)), one = RC_OK;

    for (size_t k = 0; k < n; k++) {
        struct lap from = lap();

        if (m[k].needs != NEEDS_COUNTS)
            continue;
        if (m[k].scopes & MEASURE_CITY) {
            one = measure_compute(&m[k], MEASURE_CITY, c, 0, 0, o, out);
            say(m[k].code, one ? "city: none" : "city", from);
        }
        from = lap();
        if (m[k].scopes & MEASURE_GROUP) {
            one = measure_groups(&m[k], c, o, out, rc);
            say(m[k].code, one || rc[0] ? "group: none" : "group", from);
        }
        from = lap();
        if (m[k].scopes & MEASURE_PAIR) {
            one = measure_pairs(&m[k], c, o, out);
            say(m[k].code, one ? "pair: none" : "pair", from);
        }
        from = lap();
        if (m[k].scopes & MEASURE_AREA) {
            one = measure_compute(&m[k], MEASURE_AREA, c, 0, 0, o, out);
            say(m[k].code, one ? "area: none" : "area", from);
        }
        from = lap();
        if (m[k].scopes & MEASURE_GROUP_AREA) {
            for (size_t g = 0; g < groups; g++)
                one =
                    measure_compute(&m[k], MEASURE_GROUP_AREA, c, g, 0, o, out);
            say(m[k].code, one ? "areas: none" : "group-area", from);
        }
    }
    free(out);
    free(rc);
}

/* All measures of all groups, a column read once. */
static void together(const struct counts *c, const struct measure_options *o)
{
    size_t all, n = 0;
    const struct measure *list = measure_catalogue(&all), *m[64];
    double *out = need(malloc(64 * c->groups * sizeof *out));
    enum rc *rc = need(malloc(64 * c->groups * sizeof *rc));
    struct lap from = lap();

    for (size_t k = 0; k < all && n < 64; k++)
        if (list[k].needs == NEEDS_COUNTS && (list[k].scopes & MEASURE_GROUP))
            m[n++] = &list[k];
    if (measure_groups_many(m, n, c, o, out, rc))
        BUG("not measured");
    say("all measures of all groups", "one call", from);
    free(out);
    free(rc);
}

static void bounds(const struct counts *c)
{
    const struct measure *const m[] = {
        measure_find("dissimilarity"), measure_find("information_theory"),
        measure_find("correlation_ratio"), measure_find("hutchens")};
    struct lap from = lap();
    size_t defined = 0;

    for (size_t g = 0; g < c->groups; g++) {
        struct measure_bounds b[ARRAY_LEN(m)];
        enum rc rc[ARRAY_LEN(m)];

        defined +=
            !measure_small_bounds_many(m, ARRAY_LEN(m), c, g, b, rc) && !rc[0];
    }
    say("bounds of four measures", defined ? "group" : "none", from);
}

static void kernel(const struct counts *c, const struct areas *a,
                   const struct measure_options *o)
{
    struct kernel k = kernel_of(SHAPE_BIWEIGHT, 500);
    struct environment *e = NULL;
    double *out = need(malloc(c->units * c->groups * sizeof *out));
    struct lap from = lap();
    enum rc rc = environment_new(a, &k, o->threads, &e);

    if (!rc)
        rc = environment_apply(e, c, out);
    say("biweight kernel of 500 m", rc ? "none" : "smooth", from);
    from = lap();
    if (!rc)
        rc = measure_local(measure_find("information_theory"), MEASURE_CITY, c,
                           out, LOCAL_COMPOSITION, 0, 0, o, out);
    say("information_theory on it", rc ? "none" : "city", from);
    environment_free(e);
    free(out);
}

int main(int argc, char **argv)
{
    struct counts c = {1000000, 20, NULL};
    struct measure_options o = measure_defaults();
    struct areas a;
    struct lap from;

    if (argc > 1)
        c.units = strtoul(argv[1], NULL, 10);
    if (argc > 2)
        c.groups = strtoul(argv[2], NULL, 10);
    o.threads = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 2;
    town(&c, &a, argc > 4 ? strtod(argv[4], NULL) : 400);
    printf("%zu units x %zu groups, %u threads\n%-34s %-11s %8s %8s %7s\n",
           c.units, c.groups, o.threads, "measure", "scope", "s", "cpu s",
           "MB");
    from = lap();
    all(&c, &o);
    together(&c, &o);
    bounds(&c);
    kernel(&c, &a, &o);
    say("everything", "", from);
    free((double *)c.n);
    free((double *)a.x_m);
    return 0;
}
