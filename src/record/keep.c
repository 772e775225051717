#include "record/keep.h"
#include "record/revision.h"
#include "record/sql.h"

#include <math.h>
#include <stdlib.h>

/* One column as a parameter: NULL where the text is empty. */
static struct store_param param_of(const void *record, const struct field *f,
                                   const char *name, size_t column,
                                   struct arena *a)
{
    const void *p = field_of(record, f);
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    if (f->type == TYPE_COORDINATE) {
        const struct coordinate *c = p;
        double v = column ? c->latitude : c->longitude;

        return isnan(v) ? P_NULL(name) : P_REAL(name, v);
    }
    if (f->type == TYPE_INTERVAL || f->type == TYPE_TEXT ||
        f->type == TYPE_MARKDOWN || !field_absent(record, f))
        field_get_text(record, f, column, &text);
    if (!text.n)
        return P_NULL(name);
    switch (f->type) {
    case TYPE_INT:
    case TYPE_REF:
        return P_INT(name, *(const int64_t *)p);
    case TYPE_BOOL:
        return P_INT(name, *(const int8_t *)p);
    case TYPE_REAL:
        return P_REAL(name, *(const double *)p);
    case TYPE_FILE:
        if (column == FILE_NUMBER)
            return P_INT(name, ((const struct attachment *)p)->number);
        if (column == FILE_SIZE)
            return P_INT(name, ((const struct attachment *)p)->size);
        __attribute__((fallthrough));
    default:
        return P_STR(name,
                     ((struct str){arena_str(a, buf_str(&text)), text.n}));
    }
}

struct params {
    struct store_param *items;
    size_t n, cap;
};

static void all_params(const struct record_type *t, const void *record,
                       struct arena *a, struct params *out)
{
    const struct record_head *head = record;
    size_t n;
    const struct field *f = t->fields(&n);

    *out = (struct params){0};
    VEC_PUSH(a, out->items, out->n, out->cap) = P_INT("id", head->id);
    VEC_PUSH(a, out->items, out->n, out->cap) = P_INT("version", head->version);
    VEC_PUSH(a, out->items, out->n, out->cap) =
        P_TEXT("state", head->state ? head->state : "");
    for (int i = 0; i < RECORD_LANGS && record_sorted(t); i++)
        VEC_PUSH(a, out->items, out->n, out->cap) =
            P_BLOB(sort_columns[i], record_sort_key(t, record, i, a));
    for (size_t i = 0; i < n; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], a, name);

        for (size_t k = 0; k < columns && f[i].type != TYPE_REFS; k++)
            VEC_PUSH(a, out->items, out->n, out->cap) =
                param_of(record, &f[i], name[k], k, a);
    }
}

static enum rc insert(struct store *s, const struct record_type *t,
                      struct record_head *head, const struct params *p,
                      struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 20};
    enum rc rc;

    buf_fmt(&sql, "INSERT INTO %s (", t->name);
    for (size_t i = 1; i < p->n; i++)
        buf_fmt(&sql, "%s%s", i > 1 ? ", " : "", p->items[i].name);
    buf_adds(&sql, ") VALUES (");
    for (size_t i = 1; i < p->n; i++)
        buf_fmt(&sql, "%s:%s", i > 1 ? ", " : "", p->items[i].name);
    buf_adds(&sql, ") RETURNING id");
    rc = store_int(s, buf_cstr(&sql), p->items, p->n, &head->id, err);
    return rc;
}

static enum rc update(struct store *s, const struct record_type *t,
                      const struct params *p, struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 20};
    int64_t changed = 0;
    enum rc rc;

    buf_fmt(&sql, "UPDATE %s SET version = :version + 1", t->name);
    for (size_t i = 2; i < p->n; i++)
        buf_fmt(&sql, ", %s = :%s", p->items[i].name, p->items[i].name);
    buf_adds(&sql, " WHERE id = :id AND version = :version");
    rc = store_exec(s, buf_cstr(&sql), p->items, p->n, &changed, err);
    if (!rc && !changed)
        return err_set(err, RC_CONFLICT,
                       N_("somebody saved this in the meantime"));
    return rc;
}

static enum rc save_refs(struct store *s, const struct record_type *t,
                         const void *record, const struct field *f,
                         struct err *err)
{
    const struct record_head *head = record;
    const struct ids *ids = field_of(record, f);
    AUTO(buf) struct buf sql = {.ceiling = 1 << 20};
    enum rc rc;

