/*
 * Measures on counts: values from publications, properties, and faults of
 * other programs that ours does not share.
 */
#include "base/base.h"
#include "base/rng.h"
#include "passerelle/measure_inference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static enum rc compute(const char *code, enum measure_scope scope,
                       const struct counts *c, const struct measure_options *o,
                       double *out)
{
    const struct measure *m = measure_find(code);

    assert_non_null(m);
    return measure_compute(m, scope, c, 0, 1, o, out);
}

static double value(const char *code, enum measure_scope scope,
                    const struct counts *c)
{
    double v = NAN;

    assert_int_equal(compute(code, scope, c, NULL, &v), RC_OK);
    return v;
}

static void near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.17g, expected %.17g", got, expected);
}

/*
 * Units of equal composition are given once with their number. Sources: the
 * tests of R `segregation` (elbersb/segregation@510a369), runs of R `seg` and
 * `OasisR` on pattern D of Morrill and Wong's 10 x 10 grid, and the worked
 * case of our domain notes, checked by hand.
 */
static const double even[] = {100, 100, 100, 100, 100, 100};
static const double d06a[] = {100, 0, 60, 40, 40, 60, 0, 100};
static const double d06b[] = {80, 20, 80, 20, 20, 80, 20, 80};
static const double apart[] = {100, 0, 100, 0, 0, 100, 0, 100};
static const double zeros[] = {40, 0, 0, 0, 0, 0, 0, 40};
static const double equal2[] = {10, 10};
static const double one3[] = {10, 30};
static const double domain[] = {100, 200, 50, 300, 30, 250, 20, 250};
static const double pattern_d[] = {1200, 0, 1200, 1200, 0, 6400};

static const struct {
    const char *code;
    enum measure_scope scope;
    size_t units;
    const double *n;
    double log_base, expected, tolerance;
    const char *source;
} known[] = {
    {"dissimilarity", MEASURE_GROUP, 3, even, 0, 0, 1e-12, "segregation"},
    {"dissimilarity", MEASURE_GROUP, 4, d06a, 0, 0.6, 1e-12, "segregation"},
    {"dissimilarity", MEASURE_CITY, 4, d06b, 0, 0.6, 1e-12, "segregation"},
    {"dissimilarity", MEASURE_PAIR, 4, apart, 0, 1, 1e-12, "segregation"},
    {"shannon_diversity", MEASURE_CITY, 1, equal2, 0, 0.69314718055994529,
     1e-12, "segregation"},
    {"shannon_diversity", MEASURE_CITY, 1, equal2, 2, 1, 1e-12, "segregation"},
    {"shannon_diversity", MEASURE_CITY, 1, one3, 0, 0.56233514461880829, 1e-12,
     "segregation"},
    {"mutual_information", MEASURE_CITY, 4, zeros, 0, 0.69314718055994529,
     1e-12, "segregation"},
    {"information_theory", MEASURE_CITY, 4, zeros, 0, 1, 1e-12, "segregation"},
    {"dissimilarity", MEASURE_GROUP, 3, pattern_d, 0, 0.84210526315789469, 1e-9,
     "seg"},
    {"gini", MEASURE_GROUP, 3, pattern_d, 0, 0.92105263157894735, 1e-9,
     "OasisR"},
    {"information_theory", MEASURE_GROUP, 3, pattern_d, 0, 0.69812850213602373,
     1e-9, "OasisR"},
    {"isolation", MEASURE_GROUP, 3, pattern_d, 0, 0.74999999999999978, 1e-9,
     "OasisR"},
    {"dissimilarity", MEASURE_GROUP, 4, domain, 0, 0.3, 1e-12, "domain"},
    {"isolation", MEASURE_GROUP, 4, domain, 0, 0.22586, 5e-6, "domain"},
    {"interaction", MEASURE_PAIR, 4, domain, 0, 0.77414, 5e-6, "domain"},
    {"correlation_ratio", MEASURE_GROUP, 4, domain, 0, 0.071032, 5e-7,
     "domain"},
    {"information_theory", MEASURE_GROUP, 4, domain, 0, 0.073139, 5e-7,
     "domain"},
};

