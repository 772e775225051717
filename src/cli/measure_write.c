#include "cli/measure.h"

#include <stdio.h>

static const struct {
    const char *code, *about;
} abouts[] = {
#define ABOUT(code, about) {#code, about},
#include "cli/measure_about.def"
#undef ABOUT
};

const char *measure_about(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(abouts); i++)
        if (strcmp(abouts[i].code, code) == 0)
            return abouts[i].about;
    return "";
}

static struct node *names_of(const struct dict *d, struct arena *a)
{
    struct node *n = node_list(a);

    for (uint32_t i = 0; i < d->n; i++)
        node_push(n, node_text(a, dict_cstr(d, i)));
    return n;
}

void measuring_json(const struct measuring *m, struct buf *out)
{
    struct arena *a = m->c->arena;
    struct node *doc = node_object(a);

    node_set_text(doc, "schema", "passerelle.measures/1");
    node_set_int(doc, "units", (int64_t)m->matrix.units.n);
    node_set(doc, "groups", names_of(&m->matrix.groups, a));
    if (m->spec.period)
        node_set(doc, "periods", names_of(&m->matrix.periods, a));
    node_set_int(doc, "seed", (int64_t)m->options.seed);
    node_set(doc, "results", m->results);
    node_write(doc, true, out);
    buf_addc(out, '\n');
}

static void write_cell(const struct node *v, struct buf *out)
{
    if (!v || v->kind == NODE_NULL)
        return;
    if (v->kind == NODE_TEXT)
        buf_csv(out, v->text);
    else
        node_write(v, false, out);
}

/* The keys that some result has, in the order in which they first come. */
static void all_keys(const struct measuring *m, struct dict *keys)
{
    dict_init(keys, m->c->arena);
    for (size_t i = 0; i < node_len(m->results); i++) {
        const struct node *r = node_at(m->results, i);

        for (size_t k = 0; k < node_len(r); k++)
            if (!str_is(node_key(r, k), "parameters"))
                dict_intern(keys, node_key(r, k));
    }
}

void measuring_csv(const struct measuring *m, struct buf *out)
{
    struct dict keys;

    all_keys(m, &keys);
    for (uint32_t k = 0; k < keys.n; k++)
        buf_fmt(out, "%s%s", dict_cstr(&keys, k), k + 1 < keys.n ? "," : "\n");
    for (size_t i = 0; i < node_len(m->results); i++)
        for (uint32_t k = 0; k < keys.n; k++) {
            write_cell(node_get(node_at(m->results, i), dict_cstr(&keys, k)),
                       out);
            buf_addc(out, k + 1 < keys.n ? ',' : '\n');
        }
}

/* ---- the table for a person ---- */