    buf_fmt(&sql, "DELETE FROM %s_%s WHERE owner = :owner", t->name, f->name);
    rc = store_exec(s, buf_cstr(&sql), PARAMS(P_INT("owner", head->id)), NULL,
                    err);
    buf_clear(&sql);
    buf_fmt(&sql,
            "INSERT INTO %s_%s (owner, position, target)"
            " VALUES (:owner, :position, :target)",
            t->name, f->name);
    for (size_t i = 0; i < ids->n && !rc; i++)
        rc = store_exec(s, buf_cstr(&sql),
                        PARAMS(P_INT("owner", head->id),
                               P_INT("position", (int64_t)i),
                               P_INT("target", ids->items[i])),
                        NULL, err);
    return rc;
}

static enum rc save_all_refs(struct store *s, const struct record_type *t,
                             const void *record, struct err *err)
{
    size_t n;
    const struct field *f = t->fields(&n);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < n && !rc; i++)
        if (f[i].type == TYPE_REFS)
            rc = save_refs(s, t, record, &f[i], err);
    return rc;
}

/* A field that is set once keeps what it had. */
enum rc check_immutable(const struct record_type *t, const void *before,
                        const void *after, struct err *err)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++) {
        AUTO(buf) struct buf old = {.ceiling = BUF_CEILING};
        AUTO(buf) struct buf new = {.ceiling = BUF_CEILING};
        size_t which = f[i].type == TYPE_FILE ? FILE_NUMBER : 0;

        if (!(f[i].flags & IMMUTABLE) || field_absent(before, &f[i]))
            continue;
        field_get_text(before, &f[i], which, &old);
        field_get_text(after, &f[i], which, &new);
        if (!str_eq(buf_str(&old), buf_str(&new)))
            return err_set(err, RC_INVALID, N_("'%s' is set once"), f[i].label);
    }
    return RC_OK;
}

static enum rc save_inside(struct store *s, const struct record_type *t,
                           void *record, const struct deed *d, struct arena *a,
                           void *before, struct err *err)
{
    struct record_head *head = record;
    bool new = !head->id;
    struct params p;
    enum rc rc = RC_OK;

    if (new) {
        head->version = 1;
        if (!head->state)
            head->state = record_first_state(t);
    } else {
        rc = record_load(s, t, head->id, a, before, err);
        if (!rc)
            rc = check_immutable(t, before, record, err);
    }
    if (rc)
        return rc;
    all_params(t, record, a, &p);
    rc = new ? insert(s, t, head, &p, err) : update(s, t, &p, err);
    if (rc)
        return rc;
    head->version += !new;
    rc = save_all_refs(s, t, record, err);
    if (!rc)
        rc = history_write(s, t, new ? NULL : before, record, d, a, err);
    if (!rc)
        rc = search_write(s, t, new ? NULL : before, record, err);
    return rc;
}

enum rc record_save(struct store *s, const struct record_type *t, void *record,
                    const struct deed *d, struct arena *a, void *now,
                    struct err *err)
{
    struct record_head *head = record, old = *head;
    bool own = !store_in_transaction(s);
    void *before = now ? now : arena_alloc(a, t->size);
    enum rc rc = own ? store_begin(s, true, err) : RC_OK;

    if (rc)
        return rc;
    rc = save_inside(s, t, record, d, a, before, err);
    if (rc)
        *head = old;
    if (!own)
        return rc;
    if (!rc) {
        rc = store_commit(s, err);
        if (rc)
            *head = old;
        return rc;
    }
    store_rollback(s);
    return rc;
}

static enum rc delete_inside(struct store *s, const struct record_type *t,
                             int64_t id, const struct deed *d, struct arena *a,
                             struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 16};
    void *before = arena_alloc(a, t->size);
    enum rc rc = record_load(s, t, id, a, before, err);

    if (rc)
        return rc;
    rc = revision_drop(s, t, id, err);
    if (rc)
        return rc;
    buf_fmt(&sql, "DELETE FROM %s WHERE id = :id", t->name);
    rc = store_exec(s, buf_cstr(&sql), PARAMS(P_INT("id", id)), NULL, err);
    if (!rc)
        rc = history_write(s, t, before, NULL, d, a, err);
    if (!rc)
        rc = search_remove(s, t, id, err);
    return rc;
}

enum rc record_delete(struct store *s, const struct record_type *t, int64_t id,
                      const struct deed *d, struct arena *a, struct err *err)
{
    bool own = !store_in_transaction(s);
    enum rc rc = own ? store_begin(s, true, err) : RC_OK;

    if (!rc)
        rc = delete_inside(s, t, id, d, a, err);
    if (!own)
        return rc;
    if (!rc)
        return store_commit(s, err);
    store_rollback(s);
    return rc;
}
