/* measure: levels above the unit, and two periods beside each other. */
#include "cli/measure.h"

#include <string.h>

static const char WITHIN_BETWEEN[] = "decomposition_within_between";

/* Inside each part of a level: its share, M, H and entropy. */
static enum rc add_parts(struct measuring *m, uint32_t period, size_t k,
                         struct err *err)
{
    struct counts c = matrix_counts(&m->matrix, period);
    const struct dict *names = &m->matrix.level_names[k];
    struct measure_part *parts =
        arena_array(m->c->arena, struct measure_part, names->n + 1);
    struct measure_within all;
    enum rc rc = measure_within_between(&c, m->matrix.level[k], names->n,
                                        &m->options, &all, parts);

    for (uint32_t i = 0; i < (rc ? 1 : names->n); i++) {
        struct node *r =
            measuring_plain(m, WITHIN_BETWEEN, MEASURE_CITY, period);

        node_set_text(r, "part", "within");
        node_set_text(r, "level", m->spec.within[k]);
        if (rc)
            return measuring_note(m, r, "why", rc, err);
        node_set_text(r, "area", dict_cstr(names, i));
        node_set_double(r, "value", parts[i].m);
        node_set_double(r, "h", parts[i].h);
        node_set_double(r, "share", parts[i].share);
        node_set_double(r, "entropy", parts[i].entropy);
        node_set_double(r, "entropy_ratio", parts[i].entropy_ratio);
    }
    return RC_OK;
}

/* M and H between the parts of each level; the last are the units. */
static void add_levels(struct measuring *m, uint32_t period,
                       const double *values)
{
    size_t n = m->matrix.n_levels;

    for (size_t k = 0; k <= n; k++) {
        for (int h = 0; h < 2; h++) {
            struct node *r =
                measuring_plain(m, WITHIN_BETWEEN, MEASURE_CITY, period);

            node_set_text(r, "part", h ? "h" : "m");
            node_set_text(r, "level",
                          k < n          ? m->spec.within[k]
                          : m->spec.unit ? m->spec.unit
                                         : "unit");
            node_set_double(r, "value", values[h * (LEVELS_MOST + 1) + k]);
        }
    }
}

enum rc measuring_levels(struct measuring *m, uint32_t period, struct err *err)
{
    struct counts c = matrix_counts(&m->matrix, period);
    size_t n = m->matrix.n_levels;
    uint32_t *level;
    double values[2 * (LEVELS_MOST + 1)];
    enum rc rc;

    if (!n)
        return RC_OK;
    level = arena_try(m->c->arena, n * c.units + 1, sizeof *level);
    if (!level)
        return measuring_no_memory(err);
    for (size_t k = 0; k < n; k++)
        memcpy(level + k * c.units, m->matrix.level[k],
               c.units * sizeof *level);
    rc = measure_nested(&c, level, n, &m->options, values,
                        values + LEVELS_MOST + 1);
    if (rc)
        return measuring_note(
            m, measuring_plain(m, WITHIN_BETWEEN, MEASURE_CITY, period), "why",
            rc, err);
    add_levels(m, period, values);
    for (size_t k = 0; k < n && !rc; k++)
        rc = add_parts(m, period, k, err);
    return rc;
}

/* Q beside P, as every result of a comparison says it. */
static void put_periods(const struct measuring *m, struct node *r)
{
    node_set_text(r, "period", dict_cstr(&m->matrix.periods, m->compare[1]));
    node_set_text(r, "compared_with",
                  dict_cstr(&m->matrix.periods, m->compare[0]));
}

static void put_change(struct node *r, double value, double from, double to)
{
    node_set_double(r, "value", value);
    node_set_double(r, "from", from);
    node_set_double(r, "to", to);
}

/* The difference without a test, where there is none. */
static bool plain_difference(const struct measuring *m, const struct task *t,
                             struct node *r)
{
    struct counts c[2] = {matrix_counts(&m->matrix, m->compare[0]),
                          matrix_counts(&m->matrix, m->compare[1])};
    const struct measure_target *g = &t->target;
    double v[2] = {0, 0};

