#include "measure/several.h"
#include "measure/sort.h"

#include <stdlib.h>
#include <string.h>

static bool is_bootstrap(enum measure_model model)
{
    return model == MODEL_PERSONS || model == MODEL_GROUPS ||
           model == MODEL_UNITS;
}

/* The matrices of a batch, what their indices take, and scratch of a draw. */
static size_t cells_of(const struct several *s)
{
    return s->batch * s->p.c.units * s->p.c.groups + several_room(s) +
           people_room(&s->p, s->model);
}

static enum rc simulate(const void *ctx, size_t i, size_t count, double *cells,
                        double *value)
{
    const struct several *s = ctx;
    size_t n = s->p.c.units * s->p.c.groups;
    double *room = cells + s->batch * n;

    for (size_t d = 0; d < count; d++) {
        struct rng r;

        rng_init(&r, s->o.seed, i + d);
        people_draw(&s->p, s->model, &r, cells + d * n, room + several_room(s));
    }
    return several_values(s, cells, count, room, value, s->o.draws);
}

static enum rc all_draws(const struct several *s, unsigned threads,
                         double *value)
{
    struct draws d = {.n = s->o.draws,
                      .cells = cells_of(s),
                      .batch = s->batch,
                      .width = s->n,
                      .threads = threads,
                      .fn = simulate,
                      .ctx = s,
                      .value = value};

    return draws_run(&d);
}

/* (k + 1) / (n + 1), Davison and Hinkley 1997. */
static double tail(size_t k, size_t n)
{
    return (double)(k + 1) / (double)(n + 1);
}

static void p_values(const double *value, size_t n, size_t defined,
                     struct measure_tested *out)
{
    /* Draws that differ by rounding only are as high as the value. */
    double same = 1e-12 * fmax(1, fabs(out->value));
    size_t high = 0, low = 0;

    for (size_t i = 0; i < n; i++) {
        high += value[i] >= out->value - same;
        low += value[i] <= out->value + same;
    }
    out->p = tail(high, defined);
    out->p_low = tail(low, defined);
    out->p_two = fmin(1, 2 * fmin(out->p, out->p_low));
    out->p_error = sqrt(out->p * (1 - out->p) / (double)(defined + 1));
}

static enum rc check(const struct measure_target *t, const struct counts *c,
                     enum measure_model model, const struct measure_options *o)
{
    if (!t->m || (unsigned)model >= MODEL_COUNT || !o->draws)
        return RC_USAGE;
    return measure_model_refused(model, t) ? RC_USAGE : RC_OK;
}

static enum rc check_all(const struct measure_target *t, size_t n,
                         const struct counts *c, enum measure_model model,
                         const struct measure_options *o)
{
    for (size_t k = 0; k < n; k++) {
        enum rc rc = check(&t[k], c, model, o);

        if (rc)
            return rc;
    }
    return n ? RC_OK : RC_USAGE;
}

static enum rc tested(const double *value, size_t draws,
                      struct measure_tested *out)
{
    struct draws_summary s;
    enum rc rc = draws_summarise(value, draws, &s);

    if (rc)
        return rc;
    out->expected = s.mean;
    out->sd = s.sd;
    out->excess = out->value - s.mean;
    out->draws = draws;
    out->undefined = draws - s.defined;
    p_values(value, draws, s.defined, out);
    return RC_OK;
}

static enum rc test_all(const struct measure_target *t, size_t n,
                        const struct counts *c, enum measure_model model,
                        const struct measure_options *o, double *value,
                        struct measure_tested *out, enum rc *rc)
{
    AUTO(several) struct several s = {0};
    enum rc whole =
        is_bootstrap(model) ? RC_USAGE : check_all(t, n, c, model, o);

    if (!whole)
        whole = several_init(&s, t, n, c, model, o);
    if (!whole)
        whole = all_draws(&s, o->threads, value);
    for (size_t k = 0; !whole && k < n; k++) {
        rc[k] = target_value(&t[k], c, o, &out[k].value);
        if (!rc[k])
            rc[k] = tested(value + k * o->draws, o->draws, &out[k]);
    }
    return whole;
}

enum rc measure_test(const struct measure_target *t, const struct counts *c,
                     enum measure_model model, const struct measure_options *o,
                     struct measure_tested *out, double *draws)
{
    struct measure_options defaults;
    const struct measure_options *opt = options_or(o, &defaults);
    AUTO(mem)
    double *own = draws ? NULL : malloc((opt->draws + 1) * sizeof *own);
    struct measure_tested result;
    enum rc one = RC_OK, rc;

