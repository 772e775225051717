/* Sessions and API tokens: only hashes of their tokens are kept. */
#include "network/secret.h"

enum {
    IDLE_S = 12 * 3600,
    WHOLE_S = 14 * 24 * 3600,
    SEEN_EVERY_S = 60, /* how exact `seen` is: a read need not write */
    ENDED_KEPT_S = WHOLE_S
};

struct opening {
    struct store *s;
    int64_t account, now;
    bool second_factor;
    const char *address, *agent, *hash;
};

static enum rc open_inside(void *ctx, struct err *err)
{
    struct opening *o = ctx;
    enum rc rc =
        store_exec(o->s, "DELETE FROM session WHERE opened < :old",
                   PARAMS(P_INT("old", o->now - ENDED_KEPT_S)), NULL, err);

    if (!rc)
        rc = store_exec(
            o->s,
            "INSERT INTO session (hash, account, opened, seen, second_factor,"
            " address, agent) VALUES (:hash, :account, :now, :now, :second,"
            " :address, :agent)",
            PARAMS(P_TEXT("hash", o->hash), P_INT("account", o->account),
                   P_INT("now", o->now), P_INT("second", o->second_factor),
                   P_TEXT("address", o->address), P_TEXT("agent", o->agent)),
            NULL, err);
    if (!rc)
        rc = audit_row(o->s, o->account, "sign-in", "session", "", o->now, err);
    return rc;
}

enum rc session_open(struct store *s, const struct keyring *k, int64_t account,
                     bool second_factor, const char *address, const char *agent,
                     int64_t now, char token[TOKEN_TEXT], struct err *err)
{
    char hash[HASH_TEXT];
    struct opening o = {s, account, now, second_factor, address, agent, hash};

    token_make(k, "session", token, hash);
    return in_transaction(s, open_inside, &o, err);
}

struct finding {
    struct arena *a;
    struct session *out;
    bool found;
};

static void session_of(const struct store_row *row, struct arena *a,
                       struct session *out)
{
    *out = (struct session){
        .hash = arena_str(a, row_text(row, "hash")),
        .account = row_int(row, "account", 0),
        .opened = row_int(row, "opened", 0),
        .seen = row_int(row, "seen", 0),
        .address = arena_str(a, row_text(row, "address")),
        .agent = arena_str(a, row_text(row, "agent")),
        .second_factor = row_int(row, "second_factor", 0),
    };
}

static bool take_session(void *ctx, const struct store_row *row)
{
    struct finding *f = ctx;

    session_of(row, f->a, f->out);
    f->found = true;
    return false;
}

enum rc session_find(struct store *s, const struct keyring *k,
                     const char *token, int64_t now, struct arena *a,
                     struct session *out, struct err *err)
{
    struct finding f = {a, out, false};
    char hash[HASH_TEXT];
    enum rc rc;

    token_hash(k, "session", token, hash);
    rc = store_each(s, "SELECT * FROM session WHERE hash = :hash",
                    PARAMS(P_TEXT("hash", hash)), take_session, &f, err);
    if (rc)
        return rc;
    if (!f.found || now - out->seen > IDLE_S || now - out->opened > WHOLE_S)
        return RC_NOT_FOUND;
    if (now - out->seen < SEEN_EVERY_S)
        return RC_OK;
    return store_exec(s, "UPDATE session SET seen = :now WHERE hash = :hash",
                      PARAMS(P_INT("now", now), P_TEXT("hash", hash)), NULL,
                      err);
}

struct closing {
    struct store *s;
    const char *hash; /* NULL: all */
    int64_t account, now;
};

static enum rc close_inside(void *ctx, struct err *err)
{
    struct closing *c = ctx;
    enum rc rc =
        c->hash
            ? store_exec(
                  c->s,
                  "DELETE FROM session WHERE hash = :hash"
                  " AND account = :account",
                  PARAMS(P_TEXT("hash", c->hash), P_INT("account", c->account)),
                  NULL, err)
            : store_exec(c->s, "DELETE FROM session WHERE account = :account",
                         PARAMS(P_INT("account", c->account)), NULL, err);

