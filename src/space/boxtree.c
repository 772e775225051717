#include "space/boxtree.h"

#include <math.h>
#include <stdlib.h>

struct keyed {
    uint64_t key;
    uint32_t item;
};

static uint64_t spread_bits(uint32_t v)
{
    uint64_t x = v;

    x = (x | (x << 16)) & 0x0000FFFF0000FFFFu;
    x = (x | (x << 8)) & 0x00FF00FF00FF00FFu;
    x = (x | (x << 4)) & 0x0F0F0F0F0F0F0F0Fu;
    x = (x | (x << 2)) & 0x3333333333333333u;
    return (x | (x << 1)) & 0x5555555555555555u;
}

static uint32_t scaled(double v, double low, double span)
{
    double t = span > 0 ? (v - low) / span : 0;

    if (!(t > 0))
        return 0;
    return t >= 1 ? 0xFFFFFFu : (uint32_t)(t * 0xFFFFFF);
}

static int keyed_compare(const void *pa, const void *pb)
{
    const struct keyed *a = pa, *b = pb;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->item < b->item ? -1 : a->item > b->item;
}

static void box_join(struct box *into, const struct box *b)
{
    into->min_x = fmin(into->min_x, b->min_x);
    into->min_y = fmin(into->min_y, b->min_y);
    into->max_x = fmax(into->max_x, b->max_x);
    into->max_y = fmax(into->max_y, b->max_y);
}

static const struct box box_none = {INFINITY, INFINITY, -INFINITY, -INFINITY};

static void order_leaves(struct boxtree *t, const struct box *boxes,
                         struct keyed *keyed)
{
    struct box all = box_none;

    for (size_t i = 0; i < t->n; i++)
        box_join(&all, &boxes[i]);
    for (size_t i = 0; i < t->n; i++) {
        const struct box *b = &boxes[i];
        uint32_t x =
            scaled((b->min_x + b->max_x) / 2, all.min_x, all.max_x - all.min_x);
        uint32_t y =
            scaled((b->min_y + b->max_y) / 2, all.min_y, all.max_y - all.min_y);

        keyed[i].key = spread_bits(x) | (spread_bits(y) << 1);
        keyed[i].item = (uint32_t)i;
    }
    qsort(keyed, t->n, sizeof *keyed, keyed_compare);
    for (size_t i = 0; i < t->n; i++) {
        t->item[i] = keyed[i].item;
        t->box[i] = boxes[keyed[i].item];
    }
}

enum rc boxtree_build(struct boxtree *t, const struct box *boxes, size_t n,
                      struct arena *a)
{
    size_t total = 0, width = n;
    struct keyed *keyed;

    *t = (struct boxtree){.n = n};
    if (n == 0)
        return RC_OK;
    if (n > UINT32_MAX - 1)
        return RC_LIMIT;
    for (;;) {
        t->start[t->levels++] = total;
        total += width;
        if (width == 1)
            break;
        width = (width + BOXTREE_FAN - 1) / BOXTREE_FAN;
    }
    t->start[t->levels] = total;
    t->item = arena_try(a, n, sizeof *t->item);
    t->box = arena_try(a, total, sizeof *t->box);
    keyed = arena_try(a, n, sizeof *keyed);
    if (!t->item || !t->box || !keyed)
        return RC_MEMORY;
    order_leaves(t, boxes, keyed);
    for (unsigned level = 1; level < t->levels; level++) {
        size_t below = t->start[level] - t->start[level - 1];

        for (size_t i = t->start[level]; i < t->start[level + 1]; i++)
            t->box[i] = box_none;
        for (size_t i = 0; i < below; i++)
            box_join(&t->box[t->start[level] + i / BOXTREE_FAN],
                     &t->box[t->start[level - 1] + i]);
    }
    return RC_OK;
}

struct walk {
    const struct boxtree *t;
    struct box query;
    bool (*fn)(void *ctx, uint32_t item);
    void *ctx;
};

static bool walk_node(const struct walk *w, unsigned level, size_t at)
{
    const struct boxtree *t = w->t;
    size_t first, end;

    if (!box_meets(&t->box[t->start[level] + at], &w->query))
        return true;
    if (level == 0)
        return w->fn(w->ctx, t->item[at]);
    first = at * BOXTREE_FAN;
    end = MIN(first + BOXTREE_FAN, t->start[level] - t->start[level - 1]);
    for (size_t i = first; i < end; i++)
        if (!walk_node(w, level - 1, i))
            return false;
    return true;
}

void boxtree_query(const struct boxtree *t, struct box query,
                   bool (*fn)(void *ctx, uint32_t item), void *ctx)
{
    struct walk w = {t, query, fn, ctx};

    if (t->levels > 0)
        walk_node(&w, t->levels - 1, 0);
}
