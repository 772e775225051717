/*
 * value.h: a number of the document as people and as machines read it.
 *
 * The unit decides the decimals; nothing is computed.
 */
#ifndef PASSERELLE_PUBLISH_VALUE_H
#define PASSERELLE_PUBLISH_VALUE_H

#include "base/node.h"
#include "text/lang.h"

enum value_state {
    VALUE_PLAIN,
    VALUE_AT_LEAST,
    VALUE_APPROXIMATE,
    VALUE_WITHHELD,
    VALUE_SOURCE,
    VALUE_MISSING,
    VALUE_UNDEFINED,
    VALUE_NONE, /* does not apply */
    VALUE_STATES
};

struct value {
    enum value_state state;
    double number; /* see value_has_number */
};

/* A number, though perhaps only a bound or an approximate one. */
static inline bool value_has_number(enum value_state s)
{
    return s <= VALUE_APPROXIMATE;
}

/* A cell of a column of numbers, or a Number. */
struct value value_of_cell(const struct node *cell);
struct value value_of_number(const struct node *number);

const char *value_state_code(enum value_state s); /* "withheld"; "" if plain */
const char *value_state_sign(enum value_state s); /* what stands in its place */
const char *value_state_text(enum value_state s); /* message id */

/*
 * The number alone, with its sign where `code` names a change. A share is
 * written as a percentage.
 */
void value_write(const struct lang *l, const char *unit, const char *code,
                 double v, struct buf *out);
/* The number with its unit: "891.7 km²". */
void value_write_unit(const struct lang *l, const char *unit, const char *code,
                      double v, struct buf *out);
/* What a column of that unit holds: "persons"; "" where it goes without. */
const char *unit_text(const struct lang *l, const char *unit);

/* Names -> the text in `l`, else in English, else the first; a plain text is
 * itself. *language (may be NULL) becomes the language taken, NULL if none. */
const char *names_text(const struct node *names, const struct lang *l,
                       const char **language);

#endif
