/*
 * What R's .C can call: pointers to numbers only. Counts are units x groups by
 * row, t() of an R matrix. Every function leaves the code of the answer in *rc.
 *
 *     cc -shared -fPIC -o r_glue.so r_glue.c \
 *        $(pkg-config --cflags --libs passerelle-measure)
 */
#include <passerelle/measure_inference.h>

static struct counts counts_of(const double *n, const int *units,
                               const int *groups)
{
    return (struct counts){(size_t)*units, (size_t)*groups, n};
}

/* *group from 0, or -1 for the value of the whole city. */
void glue_measure(const char **code, const double *n, const int *units,
                  const int *groups, const int *group, double *out, int *rc)
{
    struct counts c = counts_of(n, units, groups);
    const struct measure *m = measure_find(*code);

    *rc = m ? (int)measure_compute(m, *group < 0 ? MEASURE_CITY : MEASURE_GROUP,
                                   &c, *group < 0 ? 0 : (size_t)*group, 0, NULL,
                                   out)
            : (int)RC_NOT_FOUND;
}

/* out: value, by chance, p, debiased, low, high. */
void glue_interval(const char **code, const double *n, const int *units,
                   const int *groups, const int *group, const int *draws,
                   const int *seed, const int *threads, double *out, int *rc)
{
    struct counts c = counts_of(n, units, groups);
    struct measure_options o = measure_defaults();
    struct measure_target t = {.m = measure_find(*code),
                               .scope = MEASURE_GROUP,
                               .group = (size_t)*group};
    struct measure_tested test;
    struct measure_interval interval;

    o.draws = (size_t)*draws;
    o.seed = (uint64_t)*seed;
    o.threads = (unsigned)*threads;
    *rc = RC_NOT_FOUND;
    if (!t.m)
        return;
    *rc = (int)measure_test(&t, &c, MODEL_EVENNESS, &o, &test, NULL);
    if (*rc)
        return;
    *rc = (int)measure_bootstrap(&t, &c, MODEL_PERSONS, 0.95, &o, &interval,
                                 NULL);
    out[0] = test.value;
    out[1] = test.expected;
    out[2] = test.p;
    out[3] = interval.debiased;
    out[4] = interval.low;
    out[5] = interval.high;
}

/* H of the city on biweight environments of *metres. */
void glue_spatial_h(const double *n, const int *units, const int *groups,
                    const double *x, const double *y, const double *surface,
                    const double *perimeter, const double *metres, double *out,
                    int *rc)
{
    struct counts c = counts_of(n, units, groups);
    struct areas places = {.n = c.units,
                           .x_m = x,
                           .y_m = y,
                           .area_m2 = surface,
                           .perimeter_m = perimeter};
    struct spatial_options s = spatial_defaults();
    struct spatial *space;

    s.kernel = kernel_of(SHAPE_BIWEIGHT, *metres);
    *rc = (int)spatial_new(&places, &s, &space);
    if (*rc)
        return;
    *rc = (int)measure_spatial(measure_find("information_theory"), MEASURE_CITY,
                               &c, space, 0, 0, NULL, out);
    spatial_free(space);
}
