/*
 * map.c: choropleths and small multiples.
 */
#include "draw/map.h"

#include <math.h>
#include <stdlib.h>

#include "draw/frame.h"

struct theme {
    struct breaks breaks;
    struct format format;
    size_t area; /* column of ids */
    bool missing, withheld;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static enum breaks_method method_of(const struct node *figure)
{
    const char *m = node_cstr(node_get(figure, "classes"), "quantile");

    return strcmp(m, "jenks") == 0   ? BREAKS_JENKS
           : strcmp(m, "equal") == 0 ? BREAKS_EQUAL
                                     : BREAKS_QUANTILE;
}

/* Classes over the values of all columns together. */
static void theme_make(struct sketch *s, const size_t *columns, size_t n,
                       struct theme *t)
{
    const struct view *v = &s->view;
    const struct node *middle = node_get(s->figure, "middle");
    struct arena *a = s->canvas->arena;
    size_t rows = view_rows(v), count = 0;
    double *values = arena_array(a, double, rows *n + 1);
    int64_t asked = node_integer(node_get(s->figure, "n_classes"), 5);
    unsigned classes = (unsigned)MAX(2, MIN(asked, CLASSES_MAX - 1));

    t->area = view_chosen(v, "area", "area");
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < n; k++) {
            struct cell cell = view_cell(v, i, columns[k]);

            if (cell.state == CELL_NUMBER)
                values[count++] = cell.v;
        }
    }
    qsort(values, count, sizeof *values, ascending);
    t->format = view_format(v, n ? columns[0] : NO_COLUMN, values, count);
    if (strcmp(node_cstr(node_get(s->figure, "palette"), ""), "diverging") !=
        0) {
        breaks_make(method_of(s->figure), values, count, classes, a,
                    &t->breaks);
        breaks_round(values, count, &t->breaks);
        return;
    }
    if (strcmp(t->format.unit, "ratio") == 0 && node_number(middle, 0) == 1) {
        breaks_ratio(values, count, &t->breaks);
        return;
    }
    breaks_about(method_of(s->figure), values, count, node_number(middle, 0),
                 classes, a, &t->breaks);
    if (node_number(middle, 0) == 0)
        t->format.sign = true;
}

static int *classes_of(struct sketch *s, struct theme *t, size_t column)
{
    const struct geography *g = s->drawing->g;
    int *class = arena_array(s->canvas->arena, int, g->n + 1);

    for (size_t i = 0; i < g->n; i++)
        class[i] = CLASS_MISSING;
    for (size_t i = 0; i < view_rows(&s->view); i++) {
        const char *id = view_code(&s->view, i, t->area);
        uint32_t area = dict_find(&g->ids, str_of(id));
        struct cell cell = view_cell(&s->view, i, column);

        if (area == DICT_NONE)
            continue;
        if (cell.state == CELL_NUMBER)
            class[area] = (int)breaks_class(&t->breaks, cell.v);
        else if (cell.state == CELL_WITHHELD)
            class[area] = CLASS_WITHHELD;
    }
    for (size_t i = 0; i < g->n; i++) {
        t->missing |= class[i] == CLASS_MISSING;
        t->withheld |= class[i] == CLASS_WITHHELD;
    }
    return class;
}

void map_paint(struct sketch *s, const struct map_sheet *m,
               const struct map_classes *t, const int *class)
{
    size_t n = s->drawing->g->n;
    struct arena *a = s->canvas->arena;
    bool *inside = arena_array(a, bool, n + 1);
    struct grid_path field;

    for (int low = CLASS_WITHHELD; low < (int)t->n; low++) {
        bool any = false;

        for (size_t i = 0; i < n; i++) {
            inside[i] = low < 0 ? class[i] == low : class[i] >= low;
            any |= class[i] == low;
        }
        if (!any)
            continue;
        sheet_field(m, inside, a, &field);
        if (low == CLASS_MISSING)
            canvas_grid_hatch(s->canvas, &field, TONE_NO_DATA);
        else if (low == CLASS_WITHHELD)
            canvas_grid_fill(s->canvas, &field, TONE_WITHHELD);
        else
            canvas_grid_fill(s->canvas, &field, t->tone[low]);
    }
}

