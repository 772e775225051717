/*
 * web: the desk and the administration: who reaches it, and what it does.
 */
#include "base/file.h"
#include "browser.h"
#include "record/keep.h"
#include "record/types.h"
#include "web/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char PASSWORD[] = "a long enough phrase";
static struct server *server;
static struct config config;
static struct arena *arena;
static int64_t secretariat;

static const char *const pages[] = {
    "/administration",
    "/administration/accounts",
    "/administration/accounts/1",
    "/administration/settings",
    "/administration/audit",
    "/administration/audit/check",
    "/administration/jobs",
    "/administration/post",
    "/administration/backup",
};

/* A browser signed in with a second factor; account 0: a visitor. */
static struct browser signed_in(int64_t account)
{
    struct browser b = browser_new(server, arena);
    struct keyring k;
    char token[TOKEN_TEXT];

    memcpy(k.key, server->key, sizeof k.key);
    if (!account)
        return b;
    assert_int_equal(session_open(b.store, &k, account, true, "::1", "test",
                                  time(NULL), token, NULL),
                     RC_OK);
    pairs_add(&b.cookies, arena, "session", str_of(arena_strdup(arena, token)));
    return b;
}

static int64_t account_for(const char *email, enum role role, int64_t city)
{
    struct browser b = browser_new(server, arena);
    int64_t id = test_account(&b, email, PASSWORD, role, city);

    browser_close(&b);
    return id;
}

static int set_up(void **state)
{
    secretariat = account_for("sec@example.org", ROLE_SECRETARIAT, 0);
    return 0;
}

static void only_the_secretariat_administers(void **state)
{
    struct browser all[] = {
        signed_in(0),
        signed_in(account_for("none@example.org", ROLES, 0)),
        signed_in(account_for("reader@example.org", ROLE_READER, 0)),
        signed_in(account_for("city@example.org", ROLE_CITY_EDITOR, 7)),
        signed_in(secretariat),
    };
    static const unsigned want[ARRAY_LEN(all)] = {303, 403, 403, 403, 200};

    for (size_t v = 0; v < ARRAY_LEN(all); v++) {
        for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
            assert_int_equal(browser_get(&all[v], pages[i]), want[v]);
            all[v].accept = "application/json"; /* page and API are one */
            assert_int_equal(browser_get(&all[v], pages[i]),
                             want[v] == 303 ? 403 : want[v]);
            all[v].accept = "text/html";
        }
        browser_get(&all[v], "/account");
        if (want[v] != 200)
            assert_int_equal(browser_post(&all[v], "/administration/accounts",
                                          "name=x&email=x%40example.org") ==
                                     303 &&
                                 strstr(all[v].location, "/administration"),
                             0);
        browser_close(&all[v]);
    }
}

static void a_reading_token_administers_nothing(void **state)
{
    struct browser b = browser_new(server, arena);
    struct keyring k;
    char token[TOKEN_TEXT];

    memcpy(k.key, server->key, sizeof k.key);
    assert_int_equal(token_create(b.store, &k, secretariat, "t", false,
                                  time(NULL) + 1000, time(NULL), token, NULL),
                     RC_OK);
    b.bearer = token;
    b.accept = "application/json";
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        assert_int_equal(browser_get(&b, pages[i]), 403);
    browser_close(&b);
}

static int64_t count(struct browser *b, const char *sql)
{
    int64_t n = -1;

    assert_int_equal(store_int(b->store, sql, NO_PARAMS, &n, NULL), RC_OK);
    return n;
}

