/*
 * Dissimilarity where units have few persons.
 */
#include "measure/frame.h"
#include "measure/sample.h"

/* ln k!, from Stirling's formula and its exact correction. */
static double log_factorial(double k)
{
    return (k + 0.5) * log(k + 1) - (k + 1) + 0.91893853320467274178 +
           sample_stirling((uint64_t)k);
}

/*
 * E|x - tP| of a binomial: 2 (k + 1) C(t, k + 1) P^(k + 1) (1 - P)^(t - k) with
 * k = floor(tP). De Moivre 1730.
 */
static double binomial_deviation(double t, double P)
{
    double k = floor(t * P);

    if (k >= t)
        return 0;
    return 2 * exp(log(k + 1) + log_factorial(t) - log_factorial(k + 1) -
                   log_factorial(t - k - 1) + (k + 1) * log(P) +
                   (t - k) * log1p(-P));
}

static double expected_dissimilarity(const struct two *p)
{
    double P = p->X / p->T;
    struct sum s = {0};

    for (size_t i = 0; i < p->n; i++)
        sum_add(&s, binomial_deviation(round(p->t[i]), P));
    return sum_of(&s) / (2 * p->T * P * (1 - P));
}

/* psi(z + k) - psi(z) and its derivative, z > 0, k whole. */
static void psi_step(double z, double k, double *d, double *dd)
{
    *d = *dd = 0;
    if (k < 64) {
        for (double j = 0; j < k; j++) {
            double v = 1 / (z + j);

            *d += v;
            *dd -= v * v;
        }
        return;
    }
    for (int side = 0; side < 2; side++) {
        double x = side ? z + k : z, sign = side ? 1 : -1, v, vv;

        for (; x < 12; x++) {
            *d -= sign / x;
            *dd += sign / (x * x);
        }
        v = 1 / x;
        vv = v * v;
        *d += sign *
              (log(x) - v / 2 - vv * (1 / 12.0 - vv * (1 / 120.0 - vv / 252)));
        *dd += sign *
               (v + vv / 2 + v * vv * (1 / 6.0 - vv * (1 / 30.0 - vv / 42)));
    }
}

struct beta {
    double a, b;
    double ga, gb;        /* gradient of the log likelihood */
    double haa, hbb, hab; /* its second derivatives */
};

static void beta_slope(struct beta *q, const struct two *p)
{
    struct sum s[5] = {{0}};

    for (size_t i = 0; i < p->n; i++) {
        double x = round(p->x[i]), t = round(p->t[i]), d[3], dd[3];

        psi_step(q->a, x, &d[0], &dd[0]);
        psi_step(q->b, t - x, &d[1], &dd[1]);
        psi_step(q->a + q->b, t, &d[2], &dd[2]);
        sum_add(&s[0], d[0] - d[2]);
        sum_add(&s[1], d[1] - d[2]);
        sum_add(&s[2], dd[0] - dd[2]);
        sum_add(&s[3], dd[1] - dd[2]);
        sum_add(&s[4], -dd[2]);
    }
    q->ga = sum_of(&s[0]);
    q->gb = sum_of(&s[1]);
    q->haa = sum_of(&s[2]);
    q->hbb = sum_of(&s[3]);
    q->hab = sum_of(&s[4]);
}

/*
 * One Newton step in ln a and ln b, at most a factor of e^2 in either; where
 * the surface is not concave, a step up the gradient.
 */
static double beta_step(struct beta *q)
{
    double ua = q->a * q->ga, ub = q->b * q->gb;
    double haa = q->a * q->a * q->haa + ua, hbb = q->b * q->b * q->hbb + ub;
    double hab = q->a * q->b * q->hab, det = haa * hbb - hab * hab;
    double da, db, longest;

    if (haa < 0 && det > 0) {
        da = -(hbb * ua - hab * ub) / det;
        db = -(haa * ub - hab * ua) / det;
    } else {
        longest = fmax(fabs(ua), fabs(ub));
        da = longest > 0 ? ua / longest : 0;
        db = longest > 0 ? ub / longest : 0;
    }
    longest = fmax(fabs(da), fabs(db));
    if (longest > 2) {
        da *= 2 / longest;
        db *= 2 / longest;
    }
    q->a *= exp(da);
    q->b *= exp(db);
    return fmin(longest, 2);
}

/* Past this size the Beta distribution is a point for any count of persons. */
static const double NO_SPREAD = 1e9;

static bool beta_fit(struct beta *q, const struct two *p)
{
    double P = p->X / p->T;

    q->a = 2 * P;
    q->b = 2 * (1 - P);
    for (int i = 0; i < 200; i++) {
        beta_slope(q, p);
        if (beta_step(q) < 1e-12)
            return true;
        if (q->a + q->b > NO_SPREAD) {
            q->a = q->b = INFINITY;
            return true;
        }
        if (!(q->a > 1e-12 && q->b > 1e-12))
            return true;
    }
    return false;
}

/* E|p - m| / (2 m (1 - m)) of Beta(a, b), m = a / (a + b). */
static double beta_dissimilarity(const struct beta *q)
{
    double s = q->a + q->b, m = q->a / s, deviation;

    if (!isfinite(s))
        return 0;
    deviation = 2 * exp(q->a * log(m) + q->b * log1p(-m) - log(s) + lgamma(s) -
                        lgamma(q->a) - lgamma(q->b));
    return deviation / (2 * m * (1 - m));
}

static void sizes(const struct two *p, struct measure_small *out)
{
    double small = 0;

    for (size_t i = 0; i < p->n; i++)
        if (p->t[i] < 30)
            small += p->t[i];
    out->mean_size = p->T / (double)p->n;
    out->share_small = small / p->T;
}

static enum rc small(const struct two *p, struct measure_small *out)
{
    struct beta q = {0};

    if (!beta_fit(&q, p))
        return RC_UNDEFINED;
    out->naive = two_dissimilarity(p);
    out->expected = expected_dissimilarity(p);
    out->excess =
        (out->naive - out->expected) /
        (out->naive >= out->expected ? 1 - out->expected : out->expected);
    out->alpha = q.a;
    out->beta = q.b;
    out->rathelot = fmin(1, beta_dissimilarity(&q));
    out->unreliable = out->expected > out->naive / 2;
    sizes(p, out);
    return RC_OK;
}

enum rc measure_small_units(const struct counts *c, size_t group,
                            struct measure_small *out)
{
    struct ask a = {.scope = MEASURE_GROUP, .group = group};
    AUTO(frame) struct frame f = {0};
    AUTO(two) struct two p = {0};
    enum rc rc = group < c->groups ? frame_init(&f, c) : RC_USAGE;

    if (!rc)
        rc = two_init(&p, &f, &a);
    return rc ? rc : small(&p, out);
}

enum rc measure_small_units_value(const struct frame *f, const struct ask *a,
                                  double *out)
{
    AUTO(two) struct two p = {0};
    struct measure_small s;
    enum rc rc = two_init(&p, f, a);

    if (!rc)
        rc = small(&p, &s);
    if (!rc)
        *out = s.rathelot;
    return rc;
}
