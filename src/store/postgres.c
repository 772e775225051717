#include "store/engine.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARAMS_MOST = 128, COLUMNS_MOST = 256, NUMBER_BYTES = 32 };

struct postgres_store {
    struct store base;
    PGconn *db;
    struct arena *texts; /* statement texts known to the server */
    struct statement {
        const char *sql; /* with :names */
        size_t n;
        struct str names[PARAMS_MOST];
        char name[24]; /* at the server */
    } * *known;
    size_t n_known, cap_known;
    bool changed;
};

static struct postgres_store *of(struct store *s)
{
    return (struct postgres_store *)s;
}

/* SQLSTATE -> code (PostgreSQL manual, appendix A). */
static enum rc code_of(const char *state)
{
    static const struct {
        const char *prefix;
        enum rc rc;
    } rows[] = {
        {"23502", RC_INVALID},     {"23514", RC_INVALID},
        {"23", RC_CONFLICT},       {"40", RC_CONFLICT},
        {"55P03", RC_CONFLICT},    {"08", RC_UNAVAILABLE},
        {"53", RC_UNAVAILABLE},    {"57P", RC_UNAVAILABLE},
        {"25006", RC_UNAVAILABLE},
    };

    for (size_t i = 0; state && i < ARRAY_LEN(rows); i++)
        if (strncmp(state, rows[i].prefix, strlen(rows[i].prefix)) == 0)
            return rows[i].rc;
    return RC_IO;
}

static enum rc failed(struct postgres_store *s, const PGresult *r,
                      struct err *err)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    enum rc rc =
        PQstatus(s->db) == CONNECTION_BAD ? RC_UNAVAILABLE : code_of(state);

    return err_set(err, rc, N_("database: %s"), PQerrorMessage(s->db));
}

static bool succeeded(const PGresult *r)
{
    return PQresultStatus(r) == PGRES_COMMAND_OK ||
           PQresultStatus(r) == PGRES_TUPLES_OK;
}

static enum rc script(struct store *base, const char *sql, struct err *err)
{
    struct postgres_store *s = of(base);
    PGresult *r = PQexec(s->db, sql);
    enum rc rc = succeeded(r) ? RC_OK : failed(s, r, err);

    PQclear(r);
    return rc;
}

static enum rc prepare(struct postgres_store *s, const char *sql,
                       struct statement **out, struct err *err)
{
    struct statement *known;
    AUTO(buf) struct buf text = {0};
    PGresult *r;
    enum rc rc;

    for (size_t i = 0; i < s->n_known; i++) {
        if (strcmp(s->known[i]->sql, sql) == 0) {
            *out = s->known[i];
            return RC_OK;
        }
    }
    known = arena_new_of(s->texts, struct statement);
    known->sql = arena_strdup(s->texts, sql);
    snprintf(known->name, sizeof known->name, "s%zu", s->n_known);
    buf_init(&text, 1 << 20);
    rc = sql_number_params(known->sql, &text, known->names, PARAMS_MOST,
                           &known->n, err);
    if (rc)
        return rc;
    r = PQprepare(s->db, known->name, buf_cstr(&text), (int)known->n, NULL);
    rc = succeeded(r) ? RC_OK : failed(s, r, err);
    PQclear(r);
    if (rc)
        return rc;
    VEC_PUSH(s->texts, s->known, s->n_known, s->cap_known) = known;
    *out = known;
    return RC_OK;
}

struct bound {
    const char *value[PARAMS_MOST];
    int length[PARAMS_MOST], format[PARAMS_MOST];
    char number[PARAMS_MOST][NUMBER_BYTES];
};

static void bind_one(struct bound *b, size_t i, const struct store_value *v,
                     struct arena *a)
{
    b->format[i] = v->type == VALUE_BLOB;
    b->value[i] = b->number[i];
    switch (v->type) {
    case VALUE_INT:
        snprintf(b->number[i], NUMBER_BYTES, "%" PRId64, v->i);
        break;
    case VALUE_REAL:
        snprintf(b->number[i], NUMBER_BYTES, "%.17g", v->d);
        break;
    case VALUE_TEXT:
    case VALUE_BLOB:
        b->value[i] = arena_str(a, v->s);
        b->length[i] = (int)v->s.n;
        break;
    default:
        b->value[i] = NULL;
    }
}

