#include "base/thread.h"
#include "cli/measure.h"

#include <math.h>
#include <stdlib.h>

static enum rc compute(const struct measuring *m, const struct task *t,
                       double *out)
{
    struct counts c = matrix_counts(&m->matrix, t->period);
    const struct measure_target *g = &t->target;

    if (t->local)
        return measure_local(g->m, g->scope, &c, m->smooth,
                             m->space_options.form, g->group, g->against,
                             &m->options, out);
    if (measuring_needs_space(g->m))
        return measure_spatial(g->m, g->scope, &c, m->space, g->group,
                               g->against, &m->options, out);
    return measure_compute(g->m, g->scope, &c, g->group, g->against,
                           &m->options, out);
}

static void wait_for_draws(struct measuring *m, const struct task *t,
                           struct node *r)
{
    if (m->test || m->interval)
        VEC_PUSH(m->c->arena, m->pending, m->n_pending, m->pending_cap) =
            (struct pending){*t, r};
}

static enum rc show(struct measuring *m, const struct task *t, enum rc rc,
                    double value, struct err *err)
{
    struct node *r;

    /* with all of the catalogue asked for, what does not apply is left out */
    if (rc == RC_USAGE && !measuring_named(m, t->target.m))
        return RC_OK;
    r = measuring_result(m, t);
    if (rc)
        return measuring_note(m, r, "why", rc, err);
    node_set_double(r, "value", value);
    wait_for_draws(m, t, r);
    return m->bounds ? extra_bounds(m, t, r, err) : RC_OK;
}

static enum rc run_one(struct measuring *m, const struct task *t,
                       struct err *err)
{
    double value = NAN;
    enum rc rc = RC_OK;
    const double *known =
        t->target.scope == MEASURE_CITY ? passed_city(m, t, &rc) : NULL;

    if (known)
        value = *known;
    else
        rc = compute(m, t, &value);
    return show(m, t, rc, value, err);
}

/* Groups on environments, one a thread at a time. */
struct many {
    const struct measuring *m;
    const struct task *t;
    double *values;
    enum rc *rc;
};

static void one_group(void *ctx, size_t g, unsigned worker)
{
    struct many *k = ctx;
    struct task t = *k->t;

    (void)worker;
    t.target.group = g;
    k->rc[g] = compute(k->m, &t, &k->values[g]);
}

/* Every group at once where there was no pass over all measures. */
static enum rc all_groups(const struct measuring *m, const struct task *t,
                          double *values, enum rc *rc)
{
    struct counts c = matrix_counts(&m->matrix, t->period);
    struct many many = {m, t, values, rc};

    if (!t->local && measuring_needs_space(t->target.m))
        return measure_spatial_groups(t->target.m, &c, m->space, &m->options,
                                      values, rc);
    if (!t->local)
        return measure_groups(t->target.m, &c, &m->options, values, rc);
    parallel_for(c.groups, m->options.threads, &many, one_group);
    return RC_OK;
}

static enum rc run_groups(struct measuring *m, struct task t, struct err *err)
{
    size_t groups = m->matrix.groups.n;
    double *own = arena_array(m->c->arena, double, groups + 1);
    enum rc *own_rc = arena_array(m->c->arena, enum rc, groups + 1);
    const enum rc *rcs = own_rc;
    const double *values;
    enum rc all = RC_OK, rc = RC_OK;

    if (m->group != DICT_NONE) {
        t.target.group = m->group;
        return run_one(m, &t, err);
    }
    values = passed_groups(m, &t, &rcs);
    if (!values) {
        all = all_groups(m, &t, own, own_rc);
        values = own;
        rcs = own_rc;
    }
    for (t.target.group = 0; t.target.group < groups && !rc; t.target.group++)
        rc = show(m, &t, all ? all : rcs[t.target.group],
                  values[t.target.group], err);
    return rc;
}

static bool pair_asked(const struct measuring *m, size_t g, size_t h)
{
    return g != h && measuring_group_asked(m, g) &&
           (m->against == DICT_NONE || m->against == h);
}

