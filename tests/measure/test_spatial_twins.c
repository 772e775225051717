/*
 * The spatial measures against plain double loops over all pairs, which share
 * nothing with them but the formula of the publication.
 */
#include "town.h"

#include "base/rng.h"
#include "measure/spatial_sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static double distance(const struct town *t, size_t i, size_t j)
{
    return hypot(t->x[i] - t->x[j], t->y[i] - t->y[j]);
}

static double value(const struct town *t, const char *code,
                    enum measure_scope scope, size_t g, size_t h,
                    const struct spatial_options *s)
{
    struct spatial *space = NULL;
    double v = NAN;

    assert_int_equal(spatial_new(&t->a, s, &space), RC_OK);
    assert_int_equal(measure_spatial(measure_find(code), scope, &t->c, space, g,
                                     h, NULL, &v),
                     RC_OK);
    spatial_free(space);
    return v;
}

/* --- environments ---------------------------------------------------- */

static double plain_kernel(const struct kernel *k, double d)
{
    static const double peak[] = {0.5, 1, 0.75, 0.9375, 0.3989422804014327,
                                  1,   1};
    double z = d / k->bandwidth_m, c = k->density ? peak[k->shape] : 1;
    bool in = d <= (k->reach_m > 0 ? k->reach_m : k->bandwidth_m);

    switch (k->shape) {
    case SHAPE_UNIFORM:
        return in ? c : 0;
    case SHAPE_TRIANGULAR:
        return in ? c * (1 - z) : 0;
    case SHAPE_QUADRATIC:
        return in ? c * (1 - z * z) : 0;
    case SHAPE_BIWEIGHT:
        return in ? c * pow(1 - z * z, 2) : 0;
    case SHAPE_GAUSSIAN:
        return k->reach_m > 0 && !in ? 0 : c * exp(-z * z / 2);
    case SHAPE_EXPONENTIAL:
        return k->reach_m > 0 && !in ? 0 : c * exp(-z);
    case SHAPE_INVERSE:
        return k->reach_m > 0 && !in ? 0 : c * pow(1 + z, -k->power);
    }
    return NAN;
}

static void plain_apply(const struct town *t, const struct kernel *k,
                        double *out)
{
    size_t groups = t->groups;

    for (size_t i = 0; i < t->a.n; i++)
        for (size_t g = 0; g < groups; g++) {
            double s = 0;

            for (size_t j = 0; j < t->a.n; j++)
                s += (i == j ? 1 : plain_kernel(k, distance(t, i, j))) *
                     t->n[j * groups + g];
            out[i * groups + g] = s;
        }
}

static void same_rows(const double *a, const double *b, size_t n, double scale)
{
    for (size_t k = 0; k < n; k++)
        if (!(fabs(a[k] - b[k]) <= 1e-12 * scale))
            fail_msg("row %zu: %.17g instead of %.17g", k, a[k], b[k]);
}

static void check_kernel(const struct town *t, const struct kernel *k)
{
    size_t cells = t->a.n * t->groups;
    double *plain = malloc(cells * sizeof *plain);
    double *ours = malloc(cells * sizeof *ours);
    double *again = malloc(cells * sizeof *again), persons = 0;

    plain_apply(t, k, plain);
    for (size_t i = 0; i < cells; i++)
        persons += t->n[i];
    for (unsigned threads = 1; threads <= 3; threads++) {
        struct environment *e = NULL;

        assert_int_equal(environment_new(&t->a, k, threads, &e), RC_OK);
        assert_int_equal(environment_apply(e, &t->c, ours), RC_OK);
        same_rows(ours, plain, cells, persons);
        if (threads > 1)
            assert_memory_equal(ours, again, cells * sizeof *ours);
        memcpy(again, ours, cells * sizeof *ours);
        assert_int_equal(environment_pairs(e), 0);
        assert_int_equal(environment_keep(e, t->a.n * t->a.n), RC_OK);
        assert_true(environment_pairs(e) >= t->a.n);
        assert_int_equal(environment_apply(e, &t->c, ours), RC_OK);
        same_rows(ours, plain, cells, persons);
        environment_free(e);
    }
    free(plain);
    free(ours);
    free(again);
}