void map_scale_bar(struct sketch *s, const struct map_sheet *m)
{
    struct canvas *c = s->canvas;
    double most = MIN(0.3 * m->width, 140) * m->metres;
    double unit = pow(10, floor(log10(most)));
    double metres = most >= 5 * unit   ? 5 * unit
                    : most >= 2 * unit ? 2 * unit
                                       : unit;
    double w = metres / m->metres, y = s->y + 10;
    struct format plain = {.unit = "none"};
    const char *n = format_number(&s->view, &plain,
                                  metres >= 1000 ? metres / 1000 : metres);
    struct text t = {.text = metres >= 1000
                                 ? sentence(&s->view, N_("{n} km"), "n", n)
                                 : sentence(&s->view, N_("{n} m"), "n", n),
                     .size = SIZE_SMALL - 0.5,
                     .tone = TONE_SOFT,
                     .rise = 0.5};
    double x = w + 7, north;

    canvas_move(c, 0.5, y - 3);
    canvas_line(c, 0.5, y + 1.5);
    canvas_line(c, w + 0.5, y + 1.5);
    canvas_line(c, w + 0.5, y - 3);
    canvas_stroke(c, TONE_SOFT, 1, DASH_NONE);
    x += text_draw(c, &t, x, y - 1).w + 20;
    north = x;
    canvas_move(c, north, y + 3);
    canvas_line(c, north + 4, y - 8);
    canvas_line(c, north + 8, y + 3);
    canvas_line(c, north + 4, y + 0.5);
    canvas_fill(c, TONE_SOFT);
    t.text = lang_text(s->view.lang, "North");
    text_draw(c, &t, north + 14, y - 1);
    s->y += 22;
}

static const char *path_name(struct sketch *s, const struct map_sheet *m,
                             const char *what)
{
    return arena_printf(s->canvas->arena, "%s-%s", m->name, what);
}

void map_draw(struct sketch *s, const struct map_sheet *m,
              const struct map_classes *t, const int *class, double x, double y)
{
    struct canvas *c = s->canvas;

    canvas_grid(c, x, y, m->width, m->unit);
    map_paint(s, m, t, class);
    canvas_grid_stroke(c, &m->borders, TONE_PAPER, c->small ? 0.35 : 0.5,
                       path_name(s, m, "borders"));
    canvas_grid_stroke(c, &m->parents, TONE_PAPER, 1.3,
                       path_name(s, m, "parents"));
    canvas_grid_stroke(c, &m->outline, TONE_EDGE, 0.8,
                       path_name(s, m, "outline"));
    canvas_grid_end(c);
}

void map_draw_small(struct sketch *s, const struct map_sheet *m,
                    const struct map_classes *t, const int *class, double x,
                    double y)
{
    struct canvas *c = s->canvas;

    canvas_grid(c, x, y, m->width, m->unit);
    map_paint(s, m, t, class);
    canvas_grid_stroke(c, &m->outline, TONE_EDGE, 0.6,
                       path_name(s, m, "outline"));
    canvas_grid_end(c);
}

static struct map_classes classes_toned(const struct breaks *b)
{
    struct map_classes t = {.n = b->n};

    for (unsigned i = 0; i < b->n; i++)
        t.tone[i] = breaks_tone(b, i);
    return t;
}

/* In w x h pixels; of a twin's shapes in its own w x h, where it has one. */
static enum rc sheet_fit(struct sketch *s, const double own[2],
                         const double twin[2], double unit,
                         const struct map_sheet **out, struct err *err)
{
    const double *box = s->canvas->twin > 0 ? twin : own;
    enum rc rc = sheet_get(s->drawing, box[0], box[1], unit, out, err);

    if (rc == RC_OK && box == twin)
        *out = sheet_scaled(
            *out, MIN(own[0] / (*out)->width, own[1] / (*out)->height),
            s->canvas->arena);
    return rc;
}

enum rc map_sheet_large(struct sketch *s, const struct map_sheet **out,
                        struct err *err)
{
    const struct canvas *c = s->canvas;
    const double own[2] = {c->width - 4, c->small ? 460 : 540};
    const double twin[2] = {c->twin - 4, 540};

    return sheet_fit(s, own, twin, GRID_MAP, out, err);
}

enum rc draw_choropleth(struct sketch *s, struct err *err)
{
    struct canvas *c = s->canvas;
    size_t column = view_chosen(&s->view, "value", NULL);
    const struct map_sheet *m;
    struct theme t = {0};
    struct legend legend = {.breaks = &t.breaks, .format = &t.format};
    struct map_classes classes;
    int *class;
    enum rc rc;

