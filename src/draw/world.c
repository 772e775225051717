#include "draw/world.h"

#include <math.h>
#include <stdlib.h>

#include "draw/svgpath.h"
#include "space/projection.h"

#define STEPS_A_DEGREE 100
#define KM_A_DEGREE 111.195
#define MOST_KM 12000
#define CHORD_DEGREES 2.0 /* longer lines are bent by the projection */
#define MARGIN 0.02       /* of the frame: where cut lines run, unseen */

extern const unsigned char land_coasts[];
extern const size_t land_coasts_bytes;

struct world_map {
    struct world_frame frame;
    struct projection *projection;
    struct arena *arena;
    double half_lon, half_lat; /* window of degrees that holds the frame */
};

struct point {
    double x, y;
};
struct line {
    struct point *items;
    size_t n, cap;
};

static void push(struct arena *a, struct line *l, double x, double y)
{
    VEC_PUSH(a, l->items, l->n, l->cap) = (struct point){x, y};
}

/* ---- the coasts as they were stored ---- */

struct reader {
    const unsigned char *at, *end;
};

static uint64_t varint(struct reader *r)
{
    uint64_t v = 0;

    for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
        unsigned char byte = *r->at++;

        v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            break;
    }
    return v;
}

static double step(struct reader *r)
{
    uint64_t v = varint(r);

    return (double)((int64_t)(v >> 1) ^ -(int64_t)(v & 1)) / STEPS_A_DEGREE;
}

static uint64_t land_open(struct reader *r)
{
    REQUIRE(land_coasts_bytes > 4 && memcmp(land_coasts, "land", 4) == 0);
    *r = (struct reader){land_coasts + 4, land_coasts + land_coasts_bytes};
    return varint(r);
}

bool world_has_land(void)
{
    struct reader r;

    return land_open(&r);
}

/* ---- shapes ---- */

/* One side of a rectangle: what keeps sign * (x or y) <= limit stays. */
static void clip_side(struct arena *a, const struct line *in, bool vertical,
                      double sign, double limit, struct line *out)
{
    out->n = 0;
    for (size_t i = 0; i < in->n; i++) {
        struct point p = in->items[i];
        struct point q = in->items[i ? i - 1 : in->n - 1];
        double u = sign * (vertical ? p.y : p.x) - limit;
        double v = sign * (vertical ? q.y : q.x) - limit;

        if ((u <= 0) != (v <= 0)) {
            double t = v / (v - u);

            push(a, out, q.x + t * (p.x - q.x), q.y + t * (p.y - q.y));
        }
        if (u <= 0)
            push(a, out, p.x, p.y);
    }
}

/* Sutherland and Hodgman (1974), doi:10.1145/360767.360802; `spare` is room
 * to work in. The result is in `ring`. */
static void clip(struct arena *a, struct line *ring, struct line *spare,
                 double half_w, double half_h)
{
    clip_side(a, ring, false, 1, half_w, spare);
    clip_side(a, spare, false, -1, half_w, ring);
    clip_side(a, ring, true, 1, half_h, spare);
    clip_side(a, spare, true, -1, half_h, ring);
}

/* Long lines in pieces, then metres. */
static void project(const struct world_map *m, const struct line *in,
                    struct line *out)
{
    out->n = 0;
    for (size_t i = 0; i < in->n; i++) {
        struct point p = in->items[i], q = in->items[(i + 1) % in->n];
        double far = MAX(fabs(q.x - p.x), fabs(q.y - p.y));
        size_t pieces = 1 + (size_t)(far / CHORD_DEGREES);

        for (size_t k = 0; k < pieces; k++) {
            double t = (double)k / (double)pieces;
            double x = m->frame.longitude + p.x + t * (q.x - p.x);
            double y = m->frame.latitude + p.y + t * (q.y - p.y);

            projection_forward(m->projection, 1, &x, &y);
            if (!isnan(x))
                push(m->arena, out, x, y);
        }
    }
}

