/*
 * figures.c: what the profile draws. Each figure names the table behind it.
 */
#include <math.h>
#include <stdlib.h>

#include "profile/part.h"

enum { LEADING_MAPS = 6, LEADING_AGES = 3, LEADING_CURVES = 4, BARS = 20 };

struct node *figure_new(struct doc *d, const char *code, const char *kind,
                        struct node *title, const char *source,
                        const char *table)
{
    struct node *f =
        node_push(node_get(d->root, "figures"), node_object(d->arena));

    node_set_text(f, "code", code);
    node_set_text(f, "kind", kind);
    node_set(f, "title", title);
    node_set(f, "source", source ? names_same(d, source) : names_same(d, ""));
    node_set_text(f, "table", table);
    return f;
}

void figure_say(struct node *figure, struct node *names)
{
    struct node *list = node_get(figure, "text");

    if (!names)
        return;
    if (!list)
        list = node_set(figure, "text", node_list(figure->arena));
    node_push(list, names);
}

/* What stands under a figure: title of the resource and its licence. */
static const char *source_line(struct doc *d, const char *resource)
{
    for (size_t i = 0; i < d->p->n_readings; i++) {
        const struct reading *r = &d->p->readings[i];
        const char *who = d->p->licence_title, *licence = d->p->licence;

        if (!str_is(str_of(r->resource), resource))
            continue;
        if (r->licence && r->licence[0])
            licence = r->licence;
        if (who && who[0] && licence && licence[0])
            return arena_printf(d->arena, "%s, %s", who, licence);
        return who && who[0] ? who : licence;
    }
    return d->p->licence_title;
}

static void strings_set(struct node *n, const char *key,
                        const char *const *texts, size_t count)
{
    struct node *list = node_set(n, key, node_list(n->arena));

    for (size_t i = 0; i < count; i++)
        node_push(list, node_text(n->arena, texts[i]));
}

static void majority_skip(struct doc *d, struct node *figure)
{
    struct node *skip = node_set(figure, "skip", node_list(d->arena));

    for (uint32_t o = 0; o < d->n_origins; o++)
        if (!d->migrant[o])
            node_push(skip,
                      node_text(d->arena,
                                dict_cstr(release_dict(d->r, DIM_ORIGIN), o)));
}

static struct node *map_new(struct doc *d, const char *code, struct node *title,
                            const char *source, const char *table,
                            const char *value, const char *unit)
{
    struct node *f = figure_new(d, code, "choropleth", title, source, table);

    if (value)
        node_set_text(f, "value", value);
    node_set_text(f, "area", "area");
    node_set_text(f, "unit", unit);
    node_set_text(f, "classes", "quantile");
    node_set_int(f, "n_classes", 5);
    node_set_text(f, "palette", "sequential");
    return f;
}

static void diverging(struct node *f, double middle)
{
    node_set_text(f, "palette", "diverging");
    node_set_double(f, "middle", middle);
}

size_t leading_origins(const struct doc *d, uint32_t *out, size_t most)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n_origins && n < most; i++) {
        uint32_t o = d->ranked[i];
        struct quantity q = origin_count(d, o, false);

        if (d->migrant[o] && !d->residual[o] && q_known(q) &&
            q.v >= (double)release_measure_from(d->r))
            out[n++] = o;
    }
    return n;
}

static void map_origins(struct doc *d, const char *source)
{
    uint32_t origins[LEADING_MAPS];
    const char *codes[LEADING_MAPS];
    size_t n = leading_origins(d, origins, LEADING_MAPS);
    struct node *f;

    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        codes[i] = dict_cstr(release_dict(d->r, DIM_ORIGIN), origins[i]);
    f = map_new(d, "map-origins",
                names_of(d, N_("Where the largest origins live more and less "
                               "often than in the whole city")),
                source, "area-quotients", NULL, "ratio");
    node_set_text(f, "kind", "multiples");
    strings_set(f, "items", codes, n);
    diverging(f, 1);
}

static void maps(struct doc *d)
{
    const char *source = source_line(d, "population");

    if (d->g->n == 0)
        return;
    map_new(d, "map-migrants",
            names_of(d, N_("Share of migrants among residents, by area")),
            source, "areas", "share", "share");
    if (has_compare(d))
        diverging(
            map_new(d, "map-change",
                    names_fill(d,
                               N_("Change in the share of migrants "
                                  "since {period}, in points"),
                               "period", names_period(d, d->p->compare), NULL),
                    source, "areas", "share_change", "points"),
            0);
    map_new(d, "map-diversity",
            names_of(d, N_("Diversity of origins, by area")), source, "areas",
            "diversity", "index");
    map_origins(d, source);
    clusters_figures(d, source);
    if (d->p->n_services > 0)
        map_new(d, "map-services",
                names_of(d, N_("Services per 10,000 residents, by area")),
                source_line(d, "services"), "services-by-area", "per_10000",
                "per 10000 residents");
}

