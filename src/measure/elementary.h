/*
 * elementary.h: exponential and logarithm that a loop over many numbers can
 * hold in its lanes; the same to the last bit on every processor. Internal.
 */
#ifndef PASSERELLE_MEASURE_ELEMENTARY_H
#define PASSERELLE_MEASURE_ELEMENTARY_H

#include "base/base.h"

#define INLINE static inline __attribute__((always_inline))

/*
 * exp(v) for v <= 0: Cody and Waite's reduction by ln 2, then the series to
 * degree 13 on |r| < 0.347 (its remainder is under half a unit in the last
 * place). 2^-1021 stands for anything smaller.
 */
INLINE double exp_negative(double v)
{
    const double shift = 0x1.8p52;
    double t, k, r, p;
    uint64_t bits, power;

    v = v < -707.0 ? -707.0 : v;
    t = v * 1.4426950408889634074 + shift;
    k = t - shift;
    r = v - k * 0x1.62e42feep-1;
    r = r - k * 0x1.a39ef35793c76p-33;
    p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    __builtin_memcpy(&power, &t, sizeof power);
    __builtin_memcpy(&bits, &p, sizeof bits);
    bits += power << 52;
    __builtin_memcpy(&p, &bits, sizeof p);
    return p;
}

/*
 * ln v: v = 2^k m with m in [0.71, 1.42], ln m = 2 atanh((m - 1) / (m + 1)) by
 * its series to s^21 (s < 0.172: the remainder is under 1e-17).
 */
INLINE double log_positive(double v)
{
    const uint64_t half_root = 0x3fe6a09e667f3bcd; /* 1 / sqrt(2) */
    uint64_t bits, top, bias;
    double m, k, s, z, p;

    __builtin_memcpy(&bits, &v, sizeof bits);
    top = (bits - half_root + ((uint64_t)1023 << 52)) >> 52;
    bits -= (top - 1023) << 52;
    __builtin_memcpy(&m, &bits, sizeof m);
    bias = top + 0x4330000000000000;
    __builtin_memcpy(&k, &bias, sizeof k);
    k -= 0x1p52 + 1023;
    s = (m - 1) / (m + 1);
    z = s * s;
    p = 1.0 / 21;
    p = p * z + 1.0 / 19;
    p = p * z + 1.0 / 17;
    p = p * z + 1.0 / 15;
    p = p * z + 1.0 / 13;
    p = p * z + 1.0 / 11;
    p = p * z + 1.0 / 9;
    p = p * z + 1.0 / 7;
    p = p * z + 1.0 / 5;
    p = p * z + 1.0 / 3;
    return k * 0x1.62e42feep-1 +
           (2 * s + (2 * s * z * p + k * 0x1.a39ef35793c76p-33));
}

#endif