static void an_invitation_makes_person_account_and_letter(void **state)
{
    struct browser b = signed_in(secretariat);

    browser_get(&b, "/administration/accounts");
    assert_int_equal(browser_post(&b, "/administration/accounts",
                                  "name=%3Cscript%3EN&email=new%40example.org"),
                     303);
    assert_int_equal(count(&b,
                           "SELECT count(*) FROM outbox WHERE letter ="
                           " 'invitation' AND address = 'new@example.org'"),
                     1);
    assert_int_equal(browser_get(&b, b.location), 200);
    assert_true(browser_sees(&b, "&lt;script&gt;N"));
    assert_false(browser_sees(&b, "<script>N"));
    browser_get(&b, "/administration/accounts");
    assert_int_equal(browser_post(&b, "/administration/accounts",
                                  "name=N&email=a%0D%0ABcc%3A+b%40c.example"),
                     422);
    assert_int_equal(
        browser_post(&b, "/administration/accounts", "name=&email=x"), 422);
    browser_get(&b, "/desk");
    assert_true(browser_sees(&b, "Invitations not yet accepted"));
    browser_close(&b);
}

static void roles_are_given_and_taken(void **state)
{
    struct browser b = signed_in(secretariat), other;
    int64_t id = account_for("role@example.org", ROLES, 0), city;
    const char *path =
        arena_printf(arena, "/administration/accounts/%lld", (long long)id);
    struct territory t;
    struct city c;
    struct deed d = {.by = 1, .at = time(NULL), .action = "create"};

    record_clear(&type_territory, &t);
    t.name.in[0] = "Marsa";
    t.kind = "city";
    t.country = "TN";
    assert_int_equal(
        record_save(b.store, &type_territory, &t, &d, arena, NULL, NULL),
        RC_OK);
    record_clear(&type_city, &c);
    c.name.in[0] = "Marsa";
    c.territory = t.head.id;
    c.status = "member";
    assert_int_equal(
        record_save(b.store, &type_city, &c, &d, arena, NULL, NULL), RC_OK);
    city = c.head.id;
    other = signed_in(id);
    browser_get(&b, path);
    assert_int_equal(
        browser_post(
            &b, arena_printf(arena, "%s/grant", path),
            arena_printf(arena, "role=city_editor&city=%lld", (long long)city)),
        303);
    assert_int_equal(browser_get(&other, "/account"), 303); /* it ended */
    assert_int_equal(browser_post(&b, arena_printf(arena, "%s/grant", path),
                                  "role=city_editor&city=999999"),
                     422);
    assert_int_equal(
        browser_post(&b, arena_printf(arena, "%s/grant", path), "role=emperor"),
        422);
    assert_int_equal(count(&b, arena_printf(arena,
                                            "SELECT count(*) FROM grants WHERE"
                                            " account = %lld",
                                            (long long)id)),
                     1);
    browser_close(&other);
    other = signed_in(id);
    assert_int_equal(browser_get(&other, "/desk"), 200);
    assert_true(browser_sees(&other, "Marsa"));
    assert_int_equal(
        browser_post(
            &b, arena_printf(arena, "%s/ungrant", path),
            arena_printf(arena, "role=city_editor&city=%lld", (long long)city)),
        303);
    assert_int_equal(count(&b, arena_printf(arena,
                                            "SELECT count(*) FROM grants WHERE"
                                            " account = %lld",
                                            (long long)id)),
                     0);
    path = arena_printf(arena, "/administration/accounts/%lld",
                        (long long)secretariat);
    browser_get(&b, path);
    assert_int_equal(browser_post(&b, arena_printf(arena, "%s/ungrant", path),
                                  "role=secretariat"),
                     422);
    assert_int_equal(
        browser_post(&b, arena_printf(arena, "%s/close", path), ""), 409);
    browser_close(&b);
    browser_close(&other);
}

static void a_closed_account_is_shut(void **state)
{
    struct browser b = signed_in(secretariat), other;
    int64_t id = account_for("shut@example.org", ROLES, 0);
    const char *path =
        arena_printf(arena, "/administration/accounts/%lld", (long long)id);

    other = signed_in(id);
    browser_get(&b, path);
    assert_int_equal(
        browser_post(&b, arena_printf(arena, "%s/close", path), ""), 303);
    assert_int_equal(browser_get(&other, "/account"), 303);
    browser_get(&other, "/sign-in");
    assert_int_equal(browser_post(&other, "/sign-in",
                                  "email=shut%40example.org&password="
                                  "a+long+enough+phrase"),
                     422);
    assert_int_equal(browser_get(&b, path), 200);
    assert_int_equal(
        browser_post(&b, arena_printf(arena, "%s/invite", path), ""), 409);
    assert_int_equal(browser_post(&b, arena_printf(arena, "%s/open", path), ""),
                     303);
    browser_close(&b);
    browser_close(&other);
}

