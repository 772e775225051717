#include "measure/draw.h"
#include "base/thread.h"
#include "measure/sample.h"

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

/* Whether all ask of one group and no more. */
static bool one_group(const struct measure_target *t, size_t n)
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
    p->one = one_group(t, n);
    p->c = (struct counts){c->units, p->one ? 2 : c->groups, NULL};
    p->n = malloc(c->units * p->c.groups * sizeof *p->n);
    p->unit = calloc(c->units, sizeof *p->unit);
    p->group = calloc(p->c.groups, sizeof *p->group);
    if (!p->n || !p->unit || !p->group)
        return RC_MEMORY;
    p->c.n = p->n;
    people_fill(p, c, t[0].group);
    return p->total > 0 ? RC_OK : RC_UNDEFINED;
}

struct measure_target people_target(const struct people *p,
                                    const struct measure_target *t)
{
    struct measure_target here = *t;

    if (p->one)
        here.group = 0;
    return here;
}

/* Each unit takes the city's shares. */
static void evenness(const struct people *p, struct rng *r, double *out)
{
    for (size_t i = 0; i < p->c.units; i++)
        sample_multinomial(r, (uint64_t)p->unit[i], p->group, p->c.groups,
                           p->total, out + i * p->c.groups);
}

/*
 * n persons over cells at a stride; weights and outcome may be the same array
 * only where the strides agree.
 */
static void spread(struct rng *r, uint64_t n, const double *w, size_t w_stride,
                   size_t k, double sum, double *out, size_t stride)
{
    for (size_t i = 0; i < k; i++) {
        double weight = w[i * w_stride], p = sum > 0 ? weight / sum : 0;
        uint64_t here =
            weight >= sum ? n : sample_binomial(r, n, MIN(1, MAX(0, p)));

        out[i * stride] = (double)here;
        n -= here;
        sum -= weight;
    }
}

static void systematic(const struct people *p, struct rng *r, double *out)
{
    for (size_t g = 0; g < p->c.groups; g++)
        spread(r, (uint64_t)p->group[g], p->unit, 1, p->c.units, p->total,
               out + g, p->c.groups);
}

static void fixed_margins(const struct people *p, struct rng *r, double *out,
                          double *left)
{
    size_t groups = p->c.groups;
    double total = p->total;

    memcpy(left, p->group, groups * sizeof *left);
    for (size_t i = 0; i < p->c.units; i++) {
        double *row = out + i * groups;

        sample_multivariate(r, (uint64_t)p->unit[i], left, groups,
                            (uint64_t)total, row);
        for (size_t g = 0; g < groups; g++)
            left[g] -= row[g];
        total -= p->unit[i];
    }
}

static void free_margins(const struct people *p, struct rng *r, double *out)
{
    double sum = p->total;
    uint64_t n = (uint64_t)p->total;

    for (size_t i = 0; i < p->c.units; i++) {
        double w = p->unit[i];
        uint64_t here = w >= sum ? n : sample_binomial(r, n, w / sum);

        sample_multinomial(r, here, p->group, p->c.groups, p->total,
                           out + i * p->c.groups);
        n -= here;
        sum -= w;
    }
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

static void groups_anew(const struct people *p, struct rng *r, double *out)
{
    for (size_t g = 0; g < p->c.groups; g++)
        spread(r, (uint64_t)p->group[g], p->n + g, p->c.groups, p->c.units,
               p->group[g], out + g, p->c.groups);
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
        evenness(p, r, out);
        return;
    case MODEL_SYSTEMATIC:
        systematic(p, r, out);
        return;
    case MODEL_FIXED_MARGINS:
        fixed_margins(p, r, out, spare);
        return;
    case MODEL_FREE_MARGINS:
        free_margins(p, r, out);
        return;
    case MODEL_AREAS:
        areas(p, r, out);
        return;
    case MODEL_PERSONS:
        spread(r, (uint64_t)p->total, p->n, 1, p->c.units * p->c.groups,
               p->total, out, 1);
        return;
    case MODEL_GROUPS:
        groups_anew(p, r, out);
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
    AUTO(mem) double *spare = calloc(c->groups + 1, sizeof *spare);
    struct rng r;
    enum rc rc =
        (unsigned)model < MODEL_COUNT ? people_init(&p, c, &t, 1) : RC_USAGE;

    if (!spare)
        return RC_MEMORY;
    if (rc)
        return rc;
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

enum rc target_values(const struct measure_target *t, size_t n,
                      const struct counts *c, const struct measure_options *o,
                      double *value, size_t stride)
{
    for (size_t k = 0; k < n; k++) {
        double v = NAN;
        enum rc rc = target_value(&t[k], c, o, &v);

        if (rc && rc != RC_UNDEFINED)
            return rc;
        value[k * stride] = rc ? NAN : v;
    }
    return RC_OK;
}

struct run {
    const struct draws *d;
    double *scratch;
    _Atomic int rc;
};

static void run_one(void *ctx, size_t i, unsigned worker)
{
    struct run *run = ctx;
    const struct draws *d = run->d;
    double *value = &d->value[i];
    enum rc rc;

    for (size_t k = 0; k < d->width; k++)
        value[k * d->n] = NAN;
    rc = d->fn(d->ctx, i, run->scratch + worker * d->cells, value);
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
    parallel_for(d->n, workers, &run, run_one);
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
