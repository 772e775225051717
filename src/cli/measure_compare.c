/* measure: levels above the unit, and two periods beside each other. */
#include "cli/measure.h"

#include <string.h>

/* Inside each part of a level: its share, M, H and entropy. */
static void add_parts(struct measuring *m, uint32_t period, size_t k)
{
    struct counts c = matrix_counts(&m->matrix, period);
    const struct dict *names = &m->matrix.level_names[k];
    struct measure_part *parts =
        arena_array(m->c->arena, struct measure_part, names->n + 1);
    struct measure_within all;

    if (measure_within_between(&c, m->matrix.level[k], names->n, &m->options,
                               &all, parts))
        return;
    for (uint32_t i = 0; i < names->n; i++) {
        struct node *r = node_object(m->c->arena);

        node_set_text(r, "code", "decomposition_within_between");
        node_set_text(r, "scope", "city");
        node_set_text(r, "part", "within");
        node_set_text(r, "level", m->spec.within[k]);
        node_set_text(r, "area", dict_cstr(names, i));
        if (m->spec.period)
            node_set_text(r, "period", dict_cstr(&m->matrix.periods, period));
        node_set_double(r, "value", parts[i].m);
        node_set_double(r, "h", parts[i].h);
        node_set_double(r, "share", parts[i].share);
        node_set_double(r, "entropy", parts[i].entropy);
        node_set_double(r, "entropy_ratio", parts[i].entropy_ratio);
        node_push(m->results, r);
    }
}

void measuring_levels(struct measuring *m, uint32_t period)
{
    struct counts c = matrix_counts(&m->matrix, period);
    size_t n = m->matrix.n_levels;
    uint32_t *level;
    double values[2 * (LEVELS_MOST + 1)];

    if (!n)
        return;
    level = arena_array(m->c->arena, uint32_t, n * c.units + 1);
    for (size_t k = 0; k < n; k++)
        memcpy(level + k * c.units, m->matrix.level[k],
               c.units * sizeof *level);
    if (measure_nested(&c, level, n, &m->options, values,
                       values + LEVELS_MOST + 1))
        return;
    for (size_t k = 0; k <= n; k++) {
        for (int h = 0; h < 2; h++) {
            struct node *r = node_object(m->c->arena);

            node_set_text(r, "code", "decomposition_within_between");
            node_set_text(r, "scope", "city");
            node_set_text(r, "part", h ? "h" : "m");
            node_set_text(r, "level",
                          k < n          ? m->spec.within[k]
                          : m->spec.unit ? m->spec.unit
                                         : "unit");
            if (m->spec.period)
                node_set_text(r, "period",
                              dict_cstr(&m->matrix.periods, period));
            node_set_double(r, "value", values[h * (LEVELS_MOST + 1) + k]);
            node_push(m->results, r);
        }
    }
    for (size_t k = 0; k < n; k++)
        add_parts(m, period, k);
}

static void add_difference(struct measuring *m, const struct task *t)
{
    struct counts a = matrix_counts(&m->matrix, m->compare[0]);
    struct counts b = matrix_counts(&m->matrix, m->compare[1]);
    struct measure_compared out;
    struct node *r;

    if (measure_compare(&t->target, &a, &b, m->space, COMPARE_BOOTSTRAP,
                        m->interval ? m->bootstrap : MODEL_PERSONS, m->level,
                        &m->options, &out))
        return;
    r = measuring_result(m, t);
    node_set_text(r, "period", dict_cstr(&m->matrix.periods, m->compare[1]));
    node_set_text(r, "compared_with",
                  dict_cstr(&m->matrix.periods, m->compare[0]));
    node_set_double(r, "value", out.b - out.a);
    node_set_double(r, "from", out.a);
    node_set_double(r, "to", out.b);
    node_set_double(r, "low", -out.high);
    node_set_double(r, "high", -out.low);
    node_set_double(r, "level", m->level);
    node_set_double(r, "p", out.p);
    node_set_double(r, "p_error", out.p_error);
    node_set_int(r, "draws", (int64_t)out.draws);
}

