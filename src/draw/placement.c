#include "draw/placement.h"

enum { WIDTHS = 5 };

static double width_of(const struct placement *p, unsigned i)
{
    return p->narrow + (p->wide - p->narrow) * i / (WIDTHS - 1);
}

/* Direction of a side: -1, 0 or 1 across and down. */
static void direction(enum side side, int *across, int *down)
{
    static const signed char of[SIDES][2] = {
        [SIDE_EAST] = {1, 0},         [SIDE_WEST] = {-1, 0},
        [SIDE_NORTH] = {0, -1},       [SIDE_SOUTH] = {0, 1},
        [SIDE_NORTH_EAST] = {1, -1},  [SIDE_SOUTH_EAST] = {1, 1},
        [SIDE_NORTH_WEST] = {-1, -1}, [SIDE_SOUTH_WEST] = {-1, 1},
    };

    *across = of[side][0];
    *down = of[side][1];
}

void placement_box(const struct placement *p, const struct placed *item,
                   double width, double box[4])
{
    int across, down;
    double away = item->radius + p->gap;
    double x = item->x * width, y = item->y * width * p->aspect;

    direction(item->side, &across, &down);
    if (across && down) /* at a corner the mark is round */
        away *= 0.7;
    x += across * away - (across < 0 ? item->w : across ? 0 : item->w / 2);
    y += down * away - (down < 0 ? item->h : down ? 0 : item->h / 2);
    box[0] = x;
    box[1] = y;
    box[2] = x + item->w;
    box[3] = y + item->h;
}

static bool apart(const double a[4], const double b[4])
{
    return a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
}

static bool free_at(const struct placement *p, const struct placed *items,
                    size_t n, size_t i, double width)
{
    double box[4], other[4];

    placement_box(p, items + i, width, box);
    if (box[0] < 2 || box[1] < 2 || box[2] > width - 2 ||
        box[3] > width * p->aspect - 2)
        return false;
    for (size_t k = 0; k < n; k++) {
        double x = items[k].x * width, y = items[k].y * width * p->aspect;
        double r = items[k].radius + 1;
        double mark[4] = {x - r, y - r, x + r, y + r};

        if (k != i && !apart(box, mark))
            return false;
        if (k == i || items[k].side == SIDE_NONE)
            continue;
        placement_box(p, items + k, width, other);
        if (!apart(box, other))
            return false;
    }
    return true;
}

static bool holds(const struct placement *p, const struct placed *items,
                  size_t n, size_t i)
{
    for (unsigned w = 0; w < WIDTHS; w++)
        if (!free_at(p, items, n, i, width_of(p, w)))
            return false;
    return true;
}

void placement_choose(const struct placement *p, struct placed *items, size_t n)
{
    static const enum side order[] = {
        SIDE_EAST,       SIDE_WEST,       SIDE_NORTH,      SIDE_SOUTH,
        SIDE_NORTH_EAST, SIDE_SOUTH_EAST, SIDE_NORTH_WEST, SIDE_SOUTH_WEST};
    static const enum side order_rtl[] = {
        SIDE_WEST,       SIDE_EAST,       SIDE_NORTH,      SIDE_SOUTH,
        SIDE_NORTH_WEST, SIDE_SOUTH_WEST, SIDE_NORTH_EAST, SIDE_SOUTH_EAST};
    const enum side *sides = p->rtl ? order_rtl : order;

    for (size_t i = 0; i < n; i++)
        items[i].side = SIDE_NONE;
    for (size_t i = 0; i < n; i++) {
        bool found = false;

        for (size_t k = 0; k < ARRAY_LEN(order) && !found; k++) {
            items[i].side = sides[k];
            found = holds(p, items, n, i);
        }
        if (!found)
            items[i].side = SIDE_NONE;
    }
}
