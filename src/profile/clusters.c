/*
 * clusters.c: where areas with a high or a low share of a group lie together.
 *
 * Local Moran's I (Anselin 1995) of the shares that the release shows: an area
 * whose count is withheld takes no part, neither as area nor as neighbour.
 * Neighbours touch, at a corner too. p is two-sided: an area keeps its share,
 * its neighbours' are drawn from all other areas. Among the areas marked, the
 * expected share of false ones is held at ALPHA (Benjamini and Hochberg 1995,
 * doi:10.1111/j.2517-6161.1995.tb02031.x; for this use Caldas de Castro and
 * Singer 2006, doi:10.1111/j.0016-7363.2006.00682.x).
 */
#include <math.h>
#include <stdlib.h>

#include "passerelle/measure_spatial.h"
#include "profile/part.h"

#define SOURCE "population"
#define ALPHA 0.05

enum { GROUPS_MOST = 7, DRAWS = 9999, DRAWS_WHOLE = 999 };

/* In the order of legends and tables. */
enum cluster {
    HIGH_HIGH,
    LOW_LOW,
    HIGH_LOW,
    LOW_HIGH,
    NOT_SURE,
    CLUSTERS,     /* below: takes no part */
    OUT_WITHHELD, /* its number is not shown */
    OUT_MISSING,  /* not known, or nobody lives there */
    OUT_ALONE,    /* no neighbour takes part */
};

static const struct {
    const char *code, *label, *column;
} kinds[CLUSTERS] = {
    {"high-high", N_("High among high"), "high_high"},
    {"low-low", N_("Low among low"), "low_low"},
    {"high-low", N_("High among low"), "high_low"},
    {"low-high", N_("Low among high"), "low_high"},
    {"not-sure", N_("No surer than chance"), "not_sure"},
};

struct cluster_group {
    const char *code; /* "migrants" or an origin */
    struct node *name;
    uint32_t origin;
    double *n;           /* area x {group, all others}: 0, 0 takes no part */
    double *share, *lag; /* of the areas; of their neighbours on average */
    double *i, *p;
    enum cluster *kind;
    size_t count[CLUSTERS], seen;
    struct moran moran;
};

struct clusters {
    struct cluster_group group[GROUPS_MOST];
    size_t n;
};

static void group_read(struct doc *d, struct cluster_group *c)
{
    size_t n = d->g->n;

    c->n = arena_array(d->arena, double, 2 * n + 1);
    c->share = arena_array(d->arena, double, n + 1);
    c->lag = arena_array(d->arena, double, n + 1);
    c->i = arena_array(d->arena, double, n + 1);
    c->p = arena_array(d->arena, double, n + 1);
    c->kind = arena_array(d->arena, enum cluster, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct quantity q = group_cell(d, i, c->origin);
        struct quantity all = area_total(d, i);

        c->kind[i] = OUT_MISSING;
        if (q.state == STATE_WITHHELD || q.state == STATE_SOURCE ||
            all.state == STATE_WITHHELD || all.state == STATE_SOURCE)
            c->kind[i] = OUT_WITHHELD;
        if (!q_known(q) || !q_known(all) || !(all.v > 0))
            continue;
        c->kind[i] = OUT_ALONE;
        c->n[2 * i] = q.v;
        c->n[2 * i + 1] = fmax(0, all.v - q.v);
        c->share[i] = q.v / all.v;
    }
}

