#include "measure/draw.h"
#include "base/thread.h"
#include "measure/sample_many.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *const codes[MODEL_COUNT] = {
    [MODEL_EVENNESS] = "evenness",
    [MODEL_SYSTEMATIC] = "systematic",
    [MODEL_FIXED_MARGINS] = "fixed-margins",
    [MODEL_FREE_MARGINS] = "free-margins",
    [MODEL_AREAS] = "areas",
    [MODEL_PERSONS] = "persons",
    [MODEL_GROUPS] = "groups",
    [MODEL_UNITS] = "units",
};

const char *measure_model_code(enum measure_model model)
{
    return (unsigned)model < MODEL_COUNT ? codes[model] : NULL;
}

bool measure_model_find(const char *code, enum measure_model *model)
{
    for (size_t k = 0; k < MODEL_COUNT; k++)
        if (strcmp(codes[k], code) == 0) {
            *model = (enum measure_model)k;
            return true;
        }
    return false;
}

const char *measure_model_refused(enum measure_model model,
                                  const struct measure_target *t)
{
    if (model == MODEL_AREAS && !t->space)
        return N_(
            "Moving whole areas about cannot change an index that does "
            "not know where they lie; choose another null model, or a "
            "spatial index.");
    if (model == MODEL_UNITS && t->space)
        return N_(
            "An area drawn twice has no second place, so a spatial index "
            "cannot be taken of areas drawn with replacement; draw "
            "persons instead.");
    return NULL;
}

void cleanup_people(struct people *p)
{
    free(p->n);
    free(p->unit);
    free(p->group);
    cleanup_sampler(&p->sampler);
    free(p->x_log_x);
}

/* k ln k for the numbers that cells and units can have, within reason. */
static enum rc people_tables(struct people *p)
{
    enum { MOST = 1 << 16 };
    double largest = 0;

    for (size_t i = 0; i < p->c.units; i++)
        largest = fmax(largest, p->unit[i]);
    p->logs = (size_t)fmin(MOST, 2 * largest + 64);
    p->x_log_x = malloc(p->logs * sizeof *p->x_log_x);
    if (!p->x_log_x)
        return RC_MEMORY;
    for (size_t k = 0; k < p->logs; k++)
        p->x_log_x[k] = xlogx((double)k);
    return sampler_init(&p->sampler, largest);
}

static void copy_row(const struct people *p, const struct counts *c,
                     size_t group, size_t i)
{
    const double *row = c->n + i * c->groups;
    double *to = p->n + i * p->c.groups, rest = 0;

    for (size_t g = 0; g < c->groups; g++) {
        if (!p->one)
            to[g] = round(row[g]);
        else if (g != group)
            rest += row[g];
    }
    if (p->one) {
        to[0] = round(row[group]);
        to[1] = round(rest);
    }
}

bool targets_of_one_group(const struct measure_target *t, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (t[k].scope != MEASURE_GROUP || t[k].group != t[0].group)
            return false;
    return true;
}

static enum rc targets_check(const struct counts *c,
                             const struct measure_target *t, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (!(t[k].scope & (MEASURE_CITY | MEASURE_GROUP | MEASURE_PAIR)))
            return RC_USAGE;
        if (t[k].scope != MEASURE_CITY && t[k].group >= c->groups)
            return RC_USAGE;
    }
    return n ? RC_OK : RC_USAGE;
}

static void people_fill(struct people *p, const struct counts *c, size_t group)
{
    for (size_t i = 0; i < c->units; i++) {
        const double *row = p->n + i * p->c.groups;

        copy_row(p, c, group, i);
        for (size_t g = 0; g < p->c.groups; g++) {
            p->unit[i] += row[g];
            p->group[g] += row[g];
        }
        p->total += p->unit[i];
    }
}

enum rc people_init(struct people *p, const struct counts *c,
                    const struct measure_target *t, size_t n)
{
    AUTO(frame) struct frame f = {0};
    enum rc rc = targets_check(c, t, n);

    *p = (struct people){0};
    if (!rc)
        rc = frame_init(&f, c);
    if (rc)
        return rc;
    p->one = targets_of_one_group(t, n);
    p->c = (struct counts){c->units, p->one ? 2 : c->groups, NULL};
    p->n = malloc(c->units * p->c.groups * sizeof *p->n);
    p->unit = calloc(c->units, sizeof *p->unit);
    p->group = calloc(p->c.groups, sizeof *p->group);
    if (!p->n || !p->unit || !p->group)
        return RC_MEMORY;
    p->c.n = p->n;
    people_fill(p, c, t[0].group);
    return p->total > 0 ? people_tables(p) : RC_UNDEFINED;
}