    for (int k = 0; k < 2; k++)
        if (g->space ? measure_spatial(g->m, g->scope, &c[k], g->space,
                                       g->group, g->against, &m->options, &v[k])
                     : measure_compute(g->m, g->scope, &c[k], g->group,
                                       g->against, &m->options, &v[k]))
            return false;
    put_change(r, v[1] - v[0], v[0], v[1]);
    return true;
}

static enum rc difference_note(struct measuring *m, const struct task *t,
                               struct node *r, enum rc rc, struct err *err)
{
    /* what does not apply is left out, as in one period */
    if (rc == RC_USAGE && !measuring_named(m, t->target.m)) {
        m->n_results--;
        return RC_OK;
    }
    if (rc != RC_MEMORY && plain_difference(m, t, r))
        return measuring_note(m, r, "interval_why", rc, err);
    return measuring_note(m, r, "why", rc, err);
}

static enum rc add_difference(struct measuring *m, const struct task *t,
                              struct err *err)
{
    struct counts a = matrix_counts(&m->matrix, m->compare[0]);
    struct counts b = matrix_counts(&m->matrix, m->compare[1]);
    enum measure_model model = m->interval ? m->bootstrap : MODEL_PERSONS;
    const char *refused = measure_model_refused(model, &t->target);
    struct node *r = measuring_result(m, t);
    struct measure_compared out;
    enum rc rc;

    put_periods(m, r);
    if (!refused)
        refused = heavy_draws_refused(m, t->target.m);
    if (refused && plain_difference(m, t, r)) {
        measuring_note_text(m, r, "interval_why", refused);
        return RC_OK;
    }
    rc = measure_compare(&t->target, &a, &b, m->space, COMPARE_BOOTSTRAP, model,
                         m->level, &m->options, &out);
    if (rc)
        return difference_note(m, t, r, rc, err);
    m->n_drawn++;
    put_change(r, out.b - out.a, out.a, out.b);
    node_set_double(r, "low", -out.high);
    node_set_double(r, "high", -out.low);
    node_set_double(r, "level", m->level);
    node_set_double(r, "p", out.p);
    node_set_double(r, "p_error", out.p_error);
    node_set_int(r, "draws", (int64_t)out.draws);
    if (out.undefined)
        node_set_int(r, "undefined", (int64_t)out.undefined);
    return RC_OK;
}

static bool group_compared(const struct measuring *m, const struct task *t)
{
    return measuring_group_asked(m, t->target.group) &&
           (t->target.scope == MEASURE_GROUP ||
            (t->target.group != t->target.against &&
             (m->against == DICT_NONE || m->against == t->target.against)));
}

static enum rc compare_scope(struct measuring *m, struct task t,
                             enum measure_scope scope, struct err *err)
{
    size_t groups = m->matrix.groups.n;
    size_t others = scope == MEASURE_PAIR ? groups : 1;
    enum rc rc = RC_OK;

    t.target.scope = scope;
    if (scope == MEASURE_CITY)
        return add_difference(m, &t, err);
    for (size_t i = 0; i < groups * others && !rc; i++) {
        t.target.group = i / others;
        t.target.against = i % others;
        if (group_compared(m, &t))
            rc = add_difference(m, &t, err);
    }
    return rc;
}

static enum rc compare_measure(struct measuring *m,
                               const struct measure *measure, struct err *err)
{
    static const enum measure_scope scopes[] = {MEASURE_CITY, MEASURE_GROUP,
                                                MEASURE_PAIR};
    struct task t = {.target = {.m = measure}};
    enum rc rc = RC_OK;

    if (measuring_needs_space(measure))
        t.target.space = m->space;
    for (size_t i = 0; i < ARRAY_LEN(scopes) && !rc; i++)
        if (measure->scopes & m->scopes & scopes[i])
            rc = compare_scope(m, t, scopes[i], err);
    return rc;
}

