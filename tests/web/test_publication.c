/*
 * web: published profiles as everybody sees them. The bytes are those that
 * were published; nothing else of a city's work is there; what was withdrawn
 * is its editors' alone.
 */
#include "base/file.h"
#include "browser.h"
#include "network/publication.h"
#include "record/types.h"

#include <inttypes.h>
#include <setjmp.h>
#include <sodium.h>
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
static int64_t open_city, other_city, draft_city, empty_city, edition;

#define STYLE "\nbody { color: #123 }\n"
#define PAGE(lang, text)                                           \
    "<!DOCTYPE html>\n<html lang=\"" lang "\"><head><style>" STYLE \
    "</style></head><body>" text "</body></html>\n"
#define MEASURE(code, low, value, high)                       \
    "{\"code\":\"" code "\",\"value\":" value ",\"low\":" low \
    ",\"high\":" high                                         \
    ",\"unit\":\"index\",\"label\":{\"en\":\""                \
    "Measure " code "\"}}"
#define DOCUMENT_OF(period, basis, low, value, high) \
    "{\"schema\":\"passerelle.profile/1\",\"generator\":{\"version\":"        \
    "\"0.1.0\"},\"period\":\"" period "\",\"basis\":{\"text\":{" basis        \
    "}},\"city\":{\"country\":\"TN\",\"areas\":{\"value\":60}},"              \
    "\"majority\":[\"TN\"],\"population\":{\"total\":{\"value\":413517,"      \
    "\"unit\":\"persons\",\"label\":{\"en\":\"Residents\",\"fr\":"            \
    "\"Habitants\",\"ar\":\"السكان\"}},\"migrants_share\":{\"value\":"         \
    "0.22845,\"unit\":\"share\",\"label\":{\"en\":\"Share of migrants\"}}},"  \
    "\"measures\":{\"migrants\":[" MEASURE("dissimilarity", low, value, high) \
    "," MEASURE("gini", low, value, high)                                     \
    "]},\"chapters\":[{\"code\":\"synopsis\",\"summary\":[{\"en\":\"A "       \
    "sentence of <b>the</b> profile.\"}]}]}\n"
#define BIRTH "\"en\":\"birth\",\"fr\":\"naissance\""
#define DOCUMENT(period) DOCUMENT_OF(period, BIRTH, "0.219", "0.222", "0.225")
#define DOCUMENT_2019 DOCUMENT_OF("2019", BIRTH, "0.119", "0.122", "0.125")

static const struct {
    const char *name, *text;
} files[] = {
    {"profile.en.html", PAGE("en", "English words")},
    {"profile.fr.html", PAGE("fr", "Mots français")},
    {"profile.ar.html", PAGE("ar", "كلمات")},
    {"data/origins.csv", "origin,count\r\nTN,12\r\n"},
    {"data/datapackage.json", "{}\n"},
    {"figures/map.en.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"},
    {"profile.gpkg", "GPKG"},
};

static int64_t save(const struct record_type *t, void *record,
                    const char *state)
{
    struct deed d = {.by = 0, .at = time(NULL), .action = "create"};

    ((struct record_head *)record)->state = state;
    if (record_save(store, t, record, &d, arena, NULL, NULL))
        abort();
    return ((struct record_head *)record)->id;
}

static int64_t a_city(const char *name, const char *state)
{
    struct territory t;
    struct city c;

    record_clear(&type_territory, &t);
    t.name.in[0] = name;
    t.kind = "city";
    t.country = "TN";
    record_clear(&type_city, &c);
    c.name.in[0] = name;
    c.status = "member";
    c.territory = save(&type_territory, &t, "");
    return save(&type_city, &c, state);
}

static void put(const char *name, const char *text)
{
    struct stored_owner owner = {STORED_RESULT, edition};
    struct stored_note note = {0, time(NULL)};
    const char *path = path_join(arena, dir, "result");

    if (file_write(path, str_of(text), NULL) ||
        stored_put_path(store, path, owner, name, note, NULL))
        abort();
    unlink(path);
}

