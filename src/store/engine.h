/*
 * engine.h: what a database must be able to do; inner to store.
 */
#ifndef PASSERELLE_STORE_ENGINE_H
#define PASSERELLE_STORE_ENGINE_H

#include "store/store.h"

typedef bool (*row_fn)(void *ctx, const struct store_row *row);

struct engine {
    enum store_engine kind;
    enum rc (*begin)(struct store *s, bool write, struct err *err);
    enum rc (*commit)(struct store *s, struct err *err);
    void (*rollback)(struct store *s);
    void (*hold)(struct store *s); /* may be NULL, with release */
    void (*release)(struct store *s);
    enum rc (*run)(struct store *s, const char *sql,
                   const struct store_param *p, size_t n, row_fn fn, void *ctx,
                   int64_t *changed, struct err *err);
    enum rc (*script)(struct store *s, const char *sql, struct err *err);
    enum rc (*notify)(struct store *s, const char *topic, struct err *err);
    enum rc (*changed)(struct store *s, bool *changed, struct err *err);
    bool (*alive)(struct store *s);
    void (*close)(struct store *s);
};

/* The first member of each engine's own connection. */
struct store {
    const struct engine *engine;
    bool in_transaction;
};

enum rc sqlite_store_open(const char *path, struct store **out,
                          struct err *err);
enum rc postgres_store_open(const char *url, struct store **out,
                            struct err *err);

/*
 * `:name` -> `$1`, numbered by first appearance; quotes, comments and `::` are
 * left alone. names[] (borrowed from sql) receives at most `most`.
 */
enum rc sql_number_params(const char *sql, struct buf *out, struct str *names,
                          size_t most, size_t *n, struct err *err);

#endif
