/*
 * synopsis.c: the profile in a few sentences, made from its numbers.
 */
#include <math.h>
#include <string.h>

#include "profile/part.h"
#include "profile/words.h"

enum { LARGEST = 4, AREA_RESIDENTS = 100 };

/* What makes a migrant under each basis, after a fraction or a percentage. */
static const struct {
    const char *basis, *fraction, *percent;
} shares[] = {
    {"country-of-birth",
     N_("One resident in {n} was born abroad ({percent}, {count} persons)."),
     N_("Of all residents, {percent} were born abroad ({count} persons).")},
    {"citizenship",
     N_("One resident in {n} is a citizen of another country ({percent}, "
        "{count} persons)."),
     N_("Of all residents, {percent} are citizens of another country ({count} "
        "persons).")},
    {"migration-background",
     N_("One resident in {n} has a migration background ({percent}, {count} "
        "persons)."),
     N_("Of all residents, {percent} have a migration background ({count} "
        "persons).")},
    {"", N_("One resident in {n} is a migrant ({percent}, {count} persons)."),
     N_("Of all residents, {percent} are migrants ({count} persons).")},
};

/* A count in words of its state: "3,769,962", "at least 5", "about 7". */
static struct node *count_names(struct doc *d, struct quantity q)
{
    struct node *n = names_integer(d, (int64_t)q.v);

    if (q.state == STATE_AT_LEAST)
        return names_fill(d, N_("at least {n}"), "n", n, NULL);
    if (q.state == STATE_APPROXIMATE)
        return names_fill(d, N_("about {n}"), "n", n, NULL);
    return n;
}

static struct node *percent_names(struct doc *d, struct quantity q)
{
    struct node *n = names_percent(d, q.v, fabs(q.v) < 0.1 ? 1 : 0);

    if (q.state == STATE_AT_LEAST)
        return names_fill(d, N_("at least {n}"), "n", n, NULL);
    if (q.state == STATE_APPROXIMATE)
        return names_fill(d, N_("about {n}"), "n", n, NULL);
    return n;
}

static struct node *city_name(struct doc *d)
{
    return node_path(d->root, "city.name");
}

static void say_total(struct doc *d, struct node *out)
{
    struct quantity total = city_total(d, false);

    bool day = strlen(d->p->period) == sizeof("2020-01-01") - 1;

    if (q_known(total))
        node_push(out,
                  names_fill(d,
                             day ? N_("{city} had {n} residents on {period}.")
                                 : N_("{city} had {n} residents in {period}."),
                             "city", city_name(d), "n", count_names(d, total),
                             "period", names_period(d, d->p->period), NULL));
}

static struct quantity share_now(struct doc *d, bool compare)
{
    return q_share(city_migrants(d, compare), city_total(d, compare),
                   city_majority(d, compare).state == STATE_PLAIN);
}

static void say_share(struct doc *d, struct node *out)
{
    struct quantity share = share_now(d, false);
    unsigned n = words_one_in(share.v);
    size_t i = 0;
    struct node *count, *word;

    if (!q_known(share) || !q_known(city_migrants(d, false)))
        return;
    while (shares[i].basis[0] &&
           (!d->p->basis || strcmp(shares[i].basis, d->p->basis) != 0))
        i++;
    count = count_names(d, city_migrants(d, false));
    if (n == 0) {
        node_push(out,
                  names_fill(d, shares[i].percent, "percent",
                             percent_names(d, share), "count", count, NULL));
        return;
    }
    word = words_number(n) ? names_of(d, words_number(n)) : names_integer(d, n);
    node_push(out, names_fill(d, shares[i].fraction, "n", word, "percent",
                              percent_names(d, share), "count", count, NULL));
}

static void say_origins(struct doc *d, struct node *out)
{
    struct node *items[LARGEST];
    size_t n = 0;

    for (size_t i = 0; i < d->n_origins && n < LARGEST; i++) {
        uint32_t o = d->ranked[i];
        struct quantity q = origin_count(d, o, false);

        if (d->migrant[o] && !d->residual[o] && q_known(q) && q.v > 0)
            items[n++] = names_fill(d, N_("{name} ({n})"), "name", d->name[o],
                                    "n", count_names(d, q), NULL);
    }
    if (n > 0)
        node_push(out, names_fill(d, N_("The largest origins are: {list}."),
                                  "list", names_list(d, items, n), NULL));
}