static void published(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct counts c = {known[i].units, 2, known[i].n};
        struct measure_options o = measure_defaults();
        double v = NAN;

        o.log_base = known[i].log_base;
        assert_int_equal(compute(known[i].code, known[i].scope, &c, &o, &v),
                         RC_OK);
        if (!(fabs(v - known[i].expected) <= known[i].tolerance))
            fail_msg("%s (%s): %.17g, expected %.17g", known[i].code,
                     known[i].source, v, known[i].expected);
    }
}

static void published_quotients(void **state)
{
    static const double expected[] = {2, 0.857143, 0.642857, 0.444444};
    struct counts c = {4, 2, domain};
    double v[4];

    assert_int_equal(
        compute("location_quotient", MEASURE_GROUP_AREA, &c, NULL, v), RC_OK);
    for (size_t i = 0; i < 4; i++)
        near(v[i], expected[i], 5e-7);
}

/* A matrix from a seed: skewed counts, some cells and one unit empty. */
struct city {
    struct counts c;
    double n[64 * 5];
};

static void city_make(struct city *city, size_t units, size_t groups,
                      uint64_t seed)
{
    struct rng r;

    rng_init(&r, seed, 0);
    city->c = (struct counts){units, groups, city->n};
    for (size_t k = 0; k < units * groups; k++) {
        double u = rng_double(&r);

        city->n[k] = rng_below(&r, 4) ? floor(exp(7 * u * u)) : 0;
    }
    for (size_t g = 0; g < groups; g++)
        city->n[3 * groups + g] = 0;
}

enum {
    WHOLE = 1,   /* needs whole persons, or speaks of their number */
    ALONE = 2,   /* defined for one unit */
    RANDOM = 4,  /* simulated */
    UNEVEN = 8,  /* splitting a unit changes it */
    TO_ZERO = 16 /* may be negative */
};
static const struct {
    const char *code;
    unsigned traits;
} traits[] = {
    {"modified_dissimilarity", WHOLE | RANDOM | UNEVEN},
    {"modified_gini", WHOLE | RANDOM | UNEVEN},
    {"bias_corrected_dissimilarity", WHOLE | RANDOM | UNEVEN},
    {"density_corrected_dissimilarity", WHOLE | UNEVEN},
    {"shannon_diversity", ALONE},
    {"simpson_concentration", ALONE},
    {"simpson_interaction", ALONE},
    {"location_quotient", ALONE},
    {"small_unit_bounds", WHOLE | UNEVEN},
};

static unsigned traits_of(const struct measure *m)
{
    for (size_t i = 0; i < ARRAY_LEN(traits); i++)
        if (strcmp(traits[i].code, m->code) == 0)
            return traits[i].traits;
    return 0;
}

static struct measure_options few_draws(const struct city *city)
{
    static uint32_t parent[64];
    struct measure_options o = measure_defaults();

    for (uint32_t i = 0; i < 64; i++)
        parent[i] = i % 3;
    REQUIRE(city->c.units <= 64);
    o.draws = 20;
    o.parent = parent;
    return o;
}

/* Calls fn for every measure on counts and scope with a single value. */
static void each_value(const struct city *city,
                       void (*fn)(const struct measure *m,
                                  enum measure_scope scope,
                                  const struct city *city, double v,
                                  const struct measure_options *o))
{
    static const enum measure_scope scopes[] = {MEASURE_CITY, MEASURE_GROUP,
                                                MEASURE_PAIR};
    struct measure_options o = few_draws(city);
    size_t n;
    const struct measure *all = measure_catalogue(&n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ARRAY_LEN(scopes); k++) {
            double v = NAN;

            if (!(all[i].scopes & scopes[k]) || all[i].needs != NEEDS_COUNTS)
                continue;
            assert_int_equal(
                measure_compute(&all[i], scopes[k], &city->c, 0, 1, &o, &v),
                RC_OK);
            fn(&all[i], scopes[k], city, v, &o);
        }
}

static void same(const struct measure *m, enum measure_scope scope,
                 const struct counts *c, const struct measure_options *o,
                 double expected, double tolerance, const char *what)
{
    double v = NAN;

    assert_int_equal(measure_compute(m, scope, c, 0, 1, o, &v), RC_OK);
    if (!(fabs(v - expected) <= tolerance))
        fail_msg("%s, scope %d, %s: %.17g instead of %.17g", m->code, scope,
                 what, v, expected);
}

