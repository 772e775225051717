/*
 * What a release shows of a town: which rule applies, what is withheld, and
 * that sums and statistics follow. Here and not beside the solver because it
 * needs the town.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "protect/release.h"
#include "town.h"

struct made {
    struct arena *arena;
    struct intake in;
    struct release *r;
};

static void make(struct made *m, const struct town_options *o)
{
    struct release_options ro = {.seed = 1, .threads = 1, .measure_from = 200};
    struct err err;

    m->arena = arena_new(0);
    town_make(o, m->arena, &m->in);
    assert_int_equal(release_make(&m->in, &ro, NULL, m->arena, &m->r, &err),
                     RC_OK);
}

static void unmake(struct made *m)
{
    cube_free(m->in.cube);
    arena_free(m->arena);
}

static struct cell at(const struct made *m, enum release_table_id id,
                      size_t row, size_t column)
{
    const struct release_table *t = release_table(m->r, id, false);

    return t->cells[row * t->columns + column];
}

static void rules_apply(void **state)
{
    static const struct {
        struct protection_rule rule;
        int64_t threshold;
        bool secondary;
    } cases[] = {
        {{.stated = false}, 5, true},
        {{.stated = true, .method = PROTECT_NONE}, 5, true},
        {{.stated = true, .method = PROTECT_NONE, .why = "  "}, 5, true},
        {{.stated = true, .method = PROTECT_NONE, .why = "law"}, 0, false},
        {{.stated = true, .method = PROTECT_SUPPRESS, .below = 11}, 11, false},
        {{.stated = true,
          .method = PROTECT_SUPPRESS,
          .below = 11,
          .secondary = true},
         11,
         true},
        {{.stated = true, .method = PROTECT_CELL_KEY, .maximum = 5, .never = 2},
         5,
         true},
        {{.stated = true, .method = PROTECT_CELL_KEY, .maximum = 2, .never = 8},
         9,
         true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct town_options o = {.seed = 3, .rule = cases[i].rule};
        const struct release_table *t;
        struct made m;

        make(&m, &o);
        assert_int_equal(release_threshold(m.r), cases[i].threshold);
        assert_int_equal(release_secondary(m.r), cases[i].secondary);
        t = release_table(m.r, TABLE_AREA_ORIGIN, false);
        assert_true((t->withheld > 0) == (cases[i].threshold > 1));
        assert_true(cases[i].secondary || t->complementary == 0);
        unmake(&m);
    }
}

/* Every cell is true, or withheld, and small ones never shown. */
static void cells_true(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct town_options o = {.seed = seed, .rule = {.stated = false}};
        const struct release_table *t;
        struct made m;

        make(&m, &o);
        t = release_table(m.r, TABLE_AREA_ORIGIN, false);
        for (uint32_t a = 0; a < t->rows; a++)
            for (uint32_t k = 0; k < t->columns; k++) {
                struct cell c = at(&m, TABLE_AREA_ORIGIN, a, k);
                int64_t n = town_count(&m.in, a, k);

                if (n == 0 || c.state != CELL_WITHHELD) {
                    assert_int_equal(c.state, CELL_COUNT);
                    assert_int_equal(c.count, n);
                    assert_false(n > 0 && n < 5);
                } else {
                    assert_int_equal(c.count, 0);
                }
            }
        unmake(&m);
    }
}

/* total = parts: what the open ones leave must leave each withheld one open */
static void line_check(const struct cell *total, const struct cell *parts,
                       size_t n, size_t step, int64_t threshold)
{
    int64_t open = 0, hidden = 0;

    for (size_t i = 0; i < n; i++)
        if (parts[i * step].state == CELL_WITHHELD)
            hidden++;
        else
            open += parts[i * step].count;
    if (total->state == CELL_WITHHELD) {
        assert_true(hidden > 0);
    } else if (hidden > 0) {
        assert_true(hidden >= 2);
        assert_true(total->count - open - (hidden - 1) >= threshold);
    } else {
        assert_int_equal(total->count, open);
    }
}

