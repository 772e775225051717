/*
 * What must hold of draws, tests and intervals, and the faults of the most used
 * package that concern them.
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

enum { UNITS = 24, GROUPS = 4 };

static double city[UNITS * GROUPS];
static const struct counts counts = {UNITS, GROUPS, city};

static int make_city(void **state)
{
    struct rng r;

    rng_init(&r, 5, 0);
    for (size_t k = 0; k < UNITS * GROUPS; k++) {
        double u = rng_double(&r);

        city[k] = floor(exp(5 * u * u * u)) * (double)(k % 7 != 3);
    }
    return 0;
}

static struct measure_target target(const char *code, enum measure_scope scope)
{
    struct measure_target t = {.m = measure_find(code), .scope = scope};

    assert_non_null(t.m);
    return t;
}

static double unit_sum(const double *n, size_t i)
{
    double s = 0;

    for (size_t g = 0; g < GROUPS; g++)
        s += n[i * GROUPS + g];
    return s;
}

static double group_sum(const double *n, size_t g)
{
    double s = 0;

    for (size_t i = 0; i < UNITS; i++)
        s += n[i * GROUPS + g];
    return s;
}

/* Which margins each model keeps; the whole number of persons, all but one. */
static void margins(void **state)
{
    static const bool keeps_units[MODEL_COUNT] = {
        [MODEL_EVENNESS] = true, [MODEL_FIXED_MARGINS] = true};
    static const bool keeps_groups[MODEL_COUNT] = {[MODEL_SYSTEMATIC] = true,
                                                   [MODEL_FIXED_MARGINS] = true,
                                                   [MODEL_AREAS] = true,
                                                   [MODEL_GROUPS] = true};

    for (int m = 0; m < MODEL_COUNT; m++)
        for (uint64_t stream = 0; stream < 20; stream++) {
            double out[UNITS * GROUPS], all = 0, before = 0;

            assert_int_equal(
                measure_draw((enum measure_model)m, &counts, 1, stream, out),
                RC_OK);
            for (size_t k = 0; k < UNITS * GROUPS; k++) {
                assert_true(out[k] >= 0 && out[k] == floor(out[k]));
                all += out[k];
                before += city[k];
            }
            if (m != MODEL_UNITS)
                assert_true(all == before);
            for (size_t i = 0; keeps_units[m] && i < UNITS; i++)
                assert_true(unit_sum(out, i) == unit_sum(city, i));
            for (size_t g = 0; keeps_groups[m] && g < GROUPS; g++)
                assert_true(group_sum(out, g) == group_sum(city, g));
        }
}

/* The mean of many draws is what each model expects of every cell. */
static void means(void **state)
{
    enum { DRAWS = 4000 };
    double N = 0;

    for (size_t k = 0; k < UNITS * GROUPS; k++)
        N += city[k];
    for (int m = 0; m < MODEL_COUNT; m++) {
        double sum[UNITS * GROUPS] = {0}, square[UNITS * GROUPS] = {0};

        for (uint64_t stream = 0; stream < DRAWS; stream++) {
            double out[UNITS * GROUPS];

            assert_int_equal(
                measure_draw((enum measure_model)m, &counts, 2, stream, out),
                RC_OK);
            for (size_t k = 0; k < UNITS * GROUPS; k++) {
                sum[k] += out[k] / DRAWS;
                square[k] += out[k] * out[k] / DRAWS;
            }
        }
        for (size_t k = 0; k < UNITS * GROUPS; k++) {
            double even =
                unit_sum(city, k / GROUPS) * group_sum(city, k % GROUPS) / N;
            double same = group_sum(city, k % GROUPS) / UNITS;
            double expected = m <= MODEL_FREE_MARGINS                ? even
                              : m == MODEL_AREAS || m == MODEL_UNITS ? same
                                                                     : city[k];
            double se = sqrt(fmax(0, square[k] - sum[k] * sum[k]) / DRAWS);

            if (!(fabs(sum[k] - expected) <= 5 * se + 1e-9))
                fail_msg("model %d, cell %zu: mean %g, expected %g", m, k,
                         sum[k], expected);
        }
    }
}

