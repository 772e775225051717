#include "measure/frame.h"

#include <stdlib.h>
#include <string.h>

static const struct measure table[] = {
#define MEASURE(code, scopes, needs, dimension, name, reference, low, high, \
                function)                                                   \
    {#code, scopes, needs, dimension, name, reference, low, high},
#include "measure/measure.def"
#undef MEASURE
};

static measure_fn *const functions[] = {
#define MEASURE(code, scopes, needs, dimension, name, reference, low, high, \
                function)                                                   \
    measure_##function,
#include "measure/measure.def"
#undef MEASURE
};

const struct measure *measure_catalogue(size_t *n)
{
    *n = ARRAY_LEN(table);
    return table;
}

const struct measure *measure_find(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(table[i].code, code) == 0)
            return &table[i];
    return NULL;
}

struct measure_options measure_defaults(void)
{
    return (struct measure_options){
        .atkinson_b = 0.5,
        .thresholds = 1000,
        .draws = 500,
        .seed = 1,
        .threads = 1,
    };
}

/* A bound passed by no more than rounding is the bound. */
static double snap(const struct measure *m, double v)
{
    const double rounding = 1e-9;

    if (v < m->low && v > m->low - rounding)
        return m->low;
    if (v > m->high && v < m->high + rounding)
        return m->high;
    return v;
}

static bool one_value(enum measure_scope scope)
{
    return scope & (MEASURE_CITY | MEASURE_GROUP | MEASURE_PAIR);
}

enum rc frame_ask(const struct measure *m, const struct frame *f,
                  const struct ask *a)
{
    if (!(m->scopes & a->scope) || ((m->needs & NEEDS_AREAS) && !a->space) ||
        ((m->needs & NEEDS_TWO) && !a->o->other))
        return RC_USAGE;
    if ((a->scope & (MEASURE_GROUP | MEASURE_PAIR | MEASURE_GROUP_AREA)) &&
        a->group >= f->groups)
        return RC_USAGE;
    if (a->scope == MEASURE_PAIR &&
        (a->against >= f->groups || a->against == a->group))
        return RC_USAGE;
    return RC_OK;
}

enum rc frame_compute(const struct measure *m, const struct frame *f,
                      const struct ask *a, double *out)
{
    measure_fn *fn = functions[m - table];
    enum rc rc = frame_ask(m, f, a);
    double v = 0;

    if (rc)
        return rc;
    if (!one_value(a->scope))
        return fn(f, a, out);
    rc = fn(f, a, &v);
    if (rc)
        return rc;
    if (!isfinite(v))
        return RC_UNDEFINED;
    *out = snap(m, v);
    return RC_OK;
}

enum rc measure_compute(const struct measure *m, enum measure_scope scope,
                        const struct counts *c, size_t group, size_t against,
                        const struct measure_options *o, double *out)
{
    struct measure_options defaults = measure_defaults();
    struct ask a = {.scope = scope,
                    .group = group,
                    .against = against,
                    .o = o ? o : &defaults};
    AUTO(frame) struct frame f = {0};
    enum rc rc = frame_init(&f, c);

    return rc ? rc : frame_compute(m, &f, &a, out);
}
