/*
 * Corrections for units of few persons: exact expectations, the Beta fit and
 * the bounds, on populations drawn from a known distribution.
 */
#include "base/base.h"
#include "base/rng.h"
#include "passerelle/measure.h"

#include <math.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.17g, expected %.17g", got, expected);
}

static double value(const char *code, enum measure_scope scope,
                    const struct counts *c)
{
    const struct measure *m = measure_find(code);
    double v = NAN;

    assert_non_null(m);
    assert_int_equal(measure_compute(m, scope, c, 0, 1, NULL, &v), RC_OK);
    return v;
}

/* Every outcome of every unit, weighed by its probability. */
static void expected_by_hand(void **state)
{
    static const double n[] = {2, 3, 0, 4, 5, 1};
    struct counts c = {3, 2, n};
    double t[3] = {5, 4, 6}, P = 7 / 15.0, slow = 0;
    struct measure_small s;

    for (size_t i = 0; i < 3; i++)
        for (double x = 0; x <= t[i]; x++)
            slow +=
                fabs(x - t[i] * P) *
                exp(lgamma(t[i] + 1) - lgamma(x + 1) - lgamma(t[i] - x + 1)) *
                pow(P, x) * pow(1 - P, t[i] - x);
    assert_int_equal(measure_small_units(&c, 0, &s), RC_OK);
    near(s.expected, slow / (2 * 15 * P * (1 - P)), 1e-12);
    near(s.naive, value("dissimilarity", MEASURE_GROUP, &c), 1e-15);
    near(s.mean_size, 5, 1e-15);
    near(s.share_small, 1, 1e-15);
}

/*
 * Units of eight persons whose probabilities are Beta(2, 3): the fit finds the
 * distribution's own D, which the naive D overstates.
 */
static void rathelot_finds_the_truth(void **state)
{
    enum { UNITS = 40000 };
    double *n = calloc(2 * UNITS, sizeof *n), truth, grid = 0, mean = 0.4;
    struct counts c = {UNITS, 2, n};
    struct measure_small s;
    struct rng r;

    rng_init(&r, 77, 0);
    for (size_t i = 0; i < UNITS; i++) {
        double g[5], p;

        /* Beta(2, 3) is the second smallest of four uniforms. */
        for (size_t k = 0; k < 4; k++) {
            size_t at = k;

            p = rng_double(&r);
            for (; at > 0 && g[at - 1] > p; at--)
                g[at] = g[at - 1];
            g[at] = p;
        }
        for (size_t k = 0; k < 8; k++)
            n[2 * i + (rng_double(&r) >= g[1])]++;
    }
    for (double p = 0.5e-5; p < 1; p += 1e-5)
        grid += fabs(p - mean) * 12 * p * (1 - p) * (1 - p) * 1e-5;
    truth = grid / (2 * mean * (1 - mean));
    assert_int_equal(measure_small_units(&c, 0, &s), RC_OK);
    near(s.rathelot, truth, 0.005);
    near(s.alpha, 2, 0.1);
    near(s.beta, 3, 0.15);
    assert_true(s.naive > truth + 0.05);
    assert_true(s.unreliable); /* more than half of it is chance */
    free(n);
}

/* Units of `size` persons with probabilities of Beta(2, 3). */
static double *beta_units(size_t units, size_t size, uint64_t seed)
{
    double *n = calloc(2 * units, sizeof *n);
    struct rng r;

    assert_non_null(n);
    rng_init(&r, seed, 0);
    for (size_t i = 0; i < units; i++) {
        double least = 1, second = 1;

        /* the second smallest of four uniforms */
        for (size_t k = 0; k < 4; k++) {
            double u = rng_double(&r);

            second = fmin(second, fmax(u, least));
            least = fmin(least, u);
        }
        for (size_t k = 0; k < size; k++)
            n[2 * i + (rng_double(&r) >= second)]++;
    }
    return n;
}

/*
 * Of Beta(2, 3): D = 0.432, eta squared = 1 / (a + b + 1). Bounds hold the
 * truth, are everything for units of one and close in as units grow.
 */
