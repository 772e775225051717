#include "publish/page.h"
#include "publish/value.h"

/* A quantity now, before, and what became of it. */
static const struct {
    const char *now, *before, *change, *relative;
} rows[] = {
    {"total", "compare_total", "change", "change_share"},
    {"migrants", "compare_migrants", "migrants_change",
     "migrants_change_share"},
    {"migrants_share", "compare_migrants_share", NULL, NULL},
    {"majority", "compare_majority", NULL, NULL},
    {"density", "compare_density", NULL, NULL},
};

static void write_cell(struct page *p, const struct node *part, const char *key,
                       bool with_unit)
{
    const struct node *number = key ? node_get(part, key) : NULL;

    html_raw(p, "<td class=\"n\">");
    if (number) {
        html_value(p, node_cstr(node_get(number, "unit"), ""), key,
                   value_of_number(number), with_unit);
        html_interval(p, number);
    }
    html_raw(p, "</td>");
}

static void write_period(struct page *p, const char *key)
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 4096);
    lang_period(p->l, node_cstr(node_get(p->doc, key), ""), &b);
    html_raw(p, "<th scope=\"col\" class=\"n\">");
    html_text(p, buf_cstr(&b));
    html_raw(p, "</th>");
}

static void write_head(struct page *p, const char *title)
{
    html_numbers_begin(p, title, N_("Indicator"));
    write_period(p, "compare");
    write_period(p, "period");
    html_raw(p, "<th scope=\"col\" class=\"n\">");
    html_message(p, N_("Change"));
    html_raw(p, "</th><th scope=\"col\" class=\"n\">");
    html_message(p, N_("Relative change"));
    html_raw(p, "</th></tr></thead><tbody>\n");
}

void html_comparison(struct page *p, const struct node *part, const char *title)
{
    write_head(p, title);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct node *now = node_get(part, rows[i].now);

        if (!now)
            continue;
        html_raw(p, "<tr><th scope=\"row\">");
        html_names(p, "span", NULL, node_get(now, "label"));
        html_raw(p, "</th>");
        write_cell(p, part, rows[i].before, true);
        write_cell(p, part, rows[i].now, true);
        write_cell(p, part, rows[i].change, false);
        write_cell(p, part, rows[i].relative, false);
        html_raw(p, "</tr>\n");
    }
    html_raw(p, "</tbody></table></div>\n");
}
