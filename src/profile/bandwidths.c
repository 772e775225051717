/*
 * bandwidths.c: how segregation falls as the environment grows, and how much
 * of it lies between whole parts of the city (macro over micro, Lee et al.
 * 2008, doi:10.1353/dem.0.0023).
 */
#include <math.h>
#include <stdlib.h>

#include "profile/part.h"

#define SOURCE "population"
#define SMALL 0.01
/* Areas further apart cannot tell what is near from what is far. */
#define COARSE_M 2000

enum { GROUPS_MOST = 6 }; /* lines told apart in one figure */

struct curve_shown {
    const struct release_curve *curve;
    const char *code;
    struct node *name;
};

static const struct release_curve *curve_find(struct doc *d, uint32_t origin)
{
    size_t n;
    const struct release_curve *c = release_curves(d->r, &n);

    for (size_t i = 0; i < n; i++)
        if (c[i].origin == origin && isfinite(c[i].value[0]))
            return &c[i];
    return NULL;
}

static size_t curves_shown(struct doc *d, struct curve_shown *out)
{
    uint32_t origins[GROUPS_MOST - 1];
    size_t n = leading_origins(d, origins, GROUPS_MOST - 1), shown = 0;

    out[0] = (struct curve_shown){curve_find(d, RELEASE_MIGRANTS), "migrants",
                                  d->migrants};
    if (!out[0].curve)
        return 0;
    shown = 1;
    for (size_t i = 0; i < n; i++) {
        const struct release_curve *c = curve_find(d, origins[i]);

        if (c)
            out[shown++] = (struct curve_shown){
                c, dict_cstr(release_dict(d->r, DIM_ORIGIN), origins[i]),
                d->name[origins[i]]};
    }
    return shown;
}

static double micro(const struct release_curve *c)
{
    return c->value[0];
}

static double macro(const struct release_curve *c)
{
    return c->value[RELEASE_BANDWIDTHS - 1];
}

/* The median over areas of the distance to the nearest other centre. */
static double nearest_median_m(struct doc *d)
{
    size_t n = d->g->n;
    double *nearest = arena_array(d->arena, double, n + 1);

    for (size_t i = 0; i < n; i++) {
        const struct links *l = &d->g->queen;
        const struct area *a = &d->g->areas[i];

        nearest[i] = INFINITY;
        for (size_t e = l->start ? l->start[i] : 0;
             l->start && e < l->start[i + 1]; e++) {
            const struct area *b = &d->g->areas[l->to[e]];

            nearest[i] =
                fmin(nearest[i], hypot(a->x_m - b->x_m, a->y_m - b->y_m));
        }
    }
    for (size_t i = 1; i < n; i++) { /* few areas, once */
        double v = nearest[i];
        size_t k = i;

        for (; k > 0 && nearest[k - 1] > v; k--)
            nearest[k] = nearest[k - 1];
        nearest[k] = v;
    }
    return n ? nearest[n / 2] : INFINITY; /* no neighbours: infinite */
}

/* Values have three decimals: below SMALL their ratio would be noise. */
static struct quantity ratio(const struct release_curve *c)
{
    return q_round(
        q_number(micro(c) >= SMALL ? fmax(0, macro(c)) / micro(c) : NAN), 2);
}

struct node *bandwidths_table(struct doc *d)
{
    struct curve_shown shown[GROUPS_MOST];
    size_t n = curves_shown(d, shown);
    struct sheet t;

    if (!n)
        return NULL;
    t = sheet_new(d, "measures-bandwidths",
                  names_of(d, N_("Segregation by size of the environment")),
                  "index", NULL, SOURCE);
    sheet_column(&t, "bandwidth", names_of(d, N_("Radius")), "number", "m");
    for (size_t k = 0; k < n; k++)
        sheet_column(&t, shown[k].code, shown[k].name, "number", "index");
    for (size_t b = 0; b < RELEASE_BANDWIDTHS; b++) {
        struct node *row = sheet_row(&t);

        row_push(&t, row, q_whole((int64_t)release_bandwidth_m[b]));
        for (size_t k = 0; k < n; k++)
            row_push(&t, row, q_number(shown[k].curve->value[b]));
    }
    sheet_note(&t,
               names_of(d, N_("Spatial information theory H of a group against "
                              "all other residents (Reardon and O'Sullivan "
                              "2004): 0 where every environment is mixed as "
                              "the city, 1 where groups never share one. The "
                              "nearer, the more an area counts in an "
                              "environment (biweight kernel).")));
    return t.node;
}

struct node *scales_table(struct doc *d)
{
    struct curve_shown shown[GROUPS_MOST];
    size_t n = curves_shown(d, shown);
    bool coarse = nearest_median_m(d) > COARSE_M;
    struct sheet t;

    if (!n)
        return NULL;
    t = sheet_new(d, "measures-scales",
                  names_of(d, N_("Segregation near by and between parts of the "
                                 "city")),
                  "index", NULL, SOURCE);
    sheet_column(&t, "group", names_of(d, N_("Group")), "term", NULL);
    sheet_column(&t, "micro", names_of(d, N_("Within 500 m")), "number",
                 "index");
    sheet_column(&t, "macro", names_of(d, N_("Within 4,000 m")), "number",
                 "index");
    sheet_column(&t, "ratio", names_of(d, N_("What remains")), "number",
                 "ratio");
    for (size_t k = 0; k < n; k++) {
        struct node *row = sheet_row(&t);

        sheet_term(&t, shown[k].code, shown[k].name);
        row_say(&t, row, shown[k].code);
        row_push(&t, row, q_number(micro(shown[k].curve)));
        row_push(&t, row, q_number(macro(shown[k].curve)));
        row_push(&t, row,
                 coarse ? q_none(STATE_UNDEFINED) : ratio(shown[k].curve));
    }
    return t.node;
}