    if (!rc)
        rc = audit_row(c->s, c->account, "sign-out",
                       c->hash ? "session" : "sessions", "", c->now, err);
    return rc;
}

enum rc session_close(struct store *s, const char *hash, int64_t account,
                      int64_t now, struct err *err)
{
    struct closing c = {s, hash, account, now};

    return in_transaction(s, close_inside, &c, err);
}

enum rc session_close_all(struct store *s, int64_t account, int64_t now,
                          struct err *err)
{
    struct closing c = {s, NULL, account, now};

    return in_transaction(s, close_inside, &c, err);
}

struct listing {
    bool (*fn)(void *ctx, const struct session *s);
    void *ctx;
};

static bool list_session(void *ctx, const struct store_row *row)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct listing *l = ctx;
    struct session s;

    session_of(row, a, &s);
    return l->fn(l->ctx, &s);
}

enum rc session_each(struct store *s, int64_t account,
                     bool (*fn)(void *ctx, const struct session *s), void *ctx,
                     struct err *err)
{
    struct listing l = {fn, ctx};

    return store_each(s,
                      "SELECT * FROM session WHERE account = :account"
                      " ORDER BY seen DESC",
                      PARAMS(P_INT("account", account)), list_session, &l, err);
}

enum rc token_create(struct store *s, const struct keyring *k, int64_t account,
                     const char *name, bool write, int64_t expires, int64_t now,
                     char token[TOKEN_TEXT], struct err *err)
{
    char hash[HASH_TEXT];
    enum rc rc;

    token_make(k, "api", token, hash);
    rc = store_begin(s, true, err);
    if (rc)
        return rc;
    rc = store_exec(s,
                    "INSERT INTO token (hash, account, name, writes, created,"
                    " expires) VALUES (:hash, :account, :name, :writes, :now,"
                    " :expires)",
                    PARAMS(P_TEXT("hash", hash), P_INT("account", account),
                           P_TEXT("name", name), P_INT("writes", write),
                           P_INT("now", now), P_INT("expires", expires)),
                    NULL, err);
    if (!rc)
        rc = audit_row(s, account, "token-create", "token",
                       write ? "{\"writes\":true}" : "{\"writes\":false}", now,
                       err);
    if (!rc)
        return store_commit(s, err);
    store_rollback(s);
    return rc;
}

struct token_row {
    int64_t account, expires;
    bool writes, found;
};

static bool take_token(void *ctx, const struct store_row *row)
{
    struct token_row *t = ctx;

    *t = (struct token_row){row_int(row, "account", 0),
                            row_int(row, "expires", 0),
                            row_int(row, "writes", 0), true};
    return false;
}

enum rc token_find(struct store *s, const struct keyring *k, const char *token,
                   int64_t now, struct arena *a, struct viewer *out,
                   struct err *err)
{
    struct token_row t = {0};
    char hash[HASH_TEXT];
    enum rc rc;

    token_hash(k, "api", token, hash);
    rc = store_each(s,
                    "SELECT account, expires, writes FROM token"
                    " WHERE hash = :hash",
                    PARAMS(P_TEXT("hash", hash)), take_token, &t, err);
    if (rc)
        return rc;
    if (!t.found || t.expires < now)
        return RC_NOT_FOUND;
    rc = viewer_load(s, t.account, now, a, out, err);
    out->token = true;
    out->token_write = t.writes;
    return rc;
}

enum rc token_revoke(struct store *s, int64_t account, int64_t id, int64_t now,
                     struct err *err)
{
    int64_t gone = 0;
    enum rc rc = store_begin(s, true, err);

    if (rc)
        return rc;
    rc = store_exec(
        s, "DELETE FROM token WHERE id = :id AND account = :account",
        PARAMS(P_INT("id", id), P_INT("account", account)), &gone, err);
    if (!rc && !gone)
        rc = err_set(err, RC_NOT_FOUND, N_("there is no such token"));
    if (!rc)
        rc = audit_row(s, account, "token-revoke", "token", "", now, err);
    if (!rc)
        return store_commit(s, err);
    store_rollback(s);
    return rc;
}
