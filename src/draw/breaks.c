/*
 * breaks.c: see breaks.h.
 */
#include "draw/breaks.h"

#include <math.h>
#include <stdlib.h>

struct fisher {
    size_t n;
    double *sum, *squares; /* running sums, n + 1 */
    double *cost, *before; /* of this and of the last number of classes */
    uint32_t *cut;         /* classes x n: first value of the last class */
};

/* Squared deviations of values i..j from their mean. */
static double within(const struct fisher *f, size_t i, size_t j)
{
    double sum = f->sum[j + 1] - f->sum[i];
    double squares = f->squares[j + 1] - f->squares[i];

    return MAX(0, squares - sum * sum / (double)(j - i + 1));
}

/*
 * The best first value of the last class never falls as the end moves right, so
 * the middle end splits the search for the others.
 */
static void fisher_layer(struct fisher *f, uint32_t *cut, size_t from,
                         size_t to, size_t low, size_t high)
{
    size_t end = from + (to - from) / 2, best = low;
    double best_cost = INFINITY;

    for (size_t i = low; i <= MIN(high, end); i++) {
        double cost = (i ? f->before[i - 1] : 0) + within(f, i, end);

        if (i && cost < best_cost) {
            best_cost = cost;
            best = i;
        }
    }
    f->cost[end] = best_cost;
    cut[end] = (uint32_t)best;
    if (end > from)
        fisher_layer(f, cut, from, end - 1, low, best);
    if (end < to)
        fisher_layer(f, cut, end + 1, to, best, high);
}

static void jenks(const double *v, size_t n, unsigned k, struct arena *a,
                  double *inner)
{
    struct fisher f = {.n = n};
    size_t end = n - 1;
    double shift = v[n / 2];

    f.sum = arena_array(a, double, n + 1);
    f.squares = arena_array(a, double, n + 1);
    f.cost = arena_array(a, double, n);
    f.before = arena_array(a, double, n);
    f.cut = arena_array(a, uint32_t, n * k);
    for (size_t i = 0; i < n; i++) {
        double d = v[i] - shift;

        f.sum[i + 1] = f.sum[i] + d;
        f.squares[i + 1] = f.squares[i] + d * d;
    }
    for (size_t i = 0; i < n; i++)
        f.cost[i] = within(&f, 0, i);
    for (unsigned c = 1; c < k; c++) {
        double *swap = f.before;

        f.before = f.cost;
        f.cost = swap;
        for (size_t i = 0; i < c; i++)
            f.cost[i] = INFINITY;
        fisher_layer(&f, f.cut + c * n, c, n - 1, c, n - 1);
    }
    for (unsigned c = k - 1; c > 0; c--) {
        uint32_t first = f.cut[c * n + end];

        inner[c - 1] = v[first];
        end = first - 1;
    }
}

static size_t distinct(const double *v, size_t n)
{
    size_t count = n > 0;

    for (size_t i = 1; i < n; i++)
        count += v[i] != v[i - 1];
    return count;
}

/* Takes the inner breaks that leave no class empty. */
static void keep(const double *v, size_t n, double *inner, unsigned k,
                 struct breaks *out)
{
    size_t top = n - 1;

    while (top > 0 && v[top] == v[n - 1])
        top--;
    out->n = 0;
    out->at[0] = v[0];
    for (unsigned i = 0; i + 1 < k; i++) {
        size_t inside = 0;

        if (inner[i] >= v[n - 1]) /* a class of the highest value alone */
            inner[i] = (v[top] + v[n - 1]) / 2;

        for (size_t j = 0; j < n; j++)
            inside += v[j] >= out->at[out->n] && v[j] < inner[i];
        if (inside > 0 && inner[i] < v[n - 1])
            out->at[++out->n] = inner[i];
    }
    out->at[++out->n] = v[n - 1];
}

void breaks_make(enum breaks_method m, const double *v, size_t n, unsigned k,
                 struct arena *scratch, struct breaks *out)
{
    double inner[CLASSES_MAX];

