#include "protect/build.h"

#include <string.h>

enum { THRESHOLD_UNSTATED = 5, MEASURE_FROM = 1000 };

static bool text_given(const char *s)
{
    return s && str_trim(str_of(s)).n > 0;
}

/* What a rule means until its own method is applied: a threshold. */
static void rule_apply(struct release *r)
{
    const struct protection_rule *rule = &r->in->package->protection;

    r->rule = *rule;
    r->threshold = THRESHOLD_UNSTATED;
    r->secondary = true;
    if (!rule->stated ||
        (rule->method == PROTECT_NONE && !text_given(rule->why))) {
        r->rule.stated = false;
        return;
    }
    if (rule->method == PROTECT_NONE) {
        r->threshold = 0;
        r->secondary = false;
    } else if (rule->method == PROTECT_SUPPRESS) {
        r->threshold = MAX(rule->below, 0);
        r->secondary = rule->secondary && r->threshold > 1;
    } else {
        r->threshold = MAX(rule->never + 1, rule->maximum);
    }
}

static void migrants_mark(struct release *r)
{
    const struct package *p = r->in->package;
    const struct dict *origins = cube_dict(r->in->cube, DIM_ORIGIN);

    r->n_areas = cube_dict(r->in->cube, DIM_AREA)->n;
    r->n_origins = origins->n;
    r->migrant = arena_array(r->arena, bool, r->n_origins + 1);
    for (size_t o = 0; o < r->n_origins; o++)
        r->migrant[o] = true;
    for (size_t i = 0; i < p->n_origins; i++) {
        uint32_t o = dict_find(origins, str_of(p->origins[i].code));

        if (o != DICT_NONE)
            r->migrant[o] = !p->origins[i].majority;
    }
}

enum rc release_make(const struct intake *in, const struct release_options *o,
                     const struct progress *progress, struct arena *a,
                     struct release **out, struct err *err)
{
    struct release *r = arena_new_of(a, struct release);
    enum rc rc;

    r->arena = a;
    r->in = in;
    if (o)
        r->options = *o;
    if (r->options.measure_from <= 0)
        r->options.measure_from = MEASURE_FROM;
    rule_apply(r);
    migrants_mark(r);
    if (!progress_at(progress, N_("protecting small counts"), 0))
        return err_set(err, RC_CANCELLED, N_("interrupted"));
    if ((rc = tables_make(r, err)) != RC_OK ||
        (rc = measures_make(r, progress, err)) != RC_OK ||
        (rc = curves_make(r, err)) != RC_OK ||
        (rc = flows_make(r, err)) != RC_OK ||
        (rc = outcomes_make(r, err)) != RC_OK)
        return rc;
    *out = r;
    return RC_OK;
}

struct cell release_cell(const struct release *r, struct sum s)
{
    if (s.count > 0 && s.count < r->threshold)
        return (struct cell){0, CELL_WITHHELD};
    if (s.source || s.missing)
        return s.count > 0 ? (struct cell){s.count, CELL_AT_LEAST}
               : s.source  ? (struct cell){0, CELL_SOURCE}
                           : (struct cell){0, CELL_MISSING};
    return (struct cell){s.count, CELL_COUNT};
}

const struct release_table *
release_table(const struct release *r, enum release_table_id id, bool compare)
{
    return &r->tables[id][compare];
}

const struct release_period *release_periods(const struct release *r, size_t *n)
{
    *n = r->n_periods;
    return r->periods;
}

const struct release_measure *release_measures(const struct release *r,
                                               size_t *n)
{
    *n = r->n_measures;
    return r->measures;
}

const struct release_curve *release_curves(const struct release *r, size_t *n)
{
    *n = r->n_curves;
    return r->curves;
}

const struct release_flow *release_flows(const struct release *r, size_t *n)
{
    *n = r->n_flows;
    return r->flows;
}

const struct release_outcome *release_outcomes(const struct release *r,
                                               size_t *n)
{
    *n = r->n_outcomes;
    return r->outcomes;
}

const struct dict *release_dict(const struct release *r, enum dim d)
{
    return cube_dict(r->in->cube, d);
}

const struct protection_rule *release_rule(const struct release *r)
{
    return &r->rule;
}

bool release_secondary(const struct release *r)
{
    return r->secondary;
}

size_t release_unsure(const struct release *r)
{
    return r->unsure;
}

int64_t release_measure_from(const struct release *r)
{
    return r->options.measure_from;
}

int64_t release_threshold(const struct release *r)
{
    return r->threshold;
}