static void lines_keep(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct town_options o = {.seed = seed,
                                 .rule = {.stated = true,
                                          .method = PROTECT_SUPPRESS,
                                          .below = 2 + (int64_t)(seed % 9),
                                          .secondary = true},
                                 .ages = seed % 2,
                                 .publisher_withholds = seed % 5 == 0};
        const struct release_table *ao, *area, *origin, *ag, *gs, *gsa;
        struct made m;

        make(&m, &o);
        ao = release_table(m.r, TABLE_AREA_ORIGIN, false);
        area = release_table(m.r, TABLE_AREA, false);
        origin = release_table(m.r, TABLE_ORIGIN, false);
        ag = release_table(m.r, TABLE_AREA_GROUP, false);
        gs = release_table(m.r, TABLE_GROUP_SEX, false);
        gsa = release_table(m.r, TABLE_GROUP_SEX_AGE, false);
        for (size_t a = 0; a < ao->rows; a++) {
            line_check(&area->cells[a], &ao->cells[a * ao->columns],
                       ao->columns, 1, o.rule.below);
            line_check(&area->cells[a], &ag->cells[2 * a], 2, 1, o.rule.below);
            /* the migrants: every origin but the first */
            line_check(&ag->cells[2 * a + 1], &ao->cells[a * ao->columns + 1],
                       ao->columns - 1, 1, o.rule.below);
        }
        for (size_t k = 0; k < ao->columns; k++)
            line_check(&origin->cells[k], &ao->cells[k], ao->rows, ao->columns,
                       o.rule.below);
        assert_true((gs->cells != NULL) == o.ages);
        for (size_t k = 0; gs->cells && k < ao->columns; k++)
            line_check(&origin->cells[k], &gs->cells[(k + 2) * gs->columns],
                       gs->columns, 1, o.rule.below);
        for (size_t k = 0; gsa->cells && k < gs->rows * gs->columns; k++)
            line_check(&gs->cells[k], &gsa->cells[k * gsa->depth], gsa->depth,
                       1, o.rule.below);
        for (size_t k = 0; gsa->cells && k < gs->columns * gsa->depth; k++)
            line_check(&gsa->cells[gs->columns * gsa->depth + k],
                       &gsa->cells[3 * gs->columns * gsa->depth + k],
                       ao->columns - 1, gs->columns * gsa->depth, o.rule.below);
        unmake(&m);
    }
}

/* Nothing that the publisher withheld is zero, and sums say so. */
static void publisher_kept_apart(void **state)
{
    struct town_options o = {
        .seed = 5,
        .rule = {.stated = true, .method = PROTECT_NONE, .why = "open data"},
        .publisher_withholds = true};
    const struct release_table *t;
    struct made m;
    size_t source = 0;

    (void)state;
    make(&m, &o);
    t = release_table(m.r, TABLE_AREA_ORIGIN, false);
    for (uint32_t a = 0; a < t->rows; a++) {
        bool unknown = false;
        int64_t sum = 0;

        for (uint32_t k = 0; k < t->columns; k++) {
            struct cell c = at(&m, TABLE_AREA_ORIGIN, a, k);

            if (town_count(&m.in, a, k) < 0) {
                assert_true(c.state == CELL_SOURCE || c.state == CELL_MISSING);
                source++;
                unknown = true;
            } else {
                assert_int_equal(c.state, CELL_COUNT);
                sum += c.count;
            }
        }
        assert_int_equal(at(&m, TABLE_AREA, a, 0).state,
                         unknown ? CELL_AT_LEAST : CELL_COUNT);
        assert_int_equal(at(&m, TABLE_AREA, a, 0).count, sum);
    }
    assert_true(source > 10);
    unmake(&m);
}

static void outcomes_protected(void **state)
{
    struct town_options o = {
        .seed = 1, .rule = {.stated = false}, .parts = true};
    const struct release_outcome *r;
    struct made m;
    size_t n;

    (void)state;
    make(&m, &o);
    r = release_outcomes(m.r, &n);
    assert_int_equal(n, 5);
    assert_false(r[0].has_gap);
    assert_true(r[1].has_gap); /* 56 of 70 against 48 of 80 */
    assert_string_equal(r[1].against, "majority");
    assert_float_equal(r[1].gap, 0.2, 1e-12);
    assert_float_equal(r[1].gap_low, 0.0524, 5.1e-5);
    assert_float_equal(r[1].gap_high, 0.3339, 5.1e-5);
    /* 3 of 20 is small; 53 of 53 would tell it with the migrants */
    assert_int_equal(r[2].numerator.state, CELL_WITHHELD);
    assert_true(isnan(r[2].value) && isnan(r[2].gap) && isnan(r[2].ratio));
    assert_int_equal(r[4].numerator.state, CELL_MISSING);
    assert_true(isnan(r[4].value));
    unmake(&m);
}

static void flows_summed(void **state)
{
    struct town_options o = {
        .seed = 1, .rule = {.stated = false}, .parts = true};
    const struct release_flow *f;
    struct made m;
    size_t n;

    (void)state;
    make(&m, &o);
    f = release_flows(m.r, &n);
    assert_int_equal(n, 2);
    assert_string_equal(f[0].period, "2019");
    assert_int_equal(f[0].arrivals.count, 120);
    assert_int_equal(f[0].departures.count, 60);
    assert_int_equal(f[0].internal.count, 40);
    assert_int_equal(f[1].arrivals.state, CELL_WITHHELD);
    assert_int_equal(f[1].departures.count, 70);
    assert_int_equal(f[1].internal.state, CELL_MISSING);
    unmake(&m);
}

