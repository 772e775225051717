/*
 * Published values of measures on counts: every row of expected.csv that needs
 * nothing but a matrix of counts, to its own tolerance.
 */
#include "base/str.h"
#include "peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static double value(const char *code, enum measure_scope scope,
                    const struct matrix *m, size_t group, size_t against,
                    const struct measure_options *o)
{
    const struct measure *what = measure_find(code);
    double v = NAN;

    assert_non_null(what);
    assert_int_equal(measure_compute(what, scope, &m->c, group, against, o, &v),
                     RC_OK);
    return v;
}

static double *values(const char *code, enum measure_scope scope,
                      const struct matrix *m, size_t group,
                      const struct measure_options *o)
{
    double *v = calloc(m->c.units, sizeof *v);

    assert_non_null(v);
    assert_int_equal(
        measure_compute(measure_find(code), scope, &m->c, group, 0, o, v),
        RC_OK);
    return v;
}

/* peer -> ours: one group against the rest, all groups, or one value a unit */
static const struct {
    const char *peer, *code;
    enum measure_scope scope;
    unsigned flags;
} map[] = {
    {"Dissim", "dissimilarity", MEASURE_GROUP, 0},
    {"Gini", "gini", MEASURE_GROUP, 0},
    {"Entropy", "information_theory", MEASURE_GROUP, 0},
    {"Atkinson", "atkinson", MEASURE_GROUP, 0},
    {"MinMax", "minmax", MEASURE_GROUP, 0},
    {"ConProf", "concentration_profile", MEASURE_GROUP, 0},
    {"CorrelationR", "correlation_ratio", MEASURE_GROUP, 0},
    {"Isolation", "isolation", MEASURE_GROUP, 0},
    {"Interaction", "interaction", MEASURE_GROUP, 0},
    {"DensityCorrectedDissim", "density_corrected_dissimilarity", MEASURE_GROUP,
     MEASURE_DENSITY_FROM_ZERO},
    {"BiasCorrectedDissim", "bias_corrected_dissimilarity", MEASURE_GROUP, 0},
    {"MultiDissim", "dissimilarity", MEASURE_CITY, 0},
    {"MultiGini", "gini", MEASURE_CITY, 0},
    {"MultiInfoTheory", "information_theory", MEASURE_CITY, 0},
    {"MultiDivergence", "mutual_information", MEASURE_CITY, 0},
    {"MultiDiversity", "shannon_diversity", MEASURE_CITY, 0},
    {"MultiNormExposure", "normalized_exposure", MEASURE_CITY, 0},
    {"MultiRelativeDiversity", "relative_diversity", MEASURE_CITY, 0},
    {"MultiSquaredCoefVar", "squared_coefficient_of_variation", MEASURE_CITY,
     0},
    {"SimpsonsConcentration", "simpson_concentration", MEASURE_CITY, 0},
    {"SimpsonsInteraction", "simpson_interaction", MEASURE_CITY, 0},
    {"MultiLocalDiversity", "shannon_diversity", MEASURE_AREA, 0},
    {"MultiLocalEntropy", "shannon_diversity", MEASURE_AREA,
     MEASURE_NORMALISED},
    {"MultiLocalSimpsonConcentration", "simpson_concentration", MEASURE_AREA,
     0},
    {"MultiLocalSimpsonInteraction", "simpson_interaction", MEASURE_AREA, 0},
    {"MultiLocationQuotient", "location_quotient", MEASURE_GROUP_AREA, 0},
    /* OasisR and seg, two groups */
    {"ISDuncan", "dissimilarity", MEASURE_GROUP, 0},
    {"HTheil", "information_theory", MEASURE_GROUP, 0},
    {"xPx", "isolation", MEASURE_GROUP, 0},
    {"dissim", "dissimilarity", MEASURE_GROUP, 0},
};

