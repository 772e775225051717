/*
 * peer.h: values of published implementations, read from ../shared/cases.
 *
 * The folder is that of the environment variable PASSERELLE_SHARED, else
 * `shared` beside the source root. peer_open prints a TAP skip line and
 * answers false when it is absent. Tables live until the program ends, a matrix
 * until peer_compare goes to the next row.
 */
#ifndef TESTS_MEASURE_PEER_H
#define TESTS_MEASURE_PEER_H

#include "base/base.h"
#include "passerelle/measure.h"

struct csv {
    size_t rows, columns; /* rows without the head */
    char **cell;          /* cell[(row + 1) * columns + column] */
};
size_t csv_column(const struct csv *t, const char *name); /* or aborts */
const char *csv_text(const struct csv *t, size_t row, const char *column);
double csv_number(const struct csv *t, size_t row, const char *column);

/* What a row of expected.csv needs, which decides the program that tests it. */
enum peer_kind { PEER_COUNTS, PEER_AREAS, PEER_INFERENCE, PEER_TWO };

struct peer {
    const char *name, *program, *index, *peer, *dataset, *params;
    double expected, tol;
    bool exact; /* not a Monte Carlo figure */
    enum peer_kind kind;
};

bool peer_open(void);
size_t peer_count(void);
struct peer peer_row(size_t i);
const struct csv *peer_input(const char *file); /* cached */

/* Flat JSON of `params`: false where the key is absent. */
bool param_text(const struct peer *p, const char *key, char *out, size_t size);
bool param_number(const struct peer *p, const char *key, double *out);
size_t param_list(const struct peer *p, const char *key, char out[][32],
                  size_t most);

/*
 * The counts a row speaks of: a group and the rest, several groups, or a long
 * table spread by a unit column and a group column.
 */
struct matrix {
    struct counts c;
    double *n;
    const char **unit, **group;
};
struct matrix peer_matrix(const struct peer *p);
struct matrix matrix_long(const struct csv *t, const char *const *unit,
                          size_t unit_columns, const char *group,
                          const char *count);
size_t matrix_group(const struct matrix *m, const char *name);

/*
 * Compares every row of a kind; `value` answers false where it does not know
 * the row. Returns the number of rows that failed or were not known, and
 * prints both counts.
 */
int peer_compare(enum peer_kind kind,
                 bool (*value)(const struct peer *p, double *out));
/* The same where ours is drawn too: `own` is five of its standard errors. */
int peer_compare_drawn(enum peer_kind kind,
                       bool (*value)(const struct peer *p, double *out,
                                     double *own));

#endif
