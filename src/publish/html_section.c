#include "publish/page.h"
#include "publish/value.h"

/* Parts of the document in the order in which a page shows them. */
static const struct {
    const char *key, *title;
} sections[] = {
    {"city", N_("Territory")},
    {"population", N_("Population")},
    {"origins", N_("Origins")},
    {"distribution", N_("Where people live")},
    {"measures", N_("Measures of residential distribution")},
    {"flows", N_("Arrivals and departures")},
    {"access", N_("Services")},
    {"outcomes", N_("Outcomes")},
    {"governance", N_("Who does what")},
    {"actors", N_("Actors")},
    {"sources", N_("Sources and licences")},
    {"quality", N_("Quality of the data")},
    {"protection", N_("Protection of people in small numbers")},
};

static size_t section_find(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (strcmp(sections[i].key, key) == 0)
            return i;
    return SIZE_MAX;
}

const char *section_title(const char *key)
{
    size_t i = section_find(key);

    return i == SIZE_MAX ? NULL : sections[i].title;
}

static bool named(const struct node *list, const char *key)
{
    for (size_t i = 0; i < node_len(list); i++)
        if (strcmp(node_cstr(node_at(list, i), ""), key) == 0)
            return true;
    return false;
}

bool chapter_is_synopsis(const struct node *chapter)
{
    return strcmp(node_cstr(node_get(chapter, "code"), ""), "synopsis") == 0;
}

bool chapter_shows(const struct page *p, const struct node *chapter,
                   const char *key)
{
    const struct node *chapters = node_get(p->doc, "chapters");

    if (!section_title(key) || !node_get(p->doc, key))
        return false;
    for (size_t i = 0; i < node_len(chapters); i++) {
        const struct node *c = node_at(chapters, i);

        if (!chapter_is_synopsis(c) && named(node_get(c, "sections"), key))
            return c == chapter;
    }
    return false;
}

size_t page_rest(const struct page *p, const char **keys, size_t most)
{
    const struct node *chapters = node_get(p->doc, "chapters");
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(sections) && n < most; i++) {
        bool shown = !node_get(p->doc, sections[i].key);

        for (size_t c = 0; c < node_len(chapters) && !shown; c++)
            shown = chapter_shows(p, node_at(chapters, c), sections[i].key);
        if (!shown)
            keys[n++] = sections[i].key;
    }
    return n;
}

static bool is_number(const struct node *n)
{
    return n && n->kind == NODE_OBJECT && node_get(n, "value") &&
           node_get(n, "unit");
}

static bool is_names(const struct node *n)
{
    return n && n->kind == NODE_OBJECT && node_len(n) &&
           node_cstr(n->kids.items[0], NULL) &&
           lang_find(node_key(n, 0).p) != NULL;
}

void html_interval(struct page *p, const struct node *number)
{
    const char *unit = node_cstr(node_get(number, "unit"), "");
    const struct node *low = node_get(number, "low");
    const struct node *high = node_get(number, "high");
    AUTO(buf) struct buf a = {0}, b = {0};

    buf_init(&a, 4096);
    buf_init(&b, 4096);
    if (!node_is_number(low) || !node_is_number(high))
        return;
    value_write(p->l, unit, NULL, node_number(low, 0), &a);
    value_write(p->l, unit, NULL, node_number(high, 0), &b);
    html_raw(p, " <small>");
    html_fill(p, N_("from {low} to {high}"), "low", buf_cstr(&a), "high",
              buf_cstr(&b));
    html_raw(p, "</small>");
}

static void write_number_row(struct page *p, const struct node *number,
                             const char *code)
{
    const struct node *label = node_get(number, "label");
    const char *period = node_cstr(node_get(number, "period"), NULL);
    const char *reference = node_cstr(node_get(number, "reference"), NULL);
    AUTO(buf) struct buf b = {0};

    if (!label)
        label = node_get(number, "name");
    buf_init(&b, 4096);
    html_raw(p, "<tr><th scope=\"row\">");
    if (label)
        html_names(p, "span", NULL, label);
    else
        html_text(p, code);
    if (reference) {
        html_raw(p, " <small lang=\"en\" dir=\"ltr\">");
        html_text(p, reference);
        html_raw(p, "</small>");
    }
    html_raw(p, "</th><td class=\"n\">");
    html_value(p, node_cstr(node_get(number, "unit"), ""), code,
               value_of_number(number), true);
    html_interval(p, number);
    html_raw(p, "</td><td>");
    if (period)
        lang_period(p->l, period, &b);
    html_text(p, buf_cstr(&b));
    html_raw(p, "</td></tr>\n");
}

static void open_numbers(struct page *p, const char *title)
{
    html_numbers_begin(p, title, N_("Indicator"));
    html_raw(p, "<th scope=\"col\" class=\"n\">");
    html_message(p, N_("Value"));
    html_raw(p, "</th><th scope=\"col\">");
    html_message(p, N_("Period"));
    html_raw(p, "</th></tr></thead><tbody>\n");
}

/* The Numbers among the children of `part`, as one table. */
static void write_numbers(struct page *p, const struct node *part,
                          const char *title)
{
    bool open = false;

    for (size_t i = 0; i < node_len(part); i++) {
        const struct node *n = part->kids.items[i];

        if (!is_number(n))
            continue;
        if (!open)
            open_numbers(p, title);
        open = true;
        write_number_row(p, n,
                         part->kind == NODE_OBJECT
                             ? node_key(part, i).p
                             : node_cstr(node_get(n, "code"), ""));
    }
    if (open)
        html_raw(p, "</tbody></table></div>\n");
}

