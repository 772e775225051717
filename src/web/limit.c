#include "web/limit.h"
#include "base/dict.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { BUCKETS = 1 << 16, SHARDS = 64 };

struct bucket {
    uint64_t who;
    int64_t at_ms; /* when `tokens` was true */
    double tokens;
};

struct limiter {
    double per_ms, burst;
    pthread_mutex_t lock[SHARDS];
    struct bucket bucket[BUCKETS];
};

struct limiter *limiter_new(unsigned per_minute)
{
    struct limiter *l;

    if (!per_minute)
        return NULL;
    l = calloc(1, sizeof *l);
    if (!l)
        BUG("out of memory");
    l->per_ms = per_minute / 60000.0;
    l->burst = per_minute / 4.0 + 10;
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_init(&l->lock[i], NULL);
    return l;
}

void limiter_free(struct limiter *l)
{
    if (!l)
        return;
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&l->lock[i]);
    free(l);
}

/* An IPv6 address counts by its first four groups. */
static uint64_t who_is(const char *address)
{
    size_t n = 0;
    int groups = 0;

    for (; address[n]; n++)
        if (address[n] == ':' && ++groups == 4)
            break;
    return str_hash((struct str){address, groups ? n : strlen(address)}) | 1;
}

bool limiter_take(struct limiter *l, const char *address, int64_t now_ms,
                  unsigned *wait_s)
{
    uint64_t who;
    struct bucket *b;
    bool good;
    size_t at;

    if (!l)
        return true;
    who = who_is(address);
    at = (who >> 1) % BUCKETS;
    b = &l->bucket[at];
    pthread_mutex_lock(&l->lock[at % SHARDS]);
    if (b->who != who)
        *b = (struct bucket){who, now_ms, l->burst};
    b->tokens =
        MIN(l->burst, b->tokens + (double)(now_ms - b->at_ms) * l->per_ms);
    b->at_ms = now_ms;
    good = b->tokens >= 1;
    if (good)
        b->tokens -= 1;
    else
        *wait_s = (unsigned)((1 - b->tokens) / l->per_ms / 1000) + 1;
    pthread_mutex_unlock(&l->lock[at % SHARDS]);
    return good;
}

void count(struct counters *c, enum counter which, uint64_t n)
{
    atomic_fetch_add_explicit(&c->n[which], n, memory_order_relaxed);
}

void count_time(struct counters *c, double ms)
{
    int i = 0;

    while (i < 11 && ms > (double)(1 << i))
        i++;
    atomic_fetch_add_explicit(&c->by_ms[i], 1, memory_order_relaxed);
}

/* Prometheus text format, version 0.0.4. */
void counters_write(const struct counters *c, unsigned busy, struct buf *out)
{
    static const char *const names[COUNTERS] = {
        [COUNT_REQUESTS] = "passerelle_requests_total",
        [COUNT_CACHED] = "passerelle_cached_total",
        [COUNT_2XX] = "passerelle_replies_total{status=\"2xx\"}",
        [COUNT_3XX] = "passerelle_replies_total{status=\"3xx\"}",
        [COUNT_4XX] = "passerelle_replies_total{status=\"4xx\"}",
        [COUNT_5XX] = "passerelle_replies_total{status=\"5xx\"}",
        [COUNT_SHED] = "passerelle_shed_total",
        [COUNT_LIMITED] = "passerelle_limited_total",
        [COUNT_BYTES] = "passerelle_sent_bytes_total",
    };
    uint64_t sum = 0;

    for (int i = 0; i < COUNTERS; i++)
        buf_fmt(out, "%s %" PRIu64 "\n", names[i],
                (uint64_t)atomic_load(&c->n[i]));
    for (int i = 0; i < 12; i++) {
        sum += atomic_load(&c->by_ms[i]);
        if (i < 11)
            buf_fmt(out,
                    "passerelle_request_seconds_bucket{le=\"%g\"} %" PRIu64
                    "\n",
                    (1 << i) / 1000.0, sum);
    }
    buf_fmt(out,
            "passerelle_request_seconds_bucket{le=\"+Inf\"} %" PRIu64
            "\npasserelle_request_seconds_count %" PRIu64
            "\npasserelle_busy %u\n",
            sum, sum, busy);
}
