/*
 * web: the pages that everybody may read. The map and its table say the same;
 * drafts are nowhere; lists are in the order of the reader's language.
 */
#include "base/file.h"
#include "browser.h"
#include "draw/world.h"
#include "record/keep.h"
#include "record/types.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct server *server;
static struct config config;
static struct arena *arena;
static char dir[] = "/tmp/passerelle-web-XXXXXX";
static struct store *store;

static int64_t save(const struct record_type *t, void *record,
                    const char *state)
{
    struct deed d = {.by = 0, .at = time(NULL), .action = "create"};

    if (state)
        ((struct record_head *)record)->state = state;
    if (record_save(store, t, record, &d, arena, NULL, NULL))
        abort();
    return ((struct record_head *)record)->id;
}

static struct words said(const char *en, const char *fr, const char *ar)
{
    return (struct words){
        {en, fr, ar},
        {WORDS_ORIGINAL, fr ? WORDS_TRANSLATED : 0, ar ? WORDS_TRANSLATED : 0}};
}

static const struct {
    const char *en, *fr, *ar, *country, *status, *state;
    double longitude, latitude;
    struct day since;
} cities[] = {
    {"Evora",
     "Évora",
     "إيفورا",
     "PT",
     "member",
     "published",
     -7.9,
     38.57,
     {2016, 0, 0}},
    {"Zurich",
     "Zurich",
     "زيورخ",
     "CH",
     "invited",
     "published",
     8.54,
     47.37,
     {2024, 3, 0}},
    {"Tunis",
     "Tunis",
     "تونس",
     "TN",
     "member",
     "published",
     10.18,
     36.81,
     {0, 0, 0}},
    {"Famagusta",
     "Famagouste",
     "فاماغوستا",
     "CY",
     "announced",
     "published",
     33.94,
     35.12,
     {2015, 1, 2}},
    {"Kisumu",
     "Kisumu",
     "كيسومو",
     "KE",
     "former",
     "published",
     34.75,
     -0.1,
     {2019, 0, 0}},
    {"Placeless",
     "Sans-lieu",
     "بلا مكان",
     "XT",
     "member",
     "published",
     0,
     0,
     {2020, 0, 0}},
    {"Hiddenville",
     "Ville-cachée",
     "مخفية",
     "FR",
     "member",
     "draft",
     2.3,
     48.8,
     {2021, 0, 0}},
};
enum { N_CITIES = ARRAY_LEN(cities) };
static int64_t ids[N_CITIES];

static void make_cities(void)
{
    struct territory country;

    record_clear(&type_territory, &country);
    country.name = said("Thalassia", "Thalassie", "ثالاسيا");
    country.kind = "country";
    country.country = "XT";
    save(&type_territory, &country, NULL);
    for (size_t i = 0; i < N_CITIES; i++) {
        struct territory t;
        struct city c;

        record_clear(&type_territory, &t);
        t.name = said(cities[i].en, cities[i].fr, cities[i].ar);
        t.kind = "city";
        t.country = cities[i].country;
        if (cities[i].longitude != 0)
            t.place =
                (struct coordinate){cities[i].longitude, cities[i].latitude};
        record_clear(&type_city, &c);
        c.name = t.name;
        c.territory = save(&type_territory, &t, NULL);
        c.status = cities[i].status;
        c.status_since = cities[i].since;
        ids[i] = save(&type_city, &c, cities[i].state);
    }
}

static struct browser visitor(const char *lang)
{
    struct browser b = browser_new(server, arena);

    b.lang = lang;
    return b;
}

/* Whether these come in this order, each after the one before. */
static bool in_order(const char *text, const char *const *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        text = strstr(text, items[i]);
        if (!text) {
            print_error("not in its place: %s\n", items[i]);
            return false;
        }
        text += strlen(items[i]);
    }
    return true;
}

static void the_map_shows_every_published_city(void **state)
{
    static const char *const langs[] = {"en", "fr", "ar"};

    for (size_t k = 0; k < ARRAY_LEN(langs); k++) {
        struct browser b = visitor(langs[k]);
        const char *table;

        assert_int_equal(browser_get(&b, "/map"), 200);
        table = strstr(b.body, "<table>");
        assert_non_null(table);
        for (size_t i = 0; i < N_CITIES; i++) {
            const char *name = k == 0   ? cities[i].en
                               : k == 1 ? cities[i].fr
                                        : cities[i].ar;
            const char *path =
                arena_printf(arena, "href=\"/cities/%" PRId64 "\"", ids[i]);
            bool published = strcmp(cities[i].state, "published") == 0;
            bool placed = published && cities[i].longitude != 0;
            const char *mark = strstr(b.body, path);

            assert_int_equal(!!strstr(b.body, name), published);
            assert_int_equal(!!strstr(table, path), published);
            assert_int_equal(mark && mark < table, placed);
            if (placed) /* shape by status, name beside it */
                assert_true(in_order(
                    mark,
                    (const char *[]){
                        arena_printf(arena, "#mark-%s\"", cities[i].status),
                        arena_printf(arena, ">%s</text>", name)},
                    2));
        }
        browser_close(&b);
    }
}

static void the_map_says_who_is_not_on_it(void **state)
{
    struct browser b = visitor("en");

    browser_get(&b, "/map");
    assert_true(browser_sees(&b, "where they lie: Placeless."));
    assert_true(browser_sees(&b, "Thalassia"));
    assert_false(browser_sees(&b, ">XT<"));
    assert_int_equal(browser_sees(&b, "class=\"map whole\""), true);
    assert_int_equal(browser_get(&b, "/map?status=invited"), 200);
    assert_false(browser_sees(&b, "class=\"map whole\""));
    assert_true(browser_sees(&b, "Zurich"));
    assert_false(browser_sees(&b, "Tunis"));
    assert_int_equal(browser_get(&b, "/map?q=nobody-is-called-so"), 200);
    assert_false(browser_sees(&b, "<figure"));
    assert_int_equal(browser_get(&b, "/cities?q=nobody-is-called-so"), 200);
    assert_false(browser_sees(&b, "<table"));
    browser_close(&b);
}