static struct quantity size_of(struct quantity change)
{
    change.v = fabs(change.v);
    return change;
}

static void say_change(struct doc *d, struct node *out)
{
    struct quantity now = city_total(d, false), then = city_total(d, true);
    struct quantity change = q_minus(now, then);
    struct quantity growth = q_growth(now, then);
    struct node *period = names_period(d, d->p->compare);

    if (!q_known(change) || !q_known(growth))
        return;
    if (change.v == 0) {
        node_push(out, names_fill(d,
                                  N_("The number of residents is the same "
                                     "as in {period}."),
                                  "period", period, NULL));
        return;
    }
    node_push(out,
              names_fill(d,
                         change.v > 0
                             ? N_("Since {period} the number of residents has "
                                  "grown by {n} ({percent}).")
                             : N_("Since {period} the number of residents has "
                                  "fallen by {n} ({percent})."),
                         "period", period, "n", count_names(d, size_of(change)),
                         "percent", percent_names(d, size_of(growth)), NULL));
}

static void say_migrants_change(struct doc *d, struct node *out)
{
    struct quantity now = city_migrants(d, false);
    struct quantity then = city_migrants(d, true);
    struct quantity change = q_minus(now, then);
    struct quantity before = share_now(d, true), after = share_now(d, false);
    const char *message;

    if (!q_known(change) || !q_known(before) || !q_known(after))
        return;
    message = change.v > 0
                  ? N_("The number of migrants has grown by {n}; their share "
                       "has gone from {before} to {after}.")
              : change.v < 0
                  ? N_("The number of migrants has fallen by {n}; their share "
                       "has gone from {before} to {after}.")
                  : N_("The number of migrants is the same; their share has "
                       "gone from {before} to {after}.");
    before.state = after.state = STATE_PLAIN; /* said of the totals already */
    node_push(out, names_fill(d, message, "n", count_names(d, size_of(change)),
                              "before", names_percent(d, before.v, 1), "after",
                              names_percent(d, after.v, 1), NULL));
}

static double measure_value(struct doc *d, const char *path, const char *key)
{
    return node_number(
        node_get(node_path(node_get(d->root, "measures"), path), key), NAN);
}

static void say_evenness(struct doc *d, struct node *out)
{
    double now = measure_value(d, "migrants.dissimilarity", "value");
    double then = measure_value(d, "migrants.dissimilarity", "before");
    struct node *areas = names_integer(d, (int64_t)d->g->n), *n;

    if (!isfinite(now))
        return;
    n = names_integer(d, (int64_t)lround(100 * now));
    if (isfinite(then))
        node_push(out,
                  names_fill(
                      d,
                      N_("For an even spread over the {areas} areas, "
                         "{n} in 100 migrants would have to move to "
                         "another area; the figure for {period} was {before}."),
                      "areas", areas, "n", n, "period",
                      names_period(d, d->p->compare), "before",
                      names_integer(d, (int64_t)lround(100 * then)), NULL));
    else
        node_push(out, names_fill(d,
                                  N_("For an even spread over the {areas} "
                                     "areas, {n} in 100 migrants would have to "
                                     "move to another area."),
                                  "areas", areas, "n", n, NULL));
}

static void say_isolation(struct doc *d, struct node *out)
{
    double v = measure_value(d, "migrants.isolation", "value");

    if (isfinite(v))
        node_push(out,
                  names_fill(d,
                             N_("In the area where the average migrant lives, "
                                "{n} in 100 residents are migrants."),
                             "n", names_integer(d, (int64_t)lround(100 * v)),
                             NULL));
}

/* Areas with some hundred residents: in a hamlet a share says little. */
static void say_areas(struct doc *d, struct node *out)
{
    const struct node *t = node_path(d->root, "distribution.areas");
    const struct node *rows = node_get(t, "rows");
    size_t low = SIZE_MAX, high = SIZE_MAX;
    double least = 2, most = -1;

    for (size_t i = 0; i < node_len(rows); i++) {
        const struct node *population, *share;
        const struct node *row = node_at(rows, i);

        (void)profile_cell(node_at(row, 3), &population);
        (void)profile_cell(node_at(row, 6), &share);
        if (!population || !share ||
            node_number(population, 0) < AREA_RESIDENTS)
            continue;
        if (node_number(share, 0) < least) {
            least = node_number(share, 0);
            low = i;
        }
        if (node_number(share, 0) > most) {
            most = node_number(share, 0);
            high = i;
        }
    }
    if (low == high)
        return;
    node_push(out, names_fill(
                       d,
                       N_("The share of migrants is highest in {high} ({most}) "
                          "and lowest in {low} ({least})."),
                       "high", names_same(d, d->g->areas[high].name), "most",
                       names_percent(d, most, 0), "low",
                       names_same(d, d->g->areas[low].name), "least",
                       names_percent(d, least, least < 0.1 ? 1 : 0), NULL));
}

