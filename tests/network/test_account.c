/*
 * network/: accounts, sessions, tokens, the second factor, the audit log, on
 * both databases (tests/support/with-postgres gives the second).
 */
#include "../support/both.h"
#include "network/account.h"
#include "record/keep.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <liboath/oath.h>

static const char *url;
static const struct keyring KEYS = {{1, 2, 3}};
enum { NOW = 1700000000 };
static const char PASSWORD[] = "une phrase assez longue";

struct fixture {
    struct store *s;
    struct arena *a;
    int64_t person, account;
    int number;
};

static int64_t a_person(struct fixture *f, const char *email)
{
    struct person p;
    struct deed d = {.by = 0, .at = NOW, .action = "create"};

    record_clear(&type_person, &p);
    p.name.in[0] = "A. Person";
    p.email = email;
    assert_int_equal(record_save(f->s, &type_person, &p, &d, f->a, NULL, NULL),
                     RC_OK);
    return p.head.id;
}

static const char *email_of(struct fixture *f)
{
    return arena_printf(f->a, "p%d@example.org", f->number);
}

static int set_up(void **state)
{
    static int number;
    struct fixture *f = test_calloc(1, sizeof *f);
    struct migration m;
    char token[TOKEN_TEXT];

    f->a = arena_new(0);
    f->number = ++number;
    *state = f;
    if (store_open(url, &f->s, NULL) || migration_plan(f->s, f->a, &m, NULL) ||
        migration_apply(f->s, &m, NULL, 0, NULL) ||
        network_tables(f->s, NULL) || network_tables(f->s, NULL))
        return -1;
    f->person = a_person(f, email_of(f));
    return account_invite(f->s, &KEYS, email_of(f), f->person, 0, NOW, token,
                          NULL) ||
                   account_accept(f->s, &KEYS, token, PASSWORD, NOW,
                                  &f->account, NULL)
               ? -1
               : 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->s);
    arena_free(f->a);
    test_free(f);
    return 0;
}

static enum sign_in try(struct fixture *f, const char *email,
                        const char *password, int64_t now, int64_t *wait_s)
{
    enum sign_in out;
    int64_t account;

    assert_int_equal(account_sign_in(f->s, &KEYS, email, password,
                                     email /* an address of its own */, now,
                                     &out, &account, wait_s, NULL),
                     RC_OK);
    return out;
}