static void kernels(void **state)
{
    static const size_t groups[] = {1, 2, 4, 5, 9, 17, 40};

    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        struct town t = town_random(150, 5000, groups[g], 3 + g);

        for (int shape = SHAPE_UNIFORM; shape <= SHAPE_INVERSE; shape++)
            for (double h = 100; h < 30000; h *= 3.7) {
                struct kernel k = kernel_of((enum kernel_shape)shape, h);

                check_kernel(&t, &k);
                k.density = true;
                k.reach_m = h;
                k.power = shape == SHAPE_INVERSE ? 2.5 : 1;
                check_kernel(&t, &k);
            }
        town_free(&t);
    }
}

static void weights(void **state)
{
    for (int shape = SHAPE_UNIFORM; shape <= SHAPE_INVERSE; shape++)
        for (double power = 1; power <= 3; power += 0.5)
            for (double d = 0; d < 5000; d += 7.3) {
                struct kernel k = kernel_of((enum kernel_shape)shape, 1200);
                double w = NAN;

                k.power = power;
                assert_int_equal(kernel_weight(&k, d, &w), RC_OK);
                near(w, plain_kernel(&k, d), 4e-16 * (1 + power));
            }
}

/* The same bits whichever instructions the processor has. */
static void processors(void **state)
{
    enum { N = 700, COLUMNS = 21 };
    static double x[N + 8], y[N + 8], rows[N * 24], v[N], a[N], b[N];
    uint32_t to[N];
    struct sweeps with[SWEEPS_MOST];
    size_t n = sweeps_list(with);
    struct rng r;

    rng_init(&r, 3, 3);
    for (size_t i = 0; i < N; i++) {
        x[i] = rng_double(&r) * 3000;
        y[i] = rng_double(&r) * 3000;
        v[i] = rng_double(&r) * 1e6 + 1e-6;
        to[i] = (uint32_t)rng_below(&r, N);
        for (size_t c = 0; c < 24; c++)
            rows[i * 24 + c] = c < COLUMNS ? rng_double(&r) : 0;
    }
    for (size_t k = 1; k < n; k++) {
        with[0].log(v, N, a);
        with[k].log(v, N, b);
        assert_memory_equal(a, b, sizeof a);
        for (int shape = SHAPE_UNIFORM; shape <= SHAPE_INVERSE; shape++)
            for (size_t narrow = 0; narrow <= NARROW; narrow++) {
                struct sweep s = {.shape = (enum kernel_shape)shape,
                                  .bandwidth = 800,
                                  .reach2 = 2000 * 2000,
                                  .scale = 0.75,
                                  .power = 1.5,
                                  .x = x,
                                  .y = y,
                                  .columns = narrow ? narrow : COLUMNS,
                                  .rows = rows,
                                  .tiles = narrow ? 0 : 3};
                double acc[2][NARROW * LANES] = {0}, four[2][4 * 24] = {0};
                const size_t at[] = {0, 1, 2, 3};
                const double ones[] = {1, 1, 1, 1};

                for (size_t c = 0; c < narrow; c++)
                    s.column[c] = rows + c * (N + 8);
                with[0].weigh(&s, 1500, 1400, 0, N, a);
                with[k].weigh(&s, 1500, 1400, 0, N, b);
                assert_memory_equal(a, b, sizeof a);
                with[0].sweep(&s, 900, 700, 3, N, 44, 1, acc[0]);
                with[k].sweep(&s, 900, 700, 3, N, 44, 1, acc[1]);
                assert_memory_equal(acc[0], acc[1], sizeof acc[0]);
                if (narrow)
                    continue;
                with[0].sweep4(&s, x, y, 2, N, at, ones, four[0]);
                with[k].sweep4(&s, x, y, 2, N, at, ones, four[1]);
                assert_memory_equal(four[0], four[1], sizeof four[0]);
                with[0].gather(&s, to, a, N, acc[0]);
                with[k].gather(&s, to, a, N, acc[1]);
                assert_memory_equal(acc[0], acc[1], sizeof acc[0]);
            }
    }
}

