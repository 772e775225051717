#include "measure/spatial_environment.h"

#include "base/thread.h"
#include "measure/spatial_grid.h"
#include "measure/spatial_sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A bandwidth so many times the extent is one in metres over degrees. */
#define DEGREES 100

enum { BLOCK = 32, CELLS_A_REACH = 2, RANGE = 512 };

struct environment {
    size_t n;
    struct kernel kernel;
    double reach;
    bool alone; /* bandwidth 0: an area is its own environment */
    unsigned threads;
    const double *self; /* borrowed, or NULL: 1 */
    struct grid grid;   /* n = 0 where the pairs came from outside */
    struct sweeps with;
    /* Pairs kept: those of place i are start[i]..start[i + 1]. */
    size_t *start;
    uint32_t *to;
    double *weight;
};

struct kernel kernel_of(enum kernel_shape shape, double bandwidth_m)
{
    return (struct kernel){
        .shape = shape,
        .bandwidth_m = bandwidth_m,
        .power = 1,
        .tail = 1e-12,
    };
}

static bool compact(enum kernel_shape shape)
{
    return shape <= SHAPE_BIWEIGHT;
}

static bool kernel_good(const struct kernel *k)
{
    return k->bandwidth_m >= 0 && isfinite(k->bandwidth_m) && k->reach_m >= 0 &&
           !isnan(k->reach_m) && k->tail >= 0 && k->tail < 1 &&
           k->shape <= SHAPE_INVERSE &&
           (k->shape != SHAPE_INVERSE || (k->power > 0 && k->power <= 64));
}

/* How far a kernel reaches, in metres. */
static double kernel_reach(const struct kernel *k)
{
    double far = INFINITY;

    if (compact(k->shape))
        return k->reach_m > 0 ? fmin(k->reach_m, k->bandwidth_m)
                              : k->bandwidth_m;
    if (k->reach_m > 0)
        return k->reach_m;
    if (k->tail > 0 && k->shape == SHAPE_GAUSSIAN)
        far = sqrt(-2 * log(k->tail));
    if (k->tail > 0 && k->shape == SHAPE_EXPONENTIAL)
        far = -log(k->tail);
    if (k->tail > 0 && k->shape == SHAPE_INVERSE)
        far = pow(k->tail, -1 / k->power) - 1;
    return far * k->bandwidth_m;
}

static double kernel_scale(const struct kernel *k)
{
    static const double density[] = {
        [SHAPE_UNIFORM] = 0.5,
        [SHAPE_TRIANGULAR] = 1,
        [SHAPE_QUADRATIC] = 0.75,
        [SHAPE_BIWEIGHT] = 15.0 / 16,
        [SHAPE_GAUSSIAN] = 0.39894228040143267794,
        [SHAPE_EXPONENTIAL] = 1,
        [SHAPE_INVERSE] = 1,
    };

    return k->density ? density[k->shape] : 1;
}

static struct sweep sweep_of(const struct kernel *k)
{
    double reach = kernel_reach(k);

    return (struct sweep){
        .shape = k->shape,
        .bandwidth = k->bandwidth_m,
        .reach2 = reach * reach,
        .scale = kernel_scale(k),
        .power = k->power,
    };
}

enum rc kernel_weight(const struct kernel *k, double distance_m, double *out)
{
    const double points[2 * LANES] = {distance_m}, zeros[2 * LANES] = {0};
    struct sweep s;

    if (!kernel_good(k) || !(distance_m >= 0) || !isfinite(distance_m))
        return RC_INVALID;
    if (k->bandwidth_m == 0) {
        *out = distance_m == 0;
        return RC_OK;
    }
    s = sweep_of(k);
    s.x = points;
    s.y = zeros;
    sweeps_choose().weigh(&s, 0, 0, 0, 1, out);
    return RC_OK;
}