/* Both margins of a 2 x 2 table fixed: hypergeometric, chi-square by cell. */
static void fixed_margins_distribution(void **state)
{
    enum { DRAWS = 40000 };
    double n[4] = {3, 2, 1, 4}, seen[5] = {0}, x = 0;
    struct counts c = {2, 2, n};

    for (uint64_t s = 0; s < DRAWS; s++) {
        double out[4];

        assert_int_equal(measure_draw(MODEL_FIXED_MARGINS, &c, 3, s, out),
                         RC_OK);
        seen[(size_t)out[0]]++;
    }
    for (double k = 0; k < 5; k++) {
        /* C(4, k) C(6, 5 - k) / C(10, 5) */
        static const double four[] = {1, 4, 6, 4, 1},
                            six[] = {6, 15, 20, 15, 6};
        double e = DRAWS * four[(size_t)k] * six[(size_t)k] / 252;

        x += (seen[(size_t)k] - e) * (seen[(size_t)k] - e) / e;
    }
    assert_true(x < 23.5); /* 4 degrees of freedom, p = 0.0001 */
}

static void expected_is_the_exact_one(void **state)
{
    struct measure_target t = target("dissimilarity", MEASURE_GROUP);
    struct measure_options o = measure_defaults();
    struct measure_tested r;
    struct measure_small s;
    double n[2 * 200];
    struct counts c = {200, 2, n};

    for (size_t i = 0; i < 200; i++) {
        n[2 * i] = (double)(i % 3);
        n[2 * i + 1] = (double)(4 + i % 5);
    }
    o.draws = 3000;
    assert_int_equal(measure_small_units(&c, 0, &s), RC_OK);
    assert_int_equal(measure_test(&t, &c, MODEL_EVENNESS, &o, &r, NULL), RC_OK);
    /* The exact figure has the city's share fixed: within 1 %. */
    assert_true(fabs(r.expected - s.expected) < 0.01 * s.expected);
    assert_true(fabs(r.value - s.naive) < 1e-12);
    assert_true(fabs(r.excess - (r.value - r.expected)) < 1e-15);
}

/* Fault 6: no p is 0, and under the null p is uniform. */
static void p_values(void **state)
{
    enum { TESTS = 300, DRAWS = 99 };
    struct measure_target t = target("information_theory", MEASURE_CITY);
    struct measure_options o = measure_defaults();
    double bins[5] = {0}, x = 0;
    struct measure_tested r;

    o.draws = 50;
    assert_int_equal(measure_test(&t, &counts, MODEL_EVENNESS, &o, &r, NULL),
                     RC_OK);
    assert_true(r.p == 1 / 51.0); /* far above chance, yet not 0 */
    assert_true(r.p_low == 1);
    assert_true(fabs(r.p_two - 2 / 51.0) < 1e-15);
    assert_true(r.p_error > 0);
    o.draws = DRAWS;
    for (uint64_t k = 0; k < TESTS; k++) {
        double n[UNITS * GROUPS];
        struct counts c = {UNITS, GROUPS, n};

        assert_int_equal(measure_draw(MODEL_FIXED_MARGINS, &counts, 1000, k, n),
                         RC_OK);
        o.seed = k;
        assert_int_equal(
            measure_test(&t, &c, MODEL_FIXED_MARGINS, &o, &r, NULL), RC_OK);
        bins[MIN(4, (size_t)(r.p * 5 - 1e-9))]++;
    }
    for (size_t b = 0; b < 5; b++)
        x += (bins[b] - TESTS / 5.0) * (bins[b] - TESTS / 5.0) / (TESTS / 5.0);
    assert_true(x < 23.5);
}

static void threads_agree(void **state)
{
    struct measure_target t = target("gini", MEASURE_GROUP);
    struct measure_options o = measure_defaults();
    double first[60], other[60];
    struct measure_tested r;
    struct measure_interval i, j;

    o.draws = 60;
    assert_int_equal(
        measure_test(&t, &counts, MODEL_FREE_MARGINS, &o, &r, first), RC_OK);
    assert_int_equal(
        measure_bootstrap(&t, &counts, MODEL_PERSONS, 0.9, &o, &i, NULL),
        RC_OK);
    for (o.threads = 2; o.threads < 6; o.threads++) {
        assert_int_equal(
            measure_test(&t, &counts, MODEL_FREE_MARGINS, &o, &r, other),
            RC_OK);
        assert_memory_equal(first, other, sizeof first);
        assert_int_equal(
            measure_bootstrap(&t, &counts, MODEL_PERSONS, 0.9, &o, &j, NULL),
            RC_OK);
        assert_true(i.low == j.low && i.se == j.se);
        assert_true(memcmp(&i.bca_low, &j.bca_low, sizeof i.bca_low) == 0);
    }
    o.flags = MEASURE_PERCENTILES_ONLY;
    assert_int_equal(
        measure_bootstrap(&t, &counts, MODEL_PERSONS, 0.9, &o, &j, NULL),
        RC_OK);
    assert_true(i.low == j.low && i.high == j.high && i.bias == j.bias);
    assert_true(isnan(j.bca_low) && isnan(j.bca_high));
}

