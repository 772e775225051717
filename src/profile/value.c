#include "profile/value.h"

#include <string.h>

static const struct profile_value none = {
    .state = STATE_NONE, .unit = "", .period = "", .source = ""};

static const char *text_of(const struct node *n, const char *key,
                           const char *fallback)
{
    return node_cstr(node_get(n, key), fallback);
}

static enum profile_state state_named(const char *name)
{
    static const struct {
        const char *name;
        enum profile_state state;
    } states[] = {
        {"at-least", STATE_AT_LEAST}, {"approximate", STATE_APPROXIMATE},
        {"withheld", STATE_WITHHELD}, {"source", STATE_SOURCE},
        {"missing", STATE_MISSING},   {"undefined", STATE_UNDEFINED},
    };

    for (size_t i = 0; name && i < ARRAY_LEN(states); i++)
        if (strcmp(states[i].name, name) == 0)
            return states[i].state;
    return STATE_PLAIN;
}

enum profile_state profile_cell(const struct node *cell,
                                const struct node **value)
{
    *value = NULL;
    if (!cell || cell->kind == NODE_NULL)
        return STATE_UNDEFINED;
    if (cell->kind == NODE_TEXT)
        return state_named(node_cstr(cell, NULL));
    *value = node_get(cell, "at_least");
    if (*value)
        return STATE_AT_LEAST;
    *value = cell;
    return STATE_PLAIN;
}

/* An object whose keys are languages of the document. */
static bool is_names(const struct node *doc, const struct node *n)
{
    const struct node *languages = node_get(doc, "languages");

    if (!n || n->kind != NODE_OBJECT || node_len(n) == 0)
        return false;
    for (size_t i = 0; i < node_len(languages); i++)
        if (str_is(node_key(n, 0), node_cstr(node_at(languages, i), "")))
            return true;
    return false;
}

static struct profile_value plain_value(const struct node *doc,
                                        const struct node *n)
{
    const struct node *value = node_get(n, "value");

    if (!n)
        return none;
    if (value && node_get(n, "period"))
        return (struct profile_value){
            .state = state_named(text_of(n, "status", NULL)),
            .node = value->kind == NODE_NULL ? NULL : value,
            .unit = text_of(n, "unit", ""),
            .period = text_of(n, "period", ""),
            .source = text_of(n, "source", ""),
            .label = node_get(n, "label")};
    if (n->kind == NODE_TEXT || node_is_number(n) || is_names(doc, n))
        return (struct profile_value){.state = STATE_PLAIN,
                                      .node = n,
                                      .unit = "",
                                      .period = "",
                                      .source = ""};
    return none;
}

static bool is_table(const struct node *n)
{
    return node_get(n, "columns") && node_get(n, "rows");
}

static const struct node *table_row(const struct node *table, struct str code)
{
    const struct node *rows = node_get(table, "rows");

    for (size_t i = 0; i < node_len(rows); i++) {
        const struct node *first = node_at(node_at(rows, i), 0);

        if (first && first->kind == NODE_TEXT && str_eq(first->text, code))
            return node_at(rows, i);
    }
    return NULL;
}

/* What a text in a cell stands for: an origin's or an area's name, a term. */
static const struct node *cell_names(const struct node *doc,
                                     const struct node *table,
                                     const struct node *column,
                                     const struct node *cell)
{
    const char *kind = text_of(column, "kind", "");
    const char *code = node_cstr(cell, NULL);
    const struct node *names = NULL;

    if (!code)
        return cell;
    if (strcmp(kind, "origin") == 0)
        names = node_get(node_path(doc, "names.origins"), code);
    else if (strcmp(kind, "area") == 0)
        names = node_get(node_path(doc, "names.areas"), code);
    else if (strcmp(kind, "term") == 0)
        names = node_get(node_get(table, "terms"), code);
    return names ? names : cell;
}

static struct profile_value cell_value(const struct node *doc,
                                       const struct node *table,
                                       const struct node *column,
                                       const struct node *cell)
{
    struct profile_value v = {
        .unit = text_of(column, "unit", text_of(table, "unit", "")),
        .period = text_of(column, "period", text_of(table, "period", "")),
        .source = text_of(column, "source", text_of(table, "source", "")),
        .label = node_get(column, "label")};

    if (strcmp(text_of(column, "kind", ""), "number") == 0) {
        v.state = profile_cell(cell, &v.node);
        return v;
    }
    v.state = !cell || cell->kind == NODE_NULL ? STATE_UNDEFINED : STATE_PLAIN;
    v.node =
        v.state == STATE_PLAIN ? cell_names(doc, table, column, cell) : NULL;
    return v;
}

/* `rest` is "<row>.<column>"; either may hold dots. */
static struct profile_value
table_value(const struct node *doc, const struct node *table, const char *rest)
{
    const struct node *columns = node_get(table, "columns");

    for (const char *dot = strchr(rest, '.'); dot; dot = strchr(dot + 1, '.')) {
        const struct node *row =
            table_row(table, (struct str){rest, (size_t)(dot - rest)});

        for (size_t c = 0; row && c < node_len(columns); c++)
            if (strcmp(text_of(node_at(columns, c), "code", ""), dot + 1) == 0)
                return cell_value(doc, table, node_at(columns, c),
                                  node_at(row, c));
    }
    return none;
}

static const struct node *prefix_node(const struct node *doc, const char *path,
                                      size_t n)
{
    struct arena *a = doc->arena;

    return node_path(doc, arena_strndup(a, path, n));
}

struct profile_value profile_value(const struct node *doc, const char *path)
{
    static const char *const shortcuts[][2] = {
        {"origins.", "origins.table"},
        {"distribution.", "distribution.areas"},
        {"distribution.", "distribution.counts"},
    };
    struct profile_value v;

    if (!path || !*path)
        return none;
    v = plain_value(doc, node_path(doc, path));
    if (v.state != STATE_NONE)
        return v;
    for (size_t i = 0; i < ARRAY_LEN(shortcuts); i++) {
        size_t n = strlen(shortcuts[i][0]);

        if (strncmp(path, shortcuts[i][0], n) != 0)
            continue;
        v = table_value(doc, node_path(doc, shortcuts[i][1]), path + n);
        if (v.state != STATE_NONE)
            return v;
    }
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
        const struct node *n = prefix_node(doc, path, (size_t)(dot - path));

        if (!is_table(n))
            continue;
        v = table_value(doc, n, dot + 1);
        if (v.state != STATE_NONE)
            return v;
    }
    return none;
}

const struct node *profile_figure(const struct node *doc, const char *code)
{
    const struct node *figures = node_get(doc, "figures");

    for (size_t i = 0; i < node_len(figures); i++)
        if (strcmp(text_of(node_at(figures, i), "code", ""), code) == 0)
            return node_at(figures, i);
    return NULL;
}
