/*
 * Samplers of many cells against the distributions they claim, in lanes and
 * alone, and with sums that are given.
 */
#include "measure/sample_many.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { CELLS = 777, ROUNDS = 400, MOST = 8192 };

/* As in test_sample.c: Wilson and Hilferty's score of the chi-square. */
static void fits(const double *p, const double *seen, size_t n, double draws,
                 const char *what, double a, double b)
{
    double e = 0, o = 0, x = 0, df = -1, c, z;

    for (size_t k = 0; k < n; k++) {
        e += p[k] * draws;
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
    z = (cbrt(x / df) - (1 - c)) / sqrt(c);
    if (!(fabs(z) < 4.5))
        fail_msg("%s %g %g: chi-square is %.1f deviations off", what, a, b, z);
}

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

static struct sampler sampler_for(double largest)
{
    struct sampler s;

    assert_int_equal(sampler_init(&s, largest), RC_OK);
    return s;
}

static void binomials(void **state)
{
    static const double n[] = {1, 5, 20, 33, 60, 200, 1000, 1000, 3000, 6000};
    static const double p[] = {0.3,  0.5,    0.04, 0.4, 0.99,
                               0.06, 0.0101, 0.4,  0.7, 0.5};

    for (size_t k = 0; k < ARRAY_LEN(n); k++)
        for (int table = 0; table < 2; table++) {
            static double prob[MOST], seen[MOST], cell[CELLS];
            struct sampler s = sampler_for(table ? n[k] : 0);
            struct rng r;

            if (!table)
                s.n = 0; /* all alone, without it */
            rng_init(&r, 3, k);
            memset(seen, 0, sizeof seen);
            for (int d = 0; d < ROUNDS; d++) {
                for (size_t i = 0; i < CELLS; i++)
                    cell[i] = n[k];
                sample_binomials(&s, &r, cell, CELLS, p[k], cell);
                for (size_t i = 0; i < CELLS; i++) {
                    assert_true(cell[i] >= 0 && cell[i] <= n[k]);
                    seen[(size_t)cell[i]]++;
                }
            }
            for (double j = 0; j <= n[k]; j++)
                prob[(size_t)j] = exp(log_choose(n[k], j) + j * log(p[k]) +
                                      (n[k] - j) * log1p(-p[k]));
            fits(prob, seen, (size_t)n[k] + 1, ROUNDS * CELLS, "binomials",
                 n[k], p[k]);
            cleanup_sampler(&s);
        }
}

static void poissons(void **state)
{
    static const double mean[] = {0.02, 1, 9.99, 10, 14.5, 90, 700, 2500};

    for (size_t k = 0; k < ARRAY_LEN(mean); k++)
        for (int table = 0; table < 2; table++) {
            static double prob[MOST], seen[MOST], cell[CELLS];
            struct sampler s = sampler_for(table ? mean[k] : 0);
            struct rng r;

            if (!table)
                s.n = 1;
            rng_init(&r, 4, k);
            memset(seen, 0, sizeof seen);
            for (int d = 0; d < ROUNDS; d++) {
                for (size_t i = 0; i < CELLS; i++)
                    cell[i] = mean[k] / 4;
                sample_poissons(&s, &r, cell, 4, CELLS, cell);
                for (size_t i = 0; i < CELLS; i++) {
                    assert_true(cell[i] >= 0 && cell[i] < MOST);
                    seen[(size_t)cell[i]]++;
                }
            }
            for (size_t j = 0; j < MOST; j++)
                prob[j] = exp((double)j * log(mean[k]) - mean[k] -
                              lgamma((double)j + 1));
            fits(prob, seen, MOST, ROUNDS * CELLS, "poissons", mean[k], table);
            cleanup_sampler(&s);
        }
}

/* Cells of very different sizes in one call: each has its mean and variance. */
static void mixed(void **state)
{
    static double n[CELLS], s1[CELLS], s2[CELLS], out[CELLS];
    const double p = 0.21;
    struct sampler s = sampler_for(1e5);
    struct rng r;

    rng_init(&r, 5, 0);
    for (size_t i = 0; i < CELLS; i++)
        n[i] = i % 7 == 0   ? 0
               : i % 7 == 1 ? 3
               : i % 7 == 2 ? 1e12
                            : floor(exp(12 * (double)i / CELLS));
    for (int d = 0; d < ROUNDS; d++) {
        sample_binomials(&s, &r, n, CELLS, p, out);
        for (size_t i = 0; i < CELLS; i++) {
            double z =
                n[i] > 0 ? (out[i] - n[i] * p) / sqrt(n[i] * p * (1 - p)) : 0;

            if (n[i] == 0)
                assert_true(out[i] == 0);
            s1[i] += z;
            s2[i] += z * z;
        }
    }
    for (size_t i = 0; i < CELLS; i++) {
        /* the kurtosis of few trials widens the variance's deviation */
        double wide =
            n[i] > 0 ? sqrt((2 + 1 / (n[i] * p * (1 - p))) / ROUNDS) : 1;

        assert_true(fabs(s1[i] / ROUNDS) < 5 / sqrt(ROUNDS));
        if (n[i] > 0)
            assert_true(fabs(s2[i] / ROUNDS - 1) < 6 * wide);
    }
    cleanup_sampler(&s);
}

enum { DRAWS = 200000 };

/* Four persons over three cells, and over three among many that are empty: all
 * outcomes, by picking (few) and by drawing each cell. */
static void shares(void **state)
{
    const double w[3] = {8, 20, 4};
    double room[4 * 64];
    struct sampler s = sampler_for(40);

    for (size_t cells = 3; cells <= 60; cells += 57) {
        static double p[125], seen[125];
        double weight[60] = {8, 20, 4}, out[60];
        struct rng r;

        rng_init(&r, 6, cells);
        memset(seen, 0, sizeof seen);
        for (int d = 0; d < DRAWS; d++) {
            sample_shares(&s, &r, 4, weight, cells, 32, out, room);
            for (size_t i = 3; i < cells; i++)
                assert_true(out[i] == 0);
            assert_true(out[0] + out[1] + out[2] == 4);
            seen[(size_t)(out[0] * 25 + out[1] * 5 + out[2])]++;
        }
        for (int a = 0; a <= 4; a++)
            for (int b = 0; a + b <= 4; b++)
                p[a * 25 + b * 5 + (4 - a - b)] =
                    exp(lgamma(5) - lgamma(a + 1) - lgamma(b + 1) -
                        lgamma(5 - a - b) + a * log(w[0] / 32) +
                        b * log(w[1] / 32) + (4 - a - b) * log(w[2] / 32));
        fits(p, seen, 125, DRAWS, "shares", (double)cells, 0);
    }
    cleanup_sampler(&s);
}

static void subset(void **state)
{
    double room[4 * 64];
    struct sampler s = sampler_for(40);

    for (size_t cells = 3; cells <= 60; cells += 57)
        for (int most = 0; most < 2; most++) {
            static double p[125], seen[125];
            double from[60] = {3, 2, 4}, out[60], drawn = most ? 5 : 4;
            struct rng r;

            rng_init(&r, 7, cells);
            memset(seen, 0, sizeof seen);
            memset(p, 0, sizeof p);
            for (int d = 0; d < DRAWS; d++) {
                sample_subset(&s, &r, drawn, from, cells, 9, out, room);
                for (size_t i = 0; i < cells; i++)
                    assert_true(out[i] >= 0 && out[i] <= from[i]);
                assert_true(out[0] + out[1] + out[2] == drawn);
                seen[(size_t)(out[0] * 25 + out[1] * 5 + out[2])]++;
            }
            for (int a = 0; a <= 3; a++)
                for (int b = 0; b <= 2 && a + b <= drawn; b++)
                    if (drawn - a - b <= 4)
                        p[a * 25 + b * 5 + (int)drawn - a - b] =
                            exp(log_choose(3, a) + log_choose(2, b) +
                                log_choose(4, drawn - a - b) -
                                log_choose(9, drawn));
            fits(p, seen, 125, DRAWS, "subset", (double)cells, drawn);
        }
    cleanup_sampler(&s);
}

/* Sums are met whatever the sizes; a cell of the row has its own variance. */
static void sums(void **state)
{
    static double w[CELLS], out[CELLS], room[4 * CELLS];
    double total = 0, many = 0, ss = 0, drawn, mean, variance;
    struct sampler s = sampler_for(2e4);
    struct rng r;

    rng_init(&r, 8, 0);
    for (size_t i = 0; i < CELLS; i++) {
        w[i] = i % 5 ? (double)rng_below(&r, 20000) : 0;
        total += w[i];
    }
    drawn = floor(total * 0.3);
    mean = drawn * w[1] / total;
    variance = mean * (1 - w[1] / total) * (total - drawn) / (total - 1);
    for (int d = 0; d < 4 * ROUNDS; d++) {
        double sum = 0;

        sample_subset(&s, &r, drawn, w, CELLS, total, out, room);
        for (size_t i = 0; i < CELLS; i++) {
            assert_true(out[i] >= 0 && out[i] <= w[i]);
            sum += out[i];
        }
        assert_true(sum == drawn);
        ss += (out[1] - mean) * (out[1] - mean) / variance;
        many += (out[1] - mean) / sqrt(variance);
        sample_shares(&s, &r, drawn, w, CELLS, total, out, room);
        sum = 0;
        for (size_t i = 0; i < CELLS; i++) {
            assert_true(w[i] > 0 || out[i] == 0);
            sum += out[i];
        }
        assert_true(sum == drawn);
    }
    assert_true(fabs(many / (4 * ROUNDS)) < 5 / sqrt(4 * ROUNDS));
    assert_true(fabs(ss / (4 * ROUNDS) - 1) < 5 * sqrt(2.0 / (4 * ROUNDS)));
    /* All and none. */
    sample_subset(&s, &r, total, w, CELLS, total, out, room);
    assert_memory_equal(out, w, sizeof w);
    sample_subset(&s, &r, 0, w, CELLS, total, out, room);
    for (size_t i = 0; i < CELLS; i++)
        assert_true(out[i] == 0);
    cleanup_sampler(&s);
}

static void edges(void **state)
{
    double n[3] = {0, 4, 900}, out[3];
    struct sampler s = sampler_for(900);
    struct rng r;

    rng_init(&r, 9, 0);
    sample_binomials(&s, &r, n, 3, 0, out);
    assert_true(out[0] == 0 && out[1] == 0 && out[2] == 0);
    sample_binomials(&s, &r, n, 3, 1, out);
    assert_memory_equal(out, n, sizeof n);
    sample_poissons(&s, &r, n, 0, 3, out);
    assert_true(out[0] == 0 && out[1] == 0 && out[2] == 0);
    cleanup_sampler(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomials), cmocka_unit_test(poissons),
        cmocka_unit_test(mixed),     cmocka_unit_test(shares),
        cmocka_unit_test(subset),    cmocka_unit_test(sums),
        cmocka_unit_test(edges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
