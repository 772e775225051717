/*
 * The files that publish_profile writes, and how it stops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "publish/publish.h"
#include "sample.h"

struct place {
    struct arena *a;
    char *dir;
};

static int make_place(void **state)
{
    static struct place place;
    const char *tmp = getenv("TMPDIR");

    place.a = arena_new(0);
    place.dir = arena_printf(place.a, "%s/publish-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(place.dir))
        return -1;
    *state = &place;
    return 0;
}

static int drop_place(void **state)
{
    struct place *p = *state;
    enum rc rc = dir_remove(p->dir, NULL);

    arena_free(p->a);
    return rc == RC_OK ? 0 : -1;
}

static enum rc publish_to(struct place *p, unsigned formats, unsigned threads,
                          const struct progress *progress, struct err *err)
{
    struct publish_options o = {.formats = formats, .threads = threads};

    o.languages = lang_all(&o.n_languages);
    return publish_profile(sample_document(p->a, 5), NULL, p->dir, &o, progress,
                           err);
}

static bool there(struct place *p, const char *name)
{
    return path_exists(path_join(p->a, p->dir, name));
}

static void test_all(void **state)
{
    static const char *const names[] = {
        "profile.json",        "data/origins.csv",      "data/areas.csv",
        "data/names.csv",      "data/datapackage.json", "figures/map.en.svg",
        "figures/bars.ar.svg", "profile.en.html",       "profile.fr.html",
        "profile.ar.html"};
    struct place *p = *state;

    assert_int_equal(publish_to(p, PUBLISH_ALL, 2, NULL, NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!there(p, names[i]))
            fail_msg("%s was not written", names[i]);
    assert_false(there(p, "figures/map.en.png"));
}

static void test_one_format(void **state)
{
    struct place *p = *state;

    assert_int_equal(publish_to(p, PUBLISH_PNG, 1, NULL, NULL), RC_OK);
    assert_true(there(p, "figures/map.fr.png"));
    assert_false(there(p, "profile.json"));
    assert_false(there(p, "data"));
    assert_false(there(p, "profile.en.html"));
}

static void test_same_bytes(void **state)
{
    struct place *p = *state;
    struct str one, two;
    const char *page = path_join(p->a, p->dir, "profile.ar.html");

    assert_int_equal(publish_to(p, PUBLISH_HTML, 1, NULL, NULL), RC_OK);
    assert_int_equal(file_read(p->a, page, 1 << 20, &one, NULL), RC_OK);
    assert_int_equal(publish_to(p, PUBLISH_HTML, 3, NULL, NULL), RC_OK);
    assert_int_equal(file_read(p->a, page, 1 << 20, &two, NULL), RC_OK);
    assert_true(str_eq(one, two));
}

/* Counts the calls and stops at one of them. */
struct stop {
    int calls, at;
    double last;
};

static bool stop_at(void *ctx, const char *stage, double done)
{
    struct stop *s = ctx;

    assert_true(done >= s->last && done <= 1);
    assert_true(stage[0] != 0);
    s->last = done;
    return ++s->calls != s->at;
}

static void test_cancelled(void **state)
{
    struct place *p = *state;
    struct stop all = {0, -1, 0};
    struct progress progress = {stop_at, &all};
    struct err err;

    assert_int_equal(publish_to(p, PUBLISH_ALL, 1, &progress, &err), RC_OK);
    assert_int_equal(all.calls, 2 + 2 * 3 + 3);
    for (int at = 1; at <= all.calls; at++) {
        struct stop stop = {0, at, 0};

        progress.ctx = &stop;
        assert_int_equal(publish_to(p, PUBLISH_ALL, 2, &progress, &err),
                         RC_CANCELLED);
        assert_int_equal(stop.calls, at); /* and never asks again */
    }
}

static void test_no_language(void **state)
{
    struct place *p = *state;
    struct publish_options o = {.formats = PUBLISH_ALL};
    struct err err;

    assert_int_equal(
        publish_profile(sample_document(p->a, 1), NULL, p->dir, &o, NULL, &err),
        RC_USAGE);
    assert_false(there(p, "profile.json"));
}

static void test_not_writable(void **state)
{
    struct place *p = *state;
    struct err err;

    p->dir = arena_printf(p->a, "%s/none", p->dir);
    assert_int_equal(publish_to(p, PUBLISH_JSON, 1, NULL, &err), RC_IO);
    *strrchr(p->dir, '/') = 0;
}

#define PLACED(test) \
    cmocka_unit_test_setup_teardown(test, make_place, drop_place)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PLACED(test_all),         PLACED(test_one_format),
        PLACED(test_same_bytes),  PLACED(test_cancelled),
        PLACED(test_no_language), PLACED(test_not_writable),
    };

    return cmocka_run_group_tests_name("publish-files", tests, NULL, NULL);
}