    if (!draws && !own)
        return RC_MEMORY;
    rc = test_all(t, 1, c, model, opt, draws ? draws : own, &result, &one);
    if (!rc)
        rc = one;
    if (!rc)
        *out = result;
    return rc;
}

enum rc measure_test_many(const struct measure_target *t, size_t n,
                          const struct counts *c, enum measure_model model,
                          const struct measure_options *o,
                          struct measure_tested *out, enum rc *rc)
{
    struct measure_options defaults;
    const struct measure_options *opt = options_or(o, &defaults);
    AUTO(mem) double *value = malloc((n * opt->draws + 1) * sizeof *value);

    return value ? test_all(t, n, c, model, opt, value, out, rc) : RC_MEMORY;
}

/*
 * The q-th quantile of sorted values, between neighbours in a straight line
 * (type 7 of Hyndman and Fan 1996, doi:10.1080/00031305.1996.10473566).
 */
static double quantile(const struct sort_item *item, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t k = MIN((size_t)at, n - 1), next = MIN(k + 1, n - 1);

    return item[k].key + (at - (double)k) * (item[next].key - item[k].key);
}

static double normal_cdf(double z)
{
    return erfc(-z * M_SQRT1_2) / 2;
}

/* Inverse of normal_cdf by bisection and Newton's last step. */
static double normal_quantile(double p)
{
    double low = -40, high = 40, z;

    for (int i = 0; i < 80; i++) {
        z = (low + high) / 2;
        if (normal_cdf(z) < p)
            low = z;
        else
            high = z;
    }
    return (low + high) / 2;
}

/* Acceleration: skewness of the jackknife values over six. */
static double acceleration(const double *value, size_t n)
{
    struct sum s = {0}, two = {0}, three = {0};
    double mean;

    for (size_t k = 0; k < n; k++)
        sum_add(&s, value[k]);
    mean = sum_of(&s) / (double)n;
    for (size_t k = 0; k < n; k++) {
        double d = mean - value[k];

        sum_add(&two, d * d);
        sum_add(&three, d * d * d);
    }
    return sum_of(&two) > 0 ? sum_of(&three) / (6 * pow(sum_of(&two), 1.5)) : 0;
}

enum { BLOCKS = 200 };

struct jackknife {
    const struct several *s;
    size_t blocks;
    const uint32_t *block; /* of each unit, MODEL_UNITS */
    const double *removed; /* blocks x cells, else */
};

/* The indices without one block of units or of persons. */
static enum rc without(const void *ctx, size_t i, size_t count, double *cells,
                       double *value)
{
    const struct jackknife *j = ctx;
    const struct people *p = &j->s->p;
    size_t groups = p->c.groups, n = p->c.units * groups;

    for (size_t d = 0; d < count; d++)
        for (size_t k = 0; k < n; k++) {
            double *cell = &cells[d * n + k];

            if (j->s->model == MODEL_UNITS)
                *cell = j->block[k / groups] == i + d ? 0 : p->n[k];
            else
                *cell = p->n[k] - j->removed[(i + d) * n + k];
        }
    return several_values(j->s, cells, count, cells + j->s->batch * n, value,
                          j->blocks);
}

/*
 * Persons dealt out to the blocks as evenly as can be, at random. `left` holds
 * the cells and what sample_subset takes.
 */
static void deal(const struct people *p, size_t blocks, struct rng *r,
                 double *left, double *removed)
{
    size_t n = p->c.units * p->c.groups;
    double total = p->total;

    memcpy(left, p->n, n * sizeof *left);
    for (size_t b = 0; b < blocks; b++) {
        double share = floor(total / (double)(blocks - b));
        double *block = removed + b * n;

        sample_subset(&p->sampler, r, share, left, n, total, block, left + n);
        for (size_t k = 0; k < n; k++)
            left[k] -= block[k];
        total -= share;
    }
}

/*
 * Blocks of persons take blocks x cells of memory: fewer blocks where the
 * matrix is large, and none (acceleration 0) beyond 2^27 numbers.
 */
static size_t block_count(const struct people *p, enum measure_model model)
{
    size_t n = p->c.units * p->c.groups, most = ((size_t)1 << 27) / n;

    if (model == MODEL_UNITS)
        return MIN(p->c.units, BLOCKS);
    most = MIN(most, BLOCKS);
    return most < 20 ? 0 : MIN(most, (size_t)p->total);
}

/* The acceleration of each index; 0 where a block leaves it undefined. */
static void accelerations(const double *value, size_t blocks, size_t n,
                          double *a)
{
    for (size_t k = 0; k < n; k++) {
        const double *of = value + k * blocks;
        bool defined = true;

        for (size_t b = 0; b < blocks; b++)
            defined &= !isnan(of[b]);
        a[k] = defined ? acceleration(of, blocks) : 0;
    }
}

