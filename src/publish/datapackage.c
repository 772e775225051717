#include "publish/csv.h"
#include "publish/value.h"

struct writer {
    const struct node *doc;
    const struct lang *l;
    struct arena *a;
};

static struct node *field(struct node *fields, const char *name,
                          const char *type, const char *title)
{
    struct node *f = node_push(fields, node_object(fields->arena));

    node_set_text(f, "name", name);
    node_set_text(f, "type", type);
    if (title && title[0])
        node_set_text(f, "title", title);
    return f;
}

static void state_field(struct writer *w, struct node *fields, const char *code,
                        const char *title)
{
    static const enum value_state told[] = {VALUE_AT_LEAST, VALUE_WITHHELD,
                                            VALUE_SOURCE, VALUE_MISSING,
                                            VALUE_UNDEFINED};
    struct node *f, *list;
    AUTO(buf) struct buf text = {0};

    buf_init(&text, 1 << 16);
    lang_fill(&text, lang_text(w->l, "State of “{column}”"), "column", title,
              NULL);
    f = field(fields, arena_printf(w->a, "%s_state", code), "string",
              buf_cstr(&text));
    buf_clear(&text);
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        if (i)
            buf_adds(&text, "; ");
        buf_fmt(&text, "%s: %s", value_state_code(told[i]),
                lang_text(w->l, value_state_text(told[i])));
    }
    node_set_text(f, "description", buf_cstr(&text));
    list = node_set(node_set(f, "constraints", node_object(w->a)), "enum",
                    node_list(w->a));
    node_push(list, node_text(w->a, ""));
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        node_push(list, node_text(w->a, value_state_code(told[i])));
}

static void key_to_names(struct writer *w, struct node *keys, const char *code)
{
    struct node *k = node_push(keys, node_object(w->a));
    struct node *to;

    node_set_text(k, "fields", code);
    to = node_set(k, "reference", node_object(w->a));
    node_set_text(to, "resource", "names");
    node_set_text(to, "fields", "code");
}

static void table_schema(struct writer *w, const struct node *table,
                         struct node *schema)
{
    struct node *fields = node_set(schema, "fields", node_list(w->a));
    struct node *keys = node_list(w->a);

    for (size_t c = 0; c < table_columns(table); c++) {
        const struct node *column = table_column(table, c);
        const char *code = column_code(column), *kind = column_kind(column);
        const char *title = names_text(node_get(column, "label"), w->l, NULL);
        const char *unit = column_unit(table, column);
        bool number = strcmp(kind, "number") == 0;
        struct node *f =
            field(fields, code, number ? "number" : "string", title);

        if (number && unit[0])
            node_set_text(f, "unit", unit);
        if (strcmp(kind, "origin") == 0 || strcmp(kind, "area") == 0)
            key_to_names(w, keys, code);
        if (csv_has_states(table, c))
            state_field(w, fields, code, title);
    }
    if (node_len(keys))
        node_set(schema, "foreignKeys", keys);
    node_push(node_set(schema, "missingValues", node_list(w->a)),
              node_text(w->a, ""));
}

static struct node *resource(struct writer *w, struct node *list,
                             const char *name, const char *title)
{
    struct node *r = node_push(list, node_object(w->a)), *dialect;

    node_set_text(r, "name", name);
    node_set_text(r, "path", arena_printf(w->a, "%s.csv", name));
    node_set_text(r, "profile", "tabular-data-resource");
    if (title && title[0])
        node_set_text(r, "title", title);
    node_set_text(r, "format", "csv");
    node_set_text(r, "mediatype", "text/csv");
    node_set_text(r, "encoding", "utf-8");
    dialect = node_set(r, "dialect", node_object(w->a));
    node_set_text(dialect, "delimiter", ",");
    node_set_text(dialect, "lineTerminator", "\r\n");
    node_set_bool(dialect, "doubleQuote", true);
    return r;
}

static void names_resource(struct writer *w, struct node *list)
{
    const struct node *languages = node_get(w->doc, "languages");
    struct node *r =
        resource(w, list, "names",
                 lang_text(w->l, "Names of origins, areas and groups"));
    struct node *schema = node_set(r, "schema", node_object(w->a));
    struct node *fields = node_set(schema, "fields", node_list(w->a));

    field(fields, "kind", "string", NULL);
    field(fields, "code", "string", NULL);
    for (size_t i = 0; i < node_len(languages); i++)
        field(fields, node_cstr(node_at(languages, i), ""), "string", NULL);
}

static void sources(struct writer *w, struct node *package)
{
    const struct node *from = node_get(w->doc, "sources");
    struct node *list = node_set(package, "sources", node_list(w->a));

    for (size_t i = 0; i < node_len(from); i++) {
        const struct node *s = node_at(from, i);
        struct node *to = node_push(list, node_object(w->a));
        const char *title = names_text(node_get(s, "title"), w->l, NULL);

        if (!title[0])
            title = node_cstr(node_get(s, "code"), "");
        node_set_text(to, "title", title);
        if (names_text(node_get(s, "publisher"), w->l, NULL)[0])
            node_set_text(to, "publisher",
                          names_text(node_get(s, "publisher"), w->l, NULL));
        if (node_cstr(node_get(s, "licence"), NULL))
            node_set_text(to, "licence", node_cstr(node_get(s, "licence"), ""));
    }
}

/* "São Paulo" -> "s-o-paulo": what a package may be called. */
static char *slug(struct arena *a, const char *text)
{
    char *out = arena_strdup(a, text);
    size_t n = 0;

    for (const char *p = text; *p; p++) {
        char c = *p;

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[n++] = c;
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    out[n] = 0;
    return out;
}

void csv_datapackage(const struct node *doc, const struct tables *tables,
                     const struct lang *l, struct arena *a, struct buf *out)
{
    struct writer w = {doc, l, a};
    struct node *package = node_object(a), *list;
    const char *city =
        node_cstr(node_path(doc, "city.name.en"),
                  names_text(node_path(doc, "city.name"), l, NULL));

    node_set_text(package, "profile", "tabular-data-package");
    node_set_text(package, "name",
                  arena_printf(a, "city-migration-profile-%s", slug(a, city)));
    node_set_text(package, "title",
                  names_text(node_get(doc, "title"), l, NULL));
    node_set_text(package, "description",
                  names_text(node_path(doc, "protection.text"), l, NULL));
    sources(&w, package);
    list = node_set(package, "resources", node_list(a));
    for (size_t i = 0; i < tables->n; i++) {
        const struct node *t = tables->items[i];
        struct node *r = resource(&w, list, code_file(a, t),
                                  names_text(node_get(t, "title"), l, NULL));

        table_schema(&w, t, node_set(r, "schema", node_object(a)));
    }
    names_resource(&w, list);
    node_write(package, true, out);
    buf_addc(out, '\n');
}