/* Fault 8 and its twin: said, not done. */
static void refusals(void **state)
{
    struct measure_target t = target("dissimilarity", MEASURE_GROUP);
    struct measure_options o = measure_defaults();
    struct measure_tested r;
    struct measure_interval i;
    enum measure_model m;

    assert_non_null(measure_model_refused(MODEL_AREAS, &t));
    assert_int_equal(measure_test(&t, &counts, MODEL_AREAS, &o, &r, NULL),
                     RC_USAGE);
    assert_null(measure_model_refused(MODEL_EVENNESS, &t));
    assert_null(measure_model_refused(MODEL_UNITS, &t));
    assert_int_equal(measure_test(&t, &counts, MODEL_UNITS, &o, &r, NULL),
                     RC_USAGE);
    assert_int_equal(
        measure_bootstrap(&t, &counts, MODEL_EVENNESS, 0.9, &o, &i, NULL),
        RC_USAGE);
    assert_int_equal(
        measure_bootstrap(&t, &counts, MODEL_UNITS, 1, &o, &i, NULL), RC_USAGE);
    o.draws = 0;
    assert_int_equal(measure_test(&t, &counts, MODEL_EVENNESS, &o, &r, NULL),
                     RC_USAGE);
    for (int k = 0; k < MODEL_COUNT; k++) {
        assert_true(
            measure_model_find(measure_model_code((enum measure_model)k), &m));
        assert_int_equal(m, k);
    }
    assert_false(measure_model_find("no such model", &m));
}

/* A 6 x 6 town, one group in the west. */
static const struct areas *town(const double **n)
{
    static double x[36], y[36], area[36], people[72];
    static struct areas a = {.n = 36, .x_m = x, .y_m = y, .area_m2 = area};

    for (size_t i = 0; i < 36; i++) {
        x[i] = (double)(i % 6) * 500;
        y[i] = (double)(i / 6) * 500;
        area[i] = 250000;
        people[2 * i] = i % 6 < 2 ? 40 : 5;
        people[2 * i + 1] = 100;
    }
    *n = people;
    return &a;
}

/*
 * A spatial index is tested against draws of the same index: moving areas about
 * leaves D as it is, and its spatial form far below what it was.
 */
static void spatial_null(void **state)
{
    struct spatial_options so = spatial_defaults();
    struct measure_options o = measure_defaults();
    struct measure_target t = target("dissimilarity", MEASURE_GROUP);
    struct counts c = {36, 2, NULL};
    struct measure_tested areas, even;
    struct spatial *s = NULL;
    struct measure_interval i;
    double direct = 0;

    so.kernel = kernel_of(SHAPE_TRIANGULAR, 1200);
    assert_int_equal(spatial_new(town(&c.n), &so, &s), RC_OK);
    t.space = s;
    o.draws = 99;
    assert_int_equal(measure_spatial(t.m, t.scope, &c, s, 0, 0, &o, &direct),
                     RC_OK);
    assert_int_equal(measure_test(&t, &c, MODEL_AREAS, &o, &areas, NULL),
                     RC_OK);
    assert_int_equal(measure_test(&t, &c, MODEL_EVENNESS, &o, &even, NULL),
                     RC_OK);
    assert_true(areas.value == direct && even.value == direct);
    assert_true(areas.p == 0.01 && areas.expected < 0.75 * direct);
    assert_true(even.expected < areas.expected);
    assert_non_null(measure_model_refused(MODEL_UNITS, &t));
    assert_int_equal(measure_bootstrap(&t, &c, MODEL_UNITS, 0.9, &o, &i, NULL),
                     RC_USAGE);
    assert_int_equal(
        measure_bootstrap(&t, &c, MODEL_PERSONS, 0.9, &o, &i, NULL), RC_OK);
    assert_true(i.low < i.high && i.value == direct);
    spatial_free(s);
}

