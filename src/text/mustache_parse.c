#include "text/mustache_parse.h"

struct parser {
    struct arena *a;
    const char *name;
    struct str s;
    size_t at;
    struct str open, close; /* delimiters */
    unsigned depth;
    struct err *err;
};

/* One tag as it stands in the source. */
struct tag {
    char sign; /* # ^ / > < $ & { ! = or 0 */
    struct str name;
    size_t start, end; /* of the whole tag */
};

static size_t line_start(const struct parser *p, size_t at)
{
    while (at > 0 && p->s.p[at - 1] != '\n')
        at--;
    return at;
}

static size_t skip_blanks(const struct parser *p, size_t at)
{
    while (at < p->s.n && (p->s.p[at] == ' ' || p->s.p[at] == '\t'))
        at++;
    return at;
}

/* After the line's end when nothing but blanks stands before it, else 0. */
static size_t blank_to_next_line(const struct parser *p, size_t at)
{
    at = skip_blanks(p, at);
    if (at + 1 < p->s.n && p->s.p[at] == '\r' && p->s.p[at + 1] == '\n')
        return at + 2;
    if (at < p->s.n && p->s.p[at] == '\n')
        return at + 1;
    return at == p->s.n ? at : 0;
}

static bool blank_before(const struct parser *p, size_t at)
{
    return skip_blanks(p, line_start(p, at)) >= at;
}

static enum rc complain(struct parser *p, size_t at, const char *what,
                        struct str name)
{
    size_t line = 1;

    for (size_t i = 0; i < at && i < p->s.n; i++)
        line += p->s.p[i] == '\n';
    return err_set(p->err, RC_INVALID, what, p->name, line,
                   arena_str(p->a, name));
}

static bool find(struct str s, size_t from, struct str what, size_t *at)
{
    const char *hit;

    if (from > s.n || !what.n)
        return false;
    hit = memmem(s.p + from, s.n - from, what.p, what.n);
    if (!hit)
        return false;
    *at = (size_t)(hit - s.p);
    return true;
}

static enum rc read_tag(struct parser *p, size_t start, struct tag *tag)
{
    struct str ending = p->close;
    size_t from = start + p->open.n, end;
    char sign;

    from = skip_blanks(p, from);
    sign = from < p->s.n ? p->s.p[from] : 0;
    if (!sign || !strchr("#^/><$&{!=", sign))
        sign = 0;
    if (sign == '{')
        ending = (struct str){
            arena_printf(p->a, "}%.*s", (int)p->close.n, p->close.p),
            p->close.n + 1};
    else if (sign == '=')
        ending = (struct str){
            arena_printf(p->a, "=%.*s", (int)p->close.n, p->close.p),
            p->close.n + 1};
    from += sign != 0;
    if (!find(p->s, from, ending, &end))
        return complain(
            p, start, N_("template %s, line %zu: the tag '%s' is not closed"),
            (struct str){p->s.p + start, MIN(p->s.n - start, (size_t)20)});
    *tag = (struct tag){
        .sign = sign,
        .name = str_trim((struct str){p->s.p + from, end - from}),
        .start = start,
        .end = end + ending.n,
    };
    return RC_OK;
}

static struct piece *push(struct parser *p, struct piece *to,
                          enum piece_kind kind, struct str text)
{
    struct piece *piece = &VEC_PUSH(p->a, to->kids, to->n, to->cap);

    *piece = (struct piece){.kind = kind, .text = text};
    return piece;
}

/* Text from `from` to `to`, line by line, without the first `strip` blanks of
 * each line. */
static void push_text(struct parser *p, struct piece *to, size_t from,
                      size_t end, size_t strip)
{
    while (from < end) {
        const char *nl = memchr(p->s.p + from, '\n', end - from);
        size_t stop = nl ? (size_t)(nl - p->s.p) + 1 : end;

        if (line_start(p, from) == from)
            for (size_t i = 0; i < strip && from < stop &&
                               (p->s.p[from] == ' ' || p->s.p[from] == '\t');
                 i++)
                from++;
        if (from < stop)
            push(p, to, PIECE_TEXT, (struct str){p->s.p + from, stop - from});
        from = stop;
    }
}

static enum rc set_delimiters(struct parser *p, const struct tag *tag)
{
    struct str s = tag->name;
    size_t a = 0, b;

    while (a < s.n && s.p[a] != ' ' && s.p[a] != '\t')
        a++;
    b = s.n;
    while (b > 0 && s.p[b - 1] != ' ' && s.p[b - 1] != '\t')
        b--;
    if (a == 0 || b <= a || b == s.n)
        return complain(p, tag->start,
                        N_("template %s, line %zu: '%s' does not name two "
                           "delimiters"),
                        s);
    p->open = (struct str){s.p, a};
    p->close = (struct str){s.p + b, s.n - b};
    return RC_OK;
}

static enum rc parse_level(struct parser *p, struct piece *into,
                           const struct tag *opened, size_t strip);

/* Leading blanks of the tag's line, less what the enclosing block strips. */
static struct str indent_of(const struct parser *p, const struct tag *tag,
                            size_t strip)
{
    size_t from = line_start(p, tag->start);
    size_t drop = MIN(strip, tag->start - from);

    return (struct str){p->s.p + from + drop, tag->start - from - drop};
}

