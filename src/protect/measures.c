/*
 * measures.c: indices on the true counts, of which only single values leave.
 *
 * The majority is one group and every other origin one group; origins without
 * members are left out. A group's index is against everyone else. What is asked
 * of the city and of each origin is inferred from the same draws of the whole
 * city; only all migrants together, who are several of its groups, have their
 * own.
 */
#include "protect/build.h"

#include <math.h>
#include <string.h>

#include "passerelle/measure_inference.h"

/* Measures of one matrix, to be inferred from the same draws. */
struct batch {
    struct measure_target *target;
    size_t *at; /* where in the release */
    size_t n, cap, cap_at;
};

struct job {
    struct release *r;
    struct measure_options options;
    bool compare;
    const int64_t *raw; /* area x origin */
    double *two;        /* area x {group, everyone else} */
    double *total;      /* per area */
    int64_t persons;
    struct counts city; /* area x groups */
    size_t *column;     /* of an origin in it */
    struct batch drawn; /* of the city's matrix */
};

/* Which measures of one value a group has in the profile. */
enum measure_use { USE_NO, USE_ALL, USE_MIGRANTS };

static const struct {
    const char *code;
    enum measure_use use;
    bool simulated;
} uses[] = {
    {"ordinal_segregation", USE_NO, false}, /* origins have no order */
    {"small_unit_bounds", USE_MIGRANTS, false},
    {"density_corrected_dissimilarity", USE_MIGRANTS, false},
    {"modified_dissimilarity", USE_MIGRANTS, true},
    {"modified_gini", USE_MIGRANTS, true},
    {"bias_corrected_dissimilarity", USE_MIGRANTS, true},
};

/* Those compared with the earlier period. */
static bool measure_compared(const char *code)
{
    return strcmp(code, "dissimilarity") == 0 ||
           strcmp(code, "isolation") == 0 ||
           strcmp(code, "information_theory") == 0;
}

/* Those between parts of the city: nothing where areas have no parent. */
static bool measure_nested_levels(const char *code)
{
    return strcmp(code, "decomposition_within_between") == 0;
}

static enum measure_use measure_use(const char *code, bool *simulated)
{
    *simulated = false;
    for (size_t i = 0; i < ARRAY_LEN(uses); i++)
        if (strcmp(uses[i].code, code) == 0) {
            *simulated = uses[i].simulated;
            return uses[i].use;
        }
    return USE_ALL;
}

/*
 * Indices of few small cells would let a reader solve for them: so they are
 * rounded as soon as anything is withheld.
 */
double release_round(const struct release *r, double v, double step)
{
    return r->threshold > 1 && isfinite(v) ? round(v * step) / step : v;
}

/* The last one pushed, where it has a value. */
static void batch_add(struct batch *b, const struct release *r,
                      const struct measure *m, enum measure_scope scope,
                      size_t group)
{
    size_t n = b->n;

    if (!isfinite(r->measures[r->n_measures - 1].value))
        return;
    VEC_PUSH(r->arena, b->at, n, b->cap_at) = r->n_measures - 1;
    VEC_PUSH(r->arena, b->target, b->n, b->cap) =
        (struct measure_target){.m = m, .scope = scope, .group = group};
}

/*
 * An index that any noise makes larger lies below all its draws: the interval
 * is the draws' own, turned about the value, so that it holds the debiased one.
 */
static void inferred_set(struct release *r, struct release_measure *v,
                         const struct measure *m,
                         const struct measure_interval *i,
                         const struct measure_tested *t)
{
    double low = 2 * i->value - i->high, high = 2 * i->value - i->low;

    v->inferred = i->draws;
    v->low = release_round(r, fmin(fmax(low, m->low), m->high), 1e3);
    v->high = release_round(r, fmin(fmax(high, m->low), m->high), 1e3);
    v->debiased =
        release_round(r, fmin(fmax(i->debiased, m->low), m->high), 1e3);
    /* Who lives in a city is no matter of chance; meeting others is rarer
     * where groups live apart. */
    v->expected = v->p = NAN;
    if (strcmp(m->dimension, "composition") == 0)
        return;
    v->expected = release_round(r, t->expected, 1e3);
    v->p = release_round(
        r, strcmp(m->code, "interaction") == 0 ? t->p_low : t->p, 1e3);
}

