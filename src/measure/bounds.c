/*
 * What can be known of an index where units have few persons: D'Haultfoeuille
 * and Rathelot 2017, Quantitative Economics 8, 39-73. The counts of units of K
 * persons say only K moments of how the units' probabilities are distributed;
 * the index lies between its least and its greatest value over all
 * distributions with those moments. The moments are those of the most likely
 * distribution; least and greatest come from a linear programme over
 * probabilities on a grid.
 */
#include "measure/frame.h"
#include "measure/sample.h"
#include "measure/spatial_sweep.h"

#include <stdlib.h>
#include <string.h>

enum {
    LARGE = 60,   /* units from this size on are taken as they are */
    MOMENTS = 12, /* at most: further ones move the bounds very little */
    GRID = 200,   /* probabilities, and the city's share besides */
    ROUNDS = 2000
};

/* The units of each size and number of members, and those taken as they are. */
struct small_units {
    double seen[LARGE][LARGE]; /* [persons][members] */
    double persons, members;   /* in small units */
    double n;                  /* small units */
    size_t largest;
};

/* ln C(n, k) */
static double log_choose(double n, double k)
{
    double f[3] = {n, k, n - k}, ln[3];

    for (int i = 0; i < 3; i++)
        ln[i] = (f[i] + 0.5) * log(f[i] + 1) - (f[i] + 1) +
                0.91893853320467274178 + sample_stirling((uint64_t)f[i]);
    return ln[0] - ln[1] - ln[2];
}

static double binomial(double n, double k, double p)
{
    if (p <= 0 || p >= 1)
        return (p <= 0 && k <= 0) || (p >= 1 && k >= n) ? 1 : 0;
    return exp(log_choose(n, k) + k * log(p) + (n - k) * log1p(-p));
}

/* Points are padded to whole lanes: the sums' order is the same everywhere. */
enum { WIDTH = (GRID + 2 + LANES - 1) / LANES * LANES };

struct mixture {
    size_t n;
    double p[WIDTH], w[WIDTH];
    double *cell;  /* owned: of each kind of unit, WIDTH probabilities */
    double *times; /* owned: units of that kind */
    size_t kinds;
};

static void cleanup_mixture(struct mixture *m)
{
    free(m->cell);
    free(m->times);
}

/* Chebyshev's points: denser at the ends, where groups that live alone are. */
static void mixture_points(struct mixture *m, double share)
{
    m->n = GRID + 2;
    for (size_t g = 0; g <= GRID; g++)
        m->p[g] = (1 - cos(M_PI * (double)g / GRID)) / 2;
    m->p[0] = 0;
    m->p[GRID] = 1;
    m->p[GRID + 1] = share;
    for (size_t g = 0; g < m->n; g++)
        m->w[g] = 1 / (double)m->n;
}

static enum rc mixture_init(struct mixture *m, const struct small_units *u,
                            double share)
{
    size_t most = (LARGE + 1) * LARGE / 2;

    mixture_points(m, share);
    m->cell = calloc(most * WIDTH, sizeof *m->cell);
    m->times = malloc(most * sizeof *m->times);
    if (!m->cell || !m->times)
        return RC_MEMORY;
    for (size_t t = 1; t <= u->largest; t++)
        for (size_t x = 0; x <= t; x++) {
            if (u->seen[t][x] <= 0)
                continue;
            for (size_t g = 0; g < m->n; g++)
                m->cell[m->kinds * WIDTH + g] =
                    binomial((double)t, (double)x, m->p[g]);
            m->times[m->kinds++] = u->seen[t][x];
        }
    return RC_OK;
}

