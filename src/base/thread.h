/*
 * thread.h: the same result for any number of threads.
 *
 * parallel_for calls fn(ctx, i, worker) once for every i in [0, n), in blocks;
 * `worker` is in [0, threads) and picks scratch memory. It returns when all are
 * done. fn must not depend on order. threads = 0: as many as the machine has.
 */
#ifndef PASSERELLE_THREAD_H
#define PASSERELLE_THREAD_H

#include "base/base.h"

unsigned thread_count(unsigned asked); /* 0 -> processors available */
void parallel_for(size_t n, unsigned threads, void *ctx,
                  void (*fn)(void *ctx, size_t i, unsigned worker));

#endif