/* Against the C library's exp and log. */
static void elementary(void **state)
{
    struct sweeps with = sweeps_choose();
    struct kernel k = kernel_of(SHAPE_EXPONENTIAL, 1);

    k.tail = 0;
    for (double z = 0; z < 700; z += 0.0371) {
        double w = NAN, v, l;

        assert_int_equal(kernel_weight(&k, z, &w), RC_OK);
        if (!(fabs(w / exp(-z) - 1) < 4e-16))
            fail_msg("exp(-%.17g): %.17g", z, w);
        for (int sign = -1; sign <= 1; sign += 2) {
            v = exp(sign * z) * 1.0001;
            with.log(&v, 1, &l);
            if (!(fabs(l - log(v)) <= 3e-16 * fmax(0.05, fabs(log(v)))))
                fail_msg("log(%.17g): %.17g", v, l);
        }
    }
}

static void limit(void **state)
{
    struct town t = town_random(50, 1000, 2, 5);
    struct kernel k = kernel_of(SHAPE_UNIFORM, 1000);
    struct environment *e = NULL;

    assert_int_equal(environment_new(&t.a, &k, 1, &e), RC_OK);
    assert_int_equal(environment_keep(e, 100), RC_LIMIT);
    assert_int_equal(environment_pairs(e), 0);
    environment_free(e);
    town_free(&t);
}

/* Distances along streets: here every pair's, so that both must agree. */
static void given_links(void **state)
{
    struct town t = town_random(60, 3000, 3, 9);
    size_t n = t.a.n, pairs = 0;
    uint32_t *from = malloc(n * n * sizeof *from);
    uint32_t *to = malloc(n * n * sizeof *to);
    double *d = malloc(n * n * sizeof *d), a[180], b[180];
    struct kernel k = kernel_of(SHAPE_BIWEIGHT, 900);
    struct environment *planar = NULL, *given = NULL;
    struct neighbours l;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (i != j) {
                from[pairs] = (uint32_t)i;
                to[pairs] = (uint32_t)j;
                d[pairs++] = distance(&t, i, j);
            }
    l = links_of(n, pairs, from, to, d);
    assert_int_equal(environment_new(&t.a, &k, 1, &planar), RC_OK);
    assert_int_equal(environment_of_links(n, &l, l.length_m, &k, 2, &given),
                     RC_OK);
    assert_int_equal(environment_apply(planar, &t.c, a), RC_OK);
    assert_int_equal(environment_apply(given, &t.c, b), RC_OK);
    same_rows(a, b, n * 3, 1e4);
    environment_free(planar);
    environment_free(given);
    links_free(&l);
    free(from);
    free(to);
    free(d);
    town_free(&t);
}

/* --- clustering and exposure ----------------------------------------- */

struct plain {
    double xx, yy, tt, xt, ones, decay_x, decay_y, X, Y, T;
};

static double contact(const struct town *t, size_t i, size_t j,
                      const struct spatial_options *s)
{
    double d = i != j                 ? distance(t, i, j)
               : s->self == SELF_ZERO ? 0
                                      : sqrt(0.6 * t->area[i]);

    return exp(-d / s->distance_unit_m);
}

