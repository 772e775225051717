/*
 * Evenness of one group against another or the rest. Formulas in the notation
 * of Massey and Denton 1988, doi:10.1093/sf/67.2.281: x members and t persons
 * of a unit, p = x / t, capitals for the city.
 */
#include "measure/frame.h"
#include "measure/sort.h"
#include "measure/tally.h"

#include <stdlib.h>

double two_dissimilarity(const struct two *p)
{
    double per_x = 1 / p->X, per_y = 1 / (p->T - p->X);
    struct tally s;

    tally_init(&s);
    for (size_t i = 0; i < p->n;) {
        size_t n = tally_room(&s, p->n - i, false);

        for (size_t k = 0; k < n; k++)
            s.a[s.n + k] =
                fabs(p->x[i + k] * per_x - (p->t[i + k] - p->x[i + k]) * per_y);
        s.n += n;
        i += n;
    }
    return tally_sum(&s) / 2;
}

/*
 * Twice the area between the diagonal and the Lorenz curve of the units sorted
 * by p: the same as sum_ij t_i t_j |p_i - p_j| / (2 T^2 P (1 - P)).
 */
static enum rc gini_of_units(const struct two *p, double *out)
{
    AUTO(mem) struct sort_item *item = malloc(2 * p->n * sizeof *item);
    double x = 0, y = 0;
    struct sum area = {0};

    if (!item)
        return RC_MEMORY;
    for (size_t i = 0; i < p->n; i++)
        item[i] = (struct sort_item){p->x[i] / p->t[i], i};
    sort_items(item, p->n, item + p->n);
    for (size_t k = 0; k < p->n; k++) {
        double dx = p->x[item[k].i], dy = p->t[item[k].i] - dx;

        sum_add(&area, y * dx - x * dy);
        x += dx;
        y += dy;
    }
    *out = sum_of(&area) / (p->X * (p->T - p->X));
    return RC_OK;
}

/* Whole counts of so few different units that these can be counted. */
struct kinds {
    size_t rows, columns; /* members and others, 0 among them */
    uint32_t *units;      /* owned */
    size_t n;             /* kinds that there are */
};

static void cleanup_kinds(struct kinds *k)
{
    free(k->units);
}

static bool kinds_few(struct kinds *k, const struct two *p)
{
    double x = 0, y = 0;
    size_t whole = 0;

    if (p->n > UINT32_MAX)
        return false;
    for (size_t i = 0; i < p->n; i++) {
        double others = p->t[i] - p->x[i];

        x = MAX(x, p->x[i]);
        y = MAX(y, others);
        whole += p->x[i] == floor(p->x[i]) && others == floor(others);
    }
    k->rows = (size_t)fmin(x, 1e9) + 1;
    k->columns = (size_t)fmin(y, 1e9) + 1;
    return whole == p->n && k->rows * k->columns <= p->n;
}

static enum rc kinds_count(struct kinds *k, const struct two *p)
{
    k->units = calloc(k->rows * k->columns, sizeof *k->units);
    if (!k->units)
        return RC_MEMORY;
    for (size_t i = 0; i < p->n; i++) {
        size_t x = (size_t)p->x[i], y = (size_t)(p->t[i] - p->x[i]);

        k->n += k->units[x * k->columns + y]++ == 0;
    }
    return RC_OK;
}

static enum rc gini_of_kinds(const struct kinds *kinds, const struct two *p,
                             double *out)
{
    AUTO(mem) struct sort_item *item = malloc(2 * kinds->n * sizeof *item);
    double x = 0, y = 0;
    struct sum area = {0};
    size_t n = 0;

    if (!item)
        return RC_MEMORY;
    for (size_t r = 0; r < kinds->rows; r++)
        for (size_t c = 0; c < kinds->columns; c++) {
            size_t at = r * kinds->columns + c;

            if (kinds->units[at])
                item[n++] = (struct sort_item){(double)r / (double)(r + c), at};
        }
    sort_items(item, n, item + n);
    for (size_t k = 0; k < n; k++) {
        double units = kinds->units[item[k].i];
        double dx = units * (double)(item[k].i / kinds->columns);
        double dy = units * (double)(item[k].i % kinds->columns);

        sum_add(&area, y * dx - x * dy);
        x += dx;
        y += dy;
    }
    *out = sum_of(&area) / (p->X * (p->T - p->X));
    return RC_OK;
}

enum rc two_gini(const struct two *p, double *out)
{
    AUTO(kinds) struct kinds k = {0};
    enum rc rc;

    if (!kinds_few(&k, p))
        return gini_of_units(p, out);
    rc = kinds_count(&k, p);
    return rc ? rc : gini_of_kinds(&k, p, out);
}