static int64_t publish(int64_t city, const char *title, const char *document)
{
    struct edition e;
    struct publishing p = {
        .city = city, .title = {{title, NULL, NULL}, {'o'}}, .at = time(NULL)};
    int64_t id;

    record_clear(&type_edition, &e);
    e.title.in[0] = title;
    e.city = city;
    p.edition = edition =
        save(&type_edition, &e, record_first_state(&type_edition));
    put(PUBLICATION_DOCUMENT, document);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        put(files[i].name, files[i].text);
    if (store_begin(store, true, NULL) ||
        publication_make(store, &p, arena, &id, NULL) ||
        store_commit(store, NULL))
        abort();
    return id;
}

static struct browser visitor(const char *lang)
{
    struct browser b = browser_new(server, arena);

    b.lang = lang;
    return b;
}

static const char *under(int64_t city, const char *rest)
{
    return arena_printf(arena, "/cities/%" PRId64 "%s", city, rest);
}

static const char *header_of(const struct browser *b, const char *name)
{
    return pairs_get(&b->reply.headers, name).p;
}

static void the_bytes_are_those_published(void **state)
{
    struct browser b = visitor("en");

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        const char *path = under(
            open_city, arena_printf(arena, "/profiles/2/%s", files[i].name));

        assert_int_equal(browser_get(&b, path), 200);
        assert_string_equal(b.body, files[i].text);
        assert_string_equal(header_of(&b, "Content-Type"),
                            stored_media(files[i].name));
        assert_non_null(strstr(header_of(&b, "Cache-Control"), "immutable"));
    }
    browser_get(&b, under(open_city, "/profiles/1.json"));
    assert_string_equal(b.body, DOCUMENT_2019);
    browser_get(&b, under(open_city, "/profile.json"));
    assert_string_equal(b.body, DOCUMENT("2024"));
    assert_string_equal(header_of(&b, "Cache-Control"), "no-cache");
    browser_get(&b, under(open_city, "/profiles/2/profile.json"));
    assert_string_equal(b.body, DOCUMENT("2024"));
    browser_close(&b);
}

static void each_language_has_its_address(void **state)
{
    static const char *const langs[] = {"en", "fr", "ar"};

    for (size_t i = 0; i < ARRAY_LEN(langs); i++) {
        struct browser b = visitor(langs[i]);
        const char *to =
            under(open_city,
                  arena_printf(arena, "/profiles/2/profile.%s.html", langs[i]));

        assert_int_equal(browser_get(&b, under(open_city, "/profile")), 303);
        assert_string_equal(b.location, to);
        assert_int_equal(browser_get(&b, under(open_city, "/profiles/2")), 303);
        assert_string_equal(b.location, to);
        browser_close(&b);
    }
}

/* Its own style by its hash, and nothing that runs. */
static void a_page_brings_its_own_policy(void **state)
{
    struct browser b = visitor("en");
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[64];
    size_t policies = 0;

    crypto_hash_sha256(hash, (const unsigned char *)STYLE, strlen(STYLE));
    sodium_bin2base64(text, sizeof text, hash, sizeof hash,
                      sodium_base64_VARIANT_ORIGINAL);
    browser_get(&b, under(open_city, "/profiles/2/profile.fr.html"));
    assert_non_null(strstr(header_of(&b, "Content-Security-Policy"),
                           arena_printf(arena, "style-src 'sha256-%s'", text)));
    for (size_t i = 0; i < b.reply.headers.n; i++)
        policies += strcmp(b.reply.headers.items[i].name,
                           "Content-Security-Policy") == 0;
    assert_int_equal(policies, 1);
    browser_get(&b, under(open_city, "/profiles/2/figures/map.en.svg"));
    assert_null(strstr(header_of(&b, "Content-Security-Policy"), "script"));
    assert_non_null(
        strstr(header_of(&b, "Content-Security-Policy"), "sandbox"));
    browser_get(&b, under(open_city, "/profiles/2/data/origins.csv"));
    assert_string_equal(header_of(&b, "Content-Disposition"),
                        "attachment; filename=\"origins.csv\"");
    browser_close(&b);
}