/* RC_MEMORY alone stops: what cannot be inferred stays without. */
static enum rc batch_infer(struct job *j, const struct batch *b,
                           const struct counts *c, uint64_t draws)
{
    static const enum measure_model chance = MODEL_EVENNESS;
    struct measure_options o = j->options;
    struct arena *a = j->r->arena;
    struct measure_interval *interval =
        arena_array(a, struct measure_interval, b->n + 1);
    struct measure_tested *test =
        arena_array(a, struct measure_tested, b->n + 1);
    enum rc *rc[2] = {arena_array(a, enum rc, b->n + 1),
                      arena_array(a, enum rc, b->n + 1)};
    enum rc whole;

    if (!b->n)
        return RC_OK;
    o.draws = draws;
    o.flags |= MEASURE_PERCENTILES_ONLY;
    whole = measure_bootstrap_many(b->target, b->n, c, MODEL_PERSONS, 0.95, &o,
                                   interval, rc[0]);
    if (!whole)
        whole = measure_test_many(b->target, b->n, c, chance, &o, test, rc[1]);
    for (size_t k = 0; k < b->n && !whole; k++)
        if (!rc[0][k] && !rc[1][k])
            inferred_set(j->r, &j->r->measures[b->at[k]], b->target[k].m,
                         &interval[k], &test[k]);
    return whole == RC_MEMORY ? whole : RC_OK;
}

static void measure_push(struct release *r, struct release_measure m)
{
    VEC_PUSH(r->arena, r->measures, r->n_measures, r->cap_measures) = m;
}

/* Undefined is an answer (NaN); anything else that fails is not. */
static enum rc value_compute(struct job *j, const struct measure *m,
                             enum measure_scope scope, const struct counts *c,
                             double *out)
{
    enum rc rc = measure_compute(m, scope, c, 0, 1, &j->options, out);

    if (rc == RC_UNDEFINED || rc == RC_USAGE) {
        *out = NAN;
        return RC_OK;
    }
    return rc;
}

/* An origin's dissimilarity goes with the city's draws. */
static void group_infer(struct job *j, const struct measure *m, uint32_t origin,
                        struct batch *migrants)
{
    if (origin == RELEASE_MIGRANTS)
        batch_add(migrants, j->r, m, MEASURE_GROUP, 0);
    else if (strcmp(m->code, "dissimilarity") == 0)
        batch_add(&j->drawn, j->r, m, MEASURE_GROUP, j->column[origin]);
}

static enum rc group_measures(struct job *j, uint32_t origin, int64_t size)
{
    struct counts c = {j->r->n_areas, 2, j->two};
    struct batch migrants = {.n = 0};
    size_t n;
    const struct measure *m = measure_catalogue(&n);
    enum rc rc;

    for (; n > 0; n--, m++) {
        bool simulated;
        enum measure_use use = measure_use(m->code, &simulated);
        double v = NAN;

        if (!(m->scopes & MEASURE_GROUP) || m->needs != NEEDS_COUNTS ||
            use == USE_NO ||
            (use == USE_MIGRANTS && origin != RELEASE_MIGRANTS) ||
            (j->compare && !measure_compared(m->code)))
            continue;
        if ((rc = value_compute(j, m, MEASURE_GROUP, &c, &v)) != RC_OK)
            return rc;
        measure_push(j->r, (struct release_measure){
                               .code = m->code,
                               .scope = MEASURE_GROUP,
                               .origin = origin,
                               .value = release_round(j->r, v, 1e3),
                               .compare = j->compare,
                               .size = size,
                               .draws = simulated ? j->options.draws : 0,
                           });
        if (!j->compare && use == USE_ALL)
            group_infer(j, m, origin, &migrants);
    }
    return batch_infer(j, &migrants, &c, RELEASE_INFERENCE_DRAWS);
}

