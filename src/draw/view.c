/*
 * view.c: see view.h.
 */
#include "draw/view.h"

#include <math.h>

static const char *taken(const struct view *v, struct buf *b)
{
    const char *s = arena_strdup(v->arena, buf_cstr(b));

    buf_free(b);
    return s;
}

const struct node *table_find(const struct node *n, const char *code)
{
    if (!n || (n->kind != NODE_OBJECT && n->kind != NODE_LIST))
        return NULL;
    if (n->kind == NODE_OBJECT && node_get(n, "rows") &&
        node_get(n, "columns")) {
        const char *own = node_cstr(node_get(n, "code"), "");

        return strcmp(own, code) == 0 ? n : NULL;
    }
    for (size_t i = 0; i < node_len(n); i++) {
        const struct node *found = table_find(node_at(n, i), code);

        if (found)
            return found;
    }
    return NULL;
}

void view_init(struct view *v, const struct node *doc,
               const struct node *figure, const struct lang *l, struct arena *a)
{
    const char *code = node_cstr(node_get(figure, "table"), NULL);

    *v = (struct view){.doc = doc, .figure = figure, .lang = l, .arena = a};
    if (code)
        v->table = table_find(doc, code);
}

size_t view_rows(const struct view *v)
{
    return node_len(node_get(v->table, "rows"));
}

size_t view_column(const struct view *v, const char *code)
{
    const struct node *columns = node_get(v->table, "columns");

    for (size_t i = 0; code && i < node_len(columns); i++) {
        const struct node *c = node_get(node_at(columns, i), "code");

        if (strcmp(node_cstr(c, ""), code) == 0)
            return i;
    }
    return NO_COLUMN;
}

size_t view_chosen(const struct view *v, const char *key, const char *fallback)
{
    return view_column(v, node_cstr(node_get(v->figure, key), fallback));
}

static const struct node *column_node(const struct view *v, size_t column)
{
    return column == NO_COLUMN ? NULL
                               : node_at(node_get(v->table, "columns"), column);
}

const char *view_names(const struct view *v, const struct node *names)
{
    const struct node *n = names;

    if (names && names->kind == NODE_OBJECT) {
        n = node_get(names, lang_code(v->lang));
        if (!n)
            n = node_get(names, "en");
        if (!n)
            n = node_at(names, 0);
    }
    return node_cstr(n, "");
}

const char *view_key(const struct view *v, const char *figure_key)
{
    return view_names(v, node_get(v->figure, figure_key));
}

const char *view_column_label(const struct view *v, size_t column)
{
    return view_names(v, node_get(column_node(v, column), "label"));
}

const char *view_column_code(const struct view *v, size_t column)
{
    return node_cstr(node_get(column_node(v, column), "code"), "");
}

static const struct node *cell_node(const struct view *v, size_t row,
                                    size_t column)
{
    if (column == NO_COLUMN)
        return NULL;
    return node_at(node_at(node_get(v->table, "rows"), row), column);
}

struct cell view_cell(const struct view *v, size_t row, size_t column)
{
    const struct node *n = cell_node(v, row, column);
    const char *text;

    if (node_is_number(n))
        return (struct cell){CELL_NUMBER, node_number(n, 0), false};
    if (node_is_number(node_get(n, "at_least")))
        return (struct cell){CELL_NUMBER,
                             node_number(node_get(n, "at_least"), 0), true};
    text = node_cstr(n, "");
    if (strcmp(text, "withheld") == 0 || strcmp(text, "source") == 0)
        return (struct cell){CELL_WITHHELD, 0, false};
    return (struct cell){CELL_MISSING, 0, false};
}

const char *view_code(const struct view *v, size_t row, size_t column)
{
    return node_cstr(cell_node(v, row, column), "");
}

static const char *named(const struct view *v, const char *kind,
                         const char *code)
{
    const struct node *names = node_get(v->doc, "names");
    const struct node *found = NULL;

    if (strcmp(kind, "area") == 0)
        found = node_get(node_get(names, "areas"), code);
    else if (strcmp(kind, "origin") == 0)
        found = node_get(node_get(names, "origins"), code);
    else if (strcmp(kind, "term") == 0)
        found = node_get(node_get(v->table, "terms"), code);
    if (!found && strcmp(kind, "term") == 0) {
        found = node_get(node_get(names, "groups"), code);
        if (!found)
            found = node_get(node_get(names, "origins"), code);
    }
    return found ? view_names(v, found) : "";
}

const char *view_text(const struct view *v, size_t row, size_t column)
{
    const struct node *n = cell_node(v, row, column);
    const struct node *k = node_get(column_node(v, column), "kind");
    const char *kind = node_cstr(k, "code");
    const char *code = node_cstr(n, NULL), *name;
    struct buf b;

    if (!code)
        return view_names(v, n);
    name = named(v, kind, code);
    if (*name)
        return name;
    if (strcmp(kind, "period") != 0)
        return code;
    buf_init(&b, 1 << 16);
    lang_period(v->lang, code, &b);
    return taken(v, &b);
}

