/*
 * Expected values against every outcome weighed by its probability, and
 * against draws where there are too many outcomes.
 */
#include "base/rng.h"
#include "measure/chance.h"
#include "measure/expected.h"
#include "measure/sample.h"
#include "passerelle/measure_inference.h"

#include <math.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MOST = 6 };

static void near(double got, double expected, double relative)
{
    if (!(fabs(got - expected) <= relative * fmax(1e-300, fabs(expected))))
        fail_msg("%.17g, expected %.17g", got, expected);
}

/* Wide enough that no power of a small probability is lost. */
static long double choose(double n, double k)
{
    long double v = 1;

    for (double j = 1; j <= k; j++)
        v *= (n - k + j) / j;
    return v;
}

static double binomial(double n, double k, double p)
{
    return (double)(choose(n, k) * powl(p, k) * powl(1 - p, n - k));
}

static void probabilities(void **state)
{
    static const double n[] = {1, 2, 7, 20, 60, 500};
    static const double p[] = {0.001, 0.2, 0.5, 0.93};
    double all[600];

    for (size_t i = 0; i < ARRAY_LEN(n); i++)
        for (size_t j = 0; j < ARRAY_LEN(p); j++) {
            double deviation = 0, sum = 0;
            struct window w = chance_window(n[i], p[j]);

            assert_true(w.n <= ARRAY_LEN(all));
            chance_window_fill(n[i], p[j], w, all);
            for (double k = 0; k <= n[i]; k++) {
                double v = binomial(n[i], k, p[j]);

                deviation += v * fabs(k - n[i] * p[j]);
                if (v > 1e-290)
                    near(chance_binomial(n[i], k, p[j]), v, 1e-12);
                if (k >= w.from && k < w.from + (double)w.n) {
                    if (v > 1e-290)
                        near(all[(size_t)(k - w.from)], v, 1e-11);
                } else {
                    sum += v;
                }
            }
            assert_true(sum < 1e-16);
            near(chance_binomial_deviation(n[i], p[j]), deviation, 1e-12);
        }
    /* Nobody and everybody. */
    assert_int_equal(chance_window(40, 0).n, 1);
    assert_true(chance_window(40, 1).from == 40);
}

static void hypergeometric(void **state)
{
    for (double X = 1; X <= 30; X += 3)
        for (double Y = 1; Y <= 40; Y += 4)
            for (double t = 1; t <= X + Y; t++) {
                double v = 0;

                for (double k = fmax(0, t - Y); k <= fmin(X, t); k++)
                    v += (double)(fabs(k - t * X / (X + Y)) * choose(X, k) *
                                  choose(Y, t - k) / choose(X + Y, t));
                if (t == X + Y)
                    assert_true(fabs(chance_hypergeometric_deviation(X, Y, t)) <
                                1e-12);
                else
                    near(chance_hypergeometric_deviation(X, Y, t), v, 1e-11);
            }
    /* With 10^12 persons behind it a unit is a binomial. */
    near(chance_hypergeometric_deviation(3e11, 7e11, 1000),
         chance_binomial_deviation(1000, 0.3), 1e-8);
}

/* Members x of the units by turns: every table, or the next one. */
static bool next_table(const double *t, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        if (++x[i] <= t[i])
            return true;
        x[i] = 0;
    }
    return false;
}

struct case_of {
    size_t n;
    double x[MOST], t[MOST];
};

static const struct case_of cases[] = {
    {2, {1, 0}, {1, 1}},
    {2, {3, 1}, {5, 4}},
    {3, {2, 0, 5}, {5, 4, 6}},
    {4, {1, 1, 1, 0}, {1, 2, 3, 9}},
    {4, {4, 4, 4, 4}, {5, 5, 5, 5}},
    {5, {0, 0, 1, 0, 2}, {1, 1, 6, 3, 2}},
};

