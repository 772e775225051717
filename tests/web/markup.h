/*
 * markup.h: for tests, a look at a page's tags as a browser would read them:
 * is there anything that runs, or that came from a stored or sent text?
 */
#ifndef TESTS_WEB_MARKUP_H
#define TESTS_WEB_MARKUP_H

#include "base/arena.h"

/* Texts of an attack carry this word in every name they try to smuggle in. */
#define MARK "xss7"

/* NULL: nothing. Else what was found, in the arena. */
const char *markup_fault(const char *html, struct arena *a);

#endif
