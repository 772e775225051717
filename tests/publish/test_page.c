/*
 * The page in three languages: well formed, complete in itself, and readable
 * without sight. Figures are drawn by doubles here: a page must not depend on
 * which fonts a machine has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "publish/page.h"
#include "publish/publish.h"
#include "sample.h"

static const char *const codes[] = {"en", "fr", "ar"};

static void make_page(struct arena *a, const char *code, size_t rows,
                      struct buf *out)
{
    struct node *doc = sample_document(a, rows);
    size_t n;
    struct err err;
    struct page p = {.doc = doc,
                     .l = lang_find(code),
                     .a = a,
                     .out = out,
                     .languages = lang_all(&n),
                     .has_csv = true,
                     .err = &err};

    p.n_languages = n;
    assert_int_equal(drawing_open(doc, NULL, a, &p.drawing, &err), RC_OK);
    buf_init(out, PAGE_BYTES);
    assert_int_equal(html_page(&p), RC_OK);
}

/* One tag of the page: its name, its attributes, does it open or close. */
struct tag {
    struct str name, inside;
    bool closes, alone;
};

static const char *next_tag(const char *p, struct tag *t)
{
    const char *end;
    size_t n = 0;

    while ((p = strchr(p, '<')) && (p[1] == '!' || p[1] == '?'))
        p++;
    if (!p)
        return NULL;
    end = strchr(p, '>');
    assert_non_null(end);
    t->closes = p[1] == '/';
    p += 1 + t->closes;
    while ((p[n] >= 'a' && p[n] <= 'z') || (p[n] >= '0' && p[n] <= '9'))
        n++;
    assert_true(n > 0); /* a bare '<' would be text that was not escaped */
    t->name = (struct str){p, n};
    t->inside = (struct str){p + n, (size_t)(end - p) - n};
    t->alone = end[-1] == '/';
    return end + 1;
}

static bool is_void(struct str name)
{
    return str_is(name, "meta") || str_is(name, "br");
}

/* HTML ends a cell at the next cell, a row at the next row, and both with what
 * they stand in. */
static bool ends(const struct tag *t, struct str open)
{
    bool row = str_is(t->name, "tr"), body = str_is(t->name, "tbody");

    if (str_is(open, "td"))
        return row || (t->closes && body) ||
               (!t->closes && (str_is(t->name, "td") || str_is(t->name, "th")));
    return str_is(open, "tr") && ((row && !t->closes) || (t->closes && body));
}

static void test_balance(void **state)
{
    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        AUTO(arena) struct arena *a = arena_new(0);
        AUTO(buf) struct buf b = {0};
        struct tag t;
        struct str open[64];
        size_t depth = 0;

        make_page(a, codes[k], 60, &b);
        for (const char *p = buf_cstr(&b); (p = next_tag(p, &t));) {
            if (t.alone || is_void(t.name))
                continue;
            while (depth && ends(&t, open[depth - 1]))
                depth--;
            if (!t.closes) {
                assert_true(depth < ARRAY_LEN(open));
                open[depth++] = t.name;
                continue;
            }
            assert_true(depth > 0);
            if (!str_eq(open[--depth], t.name))
                fail_msg("<%.*s> is closed by </%.*s>", (int)open[depth].n,
                         open[depth].p, (int)t.name.n, t.name.p);
        }
        assert_int_equal(depth, 0);
    }
}

/* Calls `fn` with the value of every attribute of that name. */
static void each_attribute(const char *page, const char *name,
                           void (*fn)(const char *page, struct str value))
{
    size_t n = strlen(name);

    for (const char *p = page; (p = strstr(p, name)); p += n) {
        const char *end;

        if (p[-1] != ' ' || p[n] != '=' || p[n + 1] != '"')
            continue;
        end = strchr(p + n + 2, '"');
        assert_non_null(end);
        fn(page, (struct str){p + n + 2, (size_t)(end - p) - n - 2});
    }
}

static size_t count_of(const char *page, const char *text)
{
    size_t count = 0;

    for (const char *p = page; (p = strstr(p, text)); p++)
        count++;
    return count;
}

static void check_unique(const char *page, struct str value)
{
    char text[128];

    assert_true(value.n > 0 && value.n < 100);
    snprintf(text, sizeof text, " id=\"%.*s\"", (int)value.n, value.p);
    if (count_of(page, text) != 1)
        fail_msg("id %.*s is there %zu times", (int)value.n, value.p,
                 count_of(page, text));
}

