/*
 * web: signing in and one's own account, page by page, as a browser walks.
 */
#include "base/file.h"
#include "browser.h"
#include "record/keep.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <liboath/oath.h>

static const char PASSWORD[] = "a long enough phrase";
static struct server *server;
static struct config config;
static struct arena *arena;

static struct browser at(void)
{
    return browser_new(server, arena);
}

static unsigned sign_in(struct browser *b, const char *email)
{
    browser_get(b, "/sign-in");
    return browser_post(b, "/sign-in",
                        arena_printf(arena, "email=%s&password=%s", email,
                                     "a+long+enough+phrase"));
}

static const char *cookie(const struct browser *b, const char *name)
{
    return pairs_get(&b->cookies, name).p;
}

static void a_password_opens_a_new_session(void **state)
{
    struct browser b = at();
    const char *before;

    test_account(&b, "one@example.org", PASSWORD, ROLES, 0);
    pairs_add(&b.cookies, arena, "session", STR("chosen-by-somebody-else"));
    assert_int_equal(sign_in(&b, "one@example.org"), 303);
    assert_string_equal(b.location, "/desk");
    assert_string_not_equal(cookie(&b, "session"), "chosen-by-somebody-else");
    assert_int_equal(browser_get(&b, "/account"), 200);
    assert_true(browser_sees(&b, "one@example.org"));
    before = cookie(&b, "session");
    assert_int_equal(
        browser_post(&b, "/account/password",
                     "current=a+long+enough+phrase&password=another+long+phrase"
                     "&again=another+long+phrase"),
        303);
    assert_string_not_equal(cookie(&b, "session"), before);
    assert_int_equal(browser_get(&b, "/account"), 200);
    b.cookies.n = 0;
    pairs_add(&b.cookies, arena, "session", str_of(before));
    assert_int_equal(browser_get(&b, "/account"), 303); /* the old one ended */
    browser_close(&b);
}

static void no_answer_tells_whether_an_account_exists(void **state)
{
    struct browser known = at(), unknown = at();
    static const char *const paths[] = {"/sign-in", "/sign-in/forgotten"};

    test_account(&known, "known@example.org", PASSWORD, ROLES, 0);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        unsigned a, b;
        size_t n;

        browser_get(&known, "/sign-in");
        browser_get(&unknown, "/sign-in");
        a = browser_post(&known, paths[i],
                         "email=known%40example.org&password=wrong");
        b = browser_post(&unknown, paths[i],
                         "email=unkno%40example.org&password=wrong");
        assert_int_equal(a, b);
        n = known.reply.body.n;
        assert_int_equal(n, unknown.reply.body.n);
    }
    assert_true(browser_sees(&known, "If there is an account"));
    browser_close(&known);
    browser_close(&unknown);
}

static void a_form_without_its_token_is_refused(void **state)
{
    struct browser b = at(), other = at();

    test_account(&b, "csrf@example.org", PASSWORD, ROLES, 0);
    b.csrf = NULL;
    assert_int_equal(
        browser_post(&b, "/sign-in", "email=csrf%40example.org&password=x"),
        403);
    assert_int_equal(sign_in(&b, "csrf@example.org"), 303);
    browser_get(&other, "/sign-in"); /* somebody else's token */
    b.csrf = other.csrf;
    assert_int_equal(browser_post(&b, "/sign-out", ""), 403);
    browser_get(&b, "/account");
    assert_int_equal(browser_post(&b, "/sign-out", ""), 303);
    assert_int_equal(browser_get(&b, "/account"), 303);
    browser_close(&b);
    browser_close(&other);
}

static void one_comes_back_to_this_site_alone(void **state)
{
    static const char *const rows[][2] = {
        {"%2Faccount", "/account"},         {"https%3A%2F%2Fevil.example", "/"},
        {"%2F%2Fevil.example", "/"},        {"%2F%5Cevil.example", "/"},
        {"%2Fa%0D%0ASet-Cookie%3A+x", "/"}, {"javascript%3Aalert(1)", "/"},
    };
    struct browser b = at();

    test_account(&b, "to@example.org", PASSWORD, ROLES, 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        b.cookies.n = 0;
        browser_get(&b, "/sign-in");
        assert_int_equal(
            browser_post(&b, "/sign-in",
                         arena_printf(arena,
                                      "email=to%%40example.org&password="
                                      "a+long+enough+phrase&to=%s",
                                      rows[i][0])),
            303);
        assert_string_equal(b.location, rows[i][1]);
    }
    browser_close(&b);
}

