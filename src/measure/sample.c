#include "measure/sample.h"

#include <math.h>

static const double INVERT_BELOW = 10; /* mean under which inversion is used */

double sample_stirling(uint64_t k)
{
    static const double small[] = {
        0.08106146679532726,  0.04134069595540929, 0.02767792568499834,
        0.02079067210376509,  0.01664469118982119, 0.01387612882307075,
        0.01189670994589177,  0.01041126526197209, 0.009255462182712733,
        0.008330563433362871,
    };
    double z = 1 / (double)(k + 1), zz = z * z;

    if (k < ARRAY_LEN(small))
        return small[k];
    return z * (1 / 12.0 - zz * (1 / 360.0 - zz * (1 / 1260.0 - zz / 1680.0)));
}

static uint64_t binomial_invert(struct rng *r, uint64_t n, double p)
{
    double odds = p / (1 - p), start = exp((double)n * log1p(-p));

    for (;;) {
        double u = rng_double(r), f = start;
        uint64_t k = 0;

        while (k <= n && u >= f) {
            u -= f;
            f *= odds * (double)(n - k) / (double)(k + 1);
            k++;
            if (f <= 0)
                break;
        }
        if (k <= n && f > 0)
            return k;
        /* u fell into what rounding left of the tail: draw again. */
    }
}

/* BTRS; n p >= INVERT_BELOW and p <= 1/2. */
static uint64_t binomial_reject(struct rng *r, uint64_t n, double p)
{
    double N = (double)n, sd = sqrt(N * p * (1 - p));
    double b = 1.15 + 2.53 * sd, a = -0.0873 + 0.0248 * b + 0.01 * p;
    double c = N * p + 0.5, quick = 0.92 - 4.2 / b;
    double odds = p / (1 - p), alpha = (2.83 + 5.1 / b) * sd;
    double m = floor((N + 1) * p), nm = N - m + 1, at_mode = NAN;

    for (;;) {
        double u = rng_double(r) - 0.5, v = rng_double(r);
        double us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + c), nk, bound;

        if (us >= 0.07 && v <= quick)
            return (uint64_t)k;
        if (!(k >= 0 && k <= N))
            continue;
        if (isnan(at_mode))
            at_mode = (m + 0.5) * log((m + 1) / (odds * nm)) +
                      sample_stirling((uint64_t)m) +
                      sample_stirling((uint64_t)(N - m));
        nk = N - k + 1;
        bound = at_mode + (N + 1) * log1p((k - m) / nk) +
                (k + 0.5) * log(nk * odds / (k + 1)) -
                sample_stirling((uint64_t)k) -
                sample_stirling((uint64_t)(N - k));
        if (log(v * alpha / (a / (us * us) + b)) <= bound)
            return (uint64_t)k;
    }
}

uint64_t sample_binomial(struct rng *r, uint64_t n, double p)
{
    bool flip = p > 0.5;
    double q = flip ? 1 - p : p;
    uint64_t k;

    if (!(q > 0) || n == 0)
        return flip ? n : 0;
    k = (double)n * q < INVERT_BELOW ? binomial_invert(r, n, q)
                                     : binomial_reject(r, n, q);
    return flip ? n - k : k;
}

/* ln a! - ln b! + (a - b), without the loss of two large logarithms. */
static double log_ratio(double a, double b)
{
    double d = a - b;

    if (d == 0)
        return 0;
    return (a + 0.5) * log1p(d / (b + 1)) + d * log(b + 1) +
           sample_stirling((uint64_t)a) - sample_stirling((uint64_t)b);
}

/* good <= bad and 2 drawn <= good + bad in all that follows. */
struct urn {
    double good, bad, drawn;
};

static double urn_mode(const struct urn *u)
{
    return floor((u->drawn + 1) * (u->good + 1) / (u->good + u->bad + 2));
}

