/*
 * describe.c: what a figure shows, in a sentence or two.
 */
#include <math.h>
#include <stdlib.h>

#include "draw/drawing.h"
#include "draw/figure.h"

struct ranked {
    const char *name;
    double v;
    bool at_least;
    size_t order;
};

static int falling(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;

    if (a->v != b->v)
        return a->v > b->v ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static size_t rank(const struct view *v, size_t label, size_t value,
                   struct ranked **out, struct format *f)
{
    size_t *rows, n = view_select(v, label, &rows), count = 0;
    double *values = arena_array(v->arena, double, n + 1);

    *out = arena_array(v->arena, struct ranked, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct cell c = view_cell(v, rows[i], value);

        if (c.state != CELL_NUMBER)
            continue;
        values[count] = c.v;
        (*out)[count++] =
            (struct ranked){view_text(v, rows[i], label), c.v, c.at_least, i};
    }
    qsort(*out, count, sizeof **out, falling);
    *f = view_format(v, value, values, count);
    return count;
}

static const char *ranked_value(const struct view *v, const struct format *f,
                                const struct ranked *r)
{
    return format_cell(v, f, (struct cell){CELL_NUMBER, r->v, r->at_least});
}

/* "Neukölln (31.2%), Mitte (30.0%) and Wedding (29.1%)" */
static const char *named_list(const struct view *v, const struct ranked *r,
                              size_t n, const struct format *f)
{
    const char *items[8];
    struct buf b;
    const char *s;

    n = MIN(n, ARRAY_LEN(items));
    for (size_t i = 0; i < n; i++)
        items[i] = arena_printf(v->arena, "%s (%s)", r[i].name,
                                ranked_value(v, f, r + i));
    buf_init(&b, 1 << 16);
    lang_list(v->lang, items, n, &b);
    s = arena_strdup(v->arena, buf_cstr(&b));
    buf_free(&b);
    return s;
}

static const char *whole(const struct view *v, size_t n)
{
    struct format f = {"none", 0, false};

    return format_number(v, &f, (double)n);
}

static void say_map(const struct view *v, struct buf *out)
{
    struct ranked *r;
    struct format f;
    size_t area = view_chosen(v, "area", "area");
    size_t value = view_chosen(v, "value", NULL);
    size_t n = rank(v, area, value, &r, &f);

    if (n == 0)
        return;
    lang_fill(
        out,
        lang_plural(v->lang, "Map of {n} area: {what}, from {low} to {high}.",
                    "Map of {n} areas: {what}, from {low} to {high}.", n),
        "n", whole(v, n), "what", view_column_label(v, value), "low",
        ranked_value(v, &f, r + n - 1), "high", ranked_value(v, &f, r), NULL);
    if (n < 2)
        return;
    buf_addc(out, ' ');
    lang_fill(out, lang_text(v->lang, "Highest: {highest}; lowest: {lowest}."),
              "highest", named_list(v, r, MIN(3, n - 1), &f), "lowest",
              named_list(v, r + n - 1, 1, &f), NULL);
    if (n < view_rows(v)) {
        buf_addc(out, ' ');
        lang_fill(out,
                  lang_plural(v->lang, "{n} area has no value.",
                              "{n} areas have no value.", view_rows(v) - n),
                  "n", whole(v, view_rows(v) - n), NULL);
    }
}

static void say_multiples(const struct view *v, struct buf *out)
{
    const struct node *items = node_get(v->figure, "items");
    size_t area = view_chosen(v, "area", "area");

    lang_fill(out,
              lang_plural(v->lang, "{n} small map with one scale.",
                          "{n} small maps with one scale.", node_len(items)),
              "n", whole(v, node_len(items)), NULL);
    for (size_t i = 0; i < node_len(items); i++) {
        size_t c = view_column(v, node_cstr(node_at(items, i), NULL));
        struct ranked *r;
        struct format f;
        size_t n = c == NO_COLUMN ? 0 : rank(v, area, c, &r, &f);

        if (n == 0)
            continue;
        buf_addc(out, ' ');
        lang_fill(out, lang_text(v->lang, "{what}: highest in {highest}."),
                  "what", view_column_label(v, c), "highest",
                  named_list(v, r, 1, &f), NULL);
    }
}

/* "High among high: 12." for each kind, in the order of the legend. */
static void say_kinds(const struct view *v, size_t column, struct buf *out)
{
    const struct node *classes = node_get(v->figure, "classes");
    const struct node *terms = node_get(v->table, "terms");

    for (size_t k = 0; k < node_len(classes); k++) {
        const char *code = node_cstr(node_at(classes, k), "");
        size_t n = 0;

        for (size_t i = 0; i < view_rows(v); i++)
            n += strcmp(view_code(v, i, column), code) == 0;
        buf_addc(out, ' ');
        lang_fill(out, lang_text(v->lang, "{what}: {n}."), "what",
                  view_names(v, node_get(terms, code)), "n", whole(v, n), NULL);
    }
}

static void say_clusters(const struct view *v, struct buf *out)
{
    const struct node *items = node_get(v->figure, "items");
    size_t value = view_chosen(v, "value", NULL);

    if (value != NO_COLUMN) {
        lang_fill(out,
                  lang_plural(v->lang,
                              "Map of {n} area: how its share stands to that "
                              "of its neighbours.",
                              "Map of {n} areas: how the share of each stands "
                              "to that of its neighbours.",
                              view_rows(v)),
                  "n", whole(v, view_rows(v)), NULL);
        say_kinds(v, value, out);
        return;
    }
    lang_fill(out,
              lang_plural(v->lang, "{n} small map with one scale.",
                          "{n} small maps with one scale.", node_len(items)),
              "n", whole(v, node_len(items)), NULL);
    for (size_t i = 0; i < node_len(items); i++) {
        size_t c = view_column(v, node_cstr(node_at(items, i), NULL));

        if (c == NO_COLUMN)
            continue;
        buf_addc(out, ' ');
        buf_adds(out, view_column_label(v, c));
        buf_addc(out, '.');
        say_kinds(v, c, out);
    }
}

static void say_bars(const struct view *v, struct buf *out)
{
    struct ranked *r;
    struct format f;
    size_t label = view_chosen(v, "label", NULL);
    size_t value = view_chosen(v, "value", NULL);
    size_t n = rank(v, label, value, &r, &f);

    if (n == 0)
        return;
    lang_fill(out,
              lang_plural(v->lang, "Bar chart of {n} value: {what}.",
                          "Bar chart of {n} values: {what}.", n),
              "n", whole(v, n), "what", view_column_label(v, value), NULL);
    buf_addc(out, ' ');
    if (n == 1) {
        buf_adds(out, named_list(v, r, 1, &f));
        buf_addc(out, '.');
        return;
    }
    lang_fill(out, lang_text(v->lang, "Highest: {highest}; lowest: {lowest}."),
              "highest", named_list(v, r, MIN(3, n - 1), &f), "lowest",
              named_list(v, r + n - 1, 1, &f), NULL);
}

static const char *group_name(const struct view *v, const char *code)
{
    size_t group = view_column(v, "group");

    for (size_t i = 0; i < view_rows(v); i++)
        if (strcmp(view_code(v, i, group), code) == 0)
            return view_text(v, i, group);
    return code;
}

static void say_pyramid(const struct view *v, struct buf *out)
{
    const struct node *groups = node_get(v->figure, "groups");
    size_t group = view_column(v, "group");
    size_t age = view_chosen(v, "age", "age");
    size_t share = view_chosen(v, "share", "share");
    size_t count = node_len(groups);
    const char **names = arena_array(v->arena, const char *, count + 1);
    AUTO(buf) struct buf list = {0};

    for (size_t i = 0; i < count; i++)
        names[i] = group_name(v, node_cstr(node_at(groups, i), ""));
    buf_init(&list, 1 << 16);
    lang_list(v->lang, names, count, &list);
    lang_fill(out, lang_text(v->lang, "Age and sex of {groups}."), "groups",
              buf_cstr(&list), NULL);
    for (size_t i = 0; i < count; i++) {
        const char *code = node_cstr(node_at(groups, i), "");
        double most = -1;
        const char *which = "";

        for (size_t row = 0; row < view_rows(v); row++) {
            struct cell c = view_cell(v, row, share);

            if (strcmp(view_code(v, row, group), code) != 0 ||
                c.state != CELL_NUMBER || c.v <= most)
                continue;
            most = c.v;
            which = view_text(v, row, age);
        }
        if (most < 0)
            continue;
        buf_addc(out, ' ');
        lang_fill(out,
                  lang_text(v->lang,
                            "{group}: the largest age group is "
                            "{age}."),
                  "group", names[i], "age", which, NULL);
    }
}

struct change {
    const char *name;
    struct cell from, to;
};

static double change_of(const struct change *c)
{
    return c->to.v - c->from.v;
}

static void say_change(const struct view *v, const char *message,
                       const struct change *c, const struct format *f,
                       struct buf *out)
{
    buf_addc(out, ' ');
    lang_fill(out, lang_text(v->lang, message), "name", c->name, "from",
              format_cell(v, f, c->from), "to", format_cell(v, f, c->to), NULL);
}

static void say_slope(const struct view *v, struct buf *out)
{
    size_t label = view_chosen(v, "label", NULL);
    size_t from = view_chosen(v, "from", NULL);
    size_t to = view_chosen(v, "to", NULL);
    size_t *rows, n = view_select(v, label, &rows), count = 0;
    double *values = arena_array(v->arena, double, 2 * n + 1);
    struct change best = {0}, worst = {0};
    struct format f;
    AUTO(buf) struct buf a = {0};
    AUTO(buf) struct buf b = {0};

    for (size_t i = 0; i < n; i++) {
        struct cell x = view_cell(v, rows[i], from);
        struct cell y = view_cell(v, rows[i], to);
        struct change c = {view_text(v, rows[i], label), x, y};

        if (x.state != CELL_NUMBER || y.state != CELL_NUMBER)
            continue;
        values[count++] = x.v;
        values[count++] = y.v;
        if (!best.name || change_of(&c) > change_of(&best))
            best = c;
        if (!worst.name || change_of(&c) < change_of(&worst))
            worst = c;
    }
    if (!best.name)
        return;
    f = view_format(v, to, values, count);
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    lang_period(v->lang, view_key(v, "from_label"), &a);
    lang_period(v->lang, view_key(v, "to_label"), &b);
    lang_fill(out,
              lang_text(v->lang, "Change of {n} groups from {from} to {to}."),
              "n", whole(v, count / 2), "from", buf_cstr(&a), "to",
              buf_cstr(&b), NULL);
    if (change_of(&best) > 0)
        say_change(v, N_("Largest rise: {name}, from {from} to {to}."), &best,
                   &f, out);
    if (change_of(&worst) < 0)
        say_change(v, N_("Largest fall: {name}, from {from} to {to}."), &worst,
                   &f, out);
}

static void say_concentration(const struct view *v, struct buf *out)
{
    const struct node *list = node_get(v->figure, "series");
    struct format f = {"index", 2, false};
    size_t n = MIN(node_len(list), CATEGORIES);

    buf_adds(out, lang_text(v->lang,
                            "Concentration curves: how unevenly "
                            "groups live over the areas, with the "
                            "dissimilarity D of each."));
    for (size_t i = 0; i < n; i++) {
        const struct node *xy = node_get(node_at(list, i), "xy");
        double gap = 0;

        for (size_t k = 0; k + 1 < node_len(xy); k += 2)
            gap = MAX(gap, fabs(node_number(node_at(xy, k), 0) -
                                node_number(node_at(xy, k + 1), 0)));
        buf_addc(out, ' ');
        buf_adds(out, view_names(v, node_get(node_at(list, i), "label")));
        buf_adds(out, ": ");
        buf_adds(out, format_number(v, &f, gap));
        buf_addc(out, '.');
    }
}

static void say_columns(const struct view *v, struct buf *out)
{
    const struct node *series = node_get(v->figure, "series");
    size_t label = view_chosen(v, "label", "period");
    size_t *rows, n = view_select(v, label, &rows);

    if (n == 0)
        return;
    lang_fill(out, lang_text(v->lang, "Columns from {from} to {to}."), "from",
              view_text(v, rows[0], label), "to",
              view_text(v, rows[n - 1], label), NULL);
    for (size_t i = 0; i < node_len(series); i++) {
        size_t c = view_column(v, node_cstr(node_at(series, i), NULL));
        struct cell first = view_cell(v, rows[0], c);
        struct cell last = view_cell(v, rows[n - 1], c);
        double values[2] = {first.v, last.v};
        struct format f = view_format(v, c, values, 2);

        if (c == NO_COLUMN)
            continue;
        buf_addc(out, ' ');
        lang_fill(out, lang_text(v->lang, "{what}: {first}, then {last}."),
                  "what", view_column_label(v, c), "first",
                  format_cell(v, &f, first), "last", format_cell(v, &f, last),
                  NULL);
    }
}

static void say_lines(const struct view *v, struct buf *out)
{
    const struct node *series = node_get(v->figure, "series");
    size_t x = view_chosen(v, "x", NULL), rows = view_rows(v);
    struct format f = {"none", 0, false};

    if (rows == 0)
        return;
    lang_fill(out,
              lang_text(v->lang, "Lines over {what}, from {from} to {to}."),
              "what", view_column_label(v, x), "from",
              format_cell(v, &f, view_cell(v, 0, x)), "to",
              format_cell(v, &f, view_cell(v, rows - 1, x)), NULL);
    for (size_t i = 0; i < node_len(series); i++) {
        size_t c = view_column(v, node_cstr(node_at(series, i), NULL));
        struct cell first = view_cell(v, 0, c);
        struct cell last = view_cell(v, rows - 1, c);
        double values[2] = {first.v, last.v};
        struct format own = view_format(v, c, values, 2);

        if (c == NO_COLUMN)
            continue;
        own.decimals = 3;
        buf_addc(out, ' ');
        lang_fill(out, lang_text(v->lang, "{what}: {first}, then {last}."),
                  "what", view_column_label(v, c), "first",
                  format_cell(v, &own, first), "last",
                  format_cell(v, &own, last), NULL);
    }
}

void figure_describe(const struct node *doc, const struct node *figure,
                     const struct lang *l, struct buf *out)
{
    static const struct {
        const char *kind;
        void (*say)(const struct view *v, struct buf *out);
    } kinds[] = {
        {"choropleth", say_map},    {"multiples", say_multiples},
        {"clusters", say_clusters}, {"lines", say_lines},
        {"bars", say_bars},         {"dots", say_bars},
        {"pyramid", say_pyramid},   {"slope", say_slope},
        {"columns", say_columns},   {"concentration", say_concentration},
    };
    const char *kind = node_cstr(node_get(figure, "kind"), "");
    AUTO(arena) struct arena *a = arena_new(0);
    struct view v;
    size_t before = out->n;

    view_init(&v, doc, figure, l, a);
    if (*view_key(&v, "alt")) {
        buf_adds(out, view_key(&v, "alt"));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            kinds[i].say(&v, out);
    if (out->n == before)
        buf_adds(out, lang_text(l, "There are no data for this figure."));
}
