#include "text/mustache.h"
#include "text/mustache_parse.h"

struct mustache_set {
    struct arena *a;
    struct dict_entry {
        const char *name;
        struct piece root;
    } * items;
    size_t n, cap;
};

struct mustache_set *mustache_new(struct arena *a)
{
    struct mustache_set *set = arena_new_of(a, struct mustache_set);

    set->a = a;
    return set;
}

static const struct piece *lookup(const struct mustache_set *set,
                                  struct str name)
{
    for (size_t i = 0; i < set->n; i++)
        if (str_is(name, set->items[i].name))
            return &set->items[i].root;
    return NULL;
}

enum rc mustache_add(struct mustache_set *set, const char *name,
                     struct str source, struct err *err)
{
    struct str copy = {arena_str(set->a, source), source.n};
    struct piece root;
    enum rc rc = mustache_parse(set->a, name, copy, &root, err);

    if (rc)
        return rc;
    VEC_PUSH(set->a, set->items, set->n, set->cap) =
        (struct dict_entry){arena_strdup(set->a, name), root};
    return RC_OK;
}

/* Names in force, innermost last; blocks that override, outermost first. */
struct scope {
    const struct node *data;
    const struct scope *up;
};
struct overrides {
    const struct piece *parent; /* its kids are the blocks */
    const struct overrides *up; /* those of the template that called it */
};
struct margin_text {
    struct str text;
    const struct margin_text *up;
};

struct writer {
    const struct mustache_set *set;
    struct buf *out;
    bool line_start; /* the template, not the data, began a line */
    unsigned depth;
};

static enum rc render(struct writer *w, const struct piece *level,
                      const struct scope *scope, const struct overrides *over,
                      const struct margin_text *margin);

static void write_margin(struct writer *w, const struct margin_text *m)
{
    if (!m)
        return;
    write_margin(w, m->up);
    buf_add(w->out, m->text);
}

static void begin(struct writer *w, const struct margin_text *m)
{
    if (w->line_start)
        write_margin(w, m);
    w->line_start = false;
}

static const struct node *first_step(const struct scope *scope, struct str name)
{
    for (; scope; scope = scope->up) {
        if (!scope->data || scope->data->kind != NODE_OBJECT)
            continue;
        for (size_t i = 0; i < node_len(scope->data); i++)
            if (str_eq(node_key(scope->data, i), name))
                return node_at(scope->data, i);
    }
    return NULL;
}

static const struct node *find_value(const struct scope *scope, struct str name)
{
    const struct node *n;
    size_t dot;

    if (str_is(name, "."))
        return scope->data;
    for (dot = 0; dot < name.n && name.p[dot] != '.'; dot++)
        ;
    n = first_step(scope, (struct str){name.p, dot});
    while (n && dot < name.n) {
        size_t from = ++dot;
        struct scope one = {n, NULL};

        for (; dot < name.n && name.p[dot] != '.'; dot++)
            ;
        n = first_step(&one, (struct str){name.p + from, dot - from});
    }
    return n;
}

static bool truthy(const struct node *n)
{
    if (!n || n->kind == NODE_NULL)
        return false;
    if (n->kind == NODE_BOOL)
        return n->boolean;
    if (n->kind == NODE_TEXT)
        return n->text.n > 0;
    return n->kind != NODE_LIST || node_len(n) > 0;
}

static void write_value(struct writer *w, const struct node *n, bool raw)
{
    if (!n)
        return;
    if (n->kind == NODE_INT)
        buf_i64(w->out, n->integer);
    else if (n->kind == NODE_DOUBLE)
        buf_double(w->out, n->real);
    else if (n->kind == NODE_TEXT && raw)
        buf_add(w->out, n->text);
    else if (n->kind == NODE_TEXT)
        buf_html(w->out, n->text);
    else if (n->kind == NODE_BOOL)
        buf_adds(w->out, n->boolean ? "true" : "false");
}

