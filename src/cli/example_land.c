/* The lattice of Marsa's ground, and how districts and areas divide it. */
#include "cli/example_land.h"

#include <math.h>

/* Smooth noise from a table of random heights, in [-1, 1]. */
enum { NOISE_SIDE = 64 };

static double noise_at(const double *heights, double x, double y)
{
    double fx = floor(x), fy = floor(y), u = x - fx, v = y - fy;
    size_t i = (size_t)((int64_t)fx & (NOISE_SIDE - 1));
    size_t j = (size_t)((int64_t)fy & (NOISE_SIDE - 1));
    size_t i1 = (i + 1) % NOISE_SIDE, j1 = (j + 1) % NOISE_SIDE;
    double low, high;

    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    low = heights[j * NOISE_SIDE + i] * (1 - u) +
          heights[j * NOISE_SIDE + i1] * u;
    high = heights[j1 * NOISE_SIDE + i] * (1 - u) +
           heights[j1 * NOISE_SIDE + i1] * u;
    return low * (1 - v) + high * v;
}

static struct point bend(const double *heights, struct point p)
{
    const double scales[] = {900, 310}, reaches[] = {120, 45};

    for (size_t k = 0; k < ARRAY_LEN(scales); k++) {
        double x = p.x / scales[k] + 7.3 * (double)k;
        double y = p.y / scales[k] + 3.1 * (double)k;

        p.x += reaches[k] * noise_at(heights, x, y);
        p.y += reaches[k] * noise_at(heights, x + 31.7, y + 17.9);
    }
    return p;
}

struct point land_point(const struct land *l, size_t i)
{
    size_t row = i / l->columns, column = i % l->columns;

    return (struct point){l->origin.x +
                              l->step * ((double)column + (row % 2 ? 0.5 : 0)),
                          l->origin.y + l->step * 0.8660254 * (double)row};
}

bool land_inside(const struct land *l, struct point p)
{
    return town_on_land(l->outline, l->n_outline, p) &&
           !town_on_land(l->lagoon, l->n_lagoon, p);
}

size_t land_neighbours(const struct land *l, size_t i, size_t out[6])
{
    size_t row = i / l->columns, column = i % l->columns, n = 0;
    long shift = row % 2 ? 0 : -1;

    if (column > 0)
        out[n++] = i - 1;
    if (column + 1 < l->columns)
        out[n++] = i + 1;
    for (int up = 0; up < 2; up++) {
        if (up ? row + 1 >= l->rows : row == 0)
            continue;
        for (long k = 0; k < 2; k++) {
            long c = (long)column + shift + k;

            if (c >= 0 && c < (long)l->columns)
                out[n++] =
                    (row + (up ? 1 : (size_t)-1)) * l->columns + (size_t)c;
        }
    }
    return n;
}

/* Keeps the largest connected part of the land: no stray islands. */
static void keep_mainland(struct land *l)
{
    size_t n = l->columns * l->rows, best = 0, best_size = 0;
    size_t *queue = arena_array(l->arena, size_t, n);
    uint32_t *part = arena_array(l->arena, uint32_t, n);
    uint32_t parts = 0;

    for (size_t i = 0; i < n; i++) {
        size_t head = 0, tail = 0;

        if (l->label[i] < 0 || part[i])
            continue;
        part[i] = ++parts;
        queue[tail++] = i;
        while (head < tail) {
            size_t to[6], k = land_neighbours(l, queue[head++], to);

            while (k-- > 0)
                if (l->label[to[k]] >= 0 && !part[to[k]]) {
                    part[to[k]] = parts;
                    queue[tail++] = to[k];
                }
        }
        if (tail > best_size) {
            best_size = tail;
            best = parts;
        }
    }
    for (size_t i = 0; i < n; i++)
        if (part[i] != best)
            l->label[i] = -1;
}

void land_survey(struct land *l, struct arena *a, uint64_t seed)
{
    const double step = 45;
    double *heights = arena_array(a, double, NOISE_SIDE *NOISE_SIDE);
    struct rng r;
    size_t n;

    *l = (struct land){.arena = a, .step = step, .origin = {-8600, -7600}};
    l->columns = (size_t)(17600 / step);
    l->rows = (size_t)(11400 / (step * 0.8660254));
    l->n_outline = town_outline(a, seed, &l->outline);
    l->n_lagoon = town_lagoon(a, seed, &l->lagoon);
    n = l->columns * l->rows;
    l->label = arena_array(a, signed char, n);
    l->district = arena_array(a, signed char, n);
    l->bent = arena_array(a, struct point, n);
    rng_init(&r, seed, STREAM_NOISE);
    for (size_t i = 0; i < NOISE_SIDE * NOISE_SIDE; i++)
        heights[i] = 2 * rng_double(&r) - 1;
    for (size_t i = 0; i < n; i++) {
        struct point p = land_point(l, i);

        l->bent[i] = bend(heights, p);
        l->label[i] = land_inside(l, p) ? 0 : -1;
    }
    keep_mainland(l);
}

/*
 * Each label keeps its largest connected part; what is cut off joins a
 * neighbour, of the same district if there is one.
 */
