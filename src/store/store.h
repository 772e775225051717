/*
 * store.h: one small interface to SQLite and PostgreSQL.
 *
 * A `struct store` is one connection, owned, and belongs to one thread. SQL is
 * written once: parameters are bound by name (`:name`), never printed into the
 * text. What differs between the two databases is asked with store_engine().
 *
 * SQLite: WAL, synchronous=FULL, foreign keys on. PostgreSQL: prepared
 * statements kept by text. On both, write transactions stand in one queue of
 * the whole database: each sees all that was written before it, and waits up to
 * 10 s (docs/adr/0019).
 *
 * Errors: RC_CONFLICT (unique, foreign key broken by someone else's change,
 * serialization, lock), RC_INVALID (a check or a not-null constraint),
 * RC_UNAVAILABLE (the server went away, the disk is full), RC_IO. The message
 * carries the database's own words for the log; people see the code's sentence.
 */
#ifndef PASSERELLE_STORE_H
#define PASSERELLE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum store_engine { STORE_SQLITE, STORE_POSTGRES };

enum store_type { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_BLOB };

struct store_value {
    enum store_type type;
    union {
        int64_t i;
        double d;
        struct str s; /* text and blob: borrowed */
    };
};

struct store_param {
    const char *name; /* without the colon */
    struct store_value value;
};
static inline struct store_param store_param_text(const char *name,
                                                  const char *text)
{
    struct store_param p = {name, {VALUE_NULL, {.i = 0}}};

    if (text) {
        p.value.type = VALUE_TEXT;
        p.value.s = str_of(text);
    }
    return p;
}

#define P_INT(n, v) ((struct store_param){n, {VALUE_INT, {.i = (v)}}})
#define P_REAL(n, v) ((struct store_param){n, {VALUE_REAL, {.d = (v)}}})
#define P_STR(n, v) ((struct store_param){n, {VALUE_TEXT, {.s = (v)}}})
#define P_TEXT(n, v) store_param_text(n, v) /* NULL text: NULL */
#define P_BLOB(n, v) ((struct store_param){n, {VALUE_BLOB, {.s = (v)}}})
#define P_NULL(n) ((struct store_param){n, {VALUE_NULL, {.i = 0}}})
/* store_exec(s, sql, PARAMS(P_INT("id", 7), P_TEXT("name", x)), ...) */
#define PARAMS(...)                                         \
    (const struct store_param[]){__VA_ARGS__},              \
        sizeof((const struct store_param[]){__VA_ARGS__}) / \
            sizeof(struct store_param)
#define NO_PARAMS NULL, 0

struct store_row {
    size_t n;
    const char *const *names;
    const struct store_value *values; /* valid inside the callback */
    size_t *next; /* where the next name is looked for first */
};
int64_t row_int(const struct store_row *r, const char *name, int64_t fallback);
double row_real(const struct store_row *r, const char *name, double fallback);
struct str row_text(const struct store_row *r, const char *name); /* or empty */
bool row_null(const struct store_row *r, const char *name);

struct store;

/* "sqlite:/path/to/file", or a "postgresql://..." URL. */
enum rc store_open(const char *url, struct store **out,
                   struct err *err) MUST_USE;
void store_close(struct store *s);
void cleanup_store(struct store **s);
enum store_engine store_engine(const struct store *s);
/* false: the server closed the connection; open another. Asks nobody. */
bool store_alive(struct store *s);

/* A write transaction takes the writer's place at once (no upgrade later). */
enum rc store_begin(struct store *s, bool write, struct err *err) MUST_USE;
enum rc store_commit(struct store *s, struct err *err) MUST_USE;
void store_rollback(struct store *s); /* nothing open: does nothing */
bool store_in_transaction(const struct store *s);

/*
 * What is read until store_release reads one state of the data, where that
 * costs nothing: SQLite takes its lock once instead of once a query, which is
 * most of a short query's time. A write releases by itself. PostgreSQL goes on
 * as it was. Only a hint: nothing may rest on it.
 */
void store_hold(struct store *s);
void store_release(struct store *s); /* nothing held: does nothing */

/* *changed (may be NULL): rows touched. */
enum rc store_exec(struct store *s, const char *sql,
                   const struct store_param *p, size_t n, int64_t *changed,
                   struct err *err) MUST_USE;
/* Several statements without parameters: schema scripts. */
enum rc store_script(struct store *s, const char *sql,
                     struct err *err) MUST_USE;
/* Calls `fn` for each row until it returns false. `fn` may not use `s`. */
enum rc store_each(struct store *s, const char *sql,
                   const struct store_param *p, size_t n,
                   bool (*fn)(void *ctx, const struct store_row *row),
                   void *ctx, struct err *err) MUST_USE;
/* First column of the first row; RC_NOT_FOUND without one. */
enum rc store_int(struct store *s, const char *sql, const struct store_param *p,
                  size_t n, int64_t *out, struct err *err) MUST_USE;
enum rc store_text(struct store *s, const char *sql,
                   const struct store_param *p, size_t n, struct arena *a,
                   char **out, struct err *err) MUST_USE;

/*
 * Tells the other servers that `topic` changed, after commit. store_changed
 * says whether anything was told since it was last asked (own changes too).
 */
enum rc store_notify(struct store *s, const char *topic,
                     struct err *err) MUST_USE;
enum rc store_changed(struct store *s, bool *changed, struct err *err) MUST_USE;

#endif
