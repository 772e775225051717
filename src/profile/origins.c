/*
 * origins.c: where residents come from, ranked.
 */
#include <string.h>

#include "profile/part.h"

#define PERSONS "persons"
#define SOURCE "population"

/* Areas in which members live: a withheld count is never zero. */
static size_t areas_with(struct doc *d, uint32_t o)
{
    const struct release_table *t =
        release_table(d->r, TABLE_AREA_ORIGIN, false);
    size_t n = 0;

    for (size_t a = 0; a < t->rows; a++) {
        struct quantity q = q_table(t, a, o, 0);

        n += q.state == STATE_WITHHELD || q.state == STATE_SOURCE ||
             (q_known(q) && q.v > 0);
    }
    return n;
}

static void columns_set(struct doc *d, struct sheet *t)
{
    sheet_column(t, "origin", names_of(d, N_("Origin")), "origin", NULL);
    sheet_column(t, "rank", names_of(d, N_("Rank")), "number", "none");
    sheet_column(t, "count", names_of(d, N_("Residents")), "number", PERSONS);
    sheet_column(t, "share", names_of(d, N_("Share of residents")), "number",
                 "share");
    sheet_column(t, "share_of_migrants", names_of(d, N_("Share of migrants")),
                 "number", "share");
    if (has_compare(d)) {
        node_set_text(sheet_column(t, "compare_count",
                                   names_of(d, N_("Residents before")),
                                   "number", PERSONS),
                      "period", d->p->compare);
        sheet_column(t, "growth", names_of(d, N_("Growth")), "number", "share");
    }
    sheet_column(t, "areas_with", names_of(d, N_("Areas with members")),
                 "number", "places");
}

static void row_set(struct doc *d, struct sheet *t, size_t i)
{
    const struct dict *codes = release_dict(d->r, DIM_ORIGIN);
    uint32_t o = d->ranked[i];
    struct quantity q = origin_count(d, o, false);
    struct node *row = sheet_row(t);

    row_say(t, row, dict_cstr(codes, o));
    if (q_known(q) && q.v > 0)
        row_push(t, row, q_whole((int64_t)i + 1));
    else
        row_node(row, NULL);
    row_push(t, row, q);
    row_push(t, row, q_round(q_share(q, city_total(d, false), false), 6));
    if (d->migrant[o])
        row_push(t, row,
                 q_round(q_share(q, city_migrants(d, false), false), 6));
    else
        row_node(row, NULL);
    if (has_compare(d)) {
        struct quantity before = origin_count(d, o, true);

        row_push(t, row, before);
        row_push(t, row, q_round(q_growth(q, before), 6));
    }
    row_push(t, row, q_whole((int64_t)areas_with(d, o)));
}

static void notes_set(struct doc *d, struct sheet *t)
{
    if (has_incomplete(d))
        sheet_note(t, names_of(d, N_("Shares are of the residents counted: "
                                     "the cells that the publisher withheld "
                                     "or that are missing are left out.")));
}

static struct node *origins_table(struct doc *d)
{
    struct sheet t =
        sheet_new(d, "origins", names_of(d, N_("Residents by origin")), PERSONS,
                  NULL, SOURCE);

    columns_set(d, &t);
    for (size_t i = 0; i < d->n_origins; i++)
        row_set(d, &t, i);
    notes_set(d, &t);
    return t.node;
}

/* Sums of what is shown: with something withheld inside, at least that. */
static struct node *level_table(struct doc *d, const struct origin_level *l)
{
    const struct dict *codes = release_dict(d->r, DIM_ORIGIN);
    struct sheet t =
        sheet_new(d, arena_printf(d->arena, "origins-%s", l->code),
                  names_fill(d, N_("Residents by origin: {level}"), "level",
                             names_given(d, &l->names, l->code), NULL),
                  PERSONS, NULL, SOURCE);
    struct dict groups;

    sheet_column(&t, "group", names_of(d, N_("Group")), "code", NULL);
    sheet_column(&t, "count", names_of(d, N_("Residents")), "number", PERSONS);
    sheet_column(&t, "share", names_of(d, N_("Share of residents")), "number",
                 "share");
    sheet_column(&t, "origins", names_of(d, N_("Number of origins")), "number",
                 "none");
    dict_init(&groups, d->arena);
    for (size_t i = 0; i < l->n_maps; i++)
        dict_intern(&groups, str_of(l->group[i]));
    for (uint32_t g = 0; g < groups.n; g++) {
        struct quantity sum = q_whole(0);
        struct node *row = sheet_row(&t);
        int64_t n = 0;

        for (size_t i = 0; i < l->n_maps; i++) {
            uint32_t o = dict_find(codes, str_of(l->origin[i]));
            struct quantity q;

            if (o == DICT_NONE ||
                !str_eq(str_of(l->group[i]), dict_text(&groups, g)))
                continue;
            q = origin_count(d, o, false);
            n++;
            sum.v += q_known(q) ? q.v : 0;
            if (q.state != STATE_PLAIN)
                sum.state = STATE_AT_LEAST;
        }
        row_say(&t, row, dict_cstr(&groups, g));
        row_push(&t, row, sum);
        row_push(&t, row, q_round(q_share(sum, city_total(d, false), true), 6));
        row_push(&t, row, q_whole(n));
    }
    return t.node;
}

void part_origins(struct doc *d)
{
    struct node *part = node_set(d->root, "origins", node_object(d->arena));
    struct node *levels;
    int64_t n = 0;

    node_set(part, "table", origins_table(d));
    for (uint32_t o = 0; o < d->n_origins; o++) {
        struct quantity q = origin_count(d, o, false);

        n += q.state == STATE_WITHHELD || q.state == STATE_SOURCE ||
             (q_known(q) && q.v > 0);
    }
    node_set(part, "number",
             number_new(d, q_whole(n), "none", NULL, SOURCE,
                        names_of(d, N_("Origins with members"))));
    levels = node_set(part, "levels", node_list(d->arena));
    for (size_t i = 0; i < d->p->n_levels; i++)
        node_push(levels, level_table(d, &d->p->levels[i]));
}
