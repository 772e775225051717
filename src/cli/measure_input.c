#include "cli/measure_input.h"
#include "intake/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CELLS_MOST = 1 << 30 };

static const char REST[] = "(rest)";

/* Which column holds what; SIZE_MAX: none. */
struct columns {
    size_t unit, group, count, total, period, within[LEVELS_MOST];
    size_t where[WHERE_COUNT];
    size_t *wide; /* by group */
};

/* Cells as they come: the matrix is laid out when all names are known. */
struct reading_cell {
    uint32_t unit, group, period;
    double n;
};

struct reader {
    const struct matrix_spec *spec;
    struct csv *csv;
    struct arena *a;
    struct faults *faults;
    struct matrix *m;
    struct columns at;
    struct reading_cell *cells;
    size_t n, cap;
    size_t level_cap, unit_cap, where_cap;
    enum rc rc; /* sticky: memory, limit */
};

static const char *all_columns(const struct reader *r)
{
    AUTO(buf) struct buf text = {.ceiling = 2000};

    for (size_t i = 0; i < csv_columns(r->csv); i++) {
        if (i)
            buf_adds(&text, ", ");
        buf_add(&text, csv_column(r->csv, i));
    }
    return arena_strdup(r->a, buf_cstr(&text));
}

static size_t find_column(struct reader *r, const char *name)
{
    size_t i;

    if (!name)
        return SIZE_MAX;
    i = csv_find(r->csv, name);
    if (i == SIZE_MAX)
        fault_add(r->faults, FAULT_MATRIX_COLUMN,
                  (struct place){r->spec->file, 1, 0, name}, name,
                  all_columns(r));
    return i;
}

static void find_columns(struct reader *r)
{
    const struct matrix_spec *s = r->spec;

    r->at.unit = find_column(r, s->unit);
    r->at.group = find_column(r, s->group);
    r->at.count = find_column(r, s->count);
    r->at.total = find_column(r, s->total);
    r->at.period = find_column(r, s->period);
    for (size_t k = 0; k < s->n_within; k++)
        r->at.within[k] = find_column(r, s->within[k]);
    for (size_t k = 0; k < WHERE_COUNT; k++)
        r->at.where[k] = find_column(r, s->where[k]);
    r->at.wide = arena_array(r->a, size_t, s->n_groups + 1);
    for (size_t g = 0; g < s->n_groups; g++) {
        r->at.wide[g] = find_column(r, s->groups[g]);
        dict_intern(&r->m->groups, str_of(s->groups[g]));
    }
    if (s->total)
        dict_intern(&r->m->groups, str_of(REST));
}

static void bad_number(struct reader *r, const struct csv_row *row,
                       size_t column, enum fault_kind kind)
{
    fault_add(r->faults, kind,
              (struct place){r->spec->file, row->line, column + 1,
                             arena_str(r->a, csv_column(r->csv, column))},
              arena_str(r->a, str_trim(row->field[column])));
}

static bool read_number(struct reader *r, const struct csv_row *row,
                        size_t column, double *v)
{
    if (str_double(str_trim(row->field[column]), v) && *v >= 0 && isfinite(*v))
        return true;
    bad_number(r, row, column, FAULT_MATRIX_NUMBER);
    return false;
}

/* Room for `want` units in the matrix of every period seen so far. */
static enum rc matrix_room(struct reader *r, size_t want)
{
    struct matrix *m = r->m;
    size_t groups = m->groups.n, cap = MAX(r->unit_cap, 64);

    while (cap < want)
        cap *= 2;
    if (cap > CELLS_MOST / MAX(groups, 1))
        return RC_LIMIT;
    for (; r->m->n_matrices < m->periods.n; r->m->n_matrices++) {
        size_t p = r->m->n_matrices;

        m->n = arena_grow(r->a, m->n, p * sizeof *m->n, (p + 1) * sizeof *m->n);
        if (!m->n)
            return RC_MEMORY;
        m->n[p] = calloc(r->unit_cap * groups + 1, sizeof(double));
        if (!m->n[p])
            return RC_MEMORY;
    }
    for (size_t p = 0; p < r->m->n_matrices && cap > r->unit_cap; p++) {
        double *more = realloc(m->n[p], (cap * groups + 1) * sizeof *more);

        if (!more)
            return RC_MEMORY;
        m->n[p] = more;
        memset(more + r->unit_cap * groups, 0,
               (cap - r->unit_cap) * groups * sizeof *more);
    }
    r->unit_cap = cap;
    return RC_OK;
}

