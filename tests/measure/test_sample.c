/*
 * Samplers against the distributions they claim: chi-square over the cells of
 * the exact probabilities, moments where counts are too large to tabulate.
 */
#include "measure/sample.h"
#include "measure/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { DRAWS = 200000, CELLS = 4096 };

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/*
 * Wilson and Hilferty's normal score of the chi-square statistic; cells with
 * fewer than ten expected are merged with the next.
 */
static double chi_square_score(const double *p, const double *seen, size_t n)
{
    double e = 0, o = 0, x = 0, df = -1, c;

    for (size_t k = 0; k < n; k++) {
        e += p[k] * DRAWS;
        o += seen[k];
        if (e < 10)
            continue;
        x += (o - e) * (o - e) / e;
        df++;
        e = o = 0;
    }
    if (e > 1e-3) {
        x += (o - e) * (o - e) / e;
        df++;
    }
    assert_true(df >= 1);
    c = 2 / (9 * df);
    return (cbrt(x / df) - (1 - c)) / sqrt(c);
}

static void fits(const double *p, const double *seen, size_t n,
                 const char *what)
{
    double z = chi_square_score(p, seen, n);

    if (!(fabs(z) < 4.5))
        fail_msg("%s: chi-square is %.1f standard deviations off", what, z);
}

static void binomial(void **state)
{
    static const struct {
        uint64_t n;
        double p;
    } at[] = {{1, 0.3},    {5, 0.5},    {20, 0.04},   {60, 0.99},
              {25, 0.42},  {40, 0.5},   {200, 0.06},  {1000, 0.0101},
              {1000, 0.4}, {3000, 0.7}, {4000, 0.001}};

    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        static double p[CELLS], seen[CELLS];
        struct rng r;

        rng_init(&r, 7, i);
        memset(seen, 0, sizeof seen);
        for (int d = 0; d < DRAWS; d++) {
            uint64_t k = sample_binomial(&r, at[i].n, at[i].p);

            assert_true(k <= at[i].n);
            seen[k]++;
        }
        for (uint64_t k = 0; k <= at[i].n; k++)
            p[k] = exp(log_choose((double)at[i].n, (double)k) +
                       (double)k * log(at[i].p) +
                       (double)(at[i].n - k) * log1p(-at[i].p));
        fits(p, seen, at[i].n + 1, "binomial");
    }
}

static void hypergeometric(void **state)
{
    static const struct {
        uint64_t good, bad, drawn;
    } at[] = {{3, 4, 5},        {10, 10, 10},      {40, 60, 20},
              {60, 40, 80},     {500, 700, 90},    {700, 500, 90},
              {90, 3000, 7},    {1000, 1000, 999}, {400, 100, 30},
              {2000, 10, 1500}, {10, 2000, 1500}};

    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        static double p[CELLS], seen[CELLS];
        double good = (double)at[i].good, bad = (double)at[i].bad;
        double drawn = (double)at[i].drawn;
        struct rng r;

        rng_init(&r, 8, i);
        memset(seen, 0, sizeof seen);
        memset(p, 0, sizeof p);
        for (int d = 0; d < DRAWS; d++) {
            uint64_t k =
                sample_hypergeometric(&r, at[i].good, at[i].bad, at[i].drawn);

            assert_true(k <= at[i].good && k <= at[i].drawn);
            assert_true(at[i].drawn - k <= at[i].bad);
            seen[k]++;
        }
        for (uint64_t k = 0; k <= at[i].good && k <= at[i].drawn; k++)
            if (at[i].drawn - k <= at[i].bad)
                p[k] = exp(log_choose(good, (double)k) +
                           log_choose(bad, drawn - (double)k) -
                           log_choose(good + bad, drawn));
        fits(p, seen, CELLS, "hypergeometric");
    }
}

/* Counts to 10^12: mean and variance within five standard errors. */
static void large(void **state)
{
    static const double n[] = {1e6, 1e9, 1e12};

    for (size_t i = 0; i < 3; i++) {
        double p = 0.37, s = 0, ss = 0, h = 0, hh = 0, sd, hsd, z;
        struct rng r;

        rng_init(&r, 9, i);
        sd = sqrt(n[i] * p * (1 - p));
        /* Half drawn: the variance is that of the binomial of n/2, halved. */
        hsd = sqrt(n[i] / 2 * p * (1 - p) * 0.5);
        for (int d = 0; d < DRAWS; d++) {
            z = ((double)sample_binomial(&r, (uint64_t)n[i], p) - n[i] * p) /
                sd;
            s += z;
            ss += z * z;
            z = ((double)sample_hypergeometric(&r, (uint64_t)(n[i] * p),
                                               (uint64_t)(n[i] * (1 - p)),
                                               (uint64_t)(n[i] / 2)) -
                 n[i] * p / 2) /
                hsd;
            h += z;
            hh += z * z;
        }
        assert_true(fabs(s / DRAWS) < 5 / sqrt(DRAWS));
        assert_true(fabs(ss / DRAWS - 1) < 5 * sqrt(2.0 / DRAWS));
        assert_true(fabs(h / DRAWS) < 5 / sqrt(DRAWS));
        assert_true(fabs(hh / DRAWS - 1) < 5 * sqrt(2.0 / DRAWS));
    }
}