/*
 * Samples of a known city: its isolation lies in the interval about as often as
 * the level says.
 */
static void coverage(void **state)
{
    enum { SAMPLES = 200 };
    struct measure_target t = target("isolation", MEASURE_GROUP);
    struct measure_options o = measure_defaults();
    double truth = 0, big[UNITS * GROUPS];
    int in = 0, bca = 0;
    struct counts c = {UNITS, GROUPS, big};

    for (size_t k = 0; k < UNITS * GROUPS; k++)
        big[k] = city[k] * 20;
    assert_int_equal(measure_compute(t.m, t.scope, &c, 0, 0, &o, &truth),
                     RC_OK);
    o.draws = 200;
    for (uint64_t k = 0; k < SAMPLES; k++) {
        double n[UNITS * GROUPS];
        struct counts sample = {UNITS, GROUPS, n};
        struct measure_interval i;

        assert_int_equal(measure_draw(MODEL_PERSONS, &c, 4000, k, n), RC_OK);
        o.seed = k;
        assert_int_equal(
            measure_bootstrap(&t, &sample, MODEL_PERSONS, 0.9, &o, &i, NULL),
            RC_OK);
        in += i.low <= truth && truth <= i.high;
        bca += i.bca_low <= truth && truth <= i.bca_high;
        assert_true(i.bca_low < i.bca_high);
    }
    /* 90 % of 200, within four standard errors (8.5 %) */
    if (!(in >= 163 && in <= 197 && bca >= 163 && bca <= 197))
        fail_msg("%d and %d of %d intervals hold the truth", in, bca, SAMPLES);
}

/* BCa with its parts at hand: median bias 0 and no skew give percentiles. */
static void bca_of_a_symmetric_case(void **state)
{
    double n[2 * 40];
    struct counts c = {40, 2, n};
    struct measure_target t = target("simpson_concentration", MEASURE_CITY);
    struct measure_options o = measure_defaults();
    struct measure_interval i;

    for (size_t k = 0; k < 40; k++) {
        n[2 * k] = 700 + (double)(k % 2);
        n[2 * k + 1] = 300 - (double)(k % 2);
    }
    o.draws = 2000;
    assert_int_equal(
        measure_bootstrap(&t, &c, MODEL_PERSONS, 0.95, &o, &i, NULL), RC_OK);
    assert_true(fabs(i.bca_low - i.low) < 0.15 * i.se);
    assert_true(fabs(i.bca_high - i.high) < 0.15 * i.se);
    /* d lambda / dp = 2 (2 p - 1), sd of p = sqrt(p q / N) */
    assert_true(fabs(i.se / (0.8 * sqrt(0.21 / 40000)) - 1) < 0.08);
}

static void comparisons(void **state)
{
    struct measure_target t = target("dissimilarity", MEASURE_GROUP);
    struct measure_options o = measure_defaults();
    double even[UNITS * GROUPS];
    struct counts e = {UNITS, GROUPS, even};
    struct measure_compared r;

    assert_int_equal(measure_draw(MODEL_EVENNESS, &counts, 9, 9, even), RC_OK);
    o.draws = 199;
    for (int how = COMPARE_LABELS; how <= COMPARE_BOOTSTRAP; how++) {
        assert_int_equal(measure_compare(&t, &counts, &e, NULL,
                                         (enum measure_comparison)how,
                                         MODEL_PERSONS, 0.95, &o, &r),
                         RC_OK);
        assert_true(r.a > r.b && r.difference == r.a - r.b);
        assert_true(r.p <= 0.03 && r.p >= 1 / 200.0);
        if (how == COMPARE_BOOTSTRAP)
            assert_true(r.low > 0 && r.low < r.high);
        else
            assert_true(isnan(r.low));
        /* A city and itself */
        assert_int_equal(measure_compare(&t, &counts, &counts, NULL,
                                         (enum measure_comparison)how,
                                         MODEL_UNITS, 0.95, &o, &r),
                         RC_OK);
        assert_true(r.difference == 0 && r.p > 0.5);
    }
    t.scope = MEASURE_CITY;
    assert_int_equal(measure_compare(&t, &counts, &e, NULL, COMPARE_COMPOSITION,
                                     MODEL_UNITS, 0.95, &o, &r),
                     RC_USAGE);
}

