/* What came out: results, what they are called, and why some are missing. */
#include "cli/measure.h"

bool measuring_needs_space(const struct measure *m)
{
    return m->needs & NEEDS_AREAS;
}

bool measuring_group_asked(const struct measuring *m, size_t g)
{
    return m->group == DICT_NONE || m->group == g;
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

struct node *measuring_plain(struct measuring *m, const char *code,
                             enum measure_scope scope, uint32_t period)
{
    struct node *r = node_object(m->c->arena);

    node_set_text(r, "code", code);
    node_set_text(r, "scope", scope_name(scope));
    if (m->spec.period)
        node_set_text(r, "period", dict_cstr(&m->matrix.periods, period));
    VEC_PUSH(m->c->arena, m->results, m->n_results, m->results_cap) =
        (struct result){r, NULL};
    return r;
}

struct node *measuring_result(struct measuring *m, const struct task *t)
{
    const struct measure_target *target = &t->target;
    struct node *p = parameters(m, t);
    struct node *r =
        measuring_plain(m, target->m->code, target->scope, t->period);

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
    return r;
}

void measuring_series(struct measuring *m, double *value)
{
    m->results[m->n_results - 1].value = value;
}

enum rc measuring_no_memory(struct err *err)
{
    return err_set(err, RC_MEMORY, N_("not enough memory"));
}

void measuring_note_text(struct measuring *m, struct node *r, const char *key,
                         const char *why)
{
    node_set_text(r, key, why);
    m->n_noted++;
}

/* Draws fail for other reasons than values do. */
static const char *reason(enum rc rc, bool of_draws)
{
    switch (rc) {
    case RC_UNDEFINED:
        return of_draws ? N_("not defined in most of the draws")
                        : N_("not defined for these data");
    case RC_USAGE:
        return of_draws ? N_("there is no such test of this measure")
                        : N_("needs what was not given");
    case RC_LIMIT:
        return N_("too large for it");
    default:
        return N_("the data are not valid for it");
    }
}

static bool of_space(const struct node *r)
{
    const struct measure *m = measure_find(node_cstr(node_get(r, "code"), ""));

    return m && measuring_needs_space(m);
}

enum rc measuring_note(struct measuring *m, struct node *r, const char *key,
                       enum rc rc, struct err *err)
{
    bool value = strcmp(key, "why") == 0;

    if (rc == RC_MEMORY)
        return measuring_no_memory(err);
    if (rc == RC_CANCELLED)
        return rc;
    if (value)
        node_set(r, "value", node_null(r->arena));
    measuring_note_text(m, r, key,
                        value && rc == RC_USAGE && of_space(r)
                            ? N_("needs boundaries (--areas), or --area-col "
                                 "and --perimeter-col")
                            : reason(rc, !value));
    return RC_OK;
}
