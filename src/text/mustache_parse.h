/*
 * mustache_parse.h: the tree of a template; inner to mustache.
 */
#ifndef PASSERELLE_MUSTACHE_PARSE_H
#define PASSERELLE_MUSTACHE_PARSE_H

#include "text/mustache.h"

enum piece_kind {
    PIECE_TEXT, /* at most one line; `text` may end in a newline */
    PIECE_VALUE,
    PIECE_RAW,
    PIECE_SECTION,
    PIECE_INVERTED,
    PIECE_PARTIAL,
    PIECE_PARENT, /* kids: the blocks that override */
    PIECE_BLOCK
};

struct piece {
    enum piece_kind kind;
    struct str text;   /* the text, or the name */
    struct str indent; /* before each line of a partial, parent or block */
    bool own_line;     /* a partial or parent alone on its line */
    struct piece *kids;
    size_t n, cap;
};

enum rc mustache_parse(struct arena *a, const char *name, struct str source,
                       struct piece *root, struct err *err) MUST_USE;

#endif
