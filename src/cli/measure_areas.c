/* Boundaries -> the arrays that measures of space take, in the order of the
 * table's units. */
#include "cli/measure.h"
#include "space/geography.h"

#include <math.h>

struct placing {
    struct measuring *m;
    const struct geography *g;
    uint32_t *area_of; /* unit -> area */
    uint32_t *unit_of; /* area -> unit, or DICT_NONE */
};

static void note_finding(void *ctx, const struct geography_report *r)
{
    struct measuring *m = ctx;

    if (r->finding == GEO_FIELD_ABSENT)
        fault_add(&m->faults, FAULT_MATRIX_COLUMN,
                  (struct place){cli_option(m->c, "areas"), 0, 0, r->text},
                  r->text, r->more);
}

static enum rc match_units(struct placing *p)
{
    const struct dict *units = &p->m->matrix.units;

    for (size_t i = 0; i < p->g->n; i++)
        p->unit_of[i] = DICT_NONE;
    for (uint32_t u = 0; u < units->n; u++) {
        uint32_t area = dict_find(&p->g->ids, dict_text(units, u));

        p->area_of[u] = area;
        if (area == DICT_NONE)
            fault_add(&p->m->faults, FAULT_MATRIX_UNIT_AREA,
                      (struct place){p->m->spec.file, 0, 0, p->m->spec.unit},
                      dict_cstr(units, u));
        else
            p->unit_of[area] = u;
    }
    return faults_any(&p->m->faults) ? RC_INVALID : RC_OK;
}

/* Links between areas as links between units; areas that are no unit go. */
static struct neighbours links_of(const struct placing *p,
                                  const struct links *from)
{
    struct arena *a = p->m->c->arena;
    size_t units = p->m->matrix.units.n, n = 0;
    size_t *start = arena_array(a, size_t, units + 1);
    uint32_t *to = arena_array(a, uint32_t, from->start[p->g->n] + 1);
    double *length = arena_array(a, double, from->start[p->g->n] + 1);

    for (size_t u = 0; u < units; u++) {
        uint32_t area = p->area_of[u];

        start[u] = n;
        for (size_t k = from->start[area]; k < from->start[area + 1]; k++) {
            if (p->unit_of[from->to[k]] == DICT_NONE)
                continue;
            to[n] = p->unit_of[from->to[k]];
            length[n++] = from->length_m[k];
        }
    }
    start[units] = n;
    return (struct neighbours){start, to, length};
}

static void fill(struct placing *p)
{
    struct measuring *m = p->m;
    size_t n = m->matrix.units.n;
    double *x = arena_array(m->c->arena, double, 4 * n + 1);

    for (size_t u = 0; u < n; u++) {
        const struct area *area = &p->g->areas[p->area_of[u]];

        x[u] = area->x_m;
        x[n + u] = area->y_m;
        x[2 * n + u] = area->area_m2;
        x[3 * n + u] = area->perimeter_m;
    }
    m->areas = (struct areas){.n = n,
                              .x_m = x,
                              .y_m = x + n,
                              .area_m2 = x + 2 * n,
                              .perimeter_m = x + 3 * n};
    m->areas.rook = links_of(p, &p->g->rook);
    m->areas.queen = links_of(p, &p->g->queen);
}

static enum rc make_space(struct measuring *m, struct err *err)
{
    enum rc rc = spatial_new(&m->areas, &m->space_options, &m->space);

    return rc ? err_set(err, rc,
                        N_("these areas cannot be measured: check the CRS and "
                           "--kernel, --bandwidths"))
              : RC_OK;
}

/* --x and --y: centroids of the table, taken as they are; no neighbours. */
static enum rc areas_of_columns(struct measuring *m, struct err *err)
{
    m->areas = (struct areas){.n = m->matrix.units.n,
                              .x_m = m->matrix.where[WHERE_X],
                              .y_m = m->matrix.where[WHERE_Y],
                              .area_m2 = m->matrix.where[WHERE_AREA],
                              .perimeter_m = m->matrix.where[WHERE_PERIMETER]};
    return make_space(m, err);
}

enum rc measuring_areas(struct measuring *m, struct err *err)
{
    const char *path = cli_option(m->c, "areas");
    const char *id = cli_option(m->c, "area-id");
    struct geography_source source = {.path = path,
                                      .id = id,
                                      .crs = cli_option(m->c, "crs"),
                                      .longitude = NAN,
                                      .latitude = NAN,
                                      .report = note_finding,
                                      .ctx = m};
    struct geography *g;
    struct placing p;
    enum rc rc;

    if (!path)
        return m->spec.where[WHERE_X] ? areas_of_columns(m, err) : RC_OK;
    if (!m->spec.unit)
        return err_set(err, RC_USAGE, N_("--areas needs --unit"));
    g = arena_new_of(m->c->arena, struct geography);
    rc = geography_read(&source, &m->progress, m->c->arena, g, err);
    if (rc)
        return rc == RC_INVALID && !faults_any(&m->faults)
                   ? err_set(err, rc,
                             N_("the boundaries of '%s' cannot be used: an "
                                "area is not valid, stands twice or overlaps "
                                "another; make a package of it and run "
                                "'passerelle check', which names each"),
                             path)
                   : rc;
    p = (struct placing){
        m, g, arena_array(m->c->arena, uint32_t, m->matrix.units.n + 1),
        arena_array(m->c->arena, uint32_t, g->n + 1)};
    rc = match_units(&p);
    if (rc)
        return rc;
    fill(&p);
    return make_space(m, err);
}
