#include "record/keep.h"
#include "record/sql.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static void take_column(void *record, const struct field *f, const char *name,
                        size_t column, const struct store_row *row,
                        struct arena *a)
{
    void *p = field_at(record, f);
    struct complaints nothing = {.arena = a};

    if (row_null(row, name))
        return;
    switch (f->type) {
    case TYPE_INT:
    case TYPE_REF:
        *(int64_t *)p = row_int(row, name, 0);
        break;
    case TYPE_BOOL:
        *(int8_t *)p = (int8_t)row_int(row, name, -1);
        break;
    case TYPE_REAL:
        *(double *)p = row_real(row, name, NAN);
        break;
    case TYPE_COORDINATE:
        if (column)
            ((struct coordinate *)p)->latitude = row_real(row, name, NAN);
        else
            ((struct coordinate *)p)->longitude = row_real(row, name, NAN);
        break;
    case TYPE_FILE:
        if (column == FILE_NUMBER)
            ((struct attachment *)p)->number = row_int(row, name, 0);
        else if (column == FILE_SIZE)
            ((struct attachment *)p)->size = row_int(row, name, 0);
        else
            field_set_text(record, f, column, row_text(row, name), a, &nothing);
        break;
    default:
        field_set_text(record, f, column, row_text(row, name), a, &nothing);
    }
}

static void take_row(const struct record_type *t, const struct store_row *row,
                     void *record, struct arena *a)
{
    struct record_head *head = record;
    size_t n;
    const struct field *f = t->fields(&n);

    record_clear(t, record);
    head->id = row_int(row, "id", 0);
    head->version = row_int(row, "version", 0);
    head->state = arena_str(a, row_text(row, "state"));
    for (size_t i = 0; i < n; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], a, name);

        for (size_t k = 0; k < columns && f[i].type != TYPE_REFS; k++)
            take_column(record, &f[i], name[k], k, row, a);
    }
}

struct id_list {
    struct arena *a;
    struct ids *ids;
    size_t cap;
};

static bool take_id(void *ctx, const struct store_row *row)
{
    struct id_list *l = ctx;

    VEC_PUSH(l->a, l->ids->items, l->ids->n, l->cap) =
        row_int(row, "target", 0);
    return true;
}

static enum rc load_refs(struct store *s, const struct record_type *t,
                         void *record, struct arena *a, struct err *err)
{
    const struct record_head *head = record;
    size_t n;
    const struct field *f = t->fields(&n);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < n && !rc; i++) {
        struct id_list list = {a, field_at(record, &f[i]), 0};
        AUTO(buf) struct buf sql = {.ceiling = 1 << 16};

        if (f[i].type != TYPE_REFS)
            continue;
        buf_fmt(&sql,
                "SELECT target FROM %s_%s WHERE owner = :owner"
                " ORDER BY position",
                t->name, f[i].name);
        rc = store_each(s, buf_cstr(&sql), PARAMS(P_INT("owner", head->id)),
                        take_id, &list, err);
    }
    return rc;
}

struct loading {
    const struct record_type *t;
    struct arena *a;
    void *record;
    bool found;
};

static bool load_one(void *ctx, const struct store_row *row)
{
    struct loading *l = ctx;

    take_row(l->t, row, l->record, l->a);
    l->found = true;
    return false;
}

enum rc record_load(struct store *s, const struct record_type *t, int64_t id,
                    struct arena *a, void *record, struct err *err)
{
    struct loading l = {t, a, record, false};
    AUTO(buf) struct buf sql = {.ceiling = 1 << 16};
    enum rc rc;

    buf_fmt(&sql, "SELECT * FROM %s WHERE id = :id", t->name);
    rc = store_each(s, buf_cstr(&sql), PARAMS(P_INT("id", id)), load_one, &l,
                    err);
    if (rc)
        return rc;
    if (!l.found)
        return err_set(err, RC_NOT_FOUND, N_("there is no such record"));
    return load_refs(s, t, record, a, err);
}

/* Rows are gathered first: their references need the connection. */
struct gathering {
    const struct record_type *t;
    struct arena *a;
    void **records;
    size_t n, cap;
};

static int64_t id_of(const void *record)
{
    return ((const struct record_head *)record)->id;
}

