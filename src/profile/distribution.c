/*
 * distribution.c: who lives where, one row an area.
 */
#include <math.h>

#include "profile/part.h"

#define PERSONS "persons"
#define SOURCE "population"

struct area_row {
    struct quantity total, migrants, majority;
};

static struct area_row area_counts(struct doc *d, size_t i, bool compare)
{
    const struct release_table *groups =
        release_table(d->r, TABLE_AREA_GROUP, compare);
    uint32_t a = d->area[i];

    if (a == DICT_NONE)
        return (struct area_row){q_none(STATE_MISSING), q_none(STATE_MISSING),
                                 q_none(STATE_MISSING)};
    return (struct area_row){
        q_table(release_table(d->r, TABLE_AREA, compare), a, 0, 0),
        q_table(groups, a, 1, 0), q_table(groups, a, 0, 0)};
}

static struct quantity migrants_share(struct area_row r)
{
    return q_share(r.migrants, r.total, r.majority.state == STATE_PLAIN);
}

static struct quantity cell_of(struct doc *d, size_t i, uint32_t o)
{
    if (d->area[i] == DICT_NONE)
        return q_none(STATE_MISSING);
    return q_table(release_table(d->r, TABLE_AREA_ORIGIN, false), d->area[i], o,
                   0);
}

static struct quantity diversity(struct doc *d, size_t i, struct quantity total)
{
    size_t n;
    const struct release_measure *m = release_measures(d->r, &n);

    for (; n > 0; n--, m++) {
        double v;

        if (!m->area_values || m->compare ||
            !str_is(str_of(m->code), "shannon_diversity"))
            continue;
        if (d->area[i] == DICT_NONE)
            return q_none(STATE_MISSING);
        v = m->area_values[d->area[i]];
        if (isfinite(v))
            return q_number(v);
        if (!q_known(total))
            return q_none(total.state);
        return q_none(total.v > 0 && release_threshold(d->r) > 1
                          ? STATE_WITHHELD
                          : STATE_UNDEFINED);
    }
    return q_none(STATE_UNDEFINED);
}

/* The largest of the migrant origins shown for an area, or DICT_NONE. */
static uint32_t leading(struct doc *d, size_t i, bool *withheld)
{
    uint32_t best = DICT_NONE;
    double most = 0;

    *withheld = false;
    for (uint32_t o = 0; o < d->n_origins; o++) {
        struct quantity q = cell_of(d, i, o);

        if (!d->migrant[o])
            continue;
        *withheld |= q.state == STATE_WITHHELD || q.state == STATE_SOURCE;
        if (q_known(q) && q.v > most && !d->residual[o]) {
            most = q.v;
            best = o;
        }
    }
    return best;
}

static void area_columns(struct doc *d, struct sheet *t)
{
    sheet_column(t, "area", names_of(d, N_("Area")), "area", NULL);
    sheet_column(t, "name", names_of(d, N_("Name")), "text", NULL);
    sheet_column(t, "parent", names_of(d, N_("Part of")), "code", NULL);
    sheet_column(t, "population", names_of(d, N_("Residents")), "number",
                 PERSONS);
    sheet_column(t, "density", names_of(d, N_("Residents per km²")), "number",
                 "persons/km2");
    sheet_column(t, "migrants", names_of(d, N_("Migrants")), "number", PERSONS);
    sheet_column(t, "share", names_of(d, N_("Share of migrants")), "number",
                 "share");
    if (has_compare(d)) {
        sheet_column(t, "change", names_of(d, N_("Change in residents")),
                     "number", "share");
        sheet_column(t, "share_change",
                     names_of(d, N_("Change in the share of migrants")),
                     "number", "points");
    }
    sheet_column(t, "diversity", names_of(d, N_("Diversity")), "number",
                 "index");
    sheet_column(t, "leading", names_of(d, N_("Largest migrant origin")),
                 "origin", NULL);
    sheet_column(t, "leading_share", names_of(d, N_("Its share of residents")),
                 "number", "share");
}

