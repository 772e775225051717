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
    _Atomic unsigned per_minute;
    pthread_mutex_t lock[SHARDS];
    struct bucket bucket[BUCKETS];
};

struct limiter *limiter_new(unsigned per_minute)
{
    struct limiter *l = calloc(1, sizeof *l);

    if (!l)
        BUG("out of memory");
    limiter_set(l, per_minute);
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_init(&l->lock[i], NULL);
    return l;
}

void limiter_set(struct limiter *l, unsigned per_minute)
{
    l->per_minute = per_minute;
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
    unsigned per_minute = l->per_minute;
    double per_ms = per_minute / 60000.0, burst = per_minute / 4.0 + 10;
    uint64_t who = who_is(address);
    struct bucket *b;
    bool good;
    size_t at;

    if (!per_minute)
        return true;
    at = (who >> 1) % BUCKETS;
    b = &l->bucket[at];
    pthread_mutex_lock(&l->lock[at % SHARDS]);
    if (b->who != who)
        *b = (struct bucket){who, now_ms, burst};
    b->tokens = MIN(burst, b->tokens + (double)(now_ms - b->at_ms) * per_ms);
    b->at_ms = now_ms;
    good = b->tokens >= 1;
    if (good)
        b->tokens -= 1;
    else
        *wait_s = (unsigned)((1 - b->tokens) / per_ms / 1000) + 1;
    pthread_mutex_unlock(&l->lock[at % SHARDS]);
    return good;
}

void count(struct counters *c, enum counter which, uint64_t n)
{
    atomic_fetch_add_explicit(&c->n[which], n, memory_order_relaxed);
}

static const double bounds_ms[TIMES] = {0.05, 0.1,  0.25, 0.5, 1,   2.5,
                                        5,    10,   25,   50,  100, 250,
                                        500,  1000, 2500, 5000};

void count_time(struct counters *c, double ms)
{
    int i = 0;

    while (i < TIMES && ms > bounds_ms[i])
        i++;
    atomic_fetch_add_explicit(&c->within[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->sum_us, (uint64_t)(ms * 1000),
                              memory_order_relaxed);
}

static void write_times(const struct counters *c, struct buf *out)
{
    uint64_t sum = 0;

    buf_adds(out,
             "# HELP passerelle_request_seconds From the whole request to its "
             "reply.\n# TYPE passerelle_request_seconds histogram\n");
    for (int i = 0; i < TIMES; i++) {
        sum += atomic_load(&c->within[i]);
        buf_fmt(out,
                "passerelle_request_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                bounds_ms[i] / 1000, sum);
    }
    sum += atomic_load(&c->within[TIMES]);
    buf_fmt(out,
            "passerelle_request_seconds_bucket{le=\"+Inf\"} %" PRIu64
            "\npasserelle_request_seconds_sum %.6f"
            "\npasserelle_request_seconds_count %" PRIu64 "\n",
            sum, (double)atomic_load(&c->sum_us) / 1e6, sum);
}

static void write_gauge(struct buf *out, const char *name, const char *about,
                        uint64_t value)
{
    buf_fmt(out, "# HELP %s %s\n# TYPE %s gauge\n%s %" PRIu64 "\n", name, about,
            name, name, value);
}

void counters_write(const struct counters *c, const struct gauges *g,
                    struct buf *out)
{
    static const struct {
        const char *name, *label, *about; /* NULL: as the row before */
    } rows[COUNTERS] = {
        [COUNT_REQUESTS] = {"passerelle_requests_total", "",
                            "Requests that came in."},
        [COUNT_CACHED] = {"passerelle_cached_total", "",
                          "Replies that were kept from before."},
        [COUNT_2XX] = {"passerelle_replies_total", "{status=\"2xx\"}",
                       "Replies by the first digit of their status."},
        [COUNT_3XX] = {"passerelle_replies_total", "{status=\"3xx\"}", NULL},
        [COUNT_4XX] = {"passerelle_replies_total", "{status=\"4xx\"}", NULL},
        [COUNT_5XX] = {"passerelle_replies_total", "{status=\"5xx\"}", NULL},
        [COUNT_SHED] = {"passerelle_shed_total", "",
                        "Refused because too much was at work."},
        [COUNT_LIMITED] = {"passerelle_limited_total", "",
                           "Refused because one address or account asked too "
                           "often."},
        [COUNT_BYTES] = {"passerelle_sent_bytes_total", "", "Bytes of bodies."},
    };

    for (int i = 0; i < COUNTERS; i++) {
        if (rows[i].about)
            buf_fmt(out, "# HELP %s %s\n# TYPE %s counter\n", rows[i].name,
                    rows[i].about, rows[i].name);
        buf_fmt(out, "%s%s %" PRIu64 "\n", rows[i].name, rows[i].label,
                (uint64_t)atomic_load(&c->n[i]));
    }
    write_times(c, out);
    write_gauge(out, "passerelle_busy", "Requests that are being worked out.",
                g->busy);
    write_gauge(out, "passerelle_connections", "Open connections.",
                g->connections);
    write_gauge(out, "passerelle_kept_bytes", "Bytes of kept pages.",
                g->kept_bytes);
}
