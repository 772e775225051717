/*
 * web: what is published stays as it is until a change of it passed its
 * review: proposals, who reads them, how they move, who is told, and what
 * happens when two change the same.
 */
#include "base/file.h"
#include "browser.h"
#include "post/post.h"
#include "record/revision.h"
#include "record/types.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static struct server *server;
static struct config config;
static struct arena *arena;
static char dir[] = "/tmp/passerelle-web-XXXXXX";
static struct store *store;

struct city_of {
    int64_t id;
    const char *page, *edit, *revision, *move, *drop, *api;
};

static struct city_of a_city(const char *name)
{
    struct deed d = {.at = time(NULL), .action = "create"};
    struct territory t;
    struct city c;
    struct city_of out;

    record_clear(&type_territory, &t);
    t.name.in[0] = "Some land";
    t.kind = "city";
    t.country = "MA";
    assert_int_equal(
        record_save(store, &type_territory, &t, &d, arena, NULL, NULL), RC_OK);
    record_clear(&type_city, &c);
    c.name.in[0] = name;
    c.name.state[0] = WORDS_ORIGINAL;
    c.territory = t.head.id;
    c.status = "member";
    c.head.state = "published";
    assert_int_equal(record_save(store, &type_city, &c, &d, arena, NULL, NULL),
                     RC_OK);
    out.id = c.head.id;
    out.page = arena_printf(arena, "/cities/%" PRId64, out.id);
    out.edit = arena_printf(arena, "/records/city/%" PRId64 "/edit", out.id);
    out.revision =
        arena_printf(arena, "/records/city/%" PRId64 "/revision", out.id);
    out.move = arena_printf(arena, "%s/move", out.revision);
    out.drop = arena_printf(arena, "%s/drop", out.revision);
    out.api = arena_printf(arena, "/api/cities/%" PRId64, out.id);
    return out;
}

static struct browser person(enum role role, int64_t city, const char *lang,
                             int64_t *account)
{
    static int number;
    struct browser b = browser_new(server, arena);
    char token[TOKEN_TEXT];
    struct keyring k;
    int64_t id;

    if (role == ROLES)
        return b;
    memcpy(k.key, server->key, sizeof k.key);
    id = test_account(
        &b, arena_printf(arena, "%s%d@example.org", role_name(role), ++number),
        "a long enough phrase", role, role == ROLE_SECRETARIAT ? 0 : city);
    assert_int_equal(account_language(store, id, lang, NULL), RC_OK);
    assert_int_equal(session_open(store, &k, id, true, "192.0.2.1", "test",
                                  time(NULL), token, NULL),
                     RC_OK);
    pairs_add(&b.cookies, arena, "session", str_of(token));
    browser_get(&b, "/account");
    if (account)
        *account = id;
    return b;
}

/* Fields of the form of a city whose territory has the number before it. */
static const char *form_of(const struct city_of *c, const char *name,
                           const char *website, int version, int revision)
{
    struct city stored;

    assert_int_equal(
        record_load(store, &type_city, c->id, arena, &stored, NULL), RC_OK);
    return arena_printf(arena,
                        "name_en=%s&territory=%" PRId64
                        "&status=member&website=%s&version=%d&revision=%d",
                        name, stored.territory, website, version, revision);
}

static struct city stored_city(const struct city_of *c)
{
    struct city out;

    assert_int_equal(record_load(store, &type_city, c->id, arena, &out, NULL),
                     RC_OK);
    return out;
}

static struct revision open_revision(const struct city_of *c)
{
    struct revision v;

    assert_int_equal(revision_load(store, &type_city, c->id, arena, &v, NULL),
                     RC_OK);
    return v;
}

static int64_t letters(const char *letter, const char *lang)
{
    int64_t n = -1;

    assert_int_equal(
        store_int(store,
                  "SELECT count(*) FROM outbox WHERE letter = :letter"
                  " AND lang = :lang",
                  PARAMS(P_TEXT("letter", letter), P_TEXT("lang", lang)), &n,
                  NULL),
        RC_OK);
    return n;
}

