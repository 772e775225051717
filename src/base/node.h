/*
 * node.h: a tree of values, as JSON has them; the shape of every document.
 *
 * All nodes and texts live in the arena given at creation. Objects keep the
 * order in which keys were first set, so the same steps give the same bytes.
 * Getters take NULL and answer NULL, 0 or the fallback, so paths need no
 * checks in between.
 */
#ifndef PASSERELLE_NODE_H
#define PASSERELLE_NODE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum node_kind {
    NODE_NULL,
    NODE_BOOL,
    NODE_INT,
    NODE_DOUBLE, /* finite */
    NODE_TEXT,
    NODE_LIST,
    NODE_OBJECT
};

struct node {
    enum node_kind kind;
    union {
        bool boolean;
        int64_t integer;
        double real;
        struct str text;
        struct {
            struct node **items;
            struct str *keys; /* objects only */
            size_t n, cap;
        } kids;
    };
    struct arena *arena;
};

struct node *node_object(struct arena *a);
struct node *node_list(struct arena *a);
struct node *node_text(struct arena *a, const char *s); /* copies; NULL->null */
struct node *node_str(struct arena *a, struct str s);
struct node *node_int(struct arena *a, int64_t v);
struct node *node_double(struct arena *a, double v); /* NaN, inf -> null */
struct node *node_bool(struct arena *a, bool v);
struct node *node_null(struct arena *a);

/* Set or replace; the child is returned for chaining. Key is copied. */
struct node *node_set(struct node *object, const char *key, struct node *v);
void node_set_text(struct node *object, const char *key, const char *s);
void node_set_int(struct node *object, const char *key, int64_t v);
void node_set_double(struct node *object, const char *key, double v);
void node_set_bool(struct node *object, const char *key, bool v);
void node_remove(struct node *object, const char *key); /* if it is there */
struct node *node_push(struct node *list, struct node *v);

struct node *node_get(const struct node *object, const char *key);
struct node *node_at(const struct node *list, size_t i);
size_t node_len(const struct node *n); /* list or object; else 0 */
struct str node_key(const struct node *object, size_t i);
/*
 * A path with dots: "measures.city.dissimilarity". In a list of objects a step
 * names the element whose "code" is that text.
 */
struct node *node_path(const struct node *n, const char *path);

bool node_is_number(const struct node *n);
double node_number(const struct node *n, double fallback);
int64_t node_integer(const struct node *n, int64_t fallback);
const char *node_cstr(const struct node *n, const char *fallback);

/* JSON out: UTF-8, two-space indent when `pretty`, no trailing blank. */
void node_write(const struct node *n, bool pretty, struct buf *out);

#endif