static struct plain plain_touch(const struct town *t, size_t g, size_t h,
                                const struct spatial_options *s)
{
    struct plain p = {0};
    size_t G = t->groups;

    for (size_t i = 0; i < t->a.n; i++) {
        double x = t->n[i * G + g], T = 0, y, cx = 0, cy = 0, ct = 0;

        for (size_t k = 0; k < G; k++)
            T += t->n[i * G + k];
        y = h < G ? t->n[i * G + h] : T - x;
        for (size_t j = 0; j < t->a.n; j++) {
            double c = contact(t, i, j, s), tj = 0;

            for (size_t k = 0; k < G; k++)
                tj += t->n[j * G + k];
            cx += c * t->n[j * G + g];
            cy += c * (h < G ? t->n[j * G + h] : tj - t->n[j * G + g]);
            ct += c * tj;
            p.ones += c;
        }
        p.X += x;
        p.Y += y;
        p.T += T;
        p.xx += x * cx;
        p.yy += y * cy;
        p.xt += x * ct;
        p.tt += T * ct;
        p.decay_x += x * cx / ct;
        p.decay_y += x * cy / ct;
    }
    return p;
}

static void check_clustering(const struct town *t,
                             const struct spatial_options *s)
{
    double n = (double)t->a.n;

    for (size_t g = 0; g < t->groups; g++) {
        size_t rest = t->groups, h = (g + 1) % t->groups;
        struct plain p = plain_touch(t, g, rest, s);
        struct plain q = plain_touch(t, g, h, s);
        double even = p.X / n / n * p.ones;

        near(value(t, "absolute_clustering", MEASURE_GROUP, g, 0, s),
             (p.xx / p.X - even) / (p.xt / p.X - even), 1e-11);
        near(value(t, "relative_clustering", MEASURE_GROUP, g, 0, s),
             p.xx / p.X / p.X / (p.yy / p.Y / p.Y) - 1, 1e-11);
        near(value(t, "relative_clustering", MEASURE_PAIR, g, h, s),
             q.xx / q.X / q.X / (q.yy / q.Y / q.Y) - 1, 1e-11);
        near(value(t, "spatial_proximity", MEASURE_GROUP, g, 0, s),
             (p.xx / p.X + p.yy / p.Y) / (p.tt / p.T), 1e-11);
        near(value(t, "distance_decay_isolation", MEASURE_GROUP, g, 0, s),
             p.decay_x / p.X, 1e-11);
        near(value(t, "distance_decay_interaction", MEASURE_GROUP, g, 0, s),
             p.decay_y / p.X, 1e-11);
        near(value(t, "distance_decay_interaction", MEASURE_PAIR, g, h, s),
             q.decay_y / q.X, 1e-11);
    }
}

static void clustering(void **state)
{
    struct town t = town_random(120, 8000, 3, 21);
    struct spatial_options s = spatial_defaults();

    check_clustering(&t, &s);
    s.self = SELF_ZERO;
    s.threads = 2;
    check_clustering(&t, &s);
    s.distance_unit_m = 150;
    check_clustering(&t, &s);
    s.distance_unit_m = 5; /* most pairs under the tail */
    check_clustering(&t, &s);
    town_free(&t);
}

/* One pass for every group gives what each group alone gives. */
static void every_group(void **state)
{
    struct town t = town_random(90, 6000, 6, 4);
    struct spatial *s = NULL;
    size_t n;
    const struct measure *all = measure_catalogue(&n);
    double v[6];
    enum rc rc[6];

    assert_int_equal(spatial_new(&t.a, NULL, &s), RC_OK);
    for (size_t i = 0; i < n; i++) {
        if (!(all[i].scopes & MEASURE_GROUP) || all[i].needs == NEEDS_TWO)
            continue;
        assert_int_equal(measure_spatial_groups(&all[i], &t.c, s, NULL, v, rc),
                         RC_OK);
        for (size_t g = 0; g < 6; g++) {
            double one = NAN;

            assert_int_equal(rc[g], measure_spatial(&all[i], MEASURE_GROUP,
                                                    &t.c, s, g, 0, NULL, &one));
            if (rc[g] == RC_OK)
                near(v[g], one, 1e-12);
        }
    }
    spatial_free(s);
    town_free(&t);
}

