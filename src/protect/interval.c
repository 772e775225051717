#include "protect/interval.h"

#include <math.h>

#define Z95 1.959963984540054 /* 0.975 quantile of the normal distribution */

static bool share_valid(int64_t x, int64_t n)
{
    return n > 0 && x >= 0 && x <= n;
}

enum rc interval_share(int64_t numerator, int64_t denominator,
                       struct interval *out)
{
    if (!share_valid(numerator, denominator))
        return RC_INVALID;

    double n = (double)denominator, p = (double)numerator / n;
    double z2 = Z95 * Z95, middle = p + z2 / (2 * n);
    double half = Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    double scale = 1 + z2 / n;

    out->value = p;
    out->low = numerator == 0 ? 0 : (middle - half) / scale;
    out->high = numerator == denominator ? 1 : (middle + half) / scale;
    return RC_OK;
}

enum rc interval_difference(int64_t numerator, int64_t denominator,
                            int64_t numerator2, int64_t denominator2,
                            struct interval *out)
{
    struct interval a, b;

    if (interval_share(numerator, denominator, &a) != RC_OK ||
        interval_share(numerator2, denominator2, &b) != RC_OK)
        return RC_INVALID;

    double down = hypot(a.value - a.low, b.high - b.value);
    double up = hypot(a.high - a.value, b.value - b.low);

    out->value = a.value - b.value;
    out->low = fmax(-1, out->value - down);
    out->high = fmin(1, out->value + up);
    return RC_OK;
}

enum rc interval_ratio(int64_t numerator, int64_t denominator,
                       int64_t numerator2, int64_t denominator2,
                       struct interval *out)
{
    if (!share_valid(numerator, denominator) ||
        !share_valid(numerator2, denominator2))
        return RC_INVALID;
    *out = (struct interval){NAN, NAN, NAN};
    if (numerator2 == 0)
        return RC_OK;

    double x = (double)numerator, n = (double)denominator;
    double x2 = (double)numerator2, n2 = (double)denominator2;

    out->value = (x / n) / (x2 / n2);
    if (numerator == 0)
        return RC_OK;

    double se = sqrt(fmax(0, 1 / x - 1 / n + 1 / x2 - 1 / n2));

    out->low = out->value * exp(-Z95 * se);
    out->high = out->value * exp(Z95 * se);
    return RC_OK;
}