static void join_scraps(struct land *l, signed char *label, int labels)
{
    size_t n = l->columns * l->rows, head = 0, tail = 0;
    size_t *queue = arena_array(l->arena, size_t, n);
    uint32_t *part = arena_array(l->arena, uint32_t, n), parts = 0;
    uint32_t *best = arena_array(l->arena, uint32_t, (size_t)labels);
    size_t *best_size = arena_array(l->arena, size_t, (size_t)labels);

    for (size_t i = 0; i < n; i++) {
        if (l->label[i] < 0 || part[i])
            continue;
        head = tail = 0;
        part[i] = ++parts;
        queue[tail++] = i;
        while (head < tail) {
            size_t to[6], k = land_neighbours(l, queue[head++], to);

            while (k-- > 0)
                if (!part[to[k]] && l->label[to[k]] >= 0 &&
                    label[to[k]] == label[i]) {
                    part[to[k]] = parts;
                    queue[tail++] = to[k];
                }
        }
        if (tail > best_size[label[i]]) {
            best_size[label[i]] = tail;
            best[label[i]] = parts;
        }
    }
    head = tail = 0;
    for (size_t i = 0; i < n; i++) {
        if (l->label[i] < 0)
            continue;
        if (part[i] == best[label[i]])
            queue[tail++] = i;
        else
            part[i] = 0;
    }
    while (head < tail) { /* from all kept parts outwards, in step */
        size_t from = queue[head++], to[6];
        size_t k = land_neighbours(l, from, to);

        while (k-- > 0)
            if (l->label[to[k]] >= 0 && !part[to[k]]) {
                part[to[k]] = part[from];
                label[to[k]] = label[from];
                queue[tail++] = to[k];
            }
    }
}

static void divide_districts(struct land *l)
{
    size_t n = l->columns * l->rows;

    for (size_t i = 0; i < n; i++) {
        double nearest = INFINITY;

        if (l->label[i] < 0)
            continue;
        for (int d = 0; d < TOWN_DISTRICTS; d++) {
            const struct town_district *t = &town_districts[d];
            double dx = l->bent[i].x - t->anchor.x;
            double dy = l->bent[i].y - t->anchor.y;
            double distance = dx * dx + dy * dy - t->reach_m * t->reach_m;

            if (distance < nearest) {
                nearest = distance;
                l->district[i] = (signed char)d;
            }
        }
    }
    join_scraps(l, l->district, TOWN_DISTRICTS);
}

/* How finely a place is divided: the old centre far more than the plain. */
static double grain(struct point p)
{
    double d = hypot(p.x + 500, p.y - 900) / 1500;

    return 1 / ((1 + d) * (1 + d) * (1 + d));
}

struct patch { /* the points of one district */
    size_t n;
    size_t *at;
    double *weight;
};

static struct patch patch_of(struct land *l, int district)
{
    size_t n = l->columns * l->rows;
    struct patch p = {.at = arena_array(l->arena, size_t, n),
                      .weight = arena_array(l->arena, double, n)};

    for (size_t i = 0; i < n; i++)
        if (l->label[i] >= 0 && l->district[i] == district) {
            p.at[p.n] = i;
            p.weight[p.n++] = grain(land_point(l, i));
        }
    return p;
}

static int nearest_seed(const struct point *seeds, int n, struct point p)
{
    double least = INFINITY;
    int best = 0;

    for (int k = 0; k < n; k++) {
        double dx = seeds[k].x - p.x, dy = seeds[k].y - p.y;

        if (dx * dx + dy * dy < least) {
            least = dx * dx + dy * dy;
            best = k;
        }
    }
    return best;
}

/* Lloyd (1982), doi:10.1109/TIT.1982.1056489, with the grain as weight. */
static void relax(const struct land *l, const struct patch *p,
                  struct point *seeds, int n)
{
    enum { ROUNDS = 14 };

    for (int round = 0; round < ROUNDS; round++) {
        double x[TOWN_AREAS] = {0}, y[TOWN_AREAS] = {0}, w[TOWN_AREAS] = {0};

        for (size_t i = 0; i < p->n; i++) {
            struct point at = l->bent[p->at[i]];
            int k = nearest_seed(seeds, n, at);

            x[k] += at.x * p->weight[i];
            y[k] += at.y * p->weight[i];
            w[k] += p->weight[i];
        }
        for (int k = 0; k < n; k++)
            if (w[k] > 0)
                seeds[k] = (struct point){x[k] / w[k], y[k] / w[k]};
    }
}

/* Each named place gets a seed near to it: the closest pairs first. */
static void name_seeds(struct point *seeds, int n,
                       const struct town_place *places)
{
    struct point sorted[TOWN_AREAS];
    bool named[TOWN_AREAS] = {false}, taken[TOWN_AREAS] = {false};

    for (int round = 0; round < n; round++) {
        double least = INFINITY;
        int place = 0, seed = 0;

        for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++) {
                double d =
                    hypot(places[i].x - seeds[k].x, places[i].y - seeds[k].y);

                if (!named[i] && !taken[k] && d < least) {
                    least = d;
                    place = i;
                    seed = k;
                }
            }
        named[place] = taken[seed] = true;
        sorted[place] = seeds[seed];
    }
    memcpy(seeds, sorted, (size_t)n * sizeof *seeds);
}

void land_divide(struct land *l, uint64_t seed, uint64_t stream)
{
    int first = 0;
    struct rng r;

    rng_init(&r, seed, stream);
    divide_districts(l);
    for (int d = 0; d < TOWN_DISTRICTS; d++) {
        struct patch p = patch_of(l, d);
        struct point seeds[TOWN_AREAS];
        int n = town_districts[d].areas;

        for (int k = 0; k < n;) {
            size_t i = (size_t)rng_below(&r, p.n);

            if (rng_double(&r) < p.weight[i])
                seeds[k++] = l->bent[p.at[i]];
        }
        relax(l, &p, seeds, n);
        name_seeds(seeds, n, town_districts[d].places);
        for (size_t i = 0; i < p.n; i++)
            l->label[p.at[i]] =
                (signed char)(first + nearest_seed(seeds, n, l->bent[p.at[i]]));
        first += n;
    }
    join_scraps(l, l->label, TOWN_AREAS);
}
