#include "publish/page.h"
#include "publish/value.h"

/* Tables whose rows a path may name: origins.SY.share */
static const struct {
    const char *part, *table;
} keyed[] = {{"origins", "origins.table"},
             {"distribution", "distribution.areas"}};

static const struct node *row_value(const struct node *table, struct str key,
                                    struct str column,
                                    const struct node **found)
{
    for (size_t c = 0; c < table_columns(table); c++) {
        *found = table_column(table, c);
        if (!str_is(column, column_code(*found)))
            continue;
        for (size_t r = 0; r < table_rows(table); r++)
            if (str_is(key, node_cstr(table_cell(table, r, 0), "")))
                return table_cell(table, r, c);
    }
    return NULL;
}

/* "origins.SY.share" -> the cell of that row and column. */
static bool keyed_value(struct page *p, const char *path, struct buf *out)
{
    const char *dot = strchr(path, '.'), *last = strrchr(path, '.');

    for (size_t i = 0; dot && last != dot && i < ARRAY_LEN(keyed); i++) {
        const struct node *table = node_path(p->doc, keyed[i].table);
        const struct node *column, *cell;

        if (!str_is((struct str){path, (size_t)(dot - path)}, keyed[i].part))
            continue;
        cell = row_value(table, (struct str){dot + 1, (size_t)(last - dot - 1)},
                         str_of(last + 1), &column);
        if (!cell)
            continue;
        document_cell(p, table, column, cell, out);
        return true;
    }
    return false;
}

/* In a sentence a noun follows a number of persons; a unit stays with it. */
static bool is_counted(const char *unit)
{
    static const char *const counted[] = {"persons", "moves", "places"};

    for (size_t i = 0; i < ARRAY_LEN(counted); i++)
        if (strcmp(unit, counted[i]) == 0)
            return true;
    return false;
}

static void write_plain(struct page *p, const char *unit, struct value v,
                        struct buf *out)
{
    AUTO(buf) struct buf n = {0};

    buf_init(&n, 4096);
    if (v.state == VALUE_PLAIN || v.state == VALUE_AT_LEAST)
        is_counted(unit) ? value_write(p->l, unit, NULL, v.number, &n)
                         : value_write_unit(p->l, unit, NULL, v.number, &n);
    if (v.state == VALUE_PLAIN)
        buf_add(out, buf_str(&n));
    else if (v.state == VALUE_AT_LEAST)
        lang_fill(out, lang_text(p->l, N_("at least {n}")), "n", buf_cstr(&n),
                  NULL);
    else {
        buf_addc(out, '(');
        buf_adds(out, lang_text(p->l, value_state_text(v.state)));
        buf_addc(out, ')');
    }
}

void document_cell(struct page *p, const struct node *table,
                   const struct node *column, const struct node *cell,
                   struct buf *out)
{
    if (strcmp(column_kind(column), "number") == 0)
        write_plain(p, column_unit(table, column), value_of_cell(cell), out);
    else
        buf_adds(out, cell_text(p, table, column, cell));
}

const char *cell_text(struct page *p, const struct node *table,
                      const struct node *column, const struct node *cell)
{
    const char *kind = column_kind(column), *text = node_cstr(cell, NULL);
    const struct node *names = node_get(p->doc, "names"), *name = NULL;
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 1 << 16);
    if (!text) {
        if (node_is_number(cell))
            lang_decimal(p->l, node_number(cell, 0), 0, &b);
        else
            buf_adds(&b, names_text(cell, p->l, NULL));
        return arena_str(p->a, buf_str(&b));
    }
    if (strcmp(kind, "period") == 0) {
        lang_period(p->l, text, &b);
        return arena_str(p->a, buf_str(&b));
    }
    if (strcmp(kind, "area") == 0)
        name = node_get(node_get(names, "areas"), text);
    if (strcmp(kind, "term") == 0) {
        name = node_get(node_get(table, "terms"), text);
        if (!name)
            name = node_get(node_get(names, "groups"), text);
    }
    if (!name && (strcmp(kind, "origin") == 0 || strcmp(kind, "term") == 0))
        name = node_get(node_get(names, "origins"), text);
    return name && names_text(name, p->l, NULL)[0]
               ? names_text(name, p->l, NULL)
               : text;
}

bool document_value(struct page *p, const char *path, struct buf *out)
{
    const struct node *n = node_path(p->doc, path);

    if (keyed_value(p, path, out))
        return true;
    if (!n)
        return false;
    if (n->kind == NODE_OBJECT && node_get(n, "unit"))
        write_plain(p, node_cstr(node_get(n, "unit"), ""), value_of_number(n),
                    out);
    else if (node_is_number(n))
        lang_decimal(p->l, node_number(n, 0), n->kind == NODE_INT ? 0 : 2, out);
    else if (strcmp(path, "period") == 0 || strcmp(path, "compare") == 0)
        lang_period(p->l, node_cstr(n, ""), out);
    else if (names_text(n, p->l, NULL)[0])
        buf_adds(out, names_text(n, p->l, NULL));
    else
        return false;
    return true;
}