static void check_bounds(const struct measure *m, enum measure_scope scope,
                         const struct city *city, double v,
                         const struct measure_options *o)
{
    if (!(v >= m->low && v <= m->high && isfinite(v)))
        fail_msg("%s is %g, outside [%g, %g]", m->code, v, m->low, m->high);
}

/* Units in reverse order, and groups after the second one too. */
static void check_order(const struct measure *m, enum measure_scope scope,
                        const struct city *city, double v,
                        const struct measure_options *o)
{
    size_t n = city->c.units, g = city->c.groups;
    struct measure_options turned = *o;
    uint32_t parent[64];
    struct city other;

    if (traits_of(m) & RANDOM)
        return;
    other.c = (struct counts){n, g, other.n};
    for (size_t i = 0; i < n; i++) {
        memcpy(other.n + (n - 1 - i) * g, city->n + i * g, g * sizeof(double));
        parent[n - 1 - i] = o->parent[i];
    }
    turned.parent = parent;
    same(m, scope, &other.c, &turned, v, 1e-12, "units reversed");
}

/* Fault 4 of the most used package: counts divided by 1000 change nothing. */
static void check_scale(const struct measure *m, enum measure_scope scope,
                        const struct city *city, double v,
                        const struct measure_options *o)
{
    static const double factor[] = {0.001, 7, 1e6};
    struct city other;

    if (traits_of(m) & (RANDOM | WHOLE))
        return;
    for (size_t k = 0; k < ARRAY_LEN(factor); k++) {
        other.c = (struct counts){city->c.units, city->c.groups, other.n};
        for (size_t i = 0; i < city->c.units * city->c.groups; i++)
            other.n[i] = city->n[i] * factor[k];
        same(m, scope, &other.c, o, v, 1e-12, "scaled");
    }
}

/* Organisational equivalence: each unit cut in two of equal composition. */
static void check_split(const struct measure *m, enum measure_scope scope,
                        const struct city *city, double v,
                        const struct measure_options *o)
{
    size_t n = city->c.units, g = city->c.groups;
    struct measure_options cut = *o;
    uint32_t parent[64];
    struct city other;

    if (traits_of(m) & (RANDOM | UNEVEN))
        return;
    other.c = (struct counts){2 * n, g, other.n};
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < g; k++) {
            other.n[2 * i * g + k] = city->n[i * g + k] * 0.25;
            other.n[(2 * i + 1) * g + k] = city->n[i * g + k] * 0.75;
        }
        parent[2 * i] = parent[2 * i + 1] = o->parent[i];
    }
    cut.parent = parent;
    same(m, scope, &other.c, &cut, v, 1e-12, "units cut in two");
}

/* Fault 5: a group without members changes no multigroup index. */
static void check_empty_group(const struct measure *m, enum measure_scope scope,
                              const struct city *city, double v,
                              const struct measure_options *o)
{
    size_t n = city->c.units, g = city->c.groups;
    struct city other;

    if (strcmp(m->code, "ordinal_segregation") == 0)
        return; /* an empty rank is a rank */
    other.c = (struct counts){n, g + 1, other.n};
    for (size_t i = 0; i < n; i++) {
        memcpy(other.n + i * (g + 1), city->n + i * g, g * sizeof(double));
        other.n[i * (g + 1) + g] = 0;
    }
    same(m, scope, &other.c, o, v, 1e-12, "with an empty group");
}

static void check_empty_units(const struct measure *m, enum measure_scope scope,
                              const struct city *city, double v,
                              const struct measure_options *o)
{
    size_t n = city->c.units, g = city->c.groups;
    struct city other = *city;

    if (traits_of(m) & RANDOM)
        return;
    other.c = (struct counts){n + 5, g, other.n};
    memset(other.n + n * g, 0, 5 * g * sizeof(double));
    same(m, scope, &other.c, o, v, 1e-12, "with empty units");
}

static void properties(void **state)
{
    void (*const checks[])(const struct measure *, enum measure_scope,
                           const struct city *, double,
                           const struct measure_options *) = {
        check_bounds, check_order,       check_scale,
        check_split,  check_empty_group, check_empty_units};

    for (uint64_t seed = 1; seed <= 8; seed++)
        for (size_t k = 0; k < ARRAY_LEN(checks); k++) {
            struct city city;

            city_make(&city, 30, 4, seed);
            each_value(&city, checks[k]);
        }
}

