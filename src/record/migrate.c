#include "record/keep.h"
#include "record/sql.h"

#include <strings.h>

/*
 * What the database has is read first; each part of a plan compares it with
 * what the declarations want: columns with their types, tables of lists,
 * indexes. A plan is in the order in which its steps can be done.
 */
struct column_list {
    struct arena *a;
    struct texts *columns;
    size_t cap;
};

static bool note_column(void *ctx, const struct store_row *row)
{
    struct column_list *l = ctx;

    VEC_PUSH(l->a, l->columns->items, l->columns->n, l->cap) =
        arena_str(l->a, row_text(row, "name"));
    return true;
}

enum rc columns_present(struct store *s, const char *table, struct arena *a,
                        struct texts *out, struct err *err)
{
    struct column_list l = {a, out, 0};
    const char *sql =
        store_engine(s) == STORE_POSTGRES
            ? "SELECT column_name AS name FROM information_schema.columns"
              " WHERE table_schema = current_schema AND table_name = :t"
              " ORDER BY ordinal_position"
            : "SELECT name FROM pragma_table_info(:t) ORDER BY cid";

    *out = (struct texts){0};
    return store_each(s, sql, PARAMS(P_TEXT("t", table)), note_column, &l, err);
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
    struct texts columns, types; /* of the table at hand */
    size_t n_columns, n_types;
};

static void step(struct planner *p, const char *sql, const char *what,
                 bool destructive)
{
    VEC_PUSH(p->a, p->out->steps, p->out->n, p->out->cap) =
        (struct migration_step){sql, what, destructive};
}

static char *text_of(struct planner *p, struct buf *sql)
{
    char *text = arena_str(p->a, buf_str(sql));

    buf_clear(sql);
    return text;
}

/* ---- columns ---- */

static bool note_typed(void *ctx, const struct store_row *row)
{
    struct planner *p = ctx;

    VEC_PUSH(p->a, p->columns.items, p->columns.n, p->n_columns) =
        arena_str(p->a, row_text(row, "name"));
    VEC_PUSH(p->a, p->types.items, p->types.n, p->n_types) =
        arena_str(p->a, row_text(row, "type"));
    return true;
}

static enum rc read_table(struct planner *p, const char *table)
{
    const char *sql =
        store_engine(p->s) == STORE_POSTGRES
            ? "SELECT column_name AS name, data_type AS type"
              " FROM information_schema.columns"
              " WHERE table_schema = current_schema AND table_name = :t"
              " ORDER BY ordinal_position"
            : "SELECT name, type FROM pragma_table_info(:t) ORDER BY cid";

    p->columns = p->types = (struct texts){0};
    p->n_columns = p->n_types = 0;
    return store_each(p->s, sql, PARAMS(P_TEXT("t", table)), note_typed, p,
                      p->err);
}

/* The field that has this column, and which of its columns it is. */
static const struct field *field_with(const struct record_type *t,
                                      const char *column, size_t *which,
                                      struct arena *a)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], a, name);

        for (size_t k = 0; k < columns && f[i].type != TYPE_REFS; k++) {
            if (strcmp(name[k], column) != 0)
                continue;
            *which = k;
            return &f[i];
        }
    }
    return NULL;
}

static bool head_column(const char *column)
{
    static const char *const head[] = {"id",      "version", "state",
                                       "sort_en", "sort_fr", "sort_ar"};

    for (size_t i = 0; i < ARRAY_LEN(head); i++)
        if (strcmp(head[i], column) == 0)
            return true;
    return false;
}

/* SQLite knows no other way to give a column another type. */
static void change_type(struct planner *p, const struct record_type *t,
                        const char *c, const char *type)
{
    bool pg = store_engine(p->s) == STORE_POSTGRES;
    const char *table = t->name;

    step(p,
         pg ? arena_printf(p->a,
                           "ALTER TABLE %s ALTER COLUMN %s TYPE %s"
                           " USING CAST(%s AS %s)",
                           table, c, type, c, type)
            : arena_printf(p->a,
                           "ALTER TABLE %s ADD COLUMN %s__new %s;"
                           "UPDATE %s SET %s__new = CAST(%s AS %s);"
                           "ALTER TABLE %s DROP COLUMN %s;"
                           "ALTER TABLE %s RENAME COLUMN %s__new TO %s",
                           table, c, type, table, c, c, type, table, c, table,
                           c, c),
         arena_printf(p->a, "%s.%s", table, c), true);
}

