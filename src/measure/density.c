/*
 * Density-corrected dissimilarity: Allen, Burgess, Davidson and Windmeijer
 * 2015, doi:10.1111/ectj.12039. In each unit the difference of the two shares,
 * in standard errors, is a folded normal; its absolute value is replaced by the
 * parameter under which it is most likely.
 */
#include "measure/frame.h"

/*
 * The theta that makes an observed |N(theta, 1)| = y most likely: the root of
 * theta = y tanh(y theta), and 0 for y <= 1. With u = y theta it is that of
 * u = y^2 tanh u; by Newton's method, started from tanh u = u (15 + u^2) /
 * (15 + 6 u^2) where u is small. Past 19 tanh is 1 in a double.
 */
static double most_likely(double y)
{
    double s = y * y, u;

    if (!(y > 1))
        return 0;
    if (s > 19)
        return y;
    u = s < 2 ? sqrt(15 * (s - 1) / (6 - s)) : s;
    for (int k = 0; k < 60; k++) {
        double th = tanh(u), step = (u - s * th) / (1 - s * (1 - th * th));

        u -= step;
        if (!(fabs(step) > 1e-15 * u))
            break;
    }
    return fmin(u / y, y);
}

static double minus_density(double x, double y)
{
    double a = x - y, b = x + y;

    return -(exp(-a * a / 2) / sqrt(2 * M_PI) +
             exp(-b * b / 2) / sqrt(2 * M_PI));
}

/*
 * Nelder and Mead's search on a line from 0 with a first step of 0.00025, at
 * most 200 steps, to 1e-5 in theta and 1e-4 in density; the second vertex is
 * taken. Where the density is 0 in floating point (y above 38) it stays at 0.
 */
struct simplex {
    double y, best, other, f_best, f_other;
    int calls;
};

static double simplex_f(struct simplex *s, double x)
{
    s->calls++;
    return minus_density(x, s->y);
}

static void simplex_take(struct simplex *s, double x, double f)
{
    s->other = x;
    s->f_other = f;
    if (f < s->f_best) {
        s->other = s->best;
        s->f_other = s->f_best;
        s->best = x;
        s->f_best = f;
    }
}

static void simplex_step(struct simplex *s)
{
    double x = 2 * s->best - s->other, f = simplex_f(s, x);
    double xx, ff;

    if (f < s->f_best) {
        xx = 3 * s->best - 2 * s->other;
        ff = simplex_f(s, xx);
        if (ff < f)
            simplex_take(s, xx, ff);
        else
            simplex_take(s, x, f);
        return;
    }
    if (f < s->f_other) {
        xx = 1.5 * s->best - 0.5 * s->other;
        ff = simplex_f(s, xx);
        if (ff <= f) {
            simplex_take(s, xx, ff);
            return;
        }
    } else {
        xx = 0.5 * s->best + 0.5 * s->other;
        ff = simplex_f(s, xx);
        if (ff < s->f_other) {
            simplex_take(s, xx, ff);
            return;
        }
    }
    x = s->best + 0.5 * (s->other - s->best);
    simplex_take(s, x, simplex_f(s, x));
}

static double searched_from_zero(double y)
{
    struct simplex s = {.y = y, .best = 0, .other = 0.00025};

    s.f_best = simplex_f(&s, s.best);
    simplex_take(&s, s.other, simplex_f(&s, s.other));
    for (int step = 1; step < 200 && s.calls < 200; step++) {
        if (fabs(s.other - s.best) <= 1e-5 &&
            fabs(s.f_best - s.f_other) <= 1e-4)
            break;
        simplex_step(&s);
    }
    return s.other;
}

enum rc measure_density_corrected_dissimilarity(const struct frame *f,
                                                const struct ask *a,
                                                double *out)
{
    bool from_zero = a->o->flags & MEASURE_DENSITY_FROM_ZERO;
    AUTO(two) struct two p = {0};
    enum rc rc = two_init(&p, f, a);
    double Y = p.T - p.X;
    struct sum s = {0};

    if (rc)
        return rc;
    for (size_t i = 0; i < p.n; i++) {
        double x = p.x[i] / p.X, y = (p.t[i] - p.x[i]) / Y, d = fabs(x - y);
        double sd = sqrt(x * (1 - x) / p.X + y * (1 - y) / Y);

        if (!(sd > 0))
            sum_add(&s, from_zero ? 0 : d);
        else
            sum_add(&s, sd * (from_zero ? searched_from_zero(d / sd)
                                        : most_likely(d / sd)));
    }
    *out = sum_of(&s) / 2;
    return RC_OK;
}
