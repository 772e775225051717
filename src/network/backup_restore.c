/*
 * Rows of a backup into an empty database. Tables are filled in an order in
 * which each refers only to those before it; a row that refers to its own table
 * gets that reference after all rows are there.
 */
#include "network/account.h"
#include "network/backup_file.h"
#include "record/keep.h"
#include "record/sql.h"

#include <stdlib.h>

enum { COLUMNS_MOST = 128, PASSES_MOST = 32 };

struct restoring {
    struct store *s;
    struct arena *a;
    const char **tables; /* of the database */
    size_t n_tables;
    const char *only;  /* the table of this pass */
    const char *table; /* now being read; NULL: skipped */
    const char *columns[COLUMNS_MOST];
    struct store_param params[COLUMNS_MOST];
    size_t n;
    const char *insert, *update;
    bool later[COLUMNS_MOST]; /* refers to its own table */
    bool second;              /* the pass that sets those */
};

/* ---- order ---- */

struct edge {
    const char *from, *to, *column;
};
struct edges {
    struct arena *a;
    struct edge *items;
    size_t n, cap;
};

static bool take_edge(void *ctx, const struct store_row *row)
{
    struct edges *e = ctx;

    VEC_PUSH(e->a, e->items, e->n, e->cap) =
        (struct edge){arena_str(e->a, row_text(row, "from_table")),
                      arena_str(e->a, row_text(row, "to_table")),
                      arena_str(e->a, row_text(row, "from_column"))};
    return true;
}

static enum rc read_edges(struct store *s, struct edges *e, struct err *err)
{
    return store_each(
        s,
        store_engine(s) == STORE_POSTGRES
            ? "SELECT c.conrelid::regclass::text AS from_table,"
              " c.confrelid::regclass::text AS to_table,"
              " a.attname AS from_column FROM pg_constraint c"
              " JOIN pg_attribute a ON a.attrelid = c.conrelid"
              " AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"
              " AND c.connamespace = current_schema()::regnamespace"
            : "SELECT m.name AS from_table, f.\"table\" AS to_table,"
              " f.\"from\" AS from_column FROM sqlite_master m,"
              " pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
        NO_PARAMS, take_edge, e, err);
}

static bool ready(const struct edges *e, const char *table,
                  const char *const *done, size_t n)
{
    for (size_t i = 0; i < e->n; i++) {
        bool there = strcmp(e->items[i].to, table) == 0;

        if (strcmp(e->items[i].from, table) != 0)
            continue;
        for (size_t k = 0; k < n && !there; k++)
            there = strcmp(done[k], e->items[i].to) == 0;
        if (!there)
            return false;
    }
    return true;
}