static void an_edit_waits_for_its_review(void **state)
{
    struct city_of c = a_city("Oldname");
    struct browser editor = person(ROLE_CITY_EDITOR, c.id, "ar", NULL);
    struct browser office = person(ROLE_SECRETARIAT, 0, "fr", NULL);
    struct browser visitor = person(ROLES, 0, NULL, NULL);
    const char *history =
        arena_printf(arena, "/records/city/%" PRId64 "/history", c.id);
    int64_t asked = letters("review", "fr");

    assert_int_equal(browser_get(&visitor, c.page), 200);
    assert_int_equal(browser_get(&editor, c.revision), 404);
    assert_int_equal(
        browser_post(&editor, c.edit, form_of(&c, "Newname", "", 1, 0)), 303);
    assert_non_null(strstr(editor.location, "/revision?done=proposed"));
    assert_string_equal(stored_city(&c).name.in[0], "Oldname");
    assert_int_equal(stored_city(&c).head.version, 1);

    /* nobody else reads it, on no channel */
    assert_int_equal(browser_get(&visitor, c.page), 200);
    assert_true(browser_sees(&visitor, "Oldname"));
    assert_false(browser_sees(&visitor, "Newname"));
    browser_get(&visitor, "/search?q=Newname");
    assert_false(browser_sees(&visitor, c.page));
    browser_get(&visitor, "/news.atom");
    assert_false(browser_sees(&visitor, "Newname"));

    /* both do who work on it */
    assert_int_equal(browser_get(&editor, c.revision), 200);
    assert_true(browser_sees(&editor, "<del>Oldname</del>"));
    assert_true(browser_sees(&editor, "<ins>Newname</ins>"));
    assert_int_equal(browser_get(&editor, c.page), 200);
    assert_true(browser_sees(&editor, c.revision));

    assert_int_equal(browser_post(&editor, c.move, "to=published&version=1"),
                     403);
    assert_int_equal(browser_post(&editor, c.move, "to=review&version=1"), 303);
    assert_int_equal(letters("review", "fr"), asked + 1);
    assert_int_equal(browser_post(&editor, c.move, "to=review&version=1"), 409);
    assert_int_equal(letters("review", "fr"), asked + 1);
    browser_get(&office, "/review");
    assert_true(browser_sees(&office, c.revision));
    browser_get(&office, "/desk");
    assert_true(browser_sees(&office, "/review"));

    assert_int_equal(browser_post(&office, c.move,
                                  "to=draft&version=2&note=Which+source%3F"),
                     303);
    assert_int_equal(letters("sent_back", "ar"), 1);
    browser_get(&editor, history);
    assert_true(browser_sees(&editor, "Which source?"));
    assert_int_equal(browser_post(&editor, c.move, "to=review&version=3"), 303);
    assert_int_equal(browser_post(&office, c.move, "to=published&version=3"),
                     409);
    assert_int_equal(browser_post(&office, c.move, "to=published&version=4"),
                     303);
    assert_int_equal(letters("published", "ar"), 1);
    assert_string_equal(stored_city(&c).name.in[0], "Newname");
    assert_int_equal(stored_city(&c).head.version, 2);
    assert_int_equal(open_revision(&c).version, 0);
    browser_get(&visitor, c.page);
    assert_true(browser_sees(&visitor, "Newname"));
    browser_get(&visitor, "/search?q=Newname");
    assert_true(browser_sees(&visitor, c.page));
    browser_close(&editor);
    browser_close(&office);
    browser_close(&visitor);
}