/* With two groups the city's index is that of either group. */
static void two_groups_agree(void **state)
{
    static const char *const code[] = {"dissimilarity", "gini",
                                       "information_theory"};
    struct city city;

    city_make(&city, 40, 2, 11);
    for (size_t k = 0; k < ARRAY_LEN(code); k++) {
        double v = value(code[k], MEASURE_GROUP, &city.c);

        near(value(code[k], MEASURE_CITY, &city.c), v, 1e-12);
        if (measure_find(code[k])->scopes & MEASURE_PAIR)
            near(value(code[k], MEASURE_PAIR, &city.c), v, 1e-12);
    }
    near(value("isolation", MEASURE_GROUP, &city.c) +
             value("interaction", MEASURE_GROUP, &city.c),
         1, 1e-12);
}

/* sum_ij t_i t_j |p_i - p_j| / (2 T^2 I), over groups. */
static double gini_slow(const struct counts *c, size_t from, size_t to)
{
    double T = 0, I = 0, s = 0, *t = calloc(c->units, sizeof *t);

    for (size_t k = 0; k < c->units * c->groups; k++) {
        t[k / c->groups] += c->n[k];
        T += c->n[k];
    }
    for (size_t g = from; g < to; g++) {
        double q = 0;

        for (size_t i = 0; i < c->units; i++)
            q += c->n[i * c->groups + g] / T;
        I += q * (1 - q);
        for (size_t i = 0; i < c->units; i++)
            for (size_t j = 0; j < c->units; j++)
                if (t[i] > 0 && t[j] > 0)
                    s += t[i] * t[j] *
                         fabs(c->n[i * c->groups + g] / t[i] -
                              c->n[j * c->groups + g] / t[j]);
    }
    free(t);
    return s / (2 * T * T * I);
}

static void gini_twin(void **state)
{
    for (uint64_t seed = 20; seed < 30; seed++) {
        struct city city;

        city_make(&city, 64, 4, seed);
        near(value("gini", MEASURE_CITY, &city.c), gini_slow(&city.c, 0, 4),
             1e-12);
        near(value("gini", MEASURE_GROUP, &city.c), gini_slow(&city.c, 0, 1),
             1e-12);
    }
}

static void parts_add_up(void **state)
{
    struct measure_options o = measure_defaults();
    uint32_t level[3 * 60];
    struct measure_within w;
    struct measure_part part[5];
    double m[4], h[4], local[60], sum_m = 0, sum_h = 0, parts = 0;
    struct city city;

    city_make(&city, 60, 5, 31);
    for (size_t i = 0; i < 60; i++) {
        level[i] = (uint32_t)(i % 5);
        level[60 + i] = (uint32_t)(i % 10);
        level[120 + i] = (uint32_t)(i % 30);
    }
    assert_int_equal(measure_within_between(&city.c, level, 5, &o, &w, part),
                     RC_OK);
    near(w.m_between + w.m_within, w.m, 1e-12);
    near(w.h_between + w.h_within, w.h, 1e-12);
    for (size_t k = 0; k < 5; k++)
        parts += part[k].share * part[k].m;
    near(w.m_between + parts, w.m, 1e-12);
    near(w.m, value("mutual_information", MEASURE_CITY, &city.c), 1e-12);
    assert_int_equal(measure_nested(&city.c, level, 3, &o, m, h), RC_OK);
    for (size_t k = 0; k < 4; k++) {
        sum_m += m[k];
        sum_h += h[k];
        assert_true(m[k] >= 0);
    }
    near(sum_m, w.m, 1e-12);
    near(sum_h, w.h, 1e-12);
    near(m[0], w.m_between, 1e-12);
    /* A level that separates every unit leaves nothing within. */
    for (uint32_t i = 0; i < 60; i++)
        level[i] = i;
    assert_int_equal(measure_within_between(&city.c, level, 60, &o, &w, NULL),
                     RC_OK);
    near(w.m_within, 0, 1e-12);
    /* Local parts of units and groups. */
    assert_int_equal(
        compute("local_segregation", MEASURE_AREA, &city.c, NULL, local),
        RC_OK);
    parts = 0;
    sum_m = 0;
    for (size_t i = 0; i < 60; i++) {
        double t = 0;

        for (size_t g = 0; g < 5; g++)
            t += city.n[i * 5 + g];
        parts += t;
        if (t > 0)
            sum_m += t * local[i];
        else
            assert_true(isnan(local[i]));
    }
    near(sum_m / parts, w.m, 1e-12);
    sum_m = 0;
    for (size_t g = 0; g < 5; g++) {
        double v, x = 0;

        for (size_t i = 0; i < 60; i++)
            x += city.n[i * 5 + g];
        assert_int_equal(measure_compute(measure_find("local_segregation"),
                                         MEASURE_GROUP, &city.c, g, 0, NULL,
                                         &v),
                         RC_OK);
        sum_m += x * v;
    }
    near(sum_m / parts, w.m, 1e-12);
}

