/*
 * Distortion: Olteanu, Randon-Furling and Clark (2019),
 * doi:10.1073/pnas.1900192116. From each area on, the city is taken in area by
 * area by distance; the divergence (Kullback and Leibler) of what was taken in
 * from the whole city is summed over the areas. Areas at the same distance come
 * in together, each with the divergence after all of them, so the order of the
 * input changes nothing; before anybody was met the divergence is 0. The city's
 * value is the mean over persons.
 */
#include "base/thread.h"
#include "measure/sort.h"
#include "measure/spatial_space.h"
#include "measure/spatial_sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scratch {
    struct sort_item *item; /* 2 n: areas by distance, and room to sort */
    double *far;            /* n: squared distances */
    uint32_t *bucket;       /* n + 2: where each bucket begins */
    double *value, *log;    /* n: running counts of one group, their logs */
    double *inner;          /* n: sum of c ln(c / r) so far */
    double *total;          /* n: persons so far */
};

struct distortion {
    const struct frame *f;
    const struct spatial *s;
    log_fn *log;
    double *column; /* owned: counts, one group after the other */
    struct scratch *worker;
    double *out;
};

static bool scratch_init(struct scratch *w, size_t n)
{
    w->item = malloc(2 * n * sizeof *w->item);
    w->far = malloc(n * sizeof *w->far);
    w->bucket = malloc((n + 2) * sizeof *w->bucket);
    w->value = malloc(n * sizeof *w->value);
    w->log = malloc(n * sizeof *w->log);
    w->inner = malloc(n * sizeof *w->inner);
    w->total = malloc(n * sizeof *w->total);
    return w->item && w->far && w->bucket && w->value && w->log && w->inner &&
           w->total;
}

static void scratch_free(struct scratch *w)
{
    free(w->item);
    free(w->far);
    free(w->bucket);
    free(w->value);
    free(w->log);
    free(w->inner);
    free(w->total);
}

static void sort_bucket(struct sort_item *item, size_t n,
                        struct sort_item *scratch)
{
    if (n > 16) {
        sort_items(item, n, scratch);
        return;
    }
    for (size_t k = 1; k < n; k++) {
        struct sort_item held = item[k];
        size_t at = k;

        for (; at > 0 && item[at - 1].key > held.key; at--)
            item[at] = item[at - 1];
        item[at] = held;
    }
}

/*
 * A disc holds about as many areas as its surface says, so that buckets of
 * equal surface hold about one each; where they hold many, sort_items is for.
 */
static void by_distance(const struct distortion *d, size_t from,
                        struct scratch *w)
{
    const struct areas *a = &d->s->a;
    double x = a->x_m[from], y = a->y_m[from], most = 0, scale;
    uint32_t *bucket = w->bucket;
    size_t n = a->n;

    for (size_t i = 0; i < n; i++) {
        double dx = a->x_m[i] - x, dy = a->y_m[i] - y;

        w->far[i] = dx * dx + dy * dy;
        most = most > w->far[i] ? most : w->far[i];
    }
    scale = most > 0 ? (double)(n - 1) / most : 0;
    memset(bucket, 0, (n + 2) * sizeof *bucket);
    for (size_t i = 0; i < n; i++)
        bucket[(size_t)(w->far[i] * scale) + 2]++;
    for (size_t b = 2; b < n + 2; b++)
        bucket[b] += bucket[b - 1];
    for (size_t i = 0; i < n; i++)
        w->item[bucket[(size_t)(w->far[i] * scale) + 1]++] =
            (struct sort_item){w->far[i], i};
    for (size_t b = 0; b < n; b++)
        sort_bucket(w->item + bucket[b], bucket[b + 1] - bucket[b],
                    w->item + n);
}

/* inner[k] += c ln c - c ln r for one group's running count c. */
static void add_group(const struct distortion *d, size_t g, struct scratch *w)
{
    const struct frame *f = d->f;
    const double *column = d->column + g * f->units;
    double r = log(f->group_total[g] / f->total), c = 0;

    for (size_t k = 0; k < f->units; k++) {
        c += column[w->item[k].i];
        w->total[k] += c;
        w->value[k] = c;
        w->log[k] = c > 0 ? c : 1;
    }
    d->log(w->log, f->units, w->log);
#pragma omp simd
    for (size_t k = 0; k < f->units; k++)
        w->inner[k] += w->value[k] * (w->log[k] - r);
}

static void distort(void *ctx, size_t from, unsigned worker)
{
    struct distortion *d = ctx;
    struct scratch *w = &d->worker[worker];
    const struct frame *f = d->f;
    size_t n = f->units, together = 0;
    struct sum s = {0};

    by_distance(d, from, w);
    for (size_t k = 0; k < n; k++)
        w->inner[k] = w->total[k] = 0;
    for (size_t g = 0; g < f->groups; g++)
        if (f->group_total[g] > 0)
            add_group(d, g, w);
    for (size_t k = 0; k < n; k++)
        w->log[k] = w->total[k] > 0 ? w->total[k] : 1;
    d->log(w->log, n, w->log);
    for (size_t k = 0; k < n; k++) {
        together++;
        if (k + 1 < n && w->item[k + 1].key <= w->item[k].key)
            continue;
        if (w->total[k] > 0)
            sum_add(&s,
                    (double)together * (w->inner[k] / w->total[k] - w->log[k]));
        together = 0;
    }
    d->out[from] = fmax(0, sum_of(&s));
}

static enum rc columns(struct distortion *d)
{
    const struct frame *f = d->f;

    d->column = malloc(f->units * f->groups * sizeof *d->column);
    if (!d->column)
        return RC_MEMORY;
    for (size_t i = 0; i < f->units; i++)
        for (size_t g = 0; g < f->groups; g++)
            d->column[g * f->units + i] = f->n[i * f->groups + g];
    return RC_OK;
}

static enum rc distort_all(struct distortion *d)
{
    unsigned workers = thread_count(d->s->o.threads);
    enum rc rc = columns(d);

    if (rc)
        return rc;
    d->worker = calloc(workers, sizeof *d->worker);
    if (!d->worker) {
        free(d->column);
        return RC_MEMORY;
    }
    for (unsigned w = 0; w < workers; w++)
        if (!scratch_init(&d->worker[w], d->f->units))
            rc = RC_MEMORY;
    if (!rc)
        parallel_for(d->f->units, d->s->o.threads, d, distort);
    for (unsigned w = 0; w < workers; w++)
        scratch_free(&d->worker[w]);
    free(d->worker);
    free(d->column);
    return rc;
}

enum rc measure_distortion(const struct frame *f, const struct ask *a,
                           double *out)
{
    struct distortion d = {
        .f = f, .s = a->space, .log = sweeps_choose().log, .out = out};
    AUTO(mem) double *local = NULL;
    struct sum s = {0};
    enum rc rc;

    if (!a->space->a.x_m || !a->space->a.y_m)
        return RC_USAGE;
    if (f->units < 2 || f->present < 2)
        return RC_UNDEFINED;
    if (a->scope == MEASURE_AREA)
        return distort_all(&d);
    d.out = local = malloc(f->units * sizeof *local);
    if (!local)
        return RC_MEMORY;
    rc = distort_all(&d);
    if (rc)
        return rc;
    for (size_t i = 0; i < f->units; i++)
        sum_add(&s, f->unit_total[i] * local[i]);
    *out = sum_of(&s) / f->total;
    return RC_OK;
}
