/*
 * indices.c: how unevenly the groups live, for the city and origin by origin.
 */
#include <math.h>
#include <string.h>

#include "passerelle/measure.h"
#include "profile/part.h"

#define SOURCE "population"

/* The measure of one scope, group and period; NULL where there is none. */
static const struct release_measure *value_find(struct doc *d, const char *code,
                                                unsigned scope, uint32_t origin,
                                                bool compare)
{
    size_t n;
    const struct release_measure *m = release_measures(d->r, &n);

    for (; n > 0; n--, m++)
        if (m->scope == scope && m->origin == origin && m->compare == compare &&
            strcmp(m->code, code) == 0)
            return m;
    return NULL;
}

/* H and M may be any unit of information: the engine's is the nat. */
static const char *measure_unit(const struct measure *m)
{
    if (strcmp(m->code, "mutual_information") == 0 ||
        strcmp(m->code, "shannon_diversity") == 0 ||
        strcmp(m->code, "local_segregation") == 0 ||
        strcmp(m->code, "decomposition_within_between") == 0)
        return "nats";
    return "index";
}

static struct node *index_number(struct doc *d, const struct measure *m,
                                 const struct release_measure *v,
                                 const struct release_measure *before)
{
    struct node *n = number_new(d, q_number(v->value), measure_unit(m),
                                v->compare ? d->p->compare : d->p->period,
                                SOURCE, names_of(d, m->name));

    node_set_text(n, "code", m->code);
    node_set(n, "dimension", names_of(d, m->dimension));
    node_set(n, "name", names_of(d, m->name));
    node_set_text(n, "reference", m->reference);
    if (v->draws)
        node_set_int(n, "draws", (int64_t)v->draws);
    if (before) {
        node_set_double(n, "before", before->value);
        node_set_text(n, "before_period", d->p->compare);
    }
    return n;
}

static struct node *index_list(struct doc *d, unsigned scope, uint32_t origin)
{
    struct node *list = node_list(d->arena);
    size_t n;
    const struct measure *m = measure_catalogue(&n);

    for (size_t i = 0; i < n; i++) {
        const struct release_measure *v =
            value_find(d, m[i].code, scope, origin, false);

        if (v)
            node_push(list, index_number(
                                d, &m[i], v,
                                value_find(d, m[i].code, scope, origin, true)));
    }
    return list;
}

static bool measure_has(struct doc *d, const char *code, bool compare)
{
    for (uint32_t o = 0; o < d->n_origins; o++)
        if (value_find(d, code, MEASURE_GROUP, o, compare))
            return true;
    return false;
}

/* A column of the table: a measure, now or before. */
struct index_column {
    const struct measure *m;
    bool compare;
};

static size_t index_columns(struct doc *d, struct sheet *t,
                            struct index_column *columns)
{
    size_t n, used = 0;
    const struct measure *m = measure_catalogue(&n);

    for (int compare = 0; compare < 2; compare++)
        for (size_t i = 0; i < n; i++) {
            struct node *c;

            if (!measure_has(d, m[i].code, compare))
                continue;
            columns[used++] = (struct index_column){&m[i], compare};
            c = sheet_column(
                t,
                compare ? arena_printf(d->arena, "%s_before", m[i].code)
                        : m[i].code,
                names_of(d, m[i].name), "number", measure_unit(&m[i]));
            node_set_text(c, "reference", m[i].reference);
            if (compare)
                node_set_text(c, "period", d->p->compare);
        }
    return used;
}

/* Values by origin and column, found in one pass over the release. */
static const struct release_measure **
values_index(struct doc *d, const struct index_column *columns,
             size_t n_columns)
{
    const struct release_measure **values = arena_array(
        d->arena, const struct release_measure *, d->n_origins *n_columns + 1);
    size_t n;
    const struct release_measure *m = release_measures(d->r, &n);

    for (; n > 0; n--, m++)
        for (size_t c = 0; m->scope == MEASURE_GROUP &&
                           m->origin < d->n_origins && c < n_columns;
             c++)
            if (columns[c].compare == m->compare &&
                strcmp(columns[c].m->code, m->code) == 0)
                values[m->origin * n_columns + c] = m;
    return values;
}

static struct node *origins_table(struct doc *d)
{
    size_t n;
    (void)measure_catalogue(&n);

    struct index_column *columns =
        arena_array(d->arena, struct index_column, 2 * n + 1);
    struct sheet t =
        sheet_new(d, "measures-origins", names_of(d, N_("Measures by origin")),
                  "index", NULL, SOURCE);

    sheet_column(&t, "origin", names_of(d, N_("Origin")), "origin", NULL);
    sheet_column(&t, "size", names_of(d, N_("Residents")), "number", "persons");
    n = index_columns(d, &t, columns);

    const struct release_measure **values = values_index(d, columns, n);

    for (size_t i = 0; n > 0 && i < d->n_origins; i++) {
        uint32_t o = d->ranked[i];
        struct node *row;

        if (!values[o * n])
            continue;
        row = sheet_row(&t);
        row_say(&t, row, dict_cstr(release_dict(d->r, DIM_ORIGIN), o));
        row_push(&t, row, origin_count(d, o, false));
        for (size_t c = 0; c < n; c++)
            row_push(&t, row,
                     values[o * n + c] ? q_number(values[o * n + c]->value)
                                       : q_none(STATE_MISSING));
    }
    return t.node;
}

static struct node *stated(struct doc *d)
{
    struct node *size = names_integer(d, release_measure_from(d->r));
    struct node *areas = names_integer(d, (int64_t)d->g->n);
    struct node *text = names_fill(
        d,
        N_("Measures are computed on the true counts in {areas} areas. For the "
           "city, the majority is one group and every other origin one group; "
           "for an origin, its members are set against all other residents. "
           "Origins with fewer than {size} residents have no measures of their "
           "own: chance would rule them."),
        "areas", areas, "size", size, NULL);
    struct node *parts[3] = {text};
    size_t n = 1;

    if (release_threshold(d->r) > 1)
        parts[n++] = names_of(
            d, N_("So that no withheld count can be worked out from them, they "
                  "are rounded to three decimals, and the diversity of areas "
                  "to two."));
    if (has_incomplete(d))
        parts[n++] =
            names_of(d, N_("Cells that the publisher withheld or that are "
                           "missing count as zero in measures."));
    if (n == 1)
        return text;
    return n == 2 ? names_fill(d, "{a} {b}", "a", parts[0], "b", parts[1], NULL)
                  : names_fill(d, "{a} {b} {c}", "a", parts[0], "b", parts[1],
                               "c", parts[2], NULL);
}

void part_measures(struct doc *d)
{
    struct node *part = node_set(d->root, "measures", node_object(d->arena));

    node_set(part, "city", index_list(d, MEASURE_CITY, DICT_NONE));
    node_set(part, "migrants", index_list(d, MEASURE_GROUP, RELEASE_MIGRANTS));
    node_set(part, "origins", origins_table(d));
    node_set(part, "text", stated(d));
}