/* Columns on a terminal: UTF-8 characters, not bytes. */
static int width(const char *s)
{
    int n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

enum { COLUMNS = 9 };
static const char *const headings[COLUMNS] = {
    N_("measure"), N_("group"),    N_("against"),   N_("area"), N_("period"),
    N_("value"),   N_("interval"), N_("by chance"), N_("p")};

struct row {
    const char *cell[COLUMNS];
};

static const char *number(const struct node *r, const char *key,
                          struct arena *a)
{
    const struct node *v = node_get(r, key);

    return node_is_number(v) ? arena_printf(a, "%.4f", node_number(v, 0)) : "";
}

static const char *measure_title(const struct measuring *m,
                                 const struct node *r)
{
    const struct measure *found =
        measure_find(node_cstr(node_get(r, "code"), ""));
    const char *name = lang_text(
        m->c->lang, found ? found->name : N_("Parts of the change of M"));
    const char *kernel = node_cstr(node_path(r, "parameters.kernel"), NULL);
    const char *part = node_cstr(node_get(r, "level"), NULL);
    const char *method = node_cstr(node_get(r, "method"), NULL);
    struct arena *a = m->c->arena;

    if (kernel)
        return arena_printf(
            a, "%s, %s %g m", name, kernel,
            node_number(node_path(r, "parameters.bandwidth_m"), 0));
    if (node_get(r, "part"))
        return arena_printf(
            a, "%s, %s: %s",
            strcmp(node_cstr(node_get(r, "part"), ""), "h") == 0 ? "H" : "M",
            name, part ? part : "");
    return method ? arena_printf(a, "%s (%s)", name, method) : name;
}

static void fill_row(const struct measuring *m, const struct node *r,
                     struct row *row)
{
    struct arena *a = m->c->arena;
    const char *with = node_cstr(node_get(r, "compared_with"), NULL);
    const char *period = node_cstr(node_get(r, "period"), "");

    row->cell[0] = measure_title(m, r);
    row->cell[1] = node_cstr(node_get(r, "group"), "");
    row->cell[2] = node_cstr(node_get(r, "against"), "");
    row->cell[3] = node_cstr(node_get(r, "area"), "");
    row->cell[4] = with ? arena_printf(a, "%s - %s", period, with) : period;
    row->cell[5] = number(r, "value", a);
    if (!*row->cell[5])
        row->cell[5] = lang_text(m->c->lang, node_cstr(node_get(r, "why"), ""));
    row->cell[6] = node_get(r, "low")
                       ? arena_printf(a, "%s .. %s", number(r, "low", a),
                                      number(r, "high", a))
                       : "";
    row->cell[7] = number(r, "expected", a);
    row->cell[8] = number(r, "p", a);
}

static void write_row(const struct row *row, const int *widths, struct buf *out)
{
    size_t end;

    for (int k = 0; k < COLUMNS; k++) {
        int pad = widths[k] - width(row->cell[k]);

        if (!widths[k])
            continue;
        if (k >= 5) /* numbers stand to the right */
            buf_fmt(out, "%*s%s  ", MAX(pad, 0), "", row->cell[k]);
        else
            buf_fmt(out, "%s%*s  ", row->cell[k], MAX(pad, 0), "");
    }
    for (end = out->n; end && out->p[end - 1] == ' '; end--)
        ;
    out->n = end;
    buf_addc(out, '\n');
}

/* A column that is empty throughout is not shown. */
static void write_rows(const struct measuring *m, const struct row *rows,
                       size_t n, struct buf *out)
{
    int widths[COLUMNS] = {0};
    struct row head;

    for (int k = 0; k < COLUMNS; k++) {
        head.cell[k] = lang_text(m->c->lang, headings[k]);
        for (size_t i = 0; i < n; i++)
            widths[k] = MAX(widths[k], width(rows[i].cell[k]));
        if (widths[k])
            widths[k] = MAX(widths[k], width(head.cell[k]));
    }
    write_row(&head, widths, out);
    for (size_t i = 0; i < n; i++)
        write_row(&rows[i], widths, out);
}

static void write_change(const struct measuring *m, const struct node *r,
                         struct buf *out)
{
    static const char *const parts[] = {"additions",      "removals",
                                        "group_marginal", "unit_marginal",
                                        "interaction",    "structural"};

    buf_fmt(out, "  %s:", node_cstr(node_get(r, "method"), ""));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_fmt(out, " %s %+.4f", parts[i],
                node_number(node_get(r, parts[i]), 0));
    buf_addc(out, '\n');
}

static void explain_all(const struct measuring *m, struct buf *out)
{
    for (size_t i = 0; i < m->n_selected; i++)
        buf_fmt(out, "\n%s\n    %s\n    %s\n",
                lang_text(m->c->lang, m->selected[i]->name),
                lang_text(m->c->lang, measure_about(m->selected[i]->code)),
                m->selected[i]->reference);
}

void measuring_table(const struct measuring *m, bool explain, struct buf *out)
{
    size_t n = node_len(m->results);
    struct row *rows = arena_array(m->c->arena, struct row, n + 1);

    for (size_t i = 0; i < n; i++)
        fill_row(m, node_at(m->results, i), &rows[i]);
    write_rows(m, rows, n, out);
    for (size_t i = 0; i < n; i++)
        if (node_get(node_at(m->results, i), "structural"))
            write_change(m, node_at(m->results, i), out);
    if (explain)
        explain_all(m, out);
}

static void write_scopes(unsigned scopes, struct buf *out)
{
    static const char *const names[] = {"city", "group", "pair", "area",
                                        "group x area"};
    bool any = false;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!(scopes & (1u << i)))
            continue;
        buf_fmt(out, "%s%s", any ? ", " : "", names[i]);
        any = true;
    }
}

void catalogue_table(const struct cli *c, bool explain, struct buf *out)
{
    size_t n;
    const struct measure *m = measure_catalogue(&n);

    for (size_t i = 0; i < n; i++) {
        buf_fmt(out, "%-34s %s\n%-34s   %s; ", m[i].code,
                lang_text(c->lang, m[i].name), "",
                lang_text(c->lang, m[i].dimension));
        write_scopes(m[i].scopes, out);
        buf_fmt(out, "%s; %s\n", m[i].needs & NEEDS_AREAS ? "; --areas" : "",
                m[i].reference);
        if (explain)
            buf_fmt(out, "%-34s   %s\n", "",
                    lang_text(c->lang, measure_about(m[i].code)));
    }
}
