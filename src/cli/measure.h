/*
 * measure.h: `passerelle measure`: what was asked, and what came out.
 */
#ifndef PASSERELLE_CLI_MEASURE_H
#define PASSERELLE_CLI_MEASURE_H

#include "base/node.h"
#include "cli/cli.h"
#include "cli/measure_input.h"
#include <passerelle/measure_change.h>

enum { SELECTED_MOST = 64, BANDWIDTHS_MOST = 64 };

struct measuring {
    struct cli *c;
    struct matrix_spec spec;
    struct matrix matrix;
    struct faults faults;

    const struct measure *selected[SELECTED_MOST];
    size_t n_selected;
    bool all; /* of the catalogue: what does not apply is left out */
    unsigned scopes;
    uint32_t group, against; /* DICT_NONE: every one; the rest */

    struct measure_options options;
    struct spatial_options space_options;
    double bandwidths[BANDWIDTHS_MOST];
    bool kernel;           /* count measures on environments as well */
    struct spatial *space; /* NULL without --areas */
    struct areas areas;
    double *smooth;   /* of the period at hand, on environments; owned */
    double precision; /* of iterative proportional fitting; 0: 1e-10 */

    bool test, interval;
    enum measure_model null_model, bootstrap;
    double level;
    uint32_t compare[2]; /* periods; DICT_NONE: no comparison */

    struct node *results; /* list */
    struct progress progress;
    size_t done, planned;
};

enum rc measuring_options(struct measuring *m, struct err *err) MUST_USE;
enum rc measuring_areas(struct measuring *m, struct err *err) MUST_USE;
enum rc measuring_run(struct measuring *m, struct err *err) MUST_USE;

/* One value that was asked for. */
struct task {
    struct measure_target target;
    uint32_t period;
    bool local; /* on local environments */
};
/* A new result with what identifies it; the value is the caller's. */
struct node *measuring_result(const struct measuring *m, const struct task *t);
bool measuring_needs_space(const struct measure *m);
bool measuring_group_asked(const struct measuring *m, size_t g);
/* --within: M and H level by level, and inside each part. */
void measuring_levels(struct measuring *m, uint32_t period);
/* --compare: differences, their tests and their parts. */
void measuring_comparison(struct measuring *m);
/* Whole documents, in the form asked for. */
void measuring_json(const struct measuring *m, struct buf *out);
void measuring_csv(const struct measuring *m, struct buf *out);
void measuring_table(const struct measuring *m, bool explain, struct buf *out);
void catalogue_table(const struct cli *c, bool explain, struct buf *out);
const char *measure_about(const char *code); /* message id, or "" */

#endif