    *out = (struct breaks){0};
    if (n == 0)
        return;
    k = MAX(1, MIN(k, CLASSES_MAX));
    k = (unsigned)MIN(k, distinct(v, n));
    if (m == BREAKS_JENKS && k > 1) {
        jenks(v, n, k, scratch, inner);
    } else {
        for (unsigned i = 1; i < k; i++) {
            double part = (double)i / k;

            inner[i - 1] = m == BREAKS_EQUAL ? v[0] + part * (v[n - 1] - v[0])
                                             : v[(size_t)(part * (double)n)];
        }
    }
    keep(v, n, inner, k, out);
}

double round_within(double low, double high, double near)
{
    static const double steps[] = {5, 2, 1};
    double top = MAX(fabs(low), fabs(high));
    int power = top > 0 ? (int)floor(log10(top)) : 0;

    if (low <= 0 && high >= 0)
        return 0;
    for (int p = power; p > power - 9; p--) {
        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
            double step = steps[i];
            double x =
                p >= 0 ? near / (step * pow(10, p)) : near * pow(10, -p) / step;
            double r = round(x) * step;

            r = p >= 0 ? r * pow(10, p) : r / pow(10, -p);
            if (r >= low && r <= high)
                return r;
        }
    }
    return near;
}

void breaks_round(const double *v, size_t n, struct breaks *b)
{
    struct breaks raw = *b;
    double inner[CLASSES_MAX];
    const double slack = 0.15;

    if (b->n < 2)
        return;
    for (unsigned i = 1; i < raw.n; i++) {
        double low = raw.at[i] - slack * (raw.at[i] - raw.at[i - 1]);
        double high = raw.at[i] + slack * (raw.at[i + 1] - raw.at[i]);

        inner[i - 1] = round_within(low, high, raw.at[i]);
    }
    keep(v, n, inner, raw.n, b);
    if (b->n < raw.n)
        *b = raw;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void breaks_about(enum breaks_method m, const double *v, size_t n,
                  double middle, unsigned classes, struct arena *scratch,
                  struct breaks *out)
{
    double *away = arena_array(scratch, double, n + 1);
    struct breaks side;
    unsigned k = MAX(1, MIN((classes + 1) / 2, SIDE_MAX));
    double low, high;

    *out = (struct breaks){.diverging = true};
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        away[i] = fabs(v[i] - middle);
    qsort(away, n, sizeof *away, by_size);
    breaks_make(m, away, n, k, scratch, &side);
    breaks_round(away, n, &side);
    out->side = side.n;
    low = v[0];
    high = v[n - 1];
    if (low < middle) {
        out->at[0] = low;
        for (unsigned i = side.n - 1; i > 0; i--)
            if (middle - side.at[i] > low)
                out->at[++out->below] = middle - side.at[i];
        out->below++;
    }
    out->n = out->below;
    out->at[out->n] = out->below ? middle : low;
    if (high < middle || (high == middle && out->below)) {
        out->at[out->n] = MAX(high, middle);
        return;
    }
    if (!out->below)
        out->at[0] = middle;
    for (unsigned i = 1; i < side.n; i++)
        if (middle + side.at[i] < high)
            out->at[++out->n] = middle + side.at[i];
    out->at[++out->n] = high;
}

void breaks_ratio(const double *v, size_t n, struct breaks *out)
{
    static const double steps[] = {0.5, 0.8, 1, 1.25, 2};
    double low, high;

    *out = (struct breaks){.diverging = true, .side = 3};
    if (n == 0)
        return;
    low = MIN(v[0], 1);
    high = MAX(v[n - 1], 1);
    out->at[0] = low;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (steps[i] <= low || steps[i] >= high)
            continue;
        out->at[++out->n] = steps[i];
    }
    out->at[++out->n] = high;
    for (unsigned i = 0; i < out->n; i++)
        out->below += out->at[i] < 1;
}

unsigned breaks_class(const struct breaks *b, double v)
{
    unsigned i = 0;

    while (i + 1 < b->n && v >= b->at[i + 1])
        i++;
    return i;
}

enum tone breaks_tone(const struct breaks *b, unsigned class)
{
    if (!b->diverging)
        return tone_sequential(b->n, class);
    if (class < b->below)
        return tone_diverging(b->side, b->below - 1 - class, false);
    return tone_diverging(b->side, class - b->below, true);
}
