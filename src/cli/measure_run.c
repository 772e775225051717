#include "cli/measure.h"

#include <math.h>

/* One value that was asked for. */
struct task {
    struct measure_target target;
    uint32_t period;
    bool local; /* on local environments */
};

static bool names_space(const struct measure *m)
{
    return m->needs & NEEDS_AREAS;
}

static struct node *parameters(const struct measuring *m, const struct task *t)
{
    struct node *p = node_object(m->c->arena);
    const struct spatial_options *o = &m->space_options;

    if (t->local) {
        const char *text = cli_option(m->c, "kernel");

        node_set(p, "kernel",
                 node_str(m->c->arena, (struct str){text, strcspn(text, ":")}));
        node_set_double(p, "bandwidth_m", o->kernel.bandwidth_m);
    }
    if (names_space(t->target.m)) {
        node_set_text(p, "contiguity",
                      o->contiguity == CONTIGUITY_ROOK ? "rook" : "queen");
        node_set_double(p, "distance_unit_m", o->distance_unit_m);
    }
    if (strcmp(t->target.m->code, "atkinson") == 0)
        node_set_double(p, "b", m->options.atkinson_b);
    if (m->options.log_base > 0)
        node_set_double(p, "log_base", m->options.log_base);
    if (m->options.flags & MEASURE_EXACT_ISOLATION)
        node_set_bool(p, "exact_isolation", true);
    if (m->options.flags & MEASURE_NORMALISED)
        node_set_bool(p, "normalised", true);
    return p;
}

static const char *scope_name(enum measure_scope scope)
{
    switch (scope) {
    case MEASURE_CITY:
        return "city";
    case MEASURE_GROUP:
        return "group";
    case MEASURE_PAIR:
        return "pair";
    case MEASURE_AREA:
        return "area";
    default:
        return "group-area";
    }
}

static struct node *result_of(const struct measuring *m, const struct task *t)
{
    struct node *r = node_object(m->c->arena), *p = parameters(m, t);
    const struct measure_target *target = &t->target;

    node_set_text(r, "code", target->m->code);
    node_set_text(r, "scope", scope_name(target->scope));
    if (m->spec.period)
        node_set_text(r, "period", dict_cstr(&m->matrix.periods, t->period));
    if (target->scope & (MEASURE_GROUP | MEASURE_PAIR | MEASURE_GROUP_AREA)) {
        node_set_text(r, "group",
                      dict_cstr(&m->matrix.groups, (uint32_t)target->group));
        node_set_text(
            r, "against",
            target->scope == MEASURE_PAIR
                ? dict_cstr(&m->matrix.groups, (uint32_t)target->against)
                : "rest");
    }
    if (node_len(p))
        node_set(r, "parameters", p);
    node_push(m->results, r);
    return r;
}

static void not_defined(struct node *r, enum rc rc)
{
    node_set(r, "value", node_null(r->arena));
    node_set_text(r, "why",
                  rc == RC_UNDEFINED ? "not defined for these data"
                  : rc == RC_USAGE   ? "needs what was not given"
                                     : "the data are not valid for it");
}

static enum rc compute(const struct measuring *m, const struct task *t,
                       double *out)
{
    struct counts c = matrix_counts(&m->matrix, t->period);
    const struct measure_target *g = &t->target;

    if (t->local || names_space(g->m))
        return measure_spatial(g->m, g->scope, &c, m->space, g->group,
                               g->against, &m->options, out);
    return measure_compute(g->m, g->scope, &c, g->group, g->against,
                           &m->options, out);
}

static void add_test(const struct measuring *m, const struct task *t,
                     struct node *r)
{
    struct counts c = matrix_counts(&m->matrix, t->period);
    struct measure_tested out;
    const char *refused = measure_model_refused(m->null_model, &t->target);

    if (refused) {
        node_set_text(r, "null_refused", refused);
        return;
    }
    if (measure_test(&t->target, &c, m->null_model, &m->options, &out, NULL))
        return;
    node_set_double(r, "expected", out.expected);
    node_set_double(r, "excess", out.excess);
    node_set_double(r, "null_sd", out.sd);
    node_set_double(r, "p", out.p_two);
    node_set_double(r, "p_error", out.p_error);
    node_set_int(r, "draws", (int64_t)out.draws);
    node_set_text(r, "null_model", measure_model_code(m->null_model));
}

