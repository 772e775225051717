/*
 * clusters.c: maps of kinds: how areas stand to their neighbours.
 *
 * `value` names a column of terms, drawn large, or `items` several, drawn
 * small; `classes` lists the codes in the order of the legend. Codes against
 * their neighbours are outlined too, so that colour alone tells nothing.
 */
#include "draw/frame.h"
#include "draw/map.h"

enum { KINDS = 5 };

static const struct kind {
    const char *code;
    enum tone tone;
    bool outlined;
} kinds[KINDS] = {
    {"high-high", TONE_CLUSTER, false},    {"low-low", TONE_CLUSTER + 1, false},
    {"high-low", TONE_CLUSTER + 2, true},  {"low-high", TONE_CLUSTER + 3, true},
    {"not-sure", TONE_CLUSTER + 4, false},
};

/* Painted from below: what is not sure lies under all others. */
static const int order[KINDS] = {4, 1, 0, 3, 2};

struct tally {
    size_t of[KINDS], missing, withheld;
};

static int class_of(const char *code)
{
    for (int i = 0; i < KINDS; i++)
        if (strcmp(kinds[order[i]].code, code) == 0)
            return i;
    return CLASS_MISSING;
}

static int *classes_of(struct sketch *s, size_t column, struct tally *t)
{
    const struct geography *g = s->drawing->g;
    size_t id = view_chosen(&s->view, "area", "area");
    int *class = arena_array(s->canvas->arena, int, g->n + 1);

    for (size_t i = 0; i < g->n; i++)
        class[i] = CLASS_MISSING;
    for (size_t i = 0; i < view_rows(&s->view); i++) {
        uint32_t area = dict_find(&g->ids, str_of(view_code(&s->view, i, id)));
        struct cell cell = view_cell(&s->view, i, column);

        if (area == DICT_NONE)
            continue;
        class[area] = cell.state == CELL_WITHHELD
                          ? CLASS_WITHHELD
                          : class_of(view_code(&s->view, i, column));
    }
    *t = (struct tally){0};
    for (size_t i = 0; i < g->n; i++) {
        t->missing += class[i] == CLASS_MISSING;
        t->withheld += class[i] == CLASS_WITHHELD;
        if (class[i] >= 0)
            t->of[order[class[i]]]++;
    }
    return class;
}

static struct map_classes tones(void)
{
    struct map_classes t = {.n = KINDS};

    for (int i = 0; i < KINDS; i++)
        t.tone[i] = kinds[order[i]].tone;
    return t;
}

static void outlines(struct sketch *s, const struct map_sheet *m,
                     const int *class, double x, double y)
{
    size_t n = s->drawing->g->n;
    struct arena *a = s->canvas->arena;
    bool *inside = arena_array(a, bool, n + 1), any = false;
    struct grid_path field;

    for (size_t i = 0; i < n; i++) {
        inside[i] = class[i] >= 0 && kinds[order[class[i]]].outlined;
        any |= inside[i];
    }
    if (!any)
        return;
    sheet_field(m, inside, a, &field);
    canvas_grid(s->canvas, x, y, m->width, m->unit);
    canvas_grid_stroke(s->canvas, &field, TONE_INK, 1.1, NULL);
    canvas_grid_end(s->canvas);
}

static const char *counted(struct sketch *s, const char *label, size_t n)
{
    struct format f = {.unit = "none"};

    return arena_printf(s->canvas->arena, "%s · %s", label,
                        format_number(&s->view, &f, (double)n));
}

static void legend(struct sketch *s, const struct tally *t, bool counts)
{
    struct view *v = &s->view;
    struct entry e[KINDS + 2];
    size_t n = 0;

    for (int i = 0; i < KINDS; i++) {
        const struct node *terms = node_get(v->table, "terms");
        const char *label = view_names(v, node_get(terms, kinds[i].code));

        e[n++] =
            (struct entry){.text = counts ? counted(s, label, t->of[i]) : label,
                           .tone = kinds[i].tone,
                           .outlined = kinds[i].outlined};
    }
    if (t->withheld) {
        const char *label = lang_text(v->lang, "withheld");

        e[n++] = (struct entry){.text = counts ? counted(s, label, t->withheld)
                                               : label,
                                .tone = TONE_WITHHELD};
    }
    if (t->missing) {
        const char *label = lang_text(v->lang, "no data");

        e[n++] = (struct entry){.text = counts ? counted(s, label, t->missing)
                                               : label,
                                .tone = TONE_NO_DATA,
                                .hatched = true};
    }
    legend_entries(s, e, n);
    s->y += 8;
}

static double small_map(struct sketch *s, const struct map_sheet *m,
                        size_t column, double width, double x, double y,
                        void *ctx)
{
    struct map_classes t = tones();
    struct tally tally;
    int *class = classes_of(s, column, &tally);
    double at = x, top = y + m->height;

    (void)ctx;
    map_draw_small(s, m, &t, class, x, y);
    outlines(s, m, class, x, y);
    y = top + 5;
    for (int i = 0; i < KINDS; i++) { /* a swatch and a number each */
        struct format f = {.unit = "none"};
        struct text n = {.text =
                             format_number(&s->view, &f, (double)tally.of[i]),
                         .size = SIZE_SMALL - 1,
                         .rise = 0.5};
        double w = text_measure(s->canvas, &n).w;

        if (at > x && at + 12 + w > x + width) {
            at = x;
            y += 15;
        }
        canvas_rect(s->canvas, at, y + 2, 9, 9);
        canvas_fill(s->canvas, kinds[i].tone);
        if (kinds[i].outlined) {
            canvas_rect(s->canvas, at + 0.5, y + 2.5, 8, 8);
            canvas_stroke(s->canvas, TONE_INK, 1, DASH_NONE);
        }
        text_draw(s->canvas, &n, at + 12, y + 6.5);
        at += 12 + w + 8;
    }
    return y + 13 - top;
}

enum rc draw_clusters(struct sketch *s, struct err *err)
{
    struct canvas *c = s->canvas;
    size_t column = view_chosen(&s->view, "value", NULL);
    size_t *columns, n = map_items(s, &columns);
    struct map_classes classes = tones();
    struct tally all = {0}, one;
    const struct map_sheet *m;
    double x;
    enum rc rc;

    if (!s->drawing->g || s->drawing->g->n == 0 ||
        (column == NO_COLUMN && n == 0)) {
        frame_empty(s);
        return RC_OK;
    }
    if (column == NO_COLUMN) {
        for (size_t i = 0; i < n; i++) {
            classes_of(s, columns[i], &one);
            all.missing += one.missing;
            all.withheld += one.withheld;
        }
        legend(s, &all, false);
        return map_multiples(s, columns, n, small_map, NULL, err);
    }
    if ((rc = map_sheet_large(s, &m, err)) != RC_OK)
        return rc;
    int *class = classes_of(s, column, &all);

    legend(s, &all, true);
    x = (c->width - m->width) / 2;
    map_draw(s, m, &classes, class, x, s->y);
    outlines(s, m, class, x, s->y);
    s->y += m->height + 8;
    map_scale_bar(s, m);
    return RC_OK;
}