/* ln of the probability of k over that of m. */
static double urn_log_odds(const struct urn *u, double k, double m)
{
    return log_ratio(m, k) + log_ratio(u->good - m, u->good - k) +
           log_ratio(u->drawn - m, u->drawn - k) +
           log_ratio(u->bad - u->drawn + m, u->bad - u->drawn + k);
}

/* ln C(bad, drawn) - ln C(good + bad, drawn): the probability of none. */
static double urn_log_none(const struct urn *u)
{
    double total = u->good + u->bad;

    return log_ratio(u->bad, u->bad - u->drawn) -
           log_ratio(total, total - u->drawn);
}

static double urn_invert(struct rng *r, const struct urn *u)
{
    double start = exp(urn_log_none(u)), most = MIN(u->good, u->drawn);

    for (;;) {
        double v = rng_double(r), f = start, k = 0;

        while (k <= most && v >= f) {
            v -= f;
            f *= (u->good - k) * (u->drawn - k) /
                 ((k + 1) * (u->bad - u->drawn + k + 1));
            k++;
        }
        if (k <= most)
            return k;
    }
}

static double urn_reject(struct rng *r, const struct urn *u)
{
    const double d1 = 1.7155277699214135; /* 2 sqrt(2 / e) */
    const double d2 = 0.8989161620588988; /* 3 - 2 sqrt(3 / e) */
    double total = u->good + u->bad, p = u->good / total;
    double centre = u->drawn * p + 0.5;
    double variance = (total - u->drawn) * u->drawn * p * (1 - p) / (total - 1);
    double width = d1 * sqrt(variance + 0.5) + d2, m = urn_mode(u);
    double most = MIN(u->good, u->drawn);

    for (;;) {
        double w = 1 - rng_double(r), v = rng_double(r);
        double k = floor(centre + width * (v - 0.5) / w), odds;

        if (!(k >= 0 && k <= most))
            continue;
        odds = urn_log_odds(u, k, m);
        if (w * (4 - w) - 3 <= odds)
            return k;
        if (w * (w - odds) >= 1)
            continue;
        if (2 * log(w) <= odds)
            return k;
    }
}

uint64_t sample_hypergeometric(struct rng *r, uint64_t good, uint64_t bad,
                               uint64_t drawn)
{
    uint64_t total = good + bad, few = MIN(drawn, total - drawn), k;
    struct urn u = {(double)MIN(good, bad), (double)MAX(good, bad),
                    (double)few};

    REQUIRE(drawn <= total);
    if (u.good <= 0 || few == 0)
        k = 0;
    else if (u.drawn * u.good / (double)total < INVERT_BELOW)
        k = (uint64_t)urn_invert(r, &u);
    else
        k = (uint64_t)urn_reject(r, &u);
    /* Good ones among `few`, then among `drawn`. */
    if (good > bad)
        k = few - k;
    return few < drawn ? good - k : k;
}

void sample_multinomial(struct rng *r, uint64_t n, const double *w, size_t k,
                        double sum, double *out)
{
    size_t last = k;

    /* The last cell with weight takes whoever is left. */
    while (last > 0 && !(w[last - 1] > 0))
        out[--last] = 0;
    for (size_t i = 0; i < last; i++) {
        uint64_t here = n;
        double weight = w[i]; /* read first: out may be w */

        if (i + 1 < last && n > 0) {
            double p = sum > 0 ? weight / sum : 1;

            here = sample_binomial(r, n, MIN(1, MAX(0, p)));
        }
        out[i] = (double)here;
        n -= here;
        sum -= weight;
    }
}

void sample_multivariate(struct rng *r, uint64_t drawn, const double *from,
                         size_t k, uint64_t sum, double *out)
{
    for (size_t i = 0; i < k; i++) {
        uint64_t cell = (uint64_t)from[i], here;

        REQUIRE(cell <= sum);
        sum -= cell;
        here = sample_hypergeometric(r, cell, sum, drawn);
        out[i] = (double)here;
        drawn -= here;
    }
}