static void compare_measure(struct measuring *m, const struct measure *measure)
{
    struct task t = {.target = {.m = measure}};

    if (measuring_needs_space(measure))
        t.target.space = m->space;
    if (measure->scopes & m->scopes & MEASURE_CITY) {
        t.target.scope = MEASURE_CITY;
        add_difference(m, &t);
    }
    t.target.scope = MEASURE_GROUP;
    for (size_t g = 0; g < m->matrix.groups.n &&
                       (measure->scopes & m->scopes & MEASURE_GROUP);
         g++) {
        t.target.group = g;
        if (measuring_group_asked(m, g))
            add_difference(m, &t);
    }
}

/* Why M changed, by each method. */
static void add_change(struct measuring *m)
{
    static const char *const methods[] = {"shapley", "km", "mrc"};
    struct counts a = matrix_counts(&m->matrix, m->compare[0]);
    struct counts b = matrix_counts(&m->matrix, m->compare[1]);

    for (int k = 0; k < 3; k++) {
        struct measure_change c;
        struct node *r = node_object(m->c->arena);

        if (measure_change(&a, &b, (enum measure_change_method)k, m->precision,
                           &m->options, &c))
            continue;
        node_set_text(r, "code", "decomposition_change");
        node_set_text(r, "scope", "city");
        node_set_text(r, "method", methods[k]);
        node_set_text(r, "period",
                      dict_cstr(&m->matrix.periods, m->compare[1]));
        node_set_text(r, "compared_with",
                      dict_cstr(&m->matrix.periods, m->compare[0]));
        node_set_double(r, "value", c.difference);
        node_set_double(r, "from", c.m1);
        node_set_double(r, "to", c.m2);
        node_set_double(r, "additions", c.additions);
        node_set_double(r, "removals", c.removals);
        node_set_double(r, "group_marginal", c.group_marginal);
        node_set_double(r, "unit_marginal", c.unit_marginal);
        node_set_double(r, "interaction", c.interaction);
        node_set_double(r, "structural", c.structural);
        node_push(m->results, r);
    }
}

/* Why D of a group differs: its shares, or where units and persons lie. */
static void add_shapley(struct measuring *m, size_t group)
{
    static const char *const methods[] = {"composition", "share",
                                          "dual_composition"};
    struct counts a = matrix_counts(&m->matrix, m->compare[0]);
    struct counts b = matrix_counts(&m->matrix, m->compare[1]);
    struct task t = {.target = {.m = measure_find("dissimilarity"),
                                .scope = MEASURE_GROUP,
                                .group = group}};

    for (int k = 0; k < 3; k++) {
        struct measure_shapley s;
        struct node *r;

        if (measure_shapley(&t.target, &b, group, &a, NULL,
                            (enum measure_counterfactual)k, &m->options, &s))
            continue;
        r = measuring_result(m, &t);
        node_set_text(r, "code", "decomposition_shapley");
        node_set_text(r, "method", methods[k]);
        node_set_text(r, "period",
                      dict_cstr(&m->matrix.periods, m->compare[1]));
        node_set_text(r, "compared_with",
                      dict_cstr(&m->matrix.periods, m->compare[0]));
        node_set_double(r, "value", s.difference);
        node_set_double(r, "from", s.s2_a2);
        node_set_double(r, "to", s.s1_a1);
        node_set_double(r, "attribute", s.attribute);
        node_set_double(r, "spatial", s.spatial);
        node_set_double(r, "to_with_attribute_of_from", s.s1_a2);
        node_set_double(r, "from_with_attribute_of_to", s.s2_a1);
    }
}

static bool is_selected(const struct measuring *m, const char *code)
{
    for (size_t i = 0; i < m->n_selected; i++)
        if (strcmp(m->selected[i]->code, code) == 0)
            return true;
    return false;
}

void measuring_comparison(struct measuring *m)
{
    for (size_t i = 0; i < m->n_selected; i++)
        if (!(m->selected[i]->needs & NEEDS_TWO) &&
            (!measuring_needs_space(m->selected[i]) || m->space))
            compare_measure(m, m->selected[i]);
    if (is_selected(m, "decomposition_change"))
        add_change(m);
    for (size_t g = 0; g < m->matrix.groups.n; g++)
        if (is_selected(m, "decomposition_shapley") &&
            measuring_group_asked(m, g))
            add_shapley(m, g);
}
