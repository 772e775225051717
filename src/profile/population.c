/*
 * population.c: residents, their change, their sexes and ages.
 */
#include <stdlib.h>
#include <string.h>

#include "profile/part.h"

#define PERSONS "persons"
#define SOURCE "population"

static void number_set(struct doc *d, const char *key, struct quantity q,
                       const char *unit, const char *period, const char *label)
{
    node_set(node_get(d->root, "population"), key,
             number_new(d, q, unit, period, SOURCE, names_of(d, label)));
}

static void totals_now(struct doc *d)
{
    struct quantity total = city_total(d, false);
    struct quantity migrants = city_migrants(d, false);
    struct quantity majority = city_majority(d, false);
    double area_m2 = 0;

    for (size_t i = 0; i < d->g->n; i++)
        area_m2 += d->g->areas[i].area_m2;
    number_set(d, "total", total, PERSONS, NULL, N_("Residents"));
    number_set(d, "migrants", migrants, PERSONS, NULL, N_("Migrants"));
    number_set(d, "majority", majority, PERSONS, NULL, N_("Majority"));
    number_set(
        d, "migrants_share",
        q_round(q_share(migrants, total, majority.state == STATE_PLAIN), 6),
        "share", NULL, N_("Share of migrants"));
    number_set(d, "density",
               area_m2 > 0 ? q_round(q_times(total, 1e6 / area_m2), 1)
                           : q_none(STATE_UNDEFINED),
               "persons/km2", NULL, N_("Residents per square kilometre"));
}

static void totals_before(struct doc *d)
{
    const char *before = d->p->compare;
    struct quantity total = city_total(d, true);
    struct quantity migrants = city_migrants(d, true);
    bool rest = city_majority(d, true).state == STATE_PLAIN;

    number_set(d, "compare_total", total, PERSONS, before, N_("Residents"));
    number_set(d, "compare_migrants", migrants, PERSONS, before,
               N_("Migrants"));
    number_set(d, "compare_migrants_share",
               q_round(q_share(migrants, total, rest), 6), "share", before,
               N_("Share of migrants"));
    number_set(d, "change", q_minus(city_total(d, false), total), PERSONS, NULL,
               N_("Change in residents"));
    number_set(d, "change_share",
               q_round(q_growth(city_total(d, false), total), 6), "share", NULL,
               N_("Relative change in residents"));
    number_set(d, "migrants_change", q_minus(city_migrants(d, false), migrants),
               PERSONS, NULL, N_("Change in migrants"));
    number_set(d, "migrants_change_share",
               q_round(q_growth(city_migrants(d, false), migrants), 6), "share",
               NULL, N_("Relative change in migrants"));
}

static int period_order(const void *a, const void *b)
{
    const struct release_period *const *x = a, *const *y = b;

    return strcmp((*x)->period, (*y)->period);
}

static struct node *series_make(struct doc *d)
{
    size_t n;
    const struct release_period *periods = release_periods(d->r, &n);
    const struct release_period **sorted =
        arena_array(d->arena, const struct release_period *, n + 1);
    struct sheet t = sheet_new(d, "population-series",
                               names_of(d, N_("Residents by period")), PERSONS,
                               NULL, SOURCE);

    sheet_column(&t, "period", names_of(d, N_("Period")), "period", NULL);
    sheet_column(&t, "total", names_of(d, N_("Residents")), "number", PERSONS);
    sheet_column(&t, "migrants", names_of(d, N_("Migrants")), "number",
                 PERSONS);
    sheet_column(&t, "migrants_share", names_of(d, N_("Share of migrants")),
                 "number", "share");
    for (size_t i = 0; i < n; i++)
        sorted[i] = &periods[i];
    qsort(sorted, n, sizeof(sorted[0]), period_order);
    for (size_t i = 0; i < n; i++) {
        struct node *row = sheet_row(&t);
        struct quantity total = q_of(sorted[i]->total);
        struct quantity migrants = q_of(sorted[i]->migrants);

        row_say(&t, row, sorted[i]->period);
        row_push(&t, row, total);
        row_push(&t, row, migrants);
        row_push(&t, row, q_round(q_share(migrants, total, true), 6));
    }
    return t.node;
}

/* A group of TABLE_GROUP_SEX: its code in the document, and its name. */
static const char *group_code(struct doc *d, size_t group)
{
    if (group < 2)
        return group == 0 ? "majority" : "migrants";
    return dict_cstr(release_dict(d->r, DIM_ORIGIN), (uint32_t)group - 2);
}

static struct node *group_name(struct doc *d, size_t group)
{
    return group == 0   ? d->majority
           : group == 1 ? d->migrants
                        : d->name[group - 2];
}

/* The two groups, then the migrant origins large enough to be measured. */
static size_t groups_list(struct doc *d, size_t *groups)
{
    size_t n = 2;

    groups[0] = 0;
    groups[1] = 1;
    for (size_t i = 0; i < d->n_origins; i++) {
        uint32_t o = d->ranked[i];
        struct quantity q = origin_count(d, o, false);

        if (d->migrant[o] && q_known(q) &&
            q.v >= (double)release_measure_from(d->r))
            groups[n++] = o + 2;
    }
    return n;
}

static struct quantity group_total(struct doc *d, size_t group)
{
    return group == 0   ? city_majority(d, false)
           : group == 1 ? city_migrants(d, false)
                        : origin_count(d, (uint32_t)group - 2, false);
}

