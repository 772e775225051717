/*
 * fold.h: texts made alike for searching.
 *
 * Case, accents and compatibility forms are folded (Unicode NFKD, marks
 * dropped); Arabic letters that people write either way become one: the forms
 * of alef, alef maksura and yeh, teh marbuta and heh, waw and yeh with hamza;
 * tatweel and vowel marks go. Everything but letters and digits becomes one
 * space. "Marrakech-Safi", "marrakech safi"; "أكادير", "اكادير". Pure.
 */
#ifndef PASSERELLE_FOLD_H
#define PASSERELLE_FOLD_H

#include "base/str.h"

void text_fold(struct str text, struct buf *out);

#endif
