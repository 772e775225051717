#include "measure/expected.h"

#include "measure/chance.h"
#include "measure/sort.h"

#include <stdlib.h>
#include <string.h>

/* Sizes below it are looked up in a table. */
enum { TABLE = 1 << 16 };

/* Whole persons of a unit: members and others. */
static double whole(double v)
{
    return fmax(0, round(v));
}

struct margins {
    double X, Y, T;
    double largest; /* unit */
};

static enum rc margins_of(const struct two *p, struct margins *m)
{
    struct sum X = {0}, Y = {0};

    *m = (struct margins){0};
    for (size_t i = 0; i < p->n; i++) {
        double x = whole(p->x[i]), y = whole(p->t[i] - p->x[i]);

        sum_add(&X, x);
        sum_add(&Y, y);
        m->largest = fmax(m->largest, x + y);
    }
    m->X = sum_of(&X);
    m->Y = sum_of(&Y);
    m->T = m->X + m->Y;
    return m->X > 0 && m->Y > 0 ? RC_OK : RC_UNDEFINED;
}

static double size_of(const struct two *p, size_t i)
{
    return whole(p->x[i]) + whole(p->t[i] - p->x[i]);
}

enum rc expected_dissimilarity(const struct two *p, double *out)
{
    struct margins m;
    enum rc rc = margins_of(p, &m);
    size_t known = (size_t)fmin(m.largest + 1, TABLE);
    AUTO(mem) double *value = rc ? NULL : malloc(known * sizeof *value);
    struct sum s = {0};

    if (rc)
        return rc;
    if (!value)
        return RC_MEMORY;
    for (size_t t = 0; t < known; t++)
        value[t] = -1;
    for (size_t i = 0; i < p->n; i++) {
        double t = size_of(p, i), v;
        bool small = t < (double)known;

        v = small ? value[(size_t)t] : -1;
        if (v < 0)
            v = chance_hypergeometric_deviation(m.X, m.Y, t);
        if (small)
            value[(size_t)t] = v;
        sum_add(&s, v);
    }
    *out = sum_of(&s) * m.T / (2 * m.X * m.Y);
    return RC_OK;
}

/* --- Gini ------------------------------------------------------------ */

enum { STEPS_MOST = 1 << 22 };

/* At p = z the sum of t F rises by `a`, the sum of t^2 F (1 - F) by `s`. */
struct step {
    double a, s;
};

struct steps {
    struct sort_item *at; /* owned: 2 x n */
    struct step *step;    /* owned */
    size_t n;
};

static void cleanup_steps(struct steps *s)
{
    free(s->at);
    free(s->step);
}

/* Units of each size: those below TABLE counted, the others one by one. */
struct sizes {
    double *count; /* owned */
    size_t known;
};

static void cleanup_sizes(struct sizes *s)
{
    free(s->count);
}

static enum rc sizes_init(struct sizes *s, const struct two *p, double largest)
{
    s->known = (size_t)fmin(largest + 1, TABLE);
    s->count = calloc(s->known, sizeof *s->count);
    if (!s->count)
        return RC_MEMORY;
    for (size_t i = 0; i < p->n; i++) {
        double t = size_of(p, i);

        if (t < (double)s->known)
            s->count[(size_t)t]++;
    }
    return RC_OK;
}

/*
 * Calls `fn` for each size and the number of its units; stops at the first
 * code that is not RC_OK.
 */
static enum rc sizes_each(const struct sizes *s, const struct two *p,
                          enum rc (*fn)(void *ctx, double t, double units),
                          void *ctx)
{
    enum rc rc = RC_OK;

    for (size_t t = 1; t < s->known && !rc; t++)
        if (s->count[t] > 0)
            rc = fn(ctx, (double)t, s->count[t]);
    for (size_t i = 0; i < p->n && !rc; i++)
        if (size_of(p, i) >= (double)s->known)
            rc = fn(ctx, size_of(p, i), 1);
    return rc;
}

struct stepping {
    struct steps steps;
    double P;
    double *p; /* owned: room for the largest window */
    size_t n, widest;
};

static enum rc count_steps(void *ctx, double t, double units)
{
    struct stepping *g = ctx;
    size_t n = chance_window(t, g->P).n;

    (void)units;
    g->n += n;
    g->widest = MAX(g->widest, n);
    return g->n > STEPS_MOST ? RC_LIMIT : RC_OK;
}