/* Every pair at once where the engine has it so: groups^2 values, or NULL. */
static enum rc all_pairs(const struct measuring *m, const struct task *t,
                         double **out)
{
    struct counts c = matrix_counts(&m->matrix, t->period);

    *out = NULL;
    if (t->local || t->target.space || m->group != DICT_NONE ||
        m->against != DICT_NONE)
        return RC_OK;
    *out = arena_try(m->c->arena, c.groups * c.groups, sizeof **out);
    return *out ? measure_pairs(t->target.m, &c, &m->options, *out) : RC_MEMORY;
}

static enum rc run_pairs(struct measuring *m, struct task t, struct err *err)
{
    size_t groups = m->matrix.groups.n;
    double *all;
    enum rc whole = all_pairs(m, &t, &all), rc = RC_OK;

    for (size_t g = 0; g < groups && !rc; g++)
        for (size_t h = 0; h < groups && !rc; h++) {
            double v = all ? all[g * groups + h] : NAN;

            if (!pair_asked(m, g, h))
                continue;
            t.target.group = g;
            t.target.against = h;
            if (all)
                rc = show(m, &t,
                          whole      ? whole
                          : isnan(v) ? RC_UNDEFINED
                                     : RC_OK,
                          v, err);
            else
                rc = run_one(m, &t, err);
        }
    return rc;
}

static enum rc run_areas(struct measuring *m, const struct task *t,
                         struct err *err)
{
    double *values =
        arena_try(m->c->arena, m->matrix.units.n + 1, sizeof *values);
    enum rc rc = values ? compute(m, t, values) : RC_MEMORY;

    if (rc == RC_USAGE && !measuring_named(m, t->target.m))
        return RC_OK;
    if (rc == RC_MEMORY)
        return measuring_no_memory(err);
    if (rc)
        return measuring_note(m, measuring_result(m, t), "why", rc, err);
    measuring_result(m, t);
    measuring_series(m, values);
    return RC_OK;
}

static enum rc run_group_areas(struct measuring *m, struct task t,
                               struct err *err)
{
    enum rc rc = RC_OK;

    for (size_t g = 0; g < m->matrix.groups.n && !rc; g++) {
        t.target.group = g;
        if (measuring_group_asked(m, g))
            rc = run_areas(m, &t, err);
    }
    return rc;
}

static enum rc run_scope(struct measuring *m, struct task t,
                         enum measure_scope scope, struct err *err)
{
    t.target.scope = scope;
    switch (scope) {
    case MEASURE_CITY:
        return run_one(m, &t, err);
    case MEASURE_AREA:
        return run_areas(m, &t, err);
    case MEASURE_PAIR:
        return run_pairs(m, t, err);
    case MEASURE_GROUP:
        return run_groups(m, t, err);
    default:
        return run_group_areas(m, t, err);
    }
}

static enum rc measure_all_scopes(struct measuring *m,
                                  const struct measure *measure,
                                  uint32_t period, bool local, struct err *err)
{
    struct task t = {
        .target = {.m = measure}, .period = period, .local = local};
    enum rc rc = RC_OK;

    if (measuring_needs_space(measure) || local)
        t.target.space = m->space;
    for (unsigned bit = 1; bit <= MEASURE_GROUP_AREA && !rc; bit <<= 1)
        if (measure->scopes & m->scopes & bit)
            rc = run_scope(m, t, (enum measure_scope)bit, err);
    return rc;
}