static enum rc jackknife(const struct several *s, unsigned threads, double *a)
{
    size_t n = s->p.c.units * s->p.c.groups;
    size_t blocks = block_count(&s->p, s->model);
    AUTO(mem) double *value = malloc((blocks + 1) * s->n * sizeof *value);
    AUTO(mem) uint32_t *block = calloc(s->p.c.units, sizeof *block);
    AUTO(mem) double *removed = NULL;
    struct jackknife j = {s, blocks, block, NULL};
    struct draws d = {.n = blocks,
                      .cells = s->batch * n + several_room(s),
                      .width = s->n,
                      .batch = s->batch,
                      .threads = threads,
                      .fn = without,
                      .ctx = &j,
                      .value = value};
    struct rng r;
    enum rc rc;

    for (size_t k = 0; k < s->n; k++)
        a[k] = 0;
    if (blocks < 3)
        return RC_OK;
    if (s->model != MODEL_UNITS)
        removed = malloc(((blocks + 1) * n + sample_room(n)) * sizeof *removed);
    if (!value || !block || (s->model != MODEL_UNITS && !removed))
        return RC_MEMORY;
    /* A stream of its own, beyond those of the draws. */
    rng_init(&r, s->o.seed, UINT64_MAX);
    if (removed)
        deal(&s->p, blocks, &r, removed + blocks * n, removed);
    for (size_t i = 0; i < s->p.c.units; i++)
        block[i] = (uint32_t)(i % blocks);
    j.removed = removed;
    rc = draws_run(&d);
    if (!rc)
        accelerations(value, blocks, s->n, a);
    return rc;
}

static void interval(const struct sort_item *item, size_t n, double a,
                     struct measure_interval *out)
{
    double half = (1 - out->level) / 2, z0, z[2] = {0, 0}, below = 0;

    out->low = quantile(item, n, half);
    out->high = quantile(item, n, 1 - half);
    for (size_t k = 0; k < n; k++)
        below += item[k].key < out->value   ? 1
                 : item[k].key > out->value ? 0
                                            : 0.5;
    if (isnan(a) || below <= 0 || below >= (double)n) {
        out->bca_low = out->bca_high = NAN;
        return;
    }
    z0 = normal_quantile(below / (double)n);
    z[0] = z0 + normal_quantile(half);
    z[1] = z0 + normal_quantile(1 - half);
    for (int k = 0; k < 2; k++)
        z[k] = normal_cdf(z0 + z[k] / (1 - a * z[k]));
    out->bca_low = quantile(item, n, fmin(z[0], z[1]));
    out->bca_high = quantile(item, n, fmax(z[0], z[1]));
}

static size_t defined_sorted(const double *value, size_t n,
                             struct sort_item *item)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i]))
            item[m++] = (struct sort_item){value[i], i};
    sort_items(item, m, item + n);
    return m;
}

static enum rc interval_of(const double *value, size_t draws, double a,
                           struct sort_item *item, struct measure_interval *out)
{
    struct draws_summary s;
    enum rc rc = draws_summarise(value, draws, &s);

    if (rc)
        return rc;
    out->bias = s.mean - out->value;
    out->debiased = out->value - out->bias;
    out->se = s.sd;
    out->draws = draws;
    out->undefined = draws - s.defined;
    interval(item, defined_sorted(value, draws, item), a, out);
    return RC_OK;
}

static enum rc bootstrap_all(const struct measure_target *t, size_t n,
                             const struct counts *c, enum measure_model model,
                             double level, const struct measure_options *o,
                             double *value, struct measure_interval *out,
                             enum rc *rc)
{
    AUTO(several) struct several s = {0};
    AUTO(mem) double *a = malloc((n + 1) * sizeof *a);
    AUTO(mem)
    struct sort_item *item = malloc(2 * (o->draws + 1) * sizeof *item);
    enum rc whole = check_all(t, n, c, model, o);

    if (!is_bootstrap(model) || !(level > 0 && level < 1))
        return RC_USAGE;
    if (!item || !a)
        return RC_MEMORY;
    if (!whole)
        whole = several_init(&s, t, n, c, model, o);
    if (!whole)
        whole = all_draws(&s, o->threads, value);
    for (size_t k = 0; k < n && (o->flags & MEASURE_PERCENTILES_ONLY); k++)
        a[k] = NAN;
    if (!whole && !(o->flags & MEASURE_PERCENTILES_ONLY))
        whole = jackknife(&s, o->threads, a);
    for (size_t k = 0; !whole && k < n; k++) {
        out[k].level = level;
        rc[k] = target_value(&t[k], c, o, &out[k].value);
        if (!rc[k])
            rc[k] = interval_of(value + k * o->draws, o->draws, a[k], item,
                                &out[k]);
    }
    return whole;
}

