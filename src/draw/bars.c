/*
 * bars.c: ranked bars, dots with whiskers.
 */
#include <math.h>
#include <stdlib.h>

#include "draw/drawing.h"
#include "draw/frame.h"

struct bar {
    const char *label;
    struct cell value, low, high;
    size_t order;
    bool apart; /* a dot that others are compared with */
};

struct chart {
    struct bar *bars;
    size_t n, hidden;
    struct format format;
    struct scale scale;
    double label_w, label_h, row_h, thick;
    bool over; /* labels stand over their bars: little width */
    bool dots, whiskers;
    struct cell reference;
};

static int ranked(const void *x, const void *y)
{
    const struct bar *a = x, *b = y;
    bool na = a->value.state == CELL_NUMBER, nb = b->value.state == CELL_NUMBER;

    if (na != nb)
        return na ? -1 : 1;
    if (na && a->value.v != b->value.v)
        return a->value.v > b->value.v ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static const char *bar_label(const struct view *v, size_t row, size_t label,
                             size_t group)
{
    const char *text = view_text(v, row, label);

    if (group == NO_COLUMN || group == label)
        return text;
    return arena_printf(v->arena, "%s · %s", text, view_text(v, row, group));
}

static void read_bars(struct sketch *s, struct chart *ch)
{
    const struct view *v = &s->view;
    size_t label = view_chosen(v, "label", NULL);
    size_t value = view_chosen(v, "value", NULL);
    size_t low = view_chosen(v, "low", NULL);
    size_t high = view_chosen(v, "high", NULL);
    size_t group = ch->dots ? view_chosen(v, "group", NULL) : NO_COLUMN;
    size_t limit =
        (size_t)MAX(1, node_integer(node_get(s->figure, "limit"), 20));
    size_t *rows, n = view_select(v, label, &rows);
    double *values = arena_array(v->arena, double, n + 1);
    size_t count = 0;

    ch->bars = arena_array(v->arena, struct bar, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct bar *b = ch->bars + i;

        b->label = bar_label(v, rows[i], label, group);
        b->value = view_cell(v, rows[i], value);
        b->low = view_cell(v, rows[i], low);
        b->high = view_cell(v, rows[i], high);
        b->order = i;
        b->apart =
            ch->dots && strcmp(view_code(v, rows[i], label), "majority") == 0;
        ch->whiskers |=
            b->low.state == CELL_NUMBER && b->high.state == CELL_NUMBER;
        if (b->value.state == CELL_NUMBER)
            values[count++] = b->value.v;
    }
    qsort(ch->bars, n, sizeof *ch->bars, ranked);
    ch->n = MIN(n, limit);
    ch->hidden = n - ch->n;
    ch->format = view_format(v, value, values, count);
}

static double widest(struct sketch *s, const struct chart *ch, bool labels)
{
    double w = 0;

    for (size_t i = 0; i < ch->n; i++) {
        struct text t = {.text = labels ? ch->bars[i].label
                                        : format_cell(&s->view, &ch->format,
                                                      ch->bars[i].value),
                         .size = SIZE_BODY};

        w = MAX(w, text_measure(s->canvas, &t).w);
    }
    return w;
}

/* Scripts differ in height: rows have room for the tallest label. */
static double text_height(struct sketch *s, const struct chart *ch)
{
    double h = 0;

    for (size_t i = 0; i < ch->n; i++) {
        struct text t = {.text = ch->bars[i].label, .size = SIZE_BODY};

        h = MAX(h, text_measure(s->canvas, &t).h);
    }
    return h;
}

static void extend(struct cell c, double *low, double *high)
{
    if (c.state != CELL_NUMBER)
        return;
    *low = MIN(*low, c.v);
    *high = MAX(*high, c.v);
}

/* Bars start at zero; dots only where the values come near it. */
static void lay_scale(struct sketch *s, struct chart *ch)
{
    struct canvas *c = s->canvas;
    double low = INFINITY, high = -INFINITY;
    double value_w = widest(s, ch, false) + 8, x0, x1;

    for (size_t i = 0; i < ch->n; i++) {
        extend(ch->bars[i].value, &low, &high);
        extend(ch->bars[i].low, &low, &high);
        extend(ch->bars[i].high, &low, &high);
    }
    extend(ch->reference, &low, &high);
    if (low > high)
        low = high = 0;
    if (!ch->dots || low < 0.5 * high) {
        low = MIN(low, 0);
        high = MAX(high, 0);
    }
    if (high == low)
        high = low + 1;
    ch->over = c->small;
    ch->label_w = ch->over ? 0 : MIN(widest(s, ch, true) + 12, 0.36 * c->width);
    x0 = ch->label_w + (low < 0 ? value_w : 0);
    x1 = c->width - value_w;
    ch->scale = (struct scale){low, high, 1, x0 + 1, MAX(x1, x0 + 20)};
    ch->label_h = text_height(s, ch);
    ch->row_h = ch->over ? ch->label_h + 22 : MAX(24, ch->label_h + 2);
    ch->thick = ch->over ? 12 : 15;
}

static void whisker(struct canvas *c, const struct chart *ch,
                    const struct bar *b, double y)
{
    double x0, x1;

    if (b->low.state != CELL_NUMBER || b->high.state != CELL_NUMBER)
        return;
    x0 = scale_at(&ch->scale, b->low.v);
    x1 = scale_at(&ch->scale, b->high.v);
    canvas_segment(c, x0, y, x1, y);
    canvas_segment(c, x0, y - 3, x0, y + 3);
    canvas_segment(c, x1, y - 3, x1, y + 3);
}

/* On paper of its own where the reference line would cross it. */
static void clear_text(struct sketch *s, const struct chart *ch,
                       const struct text *t, double x, double y)
{
    struct extent e = text_measure(s->canvas, t);
    double left = t->anchor == ANCHOR_END ? x - e.w : x;
    double line = scale_at(&ch->scale, ch->reference.v);

    if (ch->reference.state == CELL_NUMBER && line > left - 3 &&
        line < left + e.w + 3) {
        canvas_rect(s->canvas, left - 2, y - 7, e.w + 4, 14);
        canvas_fill(s->canvas, TONE_PAPER);
    }
    text_draw(s->canvas, t, x, y);
}

/* Value labels stand behind the longest of bar and whisker. */
static void value_label(struct sketch *s, const struct chart *ch,
                        const struct bar *b, double y)
{
    struct text t = {.text = format_cell(&s->view, &ch->format, b->value),
                     .size = SIZE_BODY,
                     .rise = 0.5};
    double x = scale_at(&ch->scale, MAX(0, ch->scale.low));

    if (b->value.state != CELL_NUMBER) {
        t.tone = TONE_SOFT;
    } else if (b->value.v < 0) {
        x = scale_at(&ch->scale, b->value.v);
        if (b->low.state == CELL_NUMBER)
            x = MIN(x, scale_at(&ch->scale, b->low.v));
        t.anchor = ANCHOR_END;
        clear_text(s, ch, &t, x - 7, y);
        return;
    } else {
        x = scale_at(&ch->scale, b->value.v);
        if (b->high.state == CELL_NUMBER)
            x = MAX(x, scale_at(&ch->scale, b->high.v));
    }
    clear_text(s, ch, &t, x + 7, y);
}

static void row_label(struct sketch *s, const struct chart *ch,
                      const struct bar *b, double top)
{
    struct text t = {.text = b->label,
                     .size = SIZE_BODY,
                     .lines = 1,
                     .width = ch->over ? s->canvas->width : ch->label_w - 12,
                     .anchor = ch->over ? ANCHOR_START : ANCHOR_END,
                     .rise = ch->over ? 0 : 0.5};

    if (ch->over)
        text_draw(s->canvas, &t, 0, top);
    else
        text_draw(s->canvas, &t, ch->label_w - 9, top + ch->row_h / 2);
}

static double middle_of(const struct chart *ch, double top)
{
    return ch->over ? top + ch->label_h + 1 + ch->thick / 2
                    : top + ch->row_h / 2;
}

/* First the marks in the main tone, then those of the other one. */
static bool in_other_tone(const struct chart *ch, const struct bar *b)
{
    return ch->dots ? b->apart : b->value.v < 0;
}

static void bar_marks(struct sketch *s, const struct chart *ch, bool other)
{
    struct canvas *c = s->canvas;
    double zero = scale_at(&ch->scale, MAX(0, ch->scale.low));

    for (size_t i = 0; i < ch->n; i++) {
        const struct bar *b = ch->bars + i;
        double y = middle_of(ch, s->y + (double)i * ch->row_h);
        double x = scale_at(&ch->scale, b->value.v);

        if (b->value.state != CELL_NUMBER || in_other_tone(ch, b) != other)
            continue;
        if (ch->dots)
            canvas_circle(c, x, y, 4.5);
        else
            canvas_rect(c, MIN(x, zero), y - ch->thick / 2,
                        MAX(fabs(x - zero), 0.6), ch->thick);
    }
    canvas_fill(c, other ? TONE_OTHER : TONE_ACCENT);
}

static void guides(struct sketch *s, const struct chart *ch)
{
    struct canvas *c = s->canvas;

    for (size_t i = 0; ch->dots && i < ch->n; i++) {
        double y = middle_of(ch, s->y + (double)i * ch->row_h);

        canvas_segment(c, ch->scale.x0, y, ch->scale.x1, y);
    }
    canvas_stroke(c, TONE_FAINT, 1, DASH_NONE);
    if (ch->scale.low <= 0 && !ch->dots) {
        double zero = scale_at(&ch->scale, 0);

        if (!ch->over)
            canvas_segment(c, zero, s->y, zero,
                           s->y + (double)ch->n * ch->row_h);
        for (size_t i = 0; ch->over && i < ch->n; i++) {
            double y = middle_of(ch, s->y + (double)i * ch->row_h);

            canvas_segment(c, zero, y - ch->thick / 2 - 1, zero,
                           y + ch->thick / 2 + 1); /* not through labels */
        }
        canvas_stroke(c, TONE_RULE, 1, DASH_NONE);
    }
}

/* The label stands over the line, inside the figure. */
static void reference_name(struct sketch *s, const struct chart *ch)
{
    struct canvas *c = s->canvas;
    const struct node *r = node_get(s->figure, "reference");
    const char *name = view_names(&s->view, node_get(r, "label"));
    const char *value = format_number(&s->view, &ch->format, ch->reference.v);
    double x = scale_at(&ch->scale, ch->reference.v);
    struct text t = {
        .text = *name ? arena_printf(c->arena, "%s: %s", name, value) : value,
        .size = SIZE_SMALL,
        .tone = TONE_SOFT,
        .width = c->width,
        .lines = 1};
    struct extent e = text_measure(c, &t);
    double at = MAX(0, MIN(x - e.w / 2, c->width - e.w));

    s->y += text_draw(c, &t, at, s->y).h + 3;
}

/* Over the bars, in a tone that shows on them and on paper. */
static void reference_line(struct sketch *s, const struct chart *ch)
{
    double x = scale_at(&ch->scale, ch->reference.v);

    if (ch->reference.state != CELL_NUMBER)
        return;
    canvas_segment(s->canvas, x, s->y - 1, x, s->y + (double)ch->n * ch->row_h);
    canvas_stroke(s->canvas, TONE_OTHER, 1.2, DASH_SHORT);
}

static void draw_rows(struct sketch *s, struct chart *ch)
{
    struct canvas *c = s->canvas;
    const struct node *r = node_get(s->figure, "reference");
    const struct node *rv = node_is_number(r) ? r : node_get(r, "value");

    if (node_is_number(rv))
        ch->reference = (struct cell){CELL_NUMBER, node_number(rv, 0), false};
    else
        ch->reference.state = CELL_MISSING;
    lay_scale(s, ch);
    if (ch->reference.state == CELL_NUMBER)
        reference_name(s, ch);
    guides(s, ch);
    bar_marks(s, ch, false);
    bar_marks(s, ch, true);
    reference_line(s, ch);
    for (int other = 0; other < 2; other++) {
        for (size_t i = 0; ch->whiskers && i < ch->n; i++)
            if (ch->bars[i].apart == (other == 1))
                whisker(c, ch, ch->bars + i,
                        middle_of(ch, s->y + (double)i * ch->row_h));
        canvas_stroke(c,
                      !ch->dots ? TONE_INK
                      : other   ? TONE_OTHER
                                : TONE_ACCENT,
                      1.2, DASH_NONE);
    }
    for (size_t i = 0; i < ch->n; i++) {
        double top = s->y + (double)i * ch->row_h;

        row_label(s, ch, ch->bars + i, top);
        value_label(s, ch, ch->bars + i, middle_of(ch, top));
    }
    s->y += (double)ch->n * ch->row_h + 4;
}

static void notes(struct sketch *s, const struct chart *ch)
{
    AUTO(buf) struct buf n = {0};
    AUTO(buf) struct buf out = {0};

    if (ch->whiskers) {
        s->y += 4;
        frame_note(s, lang_text(s->view.lang,
                                "Thin lines: 95% intervals of uncertainty."));
    }
    if (!ch->hidden)
        return;
    buf_init(&n, 64);
    buf_init(&out, 4096);
    lang_integer(s->view.lang, (int64_t)ch->hidden, &n);
    lang_fill(
        &out,
        lang_plural(s->view.lang, "and {n} more", "and {n} more", ch->hidden),
        "n", buf_cstr(&n), NULL);
    s->y += 4;
    frame_note(s, arena_strdup(s->canvas->arena, buf_cstr(&out)));
}

static enum rc draw_chart(struct sketch *s, bool dots)
{
    struct chart ch = {.dots = dots};
    const char *unit;

    read_bars(s, &ch);
    if (ch.n == 0) {
        frame_empty(s);
        return RC_OK;
    }
    unit = unit_name(s->view.lang, ch.format.unit);
    if (*unit) {
        frame_note(s, unit);
        s->y += 6;
    }
    draw_rows(s, &ch);
    notes(s, &ch);
    return RC_OK;
}

enum rc draw_bars(struct sketch *s, struct err *err)
{
    return draw_chart(s, false);
}

enum rc draw_dots(struct sketch *s, struct err *err)
{
    return draw_chart(s, true);
}
