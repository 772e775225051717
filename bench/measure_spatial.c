/*
 * measure_spatial.c: how long the spatial measures take on a synthetic city.
 *
 * The city is a square of 20 km whose areas are the cells of a square grid with
 * their centroids moved at random, denser groups in the middle. Every line is
 * the median of five runs of the work alone (the city is there already). Beside
 * it stand the time of a plain double loop over all pairs where there is one
 * (what a package written in C without a grid does, run right after), and the
 * figures of packages as measured on two cores of the same class.
 *
 * With one thread the times are of the processor, so that other programs on the
 * machine disturb them less.
 *
 *     measure_spatial [threads] [largest number of areas]
 */
#include "passerelle/measure_spatial.h"
#include "base/base.h"
#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { RUNS = 5 };

struct city {
    struct areas a;
    struct counts c;
    double *x, *y, *area, *perimeter, *n;
    struct neighbours queen;
};

static void *block(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);

    REQUIRE(p);
    return p;
}

static void city_links(struct city *c, size_t side)
{
    size_t n = side * side, at = 0;
    size_t *start = block(n + 1, sizeof *start);
    uint32_t *to = block(8 * n, sizeof *to);
    double *length = block(8 * n, sizeof *length);

    for (size_t i = 0; i < n; i++) {
        long x = (long)(i % side), y = (long)(i / side);

        for (long dy = -1; dy <= 1; dy++)
            for (long dx = -1; dx <= 1; dx++)
                if ((dx || dy) && x + dx >= 0 && x + dx < (long)side &&
                    y + dy >= 0 && y + dy < (long)side) {
                    to[at] = (uint32_t)((y + dy) * (long)side + x + dx);
                    length[at++] = dx && dy ? 0 : 20000.0 / (double)side;
                }
        start[i + 1] = at;
    }
    c->a.queen = (struct neighbours){start, to, length};
    c->a.rook = c->a.queen;
}

static struct city city_new(size_t areas, size_t groups)
{
    size_t side = (size_t)lround(sqrt((double)areas)), n = side * side;
    double cell = 20000.0 / (double)side;
    struct city c = {0};
    struct rng r;

    rng_init(&r, 2026, areas);
    c.x = block(n, sizeof *c.x);
    c.y = block(n, sizeof *c.y);
    c.area = block(n, sizeof *c.area);
    c.perimeter = block(n, sizeof *c.perimeter);
    c.n = block(n * groups, sizeof *c.n);
    for (size_t i = 0; i < n; i++) {
        double far;

        c.x[i] = ((double)(i % side) + 0.1 + 0.8 * rng_double(&r)) * cell;
        c.y[i] = ((double)(i / side) + 0.1 + 0.8 * rng_double(&r)) * cell;
        c.area[i] = cell * cell * (0.8 + 0.4 * rng_double(&r));
        c.perimeter[i] = 4 * sqrt(c.area[i]);
        far = hypot(c.x[i] - 10000, c.y[i] - 10000) / 10000;
        for (size_t g = 0; g < groups; g++)
            c.n[i * groups + g] = (double)rng_below(
                &r, 1 + (uint64_t)(1000 * exp(-far * (double)(g % 7 + 1)) /
                                   (double)(g + 1)));
    }
    c.a = (struct areas){.n = n,
                         .x_m = c.x,
                         .y_m = c.y,
                         .area_m2 = c.area,
                         .perimeter_m = c.perimeter};
    c.c = (struct counts){n, groups, c.n};
    city_links(&c, side);
    return c;
}

static void city_free(struct city *c)
{
    free(c->x);
    free(c->y);
    free(c->area);
    free(c->perimeter);
    free(c->n);
    free((void *)(uintptr_t)c->a.queen.start);
    free((void *)(uintptr_t)c->a.queen.to);
    free((void *)(uintptr_t)c->a.queen.length_m);
}

/* --- what is timed --------------------------------------------------- */

struct task {
    struct city *c;
    struct spatial_options o;
    const struct spatial *s;
    const char *code;
    enum measure_scope scope;
    struct environment *kept;
    size_t draws;
    double result; /* so that nothing is left out as unused */
};

