#include "base/thread.h"
#include "cli/measure.h"

#include <math.h>
#include <stdlib.h>

bool measuring_needs_space(const struct measure *m)
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
    if (measuring_needs_space(t->target.m)) {
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

struct node *measuring_result(const struct measuring *m, const struct task *t)
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

static void show(const struct measuring *m, const struct task *t, enum rc rc,
                 double value)
{
    struct node *r;

    /* with all of the catalogue asked for, what does not apply is left out */
    if (m->all && rc == RC_USAGE)
        return;
    r = measuring_result(m, t);
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

static void run_one(const struct measuring *m, const struct task *t)
{
    double value = NAN;
    enum rc rc = compute(m, t, &value);

    show(m, t, rc, value);
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

/* Every group at once: the matrix is read, or distances taken, once. */
static enum rc all_groups(const struct measuring *m, const struct task *t,
                          double *values, enum rc *rc)
{
    struct counts c = matrix_counts(&m->matrix, t->period);
    struct counts smooth = {c.units, c.groups, m->smooth};
    struct many many = {m, t, values, rc};

    if (!t->local && measuring_needs_space(t->target.m))
        return measure_spatial_groups(t->target.m, &c, m->space, &m->options,
                                      values, rc);
    if (!t->local)
        return measure_groups(t->target.m, &c, &m->options, values, rc);
    if (m->space_options.form == LOCAL_COUNTS)
        return measure_groups(t->target.m, &smooth, &m->options, values, rc);
    parallel_for(c.groups, m->options.threads, &many, one_group);
    return RC_OK;
}

static void run_groups(const struct measuring *m, struct task t)
{
    size_t groups = m->matrix.groups.n;
    double *values = arena_array(m->c->arena, double, groups + 1);
    enum rc *rcs = arena_array(m->c->arena, enum rc, groups + 1), rc;

    if (m->group != DICT_NONE) {
        t.target.group = m->group;
        run_one(m, &t);
        return;
    }
    rc = all_groups(m, &t, values, rcs);
    for (t.target.group = 0; t.target.group < groups; t.target.group++)
        show(m, &t, rc ? rc : rcs[t.target.group], values[t.target.group]);
}

static void run_areas(const struct measuring *m, const struct task *t)
{
    double *values = arena_array(m->c->arena, double, m->matrix.units.n + 1);
    enum rc rc = compute(m, t, values);

    if (rc) {
        if (!m->all || rc != RC_USAGE)
            not_defined(measuring_result(m, t), rc);
        return;
    }
    for (uint32_t u = 0; u < m->matrix.units.n; u++) {
        struct node *r = measuring_result(m, t);

        node_set_text(r, "area", dict_cstr(&m->matrix.units, u));
        node_set_double(r, "value", values[u]);
    }
}

bool measuring_group_asked(const struct measuring *m, size_t g)
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
                if (measuring_group_asked(m, t.target.group) &&
                    t.target.group != t.target.against &&
                    (m->against == DICT_NONE || m->against == t.target.against))
                    run_one(m, &t);
    } else if (scope == MEASURE_GROUP) {
        run_groups(m, t);
    } else {
        for (t.target.group = 0; t.target.group < groups; t.target.group++)
            if (measuring_group_asked(m, t.target.group))
                run_areas(m, &t);
    }
}

static void measure_all_scopes(struct measuring *m,
                               const struct measure *measure, uint32_t period,
                               bool local)
{
    struct task t = {
        .target = {.m = measure}, .period = period, .local = local};

    if (measuring_needs_space(measure) || local)
        t.target.space = m->space;
    for (unsigned bit = 1; bit <= MEASURE_GROUP_AREA; bit <<= 1)
        if (measure->scopes & m->scopes & bit)
            run_scope(m, t, (enum measure_scope)bit);
}

/* What a selected measure needs and is not there is said once. */
static enum rc check_needs(const struct measuring *m, struct err *err)
{
    for (size_t i = 0; i < m->n_selected && !m->all; i++) {
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
static bool wants_distances(const struct measuring *m)
{
    static const char *const codes[] = {
        "absolute_clustering", "relative_clustering", "spatial_proximity",
        "distance_decay_isolation", "distance_decay_interaction"};

    for (size_t i = 0; i < m->n_selected; i++)
        for (size_t k = 0; k < ARRAY_LEN(codes); k++)
            if (strcmp(m->selected[i]->code, codes[k]) == 0)
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
    return rc == RC_MEMORY ? err_set(err, rc, N_("not enough memory"))
           : rc            ? err_set(err, rc,
                                     N_("these areas cannot be measured: check the CRS "
                                                   "and --kernel, --bandwidths"))
                           : RC_OK;
}

static enum rc run_period(struct measuring *m, uint32_t period, struct err *err)
{
    struct counts c = matrix_counts(&m->matrix, period);
    enum rc rc = prepare_period(m, &c, err);

    for (size_t i = 0; i < m->n_selected && !rc; i++) {
        const struct measure *measure = m->selected[i];

        if (!step(m))
            return RC_CANCELLED;
        if (measuring_needs_space(measure) && !m->space)
            continue;
        if (strcmp(measure->code, "decomposition_within_between") == 0) {
            measuring_levels(m, period);
            continue;
        }
        if (measure->needs & NEEDS_TWO) /* see measuring_comparison */
            continue;
        measure_all_scopes(m, measure, period, false);
        if (m->kernel && !measuring_needs_space(measure))
            measure_all_scopes(m, measure, period, true);
    }
    return rc;
}

enum rc measuring_run(struct measuring *m, struct err *err)
{
    size_t periods = m->matrix.periods.n;
    enum rc rc = prepare(m, err);

    m->planned = periods * m->n_selected;
    for (uint32_t p = 0; p < periods && !rc; p++)
        rc = run_period(m, p, err);
    if (!rc && m->compare[0] != DICT_NONE)
        measuring_comparison(m);
    return rc;
}
