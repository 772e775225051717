/*
 * intake_read.c: reads the table of intake_table into the cube and says how
 * long it took.
 *
 *     intake_read TABLE THREADS
 *
 * Prints cells, total, seconds, the cube's bytes and the peak memory in bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "intake/table_population.h"

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    const struct population_spec spec = {
        .file = "table.csv",
        .column = {"area", "origin", "sex", "age", NULL},
        .count = "count",
    };
    struct arena *a = arena_new(0);
    struct cube *cube = cube_new(a);
    struct population_result out;
    struct faults faults;
    struct rusage usage;
    struct margin total;
    double start = now_s();
    enum rc rc;

    if (argc != 3) {
        fprintf(stderr, "usage: intake_read TABLE THREADS\n");
        return 2;
    }
    faults_init(&faults, a);
    rc = population_read_csv(argv[1], NULL, &spec,
                             (unsigned)strtoul(argv[2], NULL, 10), NULL, cube,
                             a, &faults, &out, NULL);
    start = now_s() - start;
    if (rc || faults.n || cube_margin(cube, 0, DICT_NONE, a, &total)) {
        fprintf(stderr, "intake_read: %s, %zu faults\n", rc_name(rc), faults.n);
        return 1;
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("%zu %" PRId64 " %.3f %zu %ld\n", cube_cells(cube), total.count[0],
           start, cube_bytes(cube), usage.ru_maxrss * 1024);
    cube_free(cube);
    arena_free(a);
    return 0;
}