static void bind_all(struct bound *b, const struct statement *st,
                     const struct store_param *p, size_t n, struct arena *a)
{
    for (size_t i = 0; i < st->n; i++) {
        size_t at = 0;

        while (at < n && !str_is(st->names[i], p[at].name))
            at++;
        if (at == n)
            BUG("parameter :%.*s of a query was not given", (int)st->names[i].n,
                st->names[i].p);
        bind_one(b, i, &p[at].value, a);
    }
}

/* Object identifiers of the server's own types (pg_type.dat). */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NUMERIC = 1700
};

static struct store_value value_at(const PGresult *r, int row, int column,
                                   struct arena *a)
{
    struct str s = {PQgetvalue(r, row, column),
                    (size_t)PQgetlength(r, row, column)};
    struct store_value v = {.type = VALUE_NULL};
    unsigned char *bytes;
    size_t n;

    if (PQgetisnull(r, row, column))
        return v;
    v.type = VALUE_TEXT;
    v.s = s;
    switch (PQftype(r, column)) {
    case OID_BOOL:
        return (struct store_value){VALUE_INT, {.i = s.p[0] == 't'}};
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
        if (str_i64(s, &v.i))
            v.type = VALUE_INT;
        break;
    case OID_NUMERIC:
        if (str_i64(s, &v.i)) {
            v.type = VALUE_INT;
            break;
        }
        __attribute__((fallthrough));
    case OID_FLOAT4:
    case OID_FLOAT8:
        if (str_double(s, &v.d))
            v.type = VALUE_REAL;
        break;
    case OID_BYTEA:
        bytes = PQunescapeBytea((const unsigned char *)s.p, &n);
        REQUIRE(bytes);
        v.type = VALUE_BLOB;
        v.s = (struct str){arena_strndup(a, (const char *)bytes, n), n};
        PQfreemem(bytes);
        break;
    }
    return v;
}

static void hand_out(const PGresult *r, row_fn fn, void *ctx, struct arena *a)
{
    struct store_value values[COLUMNS_MOST];
    const char *names[COLUMNS_MOST];
    int n = PQnfields(r);
    size_t next = 0;

    REQUIRE(n <= COLUMNS_MOST);
    for (int i = 0; i < n; i++)
        names[i] = PQfname(r, i);
    for (int row = 0; row < PQntuples(r); row++) {
        for (int i = 0; i < n; i++)
            values[i] = value_at(r, row, i, a);
        if (!fn(ctx, &(struct store_row){(size_t)n, names, values, &next}))
            return;
    }
}

static enum rc run(struct store *base, const char *sql,
                   const struct store_param *p, size_t n, row_fn fn, void *ctx,
                   int64_t *changed, struct err *err)
{
    struct postgres_store *s = of(base);
    AUTO(arena) struct arena *a = arena_new(0);
    struct bound *b = arena_new_of(a, struct bound);
    struct statement *st;
    int64_t touched = 0;
    PGresult *r;
    enum rc rc = prepare(s, sql, &st, err);

    if (rc)
        return rc;
    bind_all(b, st, p, n, a);
    r = PQexecPrepared(s->db, st->name, (int)st->n, b->value, b->length,
                       b->format, 0);
    rc = succeeded(r) ? RC_OK : failed(s, r, err);
    if (!rc && fn)
        hand_out(r, fn, ctx, a);
    if (!rc && changed) {
        (void)str_i64(str_of(PQcmdTuples(r)), &touched);
        *changed = touched;
    }
    PQclear(r);
    return rc;
}

/* Writers stand in one queue, as on SQLite: each sees all that those before it
 * wrote, and none fails for another's sake. */
