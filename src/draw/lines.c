/*
 * lines.c: values over a number: a line a column, `x` from left to right in
 * any language, as on a graph.
 */
#include <math.h>

#include "draw/drawing.h"
#include "draw/frame.h"

struct lines {
    size_t x, series[CATEGORIES], n, rows;
    struct format format;
    struct scale across, up;
    double left, right, top, bottom;
};

static void read_lines(struct sketch *s, struct lines *k)
{
    const struct view *v = &s->view;
    const struct node *series = node_get(s->figure, "series");
    double high = 0, low = 0, first = INFINITY, last = -INFINITY;

    k->x = view_chosen(v, "x", NULL);
    k->rows = view_rows(v);
    for (size_t i = 0; i < node_len(series) && k->n < CATEGORIES; i++) {
        size_t c = view_column(v, node_cstr(node_at(series, i), NULL));

        if (c != NO_COLUMN)
            k->series[k->n++] = c;
    }
    for (size_t r = 0; r < k->rows; r++) {
        struct cell x = view_cell(v, r, k->x);

        if (x.state != CELL_NUMBER)
            continue;
        first = fmin(first, x.v);
        last = fmax(last, x.v);
        for (size_t i = 0; i < k->n; i++) {
            struct cell c = view_cell(v, r, k->series[i]);

            if (c.state != CELL_NUMBER)
                continue;
            high = fmax(high, c.v);
            low = fmin(low, c.v);
        }
    }
    if (-low < 0.1 * high) /* a little under the axis needs no room */
        low = 0;
    k->up = scale_make(low, high > low ? high : low + 1, 4, 0, 1);
    k->across = isfinite(first) ? scale_make(fmin(0, first),
                                             last > first ? last : first + 1,
                                             s->canvas->small ? 4 : 8, 0, 1)
                                : scale_make(0, 1, 4, 0, 1);
    k->format = view_format(v, k->n ? k->series[0] : NO_COLUMN, NULL, 0);
    k->format.decimals = 0;
    while (k->format.decimals < 4 &&
           fabs(k->up.step * pow(10, k->format.decimals) -
                round(k->up.step * pow(10, k->format.decimals))) > 1e-6)
        k->format.decimals++;
}

/* Left to right in any language. */
static double right_of(const struct canvas *c, double x)
{
    return c->mirror ? c->width - x : x;
}

static unsigned ticks(const struct scale *s)
{
    return (unsigned)lround((s->high - s->low) / s->step);
}

static void grid_up(struct sketch *s, struct lines *k)
{
    struct canvas *c = s->canvas;

    for (unsigned i = 0; i <= ticks(&k->up); i++) {
        double v = k->up.low + i * k->up.step, y = scale_at(&k->up, v);
        struct text t = {.text = format_number(&s->view, &k->format, v),
                         .size = SIZE_SMALL - 1,
                         .tone = TONE_SOFT,
                         .anchor = c->mirror ? ANCHOR_START : ANCHOR_END,
                         .rise = 0.5};

        text_draw(c, &t, right_of(c, k->left - 8), y);
        canvas_segment(c, right_of(c, k->left), y, right_of(c, k->right), y);
    }
    canvas_stroke(c, TONE_FAINT, 1, DASH_NONE);
}

static void grid_across(struct sketch *s, struct lines *k)
{
    struct canvas *c = s->canvas;
    struct format whole = {"none", 0, false};
    const char *unit = node_cstr(
        node_get(node_at(node_get(s->view.table, "columns"), k->x), "unit"),
        "");
    const char *name = unit_name(s->view.lang, unit);
    const char *label = view_column_label(&s->view, k->x);
    struct text title = {
        .text = *name ? arena_printf(c->arena, "%s (%s)", label, name) : label,
        .size = SIZE_SMALL,
        .tone = TONE_SOFT,
        .anchor = c->mirror ? ANCHOR_START : ANCHOR_END};

    for (unsigned i = 0; i <= ticks(&k->across); i++) {
        double v = k->across.low + i * k->across.step;
        double x = right_of(c, scale_at(&k->across, v));
        struct text t = {.text = format_number(&s->view, &whole, v),
                         .size = SIZE_SMALL - 1,
                         .tone = TONE_SOFT,
                         .anchor = ANCHOR_MIDDLE};

        canvas_segment(c, x, k->bottom, x, k->bottom + 4);
        text_draw(c, &t, x, k->bottom + 6);
    }
    canvas_stroke(c, TONE_RULE, 1, DASH_NONE);
    canvas_segment(c, right_of(c, k->left), scale_at(&k->up, 0),
                   right_of(c, k->right), scale_at(&k->up, 0));
    canvas_stroke(c, TONE_RULE, 1, DASH_NONE);
    s->y = k->bottom + 24;
    s->y += text_draw(c, &title, right_of(c, k->right), s->y).h + 4;
}