static bool listed(const struct node *list, const char *code)
{
    for (size_t i = 0; i < node_len(list); i++)
        if (strcmp(node_cstr(node_at(list, i), ""), code) == 0)
            return true;
    return false;
}

static bool matches(const struct view *v, size_t row)
{
    const struct node *where = node_get(v->figure, "where");

    for (size_t i = 0; i < node_len(where); i++) {
        const char *key = arena_str(v->arena, node_key(where, i));
        const char *cell = view_code(v, row, view_column(v, key));

        if (strcmp(cell, node_cstr(node_at(where, i), "")) != 0)
            return false;
    }
    return true;
}

size_t view_select(const struct view *v, size_t label, size_t **rows)
{
    const struct node *skip = node_get(v->figure, "skip");
    size_t n = 0;

    *rows = arena_array(v->arena, size_t, view_rows(v) + 1);
    for (size_t i = 0; i < view_rows(v); i++)
        if (!listed(skip, view_code(v, i, label)) && matches(v, i))
            (*rows)[n++] = i;
    return n;
}

static const char *unit_of(const struct view *v, size_t column)
{
    const struct node *n = node_get(column_node(v, column), "unit");

    if (!n)
        n = node_get(v->figure, "unit");
    if (!n)
        n = node_get(v->table, "unit");
    return node_cstr(n, "none");
}

static bool is_change(const struct view *v, size_t column)
{
    static const char *const changes[] = {"change", "growth", "share_change",
                                          "gap", "net"};
    const char *code = view_column_code(v, column);

    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        if (strcmp(code, changes[i]) == 0)
            return true;
    return false;
}

struct format view_format(const struct view *v, size_t column,
                          const double *values, size_t n)
{
    struct format f = {unit_of(v, column), 0, is_change(v, column)};
    double top = 0;
    bool whole = true;

    for (size_t i = 0; i < n; i++) {
        top = MAX(top, fabs(values[i]));
        whole &= values[i] == floor(values[i]);
    }
    if (strcmp(f.unit, "share") == 0)
        f.decimals = top >= 1.5 ? 0 : 1;
    else if (strcmp(f.unit, "index") == 0 || strcmp(f.unit, "ratio") == 0 ||
             strcmp(f.unit, "nats") == 0)
        f.decimals = 2;
    else if (strcmp(f.unit, "persons") != 0 && !whole)
        f.decimals = top < 10 ? 2 : top < 1000 ? 1 : 0;
    return f;
}

const char *format_number(const struct view *v, const struct format *f,
                          double value)
{
    struct buf b;

    buf_init(&b, 4096);
    if (strcmp(f->unit, "share") == 0) {
        if (f->sign)
            lang_signed_percent(v->lang, value, f->decimals, &b);
        else
            lang_percent(v->lang, value, f->decimals, &b);
        return taken(v, &b);
    }
    if (fabs(value) < 0.5 * pow(10, -f->decimals))
        value = 0;
    if (f->sign && value > 0) /* a left-to-right mark keeps it in front */
        buf_adds(&b, lang_rtl(v->lang) ? "\u200e+" : "+");
    if (f->decimals == 0 && fabs(value) < 9e15)
        lang_integer(v->lang, llround(value), &b);
    else
        lang_decimal(v->lang, value, f->decimals, &b);
    return taken(v, &b);
}

const char *format_cell(const struct view *v, const struct format *f,
                        struct cell c)
{
    if (c.state == CELL_WITHHELD)
        return lang_text(v->lang, "withheld");
    if (c.state == CELL_MISSING)
        return lang_text(v->lang, "no data");
    if (c.at_least)
        return arena_printf(v->arena, "%s≥ %s",
                            lang_rtl(v->lang) ? "\u200e" : "",
                            format_number(v, f, c.v));
    return format_number(v, f, c.v);
}

const char *unit_name(const struct lang *l, const char *unit)
{
    static const char *const names[][2] = {
        {"persons", N_("persons")},
        {"points", N_("percentage points")},
        {"km2", N_("km²")},
        {"persons/km2", N_("persons per km²")},
        {"places", N_("places")},
        {"per 10000 residents", N_("per 10,000 residents")},
        {"moves", N_("moves")},
        {"m", N_("metres")},
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(unit, names[i][0]) == 0)
            return lang_text(l, names[i][1]);
    return "";
}

const char *sentence(const struct view *v, const char *message,
                     const char *name, const char *value)
{
    struct buf b;

    buf_init(&b, 1 << 16);
    lang_fill(&b, lang_text(v->lang, message), name, value, NULL);
    return taken(v, &b);
}