struct measure_target people_target(const struct people *p,
                                    const struct measure_target *t)
{
    struct measure_target here = *t;

    if (p->one)
        here.group = 0;
    return here;
}

/*
 * Scratch of a draw: two columns and what the samplers take; for persons out of
 * all cells the samplers take more.
 */
size_t people_room(const struct people *p, enum measure_model model)
{
    size_t units = p->c.units, cells = units * p->c.groups;

    return 2 * units + sample_room(model == MODEL_PERSONS ? cells : units);
}

struct columns {
    double *left, *column, *room;
};

static struct columns columns_of(const struct people *p, double *spare)
{
    size_t units = p->c.units;

    return (struct columns){spare, spare + units, spare + 2 * units};
}

static void store(const struct people *p, const double *column, size_t g,
                  double *out)
{
    for (size_t i = 0; i < p->c.units; i++)
        out[i * p->c.groups + g] = column[i];
}

/*
 * The persons of each unit, in `left`, take the city's shares: group after
 * group out of those who have none yet.
 */
static void take_shares(const struct people *p, struct rng *r, double *out,
                        const struct columns *k)
{
    size_t units = p->c.units, last = p->c.groups - 1;
    double total = p->total;

    for (size_t g = 0; g < last; g++) {
        double share = total > 0 ? fmin(1, p->group[g] / total) : 0;

        sample_binomials(&p->sampler, r, k->left, units, share, k->column);
        store(p, k->column, g, out);
        for (size_t i = 0; i < units; i++)
            k->left[i] -= k->column[i];
        total -= p->group[g];
    }
    store(p, k->left, last, out);
}

/* Each unit takes the city's shares. */
static void evenness(const struct people *p, struct rng *r, double *out,
                     double *spare)
{
    struct columns k = columns_of(p, spare);

    memcpy(k.left, p->unit, p->c.units * sizeof *k.left);
    take_shares(p, r, out, &k);
}

static void systematic(const struct people *p, struct rng *r, double *out,
                       double *spare)
{
    struct columns k = columns_of(p, spare);

    for (size_t g = 0; g < p->c.groups; g++) {
        sample_shares(&p->sampler, r, p->group[g], p->unit, p->c.units,
                      p->total, k.column, k.room);
        store(p, k.column, g, out);
    }
}

/* Each group takes places out of those that are left. */
static void fixed_margins(const struct people *p, struct rng *r, double *out,
                          double *spare)
{
    struct columns k = columns_of(p, spare);
    size_t units = p->c.units, last = p->c.groups - 1;
    double total = p->total;

    memcpy(k.left, p->unit, units * sizeof *k.left);
    for (size_t g = 0; g < last; g++) {
        sample_subset(&p->sampler, r, p->group[g], k.left, units, total,
                      k.column, k.room);
        store(p, k.column, g, out);
        for (size_t i = 0; i < units; i++)
            k.left[i] -= k.column[i];
        total -= p->group[g];
    }
    store(p, k.left, last, out);
}

static void free_margins(const struct people *p, struct rng *r, double *out,
                         double *spare)
{
    struct columns k = columns_of(p, spare);

    sample_shares(&p->sampler, r, p->total, p->unit, p->c.units, p->total,
                  k.left, k.room);
    take_shares(p, r, out, &k);
}

/* Fisher and Yates, from the front. */
static void areas(const struct people *p, struct rng *r, double *out)
{
    size_t groups = p->c.groups;

    memcpy(out, p->n, p->c.units * groups * sizeof *out);
    for (size_t i = 0; i + 1 < p->c.units; i++) {
        size_t j = i + rng_below(r, p->c.units - i);

        for (size_t g = 0; g < groups; g++) {
            double held = out[i * groups + g];

            out[i * groups + g] = out[j * groups + g];
            out[j * groups + g] = held;
        }
    }
}

static void groups_anew(const struct people *p, struct rng *r, double *out,
                        double *spare)
{
    struct columns k = columns_of(p, spare);
    size_t units = p->c.units, groups = p->c.groups;

    for (size_t g = 0; g < groups; g++) {
        for (size_t i = 0; i < units; i++)
            k.left[i] = p->n[i * groups + g];
        sample_shares(&p->sampler, r, p->group[g], k.left, units, p->group[g],
                      k.column, k.room);
        store(p, k.column, g, out);
    }
}

