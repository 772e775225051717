/*
 * profile/comparison.h: like with like alone, intervals of differences by the
 * published formula, and nothing sure that is not.
 */
#include "base/rng.h"
#include "profile/comparison.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct arena *arena;

static struct node *names(const char *text)
{
    struct node *n = node_object(arena);

    node_set_text(n, "en", text);
    return n;
}

static struct node *number(double v, const char *unit)
{
    struct node *n = node_object(arena);

    node_set_double(n, "value", v);
    node_set_text(n, "unit", unit);
    node_set(n, "label", names("Label"));
    return n;
}

static struct node *measure(const char *code, double v, double low, double high)
{
    struct node *n = number(v, "index");

    node_set_text(n, "code", code);
    node_set_double(n, "low", low);
    node_set_double(n, "high", high);
    node_set_double(n, "level", 0.95);
    return n;
}

/* 60 areas, 100,000 residents, of whom `migrants`. */
static struct node *a_profile(const char *period, double migrants)
{
    struct node *doc = node_object(arena), *part;

    node_set_text(doc, "period", period);
    part = node_set(doc, "generator", node_object(arena));
    node_set_text(part, "version", "1");
    part = node_set(doc, "city", node_object(arena));
    node_set_text(part, "country", "TN");
    node_set(part, "areas", number(60, "none"));
    part = node_set(doc, "basis", node_object(arena));
    node_set_text(part, "code", "country-of-birth");
    node_set(part, "text", names("country of birth"));
    node_push(node_set(doc, "majority", node_list(arena)),
              node_text(arena, "TN"));
    part = node_set(doc, "population", node_object(arena));
    node_set(part, "total", number(100000, "persons"));
    node_set(part, "migrants", number(migrants, "persons"));
    node_set(part, "migrants_share", number(migrants / 100000, "share"));
    part = node_set(doc, "origins", node_object(arena));
    node_set(part, "number", number(40, "none"));
    part = node_set(doc, "measures", node_object(arena));
    node_set(part, "migrants", node_list(arena));
    node_set(part, "city", node_list(arena));
    return doc;
}

static void add_measure(struct node *doc, struct node *m)
{
    node_push(node_path(doc, "measures.migrants"), m);
}

static const struct comparison_row *row(const struct comparison *c,
                                        const char *path)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->rows[i].path, path) == 0)
            return &c->rows[i];
    print_error("no row %s\n", path);
    fail();
    return NULL;
}

static bool warned(const struct comparison *c, const char *code)
{
    for (size_t i = 0; i < c->n_warnings; i++)
        if (strcmp(c->warnings[i].code, code) == 0)
            return true;
    return false;
}

static bool near(double a, double b)
{
    return fabs(a - b) < 5e-7;
}

/* d = 0.2; 0.2 - sqrt(0.05^2 + 0.1^2), 0.2 + sqrt(0.1^2 + 0.1^2) */
static void an_interval_from_two(void **state)
{
    struct node *a = a_profile("2019", 20000), *b = a_profile("2024", 24000);
    struct comparison c;
    const struct comparison_row *r;

    add_measure(a, measure("dissimilarity", 0.3, 0.2, 0.4));
    add_measure(b, measure("dissimilarity", 0.5, 0.45, 0.6));
    comparison_make(a, b, true, arena, &c);
    r = row(&c, "measures.migrants.dissimilarity");
    assert_true(near(r->difference, 0.2));
    assert_true(near(r->low, 0.0881966) && near(r->high, 0.3414214));
    assert_int_equal(r->verdict, COMPARED_UP);
    assert_int_equal(c.n_warnings, 0);
    assert_int_equal(c.with_interval, 1);
    assert_int_equal(c.sure, 1);
}

static void what_chance_adds_is_taken_off(void **state)
{
    struct node *a = a_profile("2019", 20000), *b = a_profile("2024", 20000);
    struct node *m = measure("dissimilarity", 0.33, 0.28, 0.32);
    struct comparison c;

    node_set_double(m, "debiased", 0.3);
    add_measure(a, m);
    add_measure(b, measure("dissimilarity", 0.3, 0.28, 0.32));
    comparison_make(a, b, true, arena, &c);
    assert_true(
        near(row(&c, "measures.migrants.dissimilarity")->difference, 0));
    assert_int_equal(row(&c, "measures.migrants.dissimilarity")->verdict,
                     COMPARED_NOISE);
}

static void an_estimate_without_interval_is_no_count(void **state)
{
    struct node *a = a_profile("2019", 20000), *b = a_profile("2024", 24000);
    struct comparison c;

    add_measure(a, measure("hoover", 0.3, NAN, NAN));
    add_measure(b, measure("hoover", 0.4, 0.39, 0.41));
    comparison_make(a, b, true, arena, &c);
    assert_int_equal(row(&c, "measures.migrants.hoover")->verdict,
                     COMPARED_UNSURE);
    assert_true(near(row(&c, "measures.migrants.hoover")->difference, 0.1));
    assert_int_equal(c.with_interval, 0);
}