static double product(const double *restrict a, const double *restrict b)
{
    double lane[LANES] = {0};

    for (size_t g = 0; g < WIDTH; g += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += a[g + l] * b[g + l];
    return lanes_sum(lane);
}

static void add_times(double *restrict to, const double *restrict from,
                      double by)
{
    for (size_t g = 0; g < WIDTH; g++)
        to[g] += by * from[g];
}

/* One round of expectation and maximisation; how far a weight moved. */
static double mixture_round(struct mixture *m, double units)
{
    double next[WIDTH] = {0}, moved = 0;

    for (size_t k = 0; k < m->kinds; k++) {
        const double *cell = m->cell + k * WIDTH;

        add_times(next, cell, m->times[k] / (product(m->w, cell) * units));
    }
    for (size_t g = 0; g < m->n; g++) {
        moved = fmax(moved, fabs(m->w[g] * (next[g] - 1)));
        m->w[g] *= next[g];
    }
    return moved;
}

static void mixture_fit(struct mixture *m, double units)
{
    for (int k = 0; k < ROUNDS; k++)
        if (mixture_round(m, units) < 1e-12)
            return;
}

/*
 * Least cost . w with rows of A w = q >= 0 and w >= 0: the simplex method with
 * artificial variables first. Columns: n of w, m of those, the right side.
 */
struct programme {
    size_t m, n;
    double a[MOMENTS + 2][GRID + 2 + MOMENTS + 1 + 1];
    size_t basis[MOMENTS + 2];
};

static void pivot(struct programme *p, size_t row, size_t column)
{
    size_t width = p->n + p->m + 1;
    double by = 1 / p->a[row][column];

    for (size_t c = 0; c < width; c++)
        p->a[row][c] *= by;
    for (size_t r = 0; r <= p->m; r++) {
        double times = p->a[r][column];

        if (r == row || times == 0)
            continue;
        for (size_t c = 0; c < width; c++)
            p->a[r][c] -= times * p->a[row][c];
    }
    p->basis[row] = column;
}

/* The column that lowers the cost fastest, later the first that does (Bland:
 * no going round in circles); SIZE_MAX: none. */
static size_t entering(const struct programme *p, size_t columns, bool first)
{
    double least = -1e-11;
    size_t at = SIZE_MAX;

    for (size_t c = 0; c < columns; c++)
        if (p->a[p->m][c] < least) {
            at = c;
            if (first)
                break;
            least = p->a[p->m][c];
        }
    return at;
}

static size_t leaving(const struct programme *p, size_t column)
{
    size_t right = p->n + p->m, at = SIZE_MAX;
    double least = INFINITY;

    for (size_t r = 0; r < p->m; r++) {
        double by = p->a[r][column], ratio;

        if (by <= 1e-11)
            continue;
        ratio = p->a[r][right] / by;
        if (ratio < least ||
            (at != SIZE_MAX && ratio <= least && p->basis[r] < p->basis[at])) {
            least = ratio;
            at = r;
        }
    }
    return at;
}

static void descend(struct programme *p, size_t columns)
{
    for (int k = 0; k < 5000; k++) {
        size_t column = entering(p, columns, k > 500), row;

        if (column == SIZE_MAX)
            return;
        row = leaving(p, column);
        if (row == SIZE_MAX)
            return;
        pivot(p, row, column);
    }
}

/* The cost of what is in the basis taken out of the last row. */
static void price(struct programme *p, const double *cost)
{
    size_t width = p->n + p->m + 1;

    for (size_t c = 0; c < width; c++)
        p->a[p->m][c] = c < p->n ? cost[c] : 0;
    for (size_t r = 0; r < p->m; r++) {
        double of = p->basis[r] < p->n ? cost[p->basis[r]] : 0;

        for (size_t c = 0; c < width && of != 0; c++)
            p->a[p->m][c] -= of * p->a[r][c];
    }
}

static void programme_init(struct programme *p, const struct mixture *m,
                           size_t moments)
{
    size_t right;

    memset(p, 0, sizeof *p);
    p->m = moments + 1;
    p->n = m->n;
    right = p->n + p->m;
    for (size_t r = 0; r < p->m; r++) {
        for (size_t g = 0; g < m->n; g++) {
            p->a[r][g] = binomial((double)moments, (double)r, m->p[g]);
            p->a[r][right] += m->w[g] * p->a[r][g];
        }
        p->a[r][p->n + r] = 1;
        p->basis[r] = p->n + r;
    }
    /* First the sum of the artificial ones. */
    for (size_t c = 0; c <= right; c++)
        for (size_t r = 0; r < p->m; r++)
            p->a[p->m][c] -= c < p->n || c == right ? p->a[r][c] : 0;
    descend(p, p->n);
}

static double least_cost(const struct mixture *m, size_t moments,
                         const double *cost)
{
    struct programme *p = malloc(sizeof *p);
    double v = NAN;

    if (!p)
        return v;
    programme_init(p, m, moments);
    price(p, cost);
    descend(p, p->n);
    v = -p->a[p->m][p->n + p->m];
    free(p);
    return v;
}

/* What a unit of probability p adds to the index, for a city of share P. */
static double part_dissimilarity(double p, double P)
{
    return fabs(p - P) / (2 * P * (1 - P));
}

static double part_theil(double p, double P)
{
    return 1 - (xlogx(p) + xlogx(1 - p)) / (xlogx(P) + xlogx(1 - P));
}

static double part_correlation(double p, double P)
{
    return (p - P) * (p - P) / (P * (1 - P));
}

static double part_hutchens(double p, double P)
{
    return 1 - sqrt(p * (1 - p) / (P * (1 - P)));
}

static const struct {
    const char *code;
    double (*part)(double p, double P);
} parts[] = {{"dissimilarity", part_dissimilarity},
             {"information_theory", part_theil},
             {"correlation_ratio", part_correlation},
             {"hutchens", part_hutchens}};

static size_t gather(const struct two *p, struct small_units *u)
{
    memset(u, 0, sizeof *u);
    for (size_t i = 0; i < p->n; i++) {
        double t = round(p->t[i]), x = fmin(t, round(p->x[i]));

        if (t < 1 || t >= LARGE)
            continue;
        u->seen[(size_t)t][(size_t)x]++;
        u->persons += t;
        u->members += x;
        u->n++;
        u->largest = MAX(u->largest, (size_t)t);
    }
    return MIN(u->largest, (size_t)MOMENTS);
}

/* The part of the units taken as they are. */
static double large_part(const struct two *p, double (*part)(double, double))
{
    struct sum s = {0};

    for (size_t i = 0; i < p->n; i++)
        if (round(p->t[i]) >= LARGE)
            sum_add(&s, p->t[i] * part(p->x[i] / p->t[i], p->X / p->T));
    return sum_of(&s) / p->T;
}

/* What all indices of a group share: the units and the most likely mixture. */
struct fitted {
    const struct two *p;
    size_t moments;
    double share; /* of the persons, in small units */
    struct mixture m;
};

static void cleanup_fitted(struct fitted *f)
{
    cleanup_mixture(&f->m);
}

static enum rc fit(struct fitted *f, const struct two *p)
{
    AUTO(mem) struct small_units *u = malloc(sizeof *u);
    enum rc rc;

    if (!u)
        return RC_MEMORY;
    f->p = p;
    f->moments = gather(p, u);
    f->share = u->persons / p->T;
    if (!f->moments)
        return RC_OK;
    rc = mixture_init(&f->m, u, p->X / p->T);
    if (!rc)
        mixture_fit(&f->m, u->n);
    return rc;
}

static enum rc bounds(const struct fitted *f, double (*part)(double, double),
                      struct measure_bounds *out)
{
    const struct mixture *m = &f->m;
    double P = f->p->X / f->p->T, cost[GRID + 2] = {0};
    double large = large_part(f->p, part);
    struct measure_bounds b = {large, large, large, f->moments};
    struct sum likely = {0};

    for (size_t g = 0; g < m->n; g++) {
        cost[g] = part(m->p[g], P);
        sum_add(&likely, m->w[g] * cost[g]);
    }
    if (f->moments) {
        b.likely += f->share * sum_of(&likely);
        b.low += f->share * least_cost(m, f->moments, cost);
        for (size_t g = 0; g < m->n; g++)
            cost[g] = -cost[g];
        b.high -= f->share * least_cost(m, f->moments, cost);
    }
    if (isnan(b.low + b.high))
        return RC_MEMORY;
    b.low = fmin(1, fmax(0, b.low));
    b.high = fmax(b.low, fmin(1, b.high));
    *out = b;
    return RC_OK;
}

enum rc measure_small_bounds_many(const struct measure *const *m, size_t n,
                                  const struct counts *c, size_t group,
                                  struct measure_bounds *out, enum rc *rc)
{
    struct ask a = {.scope = MEASURE_GROUP, .group = group};
    AUTO(frame) struct frame f = {0};
    AUTO(two) struct two p = {0};
    AUTO(fitted) struct fitted fitted = {0};
    enum rc whole = group < c->groups ? frame_init(&f, c) : RC_USAGE;

    if (!whole)
        whole = two_init(&p, &f, &a);
    if (!whole)
        whole = fit(&fitted, &p);
    for (size_t i = 0; i < n && !whole; i++) {
        size_t k = 0;

        while (k < ARRAY_LEN(parts) && strcmp(parts[k].code, m[i]->code) != 0)
            k++;
        rc[i] = k < ARRAY_LEN(parts) ? bounds(&fitted, parts[k].part, &out[i])
                                     : RC_USAGE;
    }
    return whole;
}

enum rc measure_small_bounds(const struct measure *m, const struct counts *c,
                             size_t group, struct measure_bounds *out)
{
    enum rc one = RC_OK, rc;
    size_t k = 0;

    while (k < ARRAY_LEN(parts) && strcmp(parts[k].code, m->code) != 0)
        k++;
    if (k == ARRAY_LEN(parts))
        return RC_USAGE;
    rc = measure_small_bounds_many(&m, 1, c, group, out, &one);
    return rc ? rc : one;
}