static enum rc add_steps(void *ctx, double t, double units)
{
    struct stepping *g = ctx;
    struct window w = chance_window(t, g->P);
    double below = 0;

    chance_window_fill(t, g->P, w, g->p);
    for (size_t k = 0; k < w.n; k++) {
        size_t at = g->steps.n++;
        double v = g->p[k];

        g->steps.at[at] = (struct sort_item){(w.from + (double)k) / t, at};
        g->steps.step[at] = (struct step){
            units * t * v, units * t * t * v * (1 - 2 * below - v)};
        below += v;
    }
    return RC_OK;
}

/* Integral of A (T - A) - S, which are constant between steps. */
static double steps_integral(struct steps *s, double T)
{
    double A = 0, S = 0;
    struct sum area = {0};

    sort_items(s->at, s->n, s->at + s->n);
    for (size_t k = 0; k + 1 < s->n; k++) {
        const struct step *step = &s->step[s->at[k].i];

        A += step->a;
        S += step->s;
        sum_add(&area, (A * (T - A) - S) * (s->at[k + 1].key - s->at[k].key));
    }
    return sum_of(&area);
}

enum rc expected_gini(const struct two *p, double *out)
{
    AUTO(sizes) struct sizes sizes = {0};
    AUTO(steps) struct steps steps = {0};
    AUTO(mem) double *room = NULL;
    struct stepping g = {0};
    struct margins m;
    enum rc rc = margins_of(p, &m);

    if (rc)
        return rc;
    g.P = m.X / m.T;
    rc = sizes_init(&sizes, p, m.largest);
    if (!rc)
        rc = sizes_each(&sizes, p, count_steps, &g);
    if (rc)
        return rc;
    steps.at = malloc(2 * g.n * sizeof *steps.at);
    steps.step = malloc(g.n * sizeof *steps.step);
    room = malloc(g.widest * sizeof *room);
    if (!steps.at || !steps.step || !room)
        return RC_MEMORY;
    g.steps = steps;
    g.p = room;
    rc = sizes_each(&sizes, p, add_steps, &g);
    *out = steps_integral(&g.steps, m.T) / (m.T * (m.T - 1) * g.P * (1 - g.P));
    return rc;
}

/* --- bootstrap of D -------------------------------------------------- */

enum { KEPT = 4096 };

struct boot {
    struct margins m;
    struct sort_item *by; /* owned: units by others, then by members */
    /* Outcomes of x members, found once for each x below `n_kept`. */
    double **kept; /* owned, and each of them; NULL: not yet */
    size_t n_kept;
    double *spare; /* owned: those of a greater x */
    size_t spare_room;
    /* V, the others of a unit: P(V <= k), and then E(V; V <= k). */
    struct window w;
    double *below; /* owned: 2 x w.n */
    size_t below_room;
    /* E|u / X - V / Y| for u from `far_from` on. */
    double *far; /* owned */
    double far_from;
    size_t n_far, far_room;
};

static void cleanup_boot(struct boot *b)
{
    for (size_t x = 0; b->kept && x < b->n_kept; x++)
        free(b->kept[x]);
    free(b->kept);
    free(b->by);
    free(b->spare);
    free(b->below);
    free(b->far);
}

static enum rc room_for(double **p, size_t *room, size_t n)
{
    size_t want = MAX(n, 2 * *room);
    double *more;

    if (n <= *room)
        return RC_OK;
    more = realloc(*p, want * sizeof **p);
    if (!more)
        return RC_MEMORY;
    *p = more;
    *room = want;
    return RC_OK;
}

static enum rc boot_others(struct boot *b, double y)
{
    double Q = y / b->m.Y, below = 0, part = 0;
    enum rc rc;

    b->w = chance_window(b->m.Y, Q);
    b->n_far = 0;
    rc = room_for(&b->below, &b->below_room, 2 * b->w.n);
    if (rc)
        return rc;
    chance_window_fill(b->m.Y, Q, b->w, b->below);
    for (size_t k = 0; k < b->w.n; k++) {
        double v = b->below[k];

        below += v;
        part += v * (b->w.from + (double)k);
        b->below[k] = below;
        b->below[b->w.n + k] = part;
    }
    return RC_OK;
}