static void counts_are_counted(void **state)
{
    struct node *a = a_profile("2019", 20000), *b = a_profile("2024", 24000);
    struct comparison c;

    comparison_make(a, b, true, arena, &c);
    assert_int_equal(row(&c, "population.migrants")->verdict, COMPARED_COUNTED);
    assert_true(near(row(&c, "population.migrants")->difference, 4000));
    assert_true(near(row(&c, "population.migrants_share")->difference, 4));
    assert_string_equal(row(&c, "population.migrants_share")->difference_unit,
                        "points");
    comparison_make(a, b, false, arena, &c); /* of two cities */
    assert_int_equal(row(&c, "population.migrants")->verdict, COMPARED_BESIDE);
    assert_true(isnan(row(&c, "population.migrants")->difference));
    assert_true(near(row(&c, "population.migrants_share")->difference, 4));
}

/* Each makes a profile that differs from a_profile in one thing. */
static void other_basis(struct node *doc)
{
    node_set_text(node_get(doc, "basis"), "code", "citizenship");
}
static void other_text_of_basis(struct node *doc)
{
    node_set(node_get(doc, "basis"), "code", node_null(arena));
    node_set(node_get(doc, "basis"), "text", names("parents"));
}
static void other_majority(struct node *doc)
{
    node_push(node_get(doc, "majority"), node_text(arena, "DZ"));
}
static void other_areas(struct node *doc)
{
    node_set(node_get(doc, "city"), "areas", number(12, "none"));
}
static void other_origins(struct node *doc)
{
    node_set(node_get(doc, "origins"), "number", number(12, "none"));
}
static void other_unit(struct node *doc)
{
    node_set(node_get(doc, "population"), "migrants",
             number(24, "per 10000 residents"));
}
static void other_version(struct node *doc)
{
    node_set_text(node_get(doc, "generator"), "version", "2");
}
static void invented(struct node *doc)
{
    node_set_bool(doc, "fictional", true);
}
static void same_period(struct node *doc)
{
    node_set_text(doc, "period", "2019");
}
static void other_protection(struct node *doc)
{
    node_set_int(node_set(doc, "protection", node_object(arena)), "below", 10);
}

static const struct {
    const char *code;
    void (*change)(struct node *doc);
    bool apart, migrants, measures, all_groups; /* what is kept apart */
} differing[] = {
    {"basis", other_basis, true, true, true, true},
    {"basis", other_text_of_basis, true, true, true, true},
    {"classes", other_majority, true, true, true, true},
    {"areas", other_areas, true, false, true, true},
    {"origins", other_origins, true, false, false, true},
    {"units", other_unit, true, true, false, false},
    {"versions", other_version, false, false, false, false},
    {"fictional", invented, false, false, false, false},
    {"period", same_period, false, false, false, false},
    {"protection", other_protection, false, false, false, false},
};

static void nothing_is_compared_silently(void **state)
{
    int wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(differing); i++) {
        struct node *a = a_profile("2019", 20000);
        struct node *b = a_profile("2024", 24000);
        struct comparison c;
        bool apart[3];

        add_measure(a, measure("dissimilarity", 0.3, 0.29, 0.31));
        add_measure(b, measure("dissimilarity", 0.4, 0.39, 0.41));
        node_push(node_path(a, "measures.city"), measure("gini", .3, .2, .4));
        node_push(node_path(b, "measures.city"), measure("gini", .3, .2, .4));
        differing[i].change(b);
        comparison_make(a, b, true, arena, &c);
        apart[0] = row(&c, "population.migrants")->verdict == COMPARED_APART;
        apart[1] = row(&c, "measures.migrants.dissimilarity")->verdict ==
                   COMPARED_APART;
        apart[2] = row(&c, "measures.city.gini")->verdict == COMPARED_APART;
        if (!warned(&c, differing[i].code) || c.n_warnings != 1 ||
            c.warnings[0].apart != differing[i].apart ||
            apart[0] != differing[i].migrants ||
            apart[1] != differing[i].measures ||
            apart[2] != differing[i].all_groups) {
            print_error("%zu %s: %d %d %d\n", i, differing[i].code, apart[0],
                        apart[1], apart[2]);
            wrong++;
        }
        assert_int_equal(row(&c, "population.total")->verdict,
                         COMPARED_COUNTED);
        if (apart[0])
            assert_true(isnan(row(&c, "population.migrants")->difference));
    }
    assert_int_equal(wrong, 0);
}

