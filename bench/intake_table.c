/*
 * intake_table.c: writes the table that bench/intake.py reads.
 *
 *     intake_table sorted|shuffled ROWS > table.csv
 *
 * 2,000 areas x 200 origins x 2 sexes x 18 age groups = 14.4 million cells;
 * 20 million rows hold every cell at least once and 5.6 million of them twice.
 * The same arguments give the same bytes. `sorted`: by area, origin, sex, age,
 * as a statistical office exports; `shuffled`: in no order at all, so that
 * each row goes to another place in memory.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AREAS = 2000, ORIGINS = 200, SEXES = 2, AGES = 18 };
#define CELLS ((uint64_t)AREAS * ORIGINS * SEXES * AGES)

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* A permutation of 0..n-1: a Feistel network, walked until inside. */
static uint64_t permuted(uint64_t i, uint64_t n)
{
    unsigned half = 1;

    while ((uint64_t)1 << 2 * half < n)
        half++;
    do {
        uint64_t mask = ((uint64_t)1 << half) - 1;
        uint64_t left = i >> half, right = i & mask;

        for (uint64_t round = 1; round <= 4; round++) {
            uint64_t next = left ^ (mix(right + (round << 32)) & mask);

            left = right;
            right = next;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}

static void write_row(uint64_t i, uint64_t rows)
{
    uint64_t cell = i * CELLS / rows;
    unsigned age = (unsigned)(cell % AGES);
    unsigned sex = (unsigned)(cell / AGES % SEXES);
    unsigned origin = (unsigned)(cell / AGES / SEXES % ORIGINS);
    unsigned area = (unsigned)(cell / AGES / SEXES / ORIGINS);
    unsigned count = (unsigned)(mix(i) % 200);
    char ages[16];

    if (age + 1 < AGES)
        snprintf(ages, sizeof ages, "%u-%u", age * 5, age * 5 + 4);
    else
        snprintf(ages, sizeof ages, "%u+", age * 5);
    printf("%04u,%c%c%c,%s,%s,%u\n", area + 1, 'A' + (int)(origin / 26),
           'A' + (int)(origin % 26), 'A' + (int)(origin * 7 % 26),
           sex ? "female" : "male", ages, count);
}

int main(int argc, char **argv)
{
    uint64_t rows = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    int shuffled = argc == 3 && strcmp(argv[1], "shuffled") == 0;

    if (!rows || (!shuffled && strcmp(argv[1], "sorted") != 0)) {
        fprintf(stderr, "usage: intake_table sorted|shuffled ROWS\n");
        return 2;
    }
    printf("area,origin,sex,age,count\n");
    for (uint64_t i = 0; i < rows; i++)
        write_row(shuffled ? permuted(i, rows) : i, rows);
    return ferror(stdout) || fclose(stdout) ? 1 : 0;
}
