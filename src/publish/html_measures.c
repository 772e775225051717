#include "publish/page.h"
#include "publish/value.h"

static const struct {
    const char *key, *title;
} lists[] = {{"city", N_("All origins against each other")},
             {"migrants", N_("All migrants against the majority")}};

/* The period of the first Number that has one under `key`. */
static const char *list_period(const struct node *list, const char *key)
{
    for (size_t i = 0; i < node_len(list); i++) {
        const char *period = node_cstr(node_get(node_at(list, i), key), NULL);

        if (period)
            return period;
    }
    return NULL;
}

static void head_cell(struct page *p, const char *period)
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 4096);
    lang_period(p->l, period, &b);
    html_raw(p, "<th scope=\"col\" class=\"n\">");
    html_text(p, buf_cstr(&b));
    html_raw(p, "</th>");
}

static bool list_has(const struct node *list, const char *key)
{
    for (size_t i = 0; i < node_len(list); i++)
        if (node_is_number(node_get(node_at(list, i), key)))
            return true;
    return false;
}

/* What is sure and what is noise, in words. */
static void write_sure(struct page *p, const struct node *sure)
{
    for (size_t i = 0; i < node_len(sure); i++)
        html_names(p, "p", NULL, node_at(sure, i));
}

/* What the columns of a list are. */
struct columns {
    const char *before, *now; /* periods; NULL: none before */
    bool freed, chance; /* values without what chance adds; chance's own */
};

static void named_head(struct page *p, const char *message, const char *more)
{
    html_raw(p, "<th scope=\"col\" class=\"n\">");
    html_message(p, message);
    if (more) {
        html_raw(p, " <small>");
        html_message(p, more);
        html_raw(p, "</small>");
    }
    html_raw(p, "</th>");
}

static void write_head(struct page *p, const char *title,
                       struct columns columns)
{
    html_numbers_begin(p, title, N_("Measure"));
    html_raw(p, "<th scope=\"col\">");
    html_message(p, N_("Dimension"));
    html_raw(p, "</th>");
    if (columns.before)
        head_cell(p, columns.before);
    head_cell(p, columns.now);
    if (columns.freed)
        named_head(p, N_("Freed of chance"), N_("interval of 95%"));
    if (columns.chance)
        named_head(p, N_("By chance alone"), NULL);
    html_raw(p, "</tr></thead><tbody>\n");
}

/* The interval is that of the value freed of chance: it stands beside it. */
static void write_numbers(struct page *p, const struct node *n,
                          struct columns columns)
{
    const char *unit = node_cstr(node_get(n, "unit"), "");

    if (columns.before) {
        html_raw(p, "<td class=\"n\">");
        html_value(p, unit, NULL, value_of_cell(node_get(n, "before")), true);
        html_raw(p, "</td>");
    }
    html_raw(p, "<td class=\"n\">");
    html_value(p, unit, NULL, value_of_number(n), true);
    html_raw(p, "</td>");
    if (columns.freed) {
        html_raw(p, "<td class=\"n\">");
        if (node_get(n, "debiased"))
            html_value(p, unit, NULL, value_of_cell(node_get(n, "debiased")),
                       true);
        html_interval(p, n);
        html_raw(p, "</td>");
    }
    if (!columns.chance)
        return;
    html_raw(p, "<td class=\"n\">");
    if (node_get(n, "expected"))
        html_value(p, unit, NULL, value_of_cell(node_get(n, "expected")), true);
    html_raw(p, "</td>");
}

static void write_row(struct page *p, const struct node *n,
                      struct columns columns)
{
    const char *reference = node_cstr(node_get(n, "reference"), NULL);

    html_raw(p, "<tr><th scope=\"row\">");
    html_names(p, "span", NULL, node_get(n, "name"));
    if (reference) {
        html_raw(p, lang_rtl(p->l) ? " <small lang=\"en\" dir=\"ltr\">"
                                   : " <small lang=\"en\">");
        html_text(p, reference);
        html_raw(p, "</small>");
    }
    html_raw(p, "</th><td>");
    html_text(p, names_text(node_get(n, "dimension"), p->l, NULL));
    html_raw(p, "</td>");
    write_numbers(p, n, columns);
    html_raw(p, "</tr>\n");
}

void html_measures(struct page *p, const struct node *part, int level)
{
    const char *open = level == 3 ? "<h3>" : "<h4>";
    const char *close = level == 3 ? "</h3>\n" : "</h4>\n";

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const struct node *list = node_get(part, lists[i].key);
        struct columns columns = {.before = list_period(list, "before_period"),
                                  .now = list_period(list, "period"),
                                  .freed = list_has(list, "debiased"),
                                  .chance = list_has(list, "expected")};

        if (!node_len(list) || !columns.now)
            continue;
        html_raw(p, open);
        html_message(p, lists[i].title);
        html_raw(p, close);
        write_head(p, lists[i].title, columns);
        for (size_t k = 0; k < node_len(list); k++)
            write_row(p, node_at(list, k), columns);
        html_raw(p, "</tbody></table></div>\n");
    }
    write_sure(p, node_get(part, "sure"));
}
