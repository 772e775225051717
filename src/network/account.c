#include "network/account.h"
#include "network/focal_point.h"
#include "network/rules.h"
#include "network/secret.h"

#include <sodium.h>
#include <stdio.h>

enum {
    INVITATION_S = 7 * 24 * 3600,
    PASSWORD_LEAST = 12,
    PASSWORD_MOST = 1024
};

/* ---- invitation ---- */

struct inviting {
    struct store *s;
    const char *email, *hash;
    int64_t person, by, now;
};

static enum rc account_of_person(struct inviting *i, int64_t *id,
                                 struct err *err)
{
    enum rc rc = store_int(i->s, "SELECT id FROM account WHERE email = :email",
                           PARAMS(P_TEXT("email", i->email)), id, err);

    if (rc != RC_NOT_FOUND)
        return rc;
    return store_int(i->s,
                     "INSERT INTO account (person, email, created) VALUES"
                     " (:person, :email, :now) RETURNING id",
                     PARAMS(P_INT("person", i->person),
                            P_TEXT("email", i->email), P_INT("now", i->now)),
                     id, err);
}

static enum rc invite_inside(void *ctx, struct err *err)
{
    struct inviting *i = ctx;
    int64_t account;
    enum rc rc = account_of_person(i, &account, err);

    if (!rc)
        rc = store_exec(i->s,
                        "INSERT INTO invitation (hash, account, expires) VALUES"
                        " (:hash, :account, :expires)",
                        PARAMS(P_TEXT("hash", i->hash),
                               P_INT("account", account),
                               P_INT("expires", i->now + INVITATION_S)),
                        NULL, err);
    if (!rc)
        rc = audit_row(i->s, i->by, "invite", "account", "", i->now, err);
    return rc;
}

enum rc account_invite(struct store *s, const struct keyring *k,
                       const char *email, int64_t person, int64_t by,
                       int64_t now, char token[TOKEN_TEXT], struct err *err)
{
    char hash[HASH_TEXT];
    struct inviting i = {s, email, hash, person, by, now};

    token_make(k, "invitation", token, hash);
    return in_transaction(s, invite_inside, &i, err);
}

struct accepting {
    struct store *s;
    const char *hash, *password_hash;
    int64_t now, account;
};

static enum rc accept_inside(void *ctx, struct err *err)
{
    struct accepting *a = ctx;
    int64_t used = 0;
    enum rc rc =
        store_int(a->s,
                  "SELECT account FROM invitation WHERE hash = :hash"
                  " AND used IS NULL AND expires > :now AND EXISTS (SELECT 1"
                  " FROM account WHERE id = invitation.account"
                  " AND closed IS NULL)",
                  PARAMS(P_TEXT("hash", a->hash), P_INT("now", a->now)),
                  &a->account, err);

    if (rc == RC_NOT_FOUND)
        return err_set(err, rc,
                       N_("this invitation is not known, used, or too old; ask "
                          "for a new one"));
    if (!rc)
        rc = store_exec(a->s,
                        "UPDATE invitation SET used = :now WHERE hash = :hash"
                        " AND used IS NULL",
                        PARAMS(P_TEXT("hash", a->hash), P_INT("now", a->now)),
                        &used, err);
    if (!rc && !used)
        return err_set(err, RC_CONFLICT, N_("this invitation was just used"));
    if (!rc && a->password_hash)
        rc = store_exec(a->s,
                        "UPDATE account SET password = :password"
                        " WHERE id = :id",
                        PARAMS(P_TEXT("password", a->password_hash),
                               P_INT("id", a->account)),
                        NULL, err);
    if (!rc)
        rc = audit_row(a->s, a->account, "accept", "account", "", a->now, err);
    return rc;
}

