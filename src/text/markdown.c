#include "text/markdown.h"

#include <cmark.h>
#include <stdlib.h>
#include <strings.h>

enum { MARKDOWN_LIMIT = 4 << 20 };

/*
 * A call as it stands in a text: "{{", a name of letters, ":", a code without
 * braces or blanks inside, "}}".
 */
static bool call_at(struct str s, size_t at, struct markdown_call *c,
                    size_t *length)
{
    const char *p = s.p + at + 2, *end = s.p + s.n, *close, *colon;

    if (s.n - at < 5 || memcmp(s.p + at, "{{", 2) != 0)
        return false;
    close = memmem(p, (size_t)(end - p), "}}", 2);
    if (!close || memchr(p, '{', (size_t)(close - p)) ||
        memchr(p, '\n', (size_t)(close - p)))
        return false;
    colon = memchr(p, ':', (size_t)(close - p));
    if (!colon)
        return false;
    c->name = str_trim((struct str){p, (size_t)(colon - p)});
    c->code = str_trim((struct str){colon + 1, (size_t)(close - colon - 1)});
    *length = (size_t)(close + 2 - (s.p + at));
    return c->name.n && c->code.n;
}

static bool next_call(struct str s, size_t from, size_t *at,
                      struct markdown_call *c, size_t *length)
{
    while (from + 5 <= s.n) {
        const char *open = memmem(s.p + from, s.n - from, "{{", 2);

        if (!open)
            return false;
        from = (size_t)(open - s.p);
        if (call_at(s, from, c, length)) {
            *at = from;
            return true;
        }
        from++;
    }
    return false;
}

/* Where a walk over the tree stands in the source, for lines and columns. */
struct walk {
    struct str source;
    size_t cursor; /* after the last call found */
    size_t line_at, line_start;
    uint64_t line;
    const struct markdown_options *options;
    void (*found)(void *ctx, const struct markdown_call *c);
    void *found_ctx;
    int outline[6], depth; /* levels of the headings that are open */
    struct buf blocks;     /* HTML to put after the paragraph */
};

static void locate(struct walk *w, size_t at, struct markdown_call *c)
{
    for (; w->line_at < at; w->line_at++)
        if (w->source.p[w->line_at] == '\n') {
            w->line++;
            w->line_start = w->line_at + 1;
        }
    c->line = w->line;
    c->column = at - w->line_start + 1;
}

/* Moves the cursor past the call `raw`; false when its brace is escaped. */
static bool follow(struct walk *w, struct str raw, struct markdown_call *c)
{
    const char *from = w->source.p + w->cursor;
    const char *p = memmem(from, w->source.n - w->cursor, raw.p, raw.n);
    size_t at, slashes = 0;

    if (!p) { /* respelt by the parser: the last known place */
        locate(w, w->cursor, c);
        return true;
    }
    at = (size_t)(p - w->source.p);
    locate(w, at, c);
    while (slashes < at && w->source.p[at - slashes - 1] == '\\')
        slashes++;
    w->cursor = at + raw.n;
    return slashes % 2 == 0;
}

static void expand_text(struct walk *w, cmark_node *node)
{
    const char *literal = cmark_node_get_literal(node);
    struct str s = str_of(literal);
    size_t from = 0, at, length;
    struct markdown_call c;
    struct buf out;

    buf_init(&out, MARKDOWN_LIMIT * 4);
    while (next_call(s, from, &at, &c, &length)) {
        bool is_html = false, known = false;
        struct buf made;

        buf_add(&out, (struct str){s.p + from, at - from});
        buf_init(&made, MARKDOWN_LIMIT * 4);
        if (follow(w, (struct str){s.p + at, length}, &c)) {
            if (w->found)
                w->found(w->found_ctx, &c);
            if (w->options && w->options->expand)
                known =
                    w->options->expand(w->options->ctx, &c, &made, &is_html);
        }
        if (!known)
            buf_add(&out, (struct str){s.p + at, length});
        else
            buf_add(is_html ? &w->blocks : &out, buf_str(&made));
        w->blocks.failed |= made.failed;
        buf_free(&made);
        from = at + length;
    }
    if (from > 0) {
        buf_add(&out, (struct str){s.p + from, s.n - from});
        w->blocks.failed |= out.failed;
        cmark_node_set_literal(node, buf_cstr(&out));
    }
    buf_free(&out);
}

/* Calls in code are no calls, but the cursor has to pass them. */
static void pass_code(struct walk *w, cmark_node *node)
{
    struct str s = str_of(cmark_node_get_literal(node));
    size_t from = 0, at, length;
    struct markdown_call c;

    while (next_call(s, from, &at, &c, &length)) {
        (void)follow(w, (struct str){s.p + at, length}, &c);
        from = at + length;
    }
}

static bool link_allowed(const char *url)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    const char *colon;
    size_t before;

    if (!url || !url[0])
        return false;
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            return true;
    if (strncmp(url, "//", 2) == 0)
        return false;
    colon = strchr(url, ':');
    before = strcspn(url, "/?#");
    return !colon || (size_t)(colon - url) > before; /* relative */
}

/* The children of `node` take its place. */
static void unwrap(cmark_node *node)
{
    cmark_node *child;

    while ((child = cmark_node_first_child(node)))
        cmark_node_insert_before(node, child);
    cmark_node_free(node);
}

static bool in_link(cmark_node *node)
{
    while ((node = cmark_node_parent(node)))
        if (cmark_node_get_type(node) == CMARK_NODE_LINK)
            return true;
    return false;
}

/*
 * A page loads nothing: a picture becomes a link to it. Raw HTML is shown as
 * text, except a comment, which is dropped.
 */