static void add_interval(const struct measuring *m, const struct task *t,
                         struct node *r)
{
    struct counts c = matrix_counts(&m->matrix, t->period);
    struct measure_interval out;
    const char *refused = measure_model_refused(m->bootstrap, &t->target);

    if (refused) {
        node_set_text(r, "interval_refused", refused);
        return;
    }
    if (measure_bootstrap(&t->target, &c, m->bootstrap, m->level, &m->options,
                          &out, NULL))
        return;
    node_set_double(r, "bias", out.bias);
    node_set_double(r, "debiased", out.debiased);
    node_set_double(r, "se", out.se);
    node_set_double(r, "low", out.low);
    node_set_double(r, "high", out.high);
    if (!isnan(out.bca_low)) {
        node_set_double(r, "bca_low", out.bca_low);
        node_set_double(r, "bca_high", out.bca_high);
    }
    node_set_double(r, "level", out.level);
    node_set_int(r, "draws", (int64_t)out.draws);
    node_set_text(r, "resampled", measure_model_code(m->bootstrap));
}

static void run_one(const struct measuring *m, const struct task *t)
{
    double value = NAN;
    enum rc rc = compute(m, t, &value);
    struct node *r;

    /* with all of the catalogue asked for, what does not apply is left out */
    if (m->all && rc == RC_USAGE)
        return;
    r = result_of(m, t);
    if (rc) {
        not_defined(r, rc);
        return;
    }
    node_set_double(r, "value", value);
    if (m->test)
        add_test(m, t, r);
    if (m->interval)
        add_interval(m, t, r);
}

static void run_areas(const struct measuring *m, const struct task *t)
{
    double *values = arena_array(m->c->arena, double, m->matrix.units.n + 1);
    enum rc rc = compute(m, t, values);

    if (rc) {
        if (!m->all || rc != RC_USAGE)
            not_defined(result_of(m, t), rc);
        return;
    }
    for (uint32_t u = 0; u < m->matrix.units.n; u++) {
        struct node *r = result_of(m, t);

        node_set_text(r, "area", dict_cstr(&m->matrix.units, u));
        node_set_double(r, "value", values[u]);
    }
}

static bool group_asked(const struct measuring *m, size_t g)
{
    return m->group == DICT_NONE || m->group == g;
}

static void run_scope(struct measuring *m, struct task t,
                      enum measure_scope scope)
{
    size_t groups = m->matrix.groups.n;

    t.target.scope = scope;
    if (scope == MEASURE_CITY) {
        run_one(m, &t);
    } else if (scope == MEASURE_AREA) {
        run_areas(m, &t);
    } else if (scope == MEASURE_PAIR) {
        for (t.target.group = 0; t.target.group < groups; t.target.group++)
            for (t.target.against = 0; t.target.against < groups;
                 t.target.against++)
                if (group_asked(m, t.target.group) &&
                    t.target.group != t.target.against &&
                    (m->against == DICT_NONE || m->against == t.target.against))
                    run_one(m, &t);
    } else {
        for (t.target.group = 0; t.target.group < groups; t.target.group++) {
            if (!group_asked(m, t.target.group))
                continue;
            if (scope == MEASURE_GROUP)
                run_one(m, &t);
            else
                run_areas(m, &t);
        }
    }
}

static void measure_all_scopes(struct measuring *m, const struct measure *measure,
                        uint32_t period, bool local)
{
    struct task t = {
        .target = {.m = measure}, .period = period, .local = local};

    if (names_space(measure) || local)
        t.target.space = m->space;
    for (unsigned bit = 1; bit <= MEASURE_GROUP_AREA; bit <<= 1)
        if (measure->scopes & m->scopes & bit)
            run_scope(m, t, (enum measure_scope)bit);
}

