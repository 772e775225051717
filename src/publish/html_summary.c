#include "publish/page.h"
#include "publish/value.h"

/* The numbers a reader looks for first. */
static const char *const tiles[] = {
    "population.total",        "population.migrants_share",
    "population.change_share", "population.migrants_change_share",
    "origins.number",          "measures.city.dissimilarity",
    "population.density"};

static void write_tile(struct page *p, const struct node *number,
                       const char *code)
{
    const struct node *label = node_get(number, "label");
    const char *unit = node_cstr(node_get(number, "unit"), "");
    const char *words = strcmp(unit, "index") ? unit_text(p->l, unit) : "";
    const char *period = node_cstr(node_get(number, "period"), NULL);
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 4096);
    html_raw(p, "<div><dt>");
    html_names(p, "span", NULL, label ? label : node_get(number, "name"));
    html_raw(p, "</dt><dd><strong>");
    html_value(p, unit, code, value_of_number(number), false);
    html_raw(p, "</strong> <small>");
    html_text(p, words);
    if (words[0] && period)
        html_raw(p, " · ");
    if (period)
        lang_period(p->l, period, &b);
    html_text(p, buf_cstr(&b));
    html_raw(p, "</small></dd></div>\n");
}

static void write_tiles(struct page *p)
{
    html_raw(p, "<dl class=\"tiles\">\n");
    for (size_t i = 0; i < ARRAY_LEN(tiles); i++) {
        const struct node *n = node_path(p->doc, tiles[i]);

        if (n && value_of_number(n).state != VALUE_NONE)
            write_tile(p, n, strrchr(tiles[i], '.') + 1);
    }
    html_raw(p, "</dl>\n");
}

void html_summary(struct page *p)
{
    const struct node *chapters = node_get(p->doc, "chapters");

    html_raw(p, "<section id=\"summary\" class=\"summary\"><h2>");
    html_message(p, N_("In short"));
    html_raw(p, "</h2>\n<div class=\"lead\">\n");
    for (size_t c = 0; c < node_len(chapters); c++) {
        const struct node *sentences =
            node_get(node_at(chapters, c), "summary");

        for (size_t i = 0; i < node_len(sentences); i++)
            html_names(p, "p", NULL, node_at(sentences, i));
    }
    html_raw(p, "</div>\n");
    write_tiles(p);
    for (size_t c = 0; c < node_len(chapters); c++)
        if (chapter_is_synopsis(node_at(chapters, c)))
            html_prose(p, node_at(chapters, c));
    html_raw(p, "</section>\n");
}
