/*
 * slope.c: change between two periods, a line for each row.
 */
#include <math.h>
#include <stdlib.h>

#include "draw/drawing.h"
#include "draw/frame.h"

/* Where the largest is so many times the smallest, heights are logarithms. */
#define LOG_RATIO 8

struct line {
    const char *label;
    struct cell cell[2];
    double v[2];
    double y[2];       /* of the values */
    double label_y[2]; /* moved apart */
    bool up;
    size_t order;
};

struct slope {
    struct line *lines;
    size_t n;
    struct format format;
    double x[2], side_w, top, bottom, foot, step;
    bool logarithmic;
};

static int by_size(const void *x, const void *y)
{
    const struct line *a = x, *b = y;
    double p = MAX(a->v[0], a->v[1]), q = MAX(b->v[0], b->v[1]);

    if (p != q)
        return p > q ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static void read_lines(struct sketch *s, struct slope *sl)
{
    const struct view *v = &s->view;
    size_t label = view_chosen(v, "label", NULL);
    size_t from = view_chosen(v, "from", NULL);
    size_t to = view_chosen(v, "to", NULL);
    size_t *rows, n = view_select(v, label, &rows);
    int64_t limit = node_integer(node_get(s->figure, "limit"), 10);
    double *values = arena_array(v->arena, double, 2 * n + 1);

    sl->lines = arena_array(v->arena, struct line, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct cell a = view_cell(v, rows[i], from);
        struct cell b = view_cell(v, rows[i], to);

        if (a.state != CELL_NUMBER || b.state != CELL_NUMBER)
            continue;
        values[2 * sl->n] = a.v;
        values[2 * sl->n + 1] = b.v;
        sl->lines[sl->n] = (struct line){.label = view_text(v, rows[i], label),
                                         .cell = {a, b},
                                         .v = {a.v, b.v},
                                         .up = b.v >= a.v,
                                         .order = i};
        sl->n++;
    }
    qsort(sl->lines, sl->n, sizeof *sl->lines, by_size);
    sl->n = MIN(sl->n, (size_t)MAX(1, limit));
    sl->format = view_format(v, to, values, 2 * sl->n);
}

/*
 * Labels at their values' heights, pushed apart to `step` and kept inside:
 * blocks of touching labels stand about their common middle.
 */
static void spread(struct slope *sl, int side, size_t *order)
{
    double *mean = calloc(sl->n, sizeof *mean);
    size_t *size = calloc(sl->n, sizeof *size), blocks = 0, at = 0;

    for (size_t i = 0; mean && size && i < sl->n; i++) {
        mean[blocks] = sl->lines[order[i]].y[side];
        size[blocks++] = 1;
        while (blocks > 1) {
            size_t b = blocks - 1;
            double need = sl->step * (double)(size[b] + size[b - 1]) / 2;
            size_t all = size[b] + size[b - 1];

            if (mean[b] - mean[b - 1] >= need)
                break;
            mean[b - 1] = (mean[b - 1] * (double)size[b - 1] +
                           mean[b] * (double)size[b]) /
                          (double)all;
            size[b - 1] = all;
            blocks--;
        }
    }
    for (size_t b = 0; b < blocks; b++)
        for (size_t i = 0; i < size[b]; i++)
            sl->lines[order[at++]].label_y[side] =
                mean[b] + sl->step * ((double)i - (double)(size[b] - 1) / 2);
    free(mean);
    free(size);
}

static void place(struct slope *sl, int side, struct arena *a)
{
    size_t *order = arena_array(a, size_t, sl->n + 1);

    for (size_t i = 0; i < sl->n; i++) {
        size_t k = i;

        for (; k > 0 && sl->lines[order[k - 1]].y[side] > sl->lines[i].y[side];
             k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    spread(sl, side, order);
    for (size_t i = sl->n; i-- > 0;) { /* nothing under the figure's foot */
        double limit = sl->foot - sl->step * (double)(sl->n - 1 - i);
        struct line *l = sl->lines + order[i];

        l->label_y[side] = MIN(l->label_y[side], limit);
    }
    for (size_t i = 0; i < sl->n; i++) {
        double limit = sl->top + sl->step * (double)i;
        struct line *l = sl->lines + order[i];

        l->label_y[side] = MAX(l->label_y[side], limit);
    }
}

static void side_label(struct sketch *s, const struct slope *sl,
                       const struct line *l, int side)
{
    struct canvas *c = s->canvas;
    const char *value = format_cell(&s->view, &sl->format, l->cell[side]);
    struct text number = {.text = value,
                          .size = SIZE_BODY,
                          .tone = l->up ? TONE_INK : TONE_OTHER,
                          .anchor = side ? ANCHOR_START : ANCHOR_END,
                          .rise = 0.5};
    struct text name = number;
    double y = l->label_y[side], w;
    double x = sl->x[side] + (side ? 12 : -12);

    if (fabs(y - l->y[side]) > 1) {
        canvas_segment(c, sl->x[side] + (side ? 3 : -3), l->y[side],
                       x + (side ? -3 : 3), y);
        canvas_stroke(c, TONE_RULE, 0.7, DASH_NONE);
    }
    number.bold = side;
    w = text_draw(c, &number, x, y).w;
    if (c->small && !side)
        return; /* names stand once, at the end of the lines */
    name.bold = false;
    name.text = l->label;
    name.tone = TONE_INK;
    name.lines = 1;
    name.width = MAX(30, sl->side_w - w - 20);
    text_draw(c, &name, x + (side ? w + 7 : -w - 7), y);
}

static void lines(struct sketch *s, const struct slope *sl, bool up)
{
    struct canvas *c = s->canvas;

    for (size_t i = 0; i < sl->n; i++)
        if (sl->lines[i].up == up)
            canvas_segment(c, sl->x[0], sl->lines[i].y[0], sl->x[1],
                           sl->lines[i].y[1]);
    canvas_stroke(c, up ? TONE_ACCENT : TONE_OTHER, 1.8, DASH_NONE);
    for (size_t i = 0; i < sl->n; i++)
        for (int side = 0; side < 2; side++)
            if (sl->lines[i].up == up)
                canvas_circle(c, sl->x[side], sl->lines[i].y[side], 3);
    canvas_fill(c, up ? TONE_ACCENT : TONE_OTHER);
}

static void heads(struct sketch *s, const struct slope *sl)
{
    for (int side = 0; side < 2; side++) {
        const char *key = side ? "to_label" : "from_label";
        struct buf b = {0};
        struct text t = {.size = SIZE_BODY,
                         .bold = true,
                         .anchor = side ? ANCHOR_START : ANCHOR_END};

        buf_init(&b, 4096);
        lang_period(s->view.lang, view_key(&s->view, key), &b);
        t.text = arena_strdup(s->canvas->arena, buf_cstr(&b));
        buf_free(&b);
        if (!side && s->canvas->small) {
            t.anchor = ANCHOR_START;
            text_draw(s->canvas, &t, 0, s->y);
            continue;
        }
        text_draw(s->canvas, &t, sl->x[side] + (side ? 12 : -12), s->y);
    }
    s->y += 26;
}

static void legend(struct sketch *s, const struct slope *sl)
{
    struct entry e[] = {
        {.text = lang_text(s->view.lang, "grew"),
         .tone = TONE_ACCENT,
         .line = true},
        {.text = lang_text(s->view.lang, "shrank"),
         .tone = TONE_OTHER,
         .line = true},
    };
    bool up = false, down = false;

    for (size_t i = 0; i < sl->n; i++) {
        up |= sl->lines[i].up;
        down |= !sl->lines[i].up;
    }
    if (up && down)
        legend_entries(s, e, 2);
    s->y += 6;
}

static double line_height(struct sketch *s, const struct slope *sl)
{
    double h = 18;

    for (size_t i = 0; i < sl->n; i++) {
        struct text t = {.text = sl->lines[i].label, .size = SIZE_BODY};

        h = MAX(h, text_measure(s->canvas, &t).h);
    }
    return h;
}

/* Room for the numbers before the lines, "≥" and all. */
static double numbers_width(struct sketch *s, const struct slope *sl)
{
    double w = 46;

    for (size_t i = 0; i < sl->n; i++) {
        struct text t = {
            .text = format_cell(&s->view, &sl->format, sl->lines[i].cell[0]),
            .size = SIZE_BODY};

        w = MAX(w, text_measure(s->canvas, &t).w);
    }
    return w;
}

static double share_of(const struct slope *sl, double v, double least,
                       double most)
{
    if (sl->logarithmic)
        return log(v / least) / log(most / least);
    return (v - least) / (most - least);
}

static void lay_slope(struct sketch *s, struct slope *sl)
{
    struct canvas *c = s->canvas;
    double most = -INFINITY, least = INFINITY, h;

    for (size_t i = 0; i < sl->n; i++) {
        for (int side = 0; side < 2; side++) {
            most = MAX(most, sl->lines[i].v[side]);
            least = MIN(least, sl->lines[i].v[side]);
        }
    }
    sl->logarithmic = least > 0 && most > LOG_RATIO * least;
    if (!sl->logarithmic)
        least = MIN(least, 0);
    if (most == least)
        most = least + 1;
    sl->step = line_height(s, sl);
    h = MAX(c->small ? 300 : 320, sl->step * 1.25 * (double)sl->n);
    sl->x[0] = c->small ? numbers_width(s, sl) + 16 : 0.34 * c->width;
    sl->x[1] = c->small ? MAX(0.46 * c->width, sl->x[0] + 75) : 0.66 * c->width;
    sl->side_w = c->width - sl->x[1] - 12;
    sl->top = s->y + 10;
    sl->foot = s->y + h - 10;
    sl->bottom = sl->foot - sl->step;
    for (size_t i = 0; i < sl->n; i++)
        for (int side = 0; side < 2; side++)
            sl->lines[i].y[side] =
                sl->bottom - share_of(sl, sl->lines[i].v[side], least, most) *
                                 (sl->bottom - sl->top);
    place(sl, 0, c->arena);
    place(sl, 1, c->arena);
}

enum rc draw_slope(struct sketch *s, struct err *err)
{
    struct slope sl = {0};
    const char *unit;

    read_lines(s, &sl);
    if (sl.n == 0) {
        frame_empty(s);
        return RC_OK;
    }
    unit = unit_name(s->view.lang, sl.format.unit);
    if (*unit)
        frame_note(s, unit);
    s->y += 4;
    legend(s, &sl);
    lay_slope(s, &sl); /* x of the heads */
    heads(s, &sl);
    lay_slope(s, &sl);
    for (int side = 0; side < 2; side++)
        canvas_segment(s->canvas, sl.x[side], sl.top - 4, sl.x[side],
                       sl.bottom + 4);
    canvas_stroke(s->canvas, TONE_FAINT, 1, DASH_NONE);
    lines(s, &sl, true);
    lines(s, &sl, false);
    for (size_t i = 0; i < sl.n; i++) {
        side_label(s, &sl, sl.lines + i, 0);
        side_label(s, &sl, sl.lines + i, 1);
    }
    s->y = sl.foot + 14;
    if (sl.logarithmic)
        frame_note(s, lang_text(s->view.lang,
                                "Logarithmic scale: the steeper a line, the "
                                "faster the change in proportion."));
    return RC_OK;
}
