/*
 * pyramid.c: age pyramids, one a group.
 */
#include <math.h>

#include "draw/drawing.h"
#include "draw/frame.h"

enum { SEX_MALE, SEX_FEMALE, SEXES };

struct panel {
    const char *code, *name;
    double *share; /* ages x SEXES; NaN: not there */
};

struct pyramid {
    const char **ages, **age_names;
    size_t n_ages, n;
    struct panel *panels;
    double most;
    struct format format;
    double panel_w, age_w, row_h, gap;
};

static size_t age_index(const struct pyramid *p, const char *age)
{
    for (size_t i = 0; i < p->n_ages; i++)
        if (strcmp(p->ages[i], age) == 0)
            return i;
    return SIZE_MAX;
}

/* Ages stand in the table's order. */
static void read_ages(struct sketch *s, struct pyramid *p, size_t age)
{
    const struct view *v = &s->view;
    size_t rows = view_rows(v);

    p->ages = arena_array(v->arena, const char *, rows + 1);
    p->age_names = arena_array(v->arena, const char *, rows + 1);
    for (size_t i = 0; i < rows; i++) {
        const char *code = view_code(v, i, age);

        if (!*code || age_index(p, code) != SIZE_MAX)
            continue;
        p->ages[p->n_ages] = code;
        p->age_names[p->n_ages++] = view_text(v, i, age);
    }
}

static void read_panel(struct sketch *s, struct pyramid *p, const char *code)
{
    const struct view *v = &s->view;
    size_t group = view_column(v, "group");
    size_t sex = view_chosen(v, "sex", "sex");
    size_t age = view_chosen(v, "age", "age");
    size_t share = view_chosen(v, "share", "share");
    struct panel *panel = p->panels + p->n;
    bool any = false;

    *panel = (struct panel){.code = code, .name = code};
    panel->share = arena_array(v->arena, double, p->n_ages *SEXES + 1);
    for (size_t i = 0; i < p->n_ages * SEXES; i++)
        panel->share[i] = NAN;
    for (size_t i = 0; i < view_rows(v); i++) {
        const char *of = view_code(v, i, sex);
        struct cell c = view_cell(v, i, share);
        size_t at = age_index(p, view_code(v, i, age));

        if (strcmp(view_code(v, i, group), code) != 0 || at == SIZE_MAX)
            continue;
        panel->name = view_text(v, i, group);
        if (c.state != CELL_NUMBER ||
            (strcmp(of, "female") != 0 && strcmp(of, "male") != 0))
            continue;
        panel->share[at * SEXES + (of[0] == 'f')] = c.v;
        p->most = MAX(p->most, c.v);
        any = true;
    }
    p->n += any;
}

static double share_at(const struct panel *p, size_t age, int sex)
{
    double v = p->share[age * SEXES + (size_t)sex];

    return isnan(v) ? 0 : v;
}

/* Where a share ends, `side` -1 for men and 1 for women. */
static double reach(const struct pyramid *p, double middle, double share,
                    int sex)
{
    double half = (p->panel_w - p->age_w) / 2;
    double from = sex == SEX_MALE ? -p->age_w / 2 : p->age_w / 2;
    double out = share / p->most * half;

    return middle + from + (sex == SEX_MALE ? -out : out);
}

static void sex_bars(struct sketch *s, const struct pyramid *p,
                     const struct panel *panel, double middle, double y)
{
    for (int sex = 0; sex < SEXES; sex++) {
        double zero = reach(p, middle, 0, sex);

        for (size_t i = 0; i < p->n_ages; i++) {
            double x = reach(p, middle, share_at(panel, i, sex), sex);
            double top = y + (double)(p->n_ages - 1 - i) * p->row_h;

            if (fabs(x - zero) > 0.05)
                canvas_rect(s->canvas, MIN(x, zero), top, fabs(x - zero),
                            p->row_h - 1);
        }
        canvas_fill(s->canvas, sex == SEX_MALE ? TONE_ACCENT : TONE_OTHER);
    }
}

/* The first group's shape on the others. */
static void sex_outline(struct sketch *s, const struct pyramid *p,
                        double middle, double y)
{
    struct canvas *c = s->canvas;

    for (int sex = 0; sex < SEXES; sex++) {
        double zero = reach(p, middle, 0, sex);

        canvas_move(c, zero, y);
        for (size_t k = 0; k < p->n_ages; k++) {
            size_t i = p->n_ages - 1 - k;
            double x = reach(p, middle, share_at(p->panels, i, sex), sex);
            double top = y + (double)k * p->row_h;

            canvas_line(c, x, top);
            canvas_line(c, x, top + p->row_h);
        }
        canvas_line(c, zero, y + (double)p->n_ages * p->row_h);
    }
    canvas_stroke(c, TONE_INK, 1.3, DASH_NONE);
}

