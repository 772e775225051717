/*
 * curves.c: segregation over growing environments, on the true counts.
 *
 * Spatial information theory H of a group against everyone else (Reardon and
 * O'Sullivan 2004) for each bandwidth (Reardon et al. 2008). Environments are
 * built once a bandwidth for all groups together.
 */
#include <math.h>
#include <stdlib.h>

#include "passerelle/measure_spatial.h"
#include "protect/build.h"

enum { ORIGINS_MOST = 12 };

const double release_bandwidth_m[RELEASE_BANDWIDTHS] = {500,  1000, 1500, 2000,
                                                        2500, 3000, 3500, 4000};

struct curves {
    struct release *r;
    struct areas areas;
    uint32_t origin[ORIGINS_MOST + 1]; /* the first: all migrants */
    size_t n;                          /* groups */
    double *all;                       /* area x (groups, everyone) */
};

struct ranked {
    int64_t size;
    uint32_t origin;
};

static int largest_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x->origin < y->origin ? -1 : x->origin > y->origin;
}

/* Persons of an origin, or of all migrants, in an area. */
static int64_t persons(const struct release *r, size_t a, uint32_t origin)
{
    const int64_t *row = r->raw[0] + a * r->n_origins;
    int64_t n = 0;

    if (origin != RELEASE_MIGRANTS)
        return row[origin];
    for (size_t o = 0; o < r->n_origins; o++)
        n += r->migrant[o] ? row[o] : 0;
    return n;
}

static int64_t size_of(const struct release *r, uint32_t origin)
{
    int64_t n = 0;

    for (size_t a = 0; a < r->n_areas; a++)
        n += persons(r, a, origin);
    return n;
}

static void groups_choose(struct curves *c)
{
    const struct release *r = c->r;
    struct ranked *ranked =
        arena_array(r->arena, struct ranked, r->n_origins + 1);
    size_t n = 0;

    for (uint32_t o = 0; o < r->n_origins; o++) {
        int64_t size = r->migrant[o] ? size_of(r, o) : 0;

        if (size > 0 && size >= r->options.measure_from)
            ranked[n++] = (struct ranked){size, o};
    }
    qsort(ranked, n, sizeof *ranked, largest_first);
    c->origin[c->n++] = RELEASE_MIGRANTS;
    for (size_t i = 0; i < n && c->n <= ORIGINS_MOST; i++)
        c->origin[c->n++] = ranked[i].origin;
}

/* False where an area of the table has no place. */
static bool areas_place(struct curves *c)
{
    const struct release *r = c->r;
    const struct geography *g = r->in->geography;
    const struct dict *ids = cube_dict(r->in->cube, DIM_AREA);
    double *x = arena_array(r->arena, double, r->n_areas + 1);
    double *y = arena_array(r->arena, double, r->n_areas + 1);

    for (uint32_t a = 0; a < r->n_areas; a++) {
        uint32_t i = dict_find(&g->ids, dict_text(ids, a));

        if (i == DICT_NONE)
            return false;
        x[a] = g->areas[i].x_m;
        y[a] = g->areas[i].y_m;
    }
    c->areas = (struct areas){.n = r->n_areas, .x_m = x, .y_m = y};
    return true;
}

static void counts_fill(struct curves *c)
{
    const struct release *r = c->r;
    size_t width = c->n + 1;

    c->all = arena_array(r->arena, double, r->n_areas *width + 1);
    for (size_t a = 0; a < r->n_areas; a++) {
        double *row = c->all + a * width;

        for (size_t k = 0; k < c->n; k++)
            row[k] = (double)persons(r, a, c->origin[k]);
        for (size_t o = 0; o < r->n_origins; o++)
            row[c->n] += (double)r->raw[0][a * r->n_origins + o];
    }
}

/* The group and everyone else, out of all columns. */
static void pair_of(const struct curves *c, const double *all, size_t k,
                    double *two)
{
    size_t width = c->n + 1;

    for (size_t a = 0; a < c->r->n_areas; a++) {
        two[2 * a] = all[a * width + k];
        /* sums in another order may differ in the last digit */
        two[2 * a + 1] = fmax(0, all[a * width + c->n] - two[2 * a]);
    }
}

static enum rc bandwidth_measure(struct curves *c, size_t b,
                                 struct release_curve *out)
{
    const struct measure *m = measure_find("information_theory");
    size_t n = c->r->n_areas;
    struct kernel k = kernel_of(SHAPE_BIWEIGHT, release_bandwidth_m[b]);
    struct counts all = {n, c->n + 1, c->all};
    double *smooth = arena_array(c->r->arena, double, n *(c->n + 1) + 1);
    double *two = arena_array(c->r->arena, double, 2 * n + 1);
    double *local = arena_array(c->r->arena, double, 2 * n + 1);
    struct environment *e = NULL;
    enum rc rc = environment_new(&c->areas, &k, 1, &e);

    if (!rc)
        rc = environment_apply(e, &all, smooth);
    for (size_t g = 0; g < c->n && !rc; g++) {
        struct counts pair = {n, 2, two};
        double v = NAN;

        pair_of(c, c->all, g, two);
        pair_of(c, smooth, g, local);
        rc = measure_local(m, MEASURE_GROUP, &pair, local, LOCAL_COMPOSITION, 0,
                           1, NULL, &v);
        if (rc == RC_UNDEFINED)
            rc = RC_OK;
        out[g].value[b] = release_round(c->r, v, 1e3);
    }
    environment_free(e);
    return rc;
}

enum rc curves_make(struct release *r, struct err *err)
{
    struct curves c = {.r = r};
    enum rc rc = RC_OK;

    if (!r->raw[0] || r->n_areas < 2 || !areas_place(&c))
        return RC_OK;
    groups_choose(&c);
    counts_fill(&c);
    r->curves = arena_array(r->arena, struct release_curve, c.n);
    for (size_t k = 0; k < c.n; k++)
        r->curves[k].origin = c.origin[k];
    for (size_t b = 0; b < RELEASE_BANDWIDTHS && !rc; b++)
        rc = bandwidth_measure(&c, b, r->curves);
    if (rc == RC_INVALID) { /* places that make no map: no curves */
        r->curves = NULL;
        return RC_OK;
    }
    if (rc)
        return err_set(err, rc, N_("the measures cannot be computed: %s"),
                       rc_name(rc));
    r->n_curves = c.n;
    return RC_OK;
}
