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
