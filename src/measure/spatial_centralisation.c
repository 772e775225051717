/*
 * Centralisation: how near a centre a group lives. Absolute against land,
 * relative against another group (Massey and Denton 1988, Duncan and Duncan
 * 1955), and local, around every area over its nearest (Folch and Rey 2016,
 * Papers in Regional Science 95(3)). Areas at the same distance come in
 * together, so the order of the input changes nothing.
 */
#include "base/thread.h"
#include "measure/sort.h"
#include "measure/spatial_grid.h"
#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum rc centre_of(const struct spatial *s, const double *weight,
                         double *x, double *y)
{
    struct sum sx = {0}, sy = {0}, w = {0};

    if (!s->a.x_m || !s->a.y_m)
        return RC_USAGE;
    if (s->o.centre == CENTRE_AT) {
        *x = s->o.centre_x_m;
        *y = s->o.centre_y_m;
        return RC_OK;
    }
    for (size_t i = 0; i < s->a.n; i++) {
        double one = s->o.centre == CENTRE_POPULATION ? weight[i] : 1;

        sum_add(&sx, one * s->a.x_m[i]);
        sum_add(&sy, one * s->a.y_m[i]);
        sum_add(&w, one);
    }
    *x = sum_of(&sx) / sum_of(&w);
    *y = sum_of(&sy) / sum_of(&w);
    return RC_OK;
}

/*
 * Sum of X_{k-1} B_k - X_k B_{k-1} over steps of growing distance, X and B the
 * shares of the two sides so far.
 */
static double curve_area(const struct sort_item *item, size_t n,
                         const double *x, double X, const double *b, double B)
{
    double xs = 0, bs = 0, x_before = 0, b_before = 0;
    struct sum area = {0};

    for (size_t k = 0; k < n; k++) {
        xs += x[item[k].i];
        bs += b[item[k].i];
        if (k + 1 < n && item[k + 1].key <= item[k].key)
            continue;
        sum_add(&area, x_before / X * (bs / B) - xs / X * (b_before / B));
        x_before = xs;
        b_before = bs;
    }
    return sum_of(&area);
}

static enum rc centralization(const struct frame *f, const struct ask *a,
                              bool land, double *out)
{
    const struct spatial *s = a->space;
    AUTO(sides) struct sides p = {0};
    AUTO(mem) struct sort_item *item = NULL;
    struct sum A = {0};
    double x, y;
    enum rc rc;

    if (land && !s->a.area_m2)
        return RC_USAGE;
    rc = sides_init(&p, f, a);
    if (!rc)
        rc = centre_of(s, p.t, &x, &y);
    if (rc)
        return rc;
    item = malloc(2 * p.n * sizeof *item);
    if (!item)
        return RC_MEMORY;
    for (size_t i = 0; i < p.n; i++) {
        double d = hypot(s->a.x_m[i] - x, s->a.y_m[i] - y);

        item[i] = (struct sort_item){d, i};
        sum_add(&A, land ? s->a.area_m2[i] : 0);
    }
    if (land && !(sum_of(&A) > 0))
        return RC_UNDEFINED;
    sort_items(item, p.n, item + p.n);
    *out = land ? curve_area(item, p.n, p.x, p.X, s->a.area_m2, sum_of(&A))
                : curve_area(item, p.n, p.x, p.X, p.y, p.Y);
    return RC_OK;
}

enum rc measure_absolute_centralization(const struct frame *f,
                                        const struct ask *a, double *out)
{
    return centralization(f, a, true, out);
}

enum rc measure_relative_centralization(const struct frame *f,
                                        const struct ask *a, double *out)
{
    return centralization(f, a, false, out);
}

/* --- local ----------------------------------------------------------- */

/* One worker's areas at hand, and how far it is sure to have them all. */
struct around {
    struct sort_item *item; /* owned, cap of them and as many to sort with */
    size_t n, cap;
    double *x, *y; /* owned: the sides of each item */
    bool failed;
};