/* The mean share of the neighbours that take part; NaN without one. */
static void lags_set(struct doc *d, struct cluster_group *c)
{
    const struct links *l = &d->g->queen;

    for (size_t i = 0; i < d->g->n; i++) {
        double sum = 0;
        size_t n = 0;

        for (size_t e = l->start[i]; e < l->start[i + 1]; e++)
            if (c->kind[l->to[e]] == OUT_ALONE) {
                sum += c->share[l->to[e]];
                n++;
            }
        c->lag[i] = c->kind[i] == OUT_ALONE && n ? sum / (double)n : NAN;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The largest p that still counts; 0 where none does. */
static double false_discovery_cut(const double *p, size_t n, double *sorted)
{
    size_t tests = 0;
    double cut = 0;

    for (size_t i = 0; i < n; i++)
        if (isfinite(p[i]))
            sorted[tests++] = p[i];
    qsort(sorted, tests, sizeof *sorted, ascending);
    for (size_t k = 0; k < tests; k++)
        if (sorted[k] <= ALPHA * (double)(k + 1) / (double)tests)
            cut = sorted[k];
    return cut;
}

static enum cluster kind_of(enum moran_kind k)
{
    switch (k) {
    case MORAN_HIGH_HIGH:
        return HIGH_HIGH;
    case MORAN_LOW_LOW:
        return LOW_LOW;
    case MORAN_HIGH_LOW:
        return HIGH_LOW;
    case MORAN_LOW_HIGH:
        return LOW_HIGH;
    case MORAN_NONE:
        break;
    }
    return NOT_SURE;
}

static bool group_measure(struct doc *d, struct cluster_group *c,
                          const struct spatial *s)
{
    struct measure_options o = measure_defaults();
    struct counts counts = {d->g->n, 2, c->n};
    enum moran_kind *kind = arena_array(d->arena, enum moran_kind, d->g->n + 1);
    struct moran whole;
    struct moran_local local = {c->i, c->p, kind};
    double *sorted = arena_array(d->arena, double, d->g->n + 1), cut;

    lags_set(d, c);
    o.seed = d->o->seed;
    o.draws = DRAWS_WHOLE;
    if (measure_moran(&counts, s, 0, &o, &whole, NULL) != RC_OK)
        return false;
    o.draws = DRAWS;
    o.flags |= MEASURE_LOCAL_ONLY | MEASURE_SEQUENTIAL;
    if (measure_moran(&counts, s, 0, &o, &c->moran, &local) != RC_OK)
        return false;
    for (size_t i = 0; i < d->g->n; i++) { /* fmin would make 1 of NaN */
        if (kind[i] == MORAN_NONE)
            c->p[i] = c->i[i] = NAN;
        else
            c->p[i] = fmin(1, 2 * c->p[i]);
    }
    c->moran.p = fmin(1, 2 * whole.p);
    cut = false_discovery_cut(c->p, d->g->n, sorted);
    for (size_t i = 0; i < d->g->n; i++) {
        if (kind[i] == MORAN_NONE)
            continue;
        c->kind[i] = c->p[i] <= cut ? kind_of(kind[i]) : NOT_SURE;
        c->count[c->kind[i]]++;
        c->seen++;
    }
    return true;
}

static enum rc space_make(struct doc *d, struct spatial **out)
{
    const struct links *l = &d->g->queen;
    double *x = arena_array(d->arena, double, d->g->n + 1);
    double *y = arena_array(d->arena, double, d->g->n + 1);
    struct areas areas = {.n = d->g->n, .x_m = x, .y_m = y};

    for (size_t i = 0; i < d->g->n; i++) {
        x[i] = d->g->areas[i].x_m;
        y[i] = d->g->areas[i].y_m;
    }
    areas.queen = (struct neighbours){l->start, l->to, l->length_m};
    return spatial_new(&areas, NULL, out);
}

/* Once; NULL where areas have no neighbours or all shares are the same. */
static const struct clusters *clusters_of(struct doc *d)
{
    uint32_t origins[GROUPS_MOST - 1];
    size_t n = leading_origins(d, origins, GROUPS_MOST - 1);
    struct spatial *space = NULL;
    struct clusters *all;

    if (d->clusters)
        return d->clusters->n ? d->clusters : NULL;
    d->clusters = all = arena_new_of(d->arena, struct clusters);
    if (d->g->n < 3 || !d->g->queen.start || space_make(d, &space) != RC_OK)
        return NULL;
    for (size_t k = 0; k <= n; k++) {
        struct cluster_group *c = &all->group[all->n];

        *c = (struct cluster_group){
            .code =
                k ? dict_cstr(release_dict(d->r, DIM_ORIGIN), origins[k - 1])
                  : "migrants",
            .name = k ? d->name[origins[k - 1]] : d->migrants,
            .origin = k ? origins[k - 1] : RELEASE_MIGRANTS};
        group_read(d, c);
        if (group_measure(d, c, space))
            all->n++;
        else if (k == 0) /* of all migrants together, or not at all */
            break;
    }
    spatial_free(space);
    return all->n ? all : NULL;
}

/* --- tables ----------------------------------------------------------- */

static const char *column_code(struct doc *d, const struct cluster_group *c)
{
    return c->origin == RELEASE_MIGRANTS
               ? "cluster"
               : arena_printf(d->arena, "cluster_%s", c->code);
}

static void kind_push(struct sheet *t, struct node *row, enum cluster kind)
{
    if (kind < CLUSTERS)
        row_say(t, row, kinds[kind].code);
    else
        row_say(t, row,
                kind == OUT_WITHHELD  ? "withheld"
                : kind == OUT_MISSING ? "missing"
                                      : "undefined");
}

static void area_row(struct doc *d, struct sheet *t, const struct clusters *all,
                     size_t i)
{
    const struct cluster_group *c = &all->group[0];
    struct node *row = sheet_row(t);
    struct quantity none =
        q_none(c->kind[i] == OUT_WITHHELD  ? STATE_WITHHELD
               : c->kind[i] == OUT_MISSING ? STATE_MISSING
                                           : STATE_UNDEFINED);
    bool there = c->kind[i] != OUT_WITHHELD && c->kind[i] != OUT_MISSING;

    row_say(t, row, d->g->areas[i].id);
    kind_push(t, row, c->kind[i]);
    row_push(t, row, there ? q_round(q_number(c->share[i]), 6) : none);
    row_push(t, row, there ? q_round(q_number(c->lag[i]), 6) : none);
    row_push(t, row, there ? q_round(q_number(c->i[i]), 4) : none);
    row_push(t, row, there ? q_round(q_number(c->p[i]), 4) : none);
    for (size_t k = 1; k < all->n; k++)
        kind_push(t, row, all->group[k].kind[i]);
}

struct node *clusters_areas(struct doc *d)
{
    const struct clusters *all = clusters_of(d);
    struct sheet t;

    if (!all)
        return part_absent(
            d, N_("Whether areas resemble their neighbours cannot be said "
                  "here: too few of them touch, or all have the same share."));
    t = sheet_new(d, "area-clusters",
                  names_of(d, N_("Areas and their neighbours")), "none", NULL,
                  SOURCE);
    sheet_column(&t, "area", names_of(d, N_("Area")), "area", NULL);
    sheet_column(&t, "cluster", d->migrants, "term", NULL);
    sheet_column(&t, "share", names_of(d, N_("Share of migrants")), "number",
                 "share");
    sheet_column(&t, "neighbours", names_of(d, N_("Share in its neighbours")),
                 "number", "share");
    sheet_column(&t, "moran", names_of(d, N_("Local Moran's I")), "number",
                 "index");
    sheet_column(&t, "p", names_of(d, N_("Chance of such neighbours")),
                 "number", "index");
    for (size_t k = 1; k < all->n; k++)
        sheet_column(&t, column_code(d, &all->group[k]), all->group[k].name,
                     "term", NULL);
    for (size_t k = 0; k < CLUSTERS; k++)
        sheet_term(&t, kinds[k].code, names_of(d, kinds[k].label));
    sheet_term(&t, "withheld", names_of(d, N_("withheld")));
    sheet_term(&t, "missing", names_of(d, N_("no data")));
    sheet_term(&t, "undefined", names_of(d, N_("no neighbour to compare")));
    for (size_t i = 0; i < d->g->n; i++)
        area_row(d, &t, all, i);
    sheet_note(&t, names_of(d, N_("The share in the neighbours is the mean of "
                                  "the areas that touch this one, at a corner "
                                  "too. High and low are above and below the "
                                  "mean of all areas.")));
    return t.node;
}

struct node *clusters_groups(struct doc *d)
{
    const struct clusters *all = clusters_of(d);
    struct sheet t;

    if (!all)
        return NULL;
    t = sheet_new(d, "measures-clusters",
                  names_of(d, N_("How far areas resemble their neighbours")),
                  "places", NULL, SOURCE);
    sheet_column(&t, "group", names_of(d, N_("Group")), "term", NULL);
    sheet_column(&t, "areas", names_of(d, N_("Areas that take part")), "number",
                 "places");
    sheet_column(&t, "left_out", names_of(d, N_("Areas left out")), "number",
                 "places");
    sheet_column(&t, "moran", names_of(d, N_("Moran's I")), "number", "index");
    sheet_column(&t, "expected", names_of(d, N_("By chance alone")), "number",
                 "index");
    sheet_column(&t, "p", names_of(d, N_("Chance of as much")), "number",
                 "index");
    for (size_t k = 0; k < CLUSTERS; k++)
        sheet_column(&t, kinds[k].column, names_of(d, kinds[k].label), "number",
                     "places");
    for (size_t k = 0; k < all->n; k++) {
        const struct cluster_group *c = &all->group[k];
        struct node *row = sheet_row(&t);

        sheet_term(&t, c->code, c->name);
        row_say(&t, row, c->code);
        row_push(&t, row, q_whole((int64_t)c->seen));
        row_push(&t, row, q_whole((int64_t)(d->g->n - c->seen)));
        row_push(&t, row, q_round(q_number(c->moran.i), 3));
        row_push(&t, row, q_round(q_number(c->moran.expected), 3));
        row_push(&t, row, q_round(q_number(c->moran.p), 4));
        for (size_t i = 0; i < CLUSTERS; i++)
            row_push(&t, row, q_whole((int64_t)c->count[i]));
    }
    sheet_note(&t,
               names_of(d, N_("Moran's I is 1 where every area has the share "
                              "of its neighbours and about 0 where shares are "
                              "dealt out by chance. Reckoned on the counts "
                              "that this profile shows.")));
    return t.node;
}

/* --- figures ----------------------------------------------------------- */

static struct node *whole(struct doc *d, size_t n)
{
    return names_integer(d, (int64_t)n);
}

static struct node *say_overall(struct doc *d, const struct cluster_group *c)
{
    const char *text =
        c->moran.p > ALPHA
            ? N_("Over the whole city, areas resemble their neighbours in the "
                 "share of migrants no more than chance would make them "
                 "(Moran's I {i}; by chance {expected}).")
        : c->moran.i > c->moran.expected
            ? N_("Over the whole city, areas resemble their neighbours in the "
                 "share of migrants more than chance would make them (Moran's "
                 "I {i}; by chance {expected}).")
            : N_("Over the whole city, areas differ from their neighbours in "
                 "the share of migrants more than chance would make them "
                 "(Moran's I {i}; by chance {expected}).");

    return names_fill(d, text, "i", names_decimal(d, c->moran.i, 2), "expected",
                      names_decimal(d, c->moran.expected, 2), NULL);
}

static struct node *say_sure(struct doc *d, const struct cluster_group *c)
{
    if (c->count[NOT_SURE] == c->seen)
        return names_fill(
            d,
            N_("Of the {all} areas, none can be told from chance together with "
               "its neighbours: read nothing into single areas."),
            "all", whole(d, c->seen), NULL);
    return names_fill(
        d,
        N_("Of the {all} areas, these are sure: {hh} with a high share among "
           "neighbours with a high one, {ll} with a low share among low ones; "
           "against their neighbours stand {hl} with a high share among low "
           "ones and {lh} with a low share among high ones. The other {rest} "
           "are noise: read nothing into them."),
        "all", whole(d, c->seen), "hh", whole(d, c->count[HIGH_HIGH]), "ll",
        whole(d, c->count[LOW_LOW]), "hl", whole(d, c->count[HIGH_LOW]), "lh",
        whole(d, c->count[LOW_HIGH]), "rest", whole(d, c->count[NOT_SURE]),
        NULL);
}

static struct node *say_method(struct doc *d)
{
    return names_fill(
        d,
        N_("Sure means: when the shares of all other areas are dealt out anew "
           "{draws} times, neighbours like these hardly ever come out, and of "
           "the areas marked no more than 5 in 100 are expected to be marked "
           "by chance (local Moran's I, Anselin 1995; false discovery rate, "
           "Benjamini and Hochberg 1995)."),
        "draws", names_integer(d, DRAWS), NULL);
}

static struct node *say_left_out(struct doc *d, const struct clusters *all,
                                 size_t from, size_t to)
{
    size_t most = 0;

    for (size_t k = from; k < to; k++)
        most = MAX(most, d->g->n - all->group[k].seen);
    if (!most)
        return NULL;
    if (to - from == 1)
        return names_fill(
            d,
            N_("{seen} of {all} areas take part; the others are left out, "
               "because their number is withheld or not known, nobody lives "
               "there, or no neighbour takes part."),
            "seen", whole(d, all->group[from].seen), "all", whole(d, d->g->n),
            NULL);
    return names_fill(
        d,
        N_("Areas whose number of an origin is withheld or not known take no "
           "part: up to {n} of {all}, and the table says how many for each. "
           "Where many are left out, the map shows less than there is."),
        "n", whole(d, most), "all", whole(d, d->g->n), NULL);
}

static void classes_set(struct node *f)
{
    struct node *list = node_set(f, "classes", node_list(f->arena));

    for (size_t k = 0; k < CLUSTERS; k++)
        node_push(list, node_text(f->arena, kinds[k].code));
}

static void figure_migrants(struct doc *d, const struct clusters *all,
                            const char *source)
{
    static const char *const also[] = {"share", "neighbours", "p"};
    struct node *f = figure_new(
        d, "map-clusters", "clusters",
        names_of(d, N_("Where areas with many migrants, or with few, lie side "
                       "by side, and where that is surer than chance")),
        source, "area-clusters");
    struct node *list;

    node_set_text(f, "area", "area");
    node_set_text(f, "value", "cluster");
    classes_set(f);
    list = node_set(f, "also", node_list(d->arena));
    for (size_t i = 0; i < ARRAY_LEN(also); i++)
        node_push(list, node_text(d->arena, also[i]));
    figure_say(f, say_overall(d, &all->group[0]));
    figure_say(f, say_sure(d, &all->group[0]));
    figure_say(f, say_left_out(d, all, 0, 1));
    figure_say(f, say_method(d));
}

/* Origins of which no area is sure, by name. */
static struct node *say_noise(struct doc *d, const struct clusters *all)
{
    struct node *names[GROUPS_MOST];
    size_t n = 0;

    for (size_t k = 1; k < all->n; k++)
        if (all->group[k].count[NOT_SURE] == all->group[k].seen)
            names[n++] = all->group[k].name;
    return n ? names_fill(d, N_("No area is surer than chance for: {origins}."),
                          "origins", names_list(d, names, n), NULL)
             : NULL;
}

static void figure_origins(struct doc *d, const struct clusters *all,
                           const char *source)
{
    struct node *f, *items;

    if (all->n < 2)
        return;
    f = figure_new(d, "map-clusters-origins", "clusters",
                   names_of(d, N_("The same for the largest origins: areas "
                                  "with a high or low share side by side")),
                   source, "area-clusters");
    node_set_text(f, "area", "area");
    items = node_set(f, "items", node_list(d->arena));
    for (size_t k = 1; k < all->n; k++)
        node_push(items, node_text(d->arena, column_code(d, &all->group[k])));
    classes_set(f);
    figure_say(f, say_noise(d, all));
    figure_say(f, say_left_out(d, all, 1, all->n));
}

void clusters_figures(struct doc *d, const char *source)
{
    const struct clusters *all = clusters_of(d);

    if (!all)
        return;
    figure_migrants(d, all, source);
    figure_origins(d, all, source);
}