/* What was prepared for other counts is not taken for these. */
static void preparation(void **state)
{
    struct town t = town_random(90, 6000, 4, 4),
                u = town_random(90, 6000, 4, 5);
    const struct counts pairs = {90, 2, t.n};
    struct spatial *s = NULL, *fresh = NULL;
    static const char *const code[] = {
        "absolute_clustering", "relative_clustering", "spatial_proximity",
        "distance_decay_isolation", "distance_decay_interaction"};

    assert_int_equal(spatial_new(&t.a, NULL, &s), RC_OK);
    assert_int_equal(spatial_new(&t.a, NULL, &fresh), RC_OK);
    assert_int_equal(spatial_prepare(s, &t.c), RC_OK);
    for (size_t k = 0; k < ARRAY_LEN(code); k++) {
        const struct counts *const all[] = {&t.c, &u.c, &pairs};

        for (size_t i = 0; i < 3; i++) {
            const struct measure *m = measure_find(code[k]);
            double a = NAN, b = NAN;

            assert_int_equal(
                measure_spatial(m, MEASURE_GROUP, all[i], s, 1, 0, NULL, &a),
                RC_OK);
            assert_int_equal(measure_spatial(m, MEASURE_GROUP, all[i], fresh, 1,
                                             0, NULL, &b),
                             RC_OK);
            near(a, b, 1e-13);
        }
    }
    spatial_free(s);
    spatial_free(fresh);
    town_free(&t);
    town_free(&u);
}

/* --- steps between areas --------------------------------------------- */

static void plain_curve(const struct town *t, size_t g, size_t m, double *curve)
{
    size_t n = t->a.n, G = t->groups;
    double *d = malloc(n * n * sizeof *d);

    for (size_t i = 0; i < n * n; i++)
        d[i] = i / n == i % n ? 0 : INFINITY;
    for (size_t i = 0; i < n; i++)
        for (size_t e = t->a.queen.start[i]; e < t->a.queen.start[i + 1]; e++)
            d[i * n + t->a.queen.to[e]] = 1;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                d[i * n + j] = fmin(d[i * n + j], d[i * n + k] + d[k * n + j]);
    for (size_t k = 0; k < m; k++) {
        double sum = 0, at = (double)k / (double)(m - 1), count = 0;

        for (size_t i = 0; i < n; i++) {
            double ti = 0, tj;

            for (size_t h = 0; h < G; h++)
                ti += t->n[i * G + h];
            if (!(t->n[i * G + g] / ti >= at))
                continue;
            count++;
            for (size_t j = 0; j < n; j++) {
                tj = 0;
                for (size_t h = 0; h < G; h++)
                    tj += t->n[j * G + h];
                if (t->n[j * G + g] / tj >= at)
                    sum += d[i * n + j];
            }
        }
        curve[k] = count > 1 ? (count * count - count) / sum : 0;
    }
    free(d);
}

static void check_curve(struct town *t)
{
    struct measure_options o = measure_defaults();
    struct spatial_options so = spatial_defaults();
    double ours[50], plain[50];

    o.thresholds = 50;
    for (size_t g = 0; g < t->groups; g++) {
        plain_curve(t, g, 50, plain);
        for (so.threads = 1; so.threads <= 3; so.threads++) {
            struct spatial *s = NULL;

            assert_int_equal(spatial_new(&t->a, &so, &s), RC_OK);
            assert_int_equal(measure_proximity_curve(&t->c, s, g, &o, ours),
                             RC_OK);
            for (size_t k = 0; k < 50; k++)
                near(ours[k], plain[k], 1e-13);
            spatial_free(s);
        }
    }
}

static void steps(void **state)
{
    struct town joined = town_grid(25, 22, 100, 2);
    struct town broken = town_random(140, 5000, 2, 77);

    /* Nobody lives in a row of the grid: steps go through it all the same. */
    for (size_t i = 0; i < 25 * 2; i++)
        joined.n[10 * 25 * 2 + i] = 0;
    check_curve(&joined);
    check_curve(&broken);
    town_free(&joined);
    town_free(&broken);
}

