/*
 * alloc_fail.h: forced into the sources under test (-include), so that each of
 * their own allocations can be made to fail. The libraries keep theirs.
 */
#ifndef PASSERELLE_TESTS_ALLOC_FAIL_H
#define PASSERELLE_TESTS_ALLOC_FAIL_H

#include <stdlib.h>
#include <sys/mman.h>

void alloc_fail_after(long n); /* -1: never */

void *fail_malloc(size_t n);
void *fail_calloc(size_t n, size_t size);
void *fail_realloc(void *p, size_t n);
void *fail_mmap(void *at, size_t n, int prot, int flags, int fd, off_t from);

#ifndef ALLOC_FAIL_ITSELF
#define malloc(n) fail_malloc(n)
#define calloc(n, size) fail_calloc(n, size)
#define realloc(p, n) fail_realloc(p, n)
#define mmap(at, n, prot, flags, fd, from) \
    fail_mmap(at, n, prot, flags, fd, from)
#endif

#endif