static void axis(struct sketch *s, const struct pyramid *p, double middle,
                 double y)
{
    struct canvas *c = s->canvas;
    double bottom = y + (double)p->n_ages * p->row_h;
    double step = p->most / 2;

    for (int sex = 0; sex < SEXES; sex++) {
        for (int k = 1; k <= 2; k++) {
            double x = reach(p, middle, k * step, sex);

            canvas_segment(c, x, y, x, bottom);
        }
    }
    canvas_stroke(c, TONE_FAINT, 1, DASH_NONE);
    for (int sex = 0; sex < SEXES; sex++) {
        for (int k = 0; k <= 2; k += 2) {
            bool outer = k == 2;
            double x = reach(p, middle, k * step, sex);
            struct text t = {.text =
                                 format_number(&s->view, &p->format, k * step),
                             .size = SIZE_SMALL - 1,
                             .tone = TONE_SOFT,
                             .anchor = ANCHOR_MIDDLE};

            if (outer)
                t.anchor = sex == SEX_MALE ? ANCHOR_START : ANCHOR_END;
            else
                t.anchor = sex == SEX_MALE ? ANCHOR_END : ANCHOR_START;
            text_draw(c, &t, x, bottom + 2);
        }
    }
}

static void age_labels(struct sketch *s, const struct pyramid *p, double middle,
                       double y)
{
    size_t every = p->row_h < 13 ? 2 : 1;

    for (size_t i = 0; i < p->n_ages; i++) {
        struct text t = {.text = p->age_names[i],
                         .size = SIZE_SMALL - 1.5,
                         .tone = TONE_SOFT,
                         .anchor = ANCHOR_MIDDLE,
                         .rise = 0.5};
        double top = y + (double)(p->n_ages - 1 - i) * p->row_h;

        if (i % every == 0)
            text_draw(s->canvas, &t, middle, top + p->row_h / 2 - 0.5);
    }
}

static void draw_panel(struct sketch *s, const struct pyramid *p, size_t i,
                       double x, double top)
{
    struct canvas *c = s->canvas;
    double middle = x + p->panel_w / 2, y = top + 42;
    struct text name = {.text = p->panels[i].name,
                        .size = SIZE_BODY,
                        .bold = true,
                        .anchor = ANCHOR_MIDDLE,
                        .width = p->panel_w,
                        .lines = 1,
                        .rise = 1};
    struct text t = {.text = lang_text(s->view.lang, "Men"),
                     .size = SIZE_SMALL - 0.5,
                     .tone = TONE_SOFT,
                     .anchor = ANCHOR_END,
                     .rise = 1};

    text_draw(c, &name, middle, top + 20);
    text_draw(c, &t, middle - p->age_w / 2, top + 38);
    t.text = lang_text(s->view.lang, "Women");
    t.anchor = ANCHOR_START;
    text_draw(c, &t, middle + p->age_w / 2, top + 38);
    axis(s, p, middle, y);
    sex_bars(s, p, p->panels + i, middle, y);
    if (i > 0)
        sex_outline(s, p, middle, y);
    age_labels(s, p, middle, y);
}

static void measure_ages(struct sketch *s, struct pyramid *p)
{
    for (size_t i = 0; i < p->n_ages; i++) {
        struct text t = {.text = p->age_names[i], .size = SIZE_SMALL - 1.5};

        p->age_w = MAX(p->age_w, text_measure(s->canvas, &t).w + 10);
    }
}

enum rc draw_pyramid(struct sketch *s, struct err *err)
{
    struct canvas *c = s->canvas;
    const struct node *groups = node_get(s->figure, "groups");
    struct pyramid p = {.gap = 26};
    size_t across, rows;
    double top = s->y, h;

    p.panels = arena_array(c->arena, struct panel, node_len(groups) + 1);
    read_ages(s, &p, view_chosen(&s->view, "age", "age"));
    for (size_t i = 0; i < node_len(groups); i++)
        read_panel(s, &p, node_cstr(node_at(groups, i), ""));
    if (p.n == 0 || !(p.most > 0)) {
        frame_empty(s);
        return RC_OK;
    }
    p.most = ceil(p.most * 100 - 1e-9) / 100; /* ends at a whole percent */
    p.format = (struct format){"share", 0, false};
    measure_ages(s, &p);
    across = c->small ? 1 : MAX(1, MIN(p.n, p.n == 4 ? 2 : 3));
    p.panel_w = (c->width - p.gap * (double)(across - 1)) / (double)across;
    p.panel_w = MIN(p.panel_w, 340);
    p.row_h = MAX(9, MIN(16, 280.0 / (double)p.n_ages));
    h = 42 + (double)p.n_ages * p.row_h + 26;
    for (size_t i = 0; i < p.n; i++) {
        size_t row = i / across, column = i % across;

        draw_panel(s, &p, i, (double)column * (p.panel_w + p.gap),
                   top + (double)row * h);
    }
    rows = (p.n + across - 1) / across;
    s->y = top + (double)rows * h;
    if (p.n > 1)
        frame_note(s, sentence(&s->view,
                               N_("Bars: share of each group. Line: "
                                  "{group}."),
                               "group", p.panels[0].name));
    return RC_OK;
}
