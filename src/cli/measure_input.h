/*
 * measure_input.h: a researcher's table -> matrices of counts.
 *
 * Wide: one row a unit, one column a group. Long: one row a unit and group.
 * Rows of the same cell add up. Counts may be decimal (weights), never
 * negative. With a period column there is one matrix a period, all over the
 * same units and groups. Names live in the arena; free the counts.
 */
#ifndef PASSERELLE_MEASURE_INPUT_H
#define PASSERELLE_MEASURE_INPUT_H

#include "base/dict.h"
#include "intake/fault.h"
#include <passerelle/measure.h>

enum { LEVELS_MOST = 8 };

/* Columns that say where a unit lies, when there are no boundaries. */
enum matrix_where {
    WHERE_X,
    WHERE_Y,
    WHERE_AREA,
    WHERE_PERIMETER,
    WHERE_COUNT
};

struct matrix_spec {
    const char *file;
    const char *unit;    /* column; NULL: each row is a unit */
    const char **groups; /* wide: columns */
    size_t n_groups;
    const char *group, *count; /* long: columns; both or neither */
    const char *total;         /* wide: adds "(rest)" = total - the groups */
    const char *period;        /* column, or NULL */
    const char *within[LEVELS_MOST]; /* columns, coarse to fine */
    size_t n_within;
    const char *where[WHERE_COUNT]; /* columns, or NULL */
};

struct matrix {
    struct dict units, groups, periods; /* periods holds "" without a column */
    double **n; /* one a period: units x groups; owned, see matrix_free */
    size_t n_matrices;
    struct dict level_names[LEVELS_MOST];
    uint32_t *level[LEVELS_MOST]; /* part of each unit; DICT_NONE: unknown */
    size_t n_levels;
    double *where[WHERE_COUNT]; /* of each unit; NULL without a column */
};

/* RC_INVALID with faults, RC_NOT_FOUND, RC_IO, RC_LIMIT, RC_MEMORY with err. */
enum rc matrix_read(const struct matrix_spec *spec, struct arena *a,
                    struct faults *faults, struct matrix *out,
                    struct err *err) MUST_USE;
void matrix_free(struct matrix *m); /* also after a failed matrix_read */
/* The matrix of one period as measure.h takes it. */
struct counts matrix_counts(const struct matrix *m, uint32_t period);

#endif
