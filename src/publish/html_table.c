#include "publish/page.h"
#include "publish/value.h"

static bool is_number(const struct node *column)
{
    return strcmp(column_kind(column), "number") == 0;
}

void html_cell(struct page *p, const struct node *table,
               const struct node *column, const struct node *cell)
{
    const char *kind = column_kind(column);

    if (is_number(column))
        html_value(p, column_unit(table, column), column_code(column),
                   value_of_cell(cell), false);
    else if (cell && cell->kind == NODE_OBJECT)
        html_names(p, "span", NULL, cell);
    else if (strcmp(kind, "area") == 0 || strcmp(kind, "code") == 0 ||
             strcmp(kind, "text") == 0)
        html_proper(p, cell_text(p, table, column, cell));
    else
        html_text(p, cell_text(p, table, column, cell));
}

static size_t view_columns(const struct table_view *v)
{
    return v->shown ? v->n_shown : table_columns(v->table);
}

static const struct node *view_column(const struct table_view *v, size_t i)
{
    return table_column(v->table, v->shown ? v->shown[i] : i);
}

static size_t view_rows(const struct table_view *v)
{
    size_t n = v->order ? v->n_order : table_rows(v->table);

    return MIN(n, v->rows);
}

/* One unit for all its numbers? Then the caption says it. */
static const char *common_unit(const struct table_view *v)
{
    const char *unit = NULL;

    for (size_t i = 0; i < view_columns(v); i++) {
        const struct node *column = view_column(v, i);
        const char *u = column_unit(v->table, column);

        if (!is_number(column))
            continue;
        if (unit && strcmp(unit, u) != 0)
            return NULL;
        unit = u;
    }
    return unit;
}

static void write_caption(struct page *p, const struct table_view *v,
                          const char *unit)
{
    const char *period = node_cstr(node_get(v->table, "period"), NULL);
    const char *text = unit ? unit_text(p->l, unit) : "";
    AUTO(buf) struct buf b = {0};

    html_raw(p, "<caption>");
    html_names(p, "span", NULL, node_get(v->table, "title"));
    if (text[0] || period) {
        html_raw(p, " <small>");
        html_text(p, text);
        if (text[0] && period)
            html_raw(p, lang_rtl(p->l) ? "، " : ", ");
        buf_init(&b, 4096);
        if (period)
            lang_period(p->l, period, &b);
        html_text(p, buf_cstr(&b));
        html_raw(p, "</small>");
    }
    html_raw(p, "</caption>");
}

static void write_head(struct page *p, const struct table_view *v,
                       const char *unit)
{
    html_raw(p, "<thead><tr>");
    for (size_t i = 0; i < view_columns(v); i++) {
        const struct node *column = view_column(v, i);
        const char *text = unit_text(p->l, column_unit(v->table, column));

        html_raw(p, is_number(column) ? "<th scope=\"col\" class=\"n\">"
                                      : "<th scope=\"col\">");
        html_text(p, names_text(node_get(column, "label"), p->l, NULL)[0]
                         ? names_text(node_get(column, "label"), p->l, NULL)
                         : column_code(column));
        if (is_number(column) && !unit && text[0]) {
            html_raw(p, " <small>");
            html_text(p, text);
            html_raw(p, "</small>");
        }
        html_raw(p, "</th>");
    }
    html_raw(p, "</tr></thead>");
}

/* Nothing to show: null, or a text of no letters. */
static bool is_empty(const struct node *cell)
{
    return !cell || cell->kind == NODE_NULL ||
           (cell->kind == NODE_TEXT && cell->text.n == 0);
}

/* Then the table says so once, instead of each cell. */
static bool numbers_only(const struct table_view *v)
{
    for (size_t i = 1; i < view_columns(v); i++)
        if (!is_number(view_column(v, i)))
            return false;
    return true;
}

/* Cells and rows end where the next begin: a page has thousands. */
static void write_row(struct page *p, const struct table_view *v, size_t row,
                      bool numbers)
{
    html_raw(p, "<tr>");
    for (size_t i = 0; i < view_columns(v); i++) {
        const struct node *column = view_column(v, i);
        const struct node *cell =
            table_cell(v->table, row, v->shown ? v->shown[i] : i);

        bool head = i == 0 && !is_empty(cell);

        if (head)
            html_raw(p, "<th scope=\"row\">");
        else
            html_raw(p, is_number(column) && !numbers ? "<td class=\"n\">"
                                                      : "<td>");
        html_cell(p, v->table, column, cell);
        if (head)
            html_raw(p, "</th>");
    }
    html_raw(p, "\n");
}