enum rc measure_atkinson(const struct frame *f, const struct ask *a,
                         double *out)
{
    AUTO(two) struct two p = {0};
    double b = a->o->atkinson_b, P;
    struct sum s = {0};
    enum rc rc;

    if (!(b > 0 && b < 1))
        return RC_USAGE;
    rc = two_init(&p, f, a);
    if (rc)
        return rc;
    P = p.X / p.T;
    for (size_t i = 0; i < p.n; i++) {
        double q = p.x[i] / p.t[i];

        sum_add(&s, p.t[i] * (b == 0.5 ? sqrt((1 - q) * q)
                                       : pow(1 - q, 1 - b) * pow(q, b)));
    }
    *out = 1 - P / (1 - P) * pow(sum_of(&s) / (P * p.T), 1 / (1 - b));
    return RC_OK;
}

enum rc measure_gorard(const struct frame *f, const struct ask *a, double *out)
{
    AUTO(two) struct two p = {0};
    enum rc rc = two_init(&p, f, a);
    struct sum s = {0};

    if (rc)
        return rc;
    for (size_t i = 0; i < p.n; i++)
        sum_add(&s, fabs(p.x[i] / p.X - p.t[i] / p.T));
    *out = sum_of(&s) / 2;
    return RC_OK;
}

/* sum |x_i (1 - P) - P y_i| / T = 2 P (1 - P) D: Karmel and Maclachlan 1988,
 * Economic Record 64, 187-195. */
enum rc measure_karmel_maclachlan(const struct frame *f, const struct ask *a,
                                  double *out)
{
    AUTO(two) struct two p = {0};
    enum rc rc = two_init(&p, f, a);
    double P = p.X / p.T;

    if (!rc)
        *out = 2 * P * (1 - P) * two_dissimilarity(&p);
    return rc;
}

enum rc measure_minmax(const struct frame *f, const struct ask *a, double *out)
{
    AUTO(two) struct two p = {0};
    enum rc rc = two_init(&p, f, a);
    struct sum low = {0}, high = {0};

    if (rc)
        return rc;
    for (size_t i = 0; i < p.n; i++) {
        double x = p.x[i] / p.X, y = (p.t[i] - p.x[i]) / (p.T - p.X);

        sum_add(&low, MIN(x, y));
        sum_add(&high, MAX(x, y));
    }
    *out = 1 - sum_of(&low) / sum_of(&high);
    return RC_OK;
}

enum rc measure_hutchens(const struct frame *f, const struct ask *a,
                         double *out)
{
    AUTO(two) struct two p = {0};
    enum rc rc = two_init(&p, f, a);
    struct sum s = {0};

    if (rc)
        return rc;
    for (size_t i = 0; i < p.n; i++)
        sum_add(&s, sqrt(p.x[i] / p.X * ((p.t[i] - p.x[i]) / (p.T - p.X))));
    *out = 1 - sum_of(&s);
    return RC_OK;
}

/*
 * The share of the group in units where its share is at least k / (m - 1). A
 * share is taken to reach a threshold that it misses by rounding alone, so that
 * the curve does not jump when all counts are scaled.
 */
static const double ROUNDING = 1e-9;

static void curve_of(const struct two *p, size_t m, double *curve)
{
    for (size_t k = 0; k < m; k++)
        curve[k] = 0;
    for (size_t i = 0; i < p->n; i++) {
        double at = p->x[i] / p->t[i] * (double)(m - 1) + ROUNDING;

        curve[MIN((size_t)at, m - 1)] += p->x[i];
    }
    for (size_t k = m - 1; k-- > 0;)
        curve[k] += curve[k + 1];
    for (size_t k = 0; k < m; k++)
        curve[k] /= p->X;
}

enum rc measure_concentration_curve(const struct counts *c, size_t group,
                                    const struct measure_options *o,
                                    double *curve)
{
    struct measure_options defaults;
    struct ask a = {
        .scope = MEASURE_GROUP, .group = group, .o = options_or(o, &defaults)};
    AUTO(frame) struct frame f = {0};
    AUTO(two) struct two p = {0};
    enum rc rc;

    if (a.o->thresholds < 2 || group >= c->groups)
        return RC_USAGE;
    rc = frame_init(&f, c);
    if (!rc)
        rc = two_init(&p, &f, &a);
    if (!rc)
        curve_of(&p, a.o->thresholds, curve);
    return rc;
}

/*
 * (P - area below the curve left of P + area right of P) / (1 - P): 0 where
 * every unit has the city's share, 1 where the group lives alone.
 */
enum rc measure_concentration_profile(const struct frame *f,
                                      const struct ask *a, double *out)
{
    size_t m = a->o->thresholds;
    AUTO(two) struct two p = {0};
    AUTO(mem) double *curve = NULL;
    struct sum left = {0}, right = {0};
    double P;
    enum rc rc;

    if (m < 2)
        return RC_USAGE;
    rc = two_init(&p, f, a);
    if (rc)
        return rc;
    curve = malloc(m * sizeof *curve);
    if (!curve)
        return RC_MEMORY;
    curve_of(&p, m, curve);
    P = p.X / p.T;
    for (size_t k = 0; k < m; k++)
        sum_add((double)k < P * (double)(m - 1) - ROUNDING ? &left : &right,
                curve[k]);
    *out = (P - (sum_of(&left) - sum_of(&right)) / (double)m) / (1 - P);
    return RC_OK;
}
