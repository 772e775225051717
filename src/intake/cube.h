/*
 * cube.h: the population cube: area x origin x sex x age x period -> count.
 *
 * Sparse and dictionary-coded. Counts add up (int64). Two things that are not
 * zero are kept apart: a cell *withheld* by the publisher (it stands for an
 * unknown number of persons) and a cell whose value is *missing*. A dimension
 * that the table does not have holds the single text "".
 *
 * Raw counts: only intake, measure and protect may include this header
 * (tools/layers checks it); everything later sees a struct release.
 */
#ifndef PASSERELLE_CUBE_H
#define PASSERELLE_CUBE_H

#include "base/arena.h"
#include "base/dict.h"
#include "base/err.h"

enum dim { DIM_AREA, DIM_ORIGIN, DIM_SEX, DIM_AGE, DIM_PERIOD, DIM_COUNT };
#define DIM_BIT(d) (1u << (d))

struct age_band {
    int low, high; /* years, inclusive; high = INT_MAX for "80+"; low = -1: no
                      age */
};

struct cube; /* opaque: src/intake/cube.c */

struct cube *cube_new(struct arena *a); /* its tables are its own, see free */
void cube_free(struct cube *c);

uint32_t cube_code(struct cube *c, enum dim d, struct str text);
const struct dict *cube_dict(const struct cube *c, enum dim d);
/* Adds one row's count. RC_LIMIT when a total would pass 2^62 or a dimension
 * is too large. */
enum rc cube_add(struct cube *c, const uint32_t code[DIM_COUNT],
                 int64_t count) MUST_USE;
enum rc cube_add_withheld(struct cube *c,
                          const uint32_t code[DIM_COUNT]) MUST_USE;
enum rc cube_add_missing(struct cube *c,
                         const uint32_t code[DIM_COUNT]) MUST_USE;

/*
 * Many rows at once. Row i has the code map[d][code[d][i]] in dimension d, or
 * constant[d] where code[d] is NULL. A count may be CUBE_WITHHELD or
 * CUBE_MISSING. On failure (as cube_add) no row is added.
 */
enum { CUBE_WITHHELD = -1, CUBE_MISSING = -2 };
struct cube_rows {
    size_t n;
    const uint32_t *code[DIM_COUNT], *map[DIM_COUNT];
    uint32_t constant[DIM_COUNT];
    const int64_t *count;
};
enum rc cube_add_rows(struct cube *c, const struct cube_rows *rows) MUST_USE;
/* About how many rows will come: lets the cube choose its shape at once. */
void cube_expect(struct cube *c, uint64_t rows);

size_t cube_cells(const struct cube *c); /* cells with a count */
size_t cube_bytes(const struct cube *c); /* memory of its tables */

struct cube_cell {
    uint32_t code[DIM_COUNT];
    int64_t count;
    uint32_t withheld, missing; /* rows of that kind in this cell */
};
/* Order: by code, area first. Stops early when fn returns false. */
void cube_each(const struct cube *c,
               bool (*fn)(void *ctx, const struct cube_cell *cell), void *ctx);

/*
 * Sums over the dimensions not in `keep` (DIM_BIT), for one period
 * (DICT_NONE: all). Dense, row-major in the order of enum dim over the kept
 * dimensions; sizes in `extent` (1 where not kept). Arrays in the arena.
 */
struct margin {
    size_t extent[DIM_COUNT], n;
    int64_t *count;
    uint32_t *withheld; /* rows withheld by the publisher inside each sum */
    uint32_t *missing;
};
enum rc cube_margin(const struct cube *c, unsigned keep, uint32_t period,
                    struct arena *a, struct margin *out) MUST_USE;

/* "20-24" -> {20,24}, "80+" -> {80,INT_MAX}, "7" -> {7,7}, "" -> {-1,-1}. */
bool age_band_parse(struct str text, struct age_band *out);

#endif