static void settings_are_kept_and_shown(void **state)
{
    struct browser b = signed_in(secretariat), visitor = signed_in(0);

    browser_get(&b, "/administration/settings");
    assert_int_equal(browser_post(&b, "/administration/settings",
                                  "contact=%3Cb%3Ehelp%40example.org&unknown=x"
                                  "&link_is_second_factor=yes"),
                     303);
    assert_int_equal(browser_get(&visitor, "/sign-in"), 200);
    assert_true(browser_sees(&visitor, "&lt;b&gt;help@example.org"));
    assert_int_equal(count(&b,
                           "SELECT count(*) FROM setting WHERE name ="
                           " 'link_is_second_factor'"),
                     0);
    browser_close(&b);
    browser_close(&visitor);
}

static void a_backup_is_made_and_the_chain_checked(void **state)
{
    struct browser b = signed_in(secretariat);
    struct worker *w = NULL;

    browser_get(&b, "/administration/backup");
    assert_int_equal(browser_post(&b, "/administration/backup", ""), 303);
    assert_int_equal(browser_post(&b, "/administration/backup", ""), 303);
    assert_int_equal(count(&b, "SELECT count(*) FROM job"), 1); /* one is
                                                                   enough */
    browser_get(&b, "/administration/backup");
    assert_true(browser_sees(&b, "waits for its turn"));
    assert_string_equal(pairs_get(&b.reply.headers, "Refresh").p, "2");
    assert_int_equal(worker_start(server, "/proc/self/exe", &w, NULL), RC_OK);
    for (int i = 0; i < 200 && !browser_sees(&b, ".backup</code>"); i++) {
        usleep(50000);
        browser_get(&b, "/administration/backup");
    }
    worker_stop(w);
    assert_int_equal(count(&b, "SELECT count(*) FROM job WHERE state = 'done'"),
                     1);
    assert_int_equal(browser_get(&b, "/administration/backup"), 200);
    assert_string_equal(pairs_get(&b.reply.headers, "Refresh").p, "");
    assert_true(browser_sees(&b, ".backup</code>"));
    assert_int_equal(browser_get(&b, "/administration/audit/check"), 200);
    assert_true(browser_sees(&b, "Every row fits"));
    assert_int_equal(store_exec(b.store,
                                "UPDATE audit SET detail = 'x' WHERE id = 2",
                                NO_PARAMS, NULL, NULL),
                     RC_OK);
    assert_int_equal(browser_get(&b, "/administration/audit/check"), 200);
    assert_true(browser_sees(&b, "breaks at row"));
    browser_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_secretariat_administers),
        cmocka_unit_test(a_reading_token_administers_nothing),
        cmocka_unit_test(an_invitation_makes_person_account_and_letter),
        cmocka_unit_test(roles_are_given_and_taken),
        cmocka_unit_test(a_closed_account_is_shut),
        cmocka_unit_test(settings_are_kept_and_shown),
        cmocka_unit_test(a_backup_is_made_and_the_chain_checked),
    };
    char dir[] = "/tmp/passerelle-admin-XXXXXX";
    int failed;

    if (!mkdtemp(dir))
        return 1;
    arena = arena_new(0);
    server = test_server(arena, dir, &config);
    failed = cmocka_run_group_tests(tests, set_up, NULL);
    server_stop(server, 1);
    arena_free(arena);
    if (dir_remove(dir, NULL))
        fprintf(stderr, "%s was left behind\n", dir);
    return failed;
}