static void the_published_text_goes_on_beneath_it(void **state)
{
    struct city_of c = a_city("Beneath");
    struct browser editor = person(ROLE_CITY_EDITOR, c.id, "en", NULL);
    struct browser office = person(ROLE_SECRETARIAT, 0, "en", NULL);

    assert_int_equal(
        browser_post(&editor, c.edit, form_of(&c, "Above", "", 1, 0)), 303);
    assert_int_equal(browser_post(&editor, c.move, "to=review&version=1"), 303);

    /* another field, at once: both are in the end there */
    assert_int_equal(browser_get(&office, c.edit), 200);
    assert_true(browser_sees(&office, "value=\"Above\""));
    assert_true(browser_sees(&office, "of=published"));
    assert_int_equal(
        browser_post(&office, c.edit,
                     arena_printf(arena, "%s&of=published",
                                  form_of(&c, "Beneath",
                                          "https%3A%2F%2Fa.example", 1, 0))),
        303);
    assert_string_equal(stored_city(&c).website, "https://a.example");
    assert_int_equal(browser_post(&office, c.move, "to=published&version=2"),
                     303);
    assert_string_equal(stored_city(&c).name.in[0], "Above");
    assert_string_equal(stored_city(&c).website, "https://a.example");

    /* the same field: somebody has to look */
    assert_int_equal(
        browser_post(&editor, c.edit,
                     form_of(&c, "Mine", "https%3A%2F%2Fa.example", 3, 0)),
        303);
    assert_int_equal(browser_post(&editor, c.move, "to=review&version=1"), 303);
    assert_int_equal(
        browser_post(&office, c.edit,
                     arena_printf(arena, "%s&of=published",
                                  form_of(&c, "Theirs",
                                          "https%3A%2F%2Fa.example", 3, 0))),
        303);
    browser_get(&office, c.revision);
    assert_true(browser_sees(&office, "The published text changed"));
    assert_int_equal(browser_post(&office, c.move, "to=published&version=2"),
                     409);
    assert_string_equal(stored_city(&c).name.in[0], "Theirs");
    assert_int_equal(open_revision(&c).version, 2);
    assert_int_equal(
        browser_post(
            &office, c.edit,
            arena_printf(arena, "%s&as=publish",
                         form_of(&c, "Ours", "https%3A%2F%2Fa.example", 4, 2))),
        303);
    assert_string_equal(stored_city(&c).name.in[0], "Ours");
    assert_int_equal(open_revision(&c).version, 0);
    browser_close(&editor);
    browser_close(&office);
}

static void two_who_propose_lose_nothing(void **state)
{
    struct city_of c = a_city("Shared");
    struct browser one = person(ROLE_CITY_EDITOR, c.id, "en", NULL);
    struct browser two = person(ROLE_FOCAL_POINT, c.id, "en", NULL);

    assert_int_equal(browser_post(&one, c.edit, form_of(&c, "First", "", 1, 0)),
                     303);
    assert_int_equal(
        browser_post(&two, c.edit, form_of(&c, "Second", "", 1, 0)), 409);
    assert_true(browser_sees(&two, "value=\"Second\""));
    assert_true(browser_sees(&two, "<bdi>First</bdi>"));
    assert_true(browser_sees(&two, "name=\"revision\" value=\"1\""));
    assert_int_equal(
        browser_post(&two, c.edit, form_of(&c, "Second", "", 1, 1)), 303);
    assert_int_equal(open_revision(&c).version, 2);

    /* back to what is published: nothing is left to propose */
    assert_int_equal(
        browser_post(&two, c.edit, form_of(&c, "Shared", "", 1, 2)), 303);
    assert_int_equal(open_revision(&c).version, 0);

    /* one's own can be given up, as it was seen */
    assert_int_equal(browser_post(&one, c.edit, form_of(&c, "Third", "", 1, 0)),
                     303);
    assert_int_equal(browser_post(&one, c.drop, "version=7"), 409);
    assert_int_equal(browser_post(&one, c.drop, "version=1"), 303);
    assert_int_equal(open_revision(&c).version, 0);
    assert_string_equal(stored_city(&c).name.in[0], "Shared");
    browser_close(&one);
    browser_close(&two);
}

static void a_contributor_writes_and_others_ask(void **state)
{
    struct city_of c = a_city("Written");
    struct browser writer = person(ROLE_CONTRIBUTOR, c.id, "en", NULL);
    struct browser focal = person(ROLE_FOCAL_POINT, c.id, "en", NULL);
    struct browser other = person(ROLE_CITY_EDITOR, c.id + 1000, "en", NULL);

    assert_int_equal(
        browser_post(&writer, c.edit, form_of(&c, "Draftwords", "", 1, 0)),
        303);
    assert_int_equal(browser_post(&writer, c.move, "to=review&version=1"), 403);
    assert_int_equal(browser_get(&other, c.revision), 404);
    assert_int_equal(
        browser_post(&other, c.edit, form_of(&c, "Foreign", "", 1, 1)), 403);
    assert_int_equal(browser_post(&other, c.drop, "version=1"), 404);
    assert_int_equal(browser_post(&focal, c.move, "to=review&version=1"), 303);
    assert_string_equal(open_revision(&c).state, "review");
    /* what was asked for is no longer what it says */
    assert_int_equal(
        browser_post(&writer, c.edit, form_of(&c, "Other", "", 1, 2)), 303);
    assert_string_equal(open_revision(&c).state, "draft");
    browser_close(&writer);
    browser_close(&focal);
    browser_close(&other);
}

