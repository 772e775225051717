/*
 * Moran's I against plain loops over all pairs, its variance against all orders
 * of a few areas, and what its permutations may and may not draw.
 */
#include "town.h"

#include <math.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define near(a, b, tolerance)                                                  \
    do {                                                                       \
        double a_ = (a), b_ = (b);                                             \
        if (!(fabs(a_ - b_) <= (tolerance)*fmax(1, fabs(b_))))                 \
            fail_msg("%s:%d: %.17g instead of %.17g (%s)", __FILE__, __LINE__, \
                     a_, b_, #a);                                              \
    } while (0)

static void check_moran(const struct town *t, bool binary, bool rook)
{
    struct spatial_options o = spatial_defaults();
    struct measure_options none = measure_defaults();
    const struct neighbours *l = rook ? &t->a.rook : &t->a.queen;
    size_t n = t->a.n, G = t->groups;
    double *z = malloc(n * sizeof *z), *i_of = malloc(n * sizeof *i_of);
    double mean = 0, m2 = 0, above = 0, s0 = 0, sum = 0;
    struct spatial *s = NULL;
    struct moran m;

    o.binary_weights = binary;
    o.contiguity = rook ? CONTIGUITY_ROOK : CONTIGUITY_QUEEN;
    none.draws = 0;
    assert_int_equal(spatial_new(&t->a, &o, &s), RC_OK);
    assert_int_equal(
        measure_moran(&t->c, s, 0, &none, &m, &(struct moran_local){.i = i_of}),
        RC_OK);
    for (size_t i = 0; i < n; i++) {
        double T = 0;

        for (size_t g = 0; g < G; g++)
            T += t->n[i * G + g];
        z[i] = t->n[i * G] / T;
        mean += z[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        z[i] -= mean;
        m2 += z[i] * z[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double lag = 0;

        for (size_t e = l->start[i]; e < l->start[i + 1]; e++) {
            double w = binary ? 1 : 1 / (double)(l->start[i + 1] - l->start[i]);

            lag += w * z[l->to[e]];
            above += w * z[i] * z[l->to[e]];
            s0 += w;
        }
        near(i_of[i], z[i] / m2 * lag, 1e-10);
        sum += i_of[i];
    }
    near(m.i, above / s0 / m2, 1e-11);
    near(sum, m.i * s0, 1e-10);
    near(m.expected, -1 / ((double)n - 1), 1e-15);
    assert_true(isnan(m.p));
    free(z);
    free(i_of);
    spatial_free(s);
}

static void moran(void **state)
{
    struct town t = town_random(150, 5000, 2, 8), grid = town_grid(9, 8, 50, 2);

    for (int k = 0; k < 4; k++) {
        check_moran(&t, k & 1, k & 2);
        check_moran(&grid, k & 1, k & 2);
    }
    town_free(&t);
    town_free(&grid);
}

/* Mean and variance under randomisation are those of all 5,040 orders of seven
 * areas. */
static void permute(struct town *t, const struct spatial *s, size_t k,
                    double *sum, double *squares)
{
    struct measure_options o = measure_defaults();
    struct moran m;

    o.draws = 0;
    if (k == 1) {
        assert_int_equal(measure_moran(&t->c, s, 0, &o, &m, NULL), RC_OK);
        *sum += m.i / 5040;
        *squares += m.i * m.i / 5040;
        return;
    }
    for (size_t i = 0; i < k; i++) {
        size_t other = k % 2 ? 0 : i;

        permute(t, s, k - 1, sum, squares);
        for (size_t g = 0; g < 2; g++) {
            double keep = t->n[other * 2 + g];

            t->n[other * 2 + g] = t->n[(k - 1) * 2 + g];
            t->n[(k - 1) * 2 + g] = keep;
        }
    }
}

static void moran_variance(void **state)
{
    const uint32_t from[] = {0, 1, 1, 2, 1, 3, 3, 4, 4, 5, 3, 5, 5, 6};
    const uint32_t to[] = {1, 0, 2, 1, 3, 1, 4, 3, 5, 4, 5, 3, 6, 5};
    struct town t = town_grid(7, 1, 50, 2);

    links_free(&t.a.queen);
    t.a.queen = links_of(7, ARRAY_LEN(from), from, to, NULL);
    for (int binary = 0; binary <= 1; binary++) {
        struct spatial_options o = spatial_defaults();
        struct measure_options none = measure_defaults();
        double sum = 0, squares = 0;
        struct spatial *s = NULL;
        struct moran m;

        none.draws = 0;
        o.binary_weights = binary;
        assert_int_equal(spatial_new(&t.a, &o, &s), RC_OK);
        assert_int_equal(measure_moran(&t.c, s, 0, &none, &m, NULL), RC_OK);
        permute(&t, s, 7, &sum, &squares);
        near(m.expected, sum, 1e-12);
        near(m.variance, squares - sum * sum, 1e-12);
        spatial_free(s);
    }
    town_free(&t);
}

/*
 * Three areas in a row whose shares stand at 0.6, 0.9 and 0: drawn from the two
 * others, the first one's neighbour is the real one half of the time. Were its
 * own value drawn, it would never reach what is seen.
 */
static void moran_leaves_itself_out(void **state)
{
    struct town t = town_grid(3, 1, 50, 2);
    struct measure_options o = measure_defaults();
    const double share[] = {60, 90, 0};
    struct spatial *s = NULL;
    struct moran m;
    double p[3];

    o.draws = 999;
    for (size_t i = 0; i < 3; i++) {
        t.n[2 * i] = share[i];
        t.n[2 * i + 1] = 100 - share[i];
    }
    assert_int_equal(spatial_new(&t.a, NULL, &s), RC_OK);
    assert_int_equal(
        measure_moran(&t.c, s, 0, &o, &m, &(struct moran_local){.p = p}),
        RC_OK);
    assert_true(p[0] > 0.4);
    /* The one in the middle has both others for neighbours in every draw. */
    near(p[1], 1.0 / 1000, 1e-15);
    spatial_free(s);
    town_free(&t);
}

/* High on one side, low on the other: p is as small as the draws allow, the
 * kinds say which side, and threads change nothing. */
static void moran_permutation(void **state)
{
    struct town t = town_grid(20, 10, 50, 2);
    struct measure_options o = measure_defaults();
    enum moran_kind kind[200];
    double p[2][200];

    o.draws = 199;
    for (size_t i = 0; i < 200; i++) {
        t.n[i * 2] = i % 20 < 10 ? 90 + (double)(i % 7) : (double)(i % 5);
        t.n[i * 2 + 1] = 100 - t.n[i * 2];
    }
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct spatial_options so = spatial_defaults();
        struct spatial *s = NULL;
        struct moran m;

        so.threads = threads;
        assert_int_equal(spatial_new(&t.a, &so, &s), RC_OK);
        assert_int_equal(measure_moran(&t.c, s, 0, &o, &m,
                                       &(struct moran_local){
                                           .p = p[threads - 1], .kind = kind}),
                         RC_OK);
        near(m.p, 1.0 / 200, 1e-15);
        spatial_free(s);
    }
    assert_memory_equal(p[0], p[1], sizeof p[0]);
    assert_int_equal(kind[21], MORAN_HIGH_HIGH);
    assert_int_equal(kind[38], MORAN_LOW_LOW);
    for (size_t i = 0; i < 200; i++)
        assert_true(p[0][i] >= 1.0 / 200 && p[0][i] <= 0.51);
    assert_true(p[0][25] < 0.05);
    town_free(&t);
}

/* Sequential draws change no p but those that are large anyway. */
static void moran_sequential(void **state)
{
    struct town t = town_grid(20, 10, 50, 2);
    struct measure_options o = measure_defaults();
    double p[2][200];
    size_t fewer = 0;
    struct spatial *s = NULL;
    struct moran m;

    for (size_t i = 0; i < 200; i++) {
        t.n[i * 2] = (double)(20 + i % 20 + 7 * (i % 7));
        t.n[i * 2 + 1] = 100 - t.n[i * 2];
    }
    assert_int_equal(spatial_new(&t.a, NULL, &s), RC_OK);
    o.draws = 1999;
    for (int k = 0; k < 2; k++) {
        o.flags = k ? MEASURE_SEQUENTIAL | MEASURE_LOCAL_ONLY : 0;
        assert_int_equal(
            measure_moran(&t.c, s, 0, &o, &m, &(struct moran_local){.p = p[k]}),
            RC_OK);
        assert_int_equal(isnan(m.p), k);
    }
    for (size_t i = 0; i < 200; i++) {
        if (p[0][i] < 0.025) {
            assert_true(p[0][i] == p[1][i]);
            continue;
        }
        fewer += p[0][i] != p[1][i];
        assert_true(p[1][i] >= 50.0 / 2000); /* no false alarm */
        assert_true(fabs(p[1][i] - p[0][i]) < 0.35 * p[0][i] + 0.02);
    }
    assert_true(fewer > 20);
    spatial_free(s);
    town_free(&t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(moran),
        cmocka_unit_test(moran_variance),
        cmocka_unit_test(moran_leaves_itself_out),
        cmocka_unit_test(moran_permutation),
        cmocka_unit_test(moran_sequential),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
