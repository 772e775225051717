/*
 * Published values of measures on areas: every row of expected.csv that needs
 * more than a matrix of counts. A row that is not mapped fails the test.
 *
 * Tolerance: the row's own. PySAL rounds smoothed counts to whole numbers (see
 * README of the cases), so that its rows with a kernel are compared to 1e-4.
 */
#include "peer.h"
#include "town.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ROUNDED 1e-4

/* --- areas of each data set ------------------------------------------ */

static double *column(const struct csv *t, const char *name)
{
    double *v = malloc(t->rows * sizeof *v);

    assert_non_null(v);
    for (size_t i = 0; i < t->rows; i++)
        v[i] = csv_number(t, i, name);
    return v;
}

static struct neighbours links_from(const char *file, size_t n,
                                    const char *length)
{
    const struct csv *t = peer_input(file);
    uint32_t *from = malloc(t->rows * sizeof *from);
    uint32_t *to = malloc(t->rows * sizeof *to);
    double *metres = length ? column(t, length) : NULL;
    struct neighbours l;

    assert_non_null(from);
    assert_non_null(to);
    for (size_t k = 0; k < t->rows; k++) {
        from[k] = (uint32_t)csv_number(t, k, "row_i");
        to[k] = (uint32_t)csv_number(t, k, "row_j");
    }
    l = links_of(n, t->rows, from, to, metres);
    free(from);
    free(to);
    free(metres);
    return l;
}

static struct town sacramento(const char *unit)
{
    const struct csv *t = peer_input("sacramento.csv");
    struct town s = {0};
    char name[64];

    snprintf(name, sizeof name, "cx_%s", unit);
    s.x = column(t, name);
    snprintf(name, sizeof name, "cy_%s", unit);
    s.y = column(t, name);
    snprintf(name, sizeof name, "area_%s", unit);
    s.area = column(t, name);
    snprintf(name, sizeof name, "perim_%s", unit);
    s.perimeter = column(t, name);
    snprintf(name, sizeof name, "sacramento_shared_boundary_%s.csv", unit);
    s.a = (struct areas){
        .n = t->rows,
        .x_m = s.x,
        .y_m = s.y,
        .area_m2 = s.area,
        .perimeter_m = s.perimeter,
        .rook = links_from(name, t->rows, "shared_len"),
        .queen = links_from("sacramento_queen_pairs.csv", t->rows, NULL),
    };
    return s;
}

static struct town *town_of(const struct peer *p)
{
    static struct town degrees, metres, grid;
    struct town *t =
        strstr(p->dataset, "grid10") ? &grid
        : strstr(p->dataset, "EPSG") ? &metres
        : strstr(p->dataset, "lonlat") || strstr(p->dataset, "lon/lat")
            ? &degrees
            : NULL;

    assert_non_null(t);
    if (!t->a.n)
        *t = t == &grid     ? town_grid(10, 10, 1, 1)
             : t == &metres ? sacramento("utm")
                            : sacramento("deg");
    return t;
}

/* --- values ---------------------------------------------------------- */

static double one(const struct peer *p, const struct town *t,
                  const struct matrix *m, const char *code,
                  enum measure_scope scope, const struct spatial_options *s,
                  const struct measure_options *o)
{
    const struct measure *what = measure_find(code);
    struct spatial *space = NULL;
    double *v = calloc(t->a.n, sizeof *v), row = 0, out;

    assert_non_null(v);
    if (!what)
        fail_msg("no measure %s", code);
    assert_int_equal(spatial_new(&t->a, s, &space), RC_OK);
    if (measure_spatial(what, scope, &m->c, space, 0, 1, o, v) != RC_OK)
        fail_msg("%s: %s has no value", p->name, code);
    if (scope & (MEASURE_AREA | MEASURE_GROUP_AREA))
        param_number(p, "row", &row);
    out = v[(size_t)row];
    spatial_free(space);
    free(v);
    return out;
}