struct local {
    const struct grid *g;
    const struct sides *p;
    size_t nearest;
    struct around *worker;
    double *out;
};

static bool around_grow(struct around *h, size_t need)
{
    size_t cap = MAX(need, 2 * h->cap);
    void *item, *x, *y;

    if (need <= h->cap)
        return true;
    item = realloc(h->item, 2 * cap * sizeof *h->item);
    if (item)
        h->item = item;
    x = realloc(h->x, cap * sizeof *h->x);
    if (x)
        h->x = x;
    y = realloc(h->y, cap * sizeof *h->y);
    if (y)
        h->y = y;
    if (!item || !x || !y)
        return false;
    h->cap = cap;
    return true;
}

/* Every area within reach, by distance from a place. */
static bool around_fill(struct around *h, const struct local *l, size_t place,
                        double reach)
{
    const struct grid *g = l->g;
    double x = g->x[place], y = g->y[place];
    struct disc d;

    h->n = 0;
    for (disc_init(&d, g, x, y, reach); disc_next(&d);) {
        if (!around_grow(h, h->n + d.to - d.from))
            return false;
        for (size_t k = d.from; k < d.to; k++) {
            double far = hypot(g->x[k] - x, g->y[k] - y);

            if (far <= reach)
                h->item[h->n++] = (struct sort_item){far, k};
        }
    }
    return true;
}

/* The nearest k areas, those as far as the last of them, and the area. */
static bool around_nearest(struct around *h, const struct local *l,
                           size_t place)
{
    size_t need = MIN(l->nearest + 1, l->g->n);
    double reach = l->g->side;

    do {
        if (!around_fill(h, l, place, reach))
            return false;
        reach *= 2;
    } while (h->n < need);
    sort_items(h->item, h->n, h->item + h->cap);
    while (need < h->n && h->item[need].key <= h->item[need - 1].key)
        need++;
    h->n = need;
    return true;
}

static void local_one(void *ctx, size_t place, unsigned worker)
{
    struct local *l = ctx;
    struct around *h = &l->worker[worker];
    double X = 0, Y = 0;

    if (h->failed || !around_nearest(h, l, place)) {
        h->failed = true;
        return;
    }
    for (size_t k = 0; k < h->n; k++) {
        size_t i = l->g->order[h->item[k].i];

        h->x[k] = l->p->x[i];
        h->y[k] = l->p->y[i];
        h->item[k].i = k;
        X += h->x[k];
        Y += h->y[k];
    }
    l->out[l->g->order[place]] =
        X > 0 && Y > 0 ? curve_area(h->item, h->n, h->x, X, h->y, Y) : NAN;
}

static enum rc local_all(struct local *l, unsigned threads)
{
    unsigned workers = thread_count(threads);
    enum rc rc = RC_OK;

    l->worker = calloc(workers, sizeof *l->worker);
    if (!l->worker)
        return RC_MEMORY;
    parallel_for(l->g->n, threads, l, local_one);
    for (unsigned w = 0; w < workers; w++) {
        if (l->worker[w].failed)
            rc = RC_MEMORY;
        free(l->worker[w].item);
        free(l->worker[w].x);
        free(l->worker[w].y);
    }
    free(l->worker);
    return rc;
}

enum rc measure_local_relative_centralization(const struct frame *f,
                                              const struct ask *a, double *out)
{
    const struct spatial *s = a->space;
    AUTO(sides) struct sides p = {0};
    AUTO(grid) struct grid g = {0};
    struct local l = {.g = &g, .p = &p, .nearest = s->o.nearest, .out = out};
    enum rc rc;

    if (!s->a.x_m || !s->a.y_m || !s->o.nearest)
        return RC_USAGE;
    rc = sides_init(&p, f, a);
    if (!rc)
        rc = grid_init(&g, s->a.n, s->a.x_m, s->a.y_m, 0);
    return rc ? rc : local_all(&l, s->o.threads);
}