static void units_anew(const struct people *p, struct rng *r, double *out)
{
    size_t row = p->c.groups * sizeof *out;

    for (size_t i = 0; i < p->c.units; i++)
        memcpy(out + i * p->c.groups,
               p->n + rng_below(r, p->c.units) * p->c.groups, row);
}

void people_draw(const struct people *p, enum measure_model model,
                 struct rng *r, double *out, double *spare)
{
    switch (model) {
    case MODEL_EVENNESS:
        evenness(p, r, out, spare);
        return;
    case MODEL_SYSTEMATIC:
        systematic(p, r, out, spare);
        return;
    case MODEL_FIXED_MARGINS:
        fixed_margins(p, r, out, spare);
        return;
    case MODEL_FREE_MARGINS:
        free_margins(p, r, out, spare);
        return;
    case MODEL_AREAS:
        areas(p, r, out);
        return;
    case MODEL_PERSONS:
        sample_shares(&p->sampler, r, p->total, p->n, p->c.units * p->c.groups,
                      p->total, out, spare);
        return;
    case MODEL_GROUPS:
        groups_anew(p, r, out, spare);
        return;
    case MODEL_UNITS:
        units_anew(p, r, out);
        return;
    case MODEL_COUNT:
        break;
    }
    BUG("no such model: %d", (int)model);
}

enum rc measure_draw(enum measure_model model, const struct counts *c,
                     uint64_t seed, uint64_t stream, double *out)
{
    struct measure_target t = {.scope = MEASURE_CITY};
    AUTO(people) struct people p = {0};
    AUTO(mem) double *spare = NULL;
    struct rng r;
    enum rc rc =
        (unsigned)model < MODEL_COUNT ? people_init(&p, c, &t, 1) : RC_USAGE;

    if (rc)
        return rc;
    spare = malloc(people_room(&p, model) * sizeof *spare);
    if (!spare)
        return RC_MEMORY;
    rng_init(&r, seed, stream);
    people_draw(&p, model, &r, out, spare);
    return RC_OK;
}

enum rc target_value(const struct measure_target *t, const struct counts *c,
                     const struct measure_options *o, double *out)
{
    if (t->space)
        return measure_spatial(t->m, t->scope, c, t->space, t->group,
                               t->against, o, out);
    return measure_compute(t->m, t->scope, c, t->group, t->against, o, out);
}

struct run {
    const struct draws *d;
    double *scratch;
    _Atomic int rc;
};

static void run_some(void *ctx, size_t i, unsigned worker)
{
    struct run *run = ctx;
    const struct draws *d = run->d;
    size_t first = i * d->batch, count = MIN(d->batch, d->n - first);
    double *value = &d->value[first];
    enum rc rc;

    for (size_t k = 0; k < d->width; k++)
        for (size_t b = 0; b < count; b++)
            value[k * d->n + b] = NAN;
    rc = d->fn(d->ctx, first, count, run->scratch + worker * d->cells, value);
    if (rc && rc != RC_UNDEFINED)
        atomic_store(&run->rc, (int)rc);
}

enum rc draws_run(const struct draws *d)
{
    unsigned workers = thread_count(d->threads);
    struct run run = {.d = d};
    enum rc rc;

    run.scratch = malloc(workers * d->cells * sizeof *run.scratch);
    if (!run.scratch)
        return RC_MEMORY;
    parallel_for((d->n + d->batch - 1) / d->batch, workers, &run, run_some);
    rc = (enum rc)atomic_load(&run.rc);
    free(run.scratch);
    return rc;
}

enum rc draws_summarise(const double *value, size_t n,
                        struct draws_summary *out)
{
    struct sum s = {0}, ss = {0};

    *out = (struct draws_summary){0};
    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i])) {
            sum_add(&s, value[i]);
            out->defined++;
        }
    if (!out->defined || 2 * out->defined < n)
        return RC_UNDEFINED;
    out->mean = sum_of(&s) / (double)out->defined;
    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i]))
            sum_add(&ss, (value[i] - out->mean) * (value[i] - out->mean));
    out->sd =
        out->defined > 1 ? sqrt(sum_of(&ss) / (double)(out->defined - 1)) : 0;
    return RC_OK;
}
