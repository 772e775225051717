#include "store/store.h"
#include "store/engine.h"

#include <stdlib.h>

enum rc store_open(const char *url, struct store **out, struct err *err)
{
    struct str s = str_of(url);

    *out = NULL;
    if (str_starts(s, "sqlite:"))
        return sqlite_store_open(url + strlen("sqlite:"), out, err);
    if (str_starts(s, "postgresql:") || str_starts(s, "postgres:"))
        return postgres_store_open(url, out, err);
    return err_set(err, RC_USAGE,
                   N_("a store is sqlite:FILE or postgresql://..."));
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_rollback(s);
    s->engine->close(s);
}

void cleanup_store(struct store **s)
{
    store_close(*s);
}

enum store_engine store_engine(const struct store *s)
{
    return s->engine->kind;
}

bool store_alive(struct store *s)
{
    return s->engine->alive(s);
}

bool store_in_transaction(const struct store *s)
{
    return s->in_transaction;
}

enum rc store_begin(struct store *s, bool write, struct err *err)
{
    enum rc rc;

    REQUIRE(!s->in_transaction);
    rc = s->engine->begin(s, write, err);
    s->in_transaction = rc == RC_OK;
    return rc;
}

enum rc store_commit(struct store *s, struct err *err)
{
    enum rc rc;

    REQUIRE(s->in_transaction);
    rc = s->engine->commit(s, err);
    if (rc)
        s->engine->rollback(s);
    s->in_transaction = false;
    return rc;
}

void store_rollback(struct store *s)
{
    if (s->in_transaction)
        s->engine->rollback(s);
    s->in_transaction = false;
}

void store_hold(struct store *s)
{
    if (s->engine->hold && !s->in_transaction)
        s->engine->hold(s);
}

void store_release(struct store *s)
{
    if (s->engine->release)
        s->engine->release(s);
}

enum rc store_exec(struct store *s, const char *sql,
                   const struct store_param *p, size_t n, int64_t *changed,
                   struct err *err)
{
    return s->engine->run(s, sql, p, n, NULL, NULL, changed, err);
}

enum rc store_script(struct store *s, const char *sql, struct err *err)
{
    return s->engine->script(s, sql, err);
}

enum rc store_each(struct store *s, const char *sql,
                   const struct store_param *p, size_t n, row_fn fn, void *ctx,
                   struct err *err)
{
    return s->engine->run(s, sql, p, n, fn, ctx, NULL, err);
}

struct first {
    struct arena *a;
    struct store_value value;
    bool found;
};

static bool keep_first(void *ctx, const struct store_row *row)
{
    struct first *f = ctx;

    f->value = row->values[0];
    if (f->a && (f->value.type == VALUE_TEXT || f->value.type == VALUE_BLOB))
        f->value.s.p = arena_str(f->a, f->value.s);
    f->found = true;
    return false;
}

static enum rc first_value(struct store *s, const char *sql,
                           const struct store_param *p, size_t n,
                           struct first *f, struct err *err)
{
    enum rc rc = store_each(s, sql, p, n, keep_first, f, err);

    if (!rc && !f->found)
        rc = err_set(err, RC_NOT_FOUND, N_("not found"));
    return rc;
}

enum rc store_int(struct store *s, const char *sql, const struct store_param *p,
                  size_t n, int64_t *out, struct err *err)
{
    struct first f = {0};
    enum rc rc = first_value(s, sql, p, n, &f, err);

    if (!rc)
        *out = f.value.type == VALUE_INT ? f.value.i : 0;
    return rc;
}

enum rc store_text(struct store *s, const char *sql,
                   const struct store_param *p, size_t n, struct arena *a,
                   char **out, struct err *err)
{
    struct first f = {.a = a};
    enum rc rc = first_value(s, sql, p, n, &f, err);

    if (!rc)
        *out = f.value.type == VALUE_TEXT ? (char *)f.value.s.p : NULL;
    return rc;
}

enum rc store_notify(struct store *s, const char *topic, struct err *err)
{
    return s->engine->notify(s, topic, err);
}

enum rc store_changed(struct store *s, bool *changed, struct err *err)
{
    return s->engine->changed(s, changed, err);
}

static const struct store_value *cell(const struct store_row *r,
                                      const char *name)
{
    /* Columns are mostly asked for in their order. */
    for (size_t k = 0, i = *r->next; k < r->n; k++, i++) {
        i = i < r->n ? i : 0;
        if (strcmp(r->names[i], name) == 0) {
            *r->next = i;
            return &r->values[i];
        }
    }
    BUG("a row has no column '%s'", name);
}

int64_t row_int(const struct store_row *r, const char *name, int64_t fallback)
{
    const struct store_value *v = cell(r, name);

    return v->type == VALUE_INT ? v->i : fallback;
}

double row_real(const struct store_row *r, const char *name, double fallback)
{
    const struct store_value *v = cell(r, name);

    if (v->type == VALUE_INT)
        return (double)v->i;
    return v->type == VALUE_REAL ? v->d : fallback;
}

struct str row_text(const struct store_row *r, const char *name)
{
    const struct store_value *v = cell(r, name);

    if (v->type != VALUE_TEXT && v->type != VALUE_BLOB)
        return (struct str){"", 0};
    return v->s;
}

bool row_null(const struct store_row *r, const char *name)
{
    return cell(r, name)->type == VALUE_NULL;
}