/* What the signs in the rows shown mean. */
static void write_legend(struct page *p, const struct table_view *v)
{
    bool seen[VALUE_STATES] = {false}, any = false;

    for (size_t r = 0; r < view_rows(v); r++)
        for (size_t i = 0; i < view_columns(v); i++)
            if (is_number(view_column(v, i)))
                seen[value_of_cell(table_cell(v->table,
                                              v->order ? v->order[r] : r,
                                              v->shown ? v->shown[i] : i))
                         .state] = true;
    for (int s = VALUE_AT_LEAST; s < VALUE_NONE; s++) {
        if (!seen[s])
            continue;
        html_raw(p, any ? " · " : "<p class=\"signs\">");
        html_raw(p, "<b>");
        html_raw(p, value_state_sign((enum value_state)s));
        html_raw(p, "</b> ");
        html_message(p, value_state_text((enum value_state)s));
        any = true;
    }
    if (any)
        html_raw(p, "</p>\n");
}

void html_table(struct page *p, const struct table_view *v)
{
    const char *unit = common_unit(v);
    bool numbers = numbers_only(v);

    html_raw(p,
             "<div class=\"scroll\" role=\"group\" tabindex=\"0\" "
             "aria-label=\"");
    html_text(p, names_text(node_get(v->table, "title"), p->l, NULL));
    html_raw(p, numbers ? "\"><table class=\"ns\">" : "\"><table>");
    write_caption(p, v, unit);
    write_head(p, v, unit);
    html_raw(p, "<tbody>\n");
    for (size_t r = 0; r < view_rows(v); r++)
        write_row(p, v, v->order ? v->order[r] : r, numbers);
    html_raw(p, "</tbody></table></div>\n");
    write_legend(p, v);
}

void html_data_link(struct page *p, const struct node *table)
{
    const char *rows = html_integer(p, (int64_t)table_rows(table));
    const char *file =
        arena_printf(p->a, "data/%s.csv", code_file(p->a, table));
    const char *shown = html_escaped(p, file);
    const char *link = arena_printf(
        p->a, "<a href=\"%s\"><bdi dir=\"ltr\">%s</bdi></a>", shown, shown);

    if (!p->has_csv)
        return;
    html_raw(p, "<p class=\"data\">");
    html_fill(p, N_("All rows ({n}) are in {file}."), "n", rows, "file", link);
    html_raw(p, "</p>\n");
}

/* The columns in which some row has something to show. */
static size_t *full_columns(struct page *p, const struct node *table, size_t *n)
{
    size_t *shown = arena_array(p->a, size_t, table_columns(table) + 1);

    *n = 0;
    for (size_t c = 0; c < table_columns(table); c++)
        for (size_t r = 0; r < table_rows(table); r++)
            if (!is_empty(table_cell(table, r, c))) {
                shown[(*n)++] = c;
                break;
            }
    return shown;
}

static void write_notes(struct page *p, const struct node *table)
{
    const struct node *notes = node_get(table, "notes");

    for (size_t i = 0; i < node_len(notes); i++)
        html_names(p, "p", "data", node_at(notes, i));
}

static void write_summary(struct page *p, const struct node *table)
{
    html_raw(p, "<summary>");
    html_names(p, "span", NULL, node_get(table, "title"));
    html_raw(p, " <small>");
    html_text(p, lang_text(p->l, N_("Table")));
    html_raw(p, "</small></summary>\n");
}

void html_table_block(struct page *p, const struct node *table)
{
    struct table_view v = {.table = table, .rows = PAGE_ROWS};
    size_t rows = table_rows(table), columns;
    const char *id =
        html_id(p, "table", node_cstr(node_get(table, "code"), ""));
    bool open;

    if (rows == 0)
        return;
    v.shown = full_columns(p, table, &columns);
    v.n_shown = columns;
    open = rows <= PAGE_ROWS_OPEN && columns <= PAGE_COLUMNS;
    if (columns > PAGE_COLUMNS) {
        html_raw(p, "<div class=\"wide\" id=\"");
        html_raw(p, id);
        html_raw(p, "\"><p><b>");
        html_names(p, "span", NULL, node_get(table, "title"));
        html_raw(p, "</b> ");
        html_fill(p, N_("A table of {n} columns, too wide for a page."), "n",
                  html_integer(p, (int64_t)columns), "", "");
        html_raw(p, "</p>");
        html_data_link(p, table);
        html_raw(p, "</div>\n");
        return;
    }
    html_raw(p, open ? "<div id=\"" : "<details id=\"");
    html_raw(p, id);
    html_raw(p, columns > PAGE_PAPER_COLUMNS ? "\" class=\"big\">" : "\">");
    if (!open)
        write_summary(p, table);
    html_table(p, &v);
    write_notes(p, table);
    if (rows > PAGE_ROWS) {
        html_raw(p, "<p class=\"data\">");
        html_fill(p, N_("The first {n} rows of {all} are shown."), "n",
                  html_integer(p, PAGE_ROWS), "all",
                  html_integer(p, (int64_t)rows));
        html_raw(p, "</p>\n");
    }
    html_data_link(p, table);
    html_raw(p, open ? "</div>\n" : "</details>\n");
}
