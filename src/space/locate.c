#include "space/boxtree.h"
#include "space/geography.h"

struct search {
    const struct geography *g;
    double x, y;
    uint32_t found;
};

/* Crossing number: a hole cancels the ring around it. */
static bool shape_holds(const struct shape *s, double x, double y)
{
    bool inside = false;

    for (size_t r = 0; r < s->n_rings; r++) {
        const double *p = s->rings[r].xy;

        for (size_t i = 1; i < s->rings[r].n; i++, p += 2)
            if ((p[1] > y) != (p[3] > y) &&
                x < (p[2] - p[0]) * (y - p[1]) / (p[3] - p[1]) + p[0])
                inside = !inside;
    }
    return inside;
}

static bool try_area(void *ctx, uint32_t item)
{
    struct search *s = ctx;

    if (item < s->found && shape_holds(&s->g->areas[item].shape, s->x, s->y))
        s->found = item;
    return true;
}

uint32_t geography_locate(const struct geography *g, double x_m, double y_m)
{
    struct search s = {g, x_m, y_m, DICT_NONE};

    if (g->index)
        boxtree_query(g->index, (struct box){x_m, y_m, x_m, y_m}, try_area, &s);
    return s.found;
}
