/*
 * concentration.c: Lorenz curves of areas, with D as the largest gap to the
 * diagonal (Duncan and Duncan 1955, doi:10.2307/2088328).
 */
#include <math.h>

#include "draw/drawing.h"
#include "draw/frame.h"

struct square {
    double left, top, side; /* left: physical, a graph is never mirrored */
};

/* Left to right in any language. */
static double right_of(const struct canvas *c, const struct square *q, double x)
{
    double at = q->left + x * q->side;

    return c->mirror ? c->width - at : at;
}

static double up_of(const struct square *q, double y)
{
    return q->top + (1 - y) * q->side;
}

static size_t points(const struct node *series)
{
    return node_len(node_get(series, "xy")) / 2;
}

static void point(const struct node *series, size_t i, double out[2])
{
    const struct node *xy = node_get(series, "xy");

    for (size_t k = 0; k < 2; k++)
        out[k] = MAX(0, MIN(1, node_number(node_at(xy, 2 * i + k), 0)));
}

static double largest_gap(const struct node *series, double at[2])
{
    double gap = -1;

    for (size_t i = 0; i < points(series); i++) {
        double p[2];

        point(series, i, p);
        if (fabs(p[0] - p[1]) > gap) {
            gap = fabs(p[0] - p[1]);
            at[0] = p[0];
            at[1] = p[1];
        }
    }
    return MAX(0, gap);
}

static void axes(struct sketch *s, const struct square *q)
{
    struct canvas *c = s->canvas;
    struct format f = {"share", 0, false};

    for (int i = 0; i <= 4; i++) {
        canvas_segment(c, right_of(c, q, i / 4.0), q->top,
                       right_of(c, q, i / 4.0), q->top + q->side);
        canvas_segment(c, right_of(c, q, 0), up_of(q, i / 4.0),
                       right_of(c, q, 1), up_of(q, i / 4.0));
    }
    canvas_stroke(c, TONE_FAINT, 1, DASH_NONE);
    for (int i = 0; i <= 4; i++) {
        struct text t = {.text = format_number(&s->view, &f, i / 4.0),
                         .size = SIZE_SMALL - 1,
                         .tone = TONE_SOFT,
                         .anchor = c->mirror ? ANCHOR_START : ANCHOR_END,
                         .rise = 0.5};
        double x = right_of(c, q, i / 4.0);

        text_draw(c, &t, right_of(c, q, 0) + (c->mirror ? 6 : -6),
                  up_of(q, i / 4.0));
        t.anchor = ANCHOR_MIDDLE;
        t.rise = 0;
        text_draw(c, &t, x, q->top + q->side + 4);
    }
    canvas_segment(c, right_of(c, q, 0), up_of(q, 0), right_of(c, q, 1),
                   up_of(q, 1));
    canvas_stroke(c, TONE_RULE, 1.2, DASH_SHORT);
}

/* Points closer than half a pixel to the last one are left out. */
static void curve(struct sketch *s, const struct square *q,
                  const struct node *series, enum tone tone, enum dash dash)
{
    struct canvas *c = s->canvas;
    size_t n = points(series);
    double last[2] = {-9, -9}, p[2];

    for (size_t i = 0; i < n; i++) {
        point(series, i, p);
        if (i && i + 1 < n &&
            hypot(p[0] - last[0], p[1] - last[1]) * q->side < 2.5)
            continue;
        if (i == 0)
            canvas_move(c, right_of(c, q, p[0]), up_of(q, p[1]));
        else
            canvas_line(c, right_of(c, q, p[0]), up_of(q, p[1]));
        last[0] = p[0];
        last[1] = p[1];
    }
    canvas_stroke(c, tone, 2.2, dash);
}

static enum dash dash_of(size_t i)
{
    static const enum dash dashes[] = {DASH_NONE, DASH_LONG, DASH_SHORT};

    return dashes[i % 3];
}

static void marks(struct sketch *s, const struct square *q,
                  const struct node *series, enum tone tone)
{
    struct canvas *c = s->canvas;
    double at[2] = {0, 0};

    if (!(largest_gap(series, at) > 0))
        return;
    canvas_segment(c, right_of(c, q, at[0]), up_of(q, at[0]),
                   right_of(c, q, at[0]), up_of(q, at[1]));
    canvas_stroke(c, tone, 1.1, DASH_DOTS);
    canvas_circle(c, right_of(c, q, at[0]), up_of(q, at[1]), 4);
    canvas_fill(c, tone);
}

static void names(struct sketch *s, const struct node *list)
{
    struct canvas *c = s->canvas;
    size_t n = MIN(node_len(list), CATEGORIES);
    struct entry *e = arena_array(c->arena, struct entry, n + 1);
    struct format f = {"index", 2, false};

    for (size_t i = 0; i < n; i++) {
        const struct node *series = node_at(list, i);
        const char *name = view_names(&s->view, node_get(series, "label"));
        double at[2];
        const char *d = format_number(&s->view, &f, largest_gap(series, at));

        e[i] = (struct entry){
            .text = arena_printf(c->arena, "%s · D = %s", name, d),
            .tone = tone_category(i),
            .line = true,
            .dash = dash_of(i)};
    }
    legend_entries(s, e, n);
}

/* Ends where the axis ends, on the right in any language. */
static double axis_name(struct sketch *s, const struct square *q)
{
    struct canvas *c = s->canvas;
    struct text t = {
        .text = lang_text(s->view.lang, "Share of all other residents"),
        .size = SIZE_SMALL,
        .tone = TONE_SOFT,
        .anchor = c->mirror ? ANCHOR_START : ANCHOR_END};

    return text_draw(c, &t, right_of(c, q, 1), s->y).h;
}

enum rc draw_concentration(struct sketch *s, struct err *err)
{
    struct canvas *c = s->canvas;
    const struct node *list = node_get(s->figure, "series");
    size_t n = MIN(node_len(list), CATEGORIES);
    double margin = 46;
    struct square q = {.side = MIN(c->width - margin - 20, 420)};
    struct text t = {.size = SIZE_SMALL, .tone = TONE_SOFT, .width = c->width};

    if (n == 0) {
        frame_empty(s);
        return RC_OK;
    }
    names(s, list);
    s->y += 8;
    t.text = lang_text(s->view.lang, "Share of the group's members");
    s->y += text_draw(c, &t, 0, s->y).h + 8;
    q.top = s->y;
    q.left = c->mirror && c->width > q.side + 2 * margin
                 ? c->width - q.side - margin
                 : margin;
    axes(s, &q);
    for (size_t i = n; i-- > 0;)
        curve(s, &q, node_at(list, i), tone_category(i), dash_of(i));
    for (size_t i = n; i-- > 0;)
        marks(s, &q, node_at(list, i), tone_category(i));
    s->y = q.top + q.side + 24;
    s->y += axis_name(s, &q) + 6;
    t.text =
        lang_text(s->view.lang,
                  "Areas are added in order of the group's share. On the "
                  "dashed line a group lives as everyone else does; D, the "
                  "largest gap to it, is the share of its members who "
                  "would have to move to live so.");
    s->y += text_draw(c, &t, 0, s->y).h;
    return RC_OK;
}