static enum rc hash_password(const char *password,
                             char out[crypto_pwhash_STRBYTES], struct err *err)
{
    size_t n = strlen(password);

    if (n < PASSWORD_LEAST)
        return err_set(err, RC_INVALID,
                       N_("a password has at least %d characters; a sentence "
                          "is a good one"),
                       PASSWORD_LEAST);
    if (n > PASSWORD_MOST)
        return err_set(err, RC_INVALID, N_("this password is too long"));
    if (crypto_pwhash_str(out, password, n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    return RC_OK;
}

enum rc account_accept(struct store *s, const struct keyring *k,
                       const char *token, const char *password, int64_t now,
                       int64_t *account, struct err *err)
{
    char hash[HASH_TEXT], password_hash[crypto_pwhash_STRBYTES];
    struct accepting a = {s, hash, password ? password_hash : NULL, now, 0};
    enum rc rc = password ? hash_password(password, password_hash, err) : RC_OK;

    if (rc)
        return rc;
    token_hash(k, "invitation", token, hash);
    rc = in_transaction(s, accept_inside, &a, err);
    *account = a.account;
    return rc;
}

struct changing {
    struct store *s;
    const char *hash;
    int64_t account, now;
};

static enum rc password_inside(void *ctx, struct err *err)
{
    struct changing *c = ctx;
    enum rc rc = store_exec(
        c->s,
        "UPDATE account SET password = :hash,"
        " totp_pending = NULL WHERE id = :id",
        PARAMS(P_TEXT("hash", c->hash), P_INT("id", c->account)), NULL, err);

    if (!rc)
        rc = store_exec(c->s, "DELETE FROM session WHERE account = :id",
                        PARAMS(P_INT("id", c->account)), NULL, err);
    if (!rc)
        rc = store_exec(c->s, "DELETE FROM invitation WHERE account = :id",
                        PARAMS(P_INT("id", c->account)), NULL, err);
    if (!rc)
        rc =
            audit_row(c->s, c->account, "password", "account", "", c->now, err);
    return rc;
}

enum rc account_password(struct store *s, int64_t account, const char *password,
                         int64_t now, struct err *err)
{
    char hash[crypto_pwhash_STRBYTES];
    struct changing c = {s, hash, account, now};
    enum rc rc = hash_password(password, hash, err);

    return rc ? rc : in_transaction(s, password_inside, &c, err);
}

/* ---- sign-in ---- */

struct credentials {
    int64_t account;
    char password[crypto_pwhash_STRBYTES];
    bool totp;
};

static bool take_credentials(void *ctx, const struct store_row *row)
{
    struct credentials *c = ctx;
    struct str password = row_text(row, "password");

    c->account = row_int(row, "id", 0);
    memcpy(c->password, password.p, MIN(password.n, sizeof c->password - 1));
    c->totp = !row_null(row, "totp");
    return false;
}

/*
 * An unknown address is measured against the hash of a password that nobody
 * has, so that it costs as much time as a known one.
 */
static bool password_right(const struct credentials *c, const char *nobody,
                           const char *password)
{
    const char *hash = c->password[0] ? c->password : nobody;
    bool right =
        crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;

    return right && c->password[0];
}

enum rc account_sign_in(struct store *s, const struct keyring *k,
                        const char *email, const char *password,
                        const char *address, int64_t now, enum sign_in *out,
                        int64_t *account, int64_t *wait_s, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct credentials c = {0};
    char *nobody;
    int64_t wait_from;
    enum rc rc;

    *out = SIGN_IN_WAIT;
    rc = attempt_wait(s, k, "email", email, now, wait_s, err);
    if (!rc)
        rc = attempt_wait(s, k, "address", address, now, &wait_from, err);
    if (rc)
        return rc;
    *wait_s = MAX(*wait_s, wait_from);
    if (*wait_s)
        return RC_OK;
    rc = store_each(s,
                    "SELECT id, password, totp FROM account"
                    " WHERE email = :email AND closed IS NULL",
                    PARAMS(P_TEXT("email", email)), take_credentials, &c, err);
    if (!rc)
        rc = store_text(s, "SELECT value FROM setting WHERE name = 'nobody'",
                        NO_PARAMS, a, &nobody, err);
    if (rc)
        return rc;
    if (!password_right(&c, nobody, password)) {
        *out = SIGN_IN_REFUSED;
        rc = attempt_failed(s, k, "email", email, now, err);
        return rc ? rc : attempt_failed(s, k, "address", address, now, err);
    }
    *account = c.account;
    *out = c.totp ? SIGN_IN_SECOND_FACTOR : SIGN_IN_DONE;
    return attempt_forget(s, k, "email", email, err);
}

/* ---- who one is ---- */

struct grants {
    struct arena *a;
    struct grant *items;
    size_t n, cap;
};

static bool take_grant(void *ctx, const struct store_row *row)
{
    struct grants *g = ctx;
    struct grant grant = {.city = row_int(row, "city", 0),
                          .organisation = row_int(row, "organisation", 0)};

    if (role_parse(row_text(row, "role").p, &grant.role))
        VEC_PUSH(g->a, g->items, g->n, g->cap) = grant;
    return true;
}

enum rc viewer_load(struct store *s, int64_t account, int64_t now,
                    struct arena *a, struct viewer *out, struct err *err)
{
    struct grants g = {.a = a};
    enum rc rc = store_int(s,
                           "SELECT person FROM account WHERE id = :id"
                           " AND closed IS NULL",
                           PARAMS(P_INT("id", account)), &out->person, err);

    if (rc)
        return rc;
    out->account = account;
    rc = store_each(s,
                    "SELECT * FROM grants WHERE account = :id"
                    " ORDER BY role, city, organisation",
                    PARAMS(P_INT("id", account)), take_grant, &g, err);
    out->grants = g.items;
    out->n_grants = g.n;
    return rc ? rc : focal_point_grants(s, day_of_time(now), a, out, err);
}

struct granting {
    struct store *s;
    int64_t account, by, now;
    const struct grant *grant;
    bool give;
};

static enum rc grant_inside(void *ctx, struct err *err)
{
    struct granting *g = ctx;
    char detail[160];
    enum rc rc = store_exec(
        g->s,
        g->give ? "INSERT INTO grants (account, role, city, organisation,"
                  " given_by, given_at) VALUES (:account, :role, :city,"
                  " :organisation, :by, :now) ON CONFLICT DO NOTHING"
                : "DELETE FROM grants WHERE account = :account AND role = :role"
                  " AND city = :city AND organisation = :organisation",
        PARAMS(P_INT("account", g->account),
               P_TEXT("role", role_name(g->grant->role)),
               P_INT("city", g->grant->city),
               P_INT("organisation", g->grant->organisation),
               P_INT("by", g->by), P_INT("now", g->now)),
        NULL, err);

    if (!rc) /* a session keeps no right longer than its grant */
        rc = store_exec(g->s, "DELETE FROM session WHERE account = :account",
                        PARAMS(P_INT("account", g->account)), NULL, err);
    if (rc)
        return rc;
    snprintf(detail, sizeof detail,
             "{\"account\":%lld,\"role\":\"%s\",\"city\":%lld,"
             "\"organisation\":%lld}",
             (long long)g->account, role_name(g->grant->role),
             (long long)g->grant->city, (long long)g->grant->organisation);
    return audit_row(g->s, g->by, g->give ? "grant" : "ungrant", "account",
                     detail, g->now, err);
}

enum rc grant_give(struct store *s, int64_t account, const struct grant *g,
                   int64_t by, int64_t now, struct err *err)
{
    struct granting all = {s, account, by, now, g, true};

    return in_transaction(s, grant_inside, &all, err);
}

enum rc grant_take(struct store *s, int64_t account, const struct grant *g,
                   int64_t by, int64_t now, struct err *err)
{
    struct granting all = {s, account, by, now, g, false};

    return in_transaction(s, grant_inside, &all, err);
}
