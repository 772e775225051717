/*
 * areas_file.h: boundary files that a test writes for itself, and the reports
 * that reading them gives.
 */
#ifndef PASSERELLE_TESTS_AREAS_FILE_H
#define PASSERELLE_TESTS_AREAS_FILE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "space/geography.h"

struct findings {
    struct arena *a;
    size_t n;
    struct geography_report items[64];
};

static void collect(void *ctx, const struct geography_report *r)
{
    struct findings *f = ctx;
    struct geography_report *to;

    if (f->n == ARRAY_LEN(f->items))
        return;
    to = &f->items[f->n++];
    *to = *r;
    to->text = r->text ? arena_strdup(f->a, r->text) : NULL;
    to->more = r->more ? arena_strdup(f->a, r->more) : NULL;
}

/* Reads with defaults: id "id", name "name", centre unknown. */
static enum rc read_file(struct arena *a, const char *path, const char *id,
                         struct geography *g, struct findings *f)
{
    struct geography_source s = {.path = path,
                                 .id = id,
                                 .longitude = NAN,
                                 .latitude = NAN,
                                 .report = collect,
                                 .ctx = f};

    *f = (struct findings){.a = a};
    return geography_read(&s, NULL, a, g, NULL);
}

#endif
