/*
 * population_decode.h: rows of a population table to rows of the cube.
 *
 * A `plan` is what the descriptor says, bound to the columns of one table; it
 * does not change while reading. A `decoder` turns rows into codes of its own
 * and collects what is wrong, without touching anything shared: one a thread.
 * A `tally` takes what decoders made, in the order of the file, into the cube.
 */
#ifndef PASSERELLE_INTAKE_POPULATION_DECODE_H
#define PASSERELLE_INTAKE_POPULATION_DECODE_H

#include "intake/csv_rows.h"
#include "intake/table_population.h"
#include "intake/text_codes.h"

enum {
    TEXTS_MOST = 1 << 20,      /* different texts of one column */
    TEXT_BYTES_MOST = 64 << 20 /* of all of them */
};

struct plan {
    const struct population_spec *spec;
    const struct str *header;
    size_t n_columns;
    /* The columns that are read; a field below is an index into this list:
     * first the filters, then the dimensions, then the counts. */
    size_t *need;
    size_t n_need, n_where, n_counts;
    size_t dim[DIM_COUNT]; /* SIZE_MAX: none */
    size_t first_count;
    uint32_t *origin; /* cube code of each wide column */
    uint32_t constant[DIM_COUNT];
    struct dict from[DIM_COUNT]; /* codes, as in the spec */
    bool digits_special; /* a text of digits means missing or withheld */
};

/* RC_INVALID with faults when a column is not there. */
enum rc plan_make(struct plan *p, const struct population_spec *spec,
                  const struct str *header, size_t n_columns, struct cube *cube,
                  struct arena *a, struct faults *faults,
                  struct err *err) MUST_USE;

struct dim_codes {
    struct text_codes texts;
    uint32_t *global; /* by text: code in the cube, set by the tally */
    struct str *text; /* by text: our text; arena */
    uint64_t *line;   /* by text: where it was first seen in its block */
    uint64_t *rows;   /* by text: rows of this block (periods only) */
    size_t n_told, cap;
};

struct decoder {
    const struct plan *plan;
    struct arena *arena;      /* of the texts; owned */
    struct text_codes *where; /* a filter each */
    bool **passes;            /* by filter and text */
    size_t *passes_cap;
    struct dim_codes dim[DIM_COUNT];
    struct str *field; /* the row at hand: plan->n_need of them */

    /* Rows for the cube, of the block at hand: those without any fault. */
    uint32_t *code[DIM_COUNT];
    int64_t *count;
    size_t n, cap;
    uint64_t lines; /* line ends in the block */
    uint64_t rows, taken, skipped;
    struct finding *findings;
    size_t n_findings, cap_findings;
    uint64_t found[FAULT_KINDS]; /* of a kind, kept in `findings` or not */
    enum rc rc;                  /* sticky: RC_MEMORY */

    struct rows reader;
    struct scan scan;
    size_t scan_cap;
};

enum rc decoder_init(struct decoder *d, const struct plan *plan) MUST_USE;
void decoder_clear(struct decoder *d); /* before each block */
/* The row in d->field; TEXT_PAD bytes behind each field are readable. */
void decoder_row(struct decoder *d, uint64_t line);
void decoder_block(struct decoder *d, const struct block *block);
void decoder_find(struct decoder *d, const struct finding *f);
void decoder_free(struct decoder *d);

struct tally {
    const struct plan *plan;
    struct cube *cube;
    struct arena *arena;
    struct faults *faults;
    const char *encoding;
    struct population_result *out;
    size_t cap[DIM_COUNT]; /* of out->first_line, and period_rows */
    bool stop;             /* a fault that ends the table */
};

void tally_init(struct tally *t, const struct plan *plan, struct cube *cube,
                struct arena *a, struct faults *faults, const char *encoding,
                struct population_result *out);
/* `line`: number of the first line of what was decoded. */
enum rc tally_add(struct tally *t, struct decoder *d, uint64_t line,
                  struct err *err) MUST_USE;
bool tally_end(struct tally *t) MUST_USE; /* false: no memory */

#endif