/* Every measure and scope answers the same code and leaves `out` alone. */
static void all_answer(const struct counts *c, enum rc expected, bool alone)
{
    size_t n;
    const struct measure *all = measure_catalogue(&n);
    uint32_t parent[64] = {0};
    struct measure_options o = measure_defaults();

    o.draws = 5;
    o.parent = parent;
    for (size_t i = 0; i < n; i++)
        for (unsigned scope = 1; scope <= MEASURE_GROUP_AREA; scope *= 2) {
            double v[64] = {-123};
            enum rc rc;

            if (!(all[i].scopes & scope) || all[i].needs != NEEDS_COUNTS ||
                (alone && traits_of(&all[i]) & ALONE))
                continue;
            rc = measure_compute(&all[i], scope, c, 0, 1, &o, v);
            if (rc != expected)
                fail_msg("%s, scope %u: code %d", all[i].code, scope, rc);
            assert_true(v[0] == -123);
        }
}

static void answered_by_a_code(void **state)
{
    double none[12] = {0}, bad[6] = {1, 2, 3, 4, 5, 6}, one[3] = {5, 6, 7};
    double first[6] = {1, 0, 2, 0, 3, 0};

    all_answer(&(struct counts){4, 3, none}, RC_UNDEFINED, false);
    all_answer(&(struct counts){0, 3, none}, RC_UNDEFINED, false);
    all_answer(&(struct counts){1, 3, one}, RC_UNDEFINED, true);
    bad[3] = NAN;
    all_answer(&(struct counts){3, 2, bad}, RC_INVALID, false);
    bad[3] = INFINITY;
    all_answer(&(struct counts){3, 2, bad}, RC_INVALID, false);
    bad[3] = -1;
    all_answer(&(struct counts){3, 2, bad}, RC_INVALID, false);
    /* Everyone in one group: composition is defined, a rest is not. */
    near(value("simpson_concentration", MEASURE_CITY,
               &(struct counts){3, 2, first}),
         1, 0);
    assert_int_equal(compute("dissimilarity", MEASURE_GROUP,
                             &(struct counts){3, 2, first}, NULL, bad),
                     RC_UNDEFINED);
}

static void wrong_use(void **state)
{
    struct counts c = {4, 2, d06a};
    struct measure_options o = measure_defaults();
    double v = 0;

    assert_null(measure_find("no such measure"));
    assert_int_equal(compute("gorard", MEASURE_CITY, &c, NULL, &v), RC_USAGE);
    assert_int_equal(measure_compute(measure_find("gorard"), MEASURE_GROUP, &c,
                                     2, 0, NULL, &v),
                     RC_USAGE);
    assert_int_equal(
        measure_compute(measure_find("gini"), MEASURE_PAIR, &c, 1, 1, NULL, &v),
        RC_USAGE);
    o.atkinson_b = 1;
    assert_int_equal(compute("atkinson", MEASURE_GROUP, &c, &o, &v), RC_USAGE);
    o.draws = 0;
    assert_int_equal(compute("modified_gini", MEASURE_GROUP, &c, &o, &v),
                     RC_USAGE);
    assert_int_equal(
        compute("decomposition_within_between", MEASURE_CITY, &c, &o, &v),
        RC_USAGE);
}