static const struct measure *row(const char *code)
{
    const struct measure *m = measure_find(code);

    REQUIRE(m);
    return m;
}

static void one_measure(struct task *t)
{
    double *v = block(t->c->a.n, sizeof *v);

    REQUIRE(measure_spatial(row(t->code), t->scope, &t->c->c, t->s, 0, 1, NULL,
                            v) == RC_OK);
    t->result = v[0];
    free(v);
}

static void environment_measures(struct task *t)
{
    struct environment *e = NULL;
    double *local = block(t->c->a.n * t->c->c.groups, sizeof *local);
    static const char *const code[] = {"dissimilarity", "information_theory"};

    REQUIRE(environment_new(&t->c->a, &t->o.kernel, t->o.threads, &e) == RC_OK);
    REQUIRE(environment_apply(e, &t->c->c, local) == RC_OK);
    for (size_t k = 0; k < 2; k++)
        REQUIRE(measure_local(row(code[k]), MEASURE_CITY, &t->c->c, local,
                              LOCAL_COMPOSITION, 0, 0, NULL,
                              &t->result) == RC_OK);
    environment_free(e);
    free(local);
}

/* Two loops over all pairs, the distance first held against a square, as R's
 * `seg` does it; biweight. */
static void plain_loops(struct task *t)
{
    const struct city *c = t->c;
    size_t n = c->a.n, groups = c->c.groups;
    double h = t->o.kernel.bandwidth_m, *local = block(n * groups, 8);

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double dx = fabs(c->x[i] - c->x[j]), dy = fabs(c->y[i] - c->y[j]);
            double d, w;

            if (dx > h || dy > h)
                continue;
            d = sqrt(dx * dx + dy * dy);
            if (d > h)
                continue;
            w = pow(1 - pow(d / h, 2), 2);
            for (size_t g = 0; g < groups; g++)
                local[i * groups + g] += w * c->n[j * groups + g];
        }
    REQUIRE(measure_local(row("information_theory"), MEASURE_CITY, &c->c, local,
                          LOCAL_COMPOSITION, 0, 0, NULL, &t->result) == RC_OK);
    free(local);
}

static void plain_contact(struct task *t)
{
    const struct city *c = t->c;
    size_t n = c->a.n, groups = c->c.groups;
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double cx = 0, ct = 0;

        for (size_t j = 0; j < n; j++) {
            double dx = c->x[i] - c->x[j], dy = c->y[i] - c->y[j];
            double w = exp(-sqrt(dx * dx + dy * dy) / 1000);

            cx += w * c->n[j * groups];
            ct += w * c->n[j * groups + 1];
        }
        sum += c->n[i * groups] * cx / ct;
    }
    t->result = sum;
}

static void every_spatial(struct task *t)
{
    size_t n;
    const struct measure *all = measure_catalogue(&n);
    struct spatial *s = NULL;

    REQUIRE(spatial_new(&t->c->a, &t->o, &s) == RC_OK);
    REQUIRE(spatial_prepare(s, &t->c->c) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        double v = 0;

        if (all[i].needs == NEEDS_AREAS && (all[i].scopes & MEASURE_GROUP))
            REQUIRE(measure_spatial(&all[i], MEASURE_GROUP, &t->c->c, s, 0, 0,
                                    NULL, &v) == RC_OK);
        t->result += v;
    }
    spatial_free(s);
}

static void every_group_measure(struct task *t)
{
    size_t n;
    const struct measure *all = measure_catalogue(&n);
    struct measure_options o = measure_defaults();

    o.threads = t->o.threads;
    every_spatial(t);
    for (size_t i = 0; i < n; i++) {
        double v = 0;

        if (all[i].needs == NEEDS_COUNTS && (all[i].scopes & MEASURE_GROUP) &&
            measure_compute(&all[i], MEASURE_GROUP, &t->c->c, 0, 0, &o, &v) !=
                RC_OK)
            printf("%s has no value\n", all[i].code);
        t->result += v;
    }
}

static void profile(struct task *t)
{
    double v[64];

    REQUIRE(measure_profile(row("information_theory"), MEASURE_CITY, &t->c->c,
                            t->s, 0, 0, NULL, v) == RC_OK);
    t->result = v[0];
}

