#include "publish/page.h"
#include "publish/value.h"
#include "text/markdown.h"

/* A {{value:...}} or {{figure:...}} of a chapter, taken from the document. */
static bool expand(void *ctx, const struct markdown_call *call, struct buf *out,
                   bool *is_html)
{
    struct page *p = ctx;
    const char *code = arena_str(p->a, call->code);

    if (str_is(call->name, "figure")) {
        size_t figure = page_figure_find(p, code);
        struct buf *page = p->out;

        if (figure == SIZE_MAX)
            return false;
        *is_html = true;
        p->out = out;
        html_figure(p, figure);
        p->out = page;
        return true;
    }
    return str_is(call->name, "value") && document_value(p, code, out);
}

void html_prose(struct page *p, const struct node *chapter)
{
    const char *language;
    const char *text =
        names_text(node_get(chapter, "markdown"), p->l, &language);
    const struct lang *l = language ? lang_find(language) : NULL;
    struct markdown_options o = {
        .heading_shift = 2, .expand = expand, .ctx = p};
    enum rc rc;

    if (!text[0])
        return;
    if (l && l != p->l) {
        html_raw(p, "<p class=\"absent\">");
        html_fill(p, N_("The city has written this text in {language} only."),
                  "language", lang_own_name(l), "", "");
        html_raw(p, "</p>\n<div class=\"prose\" lang=\"");
        html_raw(p, lang_code(l));
        html_raw(p, lang_rtl(l) ? "\" dir=\"rtl\">\n" : "\" dir=\"ltr\">\n");
    } else {
        html_raw(p, "<div class=\"prose\">\n");
    }
    p->foreign = l && l != p->l;
    rc = markdown_html(str_of(text), &o, p->out, p->err);
    p->foreign = false;
    if (rc != RC_OK && p->rc == RC_OK)
        p->rc = rc;
    html_raw(p, "</div>\n");
}

static const char *chapter_code(const struct node *chapter)
{
    return node_cstr(node_get(chapter, "code"), "");
}

bool chapter_is_shown(const struct page *p, const struct node *chapter)
{
    const struct node *parts = node_get(chapter, "sections");
    bool any = names_text(node_get(chapter, "markdown"), p->l, NULL)[0] ||
               node_len(node_get(chapter, "figures"));

    if (chapter_is_synopsis(chapter))
        return false; /* it is the summary */
    for (size_t i = 0; i < node_len(parts) && !any; i++)
        any = chapter_shows(p, chapter, node_cstr(node_at(parts, i), ""));
    return any;
}

static void write_chapter(struct page *p, const struct node *chapter)
{
    const struct node *parts = node_get(chapter, "sections");
    const struct node *figures = node_get(chapter, "figures");

    html_raw(p, "<section class=\"part\" id=\"");
    html_raw(p, html_id(p, "chapter", chapter_code(chapter)));
    html_raw(p, "\">");
    html_names(p, "h2", NULL, node_get(chapter, "title"));
    html_raw(p, "\n");
    html_prose(p, chapter);
    for (size_t i = 0; i < node_len(parts); i++)
        if (chapter_shows(p, chapter, node_cstr(node_at(parts, i), "")))
            html_section(p, node_cstr(node_at(parts, i), ""), 3);
    for (size_t i = 0; i < node_len(figures); i++) {
        size_t f = page_figure_find(p, node_cstr(node_at(figures, i), ""));

        if (f != SIZE_MAX)
            html_figure(p, f);
    }
    html_raw(p, "</section>\n");
}

void html_chapters(struct page *p)
{
    const struct node *chapters = node_get(p->doc, "chapters");
    const char *rest[32];
    size_t n = page_rest(p, rest, ARRAY_LEN(rest));

    for (size_t i = 0; i < node_len(chapters); i++)
        if (chapter_is_shown(p, node_at(chapters, i)))
            write_chapter(p, node_at(chapters, i));
    for (size_t i = 0; i < n; i++)
        html_section(p, rest[i], 2);
}

static void write_entry(struct page *p, const char *id, const char *text)
{
    html_raw(p, "<li><a href=\"#");
    html_raw(p, id);
    html_raw(p, "\">");
    html_text(p, text);
    html_raw(p, "</a>");
}

static void write_parts(struct page *p, const struct node *chapter)
{
    const struct node *parts = node_get(chapter, "sections");
    bool open = false;

    for (size_t i = 0; i < node_len(parts); i++) {
        const char *key = node_cstr(node_at(parts, i), "");
        const char *title = section_title(key);

        if (!chapter_shows(p, chapter, key))
            continue;
        html_raw(p, open ? "" : "<ol>");
        open = true;
        write_entry(p, html_id(p, "part", key), lang_text(p->l, title));
        html_raw(p, "</li>\n");
    }
    html_raw(p, open ? "</ol>" : "");
}

void html_contents(struct page *p)
{
    const struct node *chapters = node_get(p->doc, "chapters");
    const char *rest[32];
    size_t n = page_rest(p, rest, ARRAY_LEN(rest));

    html_raw(p, "<ol>");
    write_entry(p, "summary", lang_text(p->l, N_("In short")));
    html_raw(p, "</li>\n");
    for (size_t i = 0; i < node_len(chapters); i++) {
        const struct node *chapter = node_at(chapters, i);

        if (!chapter_is_shown(p, chapter))
            continue;
        write_entry(p, html_id(p, "chapter", chapter_code(chapter)),
                    names_text(node_get(chapter, "title"), p->l, NULL));
        write_parts(p, chapter);
        html_raw(p, "</li>\n");
    }
    for (size_t i = 0; i < n; i++) {
        write_entry(p, html_id(p, "part", rest[i]),
                    lang_text(p->l, section_title(rest[i])));
        html_raw(p, "</li>\n");
    }
    html_raw(p, "</ol>\n");
}