static bool mapped(const struct peer *p, const struct matrix *m, double *out)
{
    struct measure_options o = measure_defaults();
    char col[32], normalized[8];
    size_t k = 0, group = 0;
    double row, *v;

    while (k < ARRAY_LEN(map) && strcmp(map[k].peer, p->peer) != 0)
        k++;
    if (k == ARRAY_LEN(map))
        return false;
    o.flags = map[k].flags;
    if (param_text(p, "normalized", normalized, sizeof normalized) &&
        strcmp(normalized, "true") == 0)
        o.flags |= MEASURE_NORMALISED;
    param_number(p, "b", &o.atkinson_b);
    if (param_number(p, "m", &row))
        o.thresholds = (size_t)row;
    if (param_number(p, "B", &row))
        o.draws = (size_t)row;
    if (param_text(p, "col", col, sizeof col))
        group = matrix_group(m, col);
    if (!param_number(p, "row", &row)) {
        *out = value(map[k].code, map[k].scope, m, group, 0, &o);
        return true;
    }
    v = values(map[k].code, map[k].scope, m, group, &o);
    *out = v[(size_t)row];
    free(v);
    return true;
}

/* M, H and their parts, as the R package `segregation` names them. */
static bool mutual(const struct peer *p, const struct matrix *m, double *out)
{
    struct measure_options o = measure_defaults();
    bool h = p->index[0] == 'H' || strncmp(p->index, "Theil H", 7) == 0;

    param_number(p, "base", &o.log_base);
    *out = value(h ? "information_theory" : "mutual_information", MEASURE_CITY,
                 m, 0, 0, &o);
    return true;
}

/* The number of a school's state and district. */
static void level_of(const struct matrix *m, const struct csv *t,
                     const char *column, uint32_t *level, char name[][32],
                     size_t *names)
{
    size_t n = 0;

    for (size_t i = 0; i < t->rows; i++) {
        char key[64];
        size_t k = 0, u = 0;

        snprintf(key, sizeof key, "%s|", csv_text(t, i, "school"));
        if (i &&
            strcmp(csv_text(t, i, "school"), csv_text(t, i - 1, "school")) == 0)
            continue;
        while (strcmp(m->unit[u], key) != 0)
            REQUIRE(++u < m->c.units);
        while (k < n && strcmp(name[k], csv_text(t, i, column)) != 0)
            k++;
        if (k == n)
            snprintf(name[n++], 32, "%s", csv_text(t, i, column));
        level[u] = (uint32_t)k;
    }
    *names = n;
}

static bool within(const struct peer *p, const struct matrix *m, double *out)
{
    struct measure_options o = measure_defaults();
    const struct csv *t = peer_input("schools00.csv");
    uint32_t *level = calloc(m->c.units, sizeof *level);
    static char name[1024][32];
    struct measure_part part[1024];
    struct measure_within w;
    char state[8], what[16];
    size_t n;

    level_of(m, t, "state", level, name, &n);
    assert_int_equal(measure_within_between(&m->c, level, n, &o, &w, part),
                     RC_OK);
    free(level);
    if (strcmp(p->index, "M within states") == 0) {
        *out = w.m_within;
        return true;
    }
    if (strcmp(p->index, "H within states") == 0) {
        *out = w.h_within;
        return true;
    }
    if (sscanf(p->index, "within state %7s %15s", state, what) != 2)
        return false;
    for (size_t k = 0; k < n; k++)
        if (strcmp(name[k], state) == 0)
            *out = strcmp(what, "M") == 0   ? part[k].m
                   : strcmp(what, "p") == 0 ? part[k].share
                   : strcmp(what, "H") == 0 ? part[k].h
                                            : part[k].entropy_ratio;
    return true;
}