/* Areas change places; environments are found once. */
static void permutations(struct task *t)
{
    size_t n = t->c->a.n, groups = t->c->c.groups;
    double *local = block(n * groups, sizeof *local);
    double *drawn = block(n * groups, sizeof *drawn);
    struct counts c = {n, groups, drawn};

    memcpy(drawn, t->c->n, n * groups * sizeof *drawn);
    REQUIRE(environment_new(&t->c->a, &t->o.kernel, t->o.threads, &t->kept) ==
            RC_OK);
    REQUIRE(environment_keep(t->kept, 100 * n) == RC_OK);
    for (size_t d = 0; d < t->draws; d++) {
        struct rng r;

        rng_init(&r, 1, d);
        for (size_t k = n; k > 1; k--) {
            size_t other = (size_t)rng_below(&r, k);

            for (size_t g = 0; g < groups; g++) {
                double keep = drawn[(k - 1) * groups + g];

                drawn[(k - 1) * groups + g] = drawn[other * groups + g];
                drawn[other * groups + g] = keep;
            }
        }
        REQUIRE(environment_apply(t->kept, &c, local) == RC_OK);
        REQUIRE(measure_local(row("dissimilarity"), MEASURE_GROUP, &c, local,
                              LOCAL_COMPOSITION, 0, 0, NULL,
                              &t->result) == RC_OK);
    }
    environment_free(t->kept);
    free(local);
    free(drawn);
}

static void lisa(struct task *t)
{
    struct measure_options o = measure_defaults();
    double *p = block(t->c->a.n, sizeof *p);
    struct moran m;

    o.draws = 999;
    REQUIRE(measure_moran(&t->c->c, t->s, 0, &o, &m,
                          &(struct moran_local){.p = p}) == RC_OK);
    t->result = p[0];
    free(p);
}

/* --- timing ---------------------------------------------------------- */