static const char *code_at(const char *secret, int64_t when)
{
    char *raw = NULL, *code = arena_alloc(arena, 8);
    size_t n = 0;

    assert_int_equal(oath_base32_decode(secret, strlen(secret), &raw, &n),
                     OATH_OK);
    oath_totp_generate(raw, n, when, 30, 0, 6, code);
    free(raw);
    return code;
}

static const char *between(const char *text, const char *from, const char *to)
{
    const char *p = strstr(text, from), *end;

    assert_non_null(p);
    p += strlen(from);
    end = strstr(p, to);
    assert_non_null(end);
    return arena_strndup(arena, p, (size_t)(end - p));
}

/* Sets the second factor up; the secret. */
static const char *set_up_factor(struct browser *b)
{
    const char *secret;

    assert_int_equal(browser_get(b, "/account/second-factor"), 200);
    secret = between(b->body, "<code dir=\"ltr\">", "</code>");
    assert_true(browser_sees(b, "<svg class=\"qr\""));
    assert_int_equal(browser_post(b, "/account/second-factor", "code=12345"),
                     422);
    assert_true(browser_sees(b, secret)); /* the same to try again */
    assert_int_equal(browser_post(b, "/account/second-factor",
                                  arena_printf(arena, "code=%s",
                                               code_at(secret, time(NULL)))),
                     200);
    return secret;
}

static void an_editor_does_nothing_before_the_second_factor(void **state)
{
    static const char *const paths[] = {"/account", "/account/data",
                                        "/account/erase", "/desk",
                                        "/administration"};
    struct browser b = at();
    const char *secret, *recovery;

    test_account(&b, "editor@example.org", PASSWORD, ROLE_SECRETARIAT, 0);
    assert_int_equal(sign_in(&b, "editor@example.org"), 303);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_int_equal(browser_get(&b, paths[i]), 303);
        assert_string_equal(b.location, "/account/second-factor");
    }
    secret = set_up_factor(&b);
    recovery = between(b.body, "<li><code>", "</code>");
    assert_int_equal(browser_get(&b, "/account"), 200);

    b.cookies.n = 0; /* from the beginning, with the code */
    assert_int_equal(sign_in(&b, "editor@example.org"), 303);
    assert_string_equal(b.location, "/sign-in/code");
    assert_int_equal(browser_get(&b, "/account"), 303); /* not in yet */
    assert_int_equal(browser_get(&b, "/sign-in/code"), 200);
    assert_int_equal(browser_post(&b, "/sign-in/code", "code=abcdef"), 422);
    assert_int_equal(
        browser_post(
            &b, "/sign-in/code",
            arena_printf(arena, "code=%s", code_at(secret, time(NULL) + 30))),
        303);
    assert_string_equal(b.location, "/desk");
    assert_int_equal(browser_get(&b, "/account"), 200);

    b.cookies.n = 0; /* and without the device */
    sign_in(&b, "editor@example.org");
    browser_get(&b, "/sign-in/code");
    assert_int_equal(browser_post(&b, "/sign-in/code",
                                  arena_printf(arena, "code=%s", recovery)),
                     303);
    assert_int_equal(browser_get(&b, "/account"), 200);
    browser_close(&b);
}

static void codes_cannot_be_guessed_at_leisure(void **state)
{
    struct browser b = at();

    test_account(&b, "guess@example.org", PASSWORD, ROLE_SECRETARIAT, 0);
    sign_in(&b, "guess@example.org");
    set_up_factor(&b);
    b.cookies.n = 0;
    sign_in(&b, "guess@example.org");
    browser_get(&b, "/sign-in/code");
    for (int i = 0; i < 5; i++)
        assert_int_equal(browser_post(&b, "/sign-in/code", "code=000001"), 422);
    assert_int_equal(browser_post(&b, "/sign-in/code", "code=000001"), 429);
    assert_true(pairs_has(&b.reply.headers, "Retry-After"));
    browser_close(&b);
}

static void a_change_of_rights_ends_the_session(void **state)
{
    struct browser b = at();
    struct grant g = {ROLE_READER, 0, 0};
    int64_t account =
        test_account(&b, "rights@example.org", PASSWORD, ROLES, 0);

    sign_in(&b, "rights@example.org");
    assert_int_equal(browser_get(&b, "/account"), 200);
    assert_int_equal(
        grant_give(b.store, account, &g, account, time(NULL), NULL), RC_OK);
    assert_int_equal(browser_get(&b, "/account"), 303);
    browser_close(&b);
}

