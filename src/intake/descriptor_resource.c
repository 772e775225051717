#include "intake/descriptor_read.h"

#include <limits.h>

static const char *const kind_names[] = {
    "population", "areas",      "services", "streets", "outcomes",
    "flows",      "governance", "actors",   "texts",   NULL};

/* The fields of ours that each kind knows. */
static const char *const kind_fields[RES_KINDS][16] = {
    [RES_POPULATION] = {"area", "origin", "sex", "age", "period", "count",
                        "share"},
    [RES_AREAS] = {"id", "name", "parent"},
    [RES_SERVICES] = {"id", "name", "kind", "longitude", "latitude", "capacity",
                      "languages", "hours", "for_whom", "organisation", "url"},
    [RES_STREETS] = {NULL},
    [RES_OUTCOMES] = {"indicator", "origin", "group", "area", "sex", "age",
                      "numerator", "denominator", "period"},
    [RES_FLOWS] = {"from", "to", "period", "count"},
    [RES_GOVERNANCE] = {"sector", "level", "role", "law"},
    [RES_ACTORS] = {"name", "type", "level", "competences"},
    [RES_TEXTS] = {NULL},
};

static const char *const resource_keys[] = {
    "name",       "path",      "profile",  "title",  "description",
    "format",     "mediatype", "encoding", "bytes",  "hash",
    "sources",    "licenses",  "dialect",  "schema", "homepage",
    "passerelle", NULL};
static const char *const our_keys[] = {
    "layout",     "columns", "fields", "codes",      "where", "missing",
    "suppressed", "query",   "table",  "indicators", "names", NULL};
static const char *const dialect_keys[] = {
    "delimiter",   "lineTerminator",      "quoteChar",        "doubleQuote",
    "escapeChar",  "nullSequence",        "skipInitialSpace", "header",
    "commentChar", "caseSensitiveHeader", "csvddfVersion",    NULL};

const char *resource_kind_name(enum resource_kind kind)
{
    return kind < RES_KINDS ? kind_names[kind] : "";
}

const char *pairs_find(const struct pairs *p, const char *key)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->items[i].key, key) == 0)
            return p->items[i].value;
    return NULL;
}

const struct resource *descriptor_find(const struct descriptor *d,
                                       enum resource_kind kind)
{
    for (size_t i = 0; i < d->n_resources; i++)
        if (d->resources[i].kind == kind)
            return &d->resources[i];
    return NULL;
}

struct place resource_place(const struct resource *r)
{
    return (struct place){DESCRIPTOR_FILE, r->line, r->column, r->pointer};
}

static void read_path(struct dr *d, const struct at *at, const json_t *v,
                      struct resource *out)
{
    const json_t *path = json_object_get(v, "path");
    struct at here = {at, "path", 0};

    if (path && json_is_array(path)) {
        struct at first = {&here, NULL, 0};

        if (json_array_size(path) > 1) {
            DR_FAULT(d, &here, RESOURCE_SEVERAL_PATHS,
                     (int)MIN(json_array_size(path), (size_t)INT_MAX));
            return;
        }
        path = json_array_get(path, 0);
        if (!path || !dr_is(d, &first, path, DR_TEXT, "\"table.csv\"")) {
            if (!path)
                DR_FAULT(d, &here, VALUE_EMPTY, "\"table.csv\"");
            return;
        }
        out->path =
            dr_copy(d, json_string_value(path), json_string_length(path));
        return;
    }
    out->path = dr_text(d, at, v, "path", "\"table.csv\"");
}

/* An address may hold a user and a password: what is shown does not. */
static void hide_login(struct dr *d, struct resource *out)
{
    const char *start, *end, *at;

    if (strncmp(out->path, "postgresql://", 13) != 0 &&
        strncmp(out->path, "postgres://", 11) != 0)
        return;
    out->url = out->path;
    start = strstr(out->path, "://") + 3;
    end = start + strcspn(start, "/?");
    at = memrchr(start, '@', (size_t)(end - start));
    if (at)
        start = at + 1;
    out->path = arena_printf(d->a, "postgresql://%.*s",
                             (int)strcspn(start, "?"), start);
}

static void one_byte(struct dr *d, const struct at *at, const json_t *dialect,
                     const char *key, char *out)
{
    const json_t *v = dr_get(d, at, dialect, key, DR_TEXT, NULL);
    struct at here = {at, key, 0};

    if (!v)
        return;
    if (json_string_length(v) == 1)
        *out = json_string_value(v)[0];
    else
        DR_FAULT(d, &here, VALUE_UNKNOWN, json_string_value(v),
                 "one character, for example \";\"");
}