static void compare_columns(struct planner *p, const struct record_type *t)
{
    for (size_t i = 0; i < p->columns.n; i++) {
        const char *c = p->columns.items[i], *type;
        size_t which = 0;
        const struct field *f = field_with(t, c, &which, p->a);

        if (head_column(c))
            continue;
        if (!f) {
            step(p,
                 arena_printf(p->a, "ALTER TABLE %s DROP COLUMN \"%s\"",
                              t->name, c),
                 arena_printf(p->a, "%s.%s", t->name, c), true);
            continue;
        }
        type = column_type(f, which, store_engine(p->s));
        if (strcasecmp(type, p->types.items[i]) != 0)
            change_type(p, t, c, type);
    }
}

static enum rc plan_refs(struct planner *p, const struct record_type *t,
                         const struct field *f)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 16};
    char *table = arena_printf(p->a, "%s_%s", t->name, f->name);
    struct texts there;
    enum rc rc = columns_present(p->s, table, p->a, &there, p->err);

    if (!rc && !there.n) {
        refs_ddl(t, f, store_engine(p->s), &sql);
        step(p, text_of(p, &sql), table, false);
    }
    return rc;
}

/* `whole`: the table itself is made anew with all its columns. */
static enum rc add_fields(struct planner *p, const struct record_type *t,
                          bool whole)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 16};
    size_t n;
    const struct field *f = t->fields(&n);
    enum rc rc = RC_OK;

    for (int i = 0; i < RECORD_LANGS && record_sorted(t) && !whole; i++)
        if (!listed(&p->columns, sort_columns[i]))
            step(p,
                 arena_printf(p->a, "ALTER TABLE %s ADD COLUMN %s %s", t->name,
                              sort_columns[i],
                              store_engine(p->s) == STORE_POSTGRES ? "BYTEA"
                                                                   : "BLOB"),
                 arena_printf(p->a, "%s.%s", t->name, sort_columns[i]), false);
    for (size_t i = 0; i < n && !rc; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], p->a, name);

        if (f[i].type == TYPE_REFS) {
            rc = plan_refs(p, t, &f[i]);
            continue;
        }
        for (size_t k = 0; k < columns && !whole; k++) {
            if (listed(&p->columns, name[k]))
                continue;
            column_ddl(t, &f[i], name[k], k, store_engine(p->s), &sql);
            step(p, text_of(p, &sql),
                 arena_printf(p->a, "%s.%s", t->name, name[k]), false);
        }
    }
    return rc;
}

/* ---- tables of lists that are no longer declared ---- */

static bool list_table(const struct texts *columns)
{
    static const char *const own[] = {"owner", "position", "target"};

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (columns->n != ARRAY_LEN(own) ||
            strcmp(columns->items[i], own[i]) != 0)
            return false;
    return true;
}

static enum rc drop_lists(struct planner *p, const struct record_type *t,
                          const struct texts *tables)
{
    size_t n = strlen(t->name);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < tables->n && !rc; i++) {
        const char *table = tables->items[i];
        const struct field *f;
        struct texts columns;

        if (strncmp(table, t->name, n) != 0 || table[n] != '_')
            continue;
        f = record_field(t, table + n + 1);
        if (f && f->type == TYPE_REFS)
            continue;
        rc = columns_present(p->s, table, p->a, &columns, p->err);
        if (!rc && list_table(&columns))
            step(p, arena_printf(p->a, "DROP TABLE %s", table),
                 arena_printf(p->a, "%s.%s", t->name, table + n + 1), true);
    }
    return rc;
}

/* ---- indexes ---- */

static enum rc read_names(struct planner *p, const char *pg, const char *sqlite,
                          struct texts *out)
{
    struct column_list l = {p->a, out, 0};

    *out = (struct texts){0};
    return store_each(p->s, store_engine(p->s) == STORE_POSTGRES ? pg : sqlite,
                      NO_PARAMS, note_column, &l, p->err);
}

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && strcmp(s + n - m, end) == 0;
}