static void keep(struct reader *r, uint32_t unit, uint32_t group,
                 uint32_t period, double n)
{
    if (!r->spec->group) {
        r->m->n[period][unit * r->m->groups.n + group] += n;
        return;
    }
    if (r->n == r->cap) {
        size_t cap = MAX(r->cap * 2, 1024);
        struct reading_cell *more = realloc(r->cells, cap * sizeof *more);

        if (!more) {
            r->rc = RC_MEMORY;
            return;
        }
        r->cells = more;
        r->cap = cap;
    }
    r->cells[r->n++] = (struct reading_cell){unit, group, period, n};
}

static void note_levels(struct reader *r, const struct csv_row *row,
                        uint32_t unit)
{
    struct matrix *m = r->m;

    if (unit >= r->level_cap) {
        size_t cap = MAX(r->level_cap * 2, (size_t)unit + 64);

        for (size_t k = 0; k < m->n_levels; k++) {
            uint32_t *more = arena_array(r->a, uint32_t, cap);

            memset(more, 0xFF, cap * sizeof *more);
            if (r->level_cap)
                memcpy(more, m->level[k], r->level_cap * sizeof *more);
            m->level[k] = more;
        }
        r->level_cap = cap;
    }
    for (size_t k = 0; k < m->n_levels; k++) {
        struct str text = str_trim(row->field[r->at.within[k]]);
        uint32_t part = dict_intern(&m->level_names[k], text);
        uint32_t *old = &m->level[k][unit];

        if (*old != DICT_NONE && *old != part)
            fault_add(r->faults, FAULT_MATRIX_LEVEL,
                      (struct place){r->spec->file, row->line,
                                     r->at.within[k] + 1, r->spec->within[k]},
                      dict_cstr(&m->units, unit), arena_str(r->a, text),
                      dict_cstr(&m->level_names[k], *old));
        *old = part;
    }
}

/* The last row of a unit says where it lies. */
static void note_where(struct reader *r, const struct csv_row *row,
                       uint32_t unit)
{
    struct matrix *m = r->m;
    bool more = unit >= r->where_cap;
    size_t cap = more ? MAX(r->where_cap * 2, (size_t)unit + 64) : r->where_cap;

    for (size_t k = 0; k < WHERE_COUNT; k++) {
        double *v;

        if (r->at.where[k] == SIZE_MAX)
            continue;
        if (more) {
            m->where[k] =
                arena_grow(r->a, m->where[k], r->where_cap * sizeof(double),
                           cap * sizeof(double));
            if (!m->where[k]) {
                r->rc = RC_MEMORY;
                return;
            }
        }
        v = &m->where[k][unit];
        if (k >= WHERE_AREA)
            read_number(r, row, r->at.where[k], v);
        else if (!str_double(str_trim(row->field[r->at.where[k]]), v) ||
                 !isfinite(*v))
            bad_number(r, row, r->at.where[k], FAULT_MATRIX_COORDINATE);
    }
    r->where_cap = cap;
}

static void take_wide(struct reader *r, const struct csv_row *row,
                      uint32_t unit, uint32_t period)
{
    double sum = 0, v, total;

    for (size_t g = 0; g < r->spec->n_groups; g++) {
        if (!read_number(r, row, r->at.wide[g], &v))
            continue;
        keep(r, unit, (uint32_t)g, period, v);
        sum += v;
    }
    if (r->at.total == SIZE_MAX || !read_number(r, row, r->at.total, &total))
        return;
    if (sum > total * (1 + 1e-12)) {
        fault_add(r->faults, FAULT_MATRIX_OVER_TOTAL,
                  (struct place){r->spec->file, row->line, r->at.total + 1,
                                 r->spec->total},
                  dict_cstr(&r->m->units, unit),
                  arena_printf(r->a, "%.15g", sum),
                  arena_printf(r->a, "%.15g", total));
        return;
    }
    keep(r, unit, (uint32_t)r->spec->n_groups, period, MAX(total - sum, 0));
}

