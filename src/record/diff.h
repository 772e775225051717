/*
 * diff.h: two texts word by word: what went, what came, what stayed.
 *
 * The shortest way from one to the other (Myers 1986, doi:10.1007/BF01840446)
 * over words and the blanks between them. Pure; results borrow both texts. Two
 * texts with more than DIFF_MOST changes are shown as one that went and one
 * that came: nobody reads more, and the time stays bounded.
 */
#ifndef PASSERELLE_RECORD_DIFF_H
#define PASSERELLE_RECORD_DIFF_H

#include "base/arena.h"
#include "base/str.h"

enum { DIFF_MOST = 600 };

enum diff_kind { DIFF_SAME, DIFF_GONE, DIFF_NEW };
struct diff_part {
    enum diff_kind kind;
    struct str text;
};
struct diff {
    struct diff_part *items;
    size_t n, cap;
};
/* In the order of reading; neighbours of one kind are one part. */
void diff_words(struct str before, struct str after, struct arena *a,
                struct diff *out);

#endif