/* The blanks before the first line of a block that opens alone on its line;
 * SIZE_MAX where the block holds nothing there. */
static size_t intrinsic(const struct parser *p, size_t content)
{
    size_t at = skip_blanks(p, content);
    struct str rest = {p->s.p + at, p->s.n - at};

    if (str_starts(rest, "{{/") || !rest.n)
        return SIZE_MAX;
    return at - content;
}

static enum rc parse_block(struct parser *p, struct piece *into,
                           const struct tag *tag, size_t strip, bool leading)
{
    bool in_parent = into->kind == PIECE_PARENT;
    size_t next = blank_to_next_line(p, tag->end), inner = strip;
    struct piece *block = push(p, into, PIECE_BLOCK, tag->name);

    if (leading)
        block->indent = indent_of(p, tag, strip);
    if (next && (leading || in_parent)) {
        size_t own = intrinsic(p, next);

        p->at = next;
        if (own != SIZE_MAX) {
            inner = own;
            block->indent = (struct str){p->s.p + next + MIN(strip, own),
                                         own - MIN(strip, own)};
        }
    }
    return parse_level(p, block, tag, inner);
}

static enum rc parse_parent(struct parser *p, struct piece *into,
                            const struct tag *tag, size_t strip, bool leading)
{
    struct piece *parent = push(p, into, PIECE_PARENT, tag->name);
    size_t next;
    enum rc rc;

    if (leading)
        parent->indent = indent_of(p, tag, strip);
    rc = parse_level(p, parent, tag, strip);
    next = blank_to_next_line(p, p->at);
    if (!rc && leading && next) {
        p->at = next;
        parent->own_line = true;
    }
    return rc;
}

/* A tag that is not a closing one; p->at stands after it. `alone`: on a line of
 * its own; `leading`: only blanks before it. */
static enum rc take_tag(struct parser *p, struct piece *into,
                        const struct tag *tag, size_t strip, bool alone,
                        bool leading)
{
    struct piece *piece;

    switch (tag->sign) {
    case '!':
        return RC_OK;
    case '=':
        return set_delimiters(p, tag);
    case '#':
    case '^':
        piece = push(p, into, tag->sign == '#' ? PIECE_SECTION : PIECE_INVERTED,
                     tag->name);
        return parse_level(p, piece, tag, strip);
    case '>':
        piece = push(p, into, PIECE_PARTIAL, tag->name);
        piece->own_line = alone;
        if (alone)
            piece->indent = indent_of(p, tag, strip);
        return RC_OK;
    case '<':
        return parse_parent(p, into, tag, strip, leading);
    case '$':
        return parse_block(p, into, tag, strip, leading);
    case '{':
    case '&':
        push(p, into, PIECE_RAW, tag->name);
        return RC_OK;
    default:
        push(p, into, PIECE_VALUE, tag->name);
        return RC_OK;
    }
}

static bool takes_its_line(char sign)
{
    return sign && strchr("#^/>!=", sign);
}

/* Steps over one tag; *closed when it ends this level. */
static enum rc parse_one(struct parser *p, struct piece *into, size_t start,
                         const struct tag *opened, size_t strip, bool *closed)
{
    size_t text_from = p->at, text_end = start, next;
    bool leading, alone;
    struct tag tag = {0};
    enum rc rc = read_tag(p, start, &tag);

    if (rc)
        return rc;
    next = blank_to_next_line(p, tag.end);
    leading = blank_before(p, start) && line_start(p, start) >= text_from;
    alone = leading && next && takes_its_line(tag.sign);
    if (alone || (leading && (tag.sign == '<' || tag.sign == '$')))
        text_end = line_start(p, start);
    push_text(p, into, text_from, text_end, strip);
    p->at = alone ? next : tag.end;
    if (tag.sign != '/')
        return take_tag(p, into, &tag, strip, alone, leading);
    if (!opened || !str_eq(opened->name, tag.name))
        return complain(p, start,
                        N_("template %s, line %zu: '%s' is closed but not "
                           "open"),
                        tag.name);
    *closed = true;
    return RC_OK;
}

static enum rc parse_level(struct parser *p, struct piece *into,
                           const struct tag *opened, size_t strip)
{
    /* `into` stays where it is: only its own kids grow while it is parsed */
    bool closed = false;
    size_t start;
    enum rc rc = RC_OK;

    if (++p->depth > MUSTACHE_DEPTH)
        return complain(p, p->at, N_("template %s, line %zu: too deep at '%s'"),
                        into->text);
    while (!rc && !closed && find(p->s, p->at, p->open, &start))
        rc = parse_one(p, into, start, opened, strip, &closed);
    p->depth--;
    if (rc || closed)
        return rc;
    if (opened)
        return complain(p, opened->start,
                        N_("template %s, line %zu: '%s' is not closed"),
                        opened->name);
    push_text(p, into, p->at, p->s.n, strip);
    return RC_OK;
}

enum rc mustache_parse(struct arena *a, const char *name, struct str source,
                       struct piece *root, struct err *err)
{
    struct parser p = {.a = a,
                       .name = name,
                       .s = source,
                       .open = STR("{{"),
                       .close = STR("}}"),
                       .err = err};

    *root = (struct piece){.kind = PIECE_SECTION};
    return parse_level(&p, root, NULL, 0);
}
