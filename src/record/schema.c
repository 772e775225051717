/* Declaration -> JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
#include "record/record.h"

static struct node *of_type(struct arena *a, const char *type)
{
    struct node *n = node_object(a);

    node_set_text(n, "type", type);
    return n;
}

static struct node *formatted(struct arena *a, const char *key,
                              const char *value)
{
    struct node *n = of_type(a, "string");

    node_set_text(n, key, value);
    return n;
}

static const char DATE_PATTERN[] =
    "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$";

static struct node *pair(struct arena *a, const char *first, const char *second,
                         struct node *schema, bool both)
{
    struct node *n = of_type(a, "object"), *properties = node_object(a);
    struct node *required = node_list(a);

    node_set(properties, first, schema);
    node_set(properties, second, schema);
    node_set(n, "properties", properties);
    if (both) {
        node_push(required, node_text(a, first));
        node_push(required, node_text(a, second));
        node_set(n, "required", required);
    }
    node_set_bool(n, "additionalProperties", false);
    return n;
}

static struct node *choices(struct arena *a, const char *list)
{
    struct node *n = of_type(a, "string"), *values = node_list(a);
    size_t count;
    const struct option *o = record_options(list, &count);

    for (size_t i = 0; i < count; i++)
        node_push(values, node_text(a, o[i].code));
    node_set(n, "enum", values);
    return n;
}

static struct node *text_schema(const struct field *f, struct arena *a)
{
    struct node *n = of_type(a, "string"), *all, *languages;

    if (f->high)
        node_set_int(n, "maxLength", f->high);
    if (f->low)
        node_set_int(n, "minLength", f->low);
    if (f->type == TYPE_MARKDOWN)
        node_set_text(n, "contentMediaType", "text/markdown");
    if (!(f->flags & TRANSLATED))
        return n;
    all = of_type(a, "object");
    languages = node_object(a);
    for (int i = 0; i < RECORD_LANGS; i++)
        node_set(languages, record_langs[i], n);
    node_set(all, "properties", languages);
    node_set_bool(all, "additionalProperties", false);
    return all;
}

static struct node *list_of(struct arena *a, struct node *items)
{
    struct node *n = of_type(a, "array");

    node_set(n, "items", items);
    return n;
}

static struct node *number(const struct field *f, const char *type,
                           struct arena *a)
{
    struct node *n = of_type(a, type);

    if (f->low || f->high) {
        node_set_int(n, "minimum", f->low);
        node_set_int(n, "maximum", f->high);
    }
    return n;
}

/* Read only: bytes come with the form. */
static struct node *file_schema(const struct field *f, struct arena *a)
{
    struct node *n = of_type(a, "object"), *properties = node_object(a);
    struct node *size = of_type(a, "integer");

    node_set_int(size, "minimum", 1);
    if (f->high)
        node_set_int(size, "maximum", f->high);
    node_set(properties, "name", of_type(a, "string"));
    node_set(properties, "type", of_type(a, "string"));
    node_set(properties, "size", size);
    node_set(properties, "path", formatted(a, "format", "uri-reference"));
    node_set(n, "properties", properties);
    node_set_bool(n, "additionalProperties", false);
    return n;
}

static struct node *field_schema(const struct field *f, struct arena *a)
{
    switch (f->type) {
    case TYPE_TEXT:
    case TYPE_MARKDOWN:
        return text_schema(f, a);
    case TYPE_LINK:
        return formatted(a, "format", "uri");
    case TYPE_EMAIL:
        return formatted(a, "format", "email");
    case TYPE_COUNTRY:
        return formatted(a, "pattern", "^[A-Z]{2}$");
    case TYPE_INT:
        return number(f, "integer", a);
    case TYPE_REAL:
        return number(f, "number", a);
    case TYPE_BOOL:
        return of_type(a, "boolean");
    case TYPE_DATE:
        return formatted(a, "pattern", DATE_PATTERN);
    case TYPE_INTERVAL:
        return pair(a, "from", "to", formatted(a, "pattern", DATE_PATTERN),
                    false);
    case TYPE_COORDINATE:
        return pair(a, "longitude", "latitude", of_type(a, "number"), true);
    case TYPE_FILE:
        return file_schema(f, a);
    case TYPE_CHOICE:
        return choices(a, f->of);
    case TYPE_CHOICES:
        return list_of(a, choices(a, f->of));
    case TYPE_REF:
        return of_type(a, "integer");
    case TYPE_REFS:
        return list_of(a, of_type(a, "integer"));
    default:
        BUG("field type %d", f->type);
    }
}

struct node *record_schema(const struct record_type *t, struct arena *a)
{
    struct node *out = of_type(a, "object"), *properties = node_object(a);
    struct node *required = node_list(a);
    size_t n;
    const struct field *f = t->fields(&n);

    node_set_text(out, "title", t->label);
    node_set(properties, "id", of_type(a, "integer"));
    node_set(properties, "version", of_type(a, "integer"));
    node_set(properties, "state", of_type(a, "string"));
    for (size_t i = 0; i < n; i++) {
        struct node *schema = field_schema(&f[i], a);

        node_set_text(schema, "title", f[i].label);
        if (f[i].flags & IMMUTABLE)
            node_set_text(schema, "description", "Set once.");
        node_set(properties, f[i].name, schema);
        if (f[i].flags & REQUIRED)
            node_push(required, node_text(a, f[i].name));
    }
    node_set(out, "properties", properties);
    if (node_len(required))
        node_set(out, "required", required);
    node_set_bool(out, "additionalProperties", false);
    return out;
}
