/* Values and texts of the document by themselves, for those who write. */
#include "profile/value.h"
#include "publish/page.h"
#include "publish/value.h"
#include "text/markdown.h"

struct prose {
    struct page page;
    const char *figures;
};

static bool put_figure(const struct prose *p, const char *code, struct buf *out)
{
    const struct node *f = profile_figure(p->page.doc, code);
    const char *language;

    if (!f)
        return false;
    buf_adds(out, "<p class=\"figure\"><img src=\"");
    buf_html(out, str_of(p->figures));
    buf_adds(out, "/");
    buf_url(out, str_of(code));
    buf_fmt(out, ".%s.svg\" alt=\"", lang_code(p->page.l));
    buf_html(out,
             str_of(names_text(node_get(f, "title"), p->page.l, &language)));
    buf_adds(out, "\"></p>\n");
    return true;
}

static bool expand(void *ctx, const struct markdown_call *call, struct buf *out,
                   bool *is_html)
{
    struct prose *p = ctx;
    const char *code = arena_str(p->page.a, call->code);

    *is_html = str_is(call->name, "figure");
    if (*is_html)
        return p->figures && put_figure(p, code, out);
    return str_is(call->name, "value") && document_value(&p->page, code, out);
}

enum rc publish_prose(const struct node *doc, const struct lang *l,
                      struct str markdown, const char *figures, struct buf *out,
                      struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct prose p = {.page = {.doc = doc, .l = l, .a = a, .out = out},
                      .figures = figures};
    struct markdown_options o = {
        .heading_shift = 2, .expand = expand, .ctx = &p};

    return markdown_html(markdown, &o, out, err);
}

bool publish_value(const struct node *doc, const struct lang *l,
                   const char *path, struct buf *out)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct page p = {.doc = doc, .l = l, .a = a};

    return profile_value(doc, path).state != STATE_NONE &&
           document_value(&p, path, out);
}