static void area_row_set(struct doc *d, struct sheet *t, size_t i)
{
    const struct area *area = &d->g->areas[i];
    struct area_row now = area_counts(d, i, false);
    struct node *row = sheet_row(t);
    bool withheld;
    uint32_t o = leading(d, i, &withheld);

    row_say(t, row, area->id);
    row_say(t, row, area->name);
    row_say(t, row, area->parent);
    row_push(t, row, now.total);
    row_push(t, row,
             area->area_m2 > 0
                 ? q_round(q_times(now.total, 1e6 / area->area_m2), 1)
                 : q_none(STATE_UNDEFINED));
    row_push(t, row, now.migrants);
    row_push(t, row, q_round(migrants_share(now), 6));
    if (has_compare(d)) {
        struct area_row then = area_counts(d, i, true);

        row_push(t, row, q_round(q_growth(now.total, then.total), 6));
        row_push(
            t, row,
            q_round(q_times(q_minus(migrants_share(now), migrants_share(then)),
                            100),
                    3));
    }
    row_push(t, row, diversity(d, i, now.total));
    if (o == DICT_NONE) {
        row_node(row, NULL);
        row_push(t, row, q_none(withheld ? STATE_WITHHELD : STATE_UNDEFINED));
        return;
    }
    row_say(t, row, dict_cstr(release_dict(d->r, DIM_ORIGIN), o));
    row_push(t, row, q_round(q_share(cell_of(d, i, o), now.total, false), 6));
}

static struct node *areas_table(struct doc *d)
{
    struct sheet t = sheet_new(d, "areas", names_of(d, N_("Areas of the city")),
                               PERSONS, NULL, SOURCE);

    area_columns(d, &t);
    for (size_t i = 0; i < d->g->n; i++)
        area_row_set(d, &t, i);
    sheet_note(&t, names_of(d, N_("Diversity is 0 where everyone has the same "
                                  "origin and 1 where all origins of the city "
                                  "are equally frequent (Shannon's entropy, "
                                  "normalised).")));
    if (has_incomplete(d))
        sheet_note(&t, names_of(d, N_("Shares and changes are of the residents "
                                      "counted: the cells that the publisher "
                                      "withheld or that are missing are left "
                                      "out.")));
    return t.node;
}

static struct node *counts_table(struct doc *d)
{
    struct sheet t = sheet_new(d, "area-counts",
                               names_of(d, N_("Residents by area and origin")),
                               PERSONS, NULL, SOURCE);

    sheet_column(&t, "area", names_of(d, N_("Area")), "area", NULL);
    for (size_t k = 0; k < d->n_origins; k++)
        sheet_column(&t,
                     dict_cstr(release_dict(d->r, DIM_ORIGIN), d->ranked[k]),
                     d->name[d->ranked[k]], "number", PERSONS);
    for (size_t i = 0; i < d->g->n; i++) {
        struct node *row = sheet_row(&t);

        row_say(&t, row, d->g->areas[i].id);
        for (size_t k = 0; k < d->n_origins; k++)
            row_push(&t, row, cell_of(d, i, d->ranked[k]));
    }
    return t.node;
}

static bool origin_large(struct doc *d, uint32_t o)
{
    struct quantity q = origin_count(d, o, false);

    return q_known(q) && q.v >= (double)release_measure_from(d->r);
}

/* The share in the area over the share in the city. */
static struct quantity quotient(struct doc *d, size_t i, uint32_t o)
{
    struct quantity here =
        q_share(cell_of(d, i, o), area_counts(d, i, false).total, false);
    struct quantity city =
        q_share(origin_count(d, o, false), city_total(d, false), false);
    struct quantity q = q_share(here, city, false);

    if (q_known(q) && cell_of(d, i, o).state != STATE_PLAIN)
        return q_none(STATE_SOURCE);
    return q_round(q, 4);
}

static struct node *quotients_table(struct doc *d)
{
    struct sheet t = sheet_new(d, "area-quotients",
                               names_of(d, N_("Location quotients by area and "
                                              "origin")),
                               "ratio", NULL, SOURCE);

    sheet_column(&t, "area", names_of(d, N_("Area")), "area", NULL);
    for (size_t k = 0; k < d->n_origins; k++)
        if (origin_large(d, d->ranked[k]))
            sheet_column(
                &t, dict_cstr(release_dict(d->r, DIM_ORIGIN), d->ranked[k]),
                d->name[d->ranked[k]], "number", "ratio");
    for (size_t i = 0; i < d->g->n; i++) {
        struct node *row = sheet_row(&t);

        row_say(&t, row, d->g->areas[i].id);
        for (size_t k = 0; k < d->n_origins; k++)
            if (origin_large(d, d->ranked[k]))
                row_push(&t, row, quotient(d, i, d->ranked[k]));
    }
    sheet_note(&t, names_fill(d,
                              N_("The share of an origin in the area "
                                 "divided by its share in the city: 2 means "
                                 "twice as frequent as in the whole city. "
                                 "Origins with at least {n} residents."),
                              "n", names_integer(d, release_measure_from(d->r)),
                              NULL));
    return t.node;
}

void part_distribution(struct doc *d)
{
    struct node *part =
        node_set(d->root, "distribution", node_object(d->arena));

    node_set(part, "areas", areas_table(d));
    node_set(part, "counts", counts_table(d));
    node_set(part, "quotients", quotients_table(d));
    node_set(part, "clusters", clusters_areas(d));
}