static bool nested(const struct peer *p, const struct matrix *m, double *out)
{
    struct measure_options o = measure_defaults();
    const struct csv *t = peer_input("schools00.csv");
    uint32_t *level = calloc(2 * m->c.units, sizeof *level);
    static char name[1024][32];
    double mm[3], hh[3];
    size_t n, k;

    level_of(m, t, "state", level, name, &n);
    level_of(m, t, "district", level + m->c.units, name, &n);
    assert_int_equal(measure_nested(&m->c, level, 2, &o, mm, hh), RC_OK);
    free(level);
    k = strstr(p->index, "school within")     ? 2
        : strstr(p->index, "district within") ? 1
                                              : 0;
    *out = p->index[7] == 'M' ? mm[k] : hh[k];
    return true;
}

static bool local(const struct peer *p, const struct matrix *m, double *out)
{
    struct measure_options o = measure_defaults();
    char group[32];
    double all = 0, of = 0;

    if (sscanf(p->index, "local segregation of %31s", group) == 1) {
        *out = value("local_segregation", MEASURE_GROUP, m,
                     matrix_group(m, group), 0, &o);
        return true;
    }
    if (sscanf(p->index, "share of %31s", group) != 1)
        return false;
    for (size_t i = 0; i < m->c.units * m->c.groups; i++) {
        all += m->n[i];
        if (i % m->c.groups == matrix_group(m, group))
            of += m->n[i];
    }
    *out = of / all;
    return true;
}

static bool exposure(const struct peer *p, const struct matrix *m, double *out)
{
    struct measure_options o = measure_defaults();
    char g[32], h[32];

    if (sscanf(p->index, "exposure of %31s to %31s", g, h) == 2) {
        *out = strcmp(g, h) == 0
                   ? value("isolation", MEASURE_GROUP, m, matrix_group(m, g), 0,
                           &o)
                   : value("interaction", MEASURE_PAIR, m, matrix_group(m, g),
                           matrix_group(m, h), &o);
        return true;
    }
    if (sscanf(p->index, "isolation of %31s", g) != 1)
        return false;
    *out = value("isolation", MEASURE_GROUP, m, matrix_group(m, g), 0, &o);
    return true;
}

static bool dissimilarity(const struct peer *p, const struct matrix *m,
                          double *out)
{
    struct measure_options o = measure_defaults();
    char g[2][32];

    if (param_list(p, "groups", g, 2) == 2)
        *out = value("dissimilarity", MEASURE_PAIR, m, matrix_group(m, g[0]),
                     matrix_group(m, g[1]), &o);
    else
        *out = value("dissimilarity", MEASURE_GROUP, m, 0, 0, &o);
    return true;
}

static bool entropy(const struct peer *p, const struct matrix *m, double *out)
{
    struct measure_options o = measure_defaults();

    param_number(p, "base", &o.log_base);
    *out = value("shannon_diversity", MEASURE_CITY, m, 0, 0, &o);
    /* H(group | unit) = H(group) - M */
    if (strcmp(p->peer, "entropy(within)") == 0)
        *out -= value("mutual_information", MEASURE_CITY, m, 0, 0, &o);
    return true;
}

static const struct {
    const char *peer;
    bool (*fn)(const struct peer *p, const struct matrix *m, double *out);
} r_segregation[] = {
    {"mutual_total", mutual},         {"mutual_total_nested", nested},
    {"mutual_within", within},        {"mutual_local", local},
    {"exposure", exposure},           {"isolation", exposure},
    {"dissimilarity", dissimilarity}, {"entropy", entropy},
    {"entropy(within)", entropy},
};

static bool count_value(const struct peer *p, double *out)
{
    struct matrix m = peer_matrix(p);
    char state[8];
    bool known = false;

    if (strcmp(p->program, "R segregation") != 0)
        known = mapped(p, &m, out);
    else if (param_text(p, "within", state, sizeof state))
        known = within(p, &m, out);
    else
        for (size_t k = 0; k < ARRAY_LEN(r_segregation) && !known; k++)
            if (strcmp(r_segregation[k].peer, p->peer) == 0)
                known = r_segregation[k].fn(p, &m, out);
    return known;
}

static void published(void **state)
{
    assert_int_equal(peer_compare(PEER_COUNTS, count_value), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(published)};

    if (!peer_open())
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
