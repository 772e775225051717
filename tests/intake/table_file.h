/*
 * table_file.h: tables that a test writes for itself and reads back.
 *
 * A fixture has an arena, a list of faults and a directory of its own, all gone
 * after the test. `put` writes bytes to a file there and gives its path.
 */
#ifndef PASSERELLE_TESTS_TABLE_FILE_H
#define PASSERELLE_TESTS_TABLE_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "intake/fault.h"

struct fixture {
    struct arena *a;
    struct faults faults;
    char dir[64];
    char path[96];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    if (!f)
        return -1;
    f->a = arena_new(0);
    faults_init(&f->faults, f->a);
    snprintf(f->dir, sizeof f->dir, "/tmp/passerelle-test-XXXXXX");
    *state = f;
    return mkdtemp(f->dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    enum rc rc = dir_remove(f->dir, NULL);

    arena_free(f->a);
    free(f);
    return rc == RC_OK ? 0 : -1;
}

static inline const char *put(struct fixture *f, const char *bytes, size_t n)
{
    FILE *to;

    snprintf(f->path, sizeof f->path, "%s/table", f->dir);
    to = fopen(f->path, "wbe");
    assert_non_null(to);
    assert_int_equal(fwrite(bytes, 1, n, to), n);
    assert_int_equal(fclose(to), 0);
    return f->path;
}

/* "kind line:column|..." of the faults, sorted, for comparing. */
static inline void faults_text(struct fixture *f, struct buf *out)
{
    buf_clear(out);
    faults_sort(&f->faults);
    for (size_t i = 0; i < f->faults.n; i++) {
        const struct fault *it = &f->faults.items[i];

        buf_fmt(out, "%s%s %llu:%llu", i ? "|" : "", fault_code(it->kind),
                (unsigned long long)it->place.line,
                (unsigned long long)it->place.column);
    }
}

#endif
