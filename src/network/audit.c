/* The audit log: each row carries a hash of itself and of the row before. */
#include "network/secret.h"

#include <inttypes.h>
#include <sodium.h>

static void hash_row(const char *before, const struct audit_entry *e,
                     char hash[HASH_TEXT])
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 20};
    unsigned char bytes[32];

    buf_fmt(&text, "%s\n%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n", before, e->id,
            e->at, e->account);
    buf_json(&text, str_of(e->action));
    buf_json(&text, str_of(e->object));
    buf_json(&text, str_of(e->detail));
    crypto_generichash(bytes, sizeof bytes, (unsigned char *)text.p, text.n,
                       NULL, 0);
    sodium_bin2hex(hash, HASH_TEXT, bytes, sizeof bytes);
}

struct last {
    int64_t id;
    char hash[HASH_TEXT];
};

static bool take_last(void *ctx, const struct store_row *row)
{
    struct last *l = ctx;
    struct str hash = row_text(row, "hash");

    l->id = row_int(row, "id", 0);
    memcpy(l->hash, hash.p, MIN(hash.n, (size_t)HASH_TEXT - 1));
    return false;
}

enum rc audit_row(struct store *s, int64_t account, const char *action,
                  const char *object, const char *detail, int64_t now,
                  struct err *err)
{
    struct last last = {0};
    struct audit_entry e = {.at = now,
                            .account = account,
                            .action = action,
                            .object = object,
                            .detail = detail ? detail : ""};
    char hash[HASH_TEXT];
    enum rc rc = store_each(s,
                            "SELECT id, hash FROM audit ORDER BY id DESC"
                            " LIMIT 1",
                            NO_PARAMS, take_last, &last, err);

    if (rc)
        return rc;
    e.id = last.id + 1;
    hash_row(last.hash, &e, hash);
    return store_exec(s,
                      "INSERT INTO audit (id, at, account, action, object,"
                      " detail, hash) VALUES (:id, :at, :account, :action,"
                      " :object, :detail, :hash)",
                      PARAMS(P_INT("id", e.id), P_INT("at", now),
                             P_INT("account", account),
                             P_TEXT("action", action), P_TEXT("object", object),
                             P_TEXT("detail", e.detail), P_TEXT("hash", hash)),
                      NULL, err);
}

struct writing {
    struct store *s;
    int64_t account, now;
    const char *action, *object, *detail;
};

static enum rc write_inside(void *ctx, struct err *err)
{
    struct writing *w = ctx;

    return audit_row(w->s, w->account, w->action, w->object, w->detail, w->now,
                     err);
}

enum rc audit_write(struct store *s, int64_t account, const char *action,
                    const char *object, const char *detail, int64_t now,
                    struct err *err)
{
    struct writing w = {s, account, now, action, object, detail};

    return in_transaction(s, write_inside, &w, err);
}

static void entry_of(const struct store_row *row, struct audit_entry *e)
{
    *e = (struct audit_entry){
        .id = row_int(row, "id", 0),
        .at = row_int(row, "at", 0),
        .account = row_int(row, "account", 0),
        .action = row_text(row, "action").p,
        .object = row_text(row, "object").p,
        .detail = row_text(row, "detail").p,
    };
}

struct telling {
    bool (*fn)(void *ctx, const struct audit_entry *e);
    void *ctx;
};

static bool tell(void *ctx, const struct store_row *row)
{
    struct telling *t = ctx;
    struct audit_entry e;

    entry_of(row, &e);
    return t->fn(t->ctx, &e);
}

enum rc audit_each(struct store *s, int64_t before, size_t limit,
                   bool (*fn)(void *ctx, const struct audit_entry *e),
                   void *ctx, struct err *err)
{
    struct telling t = {fn, ctx};

    return store_each(s,
                      "SELECT * FROM audit WHERE id < :before ORDER BY id DESC"
                      " LIMIT :limit",
                      PARAMS(P_INT("before", before ? before : INT64_MAX),
                             P_INT("limit", (int64_t)limit)),
                      tell, &t, err);
}

struct walk {
    int64_t rows, broken;
    char hash[HASH_TEXT];
};

static bool check_row(void *ctx, const struct store_row *row)
{
    struct walk *w = ctx;
    struct audit_entry e;
    char hash[HASH_TEXT];

    entry_of(row, &e);
    hash_row(w->hash, &e, hash);
    if (e.id != w->rows + 1 || !str_is(row_text(row, "hash"), hash)) {
        w->broken = w->rows + 1;
        return false;
    }
    memcpy(w->hash, hash, sizeof hash);
    w->rows++;
    return true;
}

enum rc audit_verify(struct store *s, int64_t *rows, int64_t *broken,
                     struct err *err)
{
    struct walk w = {0};
    enum rc rc = store_each(s, "SELECT * FROM audit ORDER BY id", NO_PARAMS,
                            check_row, &w, err);

    *rows = w.rows;
    *broken = w.broken;
    return rc;
}
