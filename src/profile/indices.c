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
    if (v->inferred) {
        node_set_double(n, "low", v->low);
        node_set_double(n, "high", v->high);
        node_set_double(n, "level", 0.95);
        node_set_text(n, "method", "bootstrap of persons");
        node_set_double(n, "debiased", v->debiased);
        if (isfinite(v->expected)) {
            node_set_double(n, "expected", v->expected);
            node_set_double(n, "p", v->p);
        }
        node_set_int(n, "draws", (int64_t)v->inferred);
    }
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

/* What is known of an origin's dissimilarity beside its value. */
static const struct {
    const char *code, *label;
} sureties[] = {
    {"dissimilarity_low", N_("Dissimilarity, least")},
    {"dissimilarity_high", N_("Dissimilarity, most")},
    {"dissimilarity_debiased", N_("Dissimilarity without its bias")},
    {"dissimilarity_expected", N_("Dissimilarity by chance alone")},
    {"dissimilarity_p", N_("Chance of as much by chance alone")},
};

static void surety_columns(struct doc *d, struct sheet *t)
{
    for (size_t i = 0; i < ARRAY_LEN(sureties); i++)
        sheet_column(t, sureties[i].code, names_of(d, sureties[i].label),
                     "number", "index");
}

static void surety_cells(struct doc *d, struct sheet *t, struct node *row,
                         uint32_t origin)
{
    const struct release_measure *v =
        value_find(d, "dissimilarity", MEASURE_GROUP, origin, false);
    bool known = v && v->inferred;
    double values[] = {known ? v->low : 0, known ? v->high : 0,
                       known ? v->debiased : 0, known ? v->expected : 0,
                       known ? v->p : 0};

    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        row_push(t, row, known ? q_number(values[i]) : q_none(STATE_UNDEFINED));
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
    surety_columns(d, &t);

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
        surety_cells(d, &t, row, o);
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

/* Of all migrants: more than chance? */
static struct node *say_migrants(struct doc *d)
{
    const struct release_measure *v =
        value_find(d, "dissimilarity", MEASURE_GROUP, RELEASE_MIGRANTS, false);

    if (!v || !v->inferred)
        return NULL;
    if (v->p > 0.05)
        return names_of(d, N_("Migrants live no more unevenly over the areas "
                              "than chance alone would make it."));
    return names_fill(
        d,
        N_("Chance alone would give migrants a dissimilarity of {expected}; "
           "theirs, freed of what chance adds, is {debiased}: between {low} "
           "and "
           "{high} with a certainty of 95 in 100."),
        "expected", names_decimal(d, v->expected, 3), "debiased",
        names_decimal(d, v->debiased, 3), "low", names_decimal(d, v->low, 3),
        "high", names_decimal(d, v->high, 3), NULL);
}

/* Of the origins: how many are noise, and whether their order is sure. */
static struct node *say_origins(struct doc *d)
{
    size_t n, all = 0, noise = 0, apart = 0;
    const struct release_measure *m = release_measures(d->r, &n);
    double expected_most = 0;

    for (; n > 0; n--, m++) {
        if (!m->inferred || m->scope != MEASURE_GROUP ||
            m->origin >= d->n_origins || strcmp(m->code, "dissimilarity") != 0)
            continue;
        all++;
        noise += m->p > 0.05;
        apart += m->expected > m->value / 2;
        expected_most = fmax(expected_most, m->expected);
    }
    if (!all)
        return NULL;
    if (noise)
        return names_fill(
            d,
            N_("For {n} of the {all} origins the dissimilarity is no more "
               "uneven than chance alone would make it: read nothing into "
               "it."),
            "n", names_integer(d, (int64_t)noise), "all",
            names_integer(d, (int64_t)all), NULL);
    if (apart)
        return names_fill(
            d,
            N_("Every origin lives more unevenly than chance alone would make "
               "it, but for {n} of {all} more than half of the figure is "
               "chance: compare the value without its bias."),
            "n", names_integer(d, (int64_t)apart), "all",
            names_integer(d, (int64_t)all), NULL);
    return names_fill(d,
                      N_("Every origin lives more unevenly than chance alone "
                         "would make it, which gives {expected} at most."),
                      "expected", names_decimal(d, expected_most, 3), NULL);
}

static void say_sure(struct doc *d, struct node *part)
{
    struct node *list = node_list(d->arena);
    struct node *said[] = {say_migrants(d), say_origins(d)};

    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        if (said[i])
            node_push(list, said[i]);
    if (!node_len(list))
        return;
    node_push(list, names_of(d, N_("Chance alone makes areas differ, so the "
                                   "value counted is a little too high where "
                                   "areas or groups are small. The value freed "
                                   "of chance has that taken off; the interval "
                                   "is around it, and the value counted can "
                                   "lie just above.")));
    node_push(list, names_fill(
                        d,
                        N_("Intervals hold for 95 in 100 cities drawn anew "
                           "person by person; chance is every area's "
                           "residents drawn from the whole city. {draws} "
                           "draws for migrants, {fewer} for the city and "
                           "for an origin."),
                        "draws", names_integer(d, RELEASE_INFERENCE_DRAWS),
                        "fewer", names_integer(d, RELEASE_ORIGIN_DRAWS), NULL));
    node_set(part, "sure", list);
}

void part_measures(struct doc *d)
{
    struct node *part = node_set(d->root, "measures", node_object(d->arena));

    node_set(part, "city", index_list(d, MEASURE_CITY, DICT_NONE));
    node_set(part, "migrants", index_list(d, MEASURE_GROUP, RELEASE_MIGRANTS));
    node_set(part, "origins", origins_table(d));
    if (clusters_groups(d))
        node_set(part, "clusters", clusters_groups(d));
    if (bandwidths_table(d)) {
        node_set(part, "bandwidths", bandwidths_table(d));
        node_set(part, "scales", scales_table(d));
    }
    node_set(part, "text", stated(d));
    say_sure(d, part);
}