/* Members of one origin, or of all migrants, in every area. */
static int64_t group_fill(struct job *j, uint32_t origin)
{
    const struct release *r = j->r;
    int64_t size = 0;

    for (size_t a = 0; a < r->n_areas; a++) {
        const int64_t *row = j->raw + a * r->n_origins;
        int64_t n = 0;

        if (origin != RELEASE_MIGRANTS)
            n = row[origin];
        for (size_t o = 0; origin == RELEASE_MIGRANTS && o < r->n_origins; o++)
            n += r->migrant[o] ? row[o] : 0;
        j->two[2 * a] = (double)n;
        j->two[2 * a + 1] = j->total[a] - (double)n;
        size += n;
    }
    return size;
}

/* area x groups: the majority if it has members, then origins with members */
static void city_counts(struct job *j)
{
    const struct release *r = j->r;
    size_t *column = arena_array(r->arena, size_t, r->n_origins + 1);
    struct counts c = {r->n_areas, 1, NULL};

    for (size_t o = 0; o < r->n_origins; o++) {
        bool members = false;

        for (size_t a = 0; a < r->n_areas && !members; a++)
            members = j->raw[a * r->n_origins + o] > 0;
        column[o] = !members ? SIZE_MAX : r->migrant[o] ? c.groups++ : 0;
    }

    double *n = arena_array(r->arena, double, c.units *c.groups + 1);

    for (size_t a = 0; a < r->n_areas; a++)
        for (size_t o = 0; o < r->n_origins; o++)
            if (column[o] != SIZE_MAX)
                n[a * c.groups + column[o]] +=
                    (double)j->raw[a * r->n_origins + o];
    c.n = n;
    j->city = c;
    j->column = column;
}

/* The part of the city of each area, for the measures between such parts. */
static const uint32_t *parents_find(const struct release *r)
{
    const struct geography *g = r->in->geography;
    const struct dict *areas = cube_dict(r->in->cube, DIM_AREA);
    uint32_t *parent = arena_array(r->arena, uint32_t, r->n_areas + 1);
    struct dict parents;

    dict_init(&parents, r->arena);
    for (uint32_t a = 0; a < r->n_areas; a++) {
        uint32_t i = dict_find(&g->ids, dict_text(areas, a));

        if (i == DICT_NONE || !g->areas[i].parent)
            return NULL;
        parent[a] = dict_intern(&parents, str_of(g->areas[i].parent));
    }
    return parents.n > 1 ? parent : NULL;
}

static enum rc city_measures(struct job *j, const struct counts *c)
{
    size_t n;
    const struct measure *m = measure_catalogue(&n);
    enum rc rc;

    for (; n > 0; n--, m++) {
        bool simulated;
        double v = NAN;

        if (!(m->scopes & MEASURE_CITY) || m->needs != NEEDS_COUNTS ||
            measure_use(m->code, &simulated) == USE_NO || simulated ||
            (!j->options.parent && measure_nested_levels(m->code)) ||
            (j->compare && !measure_compared(m->code)))
            continue;
        if ((rc = value_compute(j, m, MEASURE_CITY, c, &v)) != RC_OK)
            return rc;
        measure_push(j->r, (struct release_measure){
                               .code = m->code,
                               .scope = MEASURE_CITY,
                               .origin = DICT_NONE,
                               .value = release_round(j->r, v, 1e3),
                               .compare = j->compare,
                               .size = j->persons,
                           });
        if (!j->compare)
            batch_add(&j->drawn, j->r, m, MEASURE_CITY, 0);
    }
    return RC_OK;
}

