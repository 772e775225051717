/*
 * Any bytes as a template, alone and as the parent and partial of itself. What
 * does not fail is rendered the same twice.
 */
#include "text/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct node *sample(struct arena *a)
{
    struct node *doc = node_object(a), *list = node_list(a);

    node_set_text(doc, "a", "<&\"' text");
    node_set_int(doc, "n", -7);
    node_set_bool(doc, "yes", true);
    node_set_bool(doc, "no", false);
    for (int i = 0; i < 3; i++) {
        struct node *item = node_object(a);

        node_set_int(item, "i", i);
        node_set(item, "in", node_list(a));
        node_push(list, item);
    }
    node_set(doc, "list", list);
    node_set(doc, "o", node_object(a));
    return doc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf first = {.ceiling = 1 << 20};
    AUTO(buf) struct buf second = {.ceiling = 1 << 20};
    struct mustache_set *set = mustache_new(a);
    struct node *doc = sample(a);
    enum rc rc;

    if (mustache_add(set, "t", (struct str){(const char *)data, size}, NULL) ||
        mustache_add(set, "p", STR("[{{>t}}{{$b}}x{{/b}}]"), NULL))
        return 0;
    rc = mustache_render(set, "t", doc, &first, NULL);
    REQUIRE(mustache_render(set, "t", doc, &second, NULL) == rc);
    REQUIRE(str_eq(buf_str(&first), buf_str(&second)));
    return 0;
}