static void read_dialect(struct dr *d, const struct at *at, const json_t *v,
                         struct resource *out)
{
    const json_t *dialect = dr_get(d, at, v, "dialect", DR_OBJECT, NULL);
    const json_t *header;
    struct at here = {at, "dialect", 0};

    if (!dialect)
        return;
    dr_keys(d, &here, dialect, dialect_keys, false);
    one_byte(d, &here, dialect, "delimiter", &out->delimiter);
    one_byte(d, &here, dialect, "quoteChar", &out->quote);
    header = dr_get(d, &here, dialect, "header", DR_BOOL, NULL);
    out->no_header = header && json_is_false(header);
}

static bool field_known(enum resource_kind kind, const char *name)
{
    for (size_t i = 0; kind < RES_KINDS && kind_fields[kind][i]; i++)
        if (strcmp(kind_fields[kind][i], name) == 0)
            return true;
    return kind >= RES_KINDS;
}

static void check_fields(struct dr *d, const struct at *at, const json_t *v,
                         const char *key, enum resource_kind kind)
{
    const json_t *o = json_object_get(v, key);
    struct at here = {at, key, 0};
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)o, name, value)
    {
        struct at one = {&here, name, 0};

        if (!field_known(kind, name))
            dr_choice(d, &one, name, kind_fields[kind]);
    }
}

static void read_code_map(struct dr *d, const struct at *at, const json_t *v,
                          const char *field, struct code_map *out)
{
    static const char *const sexes[] = {"male", "female", "other", NULL};
    static const char *const levels[] = {"local", "regional", "national",
                                         "other", NULL};
    const char *from;
    json_t *to;
    struct age_band band;

    out->from = dr_array(d, json_object_size(v), sizeof *out->from);
    out->to = dr_array(d, json_object_size(v), sizeof *out->to);
    json_object_foreach((json_t *)v, from, to)
    {
        struct at here = {at, from, 0};
        const char *text = dr_scalar(d, &here, to);
        struct str trimmed = str_trim(str_of(from));

        if (!text || !out->from || !out->to)
            continue;
        if (strcmp(field, "sex") == 0 && text[0])
            dr_choice(d, &here, text, sexes);
        if (strcmp(field, "level") == 0)
            dr_choice(d, &here, text, levels);
        if (strcmp(field, "age") == 0 && text[0] &&
            !age_band_parse(str_of(text), &band))
            DR_FAULT(d, &here, VALUE_UNKNOWN, text,
                     "forms such as 20-24, 80+ and 7");
        out->from[out->n] = dr_copy(d, trimmed.p, trimmed.n);
        out->to[out->n++] = text;
    }
}

static void read_codes(struct dr *d, const struct at *at, const json_t *v,
                       struct resource *out)
{
    const json_t *codes = dr_get(d, at, v, "codes", DR_OBJECT, NULL);
    struct at here = {at, "codes", 0};
    const char *field;
    json_t *map;

    if (!codes)
        return;
    out->codes = dr_array(d, json_object_size(codes), sizeof *out->codes);
    json_object_foreach((json_t *)codes, field, map)
    {
        struct at one = {&here, field, 0};
        struct field_codes *fc;

        if (!out->codes || !dr_is(d, &one, map, DR_OBJECT,
                                  "{\"code in the file\": \"our value\"}"))
            continue;
        fc = &out->codes[out->n_codes++];
        fc->field = dr_copy(d, field, strlen(field));
        read_code_map(d, &one, map, fc->field, &fc->map);
    }
}

static void read_where(struct dr *d, const struct at *at, const json_t *v,
                       struct resource *out)
{
    const json_t *where = dr_get(d, at, v, "where", DR_OBJECT, NULL);
    struct at here = {at, "where", 0};
    const char *column;
    json_t *value;

    if (!where)
        return;
    out->where = dr_array(d, json_object_size(where), sizeof *out->where);
    json_object_foreach((json_t *)where, column, value)
    {
        struct row_filter *f;

        if (!out->where)
            return;
        f = &out->where[out->n_where++];
        f->column = dr_copy(d, column, strlen(column));
        f->n = dr_list(d, &here, where, column, &f->values);
    }
}

static void read_ours(struct dr *d, const struct at *at, const json_t *v,
                      struct resource *out)
{
    static const char *const layouts[] = {"long", "wide", NULL};
    const char *layout = dr_text(d, at, v, "layout", NULL);
    struct at layout_at = {at, "layout", 0};

