#include "intake/table.h"

static struct str column_at(const struct table *t, size_t i)
{
    return t->csv ? csv_column(t->csv, i) : foreign_column(t->foreign, i);
}

static size_t column_find(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->n_columns; i++)
        if (str_is(column_at(t, i), name))
            return i;
    return SIZE_MAX;
}

static void column_absent(struct table *t, const char *name, const char *what)
{
    struct arena *a = t->job->scratch;
    const char **names = arena_array(a, const char *, t->n_columns + 1);
    struct place where = {.file = t->file, .line = t->csv ? 1 : 0};
    AUTO(buf) struct buf all = {0};
    const char *best = NULL;
    unsigned least = 4;

    buf_init(&all, 600);
    for (size_t i = 0; i < t->n_columns; i++) {
        unsigned n = str_distance(column_at(t, i), str_of(name), least);

        names[i] = arena_str(a, column_at(t, i));
        if (n < least && n < strlen(name)) {
            least = n;
            best = names[i];
        }
        if (i && !all.failed)
            buf_adds(&all, ", ");
        buf_adds(&all, names[i]);
    }
    if (best)
        fault_add(t->job->faults, FAULT_COLUMN_ABSENT_NEAR, where, name, what,
                  best, buf_cstr(&all));
    else
        fault_add(t->job->faults, FAULT_COLUMN_ABSENT, where, name, what,
                  buf_cstr(&all));
}

static bool choose_columns(struct table *t)
{
    const struct resource *r = t->resource;
    bool ok = true;

    for (size_t i = 0; i < t->n_fields; i++) {
        const char *declared = pairs_find(&r->fields, t->fields[i].name);
        const char *name = declared ? declared : t->fields[i].name;

        t->column_name[i] = name;
        t->column[i] = column_find(t, name);
        if (t->column[i] == SIZE_MAX && (declared || t->fields[i].required)) {
            column_absent(t, name, t->fields[i].name);
            ok = false;
        }
        for (size_t k = 0; k < r->n_codes; k++)
            if (strcmp(r->codes[k].field, t->fields[i].name) == 0)
                t->codes[i] = &r->codes[k].map;
    }
    t->where_column = arena_array(t->job->scratch, size_t, r->n_where + 1);
    for (size_t i = 0; i < r->n_where; i++) {
        t->where_column[i] = column_find(t, r->where[i].column);
        if (t->where_column[i] == SIZE_MAX) {
            column_absent(t, r->where[i].column, "where");
            ok = false;
        }
    }
    return ok;
}

static enum rc open_foreign(struct table *t, const char *path)
{
    struct place where = {.file = t->file};
    const char *why, *first;
    enum rc rc =
        foreign_open(path, t->resource->table, t->job->a, &t->foreign, &why);

    if (rc == RC_NOT_FOUND)
        fault_add(t->job->faults, FAULT_LAYER_ABSENT, where, t->resource->table,
                  why);
    else if (rc == RC_INVALID)
        fault_add(t->job->faults, FAULT_FILE_UNREADABLE, where, why);
    if (rc)
        return rc == RC_MEMORY ? rc : RC_INVALID;
    if (!t->resource->table && foreign_layers(t->foreign, &first) > 1)
        fault_add(t->job->faults, FAULT_LAYERS_SEVERAL, where,
                  (int)foreign_layers(t->foreign, &first), first);
    t->n_columns = foreign_columns(t->foreign);
    t->own_row = arena_array(t->job->scratch, struct str, t->n_columns + 1);
    return RC_OK;
}

enum rc table_open(struct table *t, struct job *j, const struct resource *r,
                   const struct table_field *fields, size_t n_fields,
                   struct err *err)
{
    const char *path;
    enum rc rc;

    *t = (struct table){.job = j,
                        .resource = r,
                        .file = r->path,
                        .fields = fields,
                        .n_fields = n_fields};
    REQUIRE(n_fields <= TABLE_FIELDS);
    path = job_path(j, r);
    if (!path)
        return RC_INVALID;
    if (foreign_name(path)) {
        rc = open_foreign(t, path);
    } else {
        struct csv_options o = job_csv_options(j, r);

        rc = csv_open(&t->csv, path, t->file, &o, j->scratch, j->faults, err);
        t->n_columns = !rc && t->csv ? csv_columns(t->csv) : 0;
        if (!rc && t->n_columns == 0)
            rc = RC_INVALID; /* told by csv_open */
    }
    if (!rc && !choose_columns(t))
        rc = RC_INVALID;
    if (rc)
        table_close(t);
    return rc;
}