static bool gather(void *ctx, const struct store_row *row)
{
    struct gathering *g = ctx;
    void *record = arena_alloc(g->a, g->t->size);

    take_row(g->t, row, record, g->a);
    VEC_PUSH(g->a, g->records, g->n, g->cap) = record;
    return true;
}

enum rc record_each(struct store *s, const struct record_type *t,
                    const char *where, const struct store_param *p, size_t n,
                    bool (*fn)(void *ctx, const void *record), void *ctx,
                    struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf sql = {.ceiling = 1 << 16};
    struct gathering g = {.t = t, .a = a};
    enum rc rc;

    buf_fmt(&sql, "SELECT * FROM %s", t->name);
    if (where[0])
        buf_fmt(&sql, " WHERE %s", where);
    buf_adds(&sql, " ORDER BY id");
    rc = store_each(s, buf_cstr(&sql), p, n, gather, &g, err);
    for (size_t i = 0; i < g.n && !rc; i++) {
        rc = load_refs(s, t, g.records[i], a, err);
        if (!rc && !fn(ctx, g.records[i]))
            break;
    }
    return rc;
}

/* ---- many at once ---- */

/* The text of the question is one for any number of ids: it stays prepared. */
static const char *is_among(struct store *s)
{
    return store_engine(s) == STORE_SQLITE
               ? "IN (SELECT value FROM json_each('[' || :ids || ']'))"
               : "= ANY (CAST(string_to_array(:ids, ',') AS bigint[]))";
}

static int by_id(const void *a, const void *b)
{
    int64_t x = id_of(*(void *const *)a), y = id_of(*(void *const *)b);

    return (x > y) - (x < y);
}

static void *find_id(const struct gathering *g, int64_t id)
{
    size_t low = 0, high = g->n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (id_of(g->records[middle]) < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < g->n && id_of(g->records[low]) == id ? g->records[low] : NULL;
}

struct dealing {
    struct gathering *g;
    const struct field *f;
    int64_t owner; /* the one before, and its list */
    struct id_list list;
};

/* Rows come owner by owner. */
static bool deal(void *ctx, const struct store_row *row)
{
    struct dealing *d = ctx;
    int64_t owner = row_int(row, "owner", 0);

    if (owner != d->owner) {
        void *record = find_id(d->g, owner);

        if (!record)
            return true;
        d->owner = owner;
        d->list = (struct id_list){d->g->a, field_at(record, d->f), 0};
    }
    return take_id(&d->list, row);
}

static enum rc load_many_refs(struct store *s, struct gathering *g,
                              const char *ids, struct err *err)
{
    size_t n;
    const struct field *f = g->t->fields(&n);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < n && !rc; i++) {
        struct dealing d = {.g = g, .f = &f[i]};
        AUTO(buf) struct buf sql = {.ceiling = 1 << 12};

        if (f[i].type != TYPE_REFS)
            continue;
        buf_fmt(&sql,
                "SELECT owner, target FROM %s_%s WHERE owner %s"
                " ORDER BY owner, position",
                g->t->name, f[i].name, is_among(s));
        rc = store_each(s, buf_cstr(&sql), PARAMS(P_TEXT("ids", ids)), deal, &d,
                        err);
    }
    return rc;
}

enum rc record_load_many(struct store *s, const struct record_type *t,
                         const int64_t *ids, size_t n, struct arena *a,
                         void **records, struct err *err)
{
    struct gathering g = {.t = t, .a = a};
    AUTO(buf) struct buf list = {.ceiling = BUF_CEILING};
    AUTO(buf) struct buf sql = {.ceiling = 1 << 12};
    enum rc rc;

    if (n == 0)
        return RC_OK;
    for (size_t i = 0; i < n; i++)
        buf_fmt(&list, "%s%" PRId64, i ? "," : "", ids[i]);
    buf_fmt(&sql, "SELECT * FROM %s WHERE id %s", t->name, is_among(s));
    rc = store_each(s, buf_cstr(&sql), PARAMS(P_TEXT("ids", buf_cstr(&list))),
                    gather, &g, err);
    if (rc)
        return rc;
    if (g.n)
        qsort(g.records, g.n, sizeof *g.records, by_id);
    for (size_t i = 0; i < n; i++)
        records[i] = find_id(&g, ids[i]);
    return load_many_refs(s, &g, buf_cstr(&list), err);
}
