/*
 * Every allocation of every function on counts fails in turn: the answer is
 * RC_MEMORY and nothing is lost (the address sanitizer looks). The linker puts
 * the functions below in front of the library's.
 */
#include "base/base.h"
#include "passerelle/measure_change.h"

#include <math.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static long left = -1; /* allocations until one fails; -1: none does */

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

enum { UNITS = 12, GROUPS = 3, MOST = 4000 };

static const double n[UNITS * GROUPS] = {5, 1, 9, 2, 8, 3, 7, 7, 1, 4, 2, 6,
                                         1, 9, 9, 3, 3, 2, 8, 1, 5, 6, 2, 2,
                                         9, 4, 1, 1, 7, 3, 2, 2, 8, 5, 5, 1};
static const double later[UNITS * GROUPS] = {
    4, 2, 8, 3, 6, 5, 6, 9, 1, 2, 2, 7, 3, 8, 9, 1, 3, 4,
    7, 3, 4, 5, 3, 2, 8, 3, 2, 2, 6, 3, 1, 4, 7, 6, 5, 2};
static const struct counts c = {UNITS, GROUPS, n};
static const struct counts d = {UNITS, GROUPS, later};
static const uint32_t level[2 * UNITS] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
                                          0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5};

static struct measure_options options(void)
{
    struct measure_options o = measure_defaults();

    o.draws = 6;
    o.parent = level;
    o.other = &d;
    return o;
}

/* Fails the first, the second ... allocation until the attempt succeeds. */
static void exhaust(enum rc (*fn)(const void *), const void *ctx,
                    const char *what)
{
    for (long k = 0; k < MOST; k++) {
        enum rc rc;

        left = k;
        rc = fn(ctx);
        left = -1;
        if (rc == RC_OK) {
            assert_true(k > 0);
            return;
        }
        if (rc != RC_MEMORY)
            fail_msg("%s: code %d when allocation %ld fails", what, (int)rc, k);
    }
    fail_msg("%s never succeeds", what);
}

struct attempt {
    const struct measure *m;
    enum measure_scope scope;
};

static enum rc compute(const void *ctx)
{
    const struct attempt *a = ctx;
    struct measure_options o = options();
    double out[UNITS] = {-123};
    enum rc rc = measure_compute(a->m, a->scope, &c, 0, 1, &o, out);

    if (rc != RC_OK)
        assert_true(out[0] == -123);
    return rc;
}

static void measures(void **state)
{
    size_t all;
    const struct measure *m = measure_catalogue(&all);

    for (size_t k = 0; k < all; k++)
        for (unsigned s = MEASURE_CITY; s <= MEASURE_GROUP_AREA; s *= 2) {
            struct attempt a = {&m[k], (enum measure_scope)s};

            if (!(m[k].needs & NEEDS_AREAS) && (m[k].scopes & s))
                exhaust(compute, &a, m[k].code);
        }
}

static enum rc groups(const void *ctx)
{
    double out[GROUPS];
    enum rc rc[GROUPS];
    enum rc whole = measure_groups(measure_find("gini"), &c, NULL, out, rc);

    for (size_t g = 0; whole == RC_OK && g < GROUPS; g++)
        if (rc[g])
            return rc[g];
    return whole;
}

static enum rc several(const void *ctx)
{
    const struct measure *m[] = {measure_find("gini"),
                                 measure_find("small_unit_bounds")};
    double out[2 * GROUPS];
    enum rc rc[2 * GROUPS];
    enum rc whole = measure_groups_many(m, 2, &c, NULL, out, rc);

    for (size_t k = 0; whole == RC_OK && k < 2 * GROUPS; k++)
        if (rc[k])
            return rc[k];
    return whole;
}

static enum rc of_city(const void *ctx)
{
    const struct measure *m[] = {measure_find("gini"),
                                 measure_find("dissimilarity")};
    double out[2];
    enum rc rc[2];
    enum rc whole = measure_city_many(m, 2, &c, NULL, out, rc);

    return whole ? whole : rc[0] ? rc[0] : rc[1];
}