static void edges(void **state)
{
    struct rng r;
    double w[3] = {0, 2, 0}, out[3];

    rng_init(&r, 1, 1);
    assert_true(sample_binomial(&r, 0, 0.5) == 0);
    assert_true(sample_binomial(&r, 9, 0) == 0);
    assert_true(sample_binomial(&r, 9, 1) == 9);
    assert_true(sample_hypergeometric(&r, 0, 9, 4) == 0);
    assert_true(sample_hypergeometric(&r, 9, 0, 4) == 4);
    assert_true(sample_hypergeometric(&r, 3, 5, 8) == 3);
    assert_true(sample_hypergeometric(&r, 3, 5, 0) == 0);
    sample_multinomial(&r, 7, w, 3, 2, out);
    assert_true(out[0] == 0 && out[1] == 7 && out[2] == 0);
    sample_multinomial(&r, 7, w, 3, 2, w); /* in place */
    assert_true(w[0] == 0 && w[1] == 7 && w[2] == 0);
}

/* Three cells of a multinomial of 4: all 15 outcomes. */
static void multinomial(void **state)
{
    static double p[125], seen[125];
    const double w[3] = {1, 2.5, 0.5};
    struct rng r;

    rng_init(&r, 10, 0);
    for (int d = 0; d < DRAWS; d++) {
        double out[3];

        sample_multinomial(&r, 4, w, 3, 4, out);
        assert_true(out[0] + out[1] + out[2] == 4);
        seen[(size_t)(out[0] * 25 + out[1] * 5 + out[2])]++;
    }
    for (int a = 0; a <= 4; a++)
        for (int b = 0; a + b <= 4; b++)
            p[a * 25 + b * 5 + (4 - a - b)] =
                exp(lgamma(5) - lgamma(a + 1) - lgamma(b + 1) -
                    lgamma(5 - a - b) + a * log(w[0] / 4) + b * log(w[1] / 4) +
                    (4 - a - b) * log(w[2] / 4));
    fits(p, seen, 125, "multinomial");
}

static void multivariate(void **state)
{
    static double p[125], seen[125];
    const double from[3] = {3, 2, 4};
    struct rng r;

    rng_init(&r, 11, 0);
    for (int d = 0; d < DRAWS; d++) {
        double out[3];

        sample_multivariate(&r, 4, from, 3, 9, out);
        assert_true(out[0] + out[1] + out[2] == 4);
        seen[(size_t)(out[0] * 25 + out[1] * 5 + out[2])]++;
    }
    for (int a = 0; a <= 3; a++)
        for (int b = 0; b <= 2 && a + b <= 4; b++)
            p[a * 25 + b * 5 + (4 - a - b)] =
                exp(log_choose(3, a) + log_choose(2, b) +
                    log_choose(4, 4 - a - b) - log_choose(9, 4));
    fits(p, seen, 125, "multivariate hypergeometric");
}

static void stirling(void **state)
{
    for (uint64_t k = 0; k < 170; k++) {
        double x = (double)k, half_log_2pi = 0.91893853320467274178;
        double expected =
            lgamma(x + 1) - (half_log_2pi + (x + 0.5) * log(x + 1) - (x + 1));

        assert_true(fabs(sample_stirling(k) - expected) < 2e-12);
    }
}

static void sorted(void **state)
{
    static struct sort_item item[5000], scratch[5000];

    for (size_t n = 0; n <= 5000; n = n < 60 ? n + 1 : n * 3) {
        struct rng r;

        rng_init(&r, 12, n);
        for (size_t i = 0; i < n; i++) {
            double key = rng_below(&r, 3) ? rng_normal(&r) * 1e3
                                          : (double)rng_below(&r, 5);

            item[i] = (struct sort_item){rng_below(&r, 50) ? key : -0.0, i};
        }
        sort_items(item, n, scratch);
        for (size_t i = 1; i < n; i++) {
            assert_true(item[i - 1].key <= item[i].key);
            if (item[i - 1].key == item[i].key)
                assert_true(item[i - 1].i < item[i].i);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomial),    cmocka_unit_test(hypergeometric),
        cmocka_unit_test(large),       cmocka_unit_test(edges),
        cmocka_unit_test(multinomial), cmocka_unit_test(multivariate),
        cmocka_unit_test(stirling),    cmocka_unit_test(sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