static void check_target(const char *page, struct str value)
{
    char text[128];

    if (value.p[0] != '#') {
        assert_true(str_starts(value, "data/") ||
                    str_starts(value, "profile."));
        return;
    }
    snprintf(text, sizeof text, " id=\"%.*s\"", (int)value.n - 1, value.p + 1);
    if (count_of(page, text) != 1)
        fail_msg("nothing has the id %.*s", (int)value.n, value.p);
}

static void test_links(void **state)
{
    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        AUTO(arena) struct arena *a = arena_new(0);
        AUTO(buf) struct buf b = {0};

        make_page(a, codes[k], 60, &b);
        each_attribute(buf_cstr(&b), "id", check_unique);
        each_attribute(buf_cstr(&b), "href", check_target);
        assert_true(count_of(buf_cstr(&b), " href=\"#") > 5);
    }
}

/* Nothing is loaded and nothing runs. */
static void test_complete(void **state)
{
    static const char *const never[] = {
        "http:",   "https:", "src=",    "url(",        "@import",
        "<script", "<link",  "<iframe", "javascript:", "<img"};

    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        AUTO(arena) struct arena *a = arena_new(0);
        AUTO(buf) struct buf b = {0};

        make_page(a, codes[k], 3, &b);
        for (size_t i = 0; i < ARRAY_LEN(never); i++)
            if (strstr(buf_cstr(&b), never[i]))
                fail_msg("%s is in the page", never[i]);
    }
}

static void test_headings(void **state)
{
    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        AUTO(arena) struct arena *a = arena_new(0);
        AUTO(buf) struct buf b = {0};
        struct tag t;
        int last = 0, first = 0;

        make_page(a, codes[k], 3, &b);
        for (const char *p = buf_cstr(&b); (p = next_tag(p, &t));) {
            int level;

            if (t.closes || t.name.n != 2 || t.name.p[0] != 'h' ||
                t.name.p[1] < '1' || t.name.p[1] > '6')
                continue;
            level = t.name.p[1] - '0';
            first += level == 1;
            if (level > last + 1)
                fail_msg("h%d follows h%d", level, last);
            last = level;
        }
        assert_int_equal(first, 1);
    }
}

static void test_language(void **state)
{
    static const char *const want[] = {"<html lang=\"en\" dir=\"ltr\">",
                                       "<html lang=\"fr\" dir=\"ltr\">",
                                       "<html lang=\"ar\" dir=\"rtl\">"};

    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        AUTO(arena) struct arena *a = arena_new(0);
        AUTO(buf) struct buf b = {0};

        make_page(a, codes[k], 3, &b);
        assert_non_null(strstr(buf_cstr(&b), want[k]));
        assert_int_equal(count_of(buf_cstr(&b), " aria-current=\"page\""), 1);
        assert_non_null(strstr(buf_cstr(&b),
                               "href=\"profile.fr.html\" "
                               "lang=\"fr\" hreflang=\"fr\""));
        /* Only English has this text, and it says so. */
        assert_int_equal(count_of(buf_cstr(&b),
                                  "<div class=\"prose\" "
                                  "lang=\"en\" dir=\"ltr\">"),
                         k > 0);
    }
}

static size_t cells_without_scope(const char *page)
{
    return count_of(page, "<th>") + count_of(page, "<th class");
}

static void test_tables(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf b = {0};
    const char *page;

    make_page(a, "en", 448, &b);
    page = buf_cstr(&b);
    assert_int_equal(cells_without_scope(page), 0);
    assert_int_equal(count_of(page, "<table"), count_of(page, "<caption"));
    assert_int_equal(count_of(page,
                              "class=\"scroll\" role=\"group\" "
                              "tabindex=\"0\" aria-label=\""),
                     count_of(page, "<table"));
    assert_non_null(strstr(page, "The first 30 rows of 448 are shown."));
    assert_non_null(strstr(page,
                           "All rows (448) are in <a href=\"data/"
                           "areas.csv\">"));
    assert_true(count_of(page, "<tr>") < 120);
}

