#include "publish/tables.h"

bool table_is(const struct node *n)
{
    const struct node *columns = node_get(n, "columns");
    const struct node *rows = node_get(n, "rows");

    return columns && columns->kind == NODE_LIST && rows &&
           rows->kind == NODE_LIST && node_cstr(node_get(n, "code"), NULL);
}

void tables_collect(const struct node *n, struct arena *a, struct tables *out)
{
    if (!n || (n->kind != NODE_OBJECT && n->kind != NODE_LIST))
        return;
    if (n->kind == NODE_OBJECT && table_is(n)) {
        VEC_PUSH(a, out->items, out->n, out->cap) = n;
        return;
    }
    for (size_t i = 0; i < node_len(n); i++)
        tables_collect(n->kids.items[i], a, out);
}

const struct node *tables_find(const struct tables *t, const char *code)
{
    for (size_t i = 0; code && i < t->n; i++)
        if (strcmp(node_cstr(node_get(t->items[i], "code"), ""), code) == 0)
            return t->items[i];
    return NULL;
}

size_t table_columns(const struct node *table)
{
    return node_len(node_get(table, "columns"));
}

size_t table_rows(const struct node *table)
{
    return node_len(node_get(table, "rows"));
}

const struct node *table_column(const struct node *table, size_t column)
{
    return node_at(node_get(table, "columns"), column);
}

const struct node *table_cell(const struct node *table, size_t row,
                              size_t column)
{
    return node_at(node_at(node_get(table, "rows"), row), column);
}

size_t table_column_find(const struct node *table, const char *code)
{
    for (size_t i = 0; code && i < table_columns(table); i++)
        if (strcmp(column_code(table_column(table, i)), code) == 0)
            return i;
    return SIZE_MAX;
}

const char *column_code(const struct node *column)
{
    return node_cstr(node_get(column, "code"), "");
}

const char *column_kind(const struct node *column)
{
    return node_cstr(node_get(column, "kind"), "text");
}

const char *column_unit(const struct node *table, const struct node *column)
{
    const char *unit = node_cstr(node_get(column, "unit"), NULL);

    return unit ? unit : node_cstr(node_get(table, "unit"), "");
}

const char *code_file(struct arena *a, const struct node *coded)
{
    char *name = arena_strdup(a, node_cstr(node_get(coded, "code"), "_"));

    for (char *c = name; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '-' || *c == '_' ||
                     (*c == '.' && c != name);

        if (!plain)
            *c = '_';
    }
    return name;
}
