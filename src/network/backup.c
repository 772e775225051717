/* One snapshot into one file; see backup.h. */
#include "network/backup.h"
#include "network/backup_file.h"
#include "record/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* search and the order of lists are made anew; "nobody" of setting comes along
 * like any row. */
static bool wanted(const char *table)
{
    return strncmp(table, "search", 6) != 0 &&
           strcmp(table, "sort_order") != 0 &&
           strncmp(table, "sqlite_", 7) != 0;
}

struct names {
    struct arena *a;
    const char **items;
    size_t n, cap;
};

static bool note_name(void *ctx, const struct store_row *row)
{
    struct names *t = ctx;
    const char *name = arena_str(t->a, row_text(row, "name"));

    if (wanted(name))
        VEC_PUSH(t->a, t->items, t->n, t->cap) = name;
    return true;
}

enum rc backup_tables(struct store *s, struct arena *a, const char ***out,
                      size_t *n, struct err *err)
{
    struct names t = {.a = a};
    enum rc rc = store_each(
        s,
        store_engine(s) == STORE_POSTGRES
            ? "SELECT table_name AS name FROM information_schema.tables"
              " WHERE table_schema = current_schema"
              " AND table_type = 'BASE TABLE' ORDER BY table_name"
            : "SELECT name FROM sqlite_master WHERE type = 'table'"
              " ORDER BY name",
        NO_PARAMS, note_name, &t, err);

    *out = t.items;
    *n = t.n;
    return rc;
}

enum { ROWS_A_LOOK = 500 };
#define WRITING 0.7

struct watched {
    const struct backup_watch *watch;
    double from, step; /* of the table that is written */
    bool stopped;
};

static bool go_on(struct watched *w, double part)
{
    if (w->watch && !w->stopped)
        w->stopped = !w->watch->go_on(w->watch->ctx, w->from + w->step * part);
    return !w->stopped;
}

struct writing {
    struct backup_writer *w;
    struct watched *watched;
    bool named; /* the line of the columns was written */
    int64_t rows;
    enum rc rc;
};

static bool write_row(void *ctx, const struct store_row *row)
{
    struct writing *t = ctx;

    if (!t->named)
        backup_write_columns(t->w, row);
    t->named = true;
    backup_write_values(t->w, row);
    t->rows++;
    if (t->rows % ROWS_A_LOOK == 0 && !go_on(t->watched, 0.5))
        return false;
    return !backup_writer_failed(t->w);
}

static enum rc write_table(struct store *s, struct backup_writer *w,
                           struct watched *watched, const char *name,
                           struct backup_count *out, struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 1024};
    struct writing t = {.w = w, .watched = watched};
    enum rc rc;

    backup_write_table(w, name);
    buf_fmt(&sql, "SELECT * FROM \"%s\" ORDER BY 1", name);
    rc = store_each(s, buf_cstr(&sql), NO_PARAMS, write_row, &t, err);
    backup_write_end(w, t.rows);
    out->tables++;
    out->rows += t.rows;
    return rc;
}

static enum rc write_all(struct store *s, struct backup_writer *w,
                         struct watched *watched, struct backup_count *out,
                         struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const char **tables;
    size_t n;
    enum rc rc = store_begin(s, false, err);

    if (rc)
        return rc;
    rc = backup_tables(s, a, &tables, &n, err);
    for (size_t i = 0; i < n && !rc; i++) {
        watched->step = WRITING / (double)n;
        watched->from = (double)i * watched->step;
        if (go_on(watched, 0))
            rc = write_table(s, w, watched, tables[i], out, err);
        if (!rc && watched->stopped)
            rc = err_set(err, RC_CANCELLED, N_("interrupted"));
    }
    store_rollback(s);
    return rc;
}

enum rc backup_write(struct store *s, const char *path, int64_t now,
                     const struct backup_watch *watch, struct backup_count *out,
                     struct err *err)
{
    struct watched watched = {.watch = watch};
    AUTO(arena) struct arena *a = arena_new(0);
    char *part = arena_printf(a, "%s.part", path);
    struct backup_count read = {0};
    struct backup_writer w;
    enum rc rc = backup_writer_open(&w, part, now, err);

    *out = (struct backup_count){0};
    if (rc)
        return rc;
    rc = write_all(s, &w, &watched, out, err);
    rc = backup_writer_close(&w, rc, &out->bytes, err);
    watched.from = WRITING; /* the rest of the time it is read back */
    watched.step = 0;
    if (!rc && !go_on(&watched, 0))
        rc = err_set(err, RC_CANCELLED, N_("interrupted"));
    if (!rc)
        rc = backup_verify(part, &read, err);
    if (!rc && (read.rows != out->rows || read.tables != out->tables))
        rc = err_set(err, RC_IO,
                     N_("'%s' does not read back as it was "
                        "written"),
                     path);
    if (!rc)
        rc = backup_publish(part, path, err);
    if (rc)
        unlink(part);
    return rc;
}