static enum rc render_section(struct writer *w, const struct piece *p,
                              const struct scope *scope,
                              const struct overrides *over,
                              const struct margin_text *margin)
{
    const struct node *n = find_value(scope, p->text);
    enum rc rc = RC_OK;

    if (!truthy(n))
        return RC_OK;
    if (n->kind != NODE_LIST) {
        struct scope inner = {n, scope};

        return render(w, p, &inner, over, margin);
    }
    for (size_t i = 0; i < node_len(n) && !rc; i++) {
        struct scope inner = {node_at(n, i), scope};

        rc = render(w, p, &inner, over, margin);
    }
    return rc;
}

/* The outermost template that overrides a block wins. */
static const struct piece * override(const struct overrides *over,
                                     const struct piece *block)
{
    const struct piece *best = block;

    for (; over; over = over->up)
        for (size_t i = 0; i < over->parent->n; i++)
            if (over->parent->kids[i].kind == PIECE_BLOCK &&
                str_eq(over->parent->kids[i].text, block->text))
                best = &over->parent->kids[i];
    return best;
}

static enum rc render_call(struct writer *w, const struct piece *p,
                           const struct scope *scope,
                           const struct overrides *over,
                           const struct margin_text *margin)
{
    const struct piece *target = lookup(w->set, p->text);
    struct margin_text inner = {p->indent, margin};
    struct overrides more = {p, over};
    bool parent = p->kind == PIECE_PARENT;

    if (!target)
        return RC_OK;
    if (!p->own_line && !parent)
        begin(w, margin);
    return render(w, target, scope, parent ? &more : NULL,
                  p->indent.n ? &inner : margin);
}

static enum rc render_piece(struct writer *w, const struct piece *p,
                            const struct scope *scope,
                            const struct overrides *over,
                            const struct margin_text *margin)
{
    switch (p->kind) {
    case PIECE_TEXT:
        begin(w, margin);
        buf_add(w->out, p->text);
        w->line_start = p->text.p[p->text.n - 1] == '\n';
        return RC_OK;
    case PIECE_VALUE:
    case PIECE_RAW:
        begin(w, margin);
        write_value(w, find_value(scope, p->text), p->kind == PIECE_RAW);
        return RC_OK;
    case PIECE_SECTION:
        return render_section(w, p, scope, over, margin);
    case PIECE_INVERTED:
        if (truthy(find_value(scope, p->text)))
            return RC_OK;
        return render(w, p, scope, over, margin);
    case PIECE_BLOCK: {
        struct margin_text inner = {p->indent, margin};

        return render(w, override(over, p), scope, over,
                      p->indent.n ? &inner : margin);
    }
    case PIECE_PARTIAL:
    case PIECE_PARENT:
        return render_call(w, p, scope, over, margin);
    }
    return RC_OK;
}

static enum rc render(struct writer *w, const struct piece *level,
                      const struct scope *scope, const struct overrides *over,
                      const struct margin_text *margin)
{
    enum rc rc = RC_OK;

    if (w->depth == 4 * MUSTACHE_DEPTH)
        return RC_LIMIT;
    w->depth++;
    for (size_t i = 0; i < level->n && !rc; i++)
        rc = render_piece(w, &level->kids[i], scope, over, margin);
    w->depth--;
    return rc;
}

enum rc mustache_render(const struct mustache_set *set, const char *name,
                        const struct node *data, struct buf *out,
                        struct err *err)
{
    struct writer w = {.set = set, .out = out, .line_start = true};
    struct scope scope = {data, NULL};
    const struct piece *root = lookup(set, str_of(name));
    enum rc rc;

    if (!root)
        return err_set(err, RC_NOT_FOUND, N_("there is no template '%s'"),
                       name);
    rc = render(&w, root, &scope, NULL, NULL);
    if (rc)
        return err_set(err, rc, N_("template '%s' calls itself too deeply"),
                       name);
    if (out->failed)
        return err_set(err, RC_LIMIT, N_("the page of '%s' is too large"),
                       name);
    return RC_OK;
}
