#include "measure/sample.h"

#include <math.h>

static const double INVERT_BELOW = 10; /* mean under which inversion is used */

/* As rng_u64, the usual case without a call. */
static inline uint64_t next_u64(struct rng *r)
{
    return LIKELY(r->left) ? r->out[4 - r->left--] : rng_u64(r);
}

static inline double next_double(struct rng *r)
{
    return (double)(next_u64(r) >> 11) * 0x1p-53;
}

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

/* 1 / k, for the sums that step from one count to the next. */
static const double reciprocal[] = {
    0,       1,       1. / 2,  1. / 3,  1. / 4,  1. / 5,  1. / 6,  1. / 7,
    1. / 8,  1. / 9,  1. / 10, 1. / 11, 1. / 12, 1. / 13, 1. / 14, 1. / 15,
    1. / 16, 1. / 17, 1. / 18, 1. / 19, 1. / 20, 1. / 21, 1. / 22, 1. / 23,
    1. / 24, 1. / 25, 1. / 26, 1. / 27, 1. / 28, 1. / 29, 1. / 30, 1. / 31,
};

static inline double one_over(uint64_t k)
{
    return LIKELY(k < ARRAY_LEN(reciprocal)) ? reciprocal[k] : 1 / (double)k;
}

static uint64_t binomial_invert(struct rng *r, uint64_t n, double p)
{
    double odds = p / (1 - p), start = exp((double)n * log1p(-p));

    for (;;) {
        double u = next_double(r), f = start;
        uint64_t k = 0;

        while (k <= n && u >= f) {
            u -= f;
            f *= odds * (double)(n - k) * one_over(k + 1);
            k++;
            if (f <= 0)
                break;
        }
        if (k <= n && f > 0)
            return k;
        /* u fell into what rounding left of the tail: draw again. */
    }
}

/*
 * Steps from the mode that are multiplied out rather than taken by logarithms.
 * top / below is what the probability of k is to that of the mode; both are cut
 * down together before they leave the range of a double.
 */
enum { STEPS = 40 };

struct odds {
    double top, below;
};

static inline void odds_step(struct odds *o, double top, double below)
{
    o->top *= top;
    o->below *= below;
    if (UNLIKELY(o->top > 1e250 || o->below > 1e250)) {
        o->top *= 1e-200;
        o->below *= 1e-200;
    }
}

struct binomial {
    double n, p, odds, m;
};

/* ln of the probability of k over that of the mode m. */
static double binomial_log_odds(const struct binomial *b, double k)
{
    double nm = b->n - b->m + 1, nk = b->n - k + 1;

    return (b->m + 0.5) * log((b->m + 1) / (b->odds * nm)) +
           sample_stirling((uint64_t)b->m) +
           sample_stirling((uint64_t)(b->n - b->m)) +
           (b->n + 1) * log1p((k - b->m) / nk) +
           (k + 0.5) * log(nk * b->odds / (k + 1)) -
           sample_stirling((uint64_t)k) - sample_stirling((uint64_t)(b->n - k));
}

/* Whether bound <= probability of k over that of the mode. */
static bool binomial_accepts(const struct binomial *b, double k, double bound)
{
    struct odds o = {1, 1};

    if (fabs(k - b->m) > STEPS)
        return log(bound) <= binomial_log_odds(b, k);
    for (double j = b->m; j < k; j++)
        odds_step(&o, (b->n - j) * b->odds, j + 1);
    for (double j = k; j < b->m; j++)
        odds_step(&o, j + 1, (b->n - j) * b->odds);
    return bound * o.below <= o.top;
}

bool sample_binomial_accepts(double n, double p, double k, double bound)
{
    struct binomial at = {n, p, p / (1 - p), floor((n + 1) * p)};

    return binomial_accepts(&at, k, bound);
}

/* BTRS; n p >= INVERT_BELOW and p <= 1/2. */
static uint64_t binomial_reject(struct rng *r, uint64_t n, double p)
{
    double N = (double)n, sd = sqrt(N * p * (1 - p));
    double b = 1.15 + 2.53 * sd, a = -0.0873 + 0.0248 * b + 0.01 * p;
    double c = N * p + 0.5, per_b = 1 / b, quick = 0.92 - 4.2 * per_b;

    for (;;) {
        double u = next_double(r) - 0.5, v = next_double(r);
        double us = 0.5 - fabs(u);
        double at_k = (2 * a / us + b) * u + c, k;

        if (UNLIKELY(!(at_k >= 0 && at_k < N + 1)))
            continue;
        k = (double)(int64_t)at_k;
        if (LIKELY(us >= 0.07 && v <= quick))
            return (uint64_t)k;
        if (sample_binomial_accepts(
                N, p, k, v * (2.83 + 5.1 * per_b) * sd / (a / (us * us) + b)))
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
    return (double)(int64_t)((u->drawn + 1) * (u->good + 1) /
                             (u->good + u->bad + 2));
}

/* ln of the probability of k over that of m. */
static double urn_log_odds(const struct urn *u, double k, double m)
{
    return log_ratio(m, k) + log_ratio(u->good - m, u->good - k) +
           log_ratio(u->drawn - m, u->drawn - k) +
           log_ratio(u->bad - u->drawn + m, u->bad - u->drawn + k);
}

/* Whether bound <= probability of k over that of the mode m. */
static bool urn_accepts(const struct urn *u, double k, double m, double bound)
{
    double spare = u->bad - u->drawn;
    struct odds o = {1, 1};

    if (fabs(k - m) > STEPS)
        return log(bound) <= urn_log_odds(u, k, m);
    for (double j = m; j < k; j++)
        odds_step(&o, (u->good - j) * (u->drawn - j),
                  (j + 1) * (spare + j + 1));
    for (double j = k; j < m; j++)
        odds_step(&o, (j + 1) * (spare + j + 1),
                  (u->good - j) * (u->drawn - j));
    return bound * o.below <= o.top;
}

/* A few drawn one by one. */
static double urn_one_by_one(struct rng *r, const struct urn *u, double times,
                             double good)
{
    double total = u->good + u->bad, found = 0;

    for (double i = 0; i < times; i++)
        found += next_double(r) * (total - i) < good - found;
    return found;
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
        double w = 1 - next_double(r), v = next_double(r);
        double at = centre + width * (v - 0.5) / w;

        if (!(at >= 0 && at < most + 1))
            continue;
        at = (double)(int64_t)at;
        if (urn_accepts(u, at, m, w * w))
            return at;
    }
}

enum { ONE_BY_ONE = 6 };

uint64_t sample_hypergeometric(struct rng *r, uint64_t good, uint64_t bad,
                               uint64_t drawn)
{
    uint64_t total = good + bad, few = MIN(drawn, total - drawn), k;
    struct urn u = {(double)MIN(good, bad), (double)MAX(good, bad),
                    (double)few};

    REQUIRE(drawn <= total);
    if (u.good <= 0 || few == 0)
        k = 0;
    else if (u.drawn <= ONE_BY_ONE)
        k = (uint64_t)urn_one_by_one(r, &u, u.drawn, u.good);
    else if (u.good <= ONE_BY_ONE)
        k = (uint64_t)urn_one_by_one(r, &u, u.good, u.drawn);
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
