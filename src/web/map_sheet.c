#include "web/map_sheet.h"
#include "draw/drawing.h"
#include "draw/placement.h"
#include "web/cache.h"
#include "web/server.h"

#include <math.h>
#include <stdio.h>

#define GRID_UNITS 2000.0
#define DETAIL 0.6      /* grid units */
#define NAME_PX 13.0    /* .map text in assets/site.css */
#define NAME_LINE 1.2   /* its height, in its size */
#define OTHER_FONTS 1.1 /* a reader's font may be wider than ours */
#define MARK_PX 6.0
#define GAP_PX 3.0
#define LOCATOR_KM 1500.0
#define LOCATOR_UNITS 400.0

/* The widths at which names are chosen anew: .map in assets/site.css, where
 * letters on a wide map are 16 px high. */
static const struct {
    const char *name;
    double from, to, letters;
} widths[] = {{"w1", 280, 480, 1},
              {"w2", 480, 720, 1},
              {"w3", 720, 1080, 1},
              {"w4", 1080, 1600, 16 / NAME_PX},
              {"w5", 1600, 3800, 16 / NAME_PX}};

static const struct {
    const char *anchor;
    double across, down; /* in directions from the mark */
    double rise;         /* of the text's base line, in its size */
} sides[SIDES] = {
    [SIDE_EAST] = {"start", 1, 0, 0.34},
    [SIDE_WEST] = {"end", -1, 0, 0.34},
    [SIDE_NORTH] = {"middle", 0, -1, -0.22},
    [SIDE_SOUTH] = {"middle", 0, 1, 0.92},
    [SIDE_NORTH_EAST] = {"start", 0.7, -0.7, -0.22},
    [SIDE_SOUTH_EAST] = {"start", 0.7, 0.7, 0.92},
    [SIDE_NORTH_WEST] = {"end", -0.7, -0.7, -0.22},
    [SIDE_SOUTH_WEST] = {"end", -0.7, 0.7, 0.92},
};

struct sheet {
    const struct request *r;
    const struct world_frame *frame;
    const struct map_place *places;
    struct placed *at; /* of each place, again for every width */
    size_t *which;     /* its place */
    size_t n, named;   /* those with a name come first */
    enum side *chosen; /* n rows of ARRAY_LEN(widths) */
};

static const char *percent(const struct request *r, double share)
{
    return arena_printf(r->arena, "%.2f%%", 100 * share);
}

static void measure_names(struct sheet *s, struct canvas *c)
{
    for (size_t i = 0; i < s->named; i++) {
        struct text t = {.text = s->places[s->which[i]].name, .size = NAME_PX};

        s->at[i].w = text_measure(c, &t).w * OTHER_FONTS;
        s->at[i].h = NAME_PX * NAME_LINE;
    }
}

static enum rc lay_out_names(struct sheet *s, struct err *err)
{
    const struct figure_options o = {.format = FIGURE_SVG};
    struct arena *a = s->r->arena;
    struct drawing *d = NULL;
    struct canvas c;
    enum rc rc = drawing_open(NULL, NULL, a, &d, err);

    if (rc)
        return rc;
    rc = canvas_open(d, s->r->lang, &o, &c, err);
    if (!rc)
        measure_names(s, &c);
    canvas_close(&c);
    drawing_close(d);
    return rc;
}

static void choose_names(struct sheet *s)
{
    double *w = arena_array(s->r->arena, double, s->n + 1);

    for (size_t i = 0; i < s->n; i++)
        w[i] = s->at[i].w;
    for (size_t k = 0; k < ARRAY_LEN(widths); k++) {
        struct placement p = {.narrow = widths[k].from,
                              .wide = widths[k].to,
                              .aspect =
                                  s->frame->height_km / s->frame->width_km,
                              .gap = GAP_PX,
                              .rtl = lang_rtl(s->r->lang)};

        for (size_t i = 0; i < s->n; i++) {
            s->at[i].w = i < s->named ? w[i] * widths[k].letters : 1e9;
            s->at[i].h = NAME_PX * NAME_LINE * widths[k].letters;
        }
        placement_choose(&p, s->at, s->n);
        for (size_t i = 0; i < s->n; i++)
            s->chosen[i * ARRAY_LEN(widths) + k] = s->at[i].side;
    }
}

/* The name once for every side it stands at, with the widths of each. */
static struct node *names_of(const struct sheet *s, size_t i)
{
    const struct request *r = s->r;
    const enum side *chosen = s->chosen + i * ARRAY_LEN(widths);
    struct node *list = node_list(r->arena);

    for (int side = SIDE_NONE + 1; side < SIDES; side++) {
        AUTO(buf) struct buf at = {.ceiling = 256};
        struct node *name;
        double away = MARK_PX + GAP_PX;

        for (size_t k = 0; k < ARRAY_LEN(widths); k++)
            if (chosen[k] == (enum side)side)
                buf_fmt(&at, "%s%s", at.n ? " " : "", widths[k].name);
        if (!at.n)
            continue;
        name = node_object(r->arena);
        node_set_text(name, "text", s->places[s->which[i]].name);
        node_set_text(
            name, "dx",
            arena_printf(r->arena, "%.1f", sides[side].across * away));
        node_set_text(
            name, "dy",
            arena_printf(r->arena, "%.1f",
                         sides[side].down * away + sides[side].rise * NAME_PX));
        node_set_text(name, "anchor", sides[side].anchor);
        node_set_text(name, "at", buf_cstr(&at));
        node_push(list, name);
    }
    return list;
}

