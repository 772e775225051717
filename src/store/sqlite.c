#include "base/dict.h"
#include "store/engine.h"
#include "text/lang.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { CACHED = 64, COLUMNS_MOST = 256, WAIT_MS = 10000 };

/* Prepared statements, kept by their text; the longest unused one leaves. */
struct statement {
    sqlite3_stmt *stmt;
    uint64_t hash, used;
};

struct sqlite_store {
    struct store base;
    sqlite3 *db;
    struct statement cache[CACHED];
    sqlite3_stmt *hold; /* a read that is not over: see store_hold */
    bool held;
    uint64_t clock;
    int64_t version; /* data_version when last asked */
    int64_t own;     /* own notices not yet reported */
};

static struct sqlite_store *of(struct store *s)
{
    return (struct sqlite_store *)s;
}

static enum rc code_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return RC_CONFLICT;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_NOTNULL ||
                       code == SQLITE_CONSTRAINT_CHECK
                   ? RC_INVALID
                   : RC_CONFLICT;
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return RC_UNAVAILABLE;
    case SQLITE_NOMEM:
        return RC_MEMORY;
    default:
        return RC_IO;
    }
}

static enum rc failed(struct sqlite_store *s, struct err *err)
{
    return err_set(err, code_of(sqlite3_extended_errcode(s->db)),
                   N_("database: %s"), sqlite3_errmsg(s->db));
}

static void release(struct store *base)
{
    struct sqlite_store *s = of(base);

    if (s->held)
        sqlite3_reset(s->hold);
    s->held = false;
}

/* A statement with a row to come keeps the snapshot and its lock. */
static void hold(struct store *base)
{
    struct sqlite_store *s = of(base);

    if (!s->hold && sqlite3_prepare_v3(s->db, "SELECT rowid FROM sqlite_schema",
                                       -1, SQLITE_PREPARE_PERSISTENT, &s->hold,
                                       NULL) != SQLITE_OK)
        return;
    s->held = s->held || sqlite3_step(s->hold) == SQLITE_ROW;
    if (!s->held)
        sqlite3_reset(s->hold);
}

static enum rc script(struct store *base, const char *sql, struct err *err)
{
    struct sqlite_store *s = of(base);

    release(base);
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return failed(s, err);
    return RC_OK;
}

static enum rc prepare(struct sqlite_store *s, const char *sql,
                       sqlite3_stmt **out, struct err *err)
{
    struct statement *oldest = &s->cache[0];
    uint64_t hash = str_hash(str_of(sql));

    for (size_t i = 0; i < CACHED; i++) {
        struct statement *c = &s->cache[i];

        if (c->stmt && c->hash == hash &&
            strcmp(sqlite3_sql(c->stmt), sql) == 0) {
            c->used = ++s->clock;
            *out = c->stmt;
            return RC_OK;
        }
        if (c->used < oldest->used)
            oldest = c;
    }
    sqlite3_finalize(oldest->stmt);
    *oldest = (struct statement){.hash = hash, .used = ++s->clock};
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                           &oldest->stmt, NULL) != SQLITE_OK)
        return failed(s, err);
    *out = oldest->stmt;
    return RC_OK;
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct store_value *v)
{
    switch (v->type) {
    case VALUE_INT:
        return sqlite3_bind_int64(stmt, at, v->i);
    case VALUE_REAL:
        return sqlite3_bind_double(stmt, at, v->d);
    case VALUE_TEXT:
        return sqlite3_bind_text64(stmt, at, v->s.n ? v->s.p : "", v->s.n,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_BLOB:
        return sqlite3_bind_blob64(stmt, at, v->s.n ? v->s.p : "", v->s.n,
                                   SQLITE_STATIC);
    default:
        return sqlite3_bind_null(stmt, at);
    }
}

static enum rc bind_all(struct sqlite_store *s, sqlite3_stmt *stmt,
                        const struct store_param *p, size_t n, struct err *err)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++) {
        const char *name = sqlite3_bind_parameter_name(stmt, i);
        size_t at = 0;

        while (at < n && name && strcmp(p[at].name, name + 1) != 0)
            at++;
        if (!name || at == n)
            BUG("parameter %s of a query was not given", name ? name : "?");
        if (bind_one(stmt, i, &p[at].value) != SQLITE_OK)
            return failed(s, err);
    }
    return RC_OK;
}

static struct store_value value_at(sqlite3_stmt *stmt, int i)
{
    struct store_value v = {.type = VALUE_NULL};

    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_INTEGER:
        v.type = VALUE_INT;
        v.i = sqlite3_column_int64(stmt, i);
        break;
    case SQLITE_FLOAT:
        v.type = VALUE_REAL;
        v.d = sqlite3_column_double(stmt, i);
        break;
    case SQLITE_TEXT:
        v.type = VALUE_TEXT;
        v.s.p = (const char *)sqlite3_column_text(stmt, i);
        v.s.n = (size_t)sqlite3_column_bytes(stmt, i);
        break;
    case SQLITE_BLOB:
        v.type = VALUE_BLOB;
        v.s.p = sqlite3_column_blob(stmt, i);
        v.s.n = (size_t)sqlite3_column_bytes(stmt, i);
        break;
    }
    return v;
}