static enum rc next_row(struct table *t, bool *more, struct err *err)
{
    const struct csv_row *row = NULL;
    enum rc rc;

    if (t->foreign) {
        *more = foreign_next(t->foreign, t->own_row, &t->line);
        t->row = t->own_row;
        return RC_OK;
    }
    rc = csv_next(t->csv, &row, err);
    *more = !rc && row;
    if (*more) {
        t->row = row->field;
        t->line = row->line;
    }
    return rc;
}

static bool row_taken(const struct table *t)
{
    const struct resource *r = t->resource;

    for (size_t i = 0; i < r->n_where; i++) {
        struct str s = str_trim(t->row[t->where_column[i]]);
        bool found = false;

        for (size_t k = 0; k < r->where[i].n; k++)
            found |= str_is(s, r->where[i].values[k]);
        if (!found)
            return false;
    }
    return true;
}

enum rc table_next(struct table *t, bool *more, struct err *err)
{
    for (;;) {
        enum rc rc = next_row(t, more, err);

        if (rc || !*more)
            return rc;
        t->reading.rows++;
        if (row_taken(t)) {
            t->reading.taken++;
            return RC_OK;
        }
        t->reading.skipped++;
    }
}

bool table_has(const struct table *t, size_t field)
{
    return t->column[field] != SIZE_MAX;
}

struct str table_text(const struct table *t, size_t field)
{
    struct str s;

    if (!table_has(t, field))
        return STR("");
    s = str_trim(t->row[t->column[field]]);
    for (size_t i = 0; t->codes[field] && i < t->codes[field]->n; i++)
        if (str_is(s, t->codes[field]->from[i]))
            return str_of(t->codes[field]->to[i]);
    return s;
}

const char *table_copy(const struct table *t, size_t field)
{
    struct str s = table_text(t, field);

    return s.n ? arena_str(t->job->a, s) : "";
}

struct place table_place(const struct table *t, size_t field)
{
    return (struct place){.file = t->file,
                          .line = t->line,
                          .column =
                              table_has(t, field) ? t->column[field] + 1 : 0,
                          .field = t->column_name[field]};
}

static struct population_spec unknown_texts(const struct table *t)
{
    return (struct population_spec){.file = t->file,
                                    .n_missing = t->resource->n_missing,
                                    .missing = t->resource->missing,
                                    .n_suppressed = t->resource->n_suppressed,
                                    .suppressed = t->resource->suppressed};
}

bool table_unknown(const struct table *t, size_t field)
{
    struct str s =
        table_has(t, field) ? str_trim(t->row[t->column[field]]) : STR("");

    for (size_t i = 0; i < t->resource->n_missing; i++)
        if (str_is(s, t->resource->missing[i]))
            return true;
    for (size_t i = 0; i < t->resource->n_suppressed; i++)
        if (str_is(s, t->resource->suppressed[i]))
            return true;
    return false;
}

int64_t table_count(struct table *t, size_t field)
{
    struct population_spec spec = unknown_texts(t);
    struct str s = table_text(t, field);
    enum fault_kind kind = FAULT_COUNT_NOT_NUMBER;
    int64_t value = -1;

    switch (count_parse(s, &spec, &value, &kind)) {
    case COUNT_OK:
        return value;
    case COUNT_MISSING:
        t->reading.missing++;
        return -1;
    case COUNT_WITHHELD:
        t->reading.withheld++;
        return -1;
    case COUNT_FAULT:
        break;
    }
    fault_add(t->job->faults, kind, table_place(t, field),
              arena_str(t->job->scratch, s));
    return -1;
}

void table_close(struct table *t)
{
    if (t->csv)
        csv_close(t->csv);
    t->csv = NULL;
    foreign_close(t->foreign);
    t->foreign = NULL;
}

void cleanup_table(struct table *t)
{
    table_close(t);
}
