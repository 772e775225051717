/*
 * measure: the values that come out of one pass over the counts. A few measures
 * at a time, so that a long pass shows where it is.
 */
#include "cli/measure.h"

enum { TOGETHER = 8 };

/* Measures of one scope, by their places among the selected. */
struct chunk {
    const struct measure *m[TOGETHER];
    size_t at[TOGETHER], n;
};

static bool passes(const struct measuring *m, size_t i,
                   enum measure_scope scope)
{
    const struct measure *measure = m->selected[i];

    return (measure->scopes & m->scopes & scope) &&
           measure->needs == NEEDS_COUNTS;
}

static struct chunk next_chunk(const struct measuring *m,
                               enum measure_scope scope, size_t *from)
{
    struct chunk c = {.n = 0};

    for (; *from < m->n_selected && c.n < TOGETHER; ++*from)
        if (passes(m, *from, scope)) {
            c.m[c.n] = m->selected[*from];
            c.at[c.n++] = *from;
        }
    return c;
}

static enum rc pass_chunk(const struct measuring *m, const struct counts *c,
                          enum measure_scope scope, const struct chunk *k,
                          struct passed *out)
{
    bool city = scope == MEASURE_CITY;
    size_t width = city ? 1 : c->groups;
    double *value = arena_try(m->c->arena, k->n * width + 1, sizeof *value);
    enum rc *rcs = arena_try(m->c->arena, k->n * width + 1, sizeof *rcs), rc;

    if (!value || !rcs)
        return RC_MEMORY;
    rc = city ? measure_city_many(k->m, k->n, c, &m->options, value, rcs)
              : measure_groups_many(k->m, k->n, c, &m->options, value, rcs);
    if (rc == RC_MEMORY)
        return rc;
    for (size_t i = 0; i < k->n * width; i++) {
        size_t at = k->at[i / width] * width + i % width;

        (city ? out->city : out->group)[at] = value[i];
        (city ? out->city_rc : out->group_rc)[at] = rc ? rc : rcs[i];
    }
    return RC_OK;
}

static struct passed passed_new(const struct measuring *m, size_t groups)
{
    struct arena *a = m->c->arena;
    size_t n = m->n_selected + 1;

    return (struct passed){.city = arena_array(a, double, n),
                           .group = arena_array(a, double, n *groups),
                           .city_rc = arena_array(a, enum rc, n),
                           .group_rc = arena_array(a, enum rc, n * groups),
                           .there = arena_array(a, bool, n)};
}

static enum rc pass(struct measuring *m, const struct counts *c,
                    struct passed *out, struct err *err)
{
    static const enum measure_scope scopes[] = {MEASURE_CITY, MEASURE_GROUP};

    *out = passed_new(m, c->groups);
    for (size_t s = 0; s < ARRAY_LEN(scopes); s++) {
        if (scopes[s] == MEASURE_GROUP && m->group != DICT_NONE)
            continue;
        for (size_t from = 0; from < m->n_selected;) {
            struct chunk k = next_chunk(m, scopes[s], &from);

            if (!progress_at(&m->progress, N_("Measuring"),
                             (double)from / (double)(m->n_selected + 1)))
                return RC_CANCELLED;
            if (k.n && pass_chunk(m, c, scopes[s], &k, out))
                return measuring_no_memory(err);
            for (size_t i = 0; i < k.n; i++)
                out->there[k.at[i]] = true;
        }
    }
    return RC_OK;
}

enum rc measuring_pass(struct measuring *m, uint32_t period, struct err *err)
{
    struct counts c = matrix_counts(&m->matrix, period);
    struct counts smooth = {c.units, c.groups, m->smooth};
    enum rc rc = pass(m, &c, &m->passed[false], err);

    if (!rc && m->kernel && m->space_options.form == LOCAL_COUNTS)
        rc = pass(m, &smooth, &m->passed[true], err);
    return rc;
}

/* Where a task's measure stands among the selected; SIZE_MAX: not passed. */
static size_t place_of(const struct measuring *m, const struct task *t)
{
    const struct passed *p = &m->passed[t->local];

    for (size_t i = 0; i < m->n_selected && p->there; i++)
        if (m->selected[i] == t->target.m && p->there[i])
            return i;
    return SIZE_MAX;
}

const double *passed_city(const struct measuring *m, const struct task *t,
                          enum rc *rc)
{
    size_t i = place_of(m, t);

    if (i == SIZE_MAX || !(t->target.m->scopes & MEASURE_CITY))
        return NULL;
    *rc = m->passed[t->local].city_rc[i];
    return &m->passed[t->local].city[i];
}

const double *passed_groups(const struct measuring *m, const struct task *t,
                            const enum rc **rc)
{
    size_t i = place_of(m, t), groups = m->matrix.groups.n;

    if (i == SIZE_MAX || m->group != DICT_NONE)
        return NULL;
    *rc = m->passed[t->local].group_rc + i * groups;
    return m->passed[t->local].group + i * groups;
}