/* PySAL's names for the measures that it takes on smoothed counts. */
static const struct {
    const char *peer, *code;
    enum measure_scope scope;
} implicit[] = {
    {"Dissim", "dissimilarity", MEASURE_GROUP},
    {"Gini", "gini", MEASURE_GROUP},
    {"Entropy", "information_theory", MEASURE_GROUP},
    {"Atkinson", "atkinson", MEASURE_GROUP},
    {"MinMax", "minmax", MEASURE_GROUP},
    {"ConProf", "concentration_profile", MEASURE_GROUP},
    {"CorrelationR", "correlation_ratio", MEASURE_GROUP},
    {"Isolation", "isolation", MEASURE_GROUP},
    {"Interaction", "interaction", MEASURE_GROUP},
    {"DensityCorrectedDissim", "density_corrected_dissimilarity",
     MEASURE_GROUP},
    {"BiasCorrectedDissim", "bias_corrected_dissimilarity", MEASURE_GROUP},
    {"MultiDissim", "dissimilarity", MEASURE_CITY},
    {"MultiGini", "gini", MEASURE_CITY},
    {"MultiInfoTheory", "information_theory", MEASURE_CITY},
    {"MultiDivergence", "mutual_information", MEASURE_CITY},
    {"MultiDiversity", "shannon_diversity", MEASURE_CITY},
    {"MultiNormExposure", "normalized_exposure", MEASURE_CITY},
    {"MultiRelativeDiversity", "relative_diversity", MEASURE_CITY},
    {"MultiSquaredCoefVar", "squared_coefficient_of_variation", MEASURE_CITY},
    {"SimpsonsConcentration", "simpson_concentration", MEASURE_CITY},
    {"SimpsonsInteraction", "simpson_interaction", MEASURE_CITY},
};

/* "Dissim" or "compute_multiscalar_profile(MultiDissim)". */
static size_t implicit_of(const char *peer)
{
    char name[64];

    if (sscanf(peer, "compute_multiscalar_profile(%63[^)])", name) != 1)
        snprintf(name, sizeof name, "%s", peer);
    for (size_t k = 0; k < ARRAY_LEN(implicit); k++)
        if (strcmp(implicit[k].peer, name) == 0)
            return k;
    return SIZE_MAX;
}

static struct kernel pysal_kernel(const struct peer *p)
{
    static const struct {
        const char *name;
        enum kernel_shape shape;
    } shapes[] = {
        {"triangular", SHAPE_TRIANGULAR}, {"uniform", SHAPE_UNIFORM},
        {"quadratic", SHAPE_QUADRATIC},   {"quartic", SHAPE_BIWEIGHT},
        {"gaussian", SHAPE_GAUSSIAN},
    };
    struct kernel k = {0};
    char name[32];

    assert_true(param_text(p, "function", name, sizeof name) ||
                param_text(p, "kernel", name, sizeof name));
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (strcmp(shapes[i].name, name) == 0) {
            k = kernel_of(shapes[i].shape, 0);
            k.density = true;
            assert_true(param_number(p, "distance", &k.bandwidth_m));
            k.reach_m = k.bandwidth_m;
            return k;
        }
    fail_msg("%s: kernel %s", p->name, name);
    return k;
}

static bool smoothed(const struct peer *p, const struct town *t,
                     const struct matrix *m, double *out)
{
    struct spatial_options s = spatial_defaults();
    struct measure_options o = measure_defaults();
    size_t k = implicit_of(p->peer);

    if (k == SIZE_MAX)
        return false;
    s.kernel = pysal_kernel(p);
    s.form = LOCAL_COUNTS;
    if (strcmp(implicit[k].peer, "DensityCorrectedDissim") == 0)
        o.flags |= MEASURE_DENSITY_FROM_ZERO;
    *out = one(p, t, m, implicit[k].code, implicit[k].scope, &s, &o);
    return true;
}

static bool explicitly(const struct peer *p, const struct town *t,
                       const struct matrix *m, double *out)
{
    static const struct {
        const char *peer, *code;
        enum measure_scope scope;
    } map[] = {
        {"Delta", "delta", MEASURE_GROUP},
        {"AbsoluteConcentration", "absolute_concentration", MEASURE_GROUP},
        {"RelativeConcentration", "relative_concentration", MEASURE_GROUP},
        {"AbsoluteCentralization", "absolute_centralization", MEASURE_GROUP},
        {"RelativeCentralization", "relative_centralization", MEASURE_GROUP},
        {"LocalRelativeCentralization", "local_relative_centralization",
         MEASURE_GROUP_AREA},
        {"SpatialDissim", "spatial_dissimilarity", MEASURE_GROUP},
        {"BoundarySpatialDissim", "boundary_dissimilarity", MEASURE_GROUP},
        {"PARDissim", "perimeter_area_dissimilarity", MEASURE_GROUP},
        {"SpatialProxProf", "spatial_proximity_profile", MEASURE_GROUP},
        {"LocalDistortion", "distortion", MEASURE_AREA},
        {"GlobalDistortion", "distortion", MEASURE_CITY},
    };
    struct spatial_options s = spatial_defaults();

    s.centre = CENTRE_CENTROIDS;
    /* Of all that PySAL has, only this class does so unless told. */
    s.row_standardised = strcmp(p->peer, "BoundarySpatialDissim") == 0;
    for (size_t k = 0; k < ARRAY_LEN(map); k++)
        if (strcmp(map[k].peer, p->peer) == 0) {
            *out = one(p, t, m, map[k].code, map[k].scope, &s, NULL);
            return true;
        }
    return false;
}