static void test_figures(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf b = {0};
    const char *page;

    make_page(a, "en", 448, &b);
    page = buf_cstr(&b);
    /* Each once, though a text, a chapter and a part name the map. */
    assert_int_equal(count_of(page, "<figure"), 2);
    assert_int_equal(count_of(page, "<figcaption>"), 2);
    assert_int_equal(count_of(page, "<div class=\"plot map\" role=\"img\" "),
                     1);
    assert_int_equal(count_of(page, "<div class=\"plot\" role=\"img\" "), 1);
    assert_int_equal(count_of(page,
                              "role=\"img\" aria-label=\"What "
                              "&quot;it&quot; shows &amp; how\">"),
                     2);
    /* Twice each: for a desk and for a phone; letters and shapes once. */
    assert_int_equal(count_of(page, "<div class=\"wide\"><svg"), 2);
    assert_int_equal(count_of(page,
                              "<div class=\"phone\"><svg viewBox=\"0 0 "
                              "320 9\">"),
                     2);
    assert_int_equal(count_of(page, "<svg><defs>"), 1);
    assert_non_null(strstr(page, ".plot .t1{fill:#eee}"));
    assert_non_null(strstr(page,
                           "(prefers-color-scheme: dark) {\n.plot "
                           ".t1{fill:#111}"));
    assert_int_equal(count_of(page, "The numbers behind this figure"), 2);
    /* The map's table begins with the highest share. */
    assert_non_null(strstr(page,
                           "</thead><tbody>\n<tr><th scope=\"row\">A006"
                           "</th><td>60.0%"));
}

/* The interval stands beside the value that it is around. */
static void test_sureness(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf b = {0};

    make_page(a, "en", 5, &b);
    assert_non_null(strstr(buf_cstr(&b),
                           "<td class=\"n\">0.313</td><td class=\"n\">0.306 "
                           "<small>from 0.301 to 0.311</small></td>"));
    assert_non_null(strstr(buf_cstr(&b), ">Freed of chance <small>"));
}

static void test_pieces(void **state)
{
    static const char *const want[] = {
        "<title>City migration profile: Porto &amp; Bello</title>",
        "February 2020, compared with February 2015",
        "<strong>A fictional city.</strong>",
        "<p>One resident in two was born in Syria.</p>",
        "<p>There are 3,769,962 people, 50.0% from Syria and at least 12 from "
        "Poland.</p>",
        "&lt;script&gt;x&lt;/script&gt;",
        "<bdi dir=\"ltr\"><abbr class=\"st\" title=\"at least: some of its "
        "parts are withheld or missing\">≥</abbr>\xc2\xa0"
        "12</bdi>",
        "<td>\xe2\x88\x92"
        "12.5%",
        "<abbr class=\"st\" title=\"withheld to protect people\">•</abbr>",
        "<b>×</b> withheld by the publisher",
        "Origins, ranked &lt;by&gt; count",
        "<p class=\"absent\">The package has no age and sex.</p>",
        "<q><bdi>the council &lt;asked&gt;</bdi></q>",
        "<th scope=\"row\"><span>Dissimilarity</span></th><td>evenness</td>"
        "<td class=\"n\">0.313</td>",
        "CC-BY-4.0"};
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf b = {0};

    make_page(a, "en", 3, &b);
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        if (!strstr(buf_cstr(&b), want[i]))
            fail_msg("%s is not in the page:\n%s", want[i], buf_cstr(&b));
    assert_null(strstr(buf_cstr(&b), "A chapter without anything"));
}

static void test_arabic(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf b = {0};

    make_page(a, "ar", 3, &b);
    assert_non_null(strstr(buf_cstr(&b), "<h1>بورتو</h1>"));
    assert_non_null(strstr(buf_cstr(&b), "سوريا"));
    assert_non_null(strstr(buf_cstr(&b), "<bdi translate=\"no\">Altstadt"));
    assert_non_null(strstr(buf_cstr(&b), "<span lang=\"en\" dir=\"ltr\">"));
}

static void test_same_bytes(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf one = {0}, two = {0};

    make_page(a, "fr", 30, &one);
    make_page(a, "fr", 30, &two);
    assert_string_equal(buf_cstr(&one), buf_cstr(&two));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balance),    cmocka_unit_test(test_links),
        cmocka_unit_test(test_complete),   cmocka_unit_test(test_headings),
        cmocka_unit_test(test_language),   cmocka_unit_test(test_tables),
        cmocka_unit_test(test_figures),    cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_sureness),   cmocka_unit_test(test_arabic),
        cmocka_unit_test(test_same_bytes),
    };

    return cmocka_run_group_tests_name("publish-page", tests, NULL, NULL);
}