static bool listed(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static enum rc sort_tables(struct restoring *r, const struct edges *e,
                           struct err *err)
{
    const char **out = arena_array(r->a, const char *, r->n_tables);
    size_t n = 0;

    for (bool more = true; more && n < r->n_tables;) {
        more = false;
        for (size_t i = 0; i < r->n_tables; i++) {
            if (listed(out, n, r->tables[i]) || !ready(e, r->tables[i], out, n))
                continue;
            out[n++] = r->tables[i];
            more = true;
        }
    }
    if (n < r->n_tables)
        return err_set(err, RC_FAILED,
                       N_("the tables refer to each other in a circle"));
    r->tables = out;
    return RC_OK;
}

/* ---- rows ---- */

static enum rc hear_table(void *ctx, const char *name, struct err *err)
{
    struct restoring *r = ctx;

    r->table = strcmp(name, r->only) == 0 ? r->only : NULL;
    if (!listed(r->tables, r->n_tables, name))
        return err_set(err, RC_INVALID,
                       N_("the backup has a table '%s' that this version does "
                          "not know"),
                       name);
    return RC_OK;
}

static bool plain_name(const char *s)
{
    for (const char *p = s; *p; p++)
        if (!(*p == '_' || (*p >= 'a' && *p <= 'z') ||
              (*p >= '0' && *p <= '9')))
            return false;
    return *s;
}

static void write_insert(struct restoring *r)
{
    AUTO(buf) struct buf names = {.ceiling = 1 << 16};
    AUTO(buf) struct buf values = {.ceiling = 1 << 16};
    AUTO(buf) struct buf set = {.ceiling = 1 << 16};

    for (size_t i = 0; i < r->n; i++) {
        buf_fmt(&names, "%s%s", i ? ", " : "", r->columns[i]);
        buf_fmt(&values, "%s:%s", i ? ", " : "", r->columns[i]);
        if (r->later[i])
            buf_fmt(&set, "%s%s = :%s", set.n ? ", " : "", r->columns[i],
                    r->columns[i]);
    }
    r->insert = arena_printf(r->a, "INSERT INTO %s (%s) VALUES (%s)", r->table,
                             buf_cstr(&names), buf_cstr(&values));
    r->update = set.n ? arena_printf(r->a, "UPDATE %s SET %s WHERE id = :id",
                                     r->table, buf_cstr(&set))
                      : NULL;
}

struct self {
    struct restoring *r;
    const struct edges *edges;
};

static enum rc hear_columns(void *ctx, size_t n, const char *const *names,
                            struct err *err)
{
    struct self *self = ctx;
    struct restoring *r = self->r;

    if (!r->table)
        return RC_OK;
    if (n > COLUMNS_MOST)
        return err_set(err, RC_LIMIT, N_("too many columns"));
    r->n = n;
    for (size_t i = 0; i < n; i++) {
        if (!plain_name(names[i]))
            return err_set(err, RC_INVALID, N_("'%s' is no column"), names[i]);
        r->columns[i] = arena_strdup(r->a, names[i]);
        r->later[i] = false;
        for (size_t k = 0; k < self->edges->n; k++) {
            const struct edge *e = &self->edges->items[k];

            r->later[i] |= strcmp(e->from, r->table) == 0 &&
                           strcmp(e->to, r->table) == 0 &&
                           strcmp(e->column, names[i]) == 0;
        }
    }
    write_insert(r);
    return RC_OK;
}

static enum rc hear_row(void *ctx, size_t n, const struct store_value *values,
                        struct err *err)
{
    struct self *self = ctx;
    struct restoring *r = self->r;

    if (!r->table || (r->second && !r->update))
        return RC_OK;
    for (size_t i = 0; i < n; i++) {
        r->params[i] = (struct store_param){r->columns[i], values[i]};
        if (r->later[i] && !r->second)
            r->params[i] = P_NULL(r->columns[i]);
    }
    return store_exec(r->s, r->second ? r->update : r->insert, r->params, n,
                      NULL, err);
}

static enum rc hear_table_of(void *ctx, const char *name, struct err *err)
{
    return hear_table(((struct self *)ctx)->r, name, err);
}

static enum rc fill_table(struct restoring *r, const struct edges *e,
                          const char *path, const char *table, bool second,
                          struct backup_count *count, struct err *err)
{
    struct self self = {r, e};
    const struct backup_reader reader = {&self, hear_table_of, hear_columns,
                                         hear_row};

    r->only = table;
    r->second = second;
    r->table = NULL;
    return backup_read(path, &reader, count, err);
}

static bool refers_to_itself(const struct edges *e, const char *table)
{
    for (size_t i = 0; i < e->n; i++)
        if (strcmp(e->items[i].from, table) == 0 &&
            strcmp(e->items[i].to, table) == 0)
            return true;
    return false;
}

/* ---- after the rows ---- */

struct indexing {
    struct restoring *r;
    const struct record_type *type;
    int64_t *ids;
    size_t n, cap;
};

static bool take_id(void *ctx, const struct store_row *row)
{
    struct indexing *x = ctx;

    VEC_PUSH(x->r->a, x->ids, x->n, x->cap) = row_int(row, "id", 0);
    return true;
}

static enum rc index_type(struct restoring *r, const struct record_type *t,
                          struct err *err)
{
    struct indexing x = {.r = r, .type = t};
    AUTO(buf) struct buf sql = {.ceiling = 256};
    enum rc rc;

    buf_fmt(&sql, "SELECT id FROM %s ORDER BY id", t->name);
    rc = store_each(r->s, buf_cstr(&sql), NO_PARAMS, take_id, &x, err);
    for (size_t i = 0; i < x.n && !rc; i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        void *record = arena_alloc(a, t->size);

        rc = record_load(r->s, t, x.ids[i], a, record, err);
        if (!rc)
            rc = search_write(r->s, t, NULL, record, err);
        if (!rc && record_sorted(t))
            rc = sort_write(r->s, t, record, a, err);
    }
    return rc;
}

/* New rows must not take numbers that are in use: SQLite counts by itself. */
static enum rc set_counters(struct restoring *r, struct err *err)
{
    enum rc rc = RC_OK;

    for (size_t i = 0;
         store_engine(r->s) == STORE_POSTGRES && !rc && i < r->n_tables; i++) {
        int64_t has = 0;

        rc = store_int(r->s,
                       "SELECT count(*) FROM information_schema.columns WHERE"
                       " table_schema = current_schema AND table_name = :t"
                       " AND column_name = 'id' AND is_identity = 'YES'",
                       PARAMS(P_TEXT("t", r->tables[i])), &has, err);
        if (!rc && has)
            rc = store_script(
                r->s,
                arena_printf(r->a,
                             "SELECT setval(pg_get_serial_sequence('%s', 'id'),"
                             " (SELECT coalesce(max(id), 0) + 1 FROM %s),"
                             " false)",
                             r->tables[i], r->tables[i]),
                err);
    }
    return rc;
}

static enum rc make_tables(struct restoring *r, struct err *err)
{
    struct migration m;
    int64_t rows = 0;
    enum rc rc = migration_plan(r->s, r->a, &m, err);

    if (!rc)
        rc = migration_apply(r->s, &m, NULL, 0, err);
    if (!rc)
        rc = network_tables(r->s, err);
    if (!rc)
        rc = backup_tables(r->s, r->a, &r->tables, &r->n_tables, err);
    for (size_t i = 0; i < r->n_tables && !rc && !rows; i++)
        if (strcmp(r->tables[i], "setting") != 0)
            rc = store_int(
                r->s,
                arena_printf(r->a, "SELECT count(*) FROM %s", r->tables[i]),
                NO_PARAMS, &rows, err);
    if (!rc && rows)
        return err_set(err, RC_CONFLICT,
                       N_("this database is not empty; restore into a new "
                          "one"));
    return rc;
}

static enum rc fill(struct restoring *r, const char *path,
                    struct backup_count *out, struct err *err)
{
    struct edges e = {.a = r->a};
    size_t n;
    const struct record_type *const *types = record_types(&n);
    enum rc rc = read_edges(r->s, &e, err);

    if (!rc)
        rc = sort_tables(r, &e, err);
    if (!rc)
        rc = store_exec(r->s, "DELETE FROM setting", NO_PARAMS, NULL, err);
    for (size_t i = 0; i < r->n_tables && !rc; i++) {
        rc = fill_table(r, &e, path, r->tables[i], false, out, err);
        if (!rc && refers_to_itself(&e, r->tables[i]))
            rc = fill_table(r, &e, path, r->tables[i], true, out, err);
    }
    for (size_t i = 0; i < n && !rc; i++)
        rc = index_type(r, types[i], err);
    return rc ? rc : set_counters(r, err);
}

enum rc backup_restore(struct store *s, const char *path,
                       struct backup_count *out, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct restoring r = {.s = s, .a = a};
    enum rc rc = backup_verify(path, out, err);

    if (!rc)
        rc = make_tables(&r, err);
    if (!rc)
        rc = store_begin(s, true, err);
    if (rc)
        return rc;
    rc = fill(&r, path, out, err);
    if (!rc)
        return store_commit(s, err);
    store_rollback(s);
    return rc;
}