    if (!s->drawing->g || s->drawing->g->n == 0 || column == NO_COLUMN) {
        frame_empty(s);
        return RC_OK;
    }
    rc = map_sheet_large(s, &m, err);
    if (rc != RC_OK)
        return rc;
    theme_make(s, &column, 1, &t);
    class = classes_of(s, &t, column);
    legend.title = view_column_label(&s->view, column);
    legend.missing = t.missing;
    legend.withheld = t.withheld;
    legend_classes(s, &legend);
    classes = classes_toned(&t.breaks);
    map_draw(s, m, &classes, class, (c->width - m->width) / 2, s->y);
    s->y += m->height + 8;
    map_scale_bar(s, m);
    return RC_OK;
}

/* The columns drawn, one a small map. */
size_t map_items(struct sketch *s, size_t **columns)
{
    const struct node *items = node_get(s->figure, "items");
    size_t n = 0;

    *columns = arena_array(s->canvas->arena, size_t, node_len(items) + 1);
    for (size_t i = 0; i < node_len(items); i++) {
        size_t c = view_column(&s->view, node_cstr(node_at(items, i), NULL));

        if (c != NO_COLUMN)
            (*columns)[n++] = c;
    }
    return n;
}

/* A row of maps as wide as the figure has room for. */
struct across {
    size_t n;
    double cell, gap;
};

static struct across across_of(bool small, double width, size_t n)
{
    struct across a = {.n = small    ? 2
                            : n == 4 ? 2
                                     : MAX(2, MIN(3, n)),
                       .gap = small ? 14 : 22};

    a.cell = (width - a.gap * (double)(a.n - 1)) / (double)a.n;
    return a;
}

static struct text small_name(struct sketch *s, size_t column, double width)
{
    return (struct text){.text = view_column_label(&s->view, column),
                         .size = SIZE_SMALL + 0.5,
                         .bold = true,
                         .width = width,
                         .lines = 2,
                         .rise = 1};
}

/* Names of a row stand on one line above their maps; how high they are. */
static double row_names(struct sketch *s, const size_t *columns, size_t n,
                        double cell, double gap)
{
    double top = 0;

    for (size_t k = 0; k < n; k++) {
        struct text name = small_name(s, columns[k], cell);

        top = MAX(top, text_measure(s->canvas, &name).h);
    }
    for (size_t k = 0; k < n; k++) {
        struct text name = small_name(s, columns[k], cell);

        text_draw(s->canvas, &name, (double)k * (cell + gap), s->y + top);
    }
    return top;
}

enum rc map_multiples(struct sketch *s, const size_t *columns, size_t n,
                      map_small_fn draw, void *ctx, struct err *err)
{
    struct canvas *c = s->canvas;
    struct across a = across_of(c->small, c->width, n);
    struct across t = across_of(false, c->twin, n);
    const double own[2] = {a.cell - 4, 1.15 * a.cell};
    const double twin[2] = {t.cell - 4, 1.15 * t.cell};
    const struct map_sheet *m;
    enum rc rc = sheet_fit(s, own, twin, GRID_SMALL, &m, err);

    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i += a.n) {
        size_t row = MIN(a.n, n - i);
        double top = row_names(s, columns + i, row, a.cell, a.gap) + 5,
               below = 0;

        for (size_t k = 0; k < row; k++) {
            double h = draw(s, m, columns[i + k], a.cell,
                            (double)k * (a.cell + a.gap), s->y + top, ctx);

            below = MAX(below, h);
        }
        s->y += top + m->height + below + 16;
    }
    s->y -= 8;
    map_scale_bar(s, m);
    return RC_OK;
}

static double small_theme(struct sketch *s, const struct map_sheet *m,
                          size_t column, double width, double x, double y,
                          void *ctx)
{
    struct theme *t = ctx;
    struct map_classes classes = classes_toned(&t->breaks);

    (void)width;
    map_draw_small(s, m, &classes, classes_of(s, t, column), x, y);
    return 0;
}

enum rc draw_multiples(struct sketch *s, struct err *err)
{
    size_t *columns, n = map_items(s, &columns);
    struct theme t = {0};
    struct legend legend = {.breaks = &t.breaks, .format = &t.format};

    if (!s->drawing->g || s->drawing->g->n == 0 || n == 0) {
        frame_empty(s);
        return RC_OK;
    }
    theme_make(s, columns, n, &t);
    for (size_t i = 0; i < n; i++)
        classes_of(s, &t, columns[i]);
    legend.title = view_key(&s->view, "legend");
    if (!*legend.title)
        legend.title = view_names(&s->view, node_get(s->view.table, "title"));
    legend.missing = t.missing;
    legend.withheld = t.withheld;
    legend_classes(s, &legend);
    return map_multiples(s, columns, n, small_theme, &t, err);
}