/* E|u / X - V / Y| */
static double far_from_others(const struct boot *b, double u)
{
    double at = u / b->m.X * b->m.Y - b->w.from;
    double mean = b->below[2 * b->w.n - 1];
    size_t k;

    if (at < 0)
        return mean / b->m.Y - u / b->m.X;
    if (at >= (double)(b->w.n - 1))
        return u / b->m.X - mean / b->m.Y;
    k = (size_t)at;
    return u / b->m.X * (2 * b->below[k] - 1) +
           (mean - 2 * b->below[b->w.n + k]) / b->m.Y;
}

/* So that `far` holds all of the window; x grows while y is the same. */
static enum rc far_reach(struct boot *b, struct window w)
{
    size_t n;
    enum rc rc;

    if (!b->n_far || w.from > b->far_from + (double)b->n_far) {
        b->far_from = w.from;
        b->n_far = 0;
    }
    n = (size_t)(w.from - b->far_from) + w.n;
    rc = room_for(&b->far, &b->far_room, n);
    for (; !rc && b->n_far < n; b->n_far++)
        b->far[b->n_far] = far_from_others(b, b->far_from + (double)b->n_far);
    return rc;
}

static enum rc boot_members(struct boot *b, double x, struct window w,
                            const double **out)
{
    double **keep = x < (double)b->n_kept ? &b->kept[(size_t)x] : NULL, *p;
    enum rc rc = RC_OK;

    if (keep && *keep) {
        *out = *keep;
        return RC_OK;
    }
    if (keep) {
        p = *keep = malloc(w.n * sizeof **keep);
        rc = p ? RC_OK : RC_MEMORY;
    } else {
        rc = room_for(&b->spare, &b->spare_room, w.n);
        p = b->spare;
    }
    if (rc)
        return rc;
    chance_window_fill(b->m.X, x / b->m.X, w, p);
    *out = p;
    return RC_OK;
}

/* E|U / X - V / Y| of a unit of x members beside the others at hand. */
static enum rc boot_unit(struct boot *b, double x, double *out)
{
    struct window w = chance_window(b->m.X, x / b->m.X);
    const double *p = NULL, *far;
    double s = 0;
    enum rc rc = far_reach(b, w);

    if (!rc)
        rc = boot_members(b, x, w, &p);
    if (rc)
        return rc;
    far = b->far + (size_t)(w.from - b->far_from);
    for (size_t k = 0; k < w.n; k++)
        s += p[k] * far[k];
    *out = s;
    return RC_OK;
}

/* Units by their others and then by their members. */
static enum rc boot_order(struct boot *b, const struct two *p)
{
    const double shift = 0x1p26;
    bool one_key = b->m.largest < shift;

    b->by = malloc(2 * p->n * sizeof *b->by);
    if (!b->by)
        return RC_MEMORY;
    for (size_t i = 0; i < p->n; i++) {
        double x = whole(p->x[i]), y = whole(p->t[i] - p->x[i]);

        b->by[i] = (struct sort_item){one_key ? y * shift + x : x, i};
    }
    sort_items(b->by, p->n, b->by + p->n);
    if (one_key)
        return RC_OK;
    for (size_t k = 0; k < p->n; k++)
        b->by[k].key = whole(p->t[b->by[k].i] - p->x[b->by[k].i]);
    sort_items(b->by, p->n, b->by + p->n);
    return RC_OK;
}

static enum rc boot_sum(struct boot *b, const struct two *p, double *out)
{
    double last_x = -1, last_y = -1, v = 0;
    struct sum s = {0};

    for (size_t k = 0; k < p->n; k++) {
        size_t i = b->by[k].i;
        double x = whole(p->x[i]), y = whole(p->t[i] - p->x[i]);
        enum rc rc = RC_OK;

        if (y != last_y)
            rc = boot_others(b, y);
        if (!rc && (x != last_x || y != last_y))
            rc = boot_unit(b, x, &v);
        if (rc)
            return rc;
        last_x = x;
        last_y = y;
        sum_add(&s, v);
    }
    *out = sum_of(&s) / 2;
    return RC_OK;
}

enum rc expected_bootstrap_dissimilarity(const struct two *p, double *out)
{
    AUTO(boot) struct boot b = {0};
    enum rc rc = margins_of(p, &b.m);

    if (rc)
        return rc;
    b.n_kept = (size_t)fmin(KEPT, b.m.largest + 1);
    b.kept = calloc(b.n_kept, sizeof *b.kept);
    if (!b.kept)
        return RC_MEMORY;
    rc = boot_order(&b, p);
    return rc ? rc : boot_sum(&b, p, out);
}