/* --- distortion ------------------------------------------------------ */

struct step {
    double d;
    size_t i;
};

static int by_distance(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    return x->d < y->d ? -1 : x->d > y->d;
}

/* Areas at the same distance come in together, each with what is true then. */
static double plain_distortion(const struct town *t, size_t from)
{
    size_t n = t->a.n, G = t->groups;
    struct step *s = malloc(n * sizeof *s);
    double total[8] = {0}, c[8] = {0}, T = 0, S = 0, out = 0;

    for (size_t i = 0; i < n; i++) {
        s[i] = (struct step){distance(t, from, i), i};
        for (size_t g = 0; g < G; g++) {
            total[g] += t->n[i * G + g];
            T += t->n[i * G + g];
        }
    }
    qsort(s, n, sizeof *s, by_distance);
    for (size_t k = 0, end = 0; k < n; k = end) {
        double kl = 0;

        for (end = k; end < n && s[end].d == s[k].d; end++)
            for (size_t g = 0; g < G; g++) {
                c[g] += t->n[s[end].i * G + g];
                S += t->n[s[end].i * G + g];
            }
        for (size_t g = 0; g < G; g++)
            if (c[g] > 0)
                kl += c[g] / S * log(c[g] / S / (total[g] / T));
        out += kl * (double)(end - k);
    }
    free(s);
    return out;
}

static void check_distortion(const struct town *t)
{
    size_t n = t->a.n, G = t->groups;
    struct spatial_options o = spatial_defaults();
    double local[200], mean = 0, T = 0;

    for (o.threads = 1; o.threads <= 2; o.threads++) {
        struct spatial *s = NULL;

        assert_int_equal(spatial_new(&t->a, &o, &s), RC_OK);
        assert_int_equal(measure_spatial(measure_find("distortion"),
                                         MEASURE_AREA, &t->c, s, 0, 0, NULL,
                                         local),
                         RC_OK);
        for (size_t i = 0; i < n; i++)
            near(local[i], plain_distortion(t, i), 1e-11);
        spatial_free(s);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t g = 0; g < G; g++) {
            mean += t->n[i * G + g] * local[i];
            T += t->n[i * G + g];
        }
    near(value(t, "distortion", MEASURE_CITY, 0, 0, NULL), mean / T, 1e-12);
}

static void distortion(void **state)
{
    struct town t = town_random(130, 5000, 5, 31);
    struct town grid = town_grid(13, 11, 64, 3); /* distances are exact */

    /* Nobody lives around one corner. */
    for (size_t k = 0; k < 3 * 3; k++)
        t.n[k] = grid.n[k] = 0;
    check_distortion(&t);
    check_distortion(&grid);
    town_free(&t);
    town_free(&grid);
}

/* --- centralisation -------------------------------------------------- */

static double plain_local(const struct town *t, size_t at, size_t g,
                          size_t nearest)
{
    size_t n = t->a.n, G = t->groups;
    struct step *s = malloc(n * sizeof *s);
    double X = 0, Y = 0, x = 0, y = 0, x0 = 0, y0 = 0, out = 0;

    for (size_t i = 0; i < n; i++)
        s[i] = (struct step){distance(t, at, i), i};
    qsort(s, n, sizeof *s, by_distance);
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < n; k++) {
            const double *row = t->n + s[k].i * G;
            double rest = 0;

            if (k > nearest && s[k].d > s[nearest].d)
                break;

            for (size_t h = 0; h < G; h++)
                rest += h == g ? 0 : row[h];
            if (!pass) {
                X += row[g];
                Y += rest;
                continue;
            }
            x += row[g] / X;
            y += rest / Y;
            if (k + 1 < n && s[k + 1].d == s[k].d)
                continue;
            out += x0 * y - x * y0;
            x0 = x;
            y0 = y;
        }
    free(s);
    return X > 0 && Y > 0 ? out : NAN;
}