static void what_is_not_there(void **state)
{
    static const char *const paths[] = {"/profiles/3",
                                        "/profiles/0",
                                        "/profiles/x",
                                        "/profiles/3.json",
                                        "/profiles/2/none.csv",
                                        "/profiles/2/data/none.csv",
                                        "/profiles/2/data",
                                        "/profiles/2/..%2f..%2fkey",
                                        "/profiles/2/data/../profile.json",
                                        "/profiles/2/%2e%2e/key",
                                        "/profiles/2/data%2forigins.csv/x",
                                        "/profiles/3/downloads",
                                        "/profiles/-1",
                                        "/profiles/99999999999999999999"};
    struct browser b = visitor("en");

    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_int_equal(browser_get(&b, under(open_city, paths[i])), 404);
    assert_int_equal(browser_get(&b, under(empty_city, "/profile")), 404);
    assert_int_equal(browser_get(&b, under(empty_city, "/profiles")), 200);
    assert_true(browser_sees(&b, "No profile of this city"));
    assert_int_equal(browser_get(&b, under(empty_city, "")), 200);
    assert_false(browser_sees(&b, "class=\"tiles\""));
    browser_close(&b);
}

/* A city that is not public has no public profile, whatever was published. */
static void a_draft_city_shows_nothing(void **state)
{
    static const char *const paths[] = {"",
                                        "/profile",
                                        "/profile.json",
                                        "/profiles",
                                        "/profiles/1",
                                        "/profiles/1.json",
                                        "/profiles/1/downloads",
                                        "/profiles/1/profile.en.html",
                                        "/profiles/1/data/origins.csv"};
    struct browser b = visitor("en");

    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_int_equal(browser_get(&b, under(draft_city, paths[i])), 404);
    browser_close(&b);
}

static struct browser editor(int64_t city)
{
    struct browser b = browser_new(server, arena);
    char token[TOKEN_TEXT];
    static int number;
    struct keyring k;
    int64_t account =
        test_account(&b, arena_printf(arena, "editor%d@example.org", number++),
                     "a long enough phrase", ROLE_CITY_EDITOR, city);

    memcpy(k.key, server->key, sizeof k.key);
    if (session_open(store, &k, account, true, "192.0.2.1", "test", time(NULL),
                     token, NULL))
        abort();
    pairs_add(&b.cookies, arena, "session", str_of(token));
    return b;
}

static void a_withdrawn_version_is_the_editors_alone(void **state)
{
    struct browser b = visitor("en"), e = editor(open_city);
    int64_t id = publish(open_city, "A mistake", DOCUMENT("2025"));

    assert_int_equal(browser_get(&b, under(open_city, "/profiles/3/downloads")),
                     200);
    assert_int_equal(publication_withdraw(store, id, true, 0, time(NULL), NULL),
                     RC_OK);
    assert_int_equal(browser_get(&b, under(open_city, "/profiles/3/downloads")),
                     404);
    assert_int_equal(browser_get(&b, under(open_city, "/profiles/3.json")),
                     404);
    browser_get(&b, under(open_city, "/profiles"));
    assert_false(browser_sees(&b, "A mistake"));
    browser_get(&b, under(open_city, "/profile"));
    assert_non_null(strstr(b.location, "/profiles/2/"));
    assert_int_equal(browser_get(&e, under(open_city, "/profiles/3/downloads")),
                     200);
    assert_true(browser_sees(&e, "Withdrawn"));
    assert_int_equal(
        browser_get(&e, under(open_city, "/profiles/3/profile.en.html")), 200);
    assert_string_equal(header_of(&e, "Cache-Control"), "no-store");
    browser_get(&e, under(open_city, "/profiles"));
    assert_true(browser_sees(&e, "A mistake"));
    browser_get(&e, under(open_city, "/profile"));
    assert_non_null(strstr(e.location, "/profiles/2/"));
    browser_close(&b);
    browser_close(&e);
}