/* Measures are rounded as soon as anything may be withheld. */
static void measures_rounded(void **state)
{
    struct town_options o = {.seed = 2, .rule = {.stated = false}};
    const struct release_measure *r;
    struct made m;
    size_t n, areas = 0;

    (void)state;
    make(&m, &o);
    r = release_measures(m.r, &n);
    assert_true(n > 20);
    for (size_t i = 0; i < n; i++) {
        if (!r[i].area_values) {
            if (isfinite(r[i].value))
                assert_float_equal(r[i].value, round(r[i].value * 1e3) / 1e3,
                                   0);
            continue;
        }
        areas++;
        for (size_t a = 0; a < 20; a++)
            if (isfinite(r[i].area_values[a]))
                assert_float_equal(r[i].area_values[a],
                                   round(r[i].area_values[a] * 1e2) / 1e2, 0);
    }
    assert_int_equal(areas, 1);
    unmake(&m);
}

/* An interval holds its debiased value, is rounded as the value, and is there
 * for every figure of evenness of the period itself. */
static void measures_inferred(void **state)
{
    struct town_options o = {.seed = 2, .rule = {.stated = false}};
    const struct release_measure *r;
    struct made m;
    size_t n, inferred = 0;

    (void)state;
    make(&m, &o);
    r = release_measures(m.r, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(r[i].code, "dissimilarity") == 0 && isfinite(r[i].value))
            assert_true((r[i].inferred > 0) == !r[i].compare);
        if (!r[i].inferred)
            continue;
        inferred++;
        assert_true(r[i].low <= r[i].debiased && r[i].debiased <= r[i].high);
        assert_float_equal(r[i].low, round(r[i].low * 1e3) / 1e3, 0);
        assert_float_equal(r[i].debiased, round(r[i].debiased * 1e3) / 1e3, 0);
        if (isfinite(r[i].expected)) {
            assert_true(r[i].p > 0 && r[i].p <= 1);
            assert_float_equal(r[i].expected, round(r[i].expected * 1e3) / 1e3,
                               0);
        }
    }
    assert_true(inferred > 15);
    unmake(&m);
}

static void unknown_period(void **state)
{
    struct town_options o = {.seed = 2, .rule = {.stated = false}};
    struct arena *a = arena_new(0);
    struct release *r = NULL;
    struct intake in;
    struct err err;

    (void)state;
    town_make(&o, a, &in);
    in.package->period = "1999";
    assert_int_equal(release_make(&in, NULL, NULL, a, &r, &err), RC_INVALID);
    assert_null(r);
    cube_free(in.cube);
    arena_free(a);
}

static double entropy(double p)
{
    return p <= 0 || p >= 1 ? 0 : -p * log(p) - (1 - p) * log(1 - p);
}

/* H of Reardon and O'Sullivan by its definition, over all pairs of areas. */
static double spatial_h(const struct made *m, uint32_t origin, double radius)
{
    const struct geography *g = m->in.geography;
    size_t origins = cube_dict(m->in.cube, DIM_ORIGIN)->n;
    double x[64] = {0}, t[64] = {0}, X = 0, T = 0, mixed = 0;

    for (uint32_t i = 0; i < g->n; i++) {
        for (uint32_t o = 0; o < origins; o++) {
            double n = (double)town_count(&m->in, i, o);

            t[i] += n;
            x[i] +=
                origin == RELEASE_MIGRANTS ? (o > 0) * n : (o == origin) * n;
        }
        T += t[i];
        X += x[i];
    }
    for (size_t i = 0; i < g->n; i++) {
        double a = 0, b = 0;

        for (size_t j = 0; j < g->n; j++) {
            double z = hypot(g->areas[i].x_m - g->areas[j].x_m,
                             g->areas[i].y_m - g->areas[j].y_m) /
                       radius;
            double w = z <= 1 ? (1 - z * z) * (1 - z * z) : 0;

            a += w * x[j];
            b += w * t[j];
        }
        mixed += t[i] / T * entropy(a / b);
    }
    return 1 - mixed / entropy(X / T);
}

static void curves_follow_their_definition(void **state)
{
    struct town_options o = {.seed = 3, .rule = {.stated = false}};
    struct made m;
    const struct release_curve *c;
    size_t n;

    make(&m, &o);
    c = release_curves(m.r, &n);
    assert_true(n >= 3);
    assert_int_equal(c[0].origin, RELEASE_MIGRANTS);
    for (size_t k = 0; k < n; k++)
        for (size_t b = 0; b < RELEASE_BANDWIDTHS; b++) {
            double want = spatial_h(&m, c[k].origin, release_bandwidth_m[b]);

            if (fabs(c[k].value[b] - want) > 0.00051)
                print_error("group %zu at %g m: %g, not %g\n", k,
                            release_bandwidth_m[b], c[k].value[b], want);
            assert_true(fabs(c[k].value[b] - want) <= 0.00051);
            assert_true(fabs(c[k].value[b] * 1e3 - round(c[k].value[b] * 1e3)) <
                        1e-9);
        }
    unmake(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_apply),
        cmocka_unit_test(cells_true),
        cmocka_unit_test(lines_keep),
        cmocka_unit_test(publisher_kept_apart),
        cmocka_unit_test(outcomes_protected),
        cmocka_unit_test(flows_summed),
        cmocka_unit_test(measures_rounded),
        cmocka_unit_test(measures_inferred),
        cmocka_unit_test(unknown_period),
        cmocka_unit_test(curves_follow_their_definition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
