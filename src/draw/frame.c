/*
 * frame.c: see frame.h.
 */
#include "draw/frame.h"

#include <math.h>

void frame_title(struct sketch *s)
{
    struct canvas *c = s->canvas;
    struct text t = {.text = view_key(&s->view, "title"),
                     .size = c->small ? SIZE_TITLE - 2 : SIZE_TITLE,
                     .bold = true,
                     .width = c->width};

    if (s->bare) {
        s->y = 2;
        return;
    }
    s->y = text_draw(c, &t, 0, -4).h + 6;
}

void frame_note(struct sketch *s, const char *text)
{
    struct text t = {.text = text,
                     .size = SIZE_SMALL - 0.5,
                     .tone = TONE_SOFT,
                     .width = s->canvas->width};

    s->y += text_draw(s->canvas, &t, 0, s->y).h;
}

void frame_source(struct sketch *s)
{
    const char *source = view_key(&s->view, "source");

    s->y += 4;
    if (s->bare || !*source)
        return;
    s->y += 10;
    frame_note(s, sentence(&s->view, N_("Source: {source}"), "source", source));
}

void frame_empty(struct sketch *s)
{
    struct text t = {.text = lang_text(s->view.lang,
                                       "There are no data for "
                                       "this figure."),
                     .size = SIZE_BODY,
                     .tone = TONE_SOFT,
                     .width = s->canvas->width};

    s->y += 8 + text_draw(s->canvas, &t, 0, s->y + 8).h + 8;
}

struct scale scale_make(double low, double high, unsigned ticks, double x0,
                        double x1)
{
    struct scale s = {.x0 = x0, .x1 = x1};
    double raw = (high - low) / MAX(1, ticks), size;

    if (!(raw > 0))
        raw = fabs(high) > 0 ? fabs(high) : 1;
    size = pow(10, floor(log10(raw)));
    s.step = raw <= size       ? size
             : raw <= 2 * size ? 2 * size
             : raw <= 5 * size ? 5 * size
                               : 10 * size;
    s.low = floor(low / s.step + 1e-9) * s.step;
    s.high = ceil(high / s.step - 1e-9) * s.step;
    if (s.high <= s.low)
        s.high = s.low + s.step;
    return s;
}

double scale_at(const struct scale *s, double v)
{
    return s->x0 + (v - s->low) / (s->high - s->low) * (s->x1 - s->x0);
}

static void swatch(struct canvas *c, const struct entry *e, double x, double y)
{
    if (e->line) {
        canvas_segment(c, x, y + 6, x + 20, y + 6);
        canvas_stroke(c, e->tone, 2.2, e->dash);
        return;
    }
    canvas_rect(c, x, y, 14, 12);
    if (e->hatched)
        canvas_fill_hatched(c, e->tone);
    else
        canvas_fill(c, e->tone);
    if (!e->outlined)
        return;
    canvas_rect(c, x + 0.5, y + 0.5, 13, 11);
    canvas_stroke(c, TONE_INK, 1, DASH_NONE);
}

void legend_entries(struct sketch *s, const struct entry *e, size_t n)
{
    struct canvas *c = s->canvas;
    double x = 0, row = 0;

    for (size_t i = 0; i < n; i++) {
        double mark = e[i].line ? 26 : 20;
        struct text t = {.text = e[i].text,
                         .size = SIZE_SMALL,
                         .rise = 0.5,
                         .width = c->width - mark,
                         .lines = 1};
        struct extent size = text_measure(c, &t);

        if (x > 0 && x + mark + size.w > c->width) {
            x = 0;
            s->y += row;
        }
        row = MAX(20, size.h + 2);
        swatch(c, e + i, x, s->y + row / 2 - 6);
        text_draw(c, &t, x + mark, s->y + row / 2);
        x += mark + size.w + 18;
    }
    s->y += row;
}

/* Enough decimals that all inner breaks show as they are. */
static struct format break_format(const struct legend *l)
{
    struct format f = *l->format;
    double factor = strcmp(f.unit, "share") == 0 ? 100 : 1;

    for (f.decimals = 0; f.decimals < 4; f.decimals++) {
        bool exact = true;

        for (unsigned i = 1; i < l->breaks->n; i++) {
            double v = l->breaks->at[i] * factor * pow(10, f.decimals);

            exact &= fabs(v - round(v)) < 1e-6 * MAX(1, fabs(v));
        }
        if (exact)
            break;
    }
    return f;
}

/* The data's own ends, rounded outwards. */
static double outward(const struct format *f, double v, bool up)
{
    double unit =
        (strcmp(f->unit, "share") == 0 ? 100 : 1) * pow(10, f->decimals);
    double x = v * unit;

    if (fabs(x - round(x)) < 1e-6)
        return v;
    return (up ? ceil(x) : floor(x)) / unit;
}

/* Blocks side by side; each break stands where two blocks meet. */
static void class_blocks(struct sketch *s, const struct legend *l, double w)
{
    struct canvas *c = s->canvas;
    const struct breaks *b = l->breaks;
    struct format f = break_format(l);
    double taken = -INFINITY;

    for (unsigned i = 0; i < b->n; i++) {
        canvas_rect(c, 1 + i * w, s->y, w - 1, 12);
        canvas_fill(c, breaks_tone(b, i));
    }
    for (unsigned i = 0; i <= b->n; i++) {
        bool first = i == 0, last = i == b->n;
        double v = first  ? outward(&f, b->at[i], false)
                   : last ? outward(&f, b->at[i], true)
                          : b->at[i];
        struct text t = {.text = format_number(&s->view, &f, v),
                         .size = SIZE_SMALL - 0.5,
                         .tone = first || last ? TONE_SOFT : TONE_INK,
                         .anchor = first  ? ANCHOR_START
                                   : last ? ANCHOR_END
                                          : ANCHOR_MIDDLE};
        struct extent size = text_measure(c, &t);
        double x = 0.5 + i * w;
        double start = x - (first ? 0 : last ? size.w : size.w / 2);

        if (start < taken + 5)
            continue;
        text_draw(c, &t, x, s->y + 15);
        taken = start + size.w;
    }
    s->y += 33;
}

/* "Per 10,000 residents" says its unit itself. */
static bool mentions(const char *title, const char *unit)
{
    char *t = g_utf8_strdown(title, -1), *u = g_utf8_strdown(unit, -1);
    bool found = strstr(t, u) != NULL;

    g_free(t);
    g_free(u);
    return found;
}

void legend_classes(struct sketch *s, const struct legend *l)
{
    struct canvas *c = s->canvas;
    const char *unit = unit_name(s->view.lang, l->format->unit);
    struct entry e[2];
    size_t n = 0;
    struct text t = {.text = l->title,
                     .size = SIZE_SMALL,
                     .tone = TONE_SOFT,
                     .width = c->width};

    if (*unit && *l->title && !mentions(l->title, unit))
        t.text = arena_printf(c->arena, "%s (%s)", l->title, unit);
    else if (!*l->title)
        t.text = unit;
    s->y += text_draw(c, &t, 0, s->y).h + 4;
    if (l->breaks->n)
        class_blocks(s, l, MIN(76, (c->width - 2) / l->breaks->n));
    if (l->missing)
        e[n++] = (struct entry){.text = lang_text(s->view.lang, "no data"),
                                .tone = TONE_NO_DATA,
                                .hatched = true};
    if (l->withheld)
        e[n++] = (struct entry){.text = lang_text(s->view.lang, "withheld"),
                                .tone = TONE_WITHHELD};
    legend_entries(s, e, n);
    s->y += 6;
}
