/* The outline of Marsa: a headland, a harbour, quays, beaches, the plain. */
#include "cli/example.h"

#include <math.h>

struct stroke {
    double x, y;
    double rough; /* of the line to the next point; 0 where people built it */
};

/* Along the sea from west to east, then back inland. */
static const struct stroke shore[] = {
    {-7300, 900, 0.10},   {-6500, 1250, 0.07},  {-5300, 1180, 0.05},
    {-4300, 1420, 0.06},  {-3300, 1330, 0.07},  {-2500, 1640, 0.10},
    {-2150, 2150, 0.12},  {-1900, 2650, 0.13},  {-1350, 2990, 0.12},
    {-800, 2820, 0.00},   {-640, 2300, 0.00},   {-230, 2280, 0.00},
    {-200, 2120, 0.00},   {-560, 2080, 0.00},   {-600, 1250, 0.00},
    {-420, 860, 0.00},    {60, 720, 0.00},      {640, 800, 0.00},
    {900, 1080, 0.00},    {960, 1620, 0.00},    {1330, 1650, 0.00},
    {1370, 1000, 0.00},   {1760, 960, 0.00},    {1820, 1820, 0.00},
    {2230, 1840, 0.00},   {2260, 930, 0.00},    {2660, 900, 0.00},
    {2720, 1690, 0.00},   {3170, 1690, 0.00},   {3210, 820, 0.00},
    {3700, 640, 0.06},    {4500, 620, 0.05},    {5350, 250, 0.05},
    {6200, -120, 0.06},   {6900, -760, 0.06},   {7700, -1180, 0.10},
    {7950, -2300, 0.13},  {7250, -3300, 0.13},  {6300, -3700, 0.13},
    {5700, -4900, 0.12},  {4300, -5700, 0.12},  {3100, -5350, 0.12},
    {1900, -5900, 0.12},  {700, -6500, 0.12},   {-900, -6250, 0.12},
    {-2000, -6700, 0.12}, {-3300, -5900, 0.12}, {-4500, -5500, 0.12},
    {-5200, -4500, 0.12}, {-6500, -3900, 0.12}, {-6900, -2500, 0.12},
    {-7700, -1500, 0.12}, {-7400, -300, 0.12},
};

static const struct stroke lagoon[] = {
    {4350, -700, 0.12},  {5150, -820, 0.12},  {5700, -1350, 0.12},
    {5500, -1950, 0.12}, {4750, -2150, 0.12}, {4000, -1900, 0.12},
    {3800, -1250, 0.12},
};

/* Breaks a line in two at a point beside its middle, again and again. */
static size_t broken_line(struct rng *r, struct point a, struct point b,
                          double rough, struct point *out)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy);
    double aside;
    struct point middle;
    size_t n;

    if (rough <= 0 || length < 150) {
        out[0] = a;
        return 1;
    }
    aside = rough * (2 * rng_double(r) - 1);
    middle.x = (a.x + b.x) / 2 - dy * aside;
    middle.y = (a.y + b.y) / 2 + dx * aside;
    n = broken_line(r, a, middle, rough, out);
    return n + broken_line(r, middle, b, rough, out + n);
}

static size_t drawn(struct arena *a, struct rng *r, const struct stroke *s,
                    size_t n_strokes, struct point **out)
{
    enum { PIECES = 128 }; /* of one stroke, at the most */
    size_t n = 0;

    *out = arena_array(a, struct point, n_strokes * PIECES);
    for (size_t i = 0; i < n_strokes; i++) {
        const struct stroke *next = &s[(i + 1) % n_strokes];

        n +=
            broken_line(r, (struct point){s[i].x, s[i].y},
                        (struct point){next->x, next->y}, s[i].rough, *out + n);
    }
    return n;
}

size_t town_outline(struct arena *a, uint64_t seed, struct point **out)
{
    struct rng r;

    rng_init(&r, seed, STREAM_COAST);
    return drawn(a, &r, shore, ARRAY_LEN(shore), out);
}

size_t town_lagoon(struct arena *a, uint64_t seed, struct point **out)
{
    struct rng r;

    rng_init(&r, seed, STREAM_COAST);
    rng_u64(&r);
    return drawn(a, &r, lagoon, ARRAY_LEN(lagoon), out);
}

/* Even-odd rule. */
bool town_on_land(const struct point *outline, size_t n, struct point p)
{
    bool inside = false;

    for (size_t i = 0, j = n - 1; i < n; j = i++) {
        struct point a = outline[i], b = outline[j];

        if ((a.y > p.y) != (b.y > p.y) &&
            p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
            inside = !inside;
    }
    return inside;
}

/*
 * Marsa is set in the open sea, on the middle meridian of UTM zone 33, so that
 * nobody takes it for a place on the map.
 */
void point_degrees(struct point p, double *longitude, double *latitude)
{
    const double latitude_0 = 34.5, longitude_0 = 15.0;
    const double metres_north = 110931.0; /* a degree at that latitude */
    const double metres_east = 91840.0;

    *longitude = longitude_0 + p.x / metres_east;
    *latitude = latitude_0 + p.y / metres_north;
}