static void a_known_copy_is_not_sent_again(void **state)
{
    struct browser e = editor(open_city);
    const char *path = under(open_city, "/profiles/2/profile.gpkg");
    char hash[SHA256_TEXT];
    unsigned char raw[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(raw, (const unsigned char *)"GPKG", 4);
    sodium_bin2hex(hash, sizeof hash, raw, sizeof raw);
    assert_int_equal(browser_get(&e, path), 200);
    assert_string_equal(header_of(&e, "ETag"),
                        arena_printf(arena, "\"%s\"", hash));
    assert_non_null(strstr(header_of(&e, "Cache-Control"), "private"));
    e.etag = header_of(&e, "ETag");
    assert_int_equal(browser_get(&e, path), 304);
    assert_int_equal(e.reply.body.n, 0);
    e.etag = "\"another\"";
    assert_int_equal(browser_get(&e, path), 200);
    assert_string_equal(e.body, "GPKG");
    browser_close(&e);
}

static void downloads_with_sizes_and_checksums(void **state)
{
    struct browser b = visitor("en");
    size_t bytes = 0;

    assert_int_equal(browser_get(&b, under(open_city, "/profiles/2/downloads")),
                     200);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        unsigned char raw[crypto_hash_sha256_BYTES];
        char hash[SHA256_TEXT];

        crypto_hash_sha256(raw, (const unsigned char *)files[i].text,
                           strlen(files[i].text));
        sodium_bin2hex(hash, sizeof hash, raw, sizeof raw);
        assert_true(browser_sees(&b, hash));
        assert_true(browser_sees(
            &b, under(open_city,
                      arena_printf(arena, "/profiles/2/%s\"", files[i].name))));
        bytes += strlen(files[i].text);
    }
    assert_true(browser_sees(&b, "Boundaries and maps"));
    assert_true(bytes > 100);
    b.accept = "application/json";
    browser_get(&b, under(open_city, "/profiles/2/downloads.json"));
    assert_true(browser_sees(&b, "\"bytes\":4,"));
    browser_close(&b);
}

static void the_city_says_what_is_newest(void **state)
{
    struct browser b = visitor("en"), f = visitor("fr");

    for (int times = 0; times < 2; times++) { /* made, then kept */
        assert_int_equal(browser_get(&b, under(open_city, "")), 200);
        assert_true(browser_sees(&b, "Who lives here"));
        assert_true(browser_sees(&b, "413,517"));
        assert_true(browser_sees(&b, "22.8%"));
        assert_true(browser_sees(&b, "between 0.219 and 0.225"));
        assert_true(browser_sees(&b, "A sentence of &lt;b&gt;the&lt;/b&gt;"));
        assert_false(browser_sees(&b, "Before that"));
        browser_get(&f, under(open_city, ""));
        assert_true(browser_sees(&f, "Habitants"));
        assert_true(browser_sees(&f, "413\u202f517"));
    }
    browser_get(&b, under(open_city, "/profiles"));
    assert_true(browser_sees(&b, "Before that"));
    assert_true(strstr(b.body, "Who lives here") <
                strstr(b.body, "Before that"));
    browser_close(&b);
    browser_close(&f);
}

static void lists_lead_to_profiles(void **state)
{
    static const char *const paths[] = {"/", "/cities"};
    struct browser b = visitor("en");

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_int_equal(browser_get(&b, paths[i]), 200);
        assert_true(browser_sees(&b, under(open_city, "/profiles/2\"")));
        assert_true(browser_sees(&b, under(other_city, "/profiles/1\"")));
        assert_false(browser_sees(&b, under(open_city, "/profiles/1\"")));
        assert_false(browser_sees(&b, under(draft_city, "/")));
    }
    assert_false(browser_sees(&b, "Residents")); /* nobody said how many */
    browser_close(&b);
}

/* ---- comparison ---- */

static void two_versions_side_by_side(void **state)
{
    struct browser b = visitor("en");
    const char *path = arena_printf(arena, "/compare?a=%" PRId64, open_city);

    assert_int_equal(browser_get(&b, path), 200);
    assert_true(browser_sees(&b, "has risen")); /* 0.122 -> 0.222 */
    assert_true(browser_sees(&b, "+0.100"));
    assert_true(browser_sees(&b, "<svg"));
    assert_true(strstr(b.body, ">2019<") < strstr(b.body, ">2024<"));
    /* named the other way around, it is told the same way */
    browser_get(&b,
                arena_printf(arena, "/compare?a=%" PRId64 ".2&b=%" PRId64 ".1",
                             open_city, open_city));
    assert_true(browser_sees(&b, "has risen"));
    b.accept = "application/json";
    browser_get(&b, arena_printf(arena, "/compare.json?a=%" PRId64, open_city));
    assert_true(browser_sees(&b, "\"verdict\":\"up\""));
    assert_false(browser_sees(&b, "<svg"));
    browser_get(&b, arena_printf(arena, "/compare.csv?a=%" PRId64, open_city));
    assert_true(browser_sees(&b, "section,path,label,unit"));
    assert_true(browser_sees(&b, "measures.migrants.dissimilarity"));
    assert_true(browser_sees(&b, "population.total"));
    browser_close(&b);
}

