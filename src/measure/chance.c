#include "measure/chance.h"

#include <math.h>

/* ln n! - ln(sqrt(2 pi n) (n / e)^n), n > 0. */
static double stirling_error(double n)
{
    static const double small[] = {
        0,
        0.08106146679532726107,
        0.041340695955409297035,
        0.027677925684998338357,
        0.020790672103765093365,
        0.016644691189821193139,
        0.013876128823070748436,
        0.011896709945891769528,
        0.010411265261972096202,
        0.0092554621827127328548,
        0.0083305634333628707927,
        0.0075736754879518405903,
        0.0069428401072095299179,
        0.0064089941880042071432,
        0.0059513701127588474957,
        0.0055547335519628010525,
    };
    double z = 1 / n, zz = z * z;

    if (n < (double)ARRAY_LEN(small))
        return small[(size_t)n];
    return z * (1 / 12.0 -
                zz * (1 / 360.0 -
                      zz * (1 / 1260.0 - zz * (1 / 1680.0 - zz / 1188))));
}

/* x ln(x / m) + m - x, also where x is near m. */
static double deviance(double x, double m)
{
    double v = (x - m) / (x + m), s, term = 2 * x * v, vv = v * v;

    if (fabs(v) >= 0.1)
        return x * log(x / m) + m - x;
    s = (x - m) * v;
    for (double k = 3; k < 60; k += 2) {
        double next;

        term *= vv;
        next = s + term / k;
        if (next == s)
            break;
        s = next;
    }
    return s;
}

double chance_binomial(double n, double k, double p)
{
    double q = 1 - p, c;

    if (k < 0 || k > n)
        return 0;
    if (k == 0)
        return exp(n * log1p(-p));
    if (k == n)
        return exp(n * log(p));
    c = stirling_error(n) - stirling_error(k) - stirling_error(n - k) -
        deviance(k, n * p) - deviance(n - k, n * q);
    return exp(c) * sqrt(n / (2 * M_PI * k * (n - k)));
}

double chance_poisson_log(double mean, double k)
{
    if (k == 0)
        return -mean;
    return -stirling_error(k) - deviance(k, mean) - log(2 * M_PI * k) / 2;
}

double chance_binomial_deviation(double t, double P)
{
    double k = floor(t * P);

    return k >= t ? 0 : 2 * (k + 1) * (1 - P) * chance_binomial(t, k + 1, P);
}

double chance_hypergeometric_deviation(double X, double Y, double t)
{
    double T = X + Y, p = t / T, k = floor(t * (X / T)) + 1, h;

    if (p >= 1 || t <= 0 || k > fmin(X, t) || Y - t + k <= 0)
        return 0;
    h = chance_binomial(X, k, p) * chance_binomial(Y, t - k, p) /
        chance_binomial(T, t, p);
    return 2 * k * ((Y - t + k) / T) * h;
}

/* Nine standard deviations, and twenty where they are few persons. */
struct window chance_window(double n, double P)
{
    double mean = n * P, far = 9 * sqrt(mean * (1 - P)) + 20;
    double from = fmax(0, floor(mean - far)), to = fmin(n, ceil(mean + far));

    if (P <= 0 || P >= 1) /* no other outcome */
        return (struct window){P <= 0 ? 0 : n, 1};
    return (struct window){from, (size_t)(to - from) + 1};
}

void chance_window_fill(double n, double P, struct window w, double *p)
{
    double odds = P < 1 ? P / (1 - P) : 0, sum = 0, v = 1;
    size_t mode = (size_t)fmax(0, floor((n + 1) * P) - w.from);

    mode = MIN(mode, w.n - 1);
    p[mode] = 1;
    if (w.n == 1)
        return;
    for (size_t k = mode; k + 1 < w.n; k++) {
        double at = w.from + (double)k;

        v *= (n - at) / (at + 1) * odds;
        p[k + 1] = v;
    }
    v = 1;
    for (size_t k = mode; k > 0; k--) {
        double at = w.from + (double)k;

        v *= at / ((n - at + 1) * odds);
        p[k - 1] = v;
    }
    for (size_t k = 0; k < w.n; k++)
        sum += p[k];
    sum = 1 / sum;
    for (size_t k = 0; k < w.n; k++)
        p[k] *= sum;
}