/* Whether a value of an area's origins says little of any one of them. */
static bool area_wide(const struct job *j, size_t a)
{
    const struct release *r = j->r;
    size_t small = 0, members = 0;

    if (r->threshold <= 1)
        return true;
    for (size_t o = 0; o < r->n_origins; o++) {
        members += j->raw[a * r->n_origins + o] > 0;
        small += r->tables[TABLE_AREA_ORIGIN][j->compare]
                     .cells[a * r->n_origins + o]
                     .state == CELL_WITHHELD;
    }
    return j->total[a] >= 10.0 * (double)r->threshold &&
           (small == 0 || members >= 3);
}

static enum rc area_measures(struct job *j, const struct counts *c)
{
    const struct measure *m = measure_find("shannon_diversity");
    double *v = arena_array(j->r->arena, double, c->units + 1);
    enum rc rc;

    if (!m || !(m->scopes & MEASURE_AREA) || c->units == 0)
        return RC_OK;
    j->options.flags |= MEASURE_NORMALISED;
    rc = measure_compute(m, MEASURE_AREA, c, 0, 0, &j->options, v);
    j->options.flags &= ~(unsigned)MEASURE_NORMALISED;
    for (size_t a = 0; a < c->units; a++)
        v[a] = rc != RC_OK || !area_wide(j, a) ? NAN
                                               : release_round(j->r, v[a], 1e2);
    if (rc != RC_OK && rc != RC_UNDEFINED)
        return rc;
    measure_push(j->r, (struct release_measure){
                           .code = m->code,
                           .scope = MEASURE_AREA,
                           .origin = DICT_NONE,
                           .area_values = v,
                           .value = NAN,
                           .compare = j->compare,
                           .size = j->persons,
                       });
    return RC_OK;
}

static enum rc period_measures(struct job *j, const struct progress *progress)
{
    struct release *r = j->r;
    enum rc rc;

    j->two = arena_array(r->arena, double, 2 * r->n_areas + 1);
    j->total = arena_array(r->arena, double, r->n_areas + 1);
    j->persons = 0;
    for (size_t a = 0; a < r->n_areas; a++) {
        int64_t n = 0;

        for (size_t o = 0; o < r->n_origins; o++)
            n += j->raw[a * r->n_origins + o];
        j->total[a] = (double)n;
        j->persons += n;
    }
    city_counts(j);
    j->options.parent = parents_find(r);
    if ((rc = city_measures(j, &j->city)) != RC_OK ||
        (!j->compare && (rc = area_measures(j, &j->city)) != RC_OK) ||
        (rc = group_measures(j, RELEASE_MIGRANTS,
                             group_fill(j, RELEASE_MIGRANTS))) != RC_OK)
        return rc;
    for (uint32_t o = 0; o < r->n_origins; o++) {
        int64_t size = group_fill(j, o);

        if (!progress_at(progress, N_("measuring"),
                         (double)o / (double)r->n_origins))
            return RC_CANCELLED;
        if (size < r->options.measure_from || !r->migrant[o])
            continue;
        if ((rc = group_measures(j, o, size)) != RC_OK)
            return rc;
    }
    return batch_infer(j, &j->drawn, &j->city, RELEASE_ORIGIN_DRAWS);
}

enum rc measures_make(struct release *r, const struct progress *progress,
                      struct err *err)
{
    for (int k = 0; k < 2; k++) {
        struct job j = {.r = r,
                        .options = measure_defaults(),
                        .compare = k,
                        .raw = r->raw[k]};
        enum rc rc;

        if (!j.raw)
            continue;
        j.options.seed = r->options.seed;
        j.options.threads = MAX(r->options.threads, 1);
        rc = period_measures(&j, progress);
        if (rc != RC_OK)
            return err_set(err, rc, N_("the measures cannot be computed: %s"),
                           rc_name(rc));
    }
    return RC_OK;
}