static bool of_record(const char *index)
{
    size_t n;
    const struct record_type *const *types = record_types(&n);

    for (size_t i = 0; i < n; i++) {
        size_t m = strlen(types[i]->name);

        if (strncmp(index, types[i]->name, m) == 0 && index[m] == '_')
            return ends_in(index, "_unique") || ends_in(index, "_of_list");
    }
    return false;
}

/* Those of ours that no declaration asks for any more, before the columns
 * that they stand on. */
static void drop_indexes(struct planner *p, const struct texts *there,
                         const struct indexes *want)
{
    for (size_t i = 0; i < there->n; i++) {
        const char *name = there->items[i];
        bool wanted = false;

        for (size_t k = 0; k < want->n && !wanted; k++)
            wanted = strcmp(want->items[k].name, name) == 0;
        if (!wanted && of_record(name))
            step(p, arena_printf(p->a, "DROP INDEX %s", name), name, false);
    }
}

static void add_indexes(struct planner *p, const struct texts *there,
                        const struct indexes *want)
{
    for (size_t i = 0; i < want->n; i++)
        if (!listed(there, want->items[i].name))
            step(p, want->items[i].sql, want->items[i].name, false);
}

/* ---- all ---- */

static enum rc plan_record(struct planner *p, const struct record_type *t,
                           const struct texts *tables)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 20};
    enum rc rc = read_table(p, t->name);

    if (rc)
        return rc;
    if (!p->columns.n) {
        table_ddl(t, store_engine(p->s), &sql);
        step(p, text_of(p, &sql), t->name, false);
    } else {
        compare_columns(p, t);
    }
    rc = drop_lists(p, t, tables);
    if (rc)
        return rc;
    return add_fields(p, t, p->columns.n == 0);
}

static enum rc plan_common(struct planner *p, const struct texts *tables)
{
    static const char *const common[] = {"history", "revision", "revision_part",
                                         "search",
                                         "search_row"}; /* not on PostgreSQL */
    size_t n =
        ARRAY_LEN(common) - (store_engine(p->s) == STORE_POSTGRES ? 1 : 0);
    AUTO(buf) struct buf sql = {.ceiling = 1 << 20};

    for (size_t i = 0; i < n; i++) {
        if (listed(tables, common[i]))
            continue;
        record_common_ddl(store_engine(p->s), &sql); /* IF NOT EXISTS */
        step(p, text_of(p, &sql), common[i], false);
        return RC_OK;
    }
    return RC_OK;
}

static enum rc plan_order(struct planner *p, const struct texts *tables)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 16};
    enum rc rc = sort_plan(p->s, listed(tables, "sort_order"), &sql, p->err);

    if (!rc && sql.n)
        step(p, text_of(p, &sql), "sort_order", false);
    return rc;
}

enum rc migration_plan(struct store *s, struct arena *a, struct migration *out,
                       struct err *err)
{
    struct planner p = {.s = s, .a = a, .out = out, .err = err};
    struct texts tables, indexes;
    struct indexes want = {.a = a};
    size_t n;
    const struct record_type *const *types = record_types(&n);
    enum rc rc;

    *out = (struct migration){0};
    rc = read_names(&p,
                    "SELECT table_name AS name FROM information_schema.tables"
                    " WHERE table_schema = current_schema ORDER BY table_name",
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                    " ORDER BY name",
                    &tables);
    if (!rc)
        rc = read_names(&p,
                        "SELECT indexname AS name FROM pg_indexes WHERE"
                        " schemaname = current_schema ORDER BY indexname",
                        "SELECT name FROM sqlite_master WHERE type = 'index'"
                        " AND sql IS NOT NULL ORDER BY name",
                        &indexes);
    if (!rc)
        rc = plan_common(&p, &tables);
    for (size_t i = 0; i < n; i++)
        record_indexes(types[i], &want);
    if (!rc)
        drop_indexes(&p, &indexes, &want);
    for (size_t i = 0; i < n && !rc; i++)
        rc = plan_record(&p, types[i], &tables);
    if (!rc)
        rc = plan_order(&p, &tables);
    if (!rc)
        add_indexes(&p, &indexes, &want);
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
        rc = sort_fill(s, err);
    if (!rc)
        return store_commit(s, err);
    store_rollback(s);
    return rc;
}