static struct node *marks_of(const struct sheet *s)
{
    struct node *list = node_list(s->r->arena);

    for (size_t i = 0; i < s->n; i++) {
        const struct map_place *p = &s->places[s->which[i]];
        struct node *mark = node_object(s->r->arena);

        if (p->path)
            node_set_text(mark, "path", p->path);
        node_set_text(mark, "title", p->title);
        node_set_text(mark, "symbol", p->symbol);
        node_set_text(mark, "x", percent(s->r, s->at[i].x));
        node_set_text(mark, "y", percent(s->r, s->at[i].y));
        node_set(mark, "names", names_of(s, i));
        node_push(list, mark);
    }
    return list;
}

static void take_places(struct sheet *s, struct world_map *m,
                        struct map_place *places, size_t n, bool named)
{
    for (size_t i = 0; i < n; i++) {
        double x, y;

        if (places[i].unnamed == named)
            continue;
        places[i].shown =
            world_place(m, places[i].longitude, places[i].latitude, &x, &y);
        if (!places[i].shown)
            continue;
        s->which[s->n] = i;
        s->at[s->n++] = (struct placed){.x = x, .y = y, .radius = MARK_PX};
    }
    if (named)
        s->named = s->n;
}

static void no_reply(void *ctx, struct page *p)
{
}

/* Coasts never change: those of a frame are drawn once and kept. */
static enum rc coasts(const struct request *r, const struct world_frame *f,
                      double units, double detail, struct node **out,
                      struct err *err)
{
    struct page_cache *cache = r->server->cache;
    struct str key = str_of(
        arena_printf(r->arena, "coasts %.3f %.3f %.0f %.0f %.0f", f->longitude,
                     f->latitude, f->width_km, f->height_km, units));
    struct page *kept = cache_find(cache, key, 0);
    enum rc rc;

    if (!kept) {
        AUTO(buf) struct buf path = {.ceiling = BUF_CEILING};
        AUTO(arena) struct arena *a = arena_new(0);
        AUTO(world) struct world_map *m = NULL;

        rc = world_open(f, a, &m, err);
        if (rc)
            return rc;
        world_land(m, units, detail, &path);
        kept = cache_add(cache, key, 0, buf_str(&path), no_reply, NULL);
        if (!kept)
            return err_set(err, RC_MEMORY, N_("not enough memory to draw"));
    }
    *out = node_object(r->arena);
    node_set_int(*out, "width", (int64_t)units);
    node_set_int(*out, "height",
                 (int64_t)lround(units * f->height_km / f->width_km));
    node_set(*out, "land", node_str(r->arena, kept->bytes[CODING_PLAIN]));
    cache_release(cache, kept);
    return RC_OK;
}

enum rc map_sheet(const struct request *r, const struct world_frame *f,
                  struct map_place *places, size_t n, struct node **out,
                  struct err *err)
{
    struct sheet s = {.r = r, .frame = f, .places = places};
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(world) struct world_map *m = NULL;
    enum rc rc = world_open(f, a, &m, err);

    if (rc)
        return rc;
    s.at = arena_array(r->arena, struct placed, n + 1);
    s.which = arena_array(r->arena, size_t, n + 1);
    s.chosen = arena_array(r->arena, enum side, (n + 1) * ARRAY_LEN(widths));
    take_places(&s, m, places, n, true);
    take_places(&s, m, places, n, false);
    rc = lay_out_names(&s, err);
    if (rc)
        return rc;
    choose_names(&s);
    rc = coasts(r, f, GRID_UNITS, DETAIL, out, err);
    if (!rc)
        node_set(*out, "marks", marks_of(&s));
    return rc;
}

bool map_frame(const struct map_place *places, size_t n, double around_km,
               struct arena *a, struct world_frame *out)
{
    double west = 180, east = -180, south = 90, north = -90, half_w = 0;
    double half_h = 0;
    AUTO(world) struct world_map *m = NULL;
    struct world_frame whole = {.width_km = 12000, .height_km = 12000};

    for (size_t i = 0; i < n; i++) {
        west = MIN(west, places[i].longitude);
        east = MAX(east, places[i].longitude);
        south = MIN(south, places[i].latitude);
        north = MAX(north, places[i].latitude);
    }
    if (n == 0)
        return false;
    whole.longitude = (west + east) / 2;
    whole.latitude = (south + north) / 2;
    if (world_open(&whole, a, &m, NULL))
        return false;
    for (size_t i = 0; i < n; i++) {
        double x, y;

        if (!world_place(m, places[i].longitude, places[i].latitude, &x, &y))
            return false;
        half_w = MAX(half_w, fabs(x - 0.5) * whole.width_km);
        half_h = MAX(half_h, fabs(y - 0.5) * whole.height_km);
    }
    *out = whole;
    out->width_km = 2 * (half_w + around_km);
    out->height_km = 2 * (half_h + around_km);
    return out->width_km <= 12000 && out->height_km <= 12000;
}

/* ---- about one place ---- */

enum rc map_locator(const struct request *r, double longitude, double latitude,
                    struct node **out, struct err *err)
{
    const struct world_frame f = {longitude, latitude, LOCATOR_KM,
                                  LOCATOR_KM * 0.75};

    return coasts(r, &f, LOCATOR_UNITS, 0.4, out, err);
}