enum rc measure_bootstrap(const struct measure_target *t,
                          const struct counts *c, enum measure_model model,
                          double level, const struct measure_options *o,
                          struct measure_interval *out, double *draws)
{
    struct measure_options defaults;
    const struct measure_options *opt = options_or(o, &defaults);
    AUTO(mem)
    double *own = draws ? NULL : malloc((opt->draws + 1) * sizeof *own);
    struct measure_interval result;
    enum rc one = RC_OK, rc;

    if (!draws && !own)
        return RC_MEMORY;
    rc = bootstrap_all(t, 1, c, model, level, opt, draws ? draws : own, &result,
                       &one);
    if (!rc)
        rc = one;
    if (!rc)
        *out = result;
    return rc;
}

enum rc measure_bootstrap_many(const struct measure_target *t, size_t n,
                               const struct counts *c, enum measure_model model,
                               double level, const struct measure_options *o,
                               struct measure_interval *out, enum rc *rc)
{
    struct measure_options defaults;
    const struct measure_options *opt = options_or(o, &defaults);
    AUTO(mem) double *value = malloc((n * opt->draws + 1) * sizeof *value);

    return value ? bootstrap_all(t, n, c, model, level, opt, value, out, rc)
                 : RC_MEMORY;
}

struct comparison {
    const struct people *p[2];
    struct measure_target t[2];
    enum measure_comparison how;
    enum measure_model model;
    struct measure_options o;
    const double *share[2]; /* COMPARE_COMPOSITION: of the other city */
};

/* Units of both dealt out anew, as many to each as before. */
static void relabel(const struct comparison *k, struct rng *r, double *cells)
{
    const struct counts *a = &k->p[0]->c, *b = &k->p[1]->c;
    size_t groups = a->groups, n = a->units + b->units;

    memcpy(cells, a->n, a->units * groups * sizeof *cells);
    memcpy(cells + a->units * groups, b->n, b->units * groups * sizeof *cells);
    for (size_t i = 0; i + 1 < n; i++) {
        size_t j = i + rng_below(r, n - i);

        for (size_t g = 0; g < groups; g++) {
            double held = cells[i * groups + g];

            cells[i * groups + g] = cells[j * groups + g];
            cells[j * groups + g] = held;
        }
    }
}

static void recompose(const struct comparison *k, int city, struct rng *r,
                      double *cells)
{
    const struct people *p = k->p[city];

    for (size_t i = 0; i < p->c.units; i++) {
        bool swap = rng_u64(r) >> 63;

        cells[2 * i] = swap ? k->share[city][i] * p->unit[i] : p->n[2 * i];
        cells[2 * i + 1] = p->unit[i] - cells[2 * i];
    }
}

static enum rc difference(const void *ctx, size_t i, size_t count,
                          double *cells, double *value)
{
    const struct comparison *k = ctx;
    const struct counts *a = &k->p[0]->c, *b = &k->p[1]->c;
    double *second = cells + a->units * a->groups, va = 0, vb = 0;
    double *spare = second + b->units * b->groups;
    struct counts x = {a->units, a->groups, cells};
    struct counts y = {b->units, b->groups, second};
    struct rng r;
    enum rc rc;

    REQUIRE(count == 1);
    rng_init(&r, k->o.seed, i);
    if (k->how == COMPARE_LABELS) {
        relabel(k, &r, cells);
    } else if (k->how == COMPARE_COMPOSITION) {
        recompose(k, 0, &r, cells);
        recompose(k, 1, &r, second);
    } else {
        people_draw(k->p[0], k->model, &r, cells, spare);
        people_draw(k->p[1], k->model, &r, second, spare);
    }
    rc = target_value(&k->t[0], &x, &k->o, &va);
    if (!rc)
        rc = target_value(&k->t[1], &y, &k->o, &vb);
    if (!rc)
        *value = va - vb;
    return rc;
}

/*
 * Two-sided. Under a null model: draws as far from their mean as the
 * difference. By bootstrap: draws as far from the difference as that is from 0.
 */