static struct two two_of(const struct case_of *c)
{
    struct two p = {
        .n = c->n, .x = (double *)c->x, .t = (double *)c->t, .lent = true};

    for (size_t i = 0; i < c->n; i++) {
        p.X += c->x[i];
        p.T += c->t[i];
    }
    return p;
}

static double sum_of_n(const double *v, size_t n)
{
    double s = 0;

    for (size_t i = 0; i < n; i++)
        s += v[i];
    return s;
}

static double d_of(const double *x, const double *t, size_t n)
{
    double X = sum_of_n(x, n), Y = sum_of_n(t, n) - X, s = 0;

    for (size_t i = 0; i < n; i++)
        s += fabs(x[i] / X - (t[i] - x[i]) / Y);
    return s / 2;
}

static void d_with_fixed_margins(void **state)
{
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        const struct case_of *c = &cases[k];
        struct two p = two_of(c);
        double x[MOST] = {0}, mean = 0, all = 0, got = 0;

        do {
            double ways = 1;

            if (sum_of_n(x, c->n) != p.X)
                continue;
            for (size_t i = 0; i < c->n; i++)
                ways *= (double)choose(c->t[i], x[i]);
            all += ways;
            mean += ways * d_of(x, c->t, c->n);
        } while (next_table(c->t, c->n, x));
        assert_int_equal(expected_dissimilarity(&p, &got), RC_OK);
        near(got, mean / all, 1e-12);
    }
}

static void gini_of_binomials(void **state)
{
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        const struct case_of *c = &cases[k];
        struct two p = two_of(c);
        double x[MOST] = {0}, over = 0, under = 0, got = 0;

        do {
            double w = 1, X = sum_of_n(x, c->n);

            for (size_t i = 0; i < c->n; i++)
                w *= binomial(c->t[i], x[i], p.X / p.T);
            for (size_t i = 0; i < c->n; i++)
                for (size_t j = 0; j < i; j++)
                    over += w * fabs(x[i] * c->t[j] - x[j] * c->t[i]);
            under += w * X * (p.T - X);
        } while (next_table(c->t, c->n, x));
        assert_int_equal(expected_gini(&p, &got), RC_OK);
        near(got, over / under, 1e-11);
    }
}

static void d_of_the_bootstrap(void **state)
{
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        const struct case_of *c = &cases[k];
        struct two p = two_of(c);
        double X = p.X, Y = p.T - p.X, slow = 0, got = 0;

        for (size_t i = 0; i < c->n; i++)
            for (double u = 0; u <= X; u++)
                for (double v = 0; v <= Y; v++)
                    slow += binomial(X, u, c->x[i] / X) *
                            binomial(Y, v, (c->t[i] - c->x[i]) / Y) *
                            fabs(u / X - v / Y) / 2;
        assert_int_equal(expected_bootstrap_dissimilarity(&p, &got), RC_OK);
        near(got, slow, 1e-11);
    }
}

/* A city whose units differ in size by far: beyond tables, in part. */
static void city(struct counts *c, double *n, double scale, uint64_t seed)
{
    struct rng r;

    rng_init(&r, seed, 0);
    for (size_t i = 0; i < c->units; i++) {
        double u = rng_double(&r);

        n[2 * i] = floor(scale * u * u * u * rng_double(&r));
        n[2 * i + 1] = floor(scale * u * u * u * 4);
    }
    c->n = n;
}

/* The mean over draws lies within five of its standard errors. */
static void draws_agree(const char *corrected, const char *plain,
                        enum measure_model model, double scale)
{
    enum { UNITS = 60, DRAWS = 2000 };
    double n[2 * UNITS], value = 0, index = 0, random;
    struct counts c = {UNITS, 2, n};
    struct measure_target t = {.m = measure_find(plain),
                               .scope = MEASURE_GROUP};
    struct measure_options o = measure_defaults();
    double mean, error;

