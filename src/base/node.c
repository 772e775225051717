#include "base/node.h"

#include <math.h>

static struct node *make(struct arena *a, enum node_kind kind)
{
    struct node *n = arena_new_of(a, struct node);

    n->kind = kind;
    n->arena = a;
    return n;
}

struct node *node_object(struct arena *a)
{
    return make(a, NODE_OBJECT);
}

struct node *node_list(struct arena *a)
{
    return make(a, NODE_LIST);
}

struct node *node_null(struct arena *a)
{
    return make(a, NODE_NULL);
}

struct node *node_str(struct arena *a, struct str s)
{
    struct node *n = make(a, NODE_TEXT);

    n->text = (struct str){arena_str(a, s), s.n};
    return n;
}

struct node *node_text(struct arena *a, const char *s)
{
    return s ? node_str(a, str_of(s)) : node_null(a);
}

struct node *node_int(struct arena *a, int64_t v)
{
    struct node *n = make(a, NODE_INT);

    n->integer = v;
    return n;
}

struct node *node_double(struct arena *a, double v)
{
    struct node *n;

    if (!isfinite(v))
        return node_null(a);
    n = make(a, NODE_DOUBLE);
    n->real = v == 0.0 ? 0.0 : v; /* no -0 in a document */
    return n;
}

struct node *node_bool(struct arena *a, bool v)
{
    struct node *n = make(a, NODE_BOOL);

    n->boolean = v;
    return n;
}

static size_t find(const struct node *object, struct str key)
{
    for (size_t i = 0; i < object->kids.n; i++)
        if (str_eq(object->kids.keys[i], key))
            return i;
    return SIZE_MAX;
}

static void grow(struct node *n)
{
    size_t cap = n->kids.cap;

    if (n->kids.n < cap)
        return;
    if (n->kind == NODE_OBJECT)
        n->kids.keys =
            arena_vec_grow(n->arena, n->kids.keys, sizeof *n->kids.keys, &cap);
    n->kids.items = arena_vec_grow(n->arena, n->kids.items,
                                   sizeof(struct node *), &n->kids.cap);
}

struct node *node_set(struct node *object, const char *key, struct node *v)
{
    size_t at;

    REQUIRE(object->kind == NODE_OBJECT);
    at = find(object, str_of(key));
    if (at != SIZE_MAX)
        return object->kids.items[at] = v;
    grow(object);
    object->kids.keys[object->kids.n] =
        (struct str){arena_strdup(object->arena, key), strlen(key)};
    return object->kids.items[object->kids.n++] = v;
}

void node_set_text(struct node *object, const char *key, const char *s)
{
    node_set(object, key, node_text(object->arena, s));
}

void node_set_int(struct node *object, const char *key, int64_t v)
{
    node_set(object, key, node_int(object->arena, v));
}

void node_set_double(struct node *object, const char *key, double v)
{
    node_set(object, key, node_double(object->arena, v));
}

void node_set_bool(struct node *object, const char *key, bool v)
{
    node_set(object, key, node_bool(object->arena, v));
}

void node_remove(struct node *object, const char *key)
{
    size_t at = find(object, str_of(key)), after;

    REQUIRE(object->kind == NODE_OBJECT);
    if (at == SIZE_MAX)
        return;
    after = object->kids.n - at - 1;
    memmove(&object->kids.items[at], &object->kids.items[at + 1],
            after * sizeof *object->kids.items);
    memmove(&object->kids.keys[at], &object->kids.keys[at + 1],
            after * sizeof *object->kids.keys);
    object->kids.n--;
}

struct node *node_push(struct node *list, struct node *v)
{
    REQUIRE(list->kind == NODE_LIST);
    grow(list);
    return list->kids.items[list->kids.n++] = v;
}

struct node *node_get(const struct node *object, const char *key)
{
    size_t at;

    if (!object || object->kind != NODE_OBJECT)
        return NULL;
    at = find(object, str_of(key));
    return at == SIZE_MAX ? NULL : object->kids.items[at];
}