static void origin_charts(struct doc *d)
{
    const char *source = source_line(d, "population");
    struct node *f = figure_new(
        d, "origins-bars", "bars",
        names_of(d, N_("The largest origins of migrants")), source, "origins");

    node_set_text(f, "label", "origin");
    node_set_text(f, "value", "count");
    node_set_int(f, "limit", BARS);
    majority_skip(d, f);
    if (!has_compare(d))
        return;
    f = figure_new(d, "origins-slope", "slope",
                   names_fill(d,
                              N_("The largest origins in {before} and {now}"),
                              "before", names_period(d, d->p->compare), "now",
                              names_period(d, d->p->period), NULL),
                   source, "origins");
    node_set_text(f, "label", "origin");
    node_set_text(f, "from", "compare_count");
    node_set_text(f, "to", "count");
    node_set_text(f, "from_label", d->p->compare);
    node_set_text(f, "to_label", d->p->period);
    node_set_int(f, "limit", 12);
    majority_skip(d, f);
    for (size_t i = 0; i < node_len(doubts_list(d)); i++)
        if (str_is(str_of(node_cstr(
                       node_get(node_at(doubts_list(d), i), "code"), "")),
                   "names-mixed"))
            figure_say(f, node_get(node_at(doubts_list(d), i), "text"));
}

static void pyramid(struct doc *d)
{
    const struct dict *sexes = release_dict(d->r, DIM_SEX);
    const char *groups[2 + LEADING_AGES] = {"majority", "migrants"};
    uint32_t origins[LEADING_AGES];
    size_t n = leading_origins(d, origins, LEADING_AGES);
    struct node *f;

    if (!release_table(d->r, TABLE_GROUP_SEX_AGE, false)->cells ||
        dict_find(sexes, STR("female")) == DICT_NONE ||
        dict_find(sexes, STR("male")) == DICT_NONE)
        return;
    for (size_t i = 0; i < n; i++)
        groups[2 + i] = dict_cstr(release_dict(d->r, DIM_ORIGIN), origins[i]);
    f = figure_new(d, "age-pyramid", "pyramid",
                   names_of(d, N_("Ages of women and men, by group")),
                   source_line(d, "population"), "population-structure");
    strings_set(f, "groups", groups, 2 + n);
    node_set_text(f, "sex", "sex");
    node_set_text(f, "age", "age");
    node_set_text(f, "share", "share");
}

/* An area's members and everyone else. */
struct pair {
    double group, rest;
    size_t area;
};

static int pair_order(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    double sx = x->group * (y->group + y->rest);
    double sy = y->group * (x->group + x->rest);

    if (sx != sy)
        return sx < sy ? -1 : 1;
    return x->area < y->area ? -1 : x->area > y->area;
}

/*
 * Members and others by area from what is shown; the areas where either is
 * withheld are taken together, as the totals leave them.
 */
static size_t pairs_fill(struct doc *d, uint32_t origin, struct pair *pairs)
{
    struct quantity size = origin == RELEASE_MIGRANTS
                               ? city_migrants(d, false)
                               : origin_count(d, origin, false);
    struct quantity total = city_total(d, false);
    double group = 0, rest = 0;
    size_t n = 0;

    if (!q_known(size) || !q_known(total))
        return 0;
    for (size_t i = 0; i < d->g->n; i++) {
        struct quantity q = group_cell(d, i, origin);
        struct quantity all = area_total(d, i);

        if (!q_known(q) || !q_known(all) || all.v <= 0)
            continue;
        pairs[n++] = (struct pair){q.v, all.v - q.v, i};
        group += q.v;
        rest += all.v - q.v;
    }
    if (size.v - group > 0 || total.v - size.v - rest > 0)
        pairs[n++] = (struct pair){fmax(0, size.v - group),
                                   fmax(0, total.v - size.v - rest), d->g->n};
    return n;
}

static void curve_push(struct doc *d, struct node *xy, double x, double y)
{
    node_push(xy, node_double(d->arena, round(x * 1e4) / 1e4));
    node_push(xy, node_double(d->arena, round(y * 1e4) / 1e4));
}