static enum rc environment_start(size_t n, const struct kernel *k,
                                 unsigned threads, struct environment **out)
{
    struct environment *e;

    if (!n)
        return RC_UNDEFINED;
    if (!kernel_good(k))
        return RC_INVALID;
    e = calloc(1, sizeof *e);
    if (!e)
        return RC_MEMORY;
    e->n = n;
    e->kernel = *k;
    e->reach = kernel_reach(k);
    e->alone = k->bandwidth_m == 0;
    e->threads = threads;
    e->with = sweeps_choose();
    *out = e;
    return RC_OK;
}

enum rc environment_with_self(const struct areas *a, const struct kernel *k,
                              const double *self, unsigned threads,
                              struct environment **out)
{
    struct environment *e = NULL;
    enum rc rc;

    if (!a->x_m || !a->y_m)
        return RC_USAGE;
    rc = environment_start(a->n, k, threads, &e);
    if (rc)
        return rc;
    e->self = self;
    rc = grid_init(&e->grid, a->n, a->x_m, a->y_m, e->reach / CELLS_A_REACH);
    if (!rc && e->grid.extent > 0 && k->bandwidth_m > DEGREES * e->grid.extent)
        rc = RC_INVALID;
    if (rc) {
        environment_free(e);
        return rc;
    }
    *out = e;
    return RC_OK;
}

enum rc environment_new(const struct areas *a, const struct kernel *k,
                        unsigned threads, struct environment **out)
{
    return environment_with_self(a, k, NULL, threads, out);
}

void environment_free(struct environment *e)
{
    if (!e)
        return;
    grid_free(&e->grid);
    free(e->start);
    free(e->to);
    free(e->weight);
    free(e);
}

void cleanup_environment(struct environment **e)
{
    environment_free(*e);
}

size_t environment_pairs(const struct environment *e)
{
    return e->start ? e->start[e->n] : 0;
}

/* --- pairs kept ------------------------------------------------------ */

static double self_of(const struct environment *e, size_t place)
{
    return e->self ? e->self[e->grid.order[place]] : 1;
}

/* Pairs of a place; written where to and weight are not NULL. */
static size_t pairs_of(const struct environment *e, const struct sweep *s,
                       size_t place, uint32_t *to, double *weight)
{
    double x = s->x[place], y = s->y[place], w[RANGE];
    size_t found = 0;
    struct disc d;

    for (disc_init(&d, &e->grid, x, y, e->reach); disc_next(&d);)
        for (size_t from = d.from; from < d.to; from += RANGE) {
            size_t n = MIN(d.to - from, (size_t)RANGE);

            e->with.weigh(s, x, y, from, n, w);
            if (place >= from && place < from + n)
                w[place - from] = self_of(e, place);
            for (size_t k = 0; k < n; k++) {
                if (w[k] == 0)
                    continue;
                if (to) {
                    to[found] = (uint32_t)(from + k);
                    weight[found] = w[k];
                }
                found++;
            }
        }
    return found;
}

struct keep {
    struct environment *e;
    struct sweep s;
    size_t *start;
    uint32_t *to;
    double *weight;
};

static void keep_block(void *ctx, size_t block, unsigned worker)
{
    struct keep *k = ctx;
    size_t end = MIN((block + 1) * BLOCK, k->e->n);

    for (size_t i = block * BLOCK; i < end; i++)
        if (k->to)
            pairs_of(k->e, &k->s, i, k->to + k->start[i],
                     k->weight + k->start[i]);
        else
            k->start[i + 1] = pairs_of(k->e, &k->s, i, NULL, NULL);
}

enum rc environment_keep(struct environment *e, size_t most)
{
    struct keep k = {.e = e, .s = sweep_of(&e->kernel)};
    size_t blocks = (e->n + BLOCK - 1) / BLOCK, pairs;

