/*
 * interval.h: intervals of shares, of their difference and of their ratio.
 *
 * Pure. Shares are in [0, 1]; a denominator is positive and a numerator lies
 * in [0, denominator], else RC_INVALID and nothing is written. 95 per cent.
 *
 * Share: score interval, Wilson (1927), doi:10.1080/01621459.1927.10502953.
 * Difference: hybrid score interval, method 10 of Newcombe (1998),
 * doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
 * Ratio: log method, Katz, Baptista, Azen and Pike (1978),
 * doi:10.2307/2530610; not defined (NaN) where a numerator is 0.
 */
#ifndef PASSERELLE_INTERVAL_H
#define PASSERELLE_INTERVAL_H

#include "base/err.h"

struct interval {
    double value, low, high;
};

enum rc interval_share(int64_t numerator, int64_t denominator,
                       struct interval *out) MUST_USE;
/* first minus second */
enum rc interval_difference(int64_t numerator, int64_t denominator,
                            int64_t numerator2, int64_t denominator2,
                            struct interval *out) MUST_USE;
/* first over second */
enum rc interval_ratio(int64_t numerator, int64_t denominator,
                       int64_t numerator2, int64_t denominator2,
                       struct interval *out) MUST_USE;

#endif