static void make_safe(cmark_node *node)
{
    const char *text = cmark_node_get_literal(node);
    cmark_node *put;

    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_IMAGE:
        put = cmark_node_new(CMARK_NODE_LINK);
        cmark_node_set_url(put, cmark_node_get_url(node));
        cmark_node_insert_before(node, put);
        for (cmark_node *c; (c = cmark_node_first_child(node));)
            cmark_node_append_child(put, c);
        cmark_node_free(node);
        if (in_link(put) || !link_allowed(cmark_node_get_url(put)))
            unwrap(put);
        break;
    case CMARK_NODE_LINK:
        if (!link_allowed(cmark_node_get_url(node)))
            unwrap(node);
        break;
    case CMARK_NODE_HTML_INLINE:
    case CMARK_NODE_HTML_BLOCK:
        if (strncmp(text, "<!--", 4) != 0) {
            put = cmark_node_new(CMARK_NODE_TEXT);
            cmark_node_set_literal(put, text);
            if (cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK) {
                cmark_node *p = cmark_node_new(CMARK_NODE_PARAGRAPH);

                cmark_node_append_child(p, put);
                put = p;
            }
            cmark_node_insert_before(node, put);
        }
        cmark_node_free(node);
        break;
    default:
        break;
    }
}

/* The level is how deep the heading stands in the outline, so none is left
 * out between two, whatever the writer did. */
static void place_heading(struct walk *w, cmark_node *node)
{
    int level = cmark_node_get_heading_level(node);
    int shift = w->options ? w->options->heading_shift : 0;

    while (w->depth > 0 && w->outline[w->depth - 1] >= level)
        w->depth--;
    w->outline[w->depth++] = level;
    cmark_node_set_heading_level(node, MAX(1, MIN(w->depth + shift, 6)));
}

static bool only_blank(cmark_node *paragraph)
{
    for (cmark_node *c = cmark_node_first_child(paragraph); c;
         c = cmark_node_next(c)) {
        if (cmark_node_get_type(c) == CMARK_NODE_SOFTBREAK)
            continue;
        if (cmark_node_get_type(c) != CMARK_NODE_TEXT ||
            str_trim(str_of(cmark_node_get_literal(c))).n)
            return false;
    }
    return true;
}

/* Blocks made inside `node` go after it; a paragraph of nothing else goes. */
static void place_blocks(struct walk *w, cmark_node *node)
{
    cmark_node *block;

    if (!w->blocks.n)
        return;
    block = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK);
    cmark_node_set_on_enter(block, buf_cstr(&w->blocks));
    buf_clear(&w->blocks);
    if (!cmark_node_insert_after(node, block)) {
        cmark_node_free(block);
        return;
    }
    if (cmark_node_get_type(node) == CMARK_NODE_PARAGRAPH && only_blank(node))
        cmark_node_free(node);
}

static void walk_leave(struct walk *w, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HEADING:
        place_heading(w, node);
        place_blocks(w, node);
        break;
    case CMARK_NODE_PARAGRAPH:
        place_blocks(w, node);
        break;
    case CMARK_NODE_LINK:
    case CMARK_NODE_IMAGE:
        make_safe(node);
        break;
    default:
        break;
    }
}

static void walk_tree(struct walk *w, cmark_node *root)
{
    cmark_iter *iter;
    cmark_event_type event;

    cmark_consolidate_text_nodes(root);
    iter = cmark_iter_new(root);
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);

        switch (cmark_node_get_type(node)) {
        case CMARK_NODE_TEXT:
            expand_text(w, node);
            break;
        case CMARK_NODE_CODE:
        case CMARK_NODE_CODE_BLOCK:
            pass_code(w, node);
            break;
        case CMARK_NODE_HTML_BLOCK:
        case CMARK_NODE_HTML_INLINE:
            pass_code(w, node);
            make_safe(node);
            break;
        default:
            if (event == CMARK_EVENT_EXIT)
                walk_leave(w, node);
        }
    }
    cmark_iter_free(iter);
}

static cmark_node *parse(struct str source)
{
    return cmark_parse_document(source.n ? source.p : "", source.n,
                                CMARK_OPT_VALIDATE_UTF8);
}

enum rc markdown_html(struct str source, const struct markdown_options *o,
                      struct buf *out, struct err *err)
{
    struct walk w = {.source = source, .line = 1, .options = o};
    cmark_node *root;
    char *html;
    bool failed;

    if (source.n > MARKDOWN_LIMIT)
        return err_set(err, RC_LIMIT, N_("a text is longer than %d bytes"),
                       MARKDOWN_LIMIT);
    buf_init(&w.blocks, MARKDOWN_LIMIT * 8);
    root = parse(source);
    walk_tree(&w, root);
    html = cmark_render_html(root, CMARK_OPT_DEFAULT);
    buf_adds(out, html);
    free(html);
    cmark_node_free(root);
    failed = out->failed || w.blocks.failed;
    buf_free(&w.blocks);
    return failed ? err_set(err, RC_LIMIT, N_("the page is too long")) : RC_OK;
}

void markdown_calls(struct str source,
                    void (*found)(void *ctx, const struct markdown_call *c),
                    void *ctx)
{
    struct walk w = {
        .source = source, .line = 1, .found = found, .found_ctx = ctx};
    cmark_node *root;

    if (source.n > MARKDOWN_LIMIT)
        return;
    buf_init(&w.blocks, MARKDOWN_LIMIT);
    root = parse(source);
    walk_tree(&w, root);
    cmark_node_free(root);
    buf_free(&w.blocks);
}