    if (e->start || e->alone)
        return RC_OK;
    k.s.x = e->grid.x;
    k.s.y = e->grid.y;
    k.start = calloc(e->n + 1, sizeof *k.start);
    if (!k.start)
        return RC_MEMORY;
    parallel_for(blocks, e->threads, &k, keep_block);
    for (size_t i = 0; i < e->n; i++)
        k.start[i + 1] += k.start[i];
    pairs = k.start[e->n];
    if (pairs > most) {
        free(k.start);
        return RC_LIMIT;
    }
    k.to = malloc(MAX(pairs, 1) * sizeof *k.to);
    k.weight = malloc(MAX(pairs, 1) * sizeof *k.weight);
    if (!k.to || !k.weight) {
        free(k.start);
        free(k.to);
        free(k.weight);
        return RC_MEMORY;
    }
    parallel_for(blocks, e->threads, &k, keep_block);
    e->start = k.start;
    e->to = k.to;
    e->weight = k.weight;
    return RC_OK;
}

static enum rc links_check(size_t n, const struct neighbours *links,
                           const double *distance_m)
{
    if (!links->start || !links_good(links, n))
        return RC_INVALID;
    for (size_t k = 0; k < links->start[n]; k++)
        if (!(distance_m[k] >= 0))
            return RC_INVALID;
    return RC_OK;
}

static enum rc links_take(struct environment *e, const struct neighbours *links,
                          const double *distance_m)
{
    size_t pairs = links->start[e->n] + e->n, at = 0;

    e->start = calloc(e->n + 1, sizeof *e->start);
    e->to = malloc(pairs * sizeof *e->to);
    e->weight = malloc(pairs * sizeof *e->weight);
    if (!e->start || !e->to || !e->weight)
        return RC_MEMORY;
    for (size_t i = 0; i < e->n; i++) {
        e->to[at] = (uint32_t)i;
        e->weight[at++] = 1;
        for (size_t k = links->start[i]; k < links->start[i + 1]; k++) {
            double w = 0;

            if (!e->alone && isfinite(distance_m[k]) &&
                kernel_weight(&e->kernel, distance_m[k], &w) != RC_OK)
                return RC_INVALID;
            if (w == 0)
                continue;
            e->to[at] = links->to[k];
            e->weight[at++] = w;
        }
        e->start[i + 1] = at;
    }
    return RC_OK;
}

enum rc environment_of_links(size_t n, const struct neighbours *links,
                             const double *distance_m, const struct kernel *k,
                             unsigned threads, struct environment **out)
{
    struct environment *e = NULL;
    enum rc rc;

    if (n > UINT32_MAX)
        return RC_LIMIT;
    rc = environment_start(n, k, threads, &e);
    if (!rc)
        rc = links_check(n, links, distance_m);
    if (!rc)
        rc = links_take(e, links, distance_m);
    if (rc) {
        environment_free(e);
        return rc;
    }
    *out = e;
    return RC_OK;
}

/* --- sums ------------------------------------------------------------ */

struct apply {
    const struct environment *e;
    struct sweep s;
    double *copy; /* owned: the rows in the order of places, in tiles */
    double *acc;  /* owned: four times `width` numbers a worker */
    size_t width;
    double *out;
};

static size_t area_at(const struct environment *e, size_t place)
{
    return e->grid.n ? e->grid.order[place] : place;
}

static enum rc apply_copy(struct apply *a, size_t columns, const double *rows)
{
    const struct environment *e = a->e;
    bool narrow = columns <= NARROW && !e->start;
    size_t n = e->n, stride;

    a->s.columns = columns;
    a->s.tiles = narrow ? 0 : (columns + LANES - 1) / LANES;
    stride = narrow ? columns : a->s.tiles * LANES;
    a->width = narrow ? columns * LANES : stride;
    if (stride > SIZE_MAX / sizeof *a->copy / (n + LANES))
        return RC_MEMORY;
    a->copy = calloc((n + LANES) * stride, sizeof *a->copy);
    a->acc = malloc(thread_count(e->threads) * 4 * a->width * sizeof *a->acc);
    if (!a->copy || !a->acc)
        return RC_MEMORY;
    for (size_t p = 0; p < n; p++) {
        const double *row = rows + area_at(e, p) * columns;

        if (narrow)
            for (size_t c = 0; c < columns; c++)
                a->copy[c * (n + LANES) + p] = row[c];
        else
            memcpy(a->copy + p * stride, row, columns * sizeof *row);
    }
    a->s.rows = a->copy;
    for (size_t c = 0; narrow && c < columns; c++)
        a->s.column[c] = a->copy + c * (n + LANES);
    return RC_OK;
}