static void the_api_says_that_it_waits(void **state)
{
    struct city_of c = a_city("Apitown");
    struct browser editor = person(ROLE_CITY_EDITOR, c.id, "en", NULL);
    struct request r = {.arena = arena,
                        .store = editor.store,
                        .method = METHOD_PATCH,
                        .path = c.api,
                        .address = "192.0.2.1",
                        .lang = lang_find("en"),
                        .as = AS_JSON,
                        .cookies = editor.cookies};
    struct http_reply reply = {0};
    struct err err = {0};

    pairs_add(&r.headers, arena, "X-CSRF-Token", str_of(editor.csrf));
    r.body = STR("{\"version\": 1, \"name\": {\"en\": \"Apiville\"}}");
    server_handle(server, &r, &reply, &err);
    assert_int_equal(reply.status, 202);
    assert_non_null(strstr(arena_str(arena, reply.body), "\"Apiville\""));
    assert_string_equal(stored_city(&c).name.in[0], "Apitown");
    assert_int_equal(browser_get(&editor, c.api), 200);
    assert_false(browser_sees(&editor, "Apiville"));
    assert_int_equal(
        browser_get(&editor, arena_printf(arena, "%s/revision", c.api)), 200);
    assert_true(browser_sees(&editor, "Apiville"));

    reply = (struct http_reply){0}; /* without the revision that is there */
    server_handle(server, &r, &reply, &err);
    assert_int_equal(reply.status, 409);
    r.body =
        STR("{\"version\": 1, \"revision\": 1,"
            " \"website\": \"https://b.example\"}");
    reply = (struct http_reply){0};
    server_handle(server, &r, &reply, &err);
    assert_int_equal(reply.status, 202);
    assert_non_null(strstr(arena_str(arena, reply.body), "\"Apiville\""));
    browser_close(&editor);
}

static void withdrawing_keeps_what_was_proposed(void **state)
{
    struct city_of c = a_city("Leaving");
    struct browser editor = person(ROLE_CITY_EDITOR, c.id, "en", NULL);
    struct browser office = person(ROLE_SECRETARIAT, 0, "en", NULL);
    const char *move =
        arena_printf(arena, "/records/city/%" PRId64 "/move", c.id);

    assert_int_equal(
        browser_post(&editor, c.edit, form_of(&c, "Staying", "", 1, 0)), 303);
    assert_int_equal(browser_post(&office, move, "to=draft&version=1"), 303);
    assert_string_equal(stored_city(&c).name.in[0], "Staying");
    assert_string_equal(stored_city(&c).head.state, "draft");
    assert_int_equal(open_revision(&c).version, 0);
    /* a draft is edited as such */
    assert_int_equal(
        browser_post(&editor, c.edit, form_of(&c, "Gone", "", 2, 0)), 303);
    assert_string_equal(stored_city(&c).name.in[0], "Gone");
    browser_close(&editor);
    browser_close(&office);
}

static int set_up(void **state)
{
    if (!mkdtemp(dir))
        return -1;
    arena = arena_new(0);
    server = test_server(arena, dir, &config);
    return store_open(config.store, &store, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
    store_close(store);
    server_stop(server, 1);
    arena_free(arena);
    return dir_remove(dir, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edit_waits_for_its_review),
        cmocka_unit_test(the_published_text_goes_on_beneath_it),
        cmocka_unit_test(two_who_propose_lose_nothing),
        cmocka_unit_test(a_contributor_writes_and_others_ask),
        cmocka_unit_test(the_api_says_that_it_waits),
        cmocka_unit_test(withdrawing_keeps_what_was_proposed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