static enum rc local_groups(const void *ctx)
{
    double out[GROUPS];
    enum rc rc[GROUPS];
    enum rc whole = measure_local_groups(measure_find("information_theory"), &c,
                                         c.n, LOCAL_COMPOSITION, NULL, out, rc);

    return whole ? whole : rc[0];
}

static enum rc pairs(const void *ctx)
{
    double out[GROUPS * GROUPS];

    return measure_pairs(measure_find("interaction"), &c, NULL, out);
}

static enum rc curve(const void *ctx)
{
    struct measure_options o = options();
    double out[1000];

    return measure_concentration_curve(&c, 1, &o, out);
}

static enum rc nested(const void *ctx)
{
    struct measure_options o = options();
    double m[3], h[3];

    return measure_nested(&c, level, 2, &o, m, h);
}

static enum rc small_units(const void *ctx)
{
    struct measure_small out;

    return measure_small_units(&c, 0, &out);
}

static enum rc bounds(const void *ctx)
{
    struct measure_bounds out;

    return measure_small_bounds(measure_find("hutchens"), &c, 0, &out);
}

static enum rc draw(const void *ctx)
{
    double out[UNITS * GROUPS];

    return measure_draw(MODEL_FIXED_MARGINS, &c, 1, 1, out);
}

static const struct measure_target *gini(void)
{
    static struct measure_target t;

    t = (struct measure_target){.m = measure_find("gini"),
                                .scope = MEASURE_GROUP};
    return &t;
}

static enum rc test(const void *ctx)
{
    struct measure_options o = options();
    struct measure_tested out;

    return measure_test(gini(), &c, MODEL_FREE_MARGINS, &o, &out, NULL);
}

static enum rc bootstrap(const void *ctx)
{
    const enum measure_model *model = ctx;
    struct measure_options o = options();
    struct measure_interval out;

    return measure_bootstrap(gini(), &c, *model, 0.9, &o, &out, NULL);
}

static enum rc compare(const void *ctx)
{
    const enum measure_comparison *how = ctx;
    struct measure_options o = options();
    struct measure_compared out;

    return measure_compare(gini(), &c, &d, NULL, *how, MODEL_PERSONS, 0.9, &o,
                           &out);
}

static enum rc change(const void *ctx)
{
    const enum measure_change_method *how = ctx;
    struct measure_options o = options();
    struct measure_change out;

    return measure_change(&c, &d, *how, 1e-6, &o, &out);
}

static enum rc shapley(const void *ctx)
{
    struct measure_options o = options();
    struct measure_shapley out;

    return measure_shapley(gini(), &c, 1, &d, NULL, BY_DUAL_COMPOSITION, &o,
                           &out);
}

static enum rc compress(const void *ctx)
{
    struct measure_options o = options();
    struct measure_merger out[UNITS];
    size_t merged;

    return measure_compress(&c, NULL, &o, out, &merged);
}

static void functions(void **state)
{
    static const struct {
        enum rc (*fn)(const void *);
        const char *what;
    } all[] = {{groups, "groups"},
               {pairs, "pairs"},
               {curve, "curve"},
               {nested, "nested"},
               {several, "several of all groups"},
               {of_city, "several of the city"},
               {local_groups, "local of all groups"},
               {small_units, "small units"},
               {bounds, "bounds"},
               {draw, "draw"},
               {test, "test"},
               {shapley, "shapley"},
               {compress, "compress"}};

    for (size_t k = 0; k < ARRAY_LEN(all); k++)
        exhaust(all[k].fn, NULL, all[k].what);
}

static void variants(void **state)
{
    for (int k = MODEL_PERSONS; k <= MODEL_UNITS; k++) {
        enum measure_model model = (enum measure_model)k;

        exhaust(bootstrap, &model, "bootstrap");
    }
    for (int k = COMPARE_LABELS; k <= COMPARE_BOOTSTRAP; k++) {
        enum measure_comparison how = (enum measure_comparison)k;

        exhaust(compare, &how, "compare");
    }
    for (int k = CHANGE_SHAPLEY; k <= CHANGE_MRC; k++) {
        enum measure_change_method how = (enum measure_change_method)k;

        exhaust(change, &how, "change");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(measures),
                                              cmocka_unit_test(functions),
                                              cmocka_unit_test(variants)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
