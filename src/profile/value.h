/*
 * value.h: the value that a path of the profile document names.
 *
 * Paths are object keys joined by dots; in a list of objects a step names the
 * element whose "code" is that text. After `origins` a step may be an origin's
 * code, after `distribution` an area's id, then a column: the cell of that row
 * (origins.SY.share, distribution.01.population); a column of the quotients or
 * counts is reached as distribution.<area>.<origin> (counts) and
 * distribution.quotients.<area>.<origin>; after any Table a step may be the
 * text of a row's first column, then a column. An area whose id holds dots is
 * found too. Pure; everything returned is borrowed from the document.
 */
#ifndef PASSERELLE_PROFILE_VALUE_H
#define PASSERELLE_PROFILE_VALUE_H

#include "base/node.h"

enum profile_state {
    STATE_PLAIN,
    STATE_AT_LEAST,
    STATE_APPROXIMATE,
    STATE_WITHHELD,
    STATE_SOURCE,
    STATE_MISSING,
    STATE_UNDEFINED,
    STATE_NONE /* no such value: the path is wrong */
};

struct profile_value {
    enum profile_state state;
    const struct node *node; /* a number, a text or Names; NULL without one */
    const char *unit;        /* "" where it has none */
    const char *period, *source;
    const struct node *label; /* Names, or NULL */
};

/* Only a value that can stand in a sentence counts: never a list or table. */
struct profile_value profile_value(const struct node *doc, const char *path);
/* The state that a cell of a table has, and the number or text behind it. */
enum profile_state profile_cell(const struct node *cell,
                                const struct node **value);
/* The figure of that code, or NULL. */
const struct node *profile_figure(const struct node *doc, const char *code);

#endif
