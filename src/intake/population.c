/* The population table: from the descriptor to the cube. */
#include "intake/database.h"
#include "intake/job.h"
#include "space/foreign_table.h"

static const char *const dim_fields[DIM_COUNT] = {"area", "origin", "sex",
                                                  "age", "period"};

/* Dimensions that may be absent are read only when declared or when a column
 * has their very name: `columns` answers that. */
static void spec_columns(struct job *j, const struct resource *r,
                         bool (*has)(void *ctx, const char *name), void *ctx,
                         struct population_spec *out)
{
    for (int d = 0; d < DIM_COUNT; d++) {
        const char *declared = pairs_find(&r->fields, dim_fields[d]);

        if (r->wide && d == DIM_ORIGIN)
            continue;
        if (declared)
            out->column[d] = declared;
        else if (d <= DIM_ORIGIN || has(ctx, dim_fields[d]))
            out->column[d] = dim_fields[d];
        for (size_t i = 0; i < r->n_codes; i++)
            if (strcmp(r->codes[i].field, dim_fields[d]) == 0)
                out->codes[d] = r->codes[i].map;
    }
    if (!r->wide) {
        const char *declared = pairs_find(&r->fields, "count");

        out->count = declared ? declared : "count";
        return;
    }
    out->n_wide = r->columns.n;
    out->wide_column = arena_array(j->scratch, const char *, out->n_wide + 1);
    out->wide_origin = arena_array(j->scratch, const char *, out->n_wide + 1);
    for (size_t i = 0; i < out->n_wide; i++) {
        out->wide_column[i] = r->columns.items[i].key;
        out->wide_origin[i] = r->columns.items[i].value;
    }
}

static void spec_rest(const struct resource *r, struct population_spec *out)
{
    out->file = r->path;
    out->n_where = r->n_where;
    out->where = r->where;
    out->n_missing = r->n_missing;
    out->missing = r->missing;
    out->n_suppressed = r->n_suppressed;
    out->suppressed = r->suppressed;
}

static bool csv_has(void *ctx, const char *name)
{
    return csv_find(ctx, name) != SIZE_MAX;
}

static bool foreign_has(void *ctx, const char *name)
{
    const struct foreign_table *t = ctx;

    for (size_t i = 0; i < foreign_columns(t); i++)
        if (str_is(foreign_column(t, i), name))
            return true;
    return false;
}

static enum rc from_csv(struct job *j, const struct resource *r,
                        const char *path, struct population_spec *spec,
                        struct population_result *result, struct err *err)
{
    struct csv_options o = job_csv_options(j, r);
    struct faults unheard;
    struct csv *csv = NULL;
    enum rc rc;

    /* Its own faults come again, and are kept, when the table is read. */
    faults_init(&unheard, j->scratch);
    rc = csv_open(&csv, path, r->path, &o, j->scratch, &unheard, err);
    if (!rc)
        spec_columns(j, r, csv_has, csv, spec);
    csv_close(csv);
    if (rc == RC_INVALID) /* say so: the faults were not heard */
        rc = csv_open(&csv, path, r->path, &o, j->scratch, j->faults, err);
    if (rc)
        return rc;
    return population_read_csv(path, &o, spec, j->threads, j->progress, j->cube,
                               j->a, j->faults, result, err);
}

static enum rc foreign_rows(struct job *j, struct foreign_table *t,
                            const struct population_spec *spec,
                            struct population_result *result, struct err *err)
{
    size_t n = foreign_columns(t);
    struct str *row = arena_array(j->scratch, struct str, n + 1);
    struct str *header = arena_array(j->scratch, struct str, n + 1);
    struct population_table *p = NULL;
    uint64_t line;
    enum rc rc;

    for (size_t i = 0; i < n; i++)
        header[i] = foreign_column(t, i);
    rc = population_open(&p, spec, header, n, j->cube, j->a, j->faults, err);
    if (rc)
        return rc == RC_INVALID ? RC_OK : rc;
    while (!rc && foreign_next(t, row, &line))
        rc = population_row(p, row, n, line, err);
    if (rc) {
        struct population_result ignored;

        if (population_finish(p, &ignored, NULL))
            return rc;
        return rc;
    }
    return population_finish(p, result, err);
}

static enum rc from_foreign(struct job *j, const struct resource *r,
                            const char *path, struct population_spec *spec,
                            struct population_result *result, struct err *err)
{
    struct foreign_table *t = NULL;
    struct place where = {.file = r->path};
    const char *why, *first;
    enum rc rc = foreign_open(path, r->table, j->a, &t, &why);

    if (rc == RC_NOT_FOUND)
        fault_add(j->faults, FAULT_LAYER_ABSENT, where, r->table, why);
    else if (rc == RC_INVALID)
        fault_add(j->faults, FAULT_FILE_UNREADABLE, where, why);
    if (rc == RC_MEMORY)
        return err_set(err, rc, N_("not enough memory"));
    if (rc)
        return RC_OK;
    if (!r->table && foreign_layers(t, &first) > 1)
        fault_add(j->faults, FAULT_LAYERS_SEVERAL, where,
                  (int)foreign_layers(t, &first), first);
    spec_columns(j, r, foreign_has, t, spec);
    rc = foreign_rows(j, t, spec, result, err);
    foreign_close(t);
    return rc;
}

static void note_reading(struct job *j, const struct resource *r,
                         const struct population_result *result)
{
    struct reading *reading = job_reading(j, r);
    const struct dict *periods = cube_dict(j->cube, DIM_PERIOD);
    const struct package *p = j->package;

    reading->rows = result->rows;
    reading->taken = result->taken;
    reading->skipped = result->skipped;
    reading->missing = result->missing;
    reading->withheld = result->withheld;
    for (size_t i = 0; i < result->n_codes[DIM_PERIOD]; i++) {
        struct str text = dict_text(periods, (uint32_t)i);

        if (text.n && !(p->period && str_is(text, p->period)) &&
            !(p->compare && str_is(text, p->compare)))
            reading->rows_other_period += result->period_rows[i];
    }
}

/* In a database a column is there when it is declared. */
static bool declared_only(void *ctx, const char *name)
{
    return false;
}

enum rc read_population(struct job *j, const struct resource *r,
                        struct err *err)
{
    struct population_spec spec = {0};
    struct population_result result = {0};
    uint64_t before = faults_count(j->faults, SEVERITY_FAULT);
    const char *path = NULL;
    bool whole;
    enum rc rc;

    if (r->wide && r->columns.n == 0)
        return RC_OK; /* told when the descriptor was read */
    spec_rest(r, &spec);
    if (r->url) {
        spec_columns(j, r, declared_only, NULL, &spec);
        rc = database_population(j, r, &spec, &result, err);
    } else {
        path = job_path(j, r);
        if (!path)
            return RC_OK;
        rc = foreign_name(path) ? from_foreign(j, r, path, &spec, &result, err)
                                : from_csv(j, r, path, &spec, &result, err);
    }
    if (rc)
        return rc == RC_INVALID ? RC_OK : rc;
    note_reading(j, r, &result);
    whole = faults_count(j->faults, SEVERITY_FAULT) == before;
    if (whole && result.rows == 0)
        fault_add(j->faults, FAULT_TABLE_EMPTY, (struct place){.file = r->path},
                  "");
    rc = check_population(j, r, &result, whole, err);
    return rc || !whole ? rc : check_shares(j, r, err);
}