static void an_invitation_is_accepted_once(void **state)
{
    struct browser b = at();
    struct keyring k;
    char token[TOKEN_TEXT];
    const char *path;

    memcpy(k.key, server->key, sizeof k.key);
    test_account(&b, "invited@example.org", PASSWORD, ROLES, 0);
    assert_int_equal(account_invite(b.store, &k, "invited@example.org", 1, 0,
                                    time(NULL), token, NULL),
                     RC_OK);
    path = arena_printf(arena, "/invitation/%s", token);
    assert_int_equal(browser_get(&b, path), 200);
    assert_int_equal(browser_post(&b, path, "password=short&again=short"), 422);
    assert_int_equal(
        browser_post(&b, path, "password=long+phrase+one&again=differs"), 422);
    assert_int_equal(browser_post(&b, path,
                                  "password=long+phrase+one"
                                  "&again=long+phrase+one"),
                     303);
    assert_int_equal(browser_get(&b, "/account"), 200);
    b.cookies.n = 0;
    browser_get(&b, path);
    assert_int_equal(browser_post(&b, path,
                                  "password=long+phrase+two"
                                  "&again=long+phrase+two"),
                     422);
    browser_close(&b);
}

static void tokens_cannot_do_what_is_a_persons_own(void **state)
{
    static const char *const paths[] = {"/account", "/account/data",
                                        "/account/second-factor"};
    struct browser b = at(), api = at();

    test_account(&b, "token@example.org", PASSWORD, ROLES, 0);
    sign_in(&b, "token@example.org");
    browser_get(&b, "/account");
    assert_int_equal(
        browser_post(&b, "/account/tokens", "name=script&days=30&writes=yes"),
        200);
    api.bearer = between(b.body, "only now: <code dir=\"ltr\">", "</code>");
    api.accept = "application/json";
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_int_equal(browser_get(&api, paths[i]), 403);
    assert_int_equal(browser_post(&api, "/account/tokens", "name=x&days=3"),
                     403);
    assert_int_equal(browser_get(&b, "/account"), 200);
    assert_true(browser_sees(&b, "script"));
    assert_false(browser_sees(&b, api.bearer));
    browser_close(&b);
    browser_close(&api);
}

static void own_data_comes_as_a_file_and_goes(void **state)
{
    struct browser b = at();

    test_account(&b, "erase@example.org", PASSWORD, ROLES, 0);
    sign_in(&b, "erase@example.org");
    assert_int_equal(browser_get(&b, "/account/data"), 200);
    assert_true(browser_sees(&b, "\"email\":\"erase@example.org\""));
    assert_int_equal(browser_get(&b, "/account/erase"), 200);
    assert_int_equal(browser_post(&b, "/account/erase", "current=wrong"), 422);
    assert_int_equal(
        browser_post(&b, "/account/erase", "current=a+long+enough+phrase"),
        303);
    assert_int_equal(sign_in(&b, "erase@example.org"), 422);
    browser_close(&b);
}

static void pages_speak_three_languages(void **state)
{
    static const char *const langs[] = {"en", "fr", "ar"};
    struct browser b = at();

    for (size_t i = 0; i < ARRAY_LEN(langs); i++) {
        b.lang = langs[i];
        assert_int_equal(browser_get(&b, "/sign-in"), 200);
        assert_true(browser_sees(
            &b, lang_text(lang_find(langs[i]), "Forgotten password")));
        assert_true(browser_sees(
            &b, arena_printf(arena, "<html lang=\"%s\"", langs[i])));
    }
    browser_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_opens_a_new_session),
        cmocka_unit_test(no_answer_tells_whether_an_account_exists),
        cmocka_unit_test(a_form_without_its_token_is_refused),
        cmocka_unit_test(one_comes_back_to_this_site_alone),
        cmocka_unit_test(an_editor_does_nothing_before_the_second_factor),
        cmocka_unit_test(codes_cannot_be_guessed_at_leisure),
        cmocka_unit_test(a_change_of_rights_ends_the_session),
        cmocka_unit_test(an_invitation_is_accepted_once),
        cmocka_unit_test(tokens_cannot_do_what_is_a_persons_own),
        cmocka_unit_test(own_data_comes_as_a_file_and_goes),
        cmocka_unit_test(pages_speak_three_languages),
    };
    char dir[] = "/tmp/passerelle-web-XXXXXX";
    int failed;

    if (!mkdtemp(dir))
        return 1;
    arena = arena_new(0);
    server = test_server(arena, dir, &config);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    server_stop(server, 1);
    arena_free(arena);
    if (dir_remove(dir, NULL))
        fprintf(stderr, "%s was left behind\n", dir);
    return failed;
}
