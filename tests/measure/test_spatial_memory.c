/*
 * Every allocation of every spatial measure fails in turn: the answer is
 * RC_MEMORY, `out` is left alone and nothing is lost (the address sanitizer
 * looks). The linker puts the functions below in front of the library's.
 */
#include "passerelle/measure_inference.h"
#include "town.h"

#include <stdio.h>
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
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

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

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

enum { AREAS = 40, MOST = 400 };

typedef enum rc attempt_fn(const struct town *t, const struct measure *m,
                           enum measure_scope scope, double *out);

/* Fails the first, the second ... allocation until the attempt succeeds. */
static void exhaust(attempt_fn *fn, const struct town *t,
                    const struct measure *m, enum measure_scope scope,
                    const char *what)
{
    for (long k = 0; k < MOST; k++) {
        double v[AREAS] = {-123};
        enum rc rc;

        left = k;
        rc = fn(t, m, scope, v);
        left = -1;
        if (rc == RC_OK) {
            assert_true(k > 0);
            return;
        }
        if (rc != RC_MEMORY)
            fail_msg("%s, allocation %ld: code %d", what, k, rc);
    }
    fail_msg("%s: %d allocations were not enough", what, MOST);
}

static enum rc one_measure(const struct town *t, const struct measure *m,
                           enum measure_scope scope, double *out)
{
    struct measure_options o = measure_defaults();
    struct spatial *s = NULL;
    enum rc rc = spatial_new(&t->a, NULL, &s);

    o.draws = 3;
    if (!rc)
        rc = measure_spatial(m, scope, &t->c, s, 0, 1, &o, out);
    spatial_free(s);
    return rc;
}

static enum rc all_groups(const struct town *t, const struct measure *m,
                          enum measure_scope scope, double *out)
{
    struct measure_options o = measure_defaults();
    struct spatial *s = NULL;
    enum rc code[3] = {RC_OK, RC_OK, RC_OK}, rc;

    (void)scope;
    o.draws = 3;
    rc = spatial_new(&t->a, NULL, &s);
    if (!rc)
        rc = measure_spatial_groups(m, &t->c, s, &o, out, code);
    spatial_free(s);
    for (size_t g = 0; g < 3 && !rc; g++)
        rc = code[g];
    return rc;
}

static enum rc prepared(const struct town *t, const struct measure *m,
                        enum measure_scope scope, double *out)
{
    struct spatial *s = NULL;
    enum rc rc = spatial_new(&t->a, NULL, &s);

    if (!rc)
        rc = spatial_prepare(s, &t->c);
    if (!rc)
        rc = measure_spatial(m, scope, &t->c, s, 0, 1, NULL, out);
    spatial_free(s);
    return rc;
}

/* Draws of an index on environments and of one on distances. */
static enum rc drawn(const struct town *t, const struct measure *m,
                     enum measure_scope scope, double *out)
{
    struct measure_options o = measure_defaults();
    struct spatial *s = NULL;
    enum rc one[2] = {RC_OK, RC_OK}, rc = spatial_new(&t->a, NULL, &s);
    struct measure_target target[] = {
        {.m = m, .scope = scope, .space = s},
        {.m = measure_find("spatial_proximity"), .scope = scope, .space = s}};
    struct measure_interval r[2];

    o.draws = 3;
    o.flags = MEASURE_PERCENTILES_ONLY;
    if (!rc)
        rc = measure_bootstrap_many(target, 2, &t->c, MODEL_PERSONS, 0.9, &o, r,
                                    one);
    spatial_free(s);
    *out = r[0].value;
    return rc ? rc : one[0] ? one[0] : one[1];
}

static enum rc kept(const struct town *t, const struct measure *m,
                    enum measure_scope scope, double *out)
{
    struct kernel k = kernel_of(SHAPE_BIWEIGHT, 3000);
    struct environment *e = NULL;
    double local[AREAS * 3];
    enum rc rc = environment_new(&t->a, &k, 1, &e);

    if (!rc)
        rc = environment_keep(e, AREAS * AREAS);
    if (!rc)
        rc = environment_apply(e, &t->c, local);
    if (!rc)
        rc = measure_local(m, scope, &t->c, local, LOCAL_COMPOSITION, 0, 1,
                           NULL, out);
    environment_free(e);
    return rc;
}

static enum rc curve(const struct town *t, const struct measure *m,
                     enum measure_scope scope, double *out)
{
    struct measure_options o = measure_defaults();
    struct spatial *s = NULL;
    enum rc rc = spatial_new(&t->a, NULL, &s);

    (void)m;
    (void)scope;
    o.thresholds = AREAS;
    if (!rc)
        rc = measure_proximity_curve(&t->c, s, 0, &o, out);
    spatial_free(s);
    return rc;
}

static enum rc moran(const struct town *t, const struct measure *m,
                     enum measure_scope scope, double *out)
{
    struct measure_options o = measure_defaults();
    struct spatial *s = NULL;
    struct moran global;
    enum rc rc = spatial_new(&t->a, NULL, &s);

    (void)m;
    (void)scope;
    o.draws = 3;
    if (!rc)
        rc = measure_moran(&t->c, s, 0, &o, &global,
                           &(struct moran_local){.p = out});
    spatial_free(s);
    return rc;
}

static void every_measure(void **state)
{
    struct town t = town_random(AREAS, 6000, 3, 2);
    size_t n;
    const struct measure *all = measure_catalogue(&n);

    for (size_t i = 0; i < n; i++)
        for (unsigned scope = 1; scope <= MEASURE_GROUP_AREA; scope *= 2) {
            if (!(all[i].scopes & scope) || all[i].needs != NEEDS_AREAS)
                continue;
            exhaust(one_measure, &t, &all[i], (enum measure_scope)scope,
                    all[i].code);
            if (scope == MEASURE_GROUP)
                exhaust(all_groups, &t, &all[i], MEASURE_GROUP, all[i].code);
        }
    exhaust(one_measure, &t, measure_find("information_theory"), MEASURE_CITY,
            "H on environments");
    exhaust(all_groups, &t, measure_find("isolation"), MEASURE_GROUP,
            "isolation on environments");
    town_free(&t);
}

static void handles(void **state)
{
    struct town t = town_random(AREAS, 6000, 3, 2);

    exhaust(prepared, &t, measure_find("absolute_clustering"), MEASURE_GROUP,
            "spatial_prepare");
    exhaust(kept, &t, measure_find("dissimilarity"), MEASURE_CITY,
            "environment_keep");
    exhaust(drawn, &t, measure_find("dissimilarity"), MEASURE_GROUP,
            "draws in space");
    exhaust(curve, &t, NULL, MEASURE_GROUP, "measure_proximity_curve");
    exhaust(moran, &t, NULL, MEASURE_GROUP, "measure_moran");
    town_free(&t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_measure),
        cmocka_unit_test(handles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
