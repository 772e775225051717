/*
 * plural.h: the Plural-Forms line of a catalogue, read and evaluated by us.
 *
 * The grammar is C's conditional expression over `n` and whole numbers, as
 * gettext's manual gives it. Division by zero, an unknown character, a nesting
 * of more than PLURAL_DEPTH or a result that is no form are all answered by
 * false. Pure; no allocation.
 */
#ifndef PASSERELLE_PLURAL_H
#define PASSERELLE_PLURAL_H

#include "base/str.h"

enum { PLURAL_DEPTH = 64, PLURAL_FORMS = 8 };

/* The value of `expression` for n. */
bool plural_evaluate(struct str expression, uint64_t n, uint64_t *out) MUST_USE;

/*
 * Which form `header` (the translation of the empty message) asks for; false
 * when its Plural-Forms line is missing or wrong.
 */
bool plural_form(struct str header, uint64_t n, unsigned *form) MUST_USE;

#endif
