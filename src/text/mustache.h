/*
 * mustache.h: logic-less templates over a struct node.
 *
 * The Mustache specification 1.4 (mustache.github.io, MIT): interpolation,
 * sections, inverted sections, comments, partials, delimiters and inheritance;
 * no lambdas, since data here are values. {{name}} escapes for HTML; {{{name}}}
 * and {{&name}} are the one visible way not to.
 *
 * A compiled set is immutable and may be shared by threads; everything lives in
 * the arena given. Depth is bounded (MUSTACHE_DEPTH), so a template that calls
 * itself ends in RC_LIMIT.
 */
#ifndef PASSERELLE_MUSTACHE_H
#define PASSERELLE_MUSTACHE_H

#include "base/err.h"
#include "base/node.h"

enum { MUSTACHE_DEPTH = 64 };

struct mustache_set;

struct mustache_set *mustache_new(struct arena *a);
/* Compiles one template under a name; the source is copied. Errors name the
 * template, the line and the tag. */
enum rc mustache_add(struct mustache_set *set, const char *name,
                     struct str source, struct err *err) MUST_USE;
/* RC_NOT_FOUND without such a template; RC_LIMIT for too deep a nesting. A
 * partial that is not in the set renders as nothing. */
enum rc mustache_render(const struct mustache_set *set, const char *name,
                        const struct node *data, struct buf *out,
                        struct err *err) MUST_USE;

#endif