static bool hand_out(sqlite3_stmt *stmt, row_fn fn, void *ctx)
{
    struct store_value values[COLUMNS_MOST];
    const char *names[COLUMNS_MOST];
    int n = sqlite3_column_count(stmt);
    size_t next = 0;

    REQUIRE(n <= COLUMNS_MOST);
    for (int i = 0; i < n; i++) {
        values[i] = value_at(stmt, i);
        names[i] = sqlite3_column_name(stmt, i);
    }
    return fn(ctx, &(struct store_row){(size_t)n, names, values, &next});
}

static enum rc run(struct store *base, const char *sql,
                   const struct store_param *p, size_t n, row_fn fn, void *ctx,
                   int64_t *changed, struct err *err)
{
    struct sqlite_store *s = of(base);
    sqlite3_stmt *stmt = NULL;
    enum rc rc = prepare(s, sql, &stmt, err);
    int step = SQLITE_ROW;

    if (rc)
        return rc;
    if (!sqlite3_stmt_readonly(stmt))
        release(base);
    rc = bind_all(s, stmt, p, n, err);
    while (!rc && (step = sqlite3_step(stmt)) == SQLITE_ROW)
        if (fn && !hand_out(stmt, fn, ctx))
            break;
    if (!rc && step != SQLITE_ROW && step != SQLITE_DONE)
        rc = failed(s, err);
    if (changed)
        *changed = sqlite3_changes64(s->db);
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return rc;
}

static enum rc begin(struct store *base, bool write, struct err *err)
{
    return script(base, write ? "BEGIN IMMEDIATE" : "BEGIN", err);
}

static enum rc commit(struct store *base, struct err *err)
{
    return script(base, "COMMIT", err);
}

static void rollback(struct store *base)
{
    (void)!script(base, "ROLLBACK", NULL);
}

/* Other connections see the change by SQLite's own counter. */
static enum rc notify(struct store *base, const char *topic, struct err *err)
{
    of(base)->own++;
    return RC_OK;
}

static enum rc changed(struct store *base, bool *out, struct err *err)
{
    struct sqlite_store *s = of(base);
    int64_t version;
    enum rc rc =
        store_int(base, "PRAGMA data_version", NO_PARAMS, &version, err);

    if (rc)
        return rc;
    *out = version != s->version || s->own;
    s->version = version;
    s->own = 0;
    return RC_OK;
}

static bool alive(struct store *base)
{
    return true;
}

static void close_store(struct store *base)
{
    struct sqlite_store *s = of(base);

    sqlite3_finalize(s->hold);
    for (size_t i = 0; i < CACHED; i++)
        sqlite3_finalize(s->cache[i].stmt);
    sqlite3_close(s->db);
    free(s);
}

static const struct engine engine = {
    .kind = STORE_SQLITE,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .hold = hold,
    .release = release,
    .run = run,
    .script = script,
    .notify = notify,
    .changed = changed,
    .alive = alive,
    .close = close_store,
};

static int collate(void *ctx, int n, const void *a, int m, const void *b)
{
    return lang_compare(ctx, (struct str){a, (size_t)n},
                        (struct str){b, (size_t)m});
}

/* Under the names that PostgreSQL gives them: "fr-x-icu". */
static bool add_collations(sqlite3 *db)
{
    size_t n;
    const struct lang *const *all = lang_all(&n);
    char name[32];

    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s-x-icu", lang_code(all[i]));
        if (sqlite3_create_collation(db, name, SQLITE_UTF8, (void *)all[i],
                                     collate) != SQLITE_OK)
            return false;
    }
    return true;
}

enum rc sqlite_store_open(const char *path, struct store **out, struct err *err)
{
    struct sqlite_store *s = calloc(1, sizeof *s);
    bool seen;
    enum rc rc;

    if (!s)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    s->base.engine = &engine;
    if (sqlite3_open_v2(path, &s->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                            SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                        NULL) != SQLITE_OK ||
        !add_collations(s->db)) {
        rc = err_set(err, RC_IO, N_("cannot open the database '%s': %s"), path,
                     s->db ? sqlite3_errmsg(s->db) : "");
        close_store(&s->base);
        return rc;
    }
    sqlite3_busy_timeout(s->db, WAIT_MS);
    rc = script(&s->base,
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                "PRAGMA cell_size_check=ON",
                err);
    if (!rc)
        rc = changed(&s->base, &seen, err);
    if (rc)
        close_store(&s->base);
    else
        *out = &s->base;
    return rc;
}
