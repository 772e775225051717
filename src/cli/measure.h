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

/* What is no index but belongs to the same table: measure_extra.def. */
enum extra {
#define EXTRA(code, scope, needs_two, name, about, reference) EXTRA_##code,
#include "cli/measure_extra.def"
#undef EXTRA
    EXTRA_COUNT
};

/* One line of what came out, or one a unit. */
struct result {
    struct node *head;
    double *value; /* of each unit, NaN: not defined; NULL: head has it */
};

/* One value that was asked for. */
struct task {
    struct measure_target target;
    uint32_t period;
    bool local; /* on local environments */
};

/*
 * Values of the selected measures on counts that the engine takes in one pass
 * over a matrix: [selected], and [selected * groups + group].
 */
struct passed {
    double *city, *group; /* arena */
    enum rc *city_rc, *group_rc;
    bool *there; /* [selected]; NULL: no pass was made */
};

/* A value whose test and interval are still to come. */
struct pending {
    struct task task;
    struct node *head;
};

struct measuring {
    struct cli *c;
    struct matrix_spec spec;
    struct matrix matrix;
    struct faults faults;

    const struct measure *selected[SELECTED_MOST];
    bool named[SELECTED_MOST]; /* by its code, not by a word for many */
    size_t n_selected;
    bool extra[EXTRA_COUNT];
    unsigned scopes;
    uint32_t group, against; /* DICT_NONE: every one; the rest */

    struct measure_options options;
    struct spatial_options space_options;
    double bandwidths[BANDWIDTHS_MOST];
    bool kernel;           /* count measures on environments as well */
    struct spatial *space; /* NULL without --areas */
    struct areas areas;
    struct passed passed[2]; /* of the period at hand: counts, environments */
    double *smooth;          /* of the period at hand, on environments; owned */
    double precision;        /* of iterative proportional fitting; 0: 1e-10 */

    bool test, interval;
    enum measure_model null_model, bootstrap;
    double level;
    uint32_t compare[2]; /* periods; DICT_NONE: no comparison */

    bool bounds;                /* of indices of small units */
    bool contact_by_neighbours; /* of clustering: no distances taken */

    struct result *results; /* arena */
    size_t n_results, results_cap;
    struct pending *pending; /* arena; of the period at hand */
    size_t n_pending, pending_cap;
    size_t n_noted; /* tests, intervals and values that could not be had */
    size_t n_drawn; /* tests, intervals and comparisons that could */
    struct dict left_out; /* codes of measures not started */
    struct progress progress;
    size_t done, planned;
};

enum rc measuring_options(struct measuring *m, struct err *err) MUST_USE;
enum rc measuring_areas(struct measuring *m, struct err *err) MUST_USE;
enum rc measuring_run(struct measuring *m, struct err *err) MUST_USE;

/* A new result with what identifies it; the value is the caller's. */
struct node *measuring_result(struct measuring *m, const struct task *t);
/* The same with no more than a code and a scope. */
struct node *measuring_plain(struct measuring *m, const char *code,
                             enum measure_scope scope, uint32_t period);
/* One value a unit, which `value` (arena) holds, for the last result. */
void measuring_series(struct measuring *m, double *value);
/*
 * Why a value, a test or an interval is not there, in the key of that name; the
 * closing words count them. A note is no failure. Memory is: it is answered as
 * RC_MEMORY with its sentence.
 */
enum rc measuring_note(struct measuring *m, struct node *r, const char *key,
                       enum rc rc, struct err *err) MUST_USE;
void measuring_note_text(struct measuring *m, struct node *r, const char *key,
                         const char *why);
enum rc measuring_no_memory(struct err *err);

bool measuring_needs_space(const struct measure *m);
bool measuring_named(const struct measuring *m, const struct measure *measure);
bool measuring_group_asked(const struct measuring *m, size_t g);
bool measuring_simulates(const struct measure *m);
/* Fills m->passed for a period. RC_CANCELLED, or memory. */
enum rc measuring_pass(struct measuring *m, uint32_t period,
                       struct err *err) MUST_USE;
/* The value of a city task, or of a group task the values of all groups; NULL
 * where they did not come in the pass. */
const double *passed_city(const struct measuring *m, const struct task *t,
                          enum rc *rc);
const double *passed_groups(const struct measuring *m, const struct task *t,
                            const enum rc **rc);
/* --null and --interval of the values of a period, with shared draws. */
enum rc measuring_inference(struct measuring *m, struct err *err) MUST_USE;
/* --within: M and H level by level, and inside each part. */
enum rc measuring_levels(struct measuring *m, uint32_t period,
                         struct err *err) MUST_USE;
/* --compare: differences, their tests and their parts. */
enum rc measuring_comparison(struct measuring *m, struct err *err) MUST_USE;

struct extra_row {
    const char *code;
    enum measure_scope scope;
    bool needs_two;
    const char *name, *about, *reference;
};
const struct extra_row *extra_rows(void); /* EXTRA_COUNT of them */
enum extra extra_find(const char *code);  /* or EXTRA_COUNT */
enum rc extra_run(struct measuring *m, uint32_t period,
                  struct err *err) MUST_USE;
enum rc extra_compare(struct measuring *m, struct err *err) MUST_USE;
/* Rathelot's bounds of a group's index, into its result. */
enum rc extra_bounds(struct measuring *m, const struct task *t, struct node *r,
                     struct err *err) MUST_USE;

/*
 * Measures whose time grows with the square of the units: one that was not
 * named and would take longer than a minute is left out, and said at the end.
 */
bool heavy_left_out(struct measuring *m, const struct measure *measure);
bool heavy_shares_distances(const char *code);
/* NULL, or why the draws of a measure that was not named are not made. */
const char *heavy_draws_refused(const struct measuring *m,
                                const struct measure *measure);
const char *heavy_about(const char *code); /* message id, or NULL */
void heavy_say(const struct measuring *m);

/* Whole documents to stdout, in the form asked for. */
enum rc measuring_json(const struct measuring *m, struct err *err) MUST_USE;
enum rc measuring_csv(const struct measuring *m, struct err *err) MUST_USE;
enum rc measuring_table(const struct measuring *m, bool explain,
                        struct err *err) MUST_USE;
void catalogue_table(const struct cli *c, bool explain, struct buf *out);
const char *measure_about(const char *code); /* message id, or "" */

#endif
