/*
 * columns.c: vertical columns over periods.
 */
#include <math.h>

#include "draw/drawing.h"
#include "draw/frame.h"

struct columns {
    size_t label, *series, n_series;
    size_t *rows, n;
    struct format format;
    struct scale y;
    double left, slot;
};

static void read_columns(struct sketch *s, struct columns *k)
{
    const struct view *v = &s->view;
    const struct node *series = node_get(s->figure, "series");
    size_t many = MIN(node_len(series), CATEGORIES), count = 0;
    double *values, low = 0, high = 0;

    k->label = view_chosen(v, "label", "period");
    k->n = view_select(v, k->label, &k->rows);
    k->series = arena_array(v->arena, size_t, many + 1);
    for (size_t i = 0; i < many; i++) {
        size_t c = view_column(v, node_cstr(node_at(series, i), NULL));

        if (c != NO_COLUMN)
            k->series[k->n_series++] = c;
    }
    values = arena_array(v->arena, double, k->n *many + 1);
    for (size_t i = 0; i < k->n; i++) {
        for (size_t j = 0; j < k->n_series; j++) {
            struct cell c = view_cell(v, k->rows[i], k->series[j]);

            if (c.state != CELL_NUMBER)
                continue;
            values[count++] = c.v;
            low = MIN(low, c.v);
            high = MAX(high, c.v);
        }
    }
    if (high == low)
        high = low + 1;
    k->y = scale_make(low, high, 4, 0, 1);
    k->format =
        view_format(v, k->n_series ? k->series[0] : NO_COLUMN, values, count);
    k->format.sign = false;
    if (strcmp(k->format.unit, "share") == 0)
        k->format.decimals = k->y.step < 0.01;
}

static void grid(struct sketch *s, struct columns *k, double top, double h)
{
    struct canvas *c = s->canvas;
    unsigned ticks = (unsigned)lround((k->y.high - k->y.low) / k->y.step);

    for (unsigned i = 0; i <= ticks; i++) {
        double v = k->y.low + i * k->y.step;
        struct text t = {.text = format_number(&s->view, &k->format, v),
                         .size = SIZE_SMALL - 1};

        k->left = MAX(k->left, text_measure(c, &t).w + 8);
    }
    k->y.x0 = top + h;
    k->y.x1 = top;
    for (unsigned i = 0; i <= ticks; i++) {
        double v = k->y.low + i * k->y.step, y = scale_at(&k->y, v);
        struct text t = {.text = format_number(&s->view, &k->format, v),
                         .size = SIZE_SMALL - 1,
                         .tone = TONE_SOFT,
                         .anchor = ANCHOR_END,
                         .rise = 0.5};

        text_draw(c, &t, k->left - 8, y);
        canvas_segment(c, k->left, y, c->width, y);
    }
    canvas_stroke(c, TONE_FAINT, 1, DASH_NONE);
}

static void bars_of(struct sketch *s, const struct columns *k, size_t series,
                    enum tone tone)
{
    struct canvas *c = s->canvas;
    double zero = scale_at(&k->y, 0);
    double w = MIN(64, 0.74 * k->slot / (double)k->n_series);

    for (size_t i = 0; i < k->n; i++) {
        struct cell cell = view_cell(&s->view, k->rows[i], k->series[series]);
        double middle = k->left + ((double)i + 0.5) * k->slot;
        double x = middle + w * ((double)series - (double)k->n_series / 2);
        double y;

        if (cell.state != CELL_NUMBER)
            continue;
        y = scale_at(&k->y, cell.v);
        canvas_rect(c, x, MIN(y, zero), MAX(0.8, w - 1.5),
                    MAX(0.6, fabs(y - zero)));
    }
    canvas_fill(c, tone);
}

static double widest_word(struct canvas *c, const char *text)
{
    double w = 0;

    while (*text) {
        size_t n = strcspn(text, " ");
        struct text t = {.text = arena_strndup(c->arena, text, n),
                         .size = SIZE_SMALL};

        w = MAX(w, text_measure(c, &t).w);
        text += n + (text[n] != 0);
    }
    return w;
}

/* Every label where its words have room, else every second, fifth, ... */
static void labels(struct sketch *s, const struct columns *k, double y)
{
    static const size_t steps[] = {1, 2, 5, 10, 20, 50, 100};
    double widest = 0, tallest = 0;
    size_t every = 1;

    for (size_t i = 0; i < k->n; i++)
        widest =
            MAX(widest, widest_word(s->canvas,
                                    view_text(&s->view, k->rows[i], k->label)));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        every = steps[i];
        if (widest + 5 <= k->slot * (double)every)
            break;
    }
    for (size_t i = 0; i < k->n; i += every) {
        struct text t = {.text = view_text(&s->view, k->rows[i], k->label),
                         .size = SIZE_SMALL,
                         .tone = TONE_SOFT,
                         .anchor = ANCHOR_MIDDLE,
                         .width = k->slot * (double)every - 2,
                         .lines = 2};
        double x = k->left + ((double)i + 0.5) * k->slot;

        tallest = MAX(tallest, text_draw(s->canvas, &t, x, y).h);
    }
    s->y = y + tallest + 4;
}

/* With few columns each says its value. */
static void values(struct sketch *s, const struct columns *k)
{
    struct canvas *c = s->canvas;
    double w = MIN(64, 0.74 * k->slot / (double)k->n_series);
    double room = k->n_series == 1 ? k->slot : w;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < k->n; i++) {
            for (size_t j = 0; j < k->n_series; j++) {
                struct cell cell =
                    view_cell(&s->view, k->rows[i], k->series[j]);
                struct text t = {.text =
                                     format_cell(&s->view, &k->format, cell),
                                 .size = SIZE_SMALL - 1,
                                 .anchor = ANCHOR_MIDDLE,
                                 .rise = cell.v >= 0};
                double x = k->left + ((double)i + 0.5) * k->slot +
                           w * ((double)j - (double)k->n_series / 2 + 0.5);

                if (cell.state != CELL_NUMBER)
                    continue;
                if (pass == 0 && text_measure(c, &t).w > room)
                    return;
                if (pass == 1)
                    text_draw(c, &t, x,
                              scale_at(&k->y, cell.v) + (cell.v >= 0 ? -1 : 2));
            }
        }
    }
}

enum rc draw_columns(struct sketch *s, struct err *err)
{
    struct canvas *c = s->canvas;
    struct columns k = {0};
    struct entry *e;
    const char *unit;
    double h = c->small ? 190 : 250, top;

    read_columns(s, &k);
    if (k.n == 0 || k.n_series == 0) {
        frame_empty(s);
        return RC_OK;
    }
    unit = unit_name(s->view.lang, k.format.unit);
    if (*unit) {
        frame_note(s, unit);
        s->y += 5;
    }
    e = arena_array(c->arena, struct entry, k.n_series);
    for (size_t i = 0; i < k.n_series; i++)
        e[i] = (struct entry){.text = view_column_label(&s->view, k.series[i]),
                              .tone = tone_category(i)};
    legend_entries(s, e, k.n_series);
    top = s->y + 18;
    grid(s, &k, top, h);
    k.slot = (c->width - k.left) / (double)k.n;
    for (size_t i = 0; i < k.n_series; i++)
        bars_of(s, &k, i, tone_category(i));
    canvas_segment(c, k.left, scale_at(&k.y, 0), c->width, scale_at(&k.y, 0));
    canvas_stroke(c, TONE_RULE, 1, DASH_NONE);
    values(s, &k);
    labels(s, &k, top + h + 6);
    return RC_OK;
}
