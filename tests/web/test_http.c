/*
 * web/http.h, cache.h, route.h, render.h: what comes from outside, read.
 */
#include "web/cache.h"
#include "web/limit.h"
#include "web/render.h"
#include "web/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena *arena;

static void escapes_are_decoded_once(void **state)
{
    static const struct {
        const char *in, *out; /* NULL: refused */
        bool plus;
    } rows[] = {
        {"", "", false},
        {"a%20b", "a b", false},
        {"a+b", "a+b", false},
        {"a+b", "a b", true},
        {"%2561", "%61", false},
        {"%d8%b7", "\xd8\xb7", false},
        {"%2F..%2F", "/../", false},
        {"%", NULL, false},
        {"%4", NULL, false},
        {"%zz", NULL, false},
        {"a%00b", NULL, false},
        {"%ff", NULL, false},
        {"%c0%af", NULL, false},
        {"%ed%a0%80", NULL, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str out = {0};
        bool good = url_decode(str_of(rows[i].in), rows[i].plus, arena, &out);

        assert_int_equal(good, rows[i].out != NULL);
        if (good)
            assert_string_equal(out.p, rows[i].out);
    }
}

static void pairs_have_a_limit(void **state)
{
    struct pairs p = {0};

    assert_true(pairs_parse(STR("a=1&b=&c&&d=x%3Dy&a=2"), arena, 10, &p));
    assert_int_equal(p.n, 5);
    assert_string_equal(pairs_get(&p, "a").p, "1");
    assert_string_equal(pairs_get(&p, "d").p, "x=y");
    assert_true(pairs_has(&p, "c"));
    assert_false(pairs_has(&p, "e"));
    p = (struct pairs){0};
    assert_false(pairs_parse(STR("a&b&c"), arena, 2, &p));
    p = (struct pairs){0};
    assert_false(pairs_parse(STR("a=%"), arena, 10, &p));
}

static void cookies_are_read(void **state)
{
    struct pairs p = {0};

    cookies_parse(STR("a=1; b=2;c ; =x;  d=e=f"), arena, 10, &p);
    assert_int_equal(p.n, 3);
    assert_string_equal(pairs_get(&p, "b").p, "2");
    assert_string_equal(pairs_get(&p, "d").p, "e=f");
    p = (struct pairs){0};
    cookies_parse(STR("a=1;b=2;c=3"), arena, 2, &p);
    assert_int_equal(p.n, 2);
}

static void languages_are_chosen(void **state)
{
    static const char *const offered[] = {"en", "fr", "ar"};
    static const struct {
        const char *header;
        size_t chosen;
    } rows[] = {
        {"", 0},
        {"fr", 1},
        {"fr-CH, fr;q=0.9, en;q=0.8", 1},
        {"de, ar;q=0.5, fr;q=0.4", 2},
        {"en;q=0, ar;q=0.001", 2},
        {"french", 0},
        {"AR-ma", 2},
        {"fr;q=7", 0},
        {"fr;q=;;,,,", 0},
        {",,,;;;q=q=q", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(language_choose(str_of(rows[i].header), offered, 3),
                         rows[i].chosen);
}

static void shapes_are_chosen(void **state)
{
    static const struct {
        const char *accept, *path;
        enum representation as;
    } rows[] = {
        {"", "/cities", AS_HTML},
        {"*/*", "/cities", AS_HTML},
        {"text/html,application/xml;q=0.9,*/*;q=0.8", "/cities", AS_HTML},
        {"application/json", "/cities", AS_JSON},
        {"application/json;q=0.5, text/html", "/cities", AS_HTML},
        {"text/html", "/cities.csv", AS_CSV},
        {"text/html", "/news.atom", AS_ATOM},
        {"", "/cities.json", AS_JSON},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(
            representation_choose(str_of(rows[i].accept), str_of(rows[i].path)),
            rows[i].as);
}

static void codings_are_chosen(void **state)
{
    static const struct {
        const char *header;
        enum coding coding;
    } rows[] = {
        {"", CODING_PLAIN},
        {"gzip", CODING_GZIP},
        {"gzip, deflate, br", CODING_BROTLI},
        {"br;q=0, gzip", CODING_GZIP},
        {"br;q=0.000, gzip;q=0.0", CODING_PLAIN},
        {"br;q=0.1", CODING_BROTLI},
        {"br; q=1.0", CODING_BROTLI},
        {"brotli, abroad", CODING_PLAIN},
        {"x-gzip", CODING_PLAIN},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(coding_choose(str_of(rows[i].header)), rows[i].coding);
}

static void routes_are_found(void **state)
{
    static const struct {
        enum method method;
        const char *path, *handler, *name, *value;
        enum rc rc;
    } rows[] = {
        {METHOD_GET, "/", "page_home", NULL, NULL, RC_OK},
        {METHOD_GET, "/cities", "page_cities", NULL, NULL, RC_OK},
        {METHOD_GET, "/cities/7", "page_city", "id", "7", RC_OK},
        {METHOD_GET, "/cities/%37", "page_city", "id", "7", RC_OK},
        {METHOD_GET, "/cities/a%2Fb", "page_city", "id", "a/b", RC_OK},
        {METHOD_GET, "/cities/", NULL, NULL, NULL, RC_NOT_FOUND},
        {METHOD_GET, "/cities/%zz", NULL, NULL, NULL, RC_NOT_FOUND},
        {METHOD_GET, "/none", NULL, NULL, NULL, RC_NOT_FOUND},
        {METHOD_POST, "/cities", NULL, NULL, NULL, RC_USAGE},
        {METHOD_DELETE, "/", NULL, NULL, NULL, RC_USAGE},
        {METHOD_GET, "/records/city/new", "page_record_new", "type", "city",
         RC_OK},
        {METHOD_PATCH, "/api/cities/3", "api_change", "id", "3", RC_OK},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct route *route = NULL;
        struct pairs params = {0};

        assert_int_equal(route_find(rows[i].method, str_of(rows[i].path), arena,
                                    &route, &params),
                         rows[i].rc);
        if (rows[i].handler)
            assert_string_equal(route->name, rows[i].handler);
        if (rows[i].name)
            assert_string_equal(pairs_get(&params, rows[i].name).p,
                                rows[i].value);
    }
}

static void what_changes_something_is_protected(void **state)
{
    size_t n;
    const struct route *t = route_table(&n);

    for (size_t i = 0; i < n; i++)
        if (t[i].method != METHOD_GET)
            assert_int_not_equal(t[i].form, NO_FORM);
}

static void redirects_stay_here(void **state)
{
    static const char *const rows[][2] = {
        {"/cities?q=1", "/cities?q=1"},
        {"//elsewhere.example", "/"},
        {"/\\elsewhere.example", "/"},
        {"https://elsewhere.example/", "/"},
        {"", "/"},
        {"/a\r\nSet-Cookie: x=1", "/"},
        {"/a b", "/"},
        {"/a\\b", "/"},
        {"javascript:alert(1)", "/"},
    };
    struct request r = {.arena = arena};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply reply = {0};

        reply_redirect(&r, &reply, rows[i][0]);
        assert_string_equal(reply.location, rows[i][1]);
        assert_int_equal(reply.status, 303);
    }
}

static void texts_of_templates_are_said_in_a_language(void **state)
{
    AUTO(buf) struct buf out = {.ceiling = 1 << 12};
    struct err err = {0};

    assert_int_equal(
        template_translate(STR("<b>{{_  Not\n a message <of> ours }}</b>{{x}}"),
                           lang_find("fr"), &out, &err),
        RC_OK);
    assert_string_equal(buf_cstr(&out),
                        "<b>Not a message &lt;of&gt; ours</b>{{x}}");
    assert_int_equal(
        template_translate(STR("{{_ open"), lang_find("fr"), &out, &err),
        RC_INVALID);
}

static void an_address_has_so_many_requests(void **state)
{
    struct limiter *l = limiter_new(60);
    unsigned wait = 0, taken = 0;

    while (limiter_take(l, "192.0.2.7", 0, &wait) && taken < 1000)
        taken++;
    assert_int_equal(taken, 25); /* a quarter of a minute, and ten */
    assert_in_range(wait, 1, 2);
    assert_true(limiter_take(l, "192.0.2.8", 0, &wait));
    assert_true(limiter_take(l, "192.0.2.7", 2000, &wait));
    while (limiter_take(l, "2001:db8:1:2::1", 0, &wait))
        ;
    assert_false(limiter_take(l, "2001:db8:1:2::ffff", 0, &wait));
    assert_true(limiter_take(l, "2001:db8:1:3::1", 0, &wait));
    limiter_free(l);
}

static int forgotten;

static void forget(void *reply)
{
    forgotten++;
}

static void prepare(void *ctx, struct page *p)
{
    p->reply[0] = ctx;
    p->forget = forget;
}

static void kept_pages_leave_in_time(void **state)
{
    struct page_cache *c = cache_new(4096);
    struct page *p, *q;
    char big[3000];

    memset(big, 'x', sizeof big);
    p = cache_add(c, STR("a"), 1, STR("first"), prepare, &forgotten);
    cache_release(c, p);
    assert_null(cache_find(c, STR("b"), 1));
    q = cache_find(c, STR("a"), 1);
    assert_ptr_equal(p, q);
    assert_null(cache_find(c, STR("a"), 2)); /* older than the data */
    assert_int_equal(forgotten, 0);          /* somebody still reads it */
    cache_release(c, q);
    assert_int_equal(forgotten, 1);
    p = cache_add(c, STR("a"), 2, (struct str){big, sizeof big}, prepare, big);
    cache_release(c, p);
    p = cache_add(c, STR("b"), 2, (struct str){big, sizeof big}, prepare, big);
    cache_release(c, p);
    assert_null(cache_find(c, STR("a"), 2)); /* no room for two */
    assert_int_equal(forgotten, 2);
    cache_free(c);
    assert_int_equal(forgotten, 3);
}

static int coded;

static void prepare_coded(struct page *p, enum coding coding)
{
    coded++;
    p->reply[coding] = &coded;
}

static void a_coding_is_made_when_asked_for(void **state)
{
    struct page_cache *c = cache_new(8192);
    char big[3000];
    size_t plain;
    struct page *p;

    memset(big, 'x', sizeof big);
    p = cache_add(c, STR("a"), 1, (struct str){big, sizeof big}, prepare, big);
    plain = cache_bytes(c);
    assert_false(p->coded[CODING_GZIP]);
    cache_code(c, p, CODING_PLAIN, prepare_coded);
    assert_int_equal(coded, 0);
    cache_code(c, p, CODING_GZIP, prepare_coded);
    cache_code(c, p, CODING_GZIP, prepare_coded);
    assert_int_equal(coded, 1);
    assert_in_range(p->bytes[CODING_GZIP].n, 10, 200);
    assert_int_equal(cache_bytes(c), plain + p->bytes[CODING_GZIP].n);
    cache_code(c, p, CODING_BROTLI, prepare_coded);
    assert_int_equal(coded, 2);
    cache_release(c, p);
    p = cache_add(c, STR("b"), 1, STR("short"), prepare, big);
    cache_code(c, p, CODING_GZIP, prepare_coded);
    assert_null(p->reply[CODING_GZIP]); /* it does not pay */
    assert_int_equal(coded, 2);
    cache_release(c, p);
    cache_free(c);
}

static int set_up(void **state)
{
    arena = arena_new(0);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_decoded_once),
        cmocka_unit_test(pairs_have_a_limit),
        cmocka_unit_test(cookies_are_read),
        cmocka_unit_test(languages_are_chosen),
        cmocka_unit_test(shapes_are_chosen),
        cmocka_unit_test(codings_are_chosen),
        cmocka_unit_test(routes_are_found),
        cmocka_unit_test(what_changes_something_is_protected),
        cmocka_unit_test(redirects_stay_here),
        cmocka_unit_test(texts_of_templates_are_said_in_a_language),
        cmocka_unit_test(an_address_has_so_many_requests),
        cmocka_unit_test(kept_pages_leave_in_time),
        cmocka_unit_test(a_coding_is_made_when_asked_for),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
