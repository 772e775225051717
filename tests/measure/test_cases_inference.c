/*
 * Published Monte Carlo figures: means and deviations under null models, and
 * bootstrap estimates. Five standard errors of ours are allowed beside the
 * tolerance of the row.
 */
#include "base/base.h"
#include "passerelle/measure_inference.h"
#include "peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { DRAWS = 1500 };

static const struct {
    const char *peer, *code;
    enum measure_scope scope;
} indices[] = {
    {"D", "dissimilarity", MEASURE_GROUP},
    {"Gini", "gini", MEASURE_GROUP},
    {"H two-group", "information_theory", MEASURE_GROUP},
    {"isolation", "isolation", MEASURE_GROUP},
    {"multigroup D", "dissimilarity", MEASURE_CITY},
    {"multigroup H", "information_theory", MEASURE_CITY},
    {"M", "mutual_information", MEASURE_CITY},
    {"H", "information_theory", MEASURE_CITY},
};

static bool target_of(const char *name, struct measure_target *t)
{
    for (size_t k = 0; k < ARRAY_LEN(indices); k++)
        if (strcmp(indices[k].peer, name) == 0) {
            *t = (struct measure_target){.m = measure_find(indices[k].code),
                                         .scope = indices[k].scope};
            return true;
        }
    return false;
}

struct figures {
    double value, mean, sd;
};

static struct figures figures(const struct measure_target *t,
                              const struct counts *c, enum measure_model model,
                              size_t draws)
{
    struct measure_options o = measure_defaults();
    struct measure_interval i;
    struct measure_tested d;

    o.draws = draws;
    o.threads = 2;
    if (model < MODEL_PERSONS) {
        assert_int_equal(measure_test(t, c, model, &o, &d, NULL), RC_OK);
        return (struct figures){d.value, d.expected, d.sd};
    }
    assert_int_equal(measure_bootstrap(t, c, model, 0.95, &o, &i, NULL), RC_OK);
    return (struct figures){i.value, i.value + i.bias, i.se};
}

/* "null distribution mean of multigroup D under person_permutation" */
static bool null_distribution(const struct peer *p, const struct matrix *m,
                              double *out, double *own)
{
    static const struct {
        const char *peer;
        enum measure_model model;
    } models[] = {{"evenness", MODEL_EVENNESS},
                  {"systematic", MODEL_SYSTEMATIC},
                  {"bootstrap", MODEL_UNITS},
                  {"person_permutation", MODEL_FIXED_MARGINS}};
    char what[8], name[32] = "", approach[32];
    const char *of = strstr(p->index, " of "), *under;
    struct measure_target t;
    struct figures f;
    size_t k = 0;

    if (!of || sscanf(p->index, "null distribution %7s", what) != 1 ||
        !param_text(p, "approach", approach, sizeof approach))
        return false;
    under = strstr(of, " under ");
    memcpy(name, of + 4, (size_t)(under - of - 4));
    while (k < ARRAY_LEN(models) && strcmp(models[k].peer, approach) != 0)
        k++;
    if (k == ARRAY_LEN(models) || !target_of(name, &t))
        return false;
    f = figures(&t, &m->c, models[k].model, DRAWS);
    *out = strcmp(what, "mean") == 0 ? f.mean : f.sd;
    *own = 5 * f.sd / sqrt(strcmp(what, "mean") == 0 ? DRAWS : 2.0 * DRAWS);
    return true;
}

/* Persons drawn anew: value less bias, standard error, bias. */
static bool bootstrap(const struct peer *p, const struct matrix *m, double *out,
                      double *own)
{
    char name[2] = {p->index[0], 0}, group[32];
    struct measure_target t;
    struct figures f;

    if (sscanf(p->index, "local segregation of %31s", group) == 1)
        t = (struct measure_target){.m = measure_find("local_segregation"),
                                    .scope = MEASURE_GROUP,
                                    .group = matrix_group(m, group)};
    else if (!target_of(name, &t))
        return false;
    f = figures(&t, &m->c, MODEL_PERSONS, 300);
    *own = 5 * f.sd / sqrt(300);
    if (strstr(p->index, "debiased"))
        *out = 2 * f.value - f.mean;
    else if (strstr(p->index, "bias"))
        *out = f.mean - f.value;
    else if (strstr(p->index, "standard error"))
        *out = f.sd;
    else
        return false;
    if (strstr(p->index, "standard error"))
        *own /= sqrt(2);
    return true;
}

static bool expected(const struct peer *p, const struct matrix *m, double *out,
                     double *own)
{
    bool d = strcmp(p->peer, "dissimilarity_expected") == 0;
    char fixed[8] = "true", name[2] = {p->index[0], 0};
    struct measure_target t;
    struct figures f;

    param_text(p, "fixed_margins", fixed, sizeof fixed);
    if (!target_of(d ? "D" : name, &t))
        return false;
    f = figures(&t, &m->c,
                strcmp(fixed, "true") == 0 ? MODEL_FIXED_MARGINS
                                           : MODEL_FREE_MARGINS,
                DRAWS);
    *out = f.mean;
    *own = 5 * f.sd / sqrt(DRAWS);
    return true;
}

/* "inline: 1000 units", {"per_unit": [1, 9]} */
static struct matrix alike_units(const struct peer *p)
{
    static double n[2000];
    struct matrix m = {.c = {1000, 2, n}, .n = n};
    char text[2][32];

    assert_int_equal(param_list(p, "per_unit", text, 2), 2);
    for (size_t i = 0; i < 2000; i++)
        n[i] = (double)strtol(text[i % 2], NULL, 10);
    return m;
}

static bool drawn(const struct peer *p, double *out, double *own)
{
    struct matrix m = strcmp(p->dataset, "inline: 1000 units") == 0
                          ? alike_units(p)
                          : peer_matrix(p);

    if (strcmp(p->peer, "simulate_null") == 0)
        return null_distribution(p, &m, out, own);
    if (strstr(p->peer, "(se=TRUE)"))
        return bootstrap(p, &m, out, own);
    return expected(p, &m, out, own);
}

static void published(void **state)
{
    assert_int_equal(peer_compare_drawn(PEER_INFERENCE, drawn), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(published)};

    if (!peer_open())
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