static void take_long(struct reader *r, const struct csv_row *row,
                      uint32_t unit, uint32_t period)
{
    struct str group = str_trim(row->field[r->at.group]);
    double v;

    if (read_number(r, row, r->at.count, &v))
        keep(r, unit, dict_intern(&r->m->groups, group), period, v);
}

static void take_row(struct reader *r, const struct csv_row *row, uint64_t n)
{
    struct matrix *m = r->m;
    char number[24];
    struct str name, period = STR("");
    uint32_t unit, when;

    if (r->at.unit == SIZE_MAX) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)n);
        name = str_of(number);
    } else {
        name = str_trim(row->field[r->at.unit]);
    }
    if (r->at.period != SIZE_MAX)
        period = str_trim(row->field[r->at.period]);
    unit = dict_intern(&m->units, name);
    when = dict_intern(&m->periods, period);
    note_levels(r, row, unit);
    note_where(r, row, unit);
    if (r->spec->group)
        take_long(r, row, unit, when);
    else if (!(r->rc = matrix_room(r, m->units.n)))
        take_wide(r, row, unit, when);
}

/* The long layout's cells, now that every group is known. */
static void lay_out(struct reader *r)
{
    size_t groups = r->m->groups.n;

    r->rc = matrix_room(r, r->m->units.n);
    for (size_t i = 0; i < r->n && !r->rc; i++) {
        const struct reading_cell *c = &r->cells[i];

        r->m->n[c->period][c->unit * groups + c->group] += c->n;
    }
}

static enum rc read_rows(struct reader *r, struct err *err)
{
    const struct csv_row *row;
    uint64_t n = 0;
    enum rc rc;

    while (!(rc = csv_next(r->csv, &row, err)) && row && !r->rc)
        take_row(r, row, ++n);
    if (!rc && !r->rc)
        lay_out(r);
    if (r->rc == RC_LIMIT)
        return err_set(err, RC_LIMIT,
                       N_("%zu units and %zu groups are too many cells"),
                       r->m->units.n, r->m->groups.n);
    if (r->rc)
        return err_set(err, r->rc, N_("the table does not fit in memory"));
    return rc;
}

enum rc matrix_read(const struct matrix_spec *spec, struct arena *a,
                    struct faults *faults, struct matrix *out, struct err *err)
{
    struct csv_options options = {0};
    struct reader r = {.spec = spec, .a = a, .faults = faults, .m = out};
    AUTO(csv) struct csv *csv = NULL;
    enum rc rc =
        csv_open(&csv, spec->file, spec->file, &options, a, faults, err);

    if (rc)
        return rc;
    r.csv = csv;
    *out = (struct matrix){.n_levels = spec->n_within};
    dict_init(&out->units, a);
    dict_init(&out->groups, a);
    dict_init(&out->periods, a);
    for (size_t k = 0; k < spec->n_within; k++)
        dict_init(&out->level_names[k], a);
    find_columns(&r);
    if (faults_any(faults))
        return RC_INVALID;
    rc = read_rows(&r, err);
    free(r.cells);
    if (rc)
        return rc;
    return faults_any(faults) ? RC_INVALID : RC_OK;
}

void matrix_free(struct matrix *m)
{
    for (size_t p = 0; p < m->n_matrices; p++)
        free(m->n[p]);
    m->n_matrices = 0;
}

struct counts matrix_counts(const struct matrix *m, uint32_t period)
{
    REQUIRE(period < m->periods.n);
    return (struct counts){m->units.n, m->groups.n, m->n[period]};
}