static void two_cities_with_what_differs(void **state)
{
    struct browser b = visitor("en"), f = visitor("fr");
    const char *path = arena_printf(arena, "/compare?a=%" PRId64 "&b=%" PRId64,
                                    open_city, other_city);

    assert_int_equal(browser_get(&b, path), 200);
    assert_true(browser_sees(&b,
                             "Origin is told by birth in one and by "
                             "nationality in the other"));
    assert_true(browser_sees(&b, "not compared: see above"));
    assert_true(browser_sees(&b, "cities differ in size"));
    assert_false(browser_sees(&b, "has risen"));
    assert_int_equal(browser_get(&f, path), 200);
    assert_true(browser_sees(&f, "naissance"));
    browser_close(&b);
    browser_close(&f);
}

static void comparisons_that_cannot_be(void **state)
{
    struct browser b = visitor("en");
    const char *none[] = {
        "/compare?a=x",
        "/compare?a=0",
        "/compare?a=-1",
        "/compare?a=1.2.3",
        arena_printf(arena, "/compare?a=%" PRId64 ".9", open_city),
        arena_printf(arena, "/compare?a=%" PRId64 ".0", open_city),
        arena_printf(arena, "/compare?a=%" PRId64, draft_city),
        arena_printf(arena, "/compare?a=%" PRId64, empty_city),
        arena_printf(arena, "/compare?a=%" PRId64 "&b=%" PRId64, open_city,
                     draft_city)};

    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_int_equal(browser_get(&b, none[i]), 404);
    assert_int_equal(browser_get(&b, "/compare"), 200);
    assert_true(browser_sees(&b, "Openville"));
    assert_false(browser_sees(&b, "Draftville"));
    assert_false(browser_sees(&b, "<table"));
    browser_get(&b, arena_printf(arena, "/compare?a=%" PRId64 ".2&b=%" PRId64,
                                 open_city, open_city));
    assert_false(browser_sees(&b, "<table")); /* with itself */
    browser_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_those_published),
        cmocka_unit_test(each_language_has_its_address),
        cmocka_unit_test(a_page_brings_its_own_policy),
        cmocka_unit_test(what_is_not_there),
        cmocka_unit_test(a_draft_city_shows_nothing),
        cmocka_unit_test(downloads_with_sizes_and_checksums),
        cmocka_unit_test(the_city_says_what_is_newest),
        cmocka_unit_test(lists_lead_to_profiles),
        cmocka_unit_test(two_versions_side_by_side),
        cmocka_unit_test(two_cities_with_what_differs),
        cmocka_unit_test(comparisons_that_cannot_be),
        cmocka_unit_test(a_known_copy_is_not_sent_again),
        cmocka_unit_test(a_withdrawn_version_is_the_editors_alone),
    };
    int rc;

    if (!mkdtemp(dir))
        return 1;
    arena = arena_new(0);
    server = test_server(arena, dir, &config);
    if (store_open(config.store, &store, NULL))
        return 1;
    open_city = a_city("Openville", "published");
    other_city = a_city("Otherville", "published");
    draft_city = a_city("Draftville", "draft");
    empty_city = a_city("Emptyville", "published");
    publish(open_city, "Before that", DOCUMENT_2019);
    publish(open_city, "Who lives here", DOCUMENT("2024"));
    publish(draft_city, "Not yet", DOCUMENT("2024"));
    publish(other_city, "Elsewhere",
            DOCUMENT_OF("2024", "\"en\":\"nationality\"", "0.319", "0.322",
                        "0.325"));
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    store_close(store);
    server_stop(server, 1);
    rc |= dir_remove(dir, NULL) != RC_OK;
    arena_free(arena);
    return rc;
}