/* Several at once are what each is alone. */
static void several_at_once(void **state)
{
    struct measure_target t[] = {
        target("mutual_information", MEASURE_CITY),
        target("information_theory", MEASURE_CITY),
        target("gini", MEASURE_PAIR),
    };
    struct measure_target g[] = {target("dissimilarity", MEASURE_GROUP),
                                 target("isolation", MEASURE_GROUP)};
    struct measure_options o = measure_defaults();
    struct measure_tested many[3], one;
    struct measure_interval boots[3], boot;
    enum rc rc[3];

    t[2].against = 1;
    g[0].group = g[1].group = 2;
    o.draws = 50;
    assert_int_equal(
        measure_test_many(t, 3, &counts, MODEL_EVENNESS, &o, many, rc), RC_OK);
    for (size_t k = 0; k < 3; k++) {
        assert_int_equal(
            measure_test(&t[k], &counts, MODEL_EVENNESS, &o, &one, NULL),
            RC_OK);
        assert_int_equal(rc[k], RC_OK);
        assert_true(one.expected == many[k].expected && one.p == many[k].p);
    }
    assert_int_equal(measure_bootstrap_many(g, 2, &counts, MODEL_PERSONS, 0.9,
                                            &o, boots, rc),
                     RC_OK);
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(measure_bootstrap(&g[k], &counts, MODEL_PERSONS, 0.9,
                                           &o, &boot, NULL),
                         RC_OK);
        assert_true(boot.se == boots[k].se && boot.low == boots[k].low);
        assert_true(memcmp(&boot.bca_high, &boots[k].bca_high,
                           sizeof boot.bca_high) == 0);
    }
    assert_int_equal(
        measure_test_many(t, 0, &counts, MODEL_EVENNESS, &o, many, rc),
        RC_USAGE);
}

/* No options are the defaults. */
static void without_options(void **state)
{
    struct measure_target t = target("isolation", MEASURE_GROUP);
    struct measure_options o = measure_defaults();
    struct measure_tested r, q;
    struct measure_interval i;
    struct measure_compared k;

    assert_int_equal(measure_test(&t, &counts, MODEL_EVENNESS, NULL, &r, NULL),
                     RC_OK);
    assert_int_equal(measure_test(&t, &counts, MODEL_EVENNESS, &o, &q, NULL),
                     RC_OK);
    assert_true(r.draws == 500 && r.expected == q.expected);
    assert_int_equal(
        measure_bootstrap(&t, &counts, MODEL_GROUPS, 0.9, NULL, &i, NULL),
        RC_OK);
    assert_int_equal(measure_compare(&t, &counts, &counts, NULL, COMPARE_LABELS,
                                     MODEL_UNITS, 0.9, NULL, &k),
                     RC_OK);
}

static void undefined_draws(void **state)
{
    double n[] = {1, 0, 0, 1, 0, 1}, lonely[] = {5, 0, 7, 0};
    struct counts c = {3, 2, n}, none = {2, 2, lonely};
    struct measure_target t = target("dissimilarity", MEASURE_GROUP);
    struct measure_options o = measure_defaults();
    struct measure_tested r;

    /* Three persons: all in one group in 1/27 + 8/27 of the draws. */
    o.draws = 400;
    assert_int_equal(measure_test(&t, &c, MODEL_EVENNESS, &o, &r, NULL), RC_OK);
    assert_true(r.undefined > 90 && r.undefined < 180);
    assert_int_equal(measure_test(&t, &none, MODEL_EVENNESS, &o, &r, NULL),
                     RC_UNDEFINED);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(margins),
        cmocka_unit_test(means),
        cmocka_unit_test(fixed_margins_distribution),
        cmocka_unit_test(expected_is_the_exact_one),
        cmocka_unit_test(p_values),
        cmocka_unit_test(threads_agree),
        cmocka_unit_test(refusals),
        cmocka_unit_test(spatial_null),
        cmocka_unit_test(coverage),
        cmocka_unit_test(bca_of_a_symmetric_case),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(without_options),
        cmocka_unit_test(undefined_draws),
    };

    return cmocka_run_group_tests(tests, make_city, NULL);
}