static void an_invitation_works_once(void **state)
{
    struct fixture *f = *state;
    char token[TOKEN_TEXT];
    int64_t account;

    assert_int_equal(account_invite(f->s, &KEYS, email_of(f), f->person, 0, NOW,
                                    token, NULL),
                     RC_OK);
    assert_int_equal(
        account_accept(f->s, &KEYS, token, "short", NOW, &account, NULL),
        RC_INVALID);
    assert_int_equal(account_accept(f->s, &KEYS, token, PASSWORD,
                                    NOW + 8 * 24 * 3600, &account, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(
        account_accept(f->s, &KEYS, token, PASSWORD, NOW, &account, NULL),
        RC_OK);
    assert_int_equal(account, f->account);
    assert_int_equal(
        account_accept(f->s, &KEYS, token, PASSWORD, NOW, &account, NULL),
        RC_NOT_FOUND);
    token[3] ^= 1;
    assert_int_equal(
        account_accept(f->s, &KEYS, token, PASSWORD, NOW, &account, NULL),
        RC_NOT_FOUND);
}

static void failures_make_one_wait(void **state)
{
    struct fixture *f = *state;
    int64_t wait;

    assert_int_equal(try(f, email_of(f), PASSWORD, NOW, &wait), SIGN_IN_DONE);
    for (int i = 0; i < 5; i++)
        assert_int_equal(try(f, email_of(f), "wrong", NOW, &wait),
                         SIGN_IN_REFUSED);
    assert_int_equal(try(f, email_of(f), PASSWORD, NOW, &wait), SIGN_IN_WAIT);
    assert_true(wait >= 1 && wait <= 15 * 60);
    assert_int_equal(try(f, email_of(f), PASSWORD, NOW + wait, &wait),
                     SIGN_IN_DONE);
}

static void an_unknown_address_answers_alike(void **state)
{
    struct fixture *f = *state;
    const char *none = arena_printf(f->a, "none%d@example.org", f->number);
    int64_t wait;

    for (int i = 0; i < 5; i++)
        assert_int_equal(try(f, none, PASSWORD, NOW, &wait), SIGN_IN_REFUSED);
    assert_int_equal(try(f, none, PASSWORD, NOW, &wait), SIGN_IN_WAIT);
}

static void sessions_end(void **state)
{
    struct fixture *f = *state;
    char token[TOKEN_TEXT], other[TOKEN_TEXT];
    struct session s;

    assert_int_equal(session_open(f->s, &KEYS, f->account, true, "::1", "test",
                                  NOW, token, NULL),
                     RC_OK);
    assert_int_equal(session_open(f->s, &KEYS, f->account, true, "::1", "test",
                                  NOW, other, NULL),
                     RC_OK);
    assert_int_equal(
        session_find(f->s, &KEYS, token, NOW + 3600, f->a, &s, NULL), RC_OK);
    assert_int_equal(s.account, f->account);
    assert_true(s.second_factor);
    assert_null(strstr(s.hash, token));
    assert_int_equal(session_find(f->s, &KEYS, token, NOW + 3600 + 13 * 3600,
                                  f->a, &s, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(session_close(f->s, s.hash, f->account, NOW, NULL), RC_OK);
    assert_int_equal(
        session_find(f->s, &KEYS, token, NOW + 3600, f->a, &s, NULL),
        RC_NOT_FOUND);
    assert_int_equal(
        session_find(f->s, &KEYS, other, NOW + 3600, f->a, &s, NULL), RC_OK);
    assert_int_equal(session_close_all(f->s, f->account, NOW, NULL), RC_OK);
    assert_int_equal(
        session_find(f->s, &KEYS, other, NOW + 3600, f->a, &s, NULL),
        RC_NOT_FOUND);
}

static void a_code_is_good_once(void **state)
{
    struct fixture *f = *state;
    char *secret, *link, *recovery[RECOVERY_CODES], code[8], *raw = NULL;
    int64_t wait;
    size_t n = 0;
    bool right;

    assert_int_equal(
        account_totp_begin(f->s, &KEYS, f->account, f->a, &secret, &link, NULL),
        RC_OK);
    assert_non_null(strstr(link, secret));
    assert_int_equal(oath_base32_decode(secret, strlen(secret), &raw, &n),
                     OATH_OK);
    oath_totp_generate(raw, n, NOW, 30, 0, 6, code);
    assert_int_equal(account_totp_confirm(f->s, &KEYS, f->account, "000000",
                                          NOW, f->a, recovery, NULL),
                     strcmp(code, "000000") == 0 ? RC_OK : RC_INVALID);
    assert_int_equal(account_totp_confirm(f->s, &KEYS, f->account, code, NOW,
                                          f->a, recovery, NULL),
                     RC_OK);
    assert_int_equal(try(f, email_of(f), PASSWORD, NOW, &wait),
                     SIGN_IN_SECOND_FACTOR);
    assert_int_equal(
        account_second_factor(f->s, &KEYS, f->account, code, NOW, &right, NULL),
        RC_OK);
    assert_false(right); /* used when it was confirmed */
    oath_totp_generate(raw, n, NOW + 60, 30, 0, 6, code);
    free(raw);
    assert_int_equal(account_second_factor(f->s, &KEYS, f->account, code,
                                           NOW + 60, &right, NULL),
                     RC_OK);
    assert_true(right);
    assert_int_equal(account_second_factor(f->s, &KEYS, f->account, recovery[3],
                                           NOW + 60, &right, NULL),
                     RC_OK);
    assert_true(right);
    assert_int_equal(account_second_factor(f->s, &KEYS, f->account, recovery[3],
                                           NOW + 60, &right, NULL),
                     RC_OK);
    assert_false(right);
}

static void tokens_carry_the_grants_of_their_account(void **state)
{
    struct fixture *f = *state;
    struct grant g = {ROLE_CITY_EDITOR, 4, 0};
    char token[TOKEN_TEXT];
    struct viewer v = {0};

    assert_int_equal(grant_give(f->s, f->account, &g, 1, NOW, NULL), RC_OK);
    assert_int_equal(grant_give(f->s, f->account, &g, 1, NOW, NULL), RC_OK);
    assert_int_equal(token_create(f->s, &KEYS, f->account, "t", false,
                                  NOW + 100, NOW, token, NULL),
                     RC_OK);
    assert_int_equal(token_find(f->s, &KEYS, token, NOW, f->a, &v, NULL),
                     RC_OK);
    assert_int_equal(v.n_grants, 1);
    assert_int_equal(v.grants[0].city, 4);
    assert_true(v.token && !v.token_write);
    assert_int_equal(token_find(f->s, &KEYS, token, NOW + 101, f->a, &v, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(grant_take(f->s, f->account, &g, 1, NOW, NULL), RC_OK);
    assert_int_equal(token_find(f->s, &KEYS, token, NOW, f->a, &v, NULL),
                     RC_OK);
    assert_int_equal(v.n_grants, 0);
}

static void a_changed_row_breaks_the_chain(void **state)
{
    struct fixture *f = *state;
    int64_t rows, broken, middle;

    for (int i = 0; i < 5; i++)
        assert_int_equal(
            audit_write(f->s, f->account, "test", "x", "{}", NOW, NULL), RC_OK);
    assert_int_equal(audit_verify(f->s, &rows, &broken, NULL), RC_OK);
    assert_int_equal(broken, 0);
    assert_true(rows >= 6);
    middle = rows - 2;
    assert_int_equal(store_exec(f->s,
                                "UPDATE audit SET detail = 'x' WHERE id = :id",
                                PARAMS(P_INT("id", middle)), NULL, NULL),
                     RC_OK);
    assert_int_equal(audit_verify(f->s, &rows, &broken, NULL), RC_OK);
    assert_int_equal(broken, middle);
    assert_int_equal(store_exec(f->s,
                                "UPDATE audit SET detail = '{}' WHERE id = :id",
                                PARAMS(P_INT("id", middle)), NULL, NULL),
                     RC_OK);
    assert_int_equal(audit_verify(f->s, &rows, &broken, NULL), RC_OK);
    assert_int_equal(broken, 0);
}

static void erasure_leaves_no_name(void **state)
{
    struct fixture *f = *state;
    struct node *data;
    AUTO(buf) struct buf text = {.ceiling = 1 << 20};
    struct person p;
    int64_t n, wait;

    assert_int_equal(account_export(f->s, f->account, f->a, &data, NULL),
                     RC_OK);
    node_write(data, false, &text);
    assert_non_null(strstr(buf_cstr(&text), email_of(f)));
    assert_int_equal(
        account_erase(f->s, f->account, f->account, NOW, f->a, NULL), RC_OK);
    assert_int_equal(record_load(f->s, &type_person, f->person, f->a, &p, NULL),
                     RC_OK);
    assert_string_equal(p.name.in[0], "—");
    assert_int_equal(
        store_int(
            f->s,
            "SELECT count(*) FROM history WHERE change LIKE"
            " :like",
            PARAMS(P_TEXT("like", arena_printf(f->a, "%%%s%%", email_of(f)))),
            &n, NULL),
        RC_OK);
    assert_int_equal(n, 0);
    assert_int_equal(try(f, email_of(f), PASSWORD, NOW, &wait),
                     SIGN_IN_REFUSED);
}

static int suite(const char *name)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(an_invitation_works_once),
        T(failures_make_one_wait),
        T(an_unknown_address_answers_alike),
        T(sessions_end),
        T(a_code_is_good_once),
        T(tokens_carry_the_grants_of_their_account),
        T(a_changed_row_breaks_the_chain),
        T(erasure_leaves_no_name),
    };

    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return on_both(&url, suite);
}