/* Why M changed, by each method. */
static enum rc add_change(struct measuring *m, struct err *err)
{
    static const char *const methods[] = {"shapley", "km", "mrc"};
    struct counts a = matrix_counts(&m->matrix, m->compare[0]);
    struct counts b = matrix_counts(&m->matrix, m->compare[1]);
    enum rc rc = RC_OK;

    for (int k = 0; k < 3 && !rc; k++) {
        struct measure_change c;
        struct node *r =
            measuring_plain(m, "decomposition_change", MEASURE_CITY, 0);
        enum rc one = measure_change(&a, &b, (enum measure_change_method)k,
                                     m->precision, &m->options, &c);

        node_set_text(r, "method", methods[k]);
        put_periods(m, r);
        if (one) {
            rc = measuring_note(m, r, "why", one, err);
            continue;
        }
        put_change(r, c.difference, c.m1, c.m2);
        node_set_double(r, "additions", c.additions);
        node_set_double(r, "removals", c.removals);
        node_set_double(r, "group_marginal", c.group_marginal);
        node_set_double(r, "unit_marginal", c.unit_marginal);
        node_set_double(r, "interaction", c.interaction);
        node_set_double(r, "structural", c.structural);
    }
    return rc;
}

/* Why D of a group differs: its shares, or where units and persons lie. */
static enum rc add_shapley(struct measuring *m, size_t group, struct err *err)
{
    static const char *const methods[] = {"composition", "share",
                                          "dual_composition"};
    struct counts a = matrix_counts(&m->matrix, m->compare[0]);
    struct counts b = matrix_counts(&m->matrix, m->compare[1]);
    struct task t = {.target = {.m = measure_find("dissimilarity"),
                                .scope = MEASURE_GROUP,
                                .group = group}};
    enum rc rc = RC_OK;

    for (int k = 0; k < 3 && !rc; k++) {
        struct measure_shapley s;
        struct node *r = measuring_result(m, &t);
        enum rc one =
            measure_shapley(&t.target, &b, group, &a, NULL,
                            (enum measure_counterfactual)k, &m->options, &s);

        node_set_text(r, "code", "decomposition_shapley");
        node_set_text(r, "method", methods[k]);
        put_periods(m, r);
        if (one) {
            rc = measuring_note(m, r, "why", one, err);
            continue;
        }
        put_change(r, s.difference, s.s2_a2, s.s1_a1);
        node_set_double(r, "attribute", s.attribute);
        node_set_double(r, "spatial", s.spatial);
        node_set_double(r, "to_with_attribute_of_from", s.s1_a2);
        node_set_double(r, "from_with_attribute_of_to", s.s2_a1);
    }
    return rc;
}

static bool is_selected(const struct measuring *m, const char *code)
{
    for (size_t i = 0; i < m->n_selected; i++)
        if (strcmp(m->selected[i]->code, code) == 0)
            return true;
    return false;
}

/* Whether a measure has a difference: one value, of counts at hand. */
static bool comparable(struct measuring *m, const struct measure *measure)
{
    if (measure->needs & NEEDS_TWO)
        return false;
    if (strcmp(measure->code, WITHIN_BETWEEN) == 0)
        return false;
    return !measuring_needs_space(measure) ||
           (m->space && !heavy_left_out(m, measure));
}

enum rc measuring_comparison(struct measuring *m, struct err *err)
{
    enum rc rc = RC_OK;

    for (size_t i = 0; i < m->n_selected && !rc; i++) {
        if (!progress_at(&m->progress, N_("Comparing"),
                         (double)i / (double)m->n_selected))
            return RC_CANCELLED;
        if (comparable(m, m->selected[i]))
            rc = compare_measure(m, m->selected[i], err);
    }
    if (!rc && is_selected(m, "decomposition_change"))
        rc = add_change(m, err);
    for (size_t g = 0; g < m->matrix.groups.n && !rc; g++)
        if (is_selected(m, "decomposition_shapley") &&
            measuring_group_asked(m, g))
            rc = add_shapley(m, g, err);
    return rc ? rc : extra_compare(m, err);
}