static enum rc begin(struct store *base, bool write, struct err *err)
{
    enum rc rc = script(base,
                        write ? "BEGIN READ WRITE;"
                                "SELECT pg_advisory_xact_lock(7090121)"
                              : "BEGIN ISOLATION LEVEL REPEATABLE READ READ "
                                "ONLY",
                        err);

    if (rc && PQtransactionStatus(of(base)->db) != PQTRANS_IDLE)
        (void)!script(base, "ROLLBACK", NULL);
    return rc;
}

/* COMMIT of a transaction that failed answers ROLLBACK: nothing was kept. */
static enum rc commit(struct store *base, struct err *err)
{
    struct postgres_store *s = of(base);
    PGresult *r = PQexec(s->db, "COMMIT");
    enum rc rc = succeeded(r) ? RC_OK : failed(s, r, err);

    if (!rc && strcmp(PQcmdStatus(r), "COMMIT") != 0)
        rc = err_set(err, RC_CONFLICT, N_("database: rolled back"));
    PQclear(r);
    return rc;
}

static void rollback(struct store *base)
{
    (void)!script(base, "ROLLBACK", NULL);
}

static enum rc notify(struct store *base, const char *topic, struct err *err)
{
    return store_exec(base, "SELECT pg_notify('passerelle', :topic)",
                      PARAMS(P_TEXT("topic", topic)), NULL, err);
}

static enum rc changed(struct store *base, bool *out, struct err *err)
{
    struct postgres_store *s = of(base);

    *out = false;
    if (!PQconsumeInput(s->db))
        return failed(s, NULL, err);
    for (PGnotify *n; (n = PQnotifies(s->db)); PQfreemem(n))
        *out = true;
    return RC_OK;
}

/* Reads what came meanwhile: notices, which only the watcher needs, and the
 * end of the connection. */
static bool alive(struct store *base)
{
    bool seen;

    /* twice: a last word may come before the end */
    return changed(base, &seen, NULL) == RC_OK &&
           changed(base, &seen, NULL) == RC_OK &&
           PQstatus(of(base)->db) == CONNECTION_OK;
}

static void close_store(struct store *base)
{
    struct postgres_store *s = of(base);

    PQfinish(s->db);
    arena_free(s->texts);
    free(s);
}

static void silent(void *ctx, const char *message)
{
}

static const struct engine engine = {
    .kind = STORE_POSTGRES,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .run = run,
    .script = script,
    .notify = notify,
    .changed = changed,
    .alive = alive,
    .close = close_store,
};

/* A server that does not answer is given up after some seconds; what the URL
 * says comes after and counts. Messages say no values: they reach the log. */
static PGconn *connect_to(const char *url)
{
    const char *const names[] = {"connect_timeout", "tcp_user_timeout",
                                 "application_name", "dbname", NULL};
    const char *const values[] = {"5", "20000", "passerelle", url, NULL};
    PGconn *db = PQconnectdbParams(names, values, 1);

    if (db)
        PQsetErrorVerbosity(db, PQERRORS_TERSE);
    return db;
}

enum rc postgres_store_open(const char *url, struct store **out,
                            struct err *err)
{
    struct postgres_store *s = calloc(1, sizeof *s);
    enum rc rc;

    if (!s)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    s->base.engine = &engine;
    s->texts = arena_new(0);
    s->db = connect_to(url);
    if (PQstatus(s->db) != CONNECTION_OK) {
        rc =
            err_set(err, RC_UNAVAILABLE, N_("the database does not answer: %s"),
                    PQerrorMessage(s->db));
        close_store(&s->base);
        return rc;
    }
    PQsetNoticeProcessor(s->db, silent, NULL);
    rc = script(&s->base,
                "SET client_encoding TO 'UTF8'; SET lock_timeout TO '10s';"
                "SET bytea_output TO 'hex'; LISTEN passerelle",
                err);
    if (rc)
        close_store(&s->base);
    else
        *out = &s->base;
    return rc;
}