static void compare_p(const struct comparison *k, const double *value,
                      const struct draws_summary *s,
                      struct measure_compared *out)
{
    bool boot = k->how == COMPARE_BOOTSTRAP;
    double centre = boot ? out->difference : s->mean;
    double far = boot ? fabs(out->difference) : fabs(out->difference - s->mean);
    double same = 1e-12 * fmax(1, far);
    size_t beyond = 0;

    for (size_t i = 0; i < k->o.draws; i++)
        beyond += fabs(value[i] - centre) >= far - same;
    out->p = tail(beyond, s->defined);
    out->p_error = sqrt(out->p * (1 - out->p) / (double)(s->defined + 1));
}

static enum rc compare_check(const struct measure_target *t,
                             const struct counts *a, const struct counts *b,
                             const struct spatial *space_b,
                             enum measure_comparison how,
                             enum measure_model model, double level)
{
    if ((unsigned)how > COMPARE_BOOTSTRAP || !(level > 0 && level < 1) ||
        (t->space == NULL) != (space_b == NULL) || a->groups != b->groups)
        return RC_USAGE;
    if (how != COMPARE_BOOTSTRAP && t->space)
        return RC_USAGE;
    if (how == COMPARE_COMPOSITION && t->scope != MEASURE_GROUP)
        return RC_USAGE;
    if (how == COMPARE_BOOTSTRAP && !is_bootstrap(model))
        return RC_USAGE;
    return RC_OK;
}

static enum rc compare_all(struct comparison *k, double level,
                           struct measure_compared *out)
{
    size_t n = k->o.draws, groups = k->p[0]->c.groups;
    AUTO(mem) double *value = malloc(n * sizeof *value);
    AUTO(mem) struct sort_item *item = malloc(2 * n * sizeof *item);
    size_t room =
        MAX(people_room(k->p[0], k->model), people_room(k->p[1], k->model));
    struct draws d = {.n = n,
                      .cells =
                          (k->p[0]->c.units + k->p[1]->c.units) * groups + room,
                      .width = 1,
                      .batch = 1,
                      .threads = k->o.threads,
                      .fn = difference,
                      .ctx = k,
                      .value = value};
    struct draws_summary s;
    enum rc rc;

    if (!value || !item)
        return RC_MEMORY;
    k->o.threads = 1;
    rc = draws_run(&d);
    if (!rc)
        rc = draws_summarise(value, n, &s);
    if (rc)
        return rc;
    out->expected = s.mean;
    out->sd = s.sd;
    out->draws = n;
    out->undefined = n - s.defined;
    out->low = out->high = NAN;
    compare_p(k, value, &s, out);
    if (k->how == COMPARE_BOOTSTRAP) {
        size_t m = defined_sorted(value, n, item);

        out->low = quantile(item, m, (1 - level) / 2);
        out->high = quantile(item, m, (1 + level) / 2);
    }
    return RC_OK;
}

enum rc measure_compare(const struct measure_target *t, const struct counts *a,
                        const struct counts *b, const struct spatial *space_b,
                        enum measure_comparison how, enum measure_model model,
                        double level, const struct measure_options *o,
                        struct measure_compared *out)
{
    struct measure_options defaults;
    const struct measure_options *opt = options_or(o, &defaults);
    struct measure_target tb = *t;
    AUTO(people) struct people pa = {0}, pb = {0};
    AUTO(mem) double *sa = malloc((a->units + 1) * sizeof *sa);
    AUTO(mem) double *sb = malloc((b->units + 1) * sizeof *sb);
    struct comparison k = {.p = {&pa, &pb},
                           .how = how,
                           .model = model,
                           .o = *opt,
                           .share = {sa, sb}};
    enum rc rc = compare_check(t, a, b, space_b, how, model, level);

    tb.space = space_b;
    if (!sa || !sb)
        return RC_MEMORY;
    if (!rc)
        rc =
            check(t, a, how == COMPARE_BOOTSTRAP ? model : MODEL_EVENNESS, opt);
    if (!rc)
        rc = target_value(t, a, opt, &out->a);
    if (!rc)
        rc = target_value(&tb, b, opt, &out->b);
    if (!rc)
        rc = people_init(&pa, a, t, 1);
    if (!rc)
        rc = people_init(&pb, b, &tb, 1);
    if (!rc && how == COMPARE_COMPOSITION)
        rc = counterfactual_shares(&pa.c, 0, &pb.c, 0, sa);
    if (!rc && how == COMPARE_COMPOSITION)
        rc = counterfactual_shares(&pb.c, 0, &pa.c, 0, sb);
    if (rc)
        return rc;
    k.t[0] = people_target(&pa, t);
    k.t[1] = people_target(&pb, &tb);
    out->difference = out->a - out->b;
    return compare_all(&k, level, out);
}
