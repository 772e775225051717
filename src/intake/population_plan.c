#include <stdlib.h>

#include "intake/population_decode.h"

static const char *const dim_names[DIM_COUNT] = {
    N_("area"), N_("origin"), N_("sex"), N_("age"), N_("period"),
};

/* The columns of the table, for a message: "a, b, c, ...". */
static const char *columns_text(const struct plan *p, struct arena *a)
{
    char *text = arena_strdup(a, "");

    for (size_t i = 0; i < p->n_columns; i++) {
        char name[64];

        if (i == 20)
            return arena_printf(a, "%s, …", text);
        excerpt(p->header[i], name, sizeof name);
        text = arena_printf(a, "%s%s%s", text, i ? ", " : "", name);
    }
    return text;
}

static const char *near_column(const struct plan *p, const char *name,
                               struct arena *a)
{
    unsigned limit = 2, best = limit + 1;
    const char *found = NULL;

    for (size_t i = 0; i < p->n_columns; i++) {
        unsigned d = str_distance(p->header[i], str_of(name), limit + 1);

        if (d < best && p->header[i].n > 2) {
            best = d;
            found = arena_str(a, p->header[i]);
        }
    }
    return found;
}

/* Puts the column on the list; false with a fault if it is not there. */
static bool need(struct plan *p, const char *name, const char *what,
                 struct arena *a, struct faults *faults)
{
    struct place place = {.file = p->spec->file, .line = 1};
    size_t at = SIZE_MAX;
    const char *near;

    for (size_t i = 0; i < p->n_columns; i++) {
        if (!str_is(p->header[i], name))
            continue;
        if (at != SIZE_MAX) {
            place.column = i + 1;
            fault_add(faults, FAULT_COLUMN_TWICE, place, name);
            return false;
        }
        at = i;
    }
    p->need[p->n_need++] = at;
    if (at != SIZE_MAX)
        return true;
    near = near_column(p, name, a);
    if (near)
        fault_add(faults, FAULT_COLUMN_ABSENT_NEAR, place, name, what, near,
                  columns_text(p, a));
    else
        fault_add(faults, FAULT_COLUMN_ABSENT, place, name, what,
                  columns_text(p, a));
    return false;
}

static bool begins_with_digit(const char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str s = str_trim(str_of(texts[i]));

        if (s.n && s.p[0] >= '0' && s.p[0] <= '9')
            return true;
    }
    return false;
}

static bool bind_columns(struct plan *p, struct arena *a, struct faults *faults)
{
    const struct population_spec *s = p->spec;
    bool ok = true;

    for (size_t i = 0; i < s->n_where; i++)
        ok &= need(p, s->where[i].column, "where", a, faults);
    for (int d = 0; d < DIM_COUNT; d++) {
        p->dim[d] = SIZE_MAX;
        if (!s->column[d])
            continue;
        p->dim[d] = p->n_need;
        ok &= need(p, s->column[d], dim_names[d], a, faults);
    }
    p->first_count = p->n_need;
    for (size_t i = 0; i < s->n_wide; i++)
        ok &= need(p, s->wide_column[i], N_("count"), a, faults);
    if (!s->n_wide)
        ok &= need(p, s->count, N_("count"), a, faults);
    p->n_counts = p->n_need - p->first_count;
    return ok;
}

enum rc plan_make(struct plan *p, const struct population_spec *spec,
                  const struct str *header, size_t n_columns, struct cube *cube,
                  struct arena *a, struct faults *faults, struct err *err)
{
    *p = (struct plan){.spec = spec, .header = header, .n_columns = n_columns};
    REQUIRE(spec->n_wide ? !spec->column[DIM_ORIGIN] : spec->count != NULL);
    p->n_where = spec->n_where;
    p->need = arena_try(a, spec->n_where + DIM_COUNT + spec->n_wide + 1,
                        sizeof *p->need);
    p->origin = arena_try(a, spec->n_wide + 1, sizeof *p->origin);
    if (!p->need || !p->origin)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    if (!bind_columns(p, a, faults))
        return err_set(err, RC_INVALID, N_("the input has faults"));
    for (int d = 0; d < DIM_COUNT; d++) {
        const struct code_map *m = &spec->codes[d];

        dict_init(&p->from[d], a);
        for (size_t i = 0; i < m->n; i++)
            dict_intern(&p->from[d], str_of(m->from[i]));
        if (p->dim[d] == SIZE_MAX && !(d == DIM_ORIGIN && spec->n_wide))
            p->constant[d] = cube_code(cube, (enum dim)d, STR(""));
    }
    for (size_t i = 0; i < spec->n_wide; i++)
        p->origin[i] =
            cube_code(cube, DIM_ORIGIN, str_of(spec->wide_origin[i]));
    p->digits_special = begins_with_digit(spec->missing, spec->n_missing) ||
                        begins_with_digit(spec->suppressed, spec->n_suppressed);
    return RC_OK;
}