static bool oasisr(const struct peer *p, const struct town *t,
                   const struct matrix *m, double *out)
{
    struct spatial_options s = spatial_defaults();
    enum measure_scope scope = MEASURE_GROUP;
    const char *code = NULL;

    s.contiguity = strstr(p->params, "\"queen\":true") ? CONTIGUITY_QUEEN
                                                       : CONTIGUITY_ROOK;
    s.distance_unit_m = 1;
    s.self = SELF_ZERO;
    s.contact = CONTACT_NEIGHBOURS;
    s.interior_only = strstr(p->params, "\"int\"") != NULL;
    if (strcmp(p->peer, "ISMorrill") == 0)
        code = "spatial_dissimilarity";
    if (strcmp(p->peer, "ISWong") == 0)
        code = strstr(p->params, "\"w\"") ? "boundary_dissimilarity"
                                          : "perimeter_area_dissimilarity";
    if (strcmp(p->peer, "ACL") == 0)
        code = "absolute_clustering";
    if (strcmp(p->peer, "SP") == 0) {
        code = "spatial_proximity";
        scope = MEASURE_CITY;
        s.contact = CONTACT_DISTANCE;
    }
    if (!code)
        return false;
    *out = one(p, t, m, code, scope, &s, NULL);
    return true;
}

static bool r_seg(const struct peer *p, const struct town *t,
                  const struct matrix *m, double *out)
{
    struct spatial_options s = spatial_defaults();
    int of, with;
    double reach;

    /* Without a limit, seg's weight is exp(-2 d). */
    if (param_number(p, "maxdist", &reach))
        s.kernel = kernel_of(SHAPE_BIWEIGHT, reach);
    else
        s.kernel = kernel_of(SHAPE_EXPONENTIAL, 0.5);
    if (sscanf(p->index, "spatial exposure P[%d,%d]", &of, &with) == 2) {
        struct counts c = m->c;
        struct spatial *space = NULL;

        assert_int_equal(spatial_new(&t->a, &s, &space), RC_OK);
        assert_int_equal(
            of == with
                ? measure_spatial(measure_find("isolation"), MEASURE_GROUP, &c,
                                  space, (size_t)of - 1, 0, NULL, out)
                : measure_spatial(measure_find("interaction"), MEASURE_PAIR, &c,
                                  space, (size_t)of - 1, (size_t)with - 1, NULL,
                                  out),
            RC_OK);
        spatial_free(space);
        return true;
    }
    if (strncmp(p->index, "spatial ", 8) != 0)
        return false;
    *out = one(p, t, m,
               p->index[8] == 'D'   ? "dissimilarity"
               : p->index[8] == 'H' ? "information_theory"
                                    : "relative_diversity",
               MEASURE_CITY, &s, NULL);
    return p->index[8] == 'D' || p->index[8] == 'H' || p->index[8] == 'R';
}

static bool area_value(const struct peer *p, double *out)
{
    const struct town *t = town_of(p);
    struct matrix m = peer_matrix(p);

    if (strcmp(p->program, "OasisR") == 0)
        return oasisr(p, t, &m, out);
    if (strcmp(p->program, "R seg") == 0)
        return r_seg(p, t, &m, out);
    if (explicitly(p, t, &m, out))
        return true;
    return smoothed(p, t, &m, out);
}

static double tolerance(const struct peer *p)
{
    double d = 0;

    if (strcmp(p->program, "PySAL segregation") == 0 &&
        implicit_of(p->peer) != SIZE_MAX && param_number(p, "distance", &d) &&
        d > 0)
        return fmax(p->tol, ROUNDED);
    return p->tol;
}

static void published(void **state)
{
    int compared = 0, wrong = 0, unknown = 0;

    (void)state;
    for (size_t i = 0; i < peer_count(); i++) {
        struct peer p = peer_row(i);
        double got = NAN;

        if (p.kind != PEER_AREAS)
            continue;
        if (!area_value(&p, &got)) {
            unknown++;
            printf("# not mapped: %s %s | %s | %s | %s\n", p.name, p.program,
                   p.index, p.dataset, p.params);
            continue;
        }
        compared++;
        if (fabs(got - p.expected) <= tolerance(&p))
            continue;
        wrong++;
        printf(
            "# differs: %s %s | %s | %s | %s: %.17g, expected %.17g, "
            "off %.3g, tolerance %.3g\n",
            p.name, p.program, p.index, p.dataset, p.params, got, p.expected,
            fabs(got - p.expected), tolerance(&p));
    }
    printf("# %d rows compared, %d of them differ; %d not mapped\n", compared,
           wrong, unknown);
    assert_int_equal(wrong + unknown, 0);
    assert_true(compared > 300);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(published)};

    if (!peer_open())
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