/* Totals of 10^12 persons lose nothing. */
static void large_totals(void **state)
{
    double n[2 * 1000], small[2 * 1000];
    struct counts c = {1000, 2, n}, s = {1000, 2, small};

    for (size_t i = 0; i < 1000; i++) {
        small[2 * i] = (double)(1 + i % 7);
        small[2 * i + 1] = (double)(30 + i % 11);
        n[2 * i] = small[2 * i] * 26315789;
        n[2 * i + 1] = small[2 * i + 1] * 26315789;
    }
    near(value("dissimilarity", MEASURE_GROUP, &c),
         value("dissimilarity", MEASURE_GROUP, &s), 1e-14);
    near(value("gini", MEASURE_GROUP, &c), value("gini", MEASURE_GROUP, &s),
         1e-14);
    near(value("information_theory", MEASURE_CITY, &c),
         value("information_theory", MEASURE_CITY, &s), 1e-14);
}

/*
 * Fault 3: each draw is another one, and more draws settle the mean. What is
 * expected by chance alone is found without draws, so no seed changes it.
 */
static void draws_are_draws(void **state)
{
    struct measure_options o = measure_defaults();
    struct measure_target t = {.m = measure_find("dissimilarity"),
                               .scope = MEASURE_GROUP};
    struct measure_tested r;
    struct city city;
    double v[4], d, excess, again;

    city_make(&city, 30, 2, 5);
    o.draws = 4;
    assert_int_equal(measure_test(&t, &city.c, MODEL_EVENNESS, &o, &r, v),
                     RC_OK);
    assert_true(v[0] != v[1] && v[1] != v[2] && v[2] != v[3]);
    o.draws = 4000;
    assert_int_equal(measure_test(&t, &city.c, MODEL_EVENNESS, &o, &r, NULL),
                     RC_OK);
    d = value("dissimilarity", MEASURE_GROUP, &city.c);
    excess = value("modified_dissimilarity", MEASURE_GROUP, &city.c);
    near(excess, (d - r.expected) / (1 - r.expected), 1e-3);
    o.seed = 99;
    assert_int_equal(
        compute("modified_dissimilarity", MEASURE_GROUP, &city.c, &o, &again),
        RC_OK);
    assert_true(again == excess);
}

static void threads_agree(void **state)
{
    static const char *const code[] = {"modified_dissimilarity",
                                       "modified_gini",
                                       "bias_corrected_dissimilarity"};
    struct city city;

    city_make(&city, 50, 3, 6);
    for (size_t k = 0; k < ARRAY_LEN(code); k++) {
        struct measure_options o = measure_defaults();
        double first = 0, v = 0;

        for (o.threads = 1; o.threads <= 5; o.threads++) {
            assert_int_equal(compute(code[k], MEASURE_GROUP, &city.c, &o, &v),
                             RC_OK);
            if (o.threads == 1)
                first = v;
            assert_true(v == first);
        }
    }
}

/*
 * A unit many standard errors from even is not even: the correction is small
 * where groups are large. A search from 0, as one package does it, loses such
 * units.
 */
static void density_keeps_far_units(void **state)
{
    static const double n[] = {90000, 10000, 10000, 90000, 50000, 50000};
    struct counts c = {3, 2, n};
    struct measure_options o = measure_defaults();
    double d = value("dissimilarity", MEASURE_GROUP, &c), v = 0;
    struct measure_small s;

    assert_int_equal(measure_small_units(&c, 0, &s), RC_OK);
    assert_false(s.unreliable);
    assert_true(s.share_small == 0);
    near(s.rathelot, 2 / 3.0 * 0.8, 0.1);

    near(value("density_corrected_dissimilarity", MEASURE_GROUP, &c), d, 1e-3);
    o.flags = MEASURE_DENSITY_FROM_ZERO;
    assert_int_equal(
        compute("density_corrected_dissimilarity", MEASURE_GROUP, &c, &o, &v),
        RC_OK);
    near(v, 0, 1e-6);
}

