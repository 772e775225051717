/*
 * limit.h: how many requests an address may make, and what was counted.
 *
 * A token bucket an address (an IPv6 one by its /64), in a fixed table: memory
 * does not grow with the number of addresses. Counters are lock-free.
 */
#ifndef PASSERELLE_WEB_LIMIT_H
#define PASSERELLE_WEB_LIMIT_H

#include "base/str.h"

struct limiter;
struct limiter *limiter_new(unsigned per_minute); /* 0: no limit */
void limiter_set(struct limiter *l, unsigned per_minute);
void limiter_free(struct limiter *l);
/* false: too many; *wait_s says when to come back. */
bool limiter_take(struct limiter *l, const char *address, int64_t now_ms,
                  unsigned *wait_s);

enum counter {
    COUNT_REQUESTS,
    COUNT_CACHED,
    COUNT_2XX,
    COUNT_3XX,
    COUNT_4XX,
    COUNT_5XX,
    COUNT_SHED,
    COUNT_LIMITED,
    COUNT_BYTES,
    COUNTERS
};
enum { TIMES = 16 };
struct counters {
    _Atomic uint64_t n[COUNTERS];
    _Atomic uint64_t within[TIMES + 1]; /* requests, by count_bounds_ms */
    _Atomic uint64_t sum_us;
};
void count(struct counters *c, enum counter which, uint64_t n);
void count_time(struct counters *c, double ms);
/* What is so at this moment. */
struct gauges {
    unsigned busy, connections;
    size_t kept_bytes;
};
/* Prometheus' text format, version 0.0.4. */
void counters_write(const struct counters *c, const struct gauges *g,
                    struct buf *out);

#endif
