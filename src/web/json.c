#include "web/json.h"

#include <jansson.h>

enum { DEPTH_MOST = 32 };

static struct node *from(json_t *j, struct arena *a, int depth);

static struct node *from_object(json_t *j, struct arena *a, int depth)
{
    struct node *out = node_object(a);
    const char *key;
    json_t *value;

    json_object_foreach(j, key, value)
    {
        struct node *n = from(value, a, depth + 1);

        if (!n)
            return NULL;
        node_set(out, key, n);
    }
    return out;
}

static struct node *from_list(json_t *j, struct arena *a, int depth)
{
    struct node *out = node_list(a);

    for (size_t i = 0; i < json_array_size(j); i++) {
        struct node *n = from(json_array_get(j, i), a, depth + 1);

        if (!n)
            return NULL;
        node_push(out, n);
    }
    return out;
}

/* NULL: too deep. */
static struct node *from(json_t *j, struct arena *a, int depth)
{
    if (depth > DEPTH_MOST)
        return NULL;
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        return from_object(j, a, depth);
    case JSON_ARRAY:
        return from_list(j, a, depth);
    case JSON_STRING:
        return node_str(
            a, (struct str){json_string_value(j), json_string_length(j)});
    case JSON_INTEGER:
        return node_int(a, json_integer_value(j));
    case JSON_REAL:
        return node_double(a, json_real_value(j));
    case JSON_TRUE:
        return node_bool(a, true);
    case JSON_FALSE:
        return node_bool(a, false);
    default:
        return node_null(a);
    }
}

enum rc json_read(struct str text, struct arena *a, struct node **out,
                  struct err *err)
{
    json_error_t e;
    json_t *j = json_loadb(text.p, text.n,
                           JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);

    if (!j)
        return err_set(err, RC_INVALID,
                       N_("this is not JSON: %s (line %d, column %d)"), e.text,
                       e.line, e.column);
    *out = from(j, a, 0);
    json_decref(j);
    return *out ? RC_OK
                : err_set(err, RC_INVALID, N_("this JSON is nested too deep"));
}