static enum dash dash_of(size_t i)
{
    static const enum dash dashes[] = {DASH_NONE, DASH_LONG, DASH_SHORT};

    return dashes[i % ARRAY_LEN(dashes)];
}

/* Broken where a value is not there; a mark on every value. */
static void line(struct sketch *s, const struct lines *k, size_t i)
{
    struct canvas *c = s->canvas;
    bool open = false;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t r = 0; r < k->rows; r++) {
            struct cell x = view_cell(&s->view, r, k->x);
            struct cell y = view_cell(&s->view, r, k->series[i]);
            double at[2];

            if (x.state != CELL_NUMBER || y.state != CELL_NUMBER) {
                open = false;
                continue;
            }
            at[0] = right_of(c, scale_at(&k->across, x.v));
            at[1] = scale_at(&k->up, y.v);
            if (pass)
                canvas_circle(c, at[0], at[1], 2.6);
            else if (open)
                canvas_line(c, at[0], at[1]);
            else
                canvas_move(c, at[0], at[1]);
            open = true;
        }
        if (pass)
            canvas_fill(c, tone_category(i));
        else
            canvas_stroke(c, tone_category(i), 2.2, dash_of(i));
    }
}

/* "Syria · 62% remains" where the figure wants the last over the first. */
static const char *line_name(struct sketch *s, const struct lines *k, size_t i)
{
    const char *name = view_column_label(&s->view, k->series[i]);
    struct cell first = view_cell(&s->view, 0, k->series[i]);
    struct cell last = view_cell(&s->view, k->rows - 1, k->series[i]);
    const struct node *asked = node_get(s->figure, "ratio");
    struct format percent = {"share", 0, false};
    AUTO(buf) struct buf b = {0};

    if (!asked || asked->kind != NODE_BOOL || !asked->boolean ||
        first.state != CELL_NUMBER || last.state != CELL_NUMBER ||
        first.v < 0.01 || last.v > first.v)
        return name;
    buf_init(&b, 1 << 12);
    lang_fill(&b, lang_text(s->view.lang, "{n} remains"), "n",
              format_number(&s->view, &percent, fmax(0, last.v) / first.v),
              NULL);
    return arena_printf(s->canvas->arena, "%s · %s", name, buf_cstr(&b));
}

static void names(struct sketch *s, const struct lines *k)
{
    struct entry e[CATEGORIES];

    for (size_t i = 0; i < k->n; i++)
        e[i] = (struct entry){.text = line_name(s, k, i),
                              .tone = tone_category(i),
                              .line = true,
                              .dash = dash_of(i)};
    legend_entries(s, e, k->n);
    s->y += 8;
}

enum rc draw_lines(struct sketch *s, struct err *err)
{
    struct canvas *c = s->canvas;
    struct lines k = {0};

    (void)err;
    read_lines(s, &k);
    if (k.n == 0 || k.rows == 0 || k.x == NO_COLUMN) {
        frame_empty(s);
        return RC_OK;
    }
    names(s, &k);
    k.left = 44;
    k.right = c->width - 14;
    k.top = s->y + 4;
    k.bottom = k.top + (c->small ? 220 : 280);
    k.up.x0 = k.bottom;
    k.up.x1 = k.top;
    k.across.x0 = k.left;
    k.across.x1 = k.right;
    grid_up(s, &k);
    grid_across(s, &k);
    for (size_t i = k.n; i-- > 0;)
        line(s, &k, i);
    return RC_OK;
}