    dr_keys(d, at, v, our_keys, true);
    if (layout)
        out->wide = dr_choice(d, &layout_at, layout, layouts) == 1;
    dr_pairs(d, at, v, "columns", &out->columns);
    dr_pairs(d, at, v, "fields", &out->fields);
    if (out->kind < RES_KINDS) {
        check_fields(d, at, v, "fields", out->kind);
        check_fields(d, at, v, "codes", out->kind);
    }
    read_codes(d, at, v, out);
    read_where(d, at, v, out);
    out->n_missing = dr_list(d, at, v, "missing", &out->missing);
    out->n_suppressed = dr_list(d, at, v, "suppressed", &out->suppressed);
    out->query = dr_text(d, at, v, "query", NULL);
    out->table = dr_text(d, at, v, "table", NULL);
    out->n_names = dr_named(d, at, v, "names", &out->names);
    out->n_indicators = dr_named(d, at, v, "indicators", &out->indicators);
    if (out->kind == RES_POPULATION && out->wide && out->columns.n == 0)
        DR_FAULT(d, at, WIDE_COLUMNS, "");
}

static enum resource_kind choose_kind(struct dr *d, const struct at *at,
                                      const char *name)
{
    const char *near_name;
    struct at here = {at, "name", 0};

    for (int i = 0; kind_names[i]; i++)
        if (strcmp(kind_names[i], name) == 0)
            return (enum resource_kind)i;
    near_name = nearest(name, kind_names);
    if (near_name)
        DR_FAULT(d, &here, RESOURCE_UNKNOWN_NEAR, name, near_name);
    else
        DR_FAULT(d, &here, RESOURCE_UNKNOWN, name,
                 join_list(d->faults->arena, kind_names));
    return RES_KINDS;
}

static const char *read_licence(struct dr *d, const struct at *at,
                                const json_t *v)
{
    const json_t *list = dr_get(d, at, v, "licenses", DR_LIST, NULL);
    const char *s;

    s = json_string_value(json_object_get(json_array_get(list, 0), "name"));
    return s ? dr_copy(d, s, strlen(s)) : NULL;
}

static void read_resource(struct dr *d, const struct at *at, const json_t *v,
                          struct resource *out)
{
    const json_t *ours;
    struct place place = dr_place(d, at);
    struct at here = {at, "passerelle", 0};

    *out = (struct resource){.kind = RES_KINDS,
                             .pointer = place.field,
                             .line = place.line,
                             .column = place.column};
    if (!dr_is(d, at, v, DR_OBJECT,
               "{\"name\": \"population\", \"path\": \"population.csv\"}"))
        return;
    dr_keys(d, at, v, resource_keys, false);
    out->name = dr_text(d, at, v, "name", "\"population\"");
    if (out->name)
        out->kind = choose_kind(d, at, out->name);
    read_path(d, at, v, out);
    if (out->path)
        hide_login(d, out);
    out->title = dr_text(d, at, v, "title", NULL);
    out->encoding = dr_text(d, at, v, "encoding", NULL);
    out->licence = read_licence(d, at, v);
    read_dialect(d, at, v, out);
    ours = dr_get(d, at, v, "passerelle", DR_OBJECT, NULL);
    if (ours)
        read_ours(d, &here, ours, out);
}

void dr_resources(struct dr *d, const struct at *at, const json_t *root,
                  struct descriptor *out)
{
    const json_t *list =
        dr_get(d, at, root, "resources", DR_LIST,
               "[{\"name\": \"population\", \"path\": \"population.csv\"}]");
    struct at here = {at, "resources", 0};
    size_t n = json_array_size(list);

    out->resources = dr_array(d, n, sizeof *out->resources);
    for (size_t i = 0; out->resources && i < n; i++) {
        struct at one = {&here, NULL, i};
        struct at name = {&one, "name", 0};
        struct resource *r = &out->resources[out->n_resources];

        read_resource(d, &one, json_array_get(list, i), r);
        for (size_t j = 0; r->name && j < out->n_resources; j++)
            if (out->resources[j].name &&
                strcmp(out->resources[j].name, r->name) == 0) {
                DR_FAULT(d, &name, RESOURCE_TWICE, r->name);
                r->kind = RES_KINDS;
                break;
            }
        out->n_resources++;
    }
    if (!list)
        return;
    for (int kind = RES_POPULATION; kind <= RES_AREAS; kind++)
        if (!descriptor_find(out, (enum resource_kind)kind))
            DR_FAULT(d, &here, RESOURCE_ABSENT, kind_names[kind]);
}