static void coasts_are_drawn(void **state)
{
    struct browser b = visitor("en");
    const char *path;

    browser_get(&b, "/map");
    path = strstr(b.body, "<path d=\"");
    assert_non_null(path);
    assert_int_equal(strcspn(path + 9, "\"") > 2000, world_has_land());
    browser_get(&b, arena_printf(arena, "/cities/%" PRId64, ids[2]));
    assert_int_equal(browser_sees(&b, "class=\"map locator\""),
                     world_has_land());
    browser_get(&b, arena_printf(arena, "/cities/%" PRId64, ids[5]));
    assert_false(browser_sees(&b, "class=\"map locator\""));
    browser_close(&b);
}

static void the_table_sorts(void **state)
{
    static const struct {
        const char *lang, *sort;
        const char *order[3];
    } rows[] = {
        {"en", "city", {">Evora<", ">Kisumu<", ">Zurich<"}},
        {"en", "-city", {">Zurich<", ">Kisumu<", ">Evora<"}},
        {"fr", "city", {">Évora<", ">Famagouste<", ">Zurich<"}},
        {"en", "country", {">Cyprus<", ">Switzerland<", ">Tunisia<"}},
        {"fr", "country", {">Chypre<", ">Kenya<", ">Suisse<"}},
        {"en", "status", {">Tunis<", ">Famagusta<", ">Zurich<"}},
        {"en", "since", {">Famagusta<", ">Evora<", ">Tunis<"}},
        {"en", "-since", {">Zurich<", ">Famagusta<", ">Tunis<"}},
        {"en", "nonsense", {">Evora<", ">Tunis<", ">Zurich<"}},
    };
    int wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct browser b = visitor(rows[i].lang);
        const char *table;

        browser_get(&b, arena_printf(arena, "/map?sort=%s", rows[i].sort));
        table = strstr(b.body, "<table>");
        if (!table || !in_order(table, rows[i].order, 3)) {
            print_error("%s %s\n", rows[i].lang, rows[i].sort);
            wrong++;
        }
        browser_close(&b);
    }
    assert_int_equal(wrong, 0);
}

static void the_map_as_data(void **state)
{
    struct browser b = visitor("en");

    b.accept = "application/json";
    assert_int_equal(browser_get(&b, "/map.json"), 200);
    assert_true(browser_sees(&b, "\"longitude\":10.18,\"latitude\":36.81"));
    assert_true(browser_sees(&b, "\"status_code\":\"announced\""));
    assert_false(browser_sees(&b, "Hiddenville"));
    assert_false(browser_sees(&b, "frames"));
    browser_close(&b);
}

static void lists_follow_the_language(void **state)
{
    static const struct {
        const char *lang, *path;
        const char *order[3];
    } rows[] = {
        {"fr", "/cities", {">Évora<", ">Famagouste<", ">Zurich<"}},
        {"ar", "/cities", {">إيفورا<", ">بلا مكان<", ">كيسومو<"}},
        {"fr", "/records/territory", {">Évora<", ">Famagouste<", ">Zurich<"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct browser b = visitor(rows[i].lang);

        assert_int_equal(browser_get(&b, rows[i].path), 200);
        assert_true(in_order(b.body, rows[i].order, 3));
        browser_close(&b);
    }
}

/* 60 organisations on pages of 50: how many there are is said on each. */
static void pages_of_a_list(void **state)
{
    static const struct {
        const char *path, *total, *has, *lacks;
    } rows[] = {
        {"/organisations.json", "\"total\":60,", "Organisation 00",
         "Organisation 50"},
        {"/organisations.json?page=2", "\"total\":60,", "Organisation 50",
         "Organisation 49"},
        {"/organisations.json?page=3", "\"total\":60,", "\"any\":false",
         "Organisation"},
        {"/organisations.json?q=07", "\"total\":1,", "Organisation 07",
         "Organisation 08"},
        {"/organisations.json?q=none", "\"total\":0,", "\"any\":false",
         "Organisation"},
    };
    struct browser b = visitor("en");

    for (int i = 0; i < 60; i++) {
        struct organisation o;

        record_clear(&type_organisation, &o);
        o.name = said(arena_printf(arena, "Organisation %02d", i), NULL, NULL);
        o.kind = "research";
        save(&type_organisation, &o, "published");
    }
    b.accept = "application/json";
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *items;

        assert_int_equal(browser_get(&b, rows[i].path), 200);
        items = strstr(b.body, "\"items\"");
        assert_true(browser_sees(&b, rows[i].total));
        assert_true(browser_sees(&b, rows[i].has));
        assert_non_null(items);
        assert_null(strstr(items, rows[i].lacks));
    }
    browser_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_map_shows_every_published_city),
        cmocka_unit_test(the_map_says_who_is_not_on_it),
        cmocka_unit_test(coasts_are_drawn),
        cmocka_unit_test(the_table_sorts),
        cmocka_unit_test(the_map_as_data),
        cmocka_unit_test(lists_follow_the_language),
        cmocka_unit_test(pages_of_a_list),
    };
    int rc;

    if (!mkdtemp(dir))
        return 1;
    arena = arena_new(0);
    server = test_server(arena, dir, &config);
    if (store_open(config.store, &store, NULL))
        return 1;
    make_cities();
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    store_close(store);
    server_stop(server, 1);
    rc |= dir_remove(dir, NULL) != RC_OK;
    arena_free(arena);
    return rc;
}
