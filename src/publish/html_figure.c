#include <math.h>
#include <stdlib.h>

#include "publish/page.h"
#include "publish/value.h"

const struct node *page_figure(const struct page *p, size_t figure)
{
    return node_at(node_get(p->doc, "figures"), figure);
}

size_t page_figure_find(const struct page *p, const char *code)
{
    const struct node *figures = node_get(p->doc, "figures");

    for (size_t i = 0; i < node_len(figures); i++)
        if (strcmp(node_cstr(node_get(node_at(figures, i), "code"), ""),
                   code) == 0)
            return i;
    return SIZE_MAX;
}

/* The columns of the table behind a figure that the figure draws. */
static size_t drawn_columns(const struct node *figure, const struct node *table,
                            size_t *out, size_t most)
{
    static const char *const keys[] = {"area", "x",   "label", "group",
                                       "sex",  "age", "share", "value",
                                       "from", "to",  "low",   "high"};
    static const char *const lists[] = {"also", "items", "series"};
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(keys) && n < most; i++) {
        const char *code = node_cstr(node_get(figure, keys[i]), NULL);
        size_t c = table_column_find(table, code);

        if (c != SIZE_MAX)
            out[n++] = c;
    }
    if (n == 0 || out[0] != 0)
        if (strcmp(column_kind(table_column(table, 0)), "number") != 0 &&
            n < most) {
            memmove(out + 1, out, n * sizeof *out);
            out[0] = 0;
            n++;
        }
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        const struct node *list = node_get(figure, lists[k]);

        for (size_t i = 0; i < node_len(list) && n < most; i++) {
            size_t c =
                table_column_find(table, node_cstr(node_at(list, i), NULL));

            if (c != SIZE_MAX)
                out[n++] = c;
        }
    }
    return n;
}

struct ranked {
    size_t row;
    double v;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->v != y->v)
        return x->v > y->v ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* A map's table starts with the highest values. */
static size_t *rank_rows(struct page *p, const struct node *figure,
                         const struct node *table)
{
    size_t n = table_rows(table);
    size_t c =
        table_column_find(table, node_cstr(node_get(figure, "value"), NULL));
    struct ranked *ranked;
    size_t *order;

    if (strcmp(node_cstr(node_get(figure, "kind"), ""), "choropleth") != 0 ||
        c == SIZE_MAX)
        return NULL;
    ranked = arena_array(p->a, struct ranked, n + 1);
    order = arena_array(p->a, size_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct value v = value_of_cell(table_cell(table, i, c));

        ranked[i] =
            (struct ranked){i, v.state == VALUE_PLAIN ? v.number : -INFINITY};
    }
    qsort(ranked, n, sizeof *ranked, by_value);
    for (size_t i = 0; i < n; i++)
        order[i] = ranked[i].row;
    return order;
}

static void write_table(struct page *p, const struct node *figure)
{
    const struct node *table =
        tables_find(&p->tables, node_cstr(node_get(figure, "table"), NULL));
    size_t columns[PAGE_COLUMNS];
    struct table_view v = {
        .table = table, .shown = columns, .rows = PAGE_FIGURE_ROWS};

    if (!table || !table_rows(table))
        return;
    v.n_shown = drawn_columns(figure, table, columns, ARRAY_LEN(columns));
    if (!v.n_shown)
        return;
    v.order = rank_rows(p, figure, table);
    v.n_order = table_rows(table);
    html_raw(p, "<details><summary>");
    html_message(p, N_("The numbers behind this figure"));
    html_raw(p, "</summary>\n");
    html_table(p, &v);
    html_data_link(p, table);
    html_raw(p, "</details>\n");
}

static void write_alternative(struct page *p, const struct node *figure)
{
    const char *alt = names_text(node_get(figure, "alt"), p->l, NULL);
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 1 << 16);
    if (!alt[0])
        figure_describe(p->doc, figure, p->l, &b);
    html_text(p, alt[0] ? alt : buf_cstr(&b));
}

static bool is_map(const struct node *figure)
{
    const char *kind = node_cstr(node_get(figure, "kind"), "");

    return strcmp(kind, "choropleth") == 0 ||
           (strcmp(kind, "clusters") == 0 && node_get(figure, "value"));
}

/* What it says in words. */
static void write_words(struct page *p, const struct node *figure)
{
    const struct node *text = node_get(figure, "text");

    for (size_t i = 0; i < node_len(text); i++)
        html_names(p, "p", "says", node_at(text, i));
}

/* `twin_px`: the width drawn already, whose shapes a map takes. */
static void write_drawing(struct page *p, const struct node *figure,
                          double width_px, double twin_px)
{
    struct figure_options o = {.format = FIGURE_SVG,
                               .bare = true,
                               .width_px = width_px,
                               .twin_px = twin_px,
                               .pool = p->pool};
    AUTO(buf) struct buf svg = {0};
    enum rc rc;

    buf_init(&svg, PAGE_BYTES);
    rc = figure_draw(p->drawing, figure, p->l, &o, &svg, p->err);
    if (rc != RC_OK && p->rc == RC_OK)
        p->rc = rc;
    buf_add(p->out, buf_str(&svg));
}

/* Drawn twice: the style sheet shows the one that the screen has room for. */
static void write_plot(struct page *p, const struct node *figure)
{
    double wide = is_map(figure) ? PAGE_MAP_WIDTH : PAGE_FIGURE_WIDTH;

    html_raw(p, is_map(figure) ? "<div class=\"plot map\""
                               : "<div class=\"plot\"");
    html_raw(p, " role=\"img\" aria-label=\"");
    write_alternative(p, figure);
    html_raw(p, "\"><div class=\"wide\">");
    write_drawing(p, figure, wide, 0);
    html_raw(p, "</div><div class=\"phone\">");
    write_drawing(p, figure, PAGE_PHONE_WIDTH, wide);
    html_raw(p, "</div></div>\n");
}

void html_figure(struct page *p, size_t i)
{
    const struct node *figure = page_figure(p, i);
    const char *source = names_text(node_get(figure, "source"), p->l, NULL);

    if (!figure || p->placed[i])
        return;
    p->placed[i] = true;
    html_raw(p, "<figure id=\"");
    html_raw(p, html_id(p, "figure", node_cstr(node_get(figure, "code"), "")));
    if (p->foreign) {
        html_raw(p, "\" lang=\"");
        html_raw(p, lang_code(p->l));
        html_raw(p, lang_rtl(p->l) ? "\" dir=\"rtl" : "\" dir=\"ltr");
    }
    html_raw(p, "\"><figcaption>");
    html_names(p, "b", NULL, node_get(figure, "title"));
    html_raw(p, "</figcaption>\n");
    if (p->drawing)
        write_plot(p, figure);
    write_words(p, figure);
    if (source[0]) {
        html_raw(p, "<p class=\"source\">");
        html_text(p, source);
        html_raw(p, "</p>\n");
    }
    write_table(p, figure);
    html_raw(p, "</figure>\n");
}