    city(&c, n, scale, 3);
    o.draws = DRAWS;
    assert_int_equal(measure_compute(measure_find(corrected), MEASURE_GROUP, &c,
                                     0, 0, &o, &value),
                     RC_OK);
    assert_int_equal(measure_compute(t.m, MEASURE_GROUP, &c, 0, 0, &o, &index),
                     RC_OK);
    if (model == MODEL_GROUPS) {
        struct measure_interval i;

        o.flags = MEASURE_PERCENTILES_ONLY;
        assert_int_equal(measure_bootstrap(&t, &c, model, 0.9, &o, &i, NULL),
                         RC_OK);
        mean = i.value + i.bias;
        error = i.se;
        random = 2 * index - value;
    } else {
        struct measure_tested r;

        assert_int_equal(measure_test(&t, &c, model, &o, &r, NULL), RC_OK);
        mean = r.expected;
        error = r.sd;
        random = (index - value) / (1 - value); /* of (G - E) / (1 - E) */
    }
    error /= sqrt(DRAWS);
    if (!(fabs(random - mean) <= 5 * error + mean * 1e-4))
        fail_msg("%s, %g persons: %.9g, draws %.9g +- %.2g", corrected, scale,
                 random, mean, error);
}

static void draws(void **state)
{
    static const double scale[] = {12, 300, 20000, 3e6};

    for (size_t k = 0; k < ARRAY_LEN(scale); k++) {
        draws_agree("modified_dissimilarity", "dissimilarity",
                    MODEL_FIXED_MARGINS, scale[k]);
        draws_agree("modified_gini", "gini", MODEL_FIXED_MARGINS, scale[k]);
        draws_agree("bias_corrected_dissimilarity", "dissimilarity",
                    MODEL_GROUPS, scale[k]);
    }
}

/* Units too large for steps are drawn, and any threads give the same. */
static void gini_beyond_steps(void **state)
{
    enum { UNITS = 40 };
    double n[2 * UNITS], v = 0, first = 0;
    struct counts c = {UNITS, 2, n};
    struct two p = {.n = UNITS, .lent = true};
    struct measure_options o = measure_defaults();
    double x[UNITS], t[UNITS];

    city(&c, n, 1e11, 4);
    for (size_t i = 0; i < UNITS; i++) {
        x[i] = n[2 * i];
        t[i] = x[i] + n[2 * i + 1];
        p.X += x[i];
        p.T += t[i];
    }
    p.x = x;
    p.t = t;
    assert_int_equal(expected_gini(&p, &v), RC_LIMIT);
    o.draws = 20;
    for (o.threads = 1; o.threads <= 3; o.threads++) {
        assert_int_equal(measure_compute(measure_find("modified_gini"),
                                         MEASURE_GROUP, &c, 0, 0, &o, &v),
                         RC_OK);
        if (o.threads == 1)
            first = v;
        assert_true(v == first && v > 0 && v < 1);
    }
}

static void nobody_left(void **state)
{
    static const double n[] = {0.2, 5, 0.1, 9};
    struct counts c = {2, 2, n};
    double v = 7;

    /* a third of a person is no person to draw */
    assert_int_equal(measure_compute(measure_find("modified_dissimilarity"),
                                     MEASURE_GROUP, &c, 0, 0, NULL, &v),
                     RC_UNDEFINED);
    assert_int_equal(
        measure_compute(measure_find("bias_corrected_dissimilarity"),
                        MEASURE_GROUP, &c, 0, 0, NULL, &v),
        RC_UNDEFINED);
    assert_true(v == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities),
        cmocka_unit_test(hypergeometric),
        cmocka_unit_test(d_with_fixed_margins),
        cmocka_unit_test(gini_of_binomials),
        cmocka_unit_test(d_of_the_bootstrap),
        cmocka_unit_test(draws),
        cmocka_unit_test(gini_beyond_steps),
        cmocka_unit_test(nobody_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
