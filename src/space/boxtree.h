/*
 * boxtree.h: which of many rectangles meet a rectangle.
 *
 * A static R-tree, packed: boxes are put in the order of their centres along a
 * Morton curve and every 16 neighbours form a node, level upon level. Built
 * once in the caller's arena, immutable after it, so threads may share it.
 * RC_MEMORY when the arena is full. Boxes with NaN are never found.
 */
#ifndef PASSERELLE_BOXTREE_H
#define PASSERELLE_BOXTREE_H

#include "base/arena.h"
#include "base/err.h"

struct box {
    double min_x, min_y, max_x, max_y;
};

enum { BOXTREE_FAN = 16, BOXTREE_LEVELS = 10 };

struct boxtree {
    size_t n;
    uint32_t *item;  /* leaf order -> index given by the caller */
    struct box *box; /* leaves first, then each level above */
    unsigned levels; /* 0 when empty */
    size_t start[BOXTREE_LEVELS + 1]; /* first box of each level */
};

static inline bool box_meets(const struct box *a, const struct box *b)
{
    return a->min_x <= b->max_x && b->min_x <= a->max_x &&
           a->min_y <= b->max_y && b->min_y <= a->max_y;
}

enum rc boxtree_build(struct boxtree *t, const struct box *boxes, size_t n,
                      struct arena *a) MUST_USE;
/* Calls fn for each box that meets `query`, until it returns false. */
void boxtree_query(const struct boxtree *t, struct box query,
                   bool (*fn)(void *ctx, uint32_t item), void *ctx);

#endif
