/*
 * measure: what takes long. A person who asks for all measures of a large table
 * is not made to wait for the few that look at every pair of areas, or draw
 * while they are drawn: they are left out, with a word on what they would take,
 * until they are named.
 */
#include "cli/measure.h"

#include <math.h>
#include <stdio.h>

/* Seconds of one processor that may pass for a measure that was not named. */
static const double PATIENCE_S = 60;

enum heavy_kind {
    CONTACTS, /* distances of all pairs, taken once for all of these */
    FRONTS,   /* ways between all pairs, once for each group */
    SORTED,   /* every pair in the order of its distance */
    WIDENING  /* pairs within each of several bandwidths */
};

/* Nanoseconds a pair of areas, as bench/measure_spatial has them. */
static const struct heavy {
    const char *code;
    enum heavy_kind kind;
    double pair_ns;
} rows[] = {{"absolute_clustering", CONTACTS, 2.4},
            {"relative_clustering", CONTACTS, 2.4},
            {"spatial_proximity", CONTACTS, 2.4},
            {"distance_decay_isolation", CONTACTS, 2.4},
            {"distance_decay_interaction", CONTACTS, 2.4},
            {"spatial_proximity_profile", FRONTS, 4.8},
            {"distortion", SORTED, 27},
            {"segregation_profile", WIDENING, 1}};

static const struct heavy *heavy_find(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].code, code) == 0)
            return &rows[i];
    return NULL;
}

bool heavy_shares_distances(const char *code)
{
    const struct heavy *h = heavy_find(code);

    return h && h->kind == CONTACTS;
}

const char *heavy_about(const char *code)
{
    return heavy_find(code)
               ? N_("Its time grows with the pairs of areas: where it would "
                    "take "
                    "more than a minute it is left out unless it is named in "
                    "--measures.")
               : NULL;
}

bool measuring_named(const struct measuring *m, const struct measure *measure)
{
    for (size_t i = 0; i < m->n_selected; i++)
        if (m->selected[i] == measure)
            return m->named[i];
    return false;
}

/* The rectangle around the areas. */
static double extent_m2(const struct measuring *m)
{
    const struct areas *a = &m->areas;
    double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};

    for (size_t i = 0; i < a->n; i++) {
        x[0] = fmin(x[0], a->x_m[i]);
        x[1] = fmax(x[1], a->x_m[i]);
        y[0] = fmin(y[0], a->y_m[i]);
        y[1] = fmax(y[1], a->y_m[i]);
    }
    return (x[1] - x[0]) * (y[1] - y[0]);
}

/* The share of all pairs that lie within each bandwidth, added up. */
static double widening(const struct measuring *m)
{
    static const double usual_m[] = {500, 1000, 2000, 4000};
    const struct spatial_options *o = &m->space_options;
    const double *r = o->bandwidths ? o->bandwidth_m : usual_m;
    size_t n = o->bandwidths ? o->bandwidths : ARRAY_LEN(usual_m);
    double share = 0, all = extent_m2(m);

    for (size_t k = 0; k < n; k++)
        share += fmin(1, M_PI * r[k] * r[k] / all);
    return share;
}

/* For one matrix. */
static double seconds(const struct measuring *m, const struct heavy *h)
{
    double n = (double)m->matrix.units.n, s = n * n * h->pair_ns / 1e9;
    double groups = (double)m->matrix.groups.n;

    switch (h->kind) {
    case CONTACTS:
        return m->contact_by_neighbours ? 0 : s;
    case FRONTS:
        return m->group == DICT_NONE ? s * groups : s;
    case SORTED:
        return s;
    default:
        return s * widening(m) * (1 + groups / 5);
    }
}

bool heavy_left_out(struct measuring *m, const struct measure *measure)
{
    const struct heavy *h = heavy_find(measure->code);

    if (!h || !m->space || measuring_named(m, measure) ||
        seconds(m, h) <= PATIENCE_S)
        return false;
    if (!m->left_out.arena)
        dict_init(&m->left_out, m->c->arena);
    dict_intern(&m->left_out, str_of(measure->code));
    return true;
}

const char *heavy_draws_refused(const struct measuring *m,
                                const struct measure *measure)
{
    const struct heavy *h = heavy_find(measure->code);

    if (measuring_named(m, measure))
        return NULL;
    if (measuring_simulates(measure))
        return N_(
            "it is simulated itself, so that this takes long; name it in "
            "--measures to have it");
    if (h && seconds(m, h) * (double)m->options.draws > PATIENCE_S)
        return N_(
            "every draw looks at the pairs of areas, so that this takes "
            "long; name it in --measures to have it");
    return NULL;
}

/* "40 s", "25 min", "13 h" */
static const char *duration(double s, char *text, size_t n)
{
    if (s < 100)
        snprintf(text, n, "%.0f s", s);
    else if (s < 6000)
        snprintf(text, n, "%.0f min", s / 60);
    else
        snprintf(text, n, "%.0f h", s / 3600);
    return text;
}

void heavy_say(const struct measuring *m)
{
    AUTO(buf) struct buf codes = {.ceiling = 2000};
    AUTO(buf) struct buf line = {.ceiling = 4000};

    for (uint32_t i = 0; i < m->left_out.n; i++) {
        const char *code = dict_cstr(&m->left_out, i);
        char text[32];

        buf_fmt(&codes, "%s%s (%s)", i ? ", " : "", code,
                duration(seconds(m, heavy_find(code)), text, sizeof text));
    }
    if (!codes.n)
        return;
    lang_fill(&line,
              lang_text(m->c->lang,
                        N_("Left out, for the pairs of {units} areas take "
                           "about as long on one processor: {codes}. Name one "
                           "in --measures to have it.")),
              "units",
              arena_printf(m->c->arena, "%zu", (size_t)m->matrix.units.n),
              "codes", buf_cstr(&codes), NULL);
    fprintf(stderr, "%s\n", buf_cstr(&line));
}