static void two_cities_have_their_own_majorities(void **state)
{
    struct node *a = a_profile("2019", 20000), *b = a_profile("2024", 24000);
    struct comparison c;
    struct node *own;

    node_set_text(node_get(b, "city"), "country", "MA");
    comparison_make(a, b, false, arena, &c);
    assert_true(warned(&c, "classes")); /* Tunisians are no majority there */
    own = node_set(b, "majority", node_list(arena));
    node_push(own, node_text(arena, "MA"));
    comparison_make(a, b, false, arena, &c);
    assert_false(warned(&c, "classes"));
    assert_true(warned(&c, "areas")); /* always said of two cities */
    assert_true(warned(&c, "period"));
}

static void what_is_not_known_is_not_compared(void **state)
{
    static const struct {
        const char *status;
        enum comparison_verdict verdict;
    } rows[] = {{"withheld", COMPARED_NONE},  {"source", COMPARED_NONE},
                {"missing", COMPARED_NONE},   {"undefined", COMPARED_NONE},
                {"at-least", COMPARED_BOUND}, {"approximate", COMPARED_BOUND}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct node *a = a_profile("2019", 20000);
        struct node *b = a_profile("2024", 24000);
        struct node *n = node_path(b, "population.migrants");
        struct comparison c;

        node_set_text(n, "status", rows[i].status);
        if (rows[i].verdict == COMPARED_NONE)
            node_set(n, "value", node_null(arena));
        comparison_make(a, b, true, arena, &c);
        assert_int_equal(row(&c, "population.migrants")->verdict,
                         rows[i].verdict);
        assert_true(isnan(row(&c, "population.migrants")->difference));
    }
}

/* One in twenty looks sure by chance: alone among twenty, it is not. */
static void many_at_once(void **state)
{
    struct node *a = a_profile("2019", 20000), *b = a_profile("2024", 20000);
    struct comparison c;

    add_measure(a, measure("m0", 0.300, 0.29, 0.31));
    add_measure(b, measure("m0", 0.315, 0.305, 0.325));
    comparison_make(a, b, true, arena, &c);
    assert_int_equal(c.sure, 1);
    for (int i = 1; i < 20; i++) {
        const char *code = arena_printf(arena, "m%d", i);

        add_measure(a, measure(code, 0.3, 0.29, 0.31));
        add_measure(b, measure(code, 0.3, 0.29, 0.31));
    }
    comparison_make(a, b, true, arena, &c);
    assert_int_equal(c.with_interval, 20);
    assert_int_equal(c.sure, 0);
    assert_int_equal(row(&c, "measures.migrants.m0")->verdict, COMPARED_NOISE);
    assert_true(row(&c, "measures.migrants.m0")->low > 0);
}

/* The other way around, everything changes its sign and nothing else. */
static void there_and_back(void **state)
{
    for (uint64_t time = 0; time < 50; time++) {
        struct node *a = a_profile("2019", 20000);
        struct node *b = a_profile("2024", 24000);
        struct comparison there, back;
        struct rng g;

        rng_init(&g, 5, time);
        for (int i = 0; i < 8; i++) {
            const char *code = arena_printf(arena, "m%d", i);

            for (int side = 0; side < 2; side++) {
                double v = 0.3 + 0.1 * rng_double(&g);

                add_measure(side ? b : a,
                            measure(code, v, v - 0.03 * rng_double(&g),
                                    v + 0.03 * rng_double(&g)));
            }
        }
        comparison_make(a, b, true, arena, &there);
        comparison_make(b, a, true, arena, &back);
        assert_int_equal(there.n, back.n);
        assert_int_equal(there.sure, back.sure);
        for (size_t i = 0; i < there.n; i++) {
            const struct comparison_row *x = &there.rows[i];
            const struct comparison_row *y = row(&back, x->path);

            assert_true(near(x->difference, -y->difference));
            if (!isnan(x->low))
                assert_true(near(x->low, -y->high) && near(x->high, -y->low) &&
                            x->low <= x->difference &&
                            x->difference <= x->high);
            assert_int_equal(x->verdict == COMPARED_UP,
                             y->verdict == COMPARED_DOWN);
        }
    }
}

static void nothing_and_odd_documents(void **state)
{
    struct node *nothing = node_object(arena);
    struct comparison c;

    comparison_make(nothing, nothing, true, arena, &c);
    assert_int_equal(c.n, 0);
    comparison_make(nothing, a_profile("2024", 24000), false, arena, &c);
    for (size_t i = 0; i < c.n; i++)
        assert_int_equal(c.rows[i].verdict, COMPARED_NONE);
    comparison_make(NULL, NULL, false, arena, &c);
    assert_int_equal(c.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_from_two),
        cmocka_unit_test(what_chance_adds_is_taken_off),
        cmocka_unit_test(an_estimate_without_interval_is_no_count),
        cmocka_unit_test(counts_are_counted),
        cmocka_unit_test(nothing_is_compared_silently),
        cmocka_unit_test(two_cities_have_their_own_majorities),
        cmocka_unit_test(what_is_not_known_is_not_compared),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(nothing_and_odd_documents),
    };
    int rc;

    arena = arena_new(0);
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return rc;
}