static double now_s(const struct task *task)
{
    struct timespec t;

    clock_gettime(
        task->o.threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median_s(void (*fn)(struct task *), struct task *t)
{
    double s[RUNS], first = now_s(t);
    int runs = 1;

    fn(t);
    s[0] = now_s(t) - first;
    for (; runs < (s[0] > 5 ? 1 : RUNS); runs++) {
        double start = now_s(t);

        fn(t);
        s[runs] = now_s(t) - start;
    }
    qsort(s, (size_t)runs, sizeof *s, ascending);
    return s[runs / 2];
}

static void line(const char *what, size_t areas, size_t groups, double s,
                 double plain_s, double pysal_s, double r_s)
{
    printf("%-36s %8zu %4zu %10.4f", what, areas, groups, s);
    if (plain_s > 0)
        printf("  loop %8.4f s (%.0f x)", plain_s, plain_s / s);
    if (pysal_s > 0)
        printf("  PySAL %g s (%.0f x)", pysal_s, pysal_s / s);
    if (r_s > 0)
        printf("  R %g s (%.0f x)", r_s, r_s / s);
    printf("\n");
    fflush(stdout);
}

static struct spatial *space_of(struct city *c, const struct spatial_options *o)
{
    struct spatial *s = NULL;

    REQUIRE(spatial_new(&c->a, o, &s) == RC_OK);
    return s;
}

static void named(struct task *t, const char *what, const char *code,
                  enum measure_scope scope, double pysal_s)
{
    t->code = code;
    t->scope = scope;
    line(what, t->c->a.n, t->c->c.groups, median_s(one_measure, t), 0, pysal_s,
         0);
}

static void of_2500(struct spatial_options o)
{
    static const double bandwidth_m[] = {500, 1000, 2000, 3000, 5000};
    struct city c = city_new(2500, 2), ten = city_new(2500, 10);
    struct task t = {.c = &c, .o = o};

    o.bandwidth_m = bandwidth_m;
    o.bandwidths = ARRAY_LEN(bandwidth_m);
    t.s = space_of(&c, &o);
    line("all spatial single-group indices", c.a.n, 2,
         median_s(every_spatial, &t), 0, 0, 0);
    line("all single-group indices", c.a.n, 2,
         median_s(every_group_measure, &t), 0, 47, 0);
    named(&t, "distance-decay isolation", "distance_decay_isolation",
          MEASURE_GROUP, 0);
    named(&t, "spatial proximity profile", "spatial_proximity_profile",
          MEASURE_GROUP, 0);
    t.draws = 500;
    line("500 draws of spatial D, 1 km", c.a.n, 2, median_s(permutations, &t),
         0, 262, 0);
    line("LISA with 999 draws", c.a.n, 2, median_s(lisa, &t), 0, 0, 0);
    spatial_free((struct spatial *)(uintptr_t)t.s);
    t.c = &ten;
    t.s = space_of(&ten, &o);
    line("profile, 5 bandwidths", ten.a.n, 10, median_s(profile, &t), 0, 2.9,
         0);
    named(&t, "distortion", "distortion", MEASURE_CITY, 0);
    spatial_free((struct spatial *)(uintptr_t)t.s);
    city_free(&c);
    city_free(&ten);
}

static void of_20000(struct spatial_options o)
{
    static const double bandwidth_m[] = {500, 1000, 2000, 3000, 5000};
    struct city c = city_new(20000, 10), two = city_new(20000, 2);
    struct task t = {.c = &c, .o = o};
    double plain_s;

    o.bandwidth_m = bandwidth_m;
    o.bandwidths = ARRAY_LEN(bandwidth_m);
    t.s = space_of(&c, &o);
    plain_s = median_s(plain_loops, &t);
    line("spatial D and H, 1 km kernel", c.a.n, 10,
         median_s(environment_measures, &t), plain_s, 72, 1.7);
    named(&t, "adjacency D", "spatial_dissimilarity", MEASURE_GROUP, 9.7);
    line("profile, 5 bandwidths", c.a.n, 10, median_s(profile, &t), 0, 0, 0);
    spatial_free((struct spatial *)(uintptr_t)t.s);
    t.c = &two;
    t.s = space_of(&two, &o);
    t.code = "distance_decay_isolation";
    t.scope = MEASURE_GROUP;
    plain_s = median_s(plain_contact, &t);
    line("distance-decay isolation", two.a.n, 2, median_s(one_measure, &t),
         plain_s, 0, 0);
    named(&t, "local centralisation, 5 nearest",
          "local_relative_centralization", MEASURE_GROUP_AREA, 0);
    named(&t, "spatial proximity profile", "spatial_proximity_profile",
          MEASURE_GROUP, 0);
    line("LISA with 999 draws", two.a.n, 2, median_s(lisa, &t), 0, 0, 0);
    named(&t, "distortion", "distortion", MEASURE_CITY, 0);
    spatial_free((struct spatial *)(uintptr_t)t.s);
    city_free(&c);
    city_free(&two);
}

static void growth(struct spatial_options o, size_t largest)
{
    printf("\nspatial D and H, kernel of 500 m: growth\n");
    o.kernel.bandwidth_m = 500;
    for (size_t groups = 2; groups <= 200; groups *= 10) {
        struct city c = city_new(10000, groups);
        struct task t = {.c = &c, .o = o};

        line("", c.a.n, groups, median_s(environment_measures, &t), 0, 0, 0);
        city_free(&c);
    }
    for (size_t n = 1000; n <= largest; n *= 10) {
        struct city c = city_new(n, 20);
        struct task t = {.c = &c, .o = o};

        line("", c.a.n, 20, median_s(environment_measures, &t), 0, 0, 0);
        city_free(&c);
    }
}

int main(int argc, char **argv)
{
    struct spatial_options o = spatial_defaults();
    size_t largest = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
    struct rusage use;

    o.threads = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
    o.kernel = kernel_of(SHAPE_BIWEIGHT, 1000);
    printf("%u threads\n%-36s %8s %4s %10s\n", o.threads, "work", "areas", "of",
           "s");
    of_2500(o);
    of_20000(o);
    getrusage(RUSAGE_SELF, &use);
    printf("peak memory so far %.0f MB\n", (double)use.ru_maxrss / 1024);
    growth(o, largest);
    getrusage(RUSAGE_SELF, &use);
    printf("peak memory %.0f MB\n", (double)use.ru_maxrss / 1024);
    return 0;
}