static void apply_one(struct apply *a, size_t place, double *acc)
{
    const struct environment *e = a->e;
    double x, y;
    struct disc d;

    if (e->start) {
        size_t from = e->start[place];

        e->with.gather(&a->s, e->to + from, e->weight + from,
                       e->start[place + 1] - from, acc);
        return;
    }
    x = e->grid.x[place];
    y = e->grid.y[place];
    for (disc_init(&d, &e->grid, x, y, e->reach); disc_next(&d);)
        e->with.sweep(&a->s, x, y, d.from, d.to, place, self_of(e, place), acc);
}

static void apply_store(const struct apply *a, size_t place, const double *acc)
{
    size_t columns = a->s.columns;
    double *out = a->out + area_at(a->e, place) * columns;

    for (size_t c = 0; c < columns; c++)
        out[c] = a->s.tiles ? acc[c] : lanes_sum(acc + c * LANES);
}

/* Whether four places lie near enough to each other to look around at once. */
static bool together(const struct apply *a, size_t place)
{
    const double *x, *y;

    if (!a->s.tiles || a->e->start)
        return false;
    x = a->e->grid.x + place;
    y = a->e->grid.y + place;
    for (int q = 1; q < 4; q++)
        if (hypot(x[q] - x[0], y[q] - y[0]) > a->e->reach / 2)
            return false;
    return true;
}

static void apply_four(struct apply *a, size_t place, double *acc)
{
    const struct environment *e = a->e;
    const double *x = e->grid.x + place, *y = e->grid.y + place;
    double self[4];
    size_t at[4];
    struct discs d;

    for (size_t q = 0; q < 4; q++) {
        at[q] = place + q;
        self[q] = self_of(e, place + q);
    }
    for (discs_init(&d, &e->grid, x, y, e->reach); discs_next(&d);)
        e->with.sweep4(&a->s, x, y, d.from, d.to, at, self, acc);
}

static void apply_block(void *ctx, size_t block, unsigned worker)
{
    struct apply *a = ctx;
    size_t end = MIN((block + 1) * BLOCK, a->e->n), count;
    double *acc = a->acc + worker * 4 * a->width;

    for (size_t p = block * BLOCK; p < end; p += count) {
        count = p + 4 <= end && together(a, p) ? 4 : 1;
        memset(acc, 0, count * a->width * sizeof *acc);
        if (count == 4)
            apply_four(a, p, acc);
        else
            apply_one(a, p, acc);
        for (size_t q = 0; q < count; q++)
            apply_store(a, p + q, acc + q * a->width);
    }
}

enum rc environment_sum(const struct environment *e, size_t columns,
                        const double *rows, double *out)
{
    struct apply a = {.e = e, .s = sweep_of(&e->kernel), .out = out};
    enum rc rc;

    if (e->alone) {
        memmove(out, rows, e->n * columns * sizeof *rows);
        return RC_OK;
    }
    a.s.x = e->grid.x;
    a.s.y = e->grid.y;
    rc = apply_copy(&a, columns, rows);
    if (!rc)
        parallel_for((e->n + BLOCK - 1) / BLOCK, e->threads, &a, apply_block);
    free(a.copy);
    free(a.acc);
    return rc;
}

enum rc environment_apply(const struct environment *e, const struct counts *c,
                          double *out)
{
    if (c->units != e->n || !c->groups)
        return RC_USAGE;
    for (size_t i = 0; i < c->units * c->groups; i++)
        if (!(c->n[i] >= 0) || !(c->n[i] < INFINITY))
            return RC_INVALID;
    return environment_sum(e, c->groups, c->n, out);
}