static double distance(struct point p, struct point a, struct point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, d = dx * dx + dy * dy;
    double t = d > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / d : 0;

    t = MIN(MAX(t, 0), 1);
    return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/* Ramer (1972), Douglas and Peucker (1973): marks what stays of a ring. */
static void mark(const struct line *l, size_t from, size_t to, double most,
                 bool *keep)
{
    size_t at = from;
    double worst = most;

    for (size_t i = from + 1; i < to; i++) {
        double d = distance(l->items[i], l->items[from], l->items[to % l->n]);

        if (d > worst) {
            worst = d;
            at = i;
        }
    }
    if (at == from)
        return;
    keep[at] = true;
    mark(l, from, at, most, keep);
    mark(l, at, to, most, keep);
}

static size_t farthest(const struct line *l)
{
    size_t at = 0;
    double most = 0;

    for (size_t i = 1; i < l->n; i++) {
        double d =
            hypot(l->items[i].x - l->items[0].x, l->items[i].y - l->items[0].y);

        if (d > most) {
            most = d;
            at = i;
        }
    }
    return at;
}

/* ---- paths ---- */

struct grid_ring {
    size_t n, cap;
    int32_t *xy;
};

static void keep_ring(const struct world_map *m, const struct line *ring,
                      double metres, double detail, struct grid_path *path,
                      struct grid_ring *all)
{
    bool *keep = arena_array(m->arena, bool, ring->n + 1);
    size_t far = farthest(ring), begin = all->n, ends = path->n_parts;
    double left = -m->frame.width_km * 500, top = m->frame.height_km * 500;

    keep[0] = keep[far] = true;
    mark(ring, 0, far, detail * metres, keep);
    mark(ring, far, ring->n, detail * metres, keep);
    for (size_t i = 0; i < ring->n; i++) {
        if (!keep[i])
            continue;
        VEC_PUSH(m->arena, all->xy, all->n, all->cap) =
            (int32_t)lround((ring->items[i].x - left) / metres);
        VEC_PUSH(m->arena, all->xy, all->n, all->cap) =
            (int32_t)lround((top - ring->items[i].y) / metres);
    }
    if (all->n - begin < 6) { /* nothing to fill */
        all->n = begin;
        return;
    }
    path->ends[ends] = all->n / 2;
    path->n_parts++;
}

/* The ring in degrees about the centre; across the line of the date it goes on
 * beyond 180. */
static void unroll(const struct world_map *m, struct reader *r,
                   struct line *ring)
{
    uint64_t n = varint(r);
    double lon = 0, lat = 0, turns = 0;

    ring->n = 0;
    for (uint64_t i = 0; i < n && r->at < r->end; i++) {
        double by = step(r);

        lon += by;
        lat += step(r);
        if (i && fabs(by) > 180)
            turns -= copysign(360, by);
        push(m->arena, ring, lon + turns - m->frame.longitude,
             lat - m->frame.latitude);
    }
}

/* false when it is far from the frame, or goes about a pole. */
static bool read_ring(const struct world_map *m, struct reader *r,
                      struct line *ring)
{
    double shift = 0, west = INFINITY, east = -INFINITY;
    double south = INFINITY, north = -INFINITY;

    unroll(m, r, ring);
    for (size_t i = 0; i < ring->n; i++) {
        west = MIN(west, ring->items[i].x);
        east = MAX(east, ring->items[i].x);
        south = MIN(south, ring->items[i].y);
        north = MAX(north, ring->items[i].y);
    }
    if (east < -m->half_lon)
        shift = 360;
    else if (west > m->half_lon)
        shift = -360;
    for (size_t i = 0; i < ring->n; i++)
        ring->items[i].x += shift;
    return ring->n && east - west < 359 && west + shift <= m->half_lon &&
           east + shift >= -m->half_lon && south <= m->half_lat &&
           north >= -m->half_lat;
}

void world_land(struct world_map *m, double units, double detail,
                struct buf *path)
{
    double metres = m->frame.width_km * 1000 / units;
    double half_w = m->frame.width_km * (500 + 1000 * MARGIN);
    double half_h = m->frame.height_km * (500 + 1000 * MARGIN);
    struct reader r;
    uint64_t rings = land_open(&r);
    struct grid_path out = {.closed = true,
                            .ends = arena_array(m->arena, size_t, rings + 1)};
    struct line ring = {0}, spare = {0};
    struct grid_ring all = {0};

    for (uint64_t i = 0; i < rings; i++) {
        if (!read_ring(m, &r, &ring))
            continue;
        clip(m->arena, &ring, &spare, m->half_lon, m->half_lat);
        project(m, &ring, &spare);
        clip(m->arena, &spare, &ring, half_w, half_h);
        if (spare.n > 2)
            keep_ring(m, &spare, metres, detail, &out, &all);
    }
    out.xy = all.xy;
    out.n = all.n / 2;
    if (out.n)
        svgpath_grid(&out, path);
}

/* ---- the frame ---- */

enum rc world_open(const struct world_frame *f, struct arena *a,
                   struct world_map **out, struct err *err)
{
    struct world_map *m = arena_new_of(a, struct world_map);
    double radius = hypot(f->width_km, f->height_km) / 2 / KM_A_DEGREE + 3;
    double highest = MIN(fabs(f->latitude) + radius, 80.0);

    if (!(f->width_km > 0 && f->width_km <= MOST_KM && f->height_km > 0 &&
          f->height_km <= MOST_KM))
        return err_set(err, RC_INVALID, N_("no such place on the earth"));
    *m = (struct world_map){.frame = *f, .arena = a};
    m->half_lat = radius * 1.15;
    m->half_lon = MIN(m->half_lat / cos(highest * M_PI / 180), 175.0);
    *out = m;
    return projection_open(f->longitude, f->latitude, &m->projection, err);
}

void world_close(struct world_map *m)
{
    if (!m)
        return;
    projection_close(m->projection);
    m->projection = NULL;
}

bool world_place(struct world_map *m, double longitude, double latitude,
                 double *x, double *y)
{
    double east = longitude, north = latitude;

    projection_forward(m->projection, 1, &east, &north);
    *x = 0.5 + east / (m->frame.width_km * 1000);
    *y = 0.5 - north / (m->frame.height_km * 1000);
    return *x >= 0 && *x <= 1 && *y >= 0 && *y <= 1;
}
