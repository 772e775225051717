/* The second factor: time-based codes (RFC 6238) and recovery codes. */
#include "network/account.h"
#include "network/secret.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECRET_BYTES = 20, STEP_S = 30, WINDOW = 1 };

struct secrets {
    struct arena *a;
    struct str totp, pending;
    char *email;
    int64_t last; /* the step of the last code taken: none is good twice */
    bool found;
};

static struct str blob(const struct store_row *row, const char *name,
                       struct arena *a)
{
    struct str s = row_text(row, name);

    return (struct str){arena_str(a, s), s.n};
}

static bool take_secrets(void *ctx, const struct store_row *row)
{
    struct secrets *s = ctx;

    s->totp = blob(row, "totp", s->a);
    s->pending = blob(row, "totp_pending", s->a);
    s->email = arena_str(s->a, row_text(row, "email"));
    s->last = row_int(row, "totp_last", 0);
    s->found = true;
    return false;
}

static enum rc read_secrets(struct store *s, int64_t account,
                            struct secrets *out, struct err *err)
{
    enum rc rc =
        store_each(s,
                   "SELECT email, totp, totp_pending, totp_last FROM"
                   " account WHERE id = :id AND closed IS NULL",
                   PARAMS(P_INT("id", account)), take_secrets, out, err);

    if (!rc && !out->found)
        rc = err_set(err, RC_NOT_FOUND, N_("there is no such account"));
    return rc;
}

/* The step that the code belongs to, or -1. */
static int64_t code_step(struct str secret, const char *code, int64_t now)
{
    int position = 0;
    int found;

    if (strlen(code) != 6)
        return -1;
    found = oath_totp_validate2(secret.p, secret.n, now, STEP_S, 0, WINDOW,
                                &position, code);
    return found < 0 ? -1 : now / STEP_S + position;
}

enum rc account_totp_begin(struct store *s, const struct keyring *k,
                           int64_t account, struct arena *a, char **secret,
                           char **url, struct err *err)
{
    struct secrets own = {.a = a};
    char random[SECRET_BYTES], *base32 = NULL;
    AUTO(buf) struct buf email = {.ceiling = 4096};
    struct str sealed, pending;
    size_t n = 0;
    enum rc rc = read_secrets(s, account, &own, err);

    if (rc)
        return rc;
    if (unseal(k, own.pending, a, &pending) && pending.n == sizeof random)
        memcpy(random, pending.p, sizeof random); /* the page is shown again */
    else
        randombytes_buf(random, sizeof random);
    buf_url(&email, str_of(own.email));
    if (oath_base32_encode(random, sizeof random, &base32, &n) != OATH_OK)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    *secret = arena_strndup(a, base32, n);
    *url = arena_printf(a,
                        "otpauth://totp/Passerelle:%s?secret=%s"
                        "&issuer=Passerelle",
                        buf_cstr(&email), *secret);
    sealed = seal(k, (struct str){random, sizeof random}, a);
    sodium_memzero(random, sizeof random);
    free(base32);
    return store_exec(s,
                      "UPDATE account SET totp_pending = :sealed"
                      " WHERE id = :id",
                      PARAMS(P_BLOB("sealed", sealed), P_INT("id", account)),
                      NULL, err);
}

struct confirming {
    struct store *s;
    const struct keyring *k;
    struct arena *a;
    struct str sealed;
    int64_t account, now, step;
    char **recovery;
};

static enum rc write_recovery(struct confirming *c, struct err *err)
{
    enum rc rc =
        store_exec(c->s, "DELETE FROM recovery WHERE account = :account",
                   PARAMS(P_INT("account", c->account)), NULL, err);

    for (int i = 0; i < RECOVERY_CODES && !rc; i++) {
        char hash[HASH_TEXT];

        c->recovery[i] =
            arena_printf(c->a, "%05u-%05u", randombytes_uniform(100000),
                         randombytes_uniform(100000));
        token_hash(c->k, "recovery", c->recovery[i], hash);
        rc = store_exec(
            c->s,
            "INSERT INTO recovery (account, hash) VALUES"
            " (:account, :hash)",
            PARAMS(P_INT("account", c->account), P_TEXT("hash", hash)), NULL,
            err);
    }
    return rc;
}

static enum rc confirm_inside(void *ctx, struct err *err)
{
    struct confirming *c = ctx;
    enum rc rc =
        store_exec(c->s,
                   "UPDATE account SET totp = :sealed, totp_pending = NULL,"
                   " totp_last = :step WHERE id = :id",
                   PARAMS(P_BLOB("sealed", c->sealed), P_INT("step", c->step),
                          P_INT("id", c->account)),
                   NULL, err);

    if (!rc)
        rc = write_recovery(c, err);
    if (!rc)
        rc = audit_row(c->s, c->account, "second-factor", "account", "", c->now,
                       err);
    return rc;
}

enum rc account_totp_confirm(struct store *s, const struct keyring *k,
                             int64_t account, const char *code, int64_t now,
                             struct arena *a, char *recovery[RECOVERY_CODES],
                             struct err *err)
{
    struct secrets own = {.a = a};
    struct confirming c = {.s = s,
                           .k = k,
                           .a = a,
                           .account = account,
                           .now = now,
                           .recovery = recovery};
    struct str secret;
    enum rc rc = read_secrets(s, account, &own, err);

    if (rc)
        return rc;
    if (!unseal(k, own.pending, a, &secret))
        return err_set(err, RC_NOT_FOUND,
                       N_("no second factor is being set up"));
    c.step = code_step(secret, code, now);
    if (c.step < 0)
        return err_set(err, RC_INVALID,
                       N_("this code is not right; check the clock of your "
                          "device and try the next one"));
    c.sealed = own.pending;
    return in_transaction(s, confirm_inside, &c, err);
}

/* A recovery code works once. */
static enum rc use_recovery(struct store *s, const struct keyring *k,
                            int64_t account, const char *code, bool *right,
                            struct err *err)
{
    char hash[HASH_TEXT];
    int64_t gone = 0;
    enum rc rc;

    token_hash(k, "recovery", code, hash);
    rc = store_exec(s,
                    "DELETE FROM recovery WHERE account = :account"
                    " AND hash = :hash",
                    PARAMS(P_INT("account", account), P_TEXT("hash", hash)),
                    &gone, err);
    *right = gone > 0;
    return rc;
}

enum rc account_second_factor(struct store *s, const struct keyring *k,
                              int64_t account, const char *code, int64_t now,
                              bool *right, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct secrets own = {.a = a};
    struct str secret;
    int64_t step, changed = 0;
    enum rc rc = read_secrets(s, account, &own, err);

    *right = false;
    if (rc)
        return rc;
    if (!unseal(k, own.totp, a, &secret))
        return err_set(err, RC_NOT_FOUND,
                       N_("this account has no second factor"));
    step = code_step(secret, code, now);
    if (step < 0)
        return use_recovery(s, k, account, code, right, err);
    rc = store_exec(s,
                    "UPDATE account SET totp_last = :step WHERE id = :id"
                    " AND totp_last < :step",
                    PARAMS(P_INT("step", step), P_INT("id", account)), &changed,
                    err);
    *right = changed > 0;
    return rc;
}