/* What a selected measure needs and is not there is said once. */
static enum rc check_needs(const struct measuring *m, struct err *err)
{
    for (size_t i = 0; i < m->n_selected && !m->all; i++) {
        if (names_space(m->selected[i]) && !m->space)
            return err_set(err, RC_USAGE, N_("'%s' needs --areas"),
                           m->selected[i]->code);
        if (!(m->selected[i]->scopes & m->scopes))
            return err_set(err, RC_USAGE,
                           N_("'%s' has none of the scopes asked for; see "
                              "--scope and --list"),
                           m->selected[i]->code);
    }
    return RC_OK;
}

static void add_levels(struct measuring *m, uint32_t period)
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
    r = result_of(m, t);
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

    if (names_space(measure))
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
        if (group_asked(m, g))
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

        if (measure_change(&a, &b, (enum measure_change_method)k, 0,
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

static enum rc find_periods(struct measuring *m, struct err *err)
{
    const char *text = cli_option(m->c, "compare");
    const char *comma = text ? strchr(text, ',') : NULL;

    if (!text)
        return RC_OK;
    if (!m->spec.period || !comma)
        return err_set(err, RC_USAGE,
                       N_("--compare is P,Q, two periods of --period"));
    m->compare[0] = dict_find(&m->matrix.periods,
                              (struct str){text, (size_t)(comma - text)});
    m->compare[1] = dict_find(&m->matrix.periods, str_of(comma + 1));
    if (m->compare[0] == DICT_NONE || m->compare[1] == DICT_NONE)
        return err_set(err, RC_USAGE,
                       N_("the table does not have both periods of '%s'"),
                       text);
    return RC_OK;
}

static enum rc find_group(struct measuring *m, const char *option,
                          uint32_t *out, struct err *err)
{
    const char *text = cli_option(m->c, option);

    if (!text || strcmp(text, "rest") == 0)
        return RC_OK;
    *out = dict_find(&m->matrix.groups, str_of(text));
    if (*out == DICT_NONE)
        return err_set(err, RC_USAGE, N_("the table has no group '%s'"), text);
    return RC_OK;
}

static enum rc prepare(struct measuring *m, struct err *err)
{
    enum rc rc = find_periods(m, err);

    if (!rc)
        rc = find_group(m, "group", &m->group, err);
    if (!rc)
        rc = find_group(m, "against", &m->against, err);
    if (!rc && m->against != DICT_NONE)
        m->scopes = (m->scopes & ~(unsigned)MEASURE_GROUP) | MEASURE_PAIR;
    if (!rc && !m->matrix.units.n)
        rc = err_set(err, RC_INVALID, N_("the table has no rows"));
    return rc ? rc : check_needs(m, err);
}

static bool step(struct measuring *m)
{
    return progress_at(&m->progress, N_("Measuring"),
                       (double)m->done++ / (double)MAX(m->planned, 1));
}

enum rc measuring_run(struct measuring *m, struct err *err)
{
    size_t periods = m->matrix.periods.n;
    enum rc rc = prepare(m, err);

    if (rc)
        return rc;
    m->planned = periods * m->n_selected * (1 + m->kernel);
    for (uint32_t p = 0; p < periods; p++) {
        struct counts c = matrix_counts(&m->matrix, p);

        if (m->space && spatial_prepare(m->space, &c))
            return err_set(err, RC_MEMORY, N_("not enough memory"));
        for (size_t i = 0; i < m->n_selected; i++) {
            const struct measure *measure = m->selected[i];

            if (!step(m))
                return RC_CANCELLED;
            if (names_space(measure) && !m->space)
                continue;
            if (strcmp(measure->code, "decomposition_within_between") == 0) {
                add_levels(m, p);
                continue;
            }
            measure_all_scopes(m, measure, p, false);
            if (m->kernel && !names_space(measure))
                measure_all_scopes(m, measure, p, true);
        }
    }
    for (size_t i = 0; m->compare[0] != DICT_NONE && i < m->n_selected; i++)
        if (!names_space(m->selected[i]) || m->space)
            compare_measure(m, m->selected[i]);
    if (m->compare[0] != DICT_NONE)
        add_change(m);
    return RC_OK;
}