static bool curve_add(struct doc *d, struct node *series, const char *code,
                      struct node *label, uint32_t origin)
{
    struct pair *pairs = arena_array(d->arena, struct pair, d->g->n + 2);
    size_t n = pairs_fill(d, origin, pairs);
    double group = 0, rest = 0, x = 0, y = 0;
    struct node *s, *xy;

    for (size_t i = 0; i < n; i++) {
        group += pairs[i].group;
        rest += pairs[i].rest;
    }
    if (n < 2 || group <= 0 || rest <= 0)
        return false;
    qsort(pairs, n, sizeof(pairs[0]), pair_order);
    s = node_push(series, node_object(d->arena));
    node_set_text(s, "code", code);
    node_set(s, "label", label);
    xy = node_set(s, "xy", node_list(d->arena));
    curve_push(d, xy, 0, 0);
    for (size_t i = 0; i < n; i++) {
        x += pairs[i].rest / rest;
        y += pairs[i].group / group;
        curve_push(d, xy, i + 1 == n ? 1 : x, i + 1 == n ? 1 : y);
    }
    return true;
}

static void concentration(struct doc *d)
{
    uint32_t origins[LEADING_CURVES];
    size_t n = leading_origins(d, origins, LEADING_CURVES);
    struct node *series = node_list(d->arena), *f;

    curve_add(d, series, "migrants", d->migrants, RELEASE_MIGRANTS);
    for (size_t i = 0; i < n; i++)
        curve_add(d, series,
                  dict_cstr(release_dict(d->r, DIM_ORIGIN), origins[i]),
                  d->name[origins[i]], origins[i]);
    if (node_len(series) == 0)
        return;
    f = figure_new(d, "concentration", "concentration",
                   names_of(d, N_("How far from an even spread over the "
                                  "areas")),
                   source_line(d, "population"), "area-counts");
    node_set(f, "series", series);
}

static void dissimilarity(struct doc *d)
{
    const struct node *measures = node_get(d->root, "measures");
    const struct node *all = node_path(measures, "migrants.dissimilarity");
    const struct node *rows = node_path(measures, "origins.rows");
    struct node *f, *reference;

    if (node_len(rows) == 0)
        return;
    f = figure_new(d, "dissimilarity-bars", "bars",
                   names_of(d, N_("Dissimilarity of the largest origins from "
                                  "all other residents")),
                   source_line(d, "population"), "measures-origins");
    node_set_text(f, "label", "origin");
    node_set_text(f, "value", "dissimilarity");
    node_set_int(f, "limit", BARS);
    if (!node_is_number(node_get(all, "value")))
        return;
    reference = node_set(f, "reference", node_object(d->arena));
    node_set_double(reference, "value", node_number(node_get(all, "value"), 0));
    node_set(reference, "label", d->migrants);
}

static void columns_figure(struct doc *d, const char *code, struct node *title,
                           const char *resource, const char *table,
                           const char *const *columns, size_t n)
{
    struct node *f =
        figure_new(d, code, "columns", title, source_line(d, resource), table);

    node_set_text(f, "label", "period");
    strings_set(f, "series", columns, n);
}

static void outcome_figures(struct doc *d)
{
    const struct node *tables = node_path(d->root, "outcomes.indicators");

    for (size_t i = 0; i < node_len(tables); i++) {
        const struct node *t = node_at(tables, i);
        const char *table = node_cstr(node_get(t, "code"), "");
        struct node *f = figure_new(
            d, arena_printf(d->arena, "outcomes-%s", table + sizeof("outcome")),
            "dots", node_get(t, "title"), source_line(d, "outcomes"), table);

        node_set_text(f, "label", "group");
        node_set_text(f, "value", "value");
        node_set_text(f, "low", "low");
        node_set_text(f, "high", "high");
        node_set_text(f, "group", "group");
    }
}

void part_figures(struct doc *d)
{
    static const char *const totals[] = {"total", "migrants"};
    static const char *const moves[] = {"arrivals", "departures"};
    size_t n;

    node_set(d->root, "figures", node_list(d->arena));
    maps(d);
    origin_charts(d);
    pyramid(d);
    concentration(d);
    dissimilarity(d);
    bandwidths_figure(d, source_line(d, "population"));
    (void)release_periods(d->r, &n);
    if (n > 1)
        columns_figure(d, "series",
                       names_of(d, N_("Residents and migrants over time")),
                       "population", "population-series", totals, 2);
    (void)release_flows(d->r, &n);
    if (n > 0)
        columns_figure(d, "flows", names_of(d, N_("Arrivals and departures")),
                       "flows", "flows-by-period", moves, 2);
    outcome_figures(d);
}