/* What a selected measure needs and is not there is said once. */
static enum rc check_needs(const struct measuring *m, struct err *err)
{
    for (size_t i = 0; i < m->n_selected; i++) {
        if (!m->named[i])
            continue;
        if (measuring_needs_space(m->selected[i]) && !m->space)
            return err_set(err, RC_USAGE,
                           N_("'%s' needs --areas, or --x and --y"),
                           m->selected[i]->code);
        if (!(m->selected[i]->scopes & m->scopes))
            return err_set(err, RC_USAGE,
                           N_("'%s' has none of the scopes asked for; see "
                              "--scope and --list"),
                           m->selected[i]->code);
    }
    return RC_OK;
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

static const char *group_names(const struct measuring *m)
{
    AUTO(buf) struct buf text = {.ceiling = 2000};

    for (uint32_t g = 0; g < m->matrix.groups.n; g++)
        buf_fmt(&text, "%s%s", g ? ", " : "", dict_cstr(&m->matrix.groups, g));
    return arena_strdup(m->c->arena, buf_cstr(&text));
}

static enum rc find_group(struct measuring *m, const char *option,
                          uint32_t *out, struct err *err)
{
    const char *text = cli_option(m->c, option);

    if (!text || strcmp(text, "rest") == 0)
        return RC_OK;
    *out = dict_find(&m->matrix.groups, str_of(text));
    if (*out == DICT_NONE)
        return err_set(err, RC_USAGE,
                       N_("the table has no group '%s'; it has: %s"), text,
                       group_names(m));
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

/* Measures of clustering and distance decay share the distances. */
static bool wants_distances(struct measuring *m)
{
    for (size_t i = 0; i < m->n_selected; i++)
        if (heavy_shares_distances(m->selected[i]->code) &&
            !heavy_left_out(m, m->selected[i]))
            return true;
    return false;
}

/* What all measures of a period use together. */
static enum rc prepare_period(struct measuring *m, const struct counts *c,
                              struct err *err)
{
    struct environment *e = NULL;
    enum rc rc = RC_OK;

    if (m->space && wants_distances(m))
        rc = spatial_prepare(m->space, c);
    if (rc != RC_MEMORY) /* else each measure says what it lacks */
        rc = RC_OK;
    if (!rc && m->kernel) {
        if (!m->smooth)
            m->smooth = calloc(c->units * c->groups + 1, sizeof *m->smooth);
        rc = m->smooth ? environment_new(&m->areas, &m->space_options.kernel,
                                         m->options.threads, &e)
                       : RC_MEMORY;
        if (!rc)
            rc = environment_apply(e, c, m->smooth);
        environment_free(e);
    }
    if (rc == RC_MEMORY)
        return measuring_no_memory(err);
    return rc ? err_set(err, rc,
                        N_("these areas cannot be measured: check the CRS and "
                           "--kernel, --bandwidths"))
              : RC_OK;
}

static enum rc run_measure_of(struct measuring *m,
                              const struct measure *measure, uint32_t period,
                              struct err *err)
{
    enum rc rc;

    if (measuring_needs_space(measure) && !m->space)
        return RC_OK;
    if (strcmp(measure->code, "decomposition_within_between") == 0)
        return measuring_levels(m, period, err);
    if (measure->needs & NEEDS_TWO) /* see measuring_comparison */
        return RC_OK;
    rc = measure_all_scopes(m, measure, period, false, err);
    if (!rc && m->kernel && !measuring_needs_space(measure))
        rc = measure_all_scopes(m, measure, period, true, err);
    return rc;
}

static enum rc run_period(struct measuring *m, uint32_t period, struct err *err)
{
    struct counts c = matrix_counts(&m->matrix, period);
    enum rc rc = prepare_period(m, &c, err);

    if (!rc)
        rc = measuring_pass(m, period, err);
    for (size_t i = 0; i < m->n_selected && !rc; i++) {
        if (!step(m))
            return RC_CANCELLED;
        if (!heavy_left_out(m, m->selected[i]))
            rc = run_measure_of(m, m->selected[i], period, err);
    }
    if (!rc)
        rc = extra_run(m, period, err);
    return rc ? rc : measuring_inference(m, err);
}

enum rc measuring_run(struct measuring *m, struct err *err)
{
    size_t periods = m->matrix.periods.n;
    enum rc rc = prepare(m, err);

    m->planned = periods * m->n_selected;
    for (uint32_t p = 0; p < periods && !rc; p++)
        rc = run_period(m, p, err);
    if (!rc && m->compare[0] != DICT_NONE)
        rc = measuring_comparison(m, err);
    return rc;
}
