#include "base/base.h"
#include "base/arena.h"
#include "base/str.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void bug_abort(const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "BUG: %s:%d: ", file, line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

void cleanup_file(void *p)
{
    FILE *f = *(FILE **)p;

    if (f)
        fclose(f);
}

void cleanup_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

void cleanup_mem(void *p)
{
    free(*(void **)p);
}

void cleanup_dir(void *p)
{
    DIR *d = *(DIR **)p;

    if (d)
        closedir(d);
}

void cleanup_arena(struct arena **a)
{
    arena_free(*a);
}

void cleanup_buf(struct buf *b)
{
    buf_free(b);
}