static void check_local(const struct town *t, size_t nearest)
{
    struct spatial_options o = spatial_defaults();
    struct spatial *s = NULL;
    double v[200];

    o.nearest = nearest;
    o.threads = 2;
    assert_int_equal(spatial_new(&t->a, &o, &s), RC_OK);
    assert_int_equal(
        measure_spatial(measure_find("local_relative_centralization"),
                        MEASURE_GROUP_AREA, &t->c, s, 1, 0, NULL, v),
        RC_OK);
    for (size_t i = 0; i < t->a.n; i++) {
        double plain = plain_local(t, i, 1, nearest);

        if (isnan(plain))
            assert_true(isnan(v[i]));
        else
            near(v[i], plain, 1e-11);
    }
    spatial_free(s);
}

/* On a grid the fifth nearest has equals, which come in too. */
static void local_centralization(void **state)
{
    struct town t = town_random(200, 5000, 3, 12);
    struct town grid = town_grid(14, 12, 64, 3);

    for (size_t nearest = 1; nearest < 167; nearest = nearest * 3 + 2) {
        check_local(&t, nearest);
        check_local(&grid, nearest);
    }
    town_free(&t);
    town_free(&grid);
}

/* --- measures on environments ---------------------------------------- */

static double xlogx(double x)
{
    return x > 0 ? x * log(x) : 0;
}

static void composition(void **state)
{
    enum { N = 110, G = 4 };
    struct town t = town_random(N, 5000, G, 14);
    struct kernel k = kernel_of(SHAPE_BIWEIGHT, 1300);
    struct spatial_options s = spatial_defaults();
    double e[N * G], P[G] = {0}, T = 0, D = 0, E = 0, I = 0, H = 0, R = 0;
    double M = 0, NE = 0, d1 = 0, x0 = 0, x1 = 0, h1 = 0, pair = 0, t01 = 0;

    plain_apply(&t, &k, e);
    for (size_t i = 0; i < N * G; i++) {
        P[i % G] += t.n[i];
        T += t.n[i];
    }
    t01 = P[0] + P[1];
    for (size_t g = 0; g < G; g++) {
        P[g] /= T;
        E -= xlogx(P[g]);
        I += P[g] * (1 - P[g]);
    }
    for (size_t i = 0; i < N; i++) {
        double ti = 0, ei = 0, *n = t.n + i * G, *q = e + i * G;

        for (size_t g = 0; g < G; g++) {
            ti += n[g];
            ei += q[g];
        }
        for (size_t g = 0; g < G; g++) {
            double p = q[g] / ei;

            D += ti * fabs(p - P[g]) / (2 * T * I);
            H += ti * xlogx(p) / (T * E);
            R -= ti * p * (1 - p) / (T * I);
            M += p > 0 ? ti / T * p * log(p / P[g]) : 0;
            NE += ti / T * (p - P[g]) * (p - P[g]) / (1 - P[g]);
        }
        d1 += ti * fabs(q[0] / ei - P[0]) / (2 * T * P[0] * (1 - P[0]));
        h1 += ti * (xlogx(q[0] / ei) + xlogx(1 - q[0] / ei));
        x0 += n[0] / (P[0] * T) * q[0] / ei;
        x1 += n[0] / (P[0] * T) * q[1] / ei;
        pair += (n[0] + n[1]) * fabs(q[0] / (q[0] + q[1]) - P[0] * T / t01) /
                (2 * t01 * (P[0] * T / t01) * (1 - P[0] * T / t01));
    }
    h1 = 1 - h1 / T / (xlogx(P[0]) + xlogx(1 - P[0]));
    s.kernel = k;
    near(value(&t, "dissimilarity", MEASURE_CITY, 0, 0, &s), D, 1e-12);
    near(value(&t, "information_theory", MEASURE_CITY, 0, 0, &s), 1 + H, 1e-12);
    near(value(&t, "relative_diversity", MEASURE_CITY, 0, 0, &s), 1 + R, 1e-12);
    near(value(&t, "mutual_information", MEASURE_CITY, 0, 0, &s), M, 1e-12);
    near(value(&t, "normalized_exposure", MEASURE_CITY, 0, 0, &s), NE, 1e-12);
    near(value(&t, "dissimilarity", MEASURE_GROUP, 0, 0, &s), d1, 1e-12);
    near(value(&t, "information_theory", MEASURE_GROUP, 0, 0, &s), h1, 1e-12);
    near(value(&t, "isolation", MEASURE_GROUP, 0, 0, &s), x0, 1e-12);
    near(value(&t, "interaction", MEASURE_GROUP, 0, 0, &s), 1 - x0, 1e-12);
    near(value(&t, "interaction", MEASURE_PAIR, 0, 1, &s), x1, 1e-12);
    near(value(&t, "dissimilarity", MEASURE_PAIR, 0, 1, &s), pair, 1e-12);
    town_free(&t);
}