/* Publishers that several sources share are named once, before them. */
static void write_sources(struct page *p, const struct node *list)
{
    const char *before = "";

    for (size_t i = 0; i < node_len(list); i++) {
        const struct node *s = node_at(list, i);
        const char *publisher =
            names_text(node_get(s, "publisher"), p->l, NULL);
        const char *title = names_text(node_get(s, "title"), p->l, NULL);
        const char *path = node_cstr(node_get(s, "path"), "");
        const char *licence = node_cstr(node_get(s, "licence"), "");

        if (i == 0 || strcmp(publisher, before) != 0) {
            html_raw(p, i ? "</ul>\n" : "");
            if (publisher[0]) {
                html_raw(p, "<p><bdi translate=\"no\">");
                html_text(p, publisher);
                html_raw(p, "</bdi></p>\n");
            }
            html_raw(p, "<ul class=\"sources\">\n");
        }
        before = publisher;
        html_raw(p, "<li><bdi>");
        html_text(p, title[0] ? title : node_cstr(node_get(s, "code"), ""));
        html_raw(p, "</bdi>");
        if (path[0]) {
            html_raw(p, " <small><bdi dir=\"ltr\">");
            html_text(p, path);
            html_raw(p, "</bdi></small>");
        }
        if (licence[0]) {
            html_raw(p, " <small class=\"licence\"><bdi dir=\"ltr\">");
            html_text(p, licence);
            html_raw(p, "</bdi></small>");
        }
        html_raw(p, "</li>\n");
    }
    html_raw(p, node_len(list) ? "</ul>\n" : "");
}

/* Names or objects that carry one in `text`, with how often in `count`. */
static void write_list(struct page *p, const struct node *list)
{
    bool open = false;

    for (size_t i = 0; i < node_len(list); i++) {
        const struct node *item = node_at(list, i);
        const struct node *text =
            is_names(item) ? item : node_get(item, "text");
        int64_t count = node_integer(node_get(item, "count"), 1);

        if (!text)
            continue;
        html_raw(p, open ? "<li>" : "<ul><li>");
        open = true;
        html_names(p, "span", NULL, text);
        if (count > 1) {
            html_raw(p, " <small>");
            html_fill(p, N_("({n} times)"), "n", html_integer(p, count), "",
                      "");
            html_raw(p, "</small>");
        }
        html_raw(p, "</li>\n");
    }
    if (open)
        html_raw(p, "</ul>\n");
}

static void write_child(struct page *p, const struct node *child,
                        const char *key, const char *title)
{
    if (table_is(child)) {
        html_table_block(p, child);
    } else if (is_names(child)) {
        if (strcmp(key, "absent") == 0)
            html_names(p, "p", "absent", child);
        else
            html_names(p, "p", NULL, child);
    } else if (child && child->kind == NODE_LIST) {
        const struct node *first = node_at(child, 0);

        if (table_is(first))
            for (size_t i = 0; i < node_len(child); i++)
                html_table_block(p, node_at(child, i));
        else if (!is_number(first))
            write_list(p, child);
    } else if (child && child->kind == NODE_OBJECT && !is_number(child)) {
        if (node_get(child, "absent"))
            html_names(p, "p", "absent", node_get(child, "absent"));
    }
}

/* The figures whose numbers stand in this part. */
static void write_figures(struct page *p, const struct node *part)
{
    const struct node *figures = node_get(p->doc, "figures");
    struct tables inside = {0};

    tables_collect(part, p->a, &inside);
    for (size_t i = 0; i < node_len(figures); i++)
        if (tables_find(
                &inside,
                node_cstr(node_get(node_at(figures, i), "table"), NULL)))
            html_figure(p, i);
}

static void write_protection(struct page *p, const struct node *part)
{
    const char *why = node_cstr(node_get(part, "why"), NULL);

    html_names(p, "p", NULL, node_get(part, "text"));
    if (why && why[0]) {
        html_raw(p, "<p>");
        html_message(p, N_("The reason the city gives:"));
        html_raw(p, " <q><bdi>");
        html_text(p, why);
        html_raw(p, "</bdi></q></p>\n");
    }
}

void html_section(struct page *p, const char *key, int level)
{
    const struct node *part = node_get(p->doc, key);
    const char *title = section_title(key);
    const char *tag = level == 2 ? "h2" : "h3";

    if (!part || !title)
        return;
    html_raw(p,
             level == 2 ? "<section class=\"part\" id=\"" : "<section id=\"");
    html_raw(p, html_id(p, "part", key));
    html_raw(p, "\"><");
    html_raw(p, tag);
    html_raw(p, ">");
    html_message(p, title);
    html_raw(p, "</");
    html_raw(p, tag);
    html_raw(p, ">\n");
    if (strcmp(key, "sources") == 0)
        write_sources(p, part);
    else if (strcmp(key, "protection") == 0)
        write_protection(p, part);
    else {
        if (node_get(part, "compare_total"))
            html_comparison(p, part, title);
        else if (strcmp(key, "measures") == 0)
            html_measures(p, part, level + 1);
        else
            write_numbers(p, part, title);
        write_figures(p, part);
        for (size_t i = 0; i < node_len(part) && strcmp(key, "city"); i++)
            write_child(p, part->kids.items[i], node_key(part, i).p, title);
    }
    html_raw(p, "</section>\n");
}
