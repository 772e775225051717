#include "base/rng.h"

#include <math.h>

/* Constants of Salmon et al. 2011, table 1 and section 3. */
static const uint64_t M0 = 0xD2E7470EE14C6C93u, M1 = 0xCA5A826395121157u;
static const uint64_t W0 = 0x9E3779B97F4A7C15u, W1 = 0xBB67AE8584CAA73Bu;

void rng_philox(const uint64_t key[2], const uint64_t counter[4],
                uint64_t out[4])
{
    uint64_t k0 = key[0], k1 = key[1];
    uint64_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];

    for (int round = 0; round < 10; round++) {
        unsigned __int128 p0 = (unsigned __int128)M0 * x0;
        unsigned __int128 p1 = (unsigned __int128)M1 * x2;

        x0 = (uint64_t)(p1 >> 64) ^ x1 ^ k0;
        x2 = (uint64_t)(p0 >> 64) ^ x3 ^ k1;
        x1 = (uint64_t)p1;
        x3 = (uint64_t)p0;
        k0 += W0;
        k1 += W1;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

void rng_init(struct rng *r, uint64_t seed, uint64_t stream)
{
    *r = (struct rng){.key = {seed, stream}};
}

uint64_t rng_u64(struct rng *r)
{
    if (!r->left) {
        rng_philox(r->key, r->counter, r->out);
        for (int i = 0; i < 4 && ++r->counter[i] == 0; i++)
            ;
        r->left = 4;
    }
    return r->out[4 - r->left--];
}

double rng_double(struct rng *r)
{
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

/*
 * Two blocks side by side: the ten rounds of a block wait for each other, those
 * of two blocks do not.
 */
static void philox_two(const struct rng *r, uint64_t out[8])
{
    uint64_t k0 = r->key[0], k1 = r->key[1];
    uint64_t a0 = r->counter[0], a1 = r->counter[1];
    uint64_t a2 = r->counter[2], a3 = r->counter[3];
    uint64_t b0 = a0 + 1, b1 = a1, b2 = a2, b3 = a3;

    for (int round = 0; round < 10; round++) {
        unsigned __int128 p = (unsigned __int128)M0 * a0;
        unsigned __int128 q = (unsigned __int128)M1 * a2;
        unsigned __int128 s = (unsigned __int128)M0 * b0;
        unsigned __int128 t = (unsigned __int128)M1 * b2;

        a0 = (uint64_t)(q >> 64) ^ a1 ^ k0;
        a2 = (uint64_t)(p >> 64) ^ a3 ^ k1;
        a1 = (uint64_t)q;
        a3 = (uint64_t)p;
        b0 = (uint64_t)(t >> 64) ^ b1 ^ k0;
        b2 = (uint64_t)(s >> 64) ^ b3 ^ k1;
        b1 = (uint64_t)t;
        b3 = (uint64_t)s;
        k0 += W0;
        k1 += W1;
    }
    out[0] = a0, out[1] = a1, out[2] = a2, out[3] = a3;
    out[4] = b0, out[5] = b1, out[6] = b2, out[7] = b3;
}

void rng_doubles(struct rng *r, double *out, size_t n)
{
    size_t k = 0;

    for (; k < n && r->left; k++)
        out[k] = rng_double(r);
    /* Near its end the counter's first word carries into the second. */
    for (; k + 8 <= n && r->counter[0] < UINT64_MAX - 1; k += 8) {
        uint64_t v[8];

        philox_two(r, v);
        r->counter[0] += 2;
        for (unsigned i = 0; i < 8; i++)
            out[k + i] = (double)(v[i] >> 11) * 0x1p-53;
    }
    for (; k < n; k++)
        out[k] = rng_double(r);
}

/* Lemire 2019, "Fast random integer generation in an interval",
 * doi:10.1145/3230636. */
uint64_t rng_below(struct rng *r, uint64_t n)
{
    unsigned __int128 m;
    uint64_t low;

    REQUIRE(n > 0);
    m = (unsigned __int128)rng_u64(r) * n;
    low = (uint64_t)m;
    if (low < n) {
        uint64_t floor = -n % n;

        while (low < floor) {
            m = (unsigned __int128)rng_u64(r) * n;
            low = (uint64_t)m;
        }
    }
    return (uint64_t)(m >> 64);
}

/* Box and Muller 1958; one value a call, so that a stream's position does not
 * depend on who asked before. */
double rng_normal(struct rng *r)
{
    double u = 1.0 - rng_double(r), v = rng_double(r);

    return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}
