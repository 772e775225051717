#include "publish/csv.h"

#include "publish/value.h"

static bool is_number_column(const struct node *column)
{
    return strcmp(column_kind(column), "number") == 0;
}

bool csv_has_states(const struct node *table, size_t column)
{
    if (!is_number_column(table_column(table, column)))
        return false;
    for (size_t r = 0; r < table_rows(table); r++) {
        struct value v = value_of_cell(table_cell(table, r, column));

        if (v.state != VALUE_PLAIN && v.state != VALUE_NONE)
            return true;
    }
    return false;
}

static void csv_text(struct buf *out, struct str s)
{
    AUTO(buf) struct buf guarded = {0};

    if (!s.n || !strchr("=+-@\t\r", s.p[0])) {
        buf_csv(out, s);
        return;
    }
    buf_init(&guarded, s.n + 2);
    buf_addc(&guarded, '\'');
    buf_add(&guarded, s);
    buf_csv(out, buf_str(&guarded));
}

static void csv_number(struct buf *out, struct value v)
{
    if (value_has_number(v.state))
        buf_double(out, v.number);
}

static void csv_cell(const struct node *column, const struct node *cell,
                     const struct lang *l, struct buf *out)
{
    if (is_number_column(column))
        csv_number(out, value_of_cell(cell));
    else if (node_is_number(cell))
        buf_double(out, node_number(cell, 0));
    else
        csv_text(out, str_of(names_text(cell, l, NULL)));
}

static void csv_head(const struct node *table, const bool *states,
                     struct buf *out)
{
    for (size_t c = 0; c < table_columns(table); c++) {
        const char *code = column_code(table_column(table, c));

        if (c)
            buf_addc(out, ',');
        csv_text(out, str_of(code));
        if (states[c]) {
            buf_addc(out, ',');
            csv_text(out, str_of(code));
            buf_adds(out, "_state");
        }
    }
    buf_adds(out, "\r\n");
}

void publish_csv(const struct node *table, const struct lang *l,
                 struct buf *out)
{
    size_t n = table_columns(table);
    AUTO(arena) struct arena *a = arena_new(0);
    bool *states = arena_array(a, bool, n + 1);

    for (size_t c = 0; c < n; c++)
        states[c] = csv_has_states(table, c);
    csv_head(table, states, out);
    for (size_t r = 0; r < table_rows(table); r++) {
        for (size_t c = 0; c < n; c++) {
            const struct node *cell = table_cell(table, r, c);

            if (c)
                buf_addc(out, ',');
            csv_cell(table_column(table, c), cell, l, out);
            if (states[c]) {
                buf_addc(out, ',');
                buf_adds(out, value_state_code(value_of_cell(cell).state));
            }
        }
        buf_adds(out, "\r\n");
    }
}

static void csv_names_of(const struct node *doc, const char *kind,
                         struct buf *out)
{
    const struct node *names = node_get(node_get(doc, "names"), kind);
    const struct node *languages = node_get(doc, "languages");

    for (size_t i = 0; i < node_len(names); i++) {
        const struct node *name = names->kids.items[i];

        csv_text(out, str_of(kind));
        buf_addc(out, ',');
        csv_text(out, node_key(names, i));
        for (size_t k = 0; k < node_len(languages); k++) {
            const char *code = node_cstr(node_at(languages, k), "");

            buf_addc(out, ',');
            csv_text(out, str_of(name->kind == NODE_OBJECT
                                     ? node_cstr(node_get(name, code), "")
                                     : node_cstr(name, "")));
        }
        buf_adds(out, "\r\n");
    }
}

void csv_names(const struct node *doc, struct buf *out)
{
    const struct node *languages = node_get(doc, "languages");

    buf_adds(out, "kind,code");
    for (size_t k = 0; k < node_len(languages); k++) {
        buf_addc(out, ',');
        csv_text(out, str_of(node_cstr(node_at(languages, k), "")));
    }
    buf_adds(out, "\r\n");
    csv_names_of(doc, "origins", out);
    csv_names_of(doc, "areas", out);
    csv_names_of(doc, "groups", out);
}