/* LOCAL_COUNTS: the smoothed counts stand for the counts, in every measure. */
static void smoothed_counts(void **state)
{
    enum { N = 80, G = 3 };
    struct town t = town_random(N, 5000, G, 15);
    struct kernel k = kernel_of(SHAPE_TRIANGULAR, 1500);
    struct spatial_options s = spatial_defaults();
    double e[N * G];
    struct counts smooth = {N, G, e};
    static const char *const code[] = {"gini", "dissimilarity", "atkinson",
                                       "isolation", "correlation_ratio"};

    plain_apply(&t, &k, e);
    s.kernel = k;
    s.form = LOCAL_COUNTS;
    for (size_t i = 0; i < ARRAY_LEN(code); i++) {
        double v = NAN;

        assert_int_equal(measure_compute(measure_find(code[i]), MEASURE_GROUP,
                                         &smooth, 1, 0, NULL, &v),
                         RC_OK);
        near(value(&t, code[i], MEASURE_GROUP, 1, 0, &s), v, 1e-12);
    }
    town_free(&t);
}

static void profile(void **state)
{
    struct town t = town_random(150, 6000, 3, 16);
    const double h[] = {0, 250, 600, 1100, 2500, 6000};
    double value_of[ARRAY_LEN(h)];

    for (int shape = SHAPE_UNIFORM; shape <= SHAPE_INVERSE; shape++)
        for (int form = LOCAL_COMPOSITION; form <= LOCAL_COUNTS; form++) {
            struct spatial_options o = spatial_defaults(), one;
            struct spatial *s = NULL;

            o.kernel = kernel_of((enum kernel_shape)shape, 1);
            o.form = (enum local_form)form;
            o.bandwidth_m = h;
            o.bandwidths = ARRAY_LEN(h);
            one = o;
            assert_int_equal(spatial_new(&t.a, &o, &s), RC_OK);
            assert_int_equal(measure_profile(measure_find("information_theory"),
                                             MEASURE_CITY, &t.c, s, 0, 0, NULL,
                                             value_of),
                             RC_OK);
            for (size_t k = 0; k < ARRAY_LEN(h); k++) {
                one.kernel.bandwidth_m = h[k];
                near(value_of[k],
                     value(&t, "information_theory", MEASURE_CITY, 0, 0, &one),
                     1e-12);
            }
            spatial_free(s);
        }
    town_free(&t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights),     cmocka_unit_test(processors),
        cmocka_unit_test(elementary),  cmocka_unit_test(kernels),
        cmocka_unit_test(limit),       cmocka_unit_test(given_links),
        cmocka_unit_test(clustering),  cmocka_unit_test(every_group),
        cmocka_unit_test(preparation), cmocka_unit_test(steps),
        cmocka_unit_test(distortion),  cmocka_unit_test(local_centralization),
        cmocka_unit_test(composition), cmocka_unit_test(smoothed_counts),
        cmocka_unit_test(profile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
