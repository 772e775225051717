/*
 * Composition of the city and of each unit, and the local parts of M.
 */
#include "measure/frame.h"
#include "measure/spatial_sweep.h"

/* Shannon 1948; the normalised form is divided by the log of the number of
 * groups that have members in the city. */
static double shannon(const double *n, size_t groups, double t)
{
    struct sum s = {0};

    for (size_t g = 0; g < groups; g++)
        sum_add(&s, -xlogx(n[g] / t));
    return sum_of(&s);
}

static double simpson(const double *n, size_t groups, double t)
{
    struct sum s = {0};

    for (size_t g = 0; g < groups; g++)
        sum_add(&s, n[g] / t * (n[g] / t));
    return sum_of(&s);
}

static double simpson_rest(const double *n, size_t groups, double t)
{
    struct sum s = {0};

    for (size_t g = 0; g < groups; g++)
        sum_add(&s, n[g] / t * (1 - n[g] / t));
    return sum_of(&s);
}

static enum rc composition(const struct frame *f, const struct ask *a,
                           double (*of)(const double *, size_t, double),
                           double unit, double *out)
{
    if (a->scope == MEASURE_CITY) {
        *out = of(f->group_total, f->groups, f->total) / unit;
        return RC_OK;
    }
    for (size_t i = 0; i < f->units; i++) {
        double t = f->unit_total[i];

        out[i] = t > 0 ? of(f->n + i * f->groups, f->groups, t) / unit : NAN;
    }
    return RC_OK;
}

enum rc measure_shannon_diversity(const struct frame *f, const struct ask *a,
                                  double *out)
{
    double unit = log_unit(a->o);

    if (a->o->flags & MEASURE_NORMALISED) {
        if (f->present < 2)
            return RC_UNDEFINED;
        unit = log((double)f->present);
    }
    return composition(f, a, shannon, unit, out);
}

enum rc measure_simpson_concentration(const struct frame *f,
                                      const struct ask *a, double *out)
{
    return composition(f, a, simpson, 1, out);
}

enum rc measure_simpson_interaction(const struct frame *f, const struct ask *a,
                                    double *out)
{
    return composition(f, a, simpson_rest, 1, out);
}

enum rc measure_location_quotient(const struct frame *f, const struct ask *a,
                                  double *out)
{
    double share = f->group_total[a->group] / f->total;

    if (share <= 0)
        return RC_UNDEFINED;
    for (size_t i = 0; i < f->units; i++) {
        double t = f->unit_total[i];

        out[i] = t > 0 ? f->n[i * f->groups + a->group] / t / share : NAN;
    }
    return RC_OK;
}

/* l(g) = sum_u p(u|g) ln(p(u|g) / p(u)): Alonso-Villar and Del Rio 2010,
 * Mathematical Social Sciences 60(1). */
static double local_group(const struct frame *f, size_t g)
{
    double X = f->group_total[g];
    struct sum s = {0};

    for (size_t i = 0; i < f->units; i++) {
        double x = f->n[i * f->groups + g];

        if (x > 0)
            sum_add(&s, x / X * log(x / X * (f->total / f->unit_total[i])));
    }
    return sum_of(&s);
}

/*
 * l(u) = sum_g p(g|u) ln(p(g|u) / p(g)), for as many units at a time as fill a
 * block of logarithms.
 */
static void local_units(const struct frame *f, double unit, double *out)
{
    enum { BLOCK = 512 };
    size_t groups = f->groups, rows = MAX(1, BLOCK / groups);
    log_fn *ln = sweeps_choose().log;
    double ratio[BLOCK], logs[BLOCK];

    for (size_t i = 0; i < f->units; i += rows) {
        size_t end = MIN(i + rows, f->units);

        for (size_t u = i; u < end; u++)
            out[u] = 0;
        for (size_t from = 0; from < groups; from += BLOCK) {
            size_t n = MIN(groups - from, BLOCK), k = 0;

            for (size_t u = i; u < end; u++) {
                const double *row = f->n + u * groups + from;
                double per_t = 1 / f->unit_total[u];

                for (size_t g = 0; g < n; g++, k++) {
                    double r = row[g] * per_t * f->per_share[from + g];

                    ratio[k] = r > 0 ? r : 1;
                }
            }
            ln(ratio, k, logs);
            k = 0;
            for (size_t u = i; u < end; u++) {
                const double *row = f->n + u * groups + from;
                double s = 0;

                for (size_t g = 0; g < n; g++)
                    s += row[g] * logs[k++];
                out[u] += s / f->unit_total[u];
            }
        }
        for (size_t u = i; u < end; u++)
            out[u] = f->unit_total[u] > 0 ? MAX(0, out[u]) / unit : NAN;
    }
}

enum rc measure_local_segregation(const struct frame *f, const struct ask *a,
                                  double *out)
{
    double unit = log_unit(a->o);

    if (f->lived_in < 2 || f->present < 2)
        return RC_UNDEFINED;
    if (a->scope == MEASURE_GROUP) {
        if (f->group_total[a->group] <= 0)
            return RC_UNDEFINED;
        *out = local_group(f, a->group) / unit;
        return RC_OK;
    }
    local_units(f, unit, out);
    return RC_OK;
}
