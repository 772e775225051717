#include "record/keep.h"
#include "record/sql.h"

/* The columns that a table has now. */
struct present {
    struct arena *a;
    struct texts columns;
    size_t cap;
};

static bool note_column(void *ctx, const struct store_row *row)
{
    struct present *p = ctx;

    VEC_PUSH(p->a, p->columns.items, p->columns.n, p->cap) =
        arena_str(p->a, row_text(row, "name"));
    return true;
}

static enum rc read_columns(struct store *s, const char *table,
                            struct present *p, struct err *err)
{
    const char *sql =
        store_engine(s) == STORE_POSTGRES
            ? "SELECT column_name AS name FROM information_schema.columns"
              " WHERE table_schema = current_schema AND table_name = :t"
              " ORDER BY ordinal_position"
            : "SELECT name FROM pragma_table_info(:t) ORDER BY cid";

    p->columns = (struct texts){0};
    p->cap = 0;
    return store_each(s, sql, PARAMS(P_TEXT("t", table)), note_column, p, err);
}

static bool listed(const struct texts *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->items[i], name) == 0)
            return true;
    return false;
}

struct planner {
    struct store *s;
    struct arena *a;
    struct migration *out;
    struct err *err;
};

static void step(struct planner *p, struct buf *sql, const char *what,
                 bool destructive)
{
    VEC_PUSH(p->a, p->out->steps, p->out->n, p->out->cap) =
        (struct migration_step){arena_str(p->a, buf_str(sql)), what,
                                destructive};
    buf_clear(sql);
}

static bool declared(const struct record_type *t, const char *column,
                     struct arena *a)
{
    static const char *const head[] = {"id", "version", "state"};
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < ARRAY_LEN(head); i++)
        if (strcmp(head[i], column) == 0)
            return true;
    for (size_t i = 0; i < n; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], a, name);

        for (size_t k = 0; k < columns && f[i].type != TYPE_REFS; k++)
            if (strcmp(name[k], column) == 0)
                return true;
    }
    return false;
}

static enum rc plan_refs(struct planner *p, const struct record_type *t,
                         const struct field *f, struct buf *sql)
{
    struct present there = {.a = p->a};
    char *table = arena_printf(p->a, "%s_%s", t->name, f->name);
    enum rc rc = read_columns(p->s, table, &there, p->err);

    if (!rc && !there.columns.n) {
        refs_ddl(t, f, store_engine(p->s), sql);
        step(p, sql, table, false);
    }
    return rc;
}

static enum rc plan_fields(struct planner *p, const struct record_type *t,
                           const struct texts *there, struct buf *sql)
{
    size_t n;
    const struct field *f = t->fields(&n);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < n && !rc; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], p->a, name);

        if (f[i].type == TYPE_REFS) {
            rc = plan_refs(p, t, &f[i], sql);
            continue;
        }
        for (size_t k = 0; k < columns; k++) {
            if (listed(there, name[k]))
                continue;
            column_ddl(t, &f[i], name[k], k, store_engine(p->s), sql);
            step(p, sql, arena_printf(p->a, "%s.%s", t->name, name[k]), false);
            if (f[i].flags & UNIQUE) {
                unique_ddl(t, &f[i], sql);
                step(p, sql, arena_printf(p->a, "%s.%s", t->name, name[k]),
                     false);
            }
        }
    }
    return rc;
}

static enum rc plan_record(struct planner *p, const struct record_type *t)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 20};
    struct present there = {.a = p->a};
    enum rc rc = read_columns(p->s, t->name, &there, p->err);

    if (rc)
        return rc;
    if (!there.columns.n) {
        record_ddl(t, store_engine(p->s), &sql);
        step(p, &sql, t->name, false);
        return RC_OK;
    }
    for (size_t i = 0; i < there.columns.n; i++) {
        const char *column = there.columns.items[i];

        if (declared(t, column, p->a))
            continue;
        buf_fmt(&sql, "ALTER TABLE %s DROP COLUMN \"%s\"", t->name, column);
        step(p, &sql, arena_printf(p->a, "%s.%s", t->name, column), true);
    }
    return plan_fields(p, t, &there.columns, &sql);
}

enum rc migration_plan(struct store *s, struct arena *a, struct migration *out,
                       struct err *err)
{
    struct planner p = {s, a, out, err};
    AUTO(buf) struct buf sql = {.ceiling = 1 << 20};
    struct present there = {.a = a};
    enum rc rc;
    size_t n;
    const struct record_type *const *types = record_types(&n);

    *out = (struct migration){0};
    rc = read_columns(s, "history", &there, err);
    if (!rc && !there.columns.n) {
        record_common_ddl(store_engine(s), &sql);
        step(&p, &sql, "history", false);
    }
    for (size_t i = 0; i < n && !rc; i++)
        rc = plan_record(&p, types[i]);
    return rc;
}

enum rc migration_apply(struct store *s, const struct migration *m,
                        const char *const *drop, size_t n_drop, struct err *err)
{
    struct texts named = {n_drop, (const char **)drop};
    enum rc rc;

    for (size_t i = 0; i < m->n; i++)
        if (m->steps[i].destructive && !listed(&named, m->steps[i].what))
            return err_set(err, RC_CONFLICT,
                           N_("'%s' is no longer declared and holds data; "
                              "name it to have it removed"),
                           m->steps[i].what);
    if (!m->n)
        return RC_OK;
    rc = store_begin(s, true, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < m->n && !rc; i++)
        rc = store_script(s, m->steps[i].sql, err);
    if (!rc)
        return store_commit(s, err);
    store_rollback(s);
    return rc;
}