/* --- words -------------------------------------------------------------- */

static struct node *distance_m(struct doc *d)
{
    return names_integer(d, (int64_t)(round(nearest_median_m(d) / 50) * 50));
}

static struct node *say_coarse(struct doc *d)
{
    if (!isfinite(nearest_median_m(d)))
        return NULL;
    return names_fill(
        d,
        N_("The areas are too large to say on what scale groups live apart: "
           "the centres of neighbouring ones lie about {n} m apart, and the "
           "curves know no more than the areas themselves. Smaller areas "
           "would show it."),
        "n", distance_m(d), NULL);
}

static struct node *say_migrants(struct doc *d, const struct release_curve *c)
{
    struct quantity q = ratio(c);
    const char *text =
        q.v >= 0.5
            ? N_("Of the segregation of migrants within 500 m, {ratio} is "
                 "still there within 4 km: most of it lies between whole parts "
                 "of the city.")
            : N_("Of the segregation of migrants within 500 m, {ratio} is "
                 "still there within 4 km: most of it lies between "
                 "neighbourhoods close to each other.");

    if (!q_known(q))
        return names_of(d, N_("The segregation of migrants is so small at any "
                              "size of environment that where it lies cannot "
                              "be said."));
    return names_fill(d, text, "ratio", names_percent(d, q.v, 0), NULL);
}

/* The origins whose segregation keeps most and least of itself. */
static struct node *say_range(struct doc *d, const struct curve_shown *shown,
                              size_t n)
{
    const struct curve_shown *most = NULL, *least = NULL;

    for (size_t k = 1; k < n; k++) {
        struct quantity q = ratio(shown[k].curve);

        if (!q_known(q) || q.v > 1)
            continue;
        if (!most || q.v > ratio(most->curve).v)
            most = &shown[k];
        if (!least || q.v < ratio(least->curve).v)
            least = &shown[k];
    }
    if (!most || ratio(most->curve).v - ratio(least->curve).v < 0.1)
        return NULL;
    return names_fill(
        d,
        N_("Of the largest origins, {most} lives apart on the largest scale "
           "({a} remains), {least} on the smallest ({b} remains)."),
        "most", most->name, "a", names_percent(d, ratio(most->curve).v, 0),
        "least", least->name, "b", names_percent(d, ratio(least->curve).v, 0),
        NULL);
}

/* Groups that live in parts of the city larger than any environment here. */
static struct node *say_constant(struct doc *d, const struct curve_shown *shown,
                                 size_t n)
{
    struct node *names[GROUPS_MOST];
    size_t many = 0;

    for (size_t k = 0; k < n; k++) {
        struct quantity q = ratio(shown[k].curve);

        if (q_known(q) && q.v > 1)
            names[many++] = shown[k].name;
    }
    return many ? names_fill(
                      d,
                      N_("It does not fall for: {groups}. Larger environments "
                         "hold contrasts that near ones do not."),
                      "groups", names_list(d, names, many), NULL)
                : NULL;
}

/* What the areas themselves are too large to show. */
static struct node *say_grain(struct doc *d)
{
    double m = nearest_median_m(d);

    return names_fill(
        d,
        m > release_bandwidth_m[0]
            ? N_("The centres of neighbouring areas lie about {n} m apart: to "
                 "the left of that the curves know no more than the areas "
                 "themselves.")
            : N_("The centres of neighbouring areas lie about {n} m apart, so "
                 "that every point of the curves rests on several areas."),
        "n", distance_m(d), NULL);
}

/* Chance is largest in the smallest environment: the areas alone. */
static struct node *say_chance(struct doc *d)
{
    size_t n;
    const struct release_measure *m = release_measures(d->r, &n);

    for (; n > 0; n--, m++)
        if (m->origin == RELEASE_MIGRANTS && m->inferred && !m->compare &&
            isfinite(m->expected) &&
            str_is(str_of(m->code), "information_theory"))
            return names_fill(
                d,
                N_("Chance alone gives migrants less than {expected} even area "
                   "by area, and less still in larger environments; for an "
                   "origin of few members it gives more."),
                "expected",
                names_decimal(d, fmax(1, ceil(m->expected * 1e3)) / 1e3, 3),
                NULL);
    return NULL;
}

void bandwidths_figure(struct doc *d, const char *source)
{
    struct curve_shown shown[GROUPS_MOST];
    size_t n = curves_shown(d, shown);
    struct node *f, *series;

    if (!n)
        return;
    f = figure_new(d, "segregation-profile", "lines",
                   names_of(d, N_("How segregation falls as one looks further "
                                  "around")),
                   source, "measures-bandwidths");
    node_set_text(f, "x", "bandwidth");
    series = node_set(f, "series", node_list(d->arena));
    for (size_t k = 0; k < n; k++)
        node_push(series, node_text(d->arena, shown[k].code));
    if (nearest_median_m(d) > COARSE_M) {
        figure_say(f, say_coarse(d));
    } else {
        node_set_bool(f, "ratio", true);
        figure_say(f, say_migrants(d, shown[0].curve));
        figure_say(f, say_range(d, shown, n));
        figure_say(f, say_constant(d, shown, n));
        figure_say(f, say_grain(d));
    }
    figure_say(f, say_chance(d));
}
