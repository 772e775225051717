/*
 * Six blocks along a street, two groups: how unevenly do they live, how much of
 * it would chance alone give, and what is left when neighbours count as near?
 *
 *     cc example.c $(pkg-config --cflags --libs passerelle-measure)
 */
#include <passerelle/measure_inference.h>
#include <stdio.h>
#include <stdlib.h>

static const double persons[6 * 2] = {
    /* born here, born abroad */
    210, 10, 180, 35, 150, 60, 120, 95, 140, 70, 205, 20};
static const double x[6] = {0, 200, 400, 600, 800, 1000};
static const double y[6] = {0, 0, 0, 0, 0, 0};
static const double surface[6] = {4e4, 4e4, 4e4, 4e4, 4e4, 4e4};
static const double perimeter[6] = {800, 800, 800, 800, 800, 800};

static void must(enum rc rc)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "example: code %d\n", rc);
    exit(1);
}

/* The index, what chance gives, and the interval. */
static void with_interval(const struct counts *c, struct measure_options o)
{
    struct measure_target t = {
        .m = measure_find("dissimilarity"), .scope = MEASURE_GROUP, .group = 1};
    struct measure_tested test;
    struct measure_interval interval;

    must(measure_test(&t, c, MODEL_EVENNESS, &o, &test, NULL));
    must(measure_bootstrap(&t, c, MODEL_PERSONS, 0.95, &o, &interval, NULL));
    printf("dissimilarity %.4f, by chance %.4f, p %.4f\n", test.value,
           test.expected, test.p);
    printf("debiased %.4f, between %.4f and %.4f\n", interval.debiased,
           interval.low, interval.high);
}

static void on_environments(const struct counts *c, struct measure_options o)
{
    struct areas places = {.n = c->units,
                           .x_m = x,
                           .y_m = y,
                           .area_m2 = surface,
                           .perimeter_m = perimeter};
    struct spatial_options s = spatial_defaults();
    struct spatial *space;
    double h;

    s.kernel = kernel_of(SHAPE_BIWEIGHT, 500);
    must(spatial_new(&places, &s, &space));
    must(measure_spatial(measure_find("information_theory"), MEASURE_CITY, c,
                         space, 0, 0, &o, &h));
    printf("information theory within 500 m %.4f\n", h);
    spatial_free(space);
}

int main(void)
{
    struct counts c = {.units = 6, .groups = 2, .n = persons};
    struct measure_options o = measure_defaults();
    double h;

    o.draws = 500;
    o.seed = 7;
    o.threads = 2;
    with_interval(&c, o);
    must(measure_compute(measure_find("information_theory"), MEASURE_CITY, &c,
                         0, 0, &o, &h));
    printf("information theory %.4f\n", h);
    on_environments(&c, o);
    return 0;
}