/* The matrix of all pairs is that of each pair alone, undefined ones too. */
static void all_pairs(void **state)
{
    static const char *const codes[] = {"dissimilarity", "minmax",
                                        "interaction", "gini"};
    double out[36];
    struct city city;

    city_make(&city, 37, 6, 14);
    for (size_t i = 0; i < 37; i++) {
        city.n[6 * i + 2] = 0;                /* nobody */
        city.n[6 * i + 3] = i == 5 ? 9 : 0;   /* in one unit */
        city.n[6 * i + 4] = i == 5 ? 100 : 0; /* in the same */
    }
    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        const struct measure *m = measure_find(codes[k]);
        struct measure_options o = measure_defaults();

        o.threads = 3;
        assert_int_equal(measure_pairs(m, &city.c, &o, out), RC_OK);
        for (size_t p = 0; p < 36; p++) {
            double v = NAN;
            enum rc rc =
                measure_compute(m, MEASURE_PAIR, &city.c, p / 6, p % 6, &o, &v);

            if (rc == RC_OK)
                near(out[p], v, 1e-14);
            else
                assert_true(isnan(out[p]));
        }
    }
    assert_int_equal(measure_pairs(measure_find("gorard"), &city.c, NULL, out),
                     RC_USAGE);
}

/* Who would have to move, unit by unit: sum |x (1 - P) - P y| / T. */
static void karmel_maclachlan_twin(void **state)
{
    double X = 0, T = 0, moved = 0;
    struct city city;

    city_make(&city, 40, 3, 12);
    for (size_t k = 0; k < 40 * 3; k++) {
        T += city.n[k];
        X += k % 3 ? 0 : city.n[k];
    }
    for (size_t i = 0; i < 40; i++) {
        double x = city.n[3 * i], y = city.n[3 * i + 1] + city.n[3 * i + 2];

        moved += fabs(x * (1 - X / T) - X / T * y);
    }
    near(value("karmel_maclachlan", MEASURE_GROUP, &city.c), moved / T, 1e-12);
}

/* Every row of the network's list of measures is there. */
static void catalogue(void **state)
{
    static const char *const codes[] = {"dissimilarity",
                                        "gini",
                                        "information_theory",
                                        "mutual_information",
                                        "atkinson",
                                        "gorard",
                                        "minmax",
                                        "relative_diversity",
                                        "squared_coefficient_of_variation",
                                        "concentration_profile",
                                        "modified_dissimilarity",
                                        "modified_gini",
                                        "bias_corrected_dissimilarity",
                                        "density_corrected_dissimilarity",
                                        "isolation",
                                        "interaction",
                                        "correlation_ratio",
                                        "normalized_exposure",
                                        "shannon_diversity",
                                        "simpson_concentration",
                                        "simpson_interaction",
                                        "location_quotient",
                                        "local_segregation",
                                        "ordinal_segregation",
                                        "delta",
                                        "absolute_concentration",
                                        "relative_concentration",
                                        "absolute_centralization",
                                        "relative_centralization",
                                        "local_relative_centralization",
                                        "absolute_clustering",
                                        "relative_clustering",
                                        "spatial_proximity",
                                        "distance_decay_isolation",
                                        "distance_decay_interaction",
                                        "spatial_dissimilarity",
                                        "boundary_dissimilarity",
                                        "perimeter_area_dissimilarity",
                                        "spatial_proximity_profile",
                                        "segregation_profile",
                                        "distortion",
                                        "morans_i",
                                        "decomposition_within_between",
                                        "decomposition_change",
                                        "decomposition_shapley",
                                        "hutchens",
                                        "small_unit_bounds"};
    size_t n;
    const struct measure *all = measure_catalogue(&n);

    for (size_t k = 0; k < ARRAY_LEN(codes); k++)
        assert_non_null(measure_find(codes[k]));
    for (size_t i = 0; i < n; i++) {
        assert_true(measure_find(all[i].code) == &all[i]); /* no code twice */
        assert_true(all[i].low < all[i].high && all[i].scopes);
        assert_true(*all[i].name && *all[i].dimension && *all[i].reference);
    }
}

static void exact_isolation(void **state)
{
    static const double n[] = {3, 1, 1, 3};
    struct counts c = {2, 2, n};
    struct measure_options o = measure_defaults();
    double v = 0;

    /* (3 x 2/3 + 1 x 0/3) / 4 */
    o.flags = MEASURE_EXACT_ISOLATION;
    assert_int_equal(compute("isolation", MEASURE_GROUP, &c, &o, &v), RC_OK);
    near(v, 0.5, 1e-15);
    assert_int_equal(compute("interaction", MEASURE_GROUP, &c, &o, &v), RC_OK);
    near(v, 0.5, 1e-15);
}

