#include "cli/timings.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void end_row(struct timings *t)
{
    struct rusage u = {0};
    double at = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    if (t->n) {
        getrusage(RUSAGE_SELF, &u);
        t->rows[t->n - 1].seconds = at - t->started;
        t->rows[t->n - 1].cpu = cpu - t->started_cpu;
        t->rows[t->n - 1].peak_kb = u.ru_maxrss;
    }
    t->started = at;
    t->started_cpu = cpu;
}

static void start_row(struct timings *t, const char *room, const char *stage)
{
    end_row(t);
    if (t->n == TIMINGS_MOST)
        return;
    t->rows[t->n].room = room;
    t->rows[t->n].stage = stage;
    t->n++;
}

static bool timed(void *ctx, const char *stage, double done)
{
    struct timings *t = ctx;
    const char *before = t->n ? t->rows[t->n - 1].stage : NULL;

    if (t->n && (!before || strcmp(before, stage) != 0))
        start_row(t, t->rows[t->n - 1].room, stage);
    return progress_at(&t->inner, stage, done);
}

struct progress timings_open(struct timings *t, bool on, struct progress inner)
{
    *t = (struct timings){.on = on, .inner = inner};
    return on ? (struct progress){timed, t} : inner;
}

void timings_room(struct timings *t, const char *room)
{
    if (t->on)
        start_row(t, room, NULL);
}

void timings_print(struct timings *t)
{
    double all = 0, cpu = 0;

    if (!t->on)
        return;
    end_row(t);
    for (size_t i = 0; i < t->n; i++) {
        all += t->rows[i].seconds;
        cpu += t->rows[i].cpu;
        fprintf(stderr, "%s\t%s\t%.6f s\t%.6f s CPU\t%.1f MB\n",
                t->rows[i].room, t->rows[i].stage ? t->rows[i].stage : "-",
                t->rows[i].seconds, t->rows[i].cpu,
                (double)t->rows[i].peak_kb / 1024);
    }
    fprintf(stderr, "all\t-\t%.6f s\t%.6f s CPU\n", all, cpu);
}