static struct node *sex_make(struct doc *d, const size_t *groups, size_t n)
{
    const struct release_table *from =
        release_table(d->r, TABLE_GROUP_SEX, false);
    const struct dict *sexes = release_dict(d->r, DIM_SEX);
    static const char *const codes[] = {"female", "male", "other"};
    static const char *const labels[] = {N_("Women"), N_("Men"),
                                         N_("Other sex")};
    struct sheet t = sheet_new(d, "population-sex",
                               names_of(d, N_("Residents by group and sex")),
                               PERSONS, NULL, SOURCE);

    sheet_column(&t, "group", names_of(d, N_("Group")), "term", NULL);
    for (size_t s = 0; s < 3; s++)
        sheet_column(&t, codes[s], names_of(d, labels[s]), "number", PERSONS);
    sheet_column(&t, "female_share", names_of(d, N_("Share of women")),
                 "number", "share");
    for (size_t i = 0; i < n; i++) {
        struct node *row = sheet_row(&t);
        struct quantity women = q_none(STATE_MISSING);

        sheet_term(&t, group_code(d, groups[i]), group_name(d, groups[i]));
        row_say(&t, row, group_code(d, groups[i]));
        for (size_t s = 0; s < 3; s++) {
            uint32_t code = dict_find(sexes, str_of(codes[s]));

            if (code == DICT_NONE) {
                row_node(row, NULL);
                continue;
            }
            row_push(&t, row, q_table(from, groups[i], code, 0));
            if (s == 0)
                women = q_table(from, groups[i], code, 0);
        }
        row_push(&t, row,
                 q_round(q_share(women, group_total(d, groups[i]), false), 6));
    }
    return t.node;
}

struct age_column {
    struct age_band band;
    uint32_t code;
};

static int age_order(const void *a, const void *b)
{
    const struct age_column *x = a, *y = b;

    if (x->band.low != y->band.low)
        return x->band.low < y->band.low ? -1 : 1;
    return x->code < y->code ? -1 : x->code > y->code;
}

static struct age_column *ages_sort(struct doc *d, size_t *n)
{
    const struct dict *ages = release_dict(d->r, DIM_AGE);
    struct age_column *columns =
        arena_array(d->arena, struct age_column, ages->n + 1);

    for (uint32_t i = 0; i < ages->n; i++) {
        columns[i].code = i;
        if (!age_band_parse(dict_text(ages, i), &columns[i].band))
            columns[i].band.low = INT32_MAX;
    }
    qsort(columns, ages->n, sizeof(columns[0]), age_order);
    *n = ages->n;
    return columns;
}

static void structure_rows(struct doc *d, struct sheet *t, size_t group,
                           const struct age_column *ages, size_t n_ages)
{
    const struct release_table *from =
        release_table(d->r, TABLE_GROUP_SEX_AGE, false);
    const struct dict *sexes = release_dict(d->r, DIM_SEX);
    static const char *const order[] = {"female", "male", "other", ""};
    struct quantity total = group_total(d, group);

    sheet_term(t, group_code(d, group), group_name(d, group));
    for (size_t s = 0; s < ARRAY_LEN(order); s++) {
        uint32_t sex = dict_find(sexes, str_of(order[s]));

        for (size_t k = 0; sex != DICT_NONE && k < n_ages; k++) {
            struct quantity q = q_table(from, group, sex, ages[k].code);
            struct node *row = sheet_row(t);

            row_say(t, row, group_code(d, group));
            row_say(t, row, order[s][0] ? order[s] : NULL);
            row_say(t, row,
                    dict_cstr(release_dict(d->r, DIM_AGE), ages[k].code));
            row_push(t, row, q);
            row_push(t, row, q_round(q_share(q, total, false), 6));
        }
    }
}

static struct node *structure_make(struct doc *d, const size_t *groups,
                                   size_t n)
{
    struct sheet t =
        sheet_new(d, "population-structure",
                  names_of(d, N_("Residents by group, sex and age")), PERSONS,
                  NULL, SOURCE);
    size_t n_ages;
    const struct age_column *ages = ages_sort(d, &n_ages);

    sheet_column(&t, "group", names_of(d, N_("Group")), "term", NULL);
    sheet_column(&t, "sex", names_of(d, N_("Sex")), "term", NULL);
    sheet_column(&t, "age", names_of(d, N_("Age")), "code", NULL);
    sheet_column(&t, "count", names_of(d, N_("Residents")), "number", PERSONS);
    sheet_column(&t, "share", names_of(d, N_("Share of the group")), "number",
                 "share");
    sheet_term(&t, "female", names_of(d, N_("Women")));
    sheet_term(&t, "male", names_of(d, N_("Men")));
    sheet_term(&t, "other", names_of(d, N_("Other sex")));
    for (size_t i = 0; i < n; i++)
        structure_rows(d, &t, groups[i], ages, n_ages);
    return t.node;
}

void part_population(struct doc *d)
{
    struct node *p = node_set(d->root, "population", node_object(d->arena));
    size_t *groups = arena_array(d->arena, size_t, d->n_origins + 2);
    size_t n = groups_list(d, groups);

    totals_now(d);
    if (has_compare(d))
        totals_before(d);
    node_set(p, "series", series_make(d));
    node_set(p, "structure",
             release_table(d->r, TABLE_GROUP_SEX_AGE, false)->cells
                 ? structure_make(d, groups, n)
                 : part_absent(d, N_("The population table gives no ages; a "
                                     "column of ages would show them.")));
    node_set(p, "sex",
             release_table(d->r, TABLE_GROUP_SEX, false)->cells
                 ? sex_make(d, groups, n)
                 : part_absent(d, N_("The population table gives no sexes; a "
                                     "column of sexes would show them.")));
}