size_t node_len(const struct node *n)
{
    return n && (n->kind == NODE_LIST || n->kind == NODE_OBJECT) ? n->kids.n
                                                                 : 0;
}

struct node *node_at(const struct node *list, size_t i)
{
    return i < node_len(list) ? list->kids.items[i] : NULL;
}

struct str node_key(const struct node *object, size_t i)
{
    if (!object || object->kind != NODE_OBJECT || i >= object->kids.n)
        return (struct str){0};
    return object->kids.keys[i];
}

static struct node *step(const struct node *n, struct str name)
{
    if (n->kind == NODE_OBJECT) {
        size_t at = find(n, name);

        return at == SIZE_MAX ? NULL : n->kids.items[at];
    }
    for (size_t i = 0; i < node_len(n); i++) {
        const struct node *code = node_get(n->kids.items[i], "code");

        if (code && code->kind == NODE_TEXT && str_eq(code->text, name))
            return n->kids.items[i];
    }
    return NULL;
}

struct node *node_path(const struct node *n, const char *path)
{
    while (n && *path) {
        size_t length = strcspn(path, ".");

        n = step(n, (struct str){path, length});
        path += length + (path[length] == '.');
    }
    return (struct node *)n;
}

bool node_is_number(const struct node *n)
{
    return n && (n->kind == NODE_INT || n->kind == NODE_DOUBLE);
}

double node_number(const struct node *n, double fallback)
{
    if (!node_is_number(n))
        return fallback;
    return n->kind == NODE_INT ? (double)n->integer : n->real;
}

int64_t node_integer(const struct node *n, int64_t fallback)
{
    return n && n->kind == NODE_INT ? n->integer : fallback;
}

const char *node_cstr(const struct node *n, const char *fallback)
{
    return n && n->kind == NODE_TEXT ? n->text.p : fallback;
}

static void write_at(const struct node *n, bool pretty, int depth,
                     struct buf *out);

static void newline(bool pretty, int depth, struct buf *out)
{
    if (!pretty)
        return;
    buf_addc(out, '\n');
    for (int i = 0; i < depth; i++)
        buf_adds(out, "  ");
}

/* A list of plain values stands on one line: rows of tables stay readable. */
static bool is_flat(const struct node *list)
{
    for (size_t i = 0; i < list->kids.n; i++)
        if (node_len(list->kids.items[i]))
            return false;
    return true;
}

static void write_kids(const struct node *n, bool pretty, int depth,
                       struct buf *out)
{
    bool object = n->kind == NODE_OBJECT;
    bool lines = pretty && n->kids.n && (object || !is_flat(n));

    buf_addc(out, object ? '{' : '[');
    for (size_t i = 0; i < n->kids.n; i++) {
        if (i)
            buf_adds(out, pretty && !lines ? ", " : ",");
        newline(lines, depth + 1, out);
        if (object) {
            buf_json(out, n->kids.keys[i]);
            buf_adds(out, pretty ? ": " : ":");
        }
        write_at(n->kids.items[i], pretty, depth + 1, out);
    }
    newline(lines, depth, out);
    buf_addc(out, object ? '}' : ']');
}

static void write_at(const struct node *n, bool pretty, int depth,
                     struct buf *out)
{
    switch (n->kind) {
    case NODE_NULL:
        buf_adds(out, "null");
        break;
    case NODE_BOOL:
        buf_adds(out, n->boolean ? "true" : "false");
        break;
    case NODE_INT:
        buf_i64(out, n->integer);
        break;
    case NODE_DOUBLE:
        buf_double(out, n->real);
        break;
    case NODE_TEXT:
        buf_json(out, n->text);
        break;
    case NODE_LIST:
    case NODE_OBJECT:
        write_kids(n, pretty, depth, out);
        break;
    }
}

void node_write(const struct node *n, bool pretty, struct buf *out)
{
    write_at(n, pretty, 0, out);
}
