/*
 * Count measures, simulations and inference: median of five, in milliseconds,
 * and beside each what the packages that people use today take for the same
 * work (recorded once, 2 cores, start-up and reading left out; run
 * bench/measure_peers.* to take them again).
 *
 *     bench/measure_counts [THREADS]
 */
#include "base/base.h"
#include "base/rng.h"
#include "measure/sample.h"
#include "measure/sample_many.h"
#include "passerelle/measure_change.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 5 };

static unsigned threads = 1;

/*
 * With one thread the processor's time, so that other work on the machine does
 * not count; else the clock on the wall.
 */
static double now_ms(void)
{
    struct timespec t;

    clock_gettime(threads > 1 ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void *need(void *p)
{
    if (!p)
        BUG("no memory");
    return p;
}

/* Groups of very different sizes, each gathered around places of its own. */
static struct counts city(size_t units, size_t groups, uint64_t seed)
{
    double *n = need(malloc(units * groups * sizeof *n));
    struct rng r;

    rng_init(&r, seed, 0);
    for (size_t i = 0; i < units; i++)
        for (size_t g = 0; g < groups; g++) {
            double u = rng_double(&r);

            n[i * groups + g] = floor(2000.0 / (double)((g + 1) * (g + 1)) *
                                      (0.1 + u * u * u * 3));
        }
    return (struct counts){units, groups, n};
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct job {
    const char *what;
    void (*run)(const struct counts *c);
    size_t units, groups;
    double pysal_s, r_s; /* 0: not recorded */
};

static void must(enum rc rc)
{
    if (rc != RC_OK)
        BUG("code %d", (int)rc);
}

static double value(const char *code, enum measure_scope scope,
                    const struct counts *c, size_t draws)
{
    struct measure_options o = measure_defaults();
    double v = 0;

    o.threads = threads;
    o.draws = draws;
    must(measure_compute(measure_find(code), scope, c, 0, 1, &o, &v));
    return v;
}

static void all_single_group(const struct counts *c)
{
    size_t all, n = 0;
    const struct measure *list = measure_catalogue(&all), *m[64];
    struct measure_options o = measure_defaults();
    double v[64 * 2];
    enum rc rc[64 * 2];

    o.threads = threads;
    for (size_t k = 0; k < all && n < 64; k++)
        if ((list[k].scopes & MEASURE_GROUP) && list[k].needs == NEEDS_COUNTS)
            m[n++] = &list[k];
    REQUIRE(c->groups <= 2);
    must(measure_groups_many(m, n, c, &o, v, rc));
}

static void of_city(const struct counts *c, const char *const *codes, size_t n)
{
    const struct measure *m[8];
    struct measure_options o = measure_defaults();
    double v[8];
    enum rc rc[8];

    o.threads = threads;
    for (size_t k = 0; k < n; k++)
        m[k] = measure_find(codes[k]);
    must(measure_city_many(m, n, c, &o, v, rc));
    for (size_t k = 0; k < n; k++)
        must(rc[k]);
}

static void city_indices(const struct counts *c)
{
    static const char *const codes[] = {
        "dissimilarity",       "information_theory",
        "mutual_information",  "relative_diversity",
        "normalized_exposure", "squared_coefficient_of_variation",
        "simpson_interaction", "shannon_diversity"};

    of_city(c, codes, ARRAY_LEN(codes));
}

static void m_and_h(const struct counts *c)
{
    static const char *const codes[] = {"mutual_information",
                                        "information_theory"};

    of_city(c, codes, ARRAY_LEN(codes));
}

static void city_gini(const struct counts *c)
{
    value("gini", MEASURE_CITY, c, 1);
}

static void local(const struct counts *c)
{
    double *v = need(malloc(c->units * sizeof *v));

    must(measure_compute(measure_find("local_segregation"), MEASURE_AREA, c, 0,
                         0, NULL, v));
    free(v);
}

static void groups(const struct counts *c, const char *code)
{
    double *v = need(malloc(c->groups * sizeof *v));
    enum rc *rc = need(malloc(c->groups * sizeof *rc));
    struct measure_options o = measure_defaults();

    o.threads = threads;
    must(measure_groups(measure_find(code), c, &o, v, rc));
    free(v);
    free(rc);
}

static void gini_of_all(const struct counts *c)
{
    groups(c, "gini");
}

static void pairs(const struct counts *c)
{
    double *v = need(malloc(c->groups * c->groups * sizeof *v));
    struct measure_options o = measure_defaults();

    o.threads = threads;
    must(measure_pairs(measure_find("interaction"), c, &o, v));
    free(v);
}

static void pairs_d(const struct counts *c)
{
    double *v = need(malloc(c->groups * c->groups * sizeof *v));
    struct measure_options o = measure_defaults();

    o.threads = threads;
    must(measure_pairs(measure_find("dissimilarity"), c, &o, v));
    free(v);
}

static void draws(const struct counts *c, enum measure_model model)
{
    struct measure_target t = {.m = measure_find("dissimilarity"),
                               .scope = MEASURE_GROUP};
    struct measure_options o = measure_defaults();
    struct measure_tested r;

    o.threads = threads;
    o.draws = 500;
    must(measure_test(&t, c, model, &o, &r, NULL));
}

static void d_evenness(const struct counts *c)
{
    draws(c, MODEL_EVENNESS);
}

static void d_fixed(const struct counts *c)
{
    draws(c, MODEL_FIXED_MARGINS);
}

/* M and H of the same draws. */
static void m_and_h_draws(const struct counts *c, enum measure_model model,
                          unsigned flags)
{
    struct measure_target t[] = {
        {.m = measure_find("mutual_information"), .scope = MEASURE_CITY},
        {.m = measure_find("information_theory"), .scope = MEASURE_CITY}};
    struct measure_options o = measure_defaults();
    struct measure_tested r[2];
    struct measure_interval i[2];
    enum rc rc[2];

    o.threads = threads;
    o.draws = 500;
    o.flags = flags;
    if (model < MODEL_PERSONS)
        must(measure_test_many(t, 2, c, model, &o, r, rc));
    else
        must(measure_bootstrap_many(t, 2, c, model, 0.95, &o, i, rc));
    must(rc[0]);
    must(rc[1]);
}

static void m_evenness(const struct counts *c)
{
    m_and_h_draws(c, MODEL_EVENNESS, 0);
}

static void m_bootstrap(const struct counts *c)
{
    m_and_h_draws(c, MODEL_UNITS, MEASURE_PERCENTILES_ONLY);
}

static void m_persons(const struct counts *c)
{
    m_and_h_draws(c, MODEL_FIXED_MARGINS, 0);
}

static void m_multinomial(const struct counts *c)
{
    m_and_h_draws(c, MODEL_PERSONS, MEASURE_PERCENTILES_ONLY);
}

/* With BCa's jackknife, which the packages do not have. */
static void m_multinomial_bca(const struct counts *c)
{
    m_and_h_draws(c, MODEL_PERSONS, 0);
}

static const struct job jobs[] = {
    {"all indices of both groups on counts", all_single_group, 2500, 2, 40.1,
     0},
    {"D, H and others of the city", city_indices, 100000, 50, 0.7, 0},
    {"M and H of the city", m_and_h, 100000, 50, 0, 0.9},
    {"local segregation", local, 100000, 50, 0, 1.9},
    {"Gini of the city", city_gini, 100000, 50, 0, 0},
    {"Gini of all groups", gini_of_all, 2500, 10, 0, 6.2},
    {"500 draws of D under evenness", d_evenness, 2500, 2, 7.5, 11.8},
    {"500 draws of D, persons change places", d_fixed, 2500, 2, 0, 28},
    {"500 draws of M and H, evenness", m_evenness, 2500, 10, 26, 7.7},
    {"500 draws of M and H, units", m_bootstrap, 2500, 10, 5.7, 5.7},
    {"500 draws of M and H, persons", m_persons, 2500, 10, 101, 7.7},
    {"500 draws of M and H, bootstrap of persons", m_multinomial, 2500, 10, 0,
     5.7},
    {"the same with intervals BCa", m_multinomial_bca, 2500, 10, 0, 0},
    {"exposure of all pairs", pairs, 2500, 200, 0, 1.7},
    {"D of all pairs", pairs_d, 2500, 200, 0, 0},
};

static double median_ms(const struct job *j, const struct counts *c)
{
    double t[RUNS];

    for (int k = 0; k < RUNS; k++) {
        double from = now_ms();

        j->run(c);
        t[k] = now_ms() - from;
    }
    qsort(t, RUNS, sizeof *t, order);
    return t[RUNS / 2];
}

static void ratio(double peer_s, double ms)
{
    if (peer_s > 0)
        printf(" %9.0f", peer_s * 1e3 / ms);
    else
        printf(" %9s", "-");
}

static void table(void)
{
    printf("%-44s %7s %6s %10s %9s %9s\n", "work", "areas", "groups", "ms",
           "x PySAL", "x R");
    for (size_t k = 0; k < ARRAY_LEN(jobs); k++) {
        struct counts c = city(jobs[k].units, jobs[k].groups, 1);
        double ms = median_ms(&jobs[k], &c);

        printf("%-44s %7zu %6zu %10.2f", jobs[k].what, jobs[k].units,
               jobs[k].groups, ms);
        ratio(jobs[k].pysal_s, ms);
        ratio(jobs[k].r_s, ms);
        putchar('\n');
        fflush(stdout);
        free((double *)c.n);
    }
}

/* The limit: reading the matrix once. */
static void read_once(void)
{
    double keep = 0;
    struct counts c = city(1000000, 20, 1);
    double t[RUNS], d[RUNS], h[RUNS];

    for (int k = 0; k < RUNS; k++) {
        double from = now_ms(), s[8] = {0};

        __asm__ volatile("" : : "r"(c.n) : "memory"); /* read it each time */
        for (size_t i = 0; i < c.units * c.groups; i += 8)
            for (size_t g = 0; g < 8; g++)
                s[g] += c.n[i + g];
        keep = s[0] + s[1] + s[2] + s[3] + s[4] + s[5] + s[6] + s[7];
        __asm__ volatile("" : : "m"(keep)); /* and use it */
        t[k] = now_ms() - from;
        from = now_ms();
        value("dissimilarity", MEASURE_CITY, &c, 1);
        d[k] = now_ms() - from;
        from = now_ms();
        value("information_theory", MEASURE_CITY, &c, 1);
        h[k] = now_ms() - from;
    }
    qsort(t, RUNS, sizeof *t, order);
    qsort(d, RUNS, sizeof *d, order);
    qsort(h, RUNS, sizeof *h, order);
    printf(
        "\n10^6 areas x 20 groups: read once %.1f ms, D %.1f ms (x%.1f), "
        "H %.1f ms (x%.1f)\n",
        t[2], d[2], d[2] / t[2], h[2], h[2] / t[2]);
    free((double *)c.n);
}

static void growth(void)
{
    static const size_t units[] = {1000, 10000, 100000, 1000000};
    static const size_t many[] = {2, 20, 200};

    printf("\ngrowth, ms of D and H of the city\n");
    for (size_t k = 0; k < ARRAY_LEN(units); k++)
        for (size_t g = 0; g < ARRAY_LEN(many); g++) {
            struct job j = {.run = city_indices};
            struct counts c;

            if (units[k] * many[g] > 40000000)
                continue;
            c = city(units[k], many[g], 1);
            printf("%8zu x %3zu: %10.2f (%.2f ns a cell)\n", units[k], many[g],
                   median_ms(&j, &c),
                   median_ms(&j, &c) * 1e6 / (double)(units[k] * many[g]));
            free((double *)c.n);
        }
}

static void samplers(void)
{
    static const struct {
        uint64_t n;
        double p;
    } at[] = {{20, 0.1}, {1000, 0.005}, {1000, 0.3}, {1000000, 0.3}};
    enum { N = 2000000 };

    printf("\ndraws a second and core, millions\n");
    for (size_t k = 0; k < ARRAY_LEN(at); k++) {
        enum { CELLS = 2000 };
        static double n[CELLS], out[CELLS], room[4 * CELLS];
        uint64_t keep = 0, good = (uint64_t)((double)at[k].n * at[k].p);
        double from = now_ms(), b, h, many, poisson, subset;
        double all = (double)at[k].n * CELLS;
        struct sampler s;
        struct rng r;

        rng_init(&r, 1, k);
        for (int i = 0; i < N; i++)
            keep += sample_binomial(&r, at[k].n, at[k].p);
        b = now_ms() - from;
        from = now_ms();
        for (int i = 0; i < N; i++)
            keep +=
                sample_hypergeometric(&r, good, at[k].n - good, at[k].n / 2);
        h = now_ms() - from;
        must(sampler_init(&s, (double)at[k].n));
        for (int i = 0; i < CELLS; i++)
            n[i] = (double)at[k].n;
        from = now_ms();
        for (int i = 0; i < N / CELLS; i++)
            sample_binomials(&s, &r, n, CELLS, at[k].p, out);
        many = now_ms() - from;
        from = now_ms();
        for (int i = 0; i < N / CELLS; i++)
            sample_poissons(&s, &r, n, at[k].p, CELLS, out);
        poisson = now_ms() - from;
        from = now_ms();
        for (int i = 0; i < N / CELLS; i++)
            sample_subset(&s, &r, floor(all * at[k].p), n, CELLS, all, out,
                          room);
        subset = now_ms() - from;
        cleanup_sampler(&s);
        printf(
            "n %8llu p %.3f: alone: binomial %.1f, hypergeometric %.1f; "
            "many: binomial %.1f, Poisson %.1f, hypergeometric %.1f (%llu)\n",
            (unsigned long long)at[k].n, at[k].p, N / b * 1e-3, N / h * 1e-3,
            N / many * 1e-3, N / poisson * 1e-3, N / subset * 1e-3,
            (unsigned long long)(keep & 1));
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        threads = (unsigned)strtoul(argv[1], NULL, 10);
    printf("%u threads\n", threads);
    table();
    read_once();
    growth();
    samplers();
    return 0;
}
