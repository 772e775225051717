/* Accounts as lists and one by one; closing and opening them. */
#include "network/secret.h"

static const char COLUMNS[] =
    "SELECT account.id, account.person, account.email, account.created,"
    " account.language, person.name, account.password IS NOT NULL AS password,"
    " account.totp IS NOT NULL AS totp,"
    " account.oidc_subject IS NOT NULL AS oidc,"
    " account.closed IS NOT NULL AS closed,"
    " EXISTS (SELECT 1 FROM invitation WHERE invitation.account = account.id"
    " AND used IS NULL AND expires > :now) AS invited"
    " FROM account JOIN person ON person.id = account.person";

static struct account account_at(const struct store_row *row)
{
    return (struct account){
        .id = row_int(row, "id", 0),
        .person = row_int(row, "person", 0),
        .created = row_int(row, "created", 0),
        .email = row_text(row, "email").p,
        .name = row_text(row, "name").p,
        .language =
            row_null(row, "language") ? NULL : row_text(row, "language").p,
        .password = row_int(row, "password", 0),
        .totp = row_int(row, "totp", 0),
        .oidc = row_int(row, "oidc", 0),
        .closed = row_int(row, "closed", 0),
        .invited = row_int(row, "invited", 0),
    };
}

struct loading {
    struct arena *a;
    struct account *out;
    bool found;
};

static bool take_account(void *ctx, const struct store_row *row)
{
    struct loading *l = ctx;

    *l->out = account_at(row);
    l->out->email = arena_strdup(l->a, l->out->email);
    l->out->name = arena_strdup(l->a, l->out->name);
    if (l->out->language)
        l->out->language = arena_strdup(l->a, l->out->language);
    l->found = true;
    return false;
}

enum rc account_load(struct store *s, int64_t id, int64_t now, struct arena *a,
                     struct account *out, struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 4096};
    struct loading l = {a, out, false};
    enum rc rc;

    buf_fmt(&sql, "%s WHERE account.id = :id", COLUMNS);
    rc = store_each(s, buf_cstr(&sql),
                    PARAMS(P_INT("id", id), P_INT("now", now)), take_account,
                    &l, err);
    if (!rc && !l.found)
        return err_set(err, RC_NOT_FOUND, N_("there is no such account"));
    return rc;
}

struct listing {
    bool (*fn)(void *ctx, const struct account *account);
    void *ctx;
};

static bool list_account(void *ctx, const struct store_row *row)
{
    struct listing *l = ctx;
    struct account a = account_at(row);

    return l->fn(l->ctx, &a);
}

enum rc account_each(struct store *s, int64_t after, size_t limit, int64_t now,
                     bool (*fn)(void *ctx, const struct account *account),
                     void *ctx, struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 4096};
    struct listing l = {fn, ctx};

    buf_fmt(&sql,
            "%s WHERE account.id > :after ORDER BY account.id"
            " LIMIT :limit",
            COLUMNS);
    return store_each(s, buf_cstr(&sql),
                      PARAMS(P_INT("after", after), P_INT("now", now),
                             P_INT("limit", (int64_t)limit)),
                      list_account, &l, err);
}

enum rc account_of_email(struct store *s, const char *email, int64_t *id,
                         struct err *err)
{
    return store_int(s,
                     "SELECT id FROM account WHERE email = :email"
                     " AND closed IS NULL",
                     PARAMS(P_TEXT("email", email)), id, err);
}

enum rc account_language(struct store *s, int64_t account, const char *language,
                         struct err *err)
{
    return store_exec(
        s,
        "UPDATE account SET language = :language WHERE id = :id"
        " AND (language IS NULL OR language <> :language)",
        PARAMS(P_TEXT("language", language), P_INT("id", account)), NULL, err);
}

struct holders {
    bool (*fn)(void *ctx, int64_t account);
    void *ctx;
};

static bool tell_holder(void *ctx, const struct store_row *row)
{
    struct holders *h = ctx;

    return h->fn(h->ctx, row_int(row, "account", 0));
}

enum rc account_holders(struct store *s, enum role role,
                        bool (*fn)(void *ctx, int64_t account), void *ctx,
                        struct err *err)
{
    struct holders h = {fn, ctx};

    return store_each(s,
                      "SELECT DISTINCT account FROM grants WHERE role = :role"
                      " AND account IN (SELECT id FROM account WHERE closed"
                      " IS NULL) ORDER BY account",
                      PARAMS(P_TEXT("role", role_name(role))), tell_holder, &h,
                      err);
}

struct shutting {
    struct store *s;
    int64_t account, by, now;
    bool closed;
};

static enum rc close_inside(void *ctx, struct err *err)
{
    static const char *const gone[] = {
        "DELETE FROM session WHERE account = :id",
        "DELETE FROM token WHERE account = :id",
        "DELETE FROM invitation WHERE account = :id",
    };
    struct shutting *c = ctx;
    int64_t changed = 0;
    enum rc rc = store_exec(
        c->s, "UPDATE account SET closed = :closed WHERE id = :id",
        PARAMS(c->closed ? P_INT("closed", c->now) : P_NULL("closed"),
               P_INT("id", c->account)),
        &changed, err);

    if (!rc && !changed)
        return err_set(err, RC_NOT_FOUND, N_("there is no such account"));
    for (size_t i = 0; i < ARRAY_LEN(gone) && !rc; i++)
        rc = store_exec(c->s, gone[i], PARAMS(P_INT("id", c->account)), NULL,
                        err);
    if (!rc)
        rc = audit_row(c->s, c->by, c->closed ? "close" : "open", "account", "",
                       c->now, err);
    return rc;
}

enum rc account_close(struct store *s, int64_t account, bool closed, int64_t by,
                      int64_t now, struct err *err)
{
    struct shutting c = {s, account, by, now, closed};

    return in_transaction(s, close_inside, &c, err);
}

struct tokens {
    bool (*fn)(void *ctx, const struct token *t);
    void *ctx;
};

static bool list_token(void *ctx, const struct store_row *row)
{
    struct tokens *l = ctx;
    struct token t = {
        .id = row_int(row, "id", 0),
        .created = row_int(row, "created", 0),
        .expires = row_int(row, "expires", 0),
        .name = row_text(row, "name").p,
        .writes = row_int(row, "writes", 0),
    };

    return l->fn(l->ctx, &t);
}

enum rc token_each(struct store *s, int64_t account,
                   bool (*fn)(void *ctx, const struct token *t), void *ctx,
                   struct err *err)
{
    struct tokens l = {fn, ctx};

    return store_each(s,
                      "SELECT id, name, writes, created, expires FROM token"
                      " WHERE account = :account ORDER BY id",
                      PARAMS(P_INT("account", account)), list_token, &l, err);
}
