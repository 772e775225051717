/*
 * Published values of decompositions between periods and cities.
 */
#include "base/base.h"
#include "passerelle/measure_change.h"
#include "peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One matrix of the schools of both years, one of each year in its rows. */
struct two_years {
    struct counts c[2];
    double *n[2];
};

static struct two_years *schools(void)
{
    static struct two_years y;
    static const char *const unit[] = {"school"};
    struct matrix m[2];
    size_t groups, units, *row;

    if (y.n[0])
        return &y;
    m[0] = matrix_long(peer_input("schools00.csv"), unit, 1, "race", "n");
    m[1] = matrix_long(peer_input("schools05.csv"), unit, 1, "race", "n");
    groups = m[0].c.groups;
    assert_int_equal(groups, m[1].c.groups);
    units = m[0].c.units;
    row = calloc(m[1].c.units, sizeof *row);
    assert_non_null(row);
    for (size_t i = 0; i < m[1].c.units; i++) {
        size_t k = 0;

        while (k < m[0].c.units && strcmp(m[0].unit[k], m[1].unit[i]) != 0)
            k++;
        row[i] = k < m[0].c.units ? k : units++;
    }
    for (int p = 0; p < 2; p++) {
        y.n[p] = calloc(units * groups, sizeof *y.n[p]);
        assert_non_null(y.n[p]);
        y.c[p] = (struct counts){units, groups, y.n[p]};
        for (size_t i = 0; i < m[p].c.units; i++)
            for (size_t g = 0; g < groups; g++) {
                size_t to = matrix_group(&m[0], m[p].group[g]);

                y.n[p][(p ? row[i] : i) * groups + to] +=
                    m[p].n[i * groups + g];
            }
    }
    free(row);
    return &y;
}

static bool difference(const struct peer *p, double *out)
{
    static struct measure_change cache[3][2];
    static bool done[3][2];
    static const char *const methods[] = {"shapley", "km", "mrc"};
    struct measure_options o = measure_defaults();
    const char *part = strstr(p->index, ": ");
    char method[16] = "", group[16];
    /* The README's figures are those of the package's default precision. */
    bool precise = !param_text(p, "group", group, sizeof group);
    double precision = precise ? 1e-10 : 1e-3;
    struct measure_change *v;
    size_t k = 0;

    param_text(p, "method", method, sizeof method);
    while (k < 3 && strcmp(methods[k], method) != 0)
        k++;
    if (k == 3 || !part)
        return false;
    v = &cache[k][precise];
    if (!done[k][precise]) {
        struct two_years *y = schools();

        assert_int_equal(measure_change(&y->c[0], &y->c[1],
                                        (enum measure_change_method)k,
                                        precision, &o, v),
                         RC_OK);
        done[k][precise] = true;
    }
    part += 2;
    *out = strcmp(part, "M1") == 0               ? v->m1
           : strcmp(part, "M2") == 0             ? v->m2
           : strcmp(part, "diff") == 0           ? v->difference
           : strcmp(part, "additions") == 0      ? v->additions
           : strcmp(part, "removals") == 0       ? v->removals
           : strcmp(part, "group_marginal") == 0 ? v->group_marginal
           : strcmp(part, "unit_marginal") == 0  ? v->unit_marginal
           : strcmp(part, "interaction") == 0    ? v->interaction
           : strcmp(part, "structural") == 0     ? v->structural
                                                 : NAN;
    return !isnan(*out);
}

static bool ipf(const struct peer *p, double *out)
{
    static const char *const unit[] = {"occ"};
    const struct csv *t = peer_input("toy_ipf_karmel_maclachlan.csv");
    struct matrix from = matrix_long(t, unit, 1, "gender", "n");
    struct matrix to = matrix_long(t, unit, 1, "gender", "n_target");
    double u[3] = {0}, g[2] = {0}, fit[6];
    char gender[16], occ[8];

    if (sscanf(p->index, "IPF (Karmel-Maclachlan 1988) %15s occ %6s", gender,
               occ) != 2)
        return false;
    for (size_t k = 0; k < 6; k++) {
        u[k / 2] += to.n[k];
        g[k % 2] += to.n[k];
    }
    assert_int_equal(measure_ipf(&from.c, u, g, 1e-12, fit, NULL), RC_OK);
    *out = fit[(size_t)(occ[0] - '1') * 2 + matrix_group(&from, gender)];
    return true;
}

static bool shapley(const struct peer *p, double *out)
{
    static const char *const how[] = {"composition", "share",
                                      "dual_composition"};
    const struct csv *t = peer_input("sacramento.csv");
    double *n[2] = {calloc(2 * t->rows, sizeof *n[0]),
                    calloc(2 * t->rows, sizeof *n[1])};
    struct counts a = {t->rows, 2, n[0]}, b = {t->rows, 2, n[1]};
    struct measure_target d = {.m = measure_find("dissimilarity"),
                               .scope = MEASURE_GROUP};
    struct measure_options o = measure_defaults();
    struct measure_shapley s;
    char approach[32] = "";
    size_t k = 0;

    param_text(p, "approach", approach, sizeof approach);
    while (k < 3 && strcmp(how[k], approach) != 0)
        k++;
    if (k == 3)
        return false;
    for (size_t i = 0; i < t->rows; i++) {
        n[0][2 * i] = csv_number(t, i, "HISP");
        n[1][2 * i] = csv_number(t, i, "BLACK");
        for (int c = 0; c < 2; c++)
            n[c][2 * i + 1] = csv_number(t, i, "TOT_POP") - n[c][2 * i];
    }
    assert_int_equal(measure_shapley(&d, &a, 0, &b, NULL,
                                     (enum measure_counterfactual)k, &o, &s),
                     RC_OK);
    free(n[0]);
    free(n[1]);
    *out = strstr(p->index, "attribute") ? s.attribute
           : strstr(p->index, "spatial") ? s.spatial
           : strstr(p->index, "s1_a1")   ? s.s1_a1
           : strstr(p->index, "s1_a2")   ? s.s1_a2
           : strstr(p->index, "s2_a1")   ? s.s2_a1
           : strstr(p->index, "s2_a2")   ? s.s2_a2
                                         : NAN;
    return !isnan(*out);
}

static bool two_value(const struct peer *p, double *out)
{
    if (strcmp(p->peer, "mutual_difference") == 0)
        return difference(p, out);
    if (strcmp(p->peer, "ipf") == 0)
        return ipf(p, out);
    return shapley(p, out);
}

static void published(void **state)
{
    struct two_years *y = schools();

    assert_int_equal(peer_compare(PEER_TWO, two_value), 0);
    free(y->n[0]);
    free(y->n[1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(published)};

    if (!peer_open())
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