static void bounds_close_in(void **state)
{
    static const size_t size[] = {1, 2, 4, 9};
    const struct measure *d = measure_find("dissimilarity");
    const struct measure *eta = measure_find("correlation_ratio");
    double truth = 0, before = 2;

    for (double p = 0.5e-5; p < 1; p += 1e-5)
        truth += fabs(p - 0.4) * 12 * p * (1 - p) * (1 - p) * 1e-5 / 0.48;
    for (size_t k = 0; k < ARRAY_LEN(size); k++) {
        struct counts c = {30000, 2, beta_units(30000, size[k], 50 + k)};
        struct measure_bounds b, e;

        assert_int_equal(measure_small_bounds(d, &c, 0, &b), RC_OK);
        assert_int_equal(measure_small_bounds(eta, &c, 0, &e), RC_OK);
        assert_int_equal(b.moments, size[k]);
        if (!(b.low <= truth + 0.01 && truth - 0.01 <= b.high &&
              b.high - b.low < before && b.low <= b.likely + 1e-9 &&
              b.likely <= b.high + 1e-9))
            fail_msg("size %zu: D in [%g, %g], likely %g, truth %g", size[k],
                     b.low, b.high, b.likely, truth);
        before = b.high - b.low;
        if (size[k] == 1) {
            near(b.low, 0, 1e-6);
            near(b.high, 1, 1e-6);
        } else {
            /* two moments are all that eta squared asks for */
            near(e.low, 1 / 6.0, 0.02);
            near(e.high, e.low, 1e-6);
        }
        free((double *)c.n);
    }
    assert_true(before < 0.06);
}

/* Large units are what they are. */
static void bounds_of_large_units(void **state)
{
    static const char *const codes[] = {"dissimilarity", "information_theory",
                                        "correlation_ratio", "hutchens"};
    double n[2 * 20];
    struct counts c = {20, 2, n};

    for (size_t i = 0; i < 20; i++) {
        n[2 * i] = (double)(10 + i * 7);
        n[2 * i + 1] = (double)(300 - i * 9);
    }
    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        struct measure_bounds b;
        double v = value(codes[k], MEASURE_GROUP, &c);

        assert_int_equal(
            measure_small_bounds(measure_find(codes[k]), &c, 0, &b), RC_OK);
        near(b.low, v, 1e-12);
        near(b.high, v, 1e-12);
        assert_int_equal(b.moments, 0);
    }
    assert_int_equal(measure_small_bounds(measure_find("gini"), &c, 0,
                                          &(struct measure_bounds){0}),
                     RC_USAGE);
}

/* Everyone allocated at random: the correction leaves next to nothing. */
static void chance_alone(void **state)
{
    enum { UNITS = 3000 };
    double *n = calloc(2 * UNITS, sizeof *n);
    struct counts c = {UNITS, 2, n};
    struct measure_small s;
    struct rng r;

    rng_init(&r, 78, 0);
    for (size_t i = 0; i < UNITS; i++)
        for (size_t k = 0; k < 3 + i % 20; k++)
            n[2 * i + (rng_double(&r) < 0.7)]++;
    assert_int_equal(measure_small_units(&c, 0, &s), RC_OK);
    assert_true(s.naive > 0.15);
    near(s.expected, s.naive, 0.01);
    near(s.excess, 0, 0.02);
    assert_true(s.rathelot < 0.05);
    assert_true(s.unreliable);
    free(n);
}

/* Several at once are each alone, and a refusal is one's own. */
static void bounds_at_once(void **state)
{
    const struct measure *m[] = {measure_find("dissimilarity"),
                                 measure_find("gini"), measure_find("hutchens"),
                                 measure_find("correlation_ratio")};
    double *n = beta_units(300, 7, 21);
    struct counts c = {300, 2, n};
    struct measure_bounds many[4], one;
    enum rc rc[4];

    assert_int_equal(measure_small_bounds_many(m, 4, &c, 1, many, rc), RC_OK);
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(rc[k], measure_small_bounds(m[k], &c, 1, &one));
        if (rc[k])
            continue;
        assert_true(many[k].low == one.low && many[k].high == one.high);
        assert_true(many[k].likely == one.likely && one.moments == 7);
    }
    assert_int_equal(rc[1], RC_USAGE);
    assert_int_equal(measure_small_bounds_many(m, 4, &c, 2, many, rc),
                     RC_USAGE);
    free(n);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_at_once),
        cmocka_unit_test(expected_by_hand),
        cmocka_unit_test(rathelot_finds_the_truth),
        cmocka_unit_test(bounds_close_in),
        cmocka_unit_test(bounds_of_large_units),
        cmocka_unit_test(chance_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