/* Values by hand: two units, ranks 1 to 3. */
static void ordinal_by_hand(void **state)
{
    static const double n[] = {2, 1, 1, 0, 2, 2};
    static const double even_ranks[] = {1, 2, 3, 2, 4, 6};
    struct counts c = {2, 3, n}, e = {2, 3, even_ranks};
    struct measure_options o = measure_defaults();
    /* cumulative shares: city 1/4, 5/8; units 1/2, 3/4 and 0, 1/2 */
    double city = 4 * (0.25 * 0.75 + 0.625 * 0.375) / 2;
    double units = 4 * ((0.25 + 0.1875) / 2 + (0 + 0.25) / 2) / 2, v = 0;

    o.ordinal = ORDINAL_VARIATION;
    assert_int_equal(compute("ordinal_segregation", MEASURE_CITY, &c, &o, &v),
                     RC_OK);
    near(v, 1 - units / city, 1e-15);
    city = (0.5 + 0.75) / 2;
    units = ((1 + 0.5) / 2 + (0 + 1.0) / 2) / 2;
    o.ordinal = ORDINAL_ABSOLUTE;
    assert_int_equal(compute("ordinal_segregation", MEASURE_CITY, &c, &o, &v),
                     RC_OK);
    near(v, 1 - units / city, 1e-15);
    for (int k = ORDINAL_INFORMATION; k <= ORDINAL_ABSOLUTE; k++) {
        o.ordinal = (enum measure_ordinal)k;
        assert_int_equal(
            compute("ordinal_segregation", MEASURE_CITY, &e, &o, &v), RC_OK);
        near(v, 0, 1e-12);
    }
    /* Information theory with two ranks is H. */
    c = (struct counts){3, 2, n};
    o.ordinal = ORDINAL_INFORMATION;
    assert_int_equal(compute("ordinal_segregation", MEASURE_CITY, &c, &o, &v),
                     RC_OK);
    near(v, value("information_theory", MEASURE_CITY, &c), 1e-12);
}

static void curve_falls(void **state)
{
    struct measure_options o = measure_defaults();
    struct counts c = {4, 2, d06a};
    double curve[11];

    o.thresholds = 11;
    assert_int_equal(measure_concentration_curve(&c, 0, &o, curve), RC_OK);
    near(curve[0], 1, 1e-15);
    near(curve[4], 1, 1e-15); /* shares 1, 0.6, 0.4 and 0 */
    near(curve[5], 0.8, 1e-15);
    near(curve[7], 0.5, 1e-15);
    near(curve[10], 0.5, 1e-15);
}

static void groups_at_once(void **state)
{
    const struct measure *d = measure_find("dissimilarity");
    double out[4], pairs[16], v;
    enum rc rc[4];
    struct city city;

    city_make(&city, 30, 4, 8);
    for (size_t i = 0; i < 30; i++)
        city.n[i * 4 + 2] = 0;
    assert_int_equal(measure_groups(d, &city.c, NULL, out, rc), RC_OK);
    assert_int_equal(measure_pairs(d, &city.c, NULL, pairs), RC_OK);
    for (size_t g = 0; g < 4; g++) {
        assert_int_equal(
            rc[g], measure_compute(d, MEASURE_GROUP, &city.c, g, 0, NULL, &v));
        if (rc[g] == RC_OK)
            assert_true(out[g] == v);
        assert_true(isnan(pairs[g * 4 + 2]) && isnan(pairs[g * 5]));
    }
    assert_int_equal(rc[2], RC_UNDEFINED);
    near(pairs[1], value("dissimilarity", MEASURE_PAIR, &city.c), 1e-15);
    near(pairs[1], pairs[4], 1e-15);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(published),
        cmocka_unit_test(published_quotients),
        cmocka_unit_test(properties),
        cmocka_unit_test(two_groups_agree),
        cmocka_unit_test(gini_twin),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(answered_by_a_code),
        cmocka_unit_test(wrong_use),
        cmocka_unit_test(large_totals),
        cmocka_unit_test(draws_are_draws),
        cmocka_unit_test(threads_agree),
        cmocka_unit_test(density_keeps_far_units),
        cmocka_unit_test(all_pairs),
        cmocka_unit_test(karmel_maclachlan_twin),
        cmocka_unit_test(catalogue),
        cmocka_unit_test(exact_isolation),
        cmocka_unit_test(ordinal_by_hand),
        cmocka_unit_test(curve_falls),
        cmocka_unit_test(groups_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
