/* measure: what stands beside the catalogue: shares, bounds of small units,
 * units merged, and a table with the margins of another. */
#include "cli/measure.h"

#include <stdlib.h>

static const struct extra_row rows[] = {
#define EXTRA(code, scope, needs_two, name, about, reference) \
    {#code, scope, needs_two, name, about, reference},
#include "cli/measure_extra.def"
#undef EXTRA
};

const struct extra_row *extra_rows(void)
{
    return rows;
}

enum extra extra_find(const char *code)
{
    size_t i = 0;

    while (i < EXTRA_COUNT && strcmp(rows[i].code, code) != 0)
        i++;
    return (enum extra)i;
}

static struct node *extra_result(struct measuring *m, enum extra e,
                                 uint32_t period)
{
    return measuring_plain(m, rows[e].code, rows[e].scope, period);
}

static void add_shares(struct measuring *m, uint32_t period)
{
    struct counts c = matrix_counts(&m->matrix, period);
    double *persons = arena_array(m->c->arena, double, c.groups + 1), total = 0;

    for (size_t i = 0; i < c.units * c.groups; i++)
        persons[i % c.groups] += c.n[i];
    for (size_t g = 0; g < c.groups; g++)
        total += persons[g];
    for (size_t g = 0; g < c.groups; g++) {
        struct node *r;

        if (!measuring_group_asked(m, g))
            continue;
        r = extra_result(m, EXTRA_group_share, period);
        node_set_text(r, "group", dict_cstr(&m->matrix.groups, (uint32_t)g));
        if (total > 0)
            node_set_double(r, "value", persons[g] / total);
        else
            node_set(r, "value", node_null(r->arena));
        node_set_double(r, "persons", persons[g]);
    }
}

/* Links of the contiguity asked for; without boundaries every two may merge. */
static const struct neighbours *links_of(const struct measuring *m)
{
    const struct neighbours *n = m->space_options.contiguity == CONTIGUITY_ROOK
                                     ? &m->areas.rook
                                     : &m->areas.queen;

    return n->start ? n : NULL;
}

/* Without neighbours all pairs are kept: so many units at most. */
enum { MERGED_WITHOUT_LINKS = 10000 };

static enum rc add_mergers(struct measuring *m, uint32_t period,
                           struct err *err)
{
    struct counts c = matrix_counts(&m->matrix, period);
    const struct dict *names = &m->matrix.units;
    struct measure_merger *out =
        arena_try(m->c->arena, c.units + 1, sizeof *out);
    double first = 0;
    size_t n = 0;
    enum rc rc =
        out ? measure_compute(measure_find("mutual_information"), MEASURE_CITY,
                              &c, 0, 0, &m->options, &first)
            : RC_MEMORY;

    if (!rc && !links_of(m) && c.units > MERGED_WITHOUT_LINKS)
        rc = RC_LIMIT;
    if (!rc)
        rc = measure_compress(&c, links_of(m), &m->options, out, &n);
    if (rc)
        return measuring_note(
            m, extra_result(m, EXTRA_unit_compression, period), "why", rc, err);
    for (size_t k = 0; k < n; k++) {
        struct node *r = extra_result(m, EXTRA_unit_compression, period);

        node_set_text(r, "area", dict_cstr(names, out[k].kept));
        node_set_text(r, "merged", dict_cstr(names, out[k].gone));
        node_set_double(r, "value", out[k].m);
        node_set_double(r, "share", first > 0 ? out[k].m / first : 0);
        node_set_int(r, "units", (int64_t)(c.units - k - 1));
    }
    return RC_OK;
}

enum rc extra_run(struct measuring *m, uint32_t period, struct err *err)
{
    if (m->extra[EXTRA_group_share])
        add_shares(m, period);
    return m->extra[EXTRA_unit_compression] ? add_mergers(m, period, err)
                                            : RC_OK;
}

/* Margins of the second period. */
static enum rc fit(const struct measuring *m, const struct counts *from,
                   const struct counts *to, double *out)
{
    AUTO(mem) double *unit = calloc(to->units + 1, sizeof *unit);
    AUTO(mem) double *group = calloc(to->groups + 1, sizeof *group);

    if (!unit || !group)
        return RC_MEMORY;
    for (size_t i = 0; i < to->units * to->groups; i++) {
        unit[i / to->groups] += to->n[i];
        group[i % to->groups] += to->n[i];
    }
    return measure_ipf(from, unit, group, m->precision, out, NULL);
}

static enum rc add_fitted(struct measuring *m, struct err *err)
{
    struct counts from = matrix_counts(&m->matrix, m->compare[0]);
    struct counts to = matrix_counts(&m->matrix, m->compare[1]);
    AUTO(mem)
    double *out = malloc((from.units * from.groups + 1) * sizeof *out);
    enum rc rc = out ? fit(m, &from, &to, out) : RC_MEMORY;

    for (size_t g = 0; g < (rc ? 1 : from.groups); g++) {
        double *value = NULL;
        struct node *r;

        if (!rc && !measuring_group_asked(m, g))
            continue;
        if (!rc)
            value = arena_try(m->c->arena, from.units + 1, sizeof *value);
        if (!rc && !value)
            return measuring_no_memory(err);
        r = extra_result(m, EXTRA_fitted_counts, m->compare[1]);
        node_set_text(r, "compared_with",
                      dict_cstr(&m->matrix.periods, m->compare[0]));
        if (rc)
            return measuring_note(m, r, "why", rc, err);
        node_set_text(r, "group", dict_cstr(&m->matrix.groups, (uint32_t)g));
        for (size_t i = 0; i < from.units; i++)
            value[i] = out[i * from.groups + g];
        measuring_series(m, value);
    }
    return RC_OK;
}

enum rc extra_compare(struct measuring *m, struct err *err)
{
    return m->extra[EXTRA_fitted_counts] ? add_fitted(m, err) : RC_OK;
}

static void put_small(struct node *r, const struct measure_small *s)
{
    node_set_double(r, "naive", s->naive);
    node_set_double(r, "expected_by_chance", s->expected);
    node_set_double(r, "excess_of_possible", s->excess);
    node_set_double(r, "alpha", s->alpha);
    node_set_double(r, "beta", s->beta);
    node_set_double(r, "mean_size", s->mean_size);
    node_set_double(r, "share_small", s->share_small);
    node_set_bool(r, "unreliable", s->unreliable);
}

enum rc extra_bounds(struct measuring *m, const struct task *t, struct node *r,
                     struct err *err)
{
    struct counts c = matrix_counts(&m->matrix, t->period);
    struct measure_bounds b;
    struct measure_small s;
    enum rc rc;

    if (t->target.scope != MEASURE_GROUP || t->target.space)
        return RC_OK;
    if (strcmp(t->target.m->code, "small_unit_bounds") == 0) {
        rc = measure_small_units(&c, t->target.group, &s);
        if (!rc)
            put_small(r, &s);
        return rc ? measuring_note(m, r, "bounds_why", rc, err) : RC_OK;
    }
    rc = measure_small_bounds(t->target.m, &c, t->target.group, &b);
    if (rc == RC_USAGE) /* not one of the four that have them */
        return RC_OK;
    if (rc)
        return measuring_note(m, r, "bounds_why", rc, err);
    node_set_double(r, "bound_low", b.low);
    node_set_double(r, "bound_high", b.high);
    node_set_double(r, "bound_likely", b.likely);
    node_set_int(r, "bound_moments", (int64_t)b.moments);
    return RC_OK;
}
