#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { THREADS_MOST = 256 };

unsigned thread_count(unsigned asked)
{
    cpu_set_t set;

    if (asked)
        return MIN(asked, THREADS_MOST);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return (unsigned)MAX(1, MIN(CPU_COUNT(&set), THREADS_MOST));
}

struct job {
    size_t n, block;
    _Atomic size_t next;
    void *ctx;
    void (*fn)(void *ctx, size_t i, unsigned worker);
};

struct worker {
    struct job *job;
    unsigned number;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct job *j = w->job;

    for (;;) {
        size_t from = atomic_fetch_add(&j->next, j->block);

        if (from >= j->n)
            return NULL;
        for (size_t i = from; i < MIN(from + j->block, j->n); i++)
            j->fn(j->ctx, i, w->number);
    }
}

void parallel_for(size_t n, unsigned threads, void *ctx,
                  void (*fn)(void *ctx, size_t i, unsigned worker))
{
    unsigned count = (unsigned)MIN((size_t)thread_count(threads), MAX(n, 1));
    struct job job = {.n = n, .ctx = ctx, .fn = fn};
    struct worker workers[THREADS_MOST];
    pthread_t id[THREADS_MOST];
    unsigned started = 1;

    job.block = MAX(1, n / (count * 8u));
    for (unsigned i = 0; i < count; i++)
        workers[i] = (struct worker){&job, i};
    while (started < count &&
           pthread_create(&id[started], NULL, work, &workers[started]) == 0)
        started++;
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(id[i], NULL);
}
