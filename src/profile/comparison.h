/*
 * comparison.h: two profiles beside each other, and what may be said of it.
 *
 * Two versions of one city, or two cities. The rules: a number is compared with
 * its like alone (same path, same unit); what depends on who counts as a
 * migrant is kept apart where that is told differently; measures of residential
 * distribution are kept apart where the areas differ too much; nothing is said
 * of what was withheld. Where both numbers have an interval, their difference
 * has one too, from the limits of both (Zou and Donner 2008,
 * doi:10.1002/sim.3095), as if the two were independent: for two periods of one
 * city that is on the careful side. A difference counts as sure when its
 * interval holds no zero and it stays among the sure ones when the expected
 * share of false finds is kept at 5 % (Benjamini and Hochberg 1995), since many
 * are looked at together.
 *
 * Pure. Names and texts are borrowed from the documents; the rest is in the
 * arena.
 */
#ifndef PASSERELLE_COMPARISON_H
#define PASSERELLE_COMPARISON_H

#include "base/node.h"
#include "profile/value.h"

enum comparison_verdict {
    COMPARED_UP,      /* surely more in `to` */
    COMPARED_DOWN,    /* surely less */
    COMPARED_NOISE,   /* no sure difference */
    COMPARED_COUNTED, /* a difference of full counts */
    COMPARED_UNSURE,  /* of measures whose uncertainty is not known */
    COMPARED_BOUND,   /* one of them is a lower bound or approximate */
    COMPARED_BESIDE,  /* two cities' counts: no difference is meant */
    COMPARED_APART,   /* told or cut differently: not to be compared */
    COMPARED_NONE,    /* one of them is not known */
    COMPARED_VERDICTS
};
/* "up", "down", "noise", ... */
const char *comparison_verdict_code(enum comparison_verdict v);

struct comparison_value {
    enum profile_state state;
    double v;         /* freed of what chance adds, where the document has it */
    double low, high; /* NaN without an interval */
    double level;
};
struct comparison_row {
    const char *section; /* "population", "origins", "migrants", "city", ... */
    const char *path;    /* as profile_value takes it, for people who look up */
    const struct node *label, *of; /* Names; of: whose, or NULL */
    const char *unit, *difference_unit;
    struct comparison_value from, to;
    double difference, low, high, p; /* NaN where there is none */
    enum comparison_verdict verdict;
};
/* {from} and {to} of the message are filled with these texts or Names. */
struct comparison_warning {
    const char *code, *message;
    const struct node *from, *to;
    bool apart; /* some rows are not to be compared for its sake */
};

struct comparison {
    struct comparison_row *rows;
    size_t n, cap;
    struct comparison_warning *warnings;
    size_t n_warnings, cap_warnings;
    size_t sure, with_interval;
};

void comparison_make(const struct node *from, const struct node *to,
                     bool same_city, struct arena *a, struct comparison *out);

#endif