static void say_flows(struct doc *d, struct node *out)
{
    size_t n;
    const struct release_flow *f = release_flows(d->r, &n);
    struct quantity in, gone;

    if (n == 0)
        return;
    in = q_of(f[n - 1].arrivals);
    gone = q_of(f[n - 1].departures);
    if (q_known(in) && q_known(gone))
        node_push(out,
                  names_fill(d,
                             N_("In {period}, {in} persons moved to the city "
                                "and {out} left it."),
                             "period", names_period(d, f[n - 1].period), "in",
                             count_names(d, in), "out", count_names(d, gone),
                             NULL));
}

/* Of the whole city's indicators in their last period, where chance alone does
 * not explain it. */
static const struct release_outcome *widest_gap(struct doc *d)
{
    const struct release_outcome *best = NULL, *o;
    size_t n;

    o = release_outcomes(d->r, &n);
    for (size_t i = 0; i < n; i++) {
        const struct outcome *from = o[i].from;
        bool later = false;

        if (strcmp(from->group, "migrants") != 0 || from->area[0] ||
            from->sex[0] || from->age[0] || !isfinite(o[i].gap) ||
            (o[i].gap_low <= 0 && o[i].gap_high >= 0))
            continue;
        for (size_t k = 0; k < n; k++)
            later |= strcmp(o[k].from->indicator, from->indicator) == 0 &&
                     strcmp(o[k].from->period, from->period) > 0 &&
                     !o[k].from->area[0];
        if (!later && (!best || fabs(o[i].gap) > fabs(best->gap)))
            best = &o[i];
    }
    return best;
}

static void say_gap(struct doc *d, struct node *out)
{
    const struct release_outcome *o = widest_gap(d);
    struct node *name = NULL;

    if (!o)
        return;
    for (size_t i = 0; i < d->p->n_indicators && !name; i++)
        if (strcmp(d->p->indicators[i].code, o->from->indicator) == 0)
            name = names_given(d, &d->p->indicators[i].names, NULL);
    if (!name)
        name = names_same(d, o->from->indicator);
    node_push(out,
              names_fill(d,
                         N_("The widest gap between migrants and the majority: "
                            "{indicator}, {migrants} against {majority}."),
                         "indicator", name, "migrants",
                         names_percent(d, o->value, 0), "majority",
                         names_percent(d, o->value - o->gap, 0), NULL));
}

static void say_withheld(struct doc *d, struct node *out)
{
    const struct node *p = node_get(d->root, "protection");
    int64_t own = node_integer(node_get(p, "withheld_cells"), 0);

    if (own > 0)
        node_push(out,
                  names_fill(d,
                             N_("To protect residents, counts below {below} "
                                "are withheld, with as many others as that "
                                "takes."),
                             "below", names_integer(d, release_threshold(d->r)),
                             NULL));
    if (has_incomplete(d))
        node_push(out, names_of(d, N_("Some counts were withheld by the "
                                      "publisher or are not known: totals say "
                                      "\"at least\".")));
}

struct node *part_synopsis(struct doc *d)
{
    struct node *out = node_list(d->arena);

    if (d->p->fictional)
        node_push(out, names_fill(d,
                                  N_("{city} does not exist: city and "
                                     "numbers are made up as an example."),
                                  "city", city_name(d), NULL));
    say_total(d, out);
    say_share(d, out);
    say_origins(d, out);
    if (has_compare(d)) {
        say_change(d, out);
        say_migrants_change(d, out);
    }
    say_evenness(d, out);
    say_isolation(d, out);
    say_areas(d, out);
    say_flows(d, out);
    say_gap(d, out);
    say_withheld(d, out);
    return out;
}
