/* Results as JSON and CSV, and the catalogue. Both are written as they are
 * made: a value of each of a million areas is not held as text. */
#include "cli/measure.h"

#include <math.h>
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

enum { FLUSH_AT = 1 << 20 };

/* What is there goes out; false when that failed. */
static bool flush(struct buf *out, size_t at)
{
    if (out->n < at)
        return !out->failed;
    if (out->failed || fwrite(buf_cstr(out), 1, out->n, stdout) != out->n)
        return false;
    buf_clear(out);
    return true;
}

static enum rc finish(struct buf *out, bool well, struct err *err)
{
    return well && flush(out, 0)
               ? RC_OK
               : err_set(err, RC_IO, N_("the results cannot be written"));
}

static struct node *names_of(const struct dict *d, struct arena *a)
{
    struct node *n = node_list(a);

    for (uint32_t i = 0; i < d->n; i++)
        node_push(n, node_text(a, dict_cstr(d, i)));
    return n;
}

static void write_number(double v, const char *missing, struct buf *out)
{
    if (isfinite(v))
        buf_double(out, v == 0 ? 0 : v);
    else
        buf_adds(out, missing);
}

/* One line a unit: what they share, then the unit and its value. */
static bool json_series(const struct measuring *m, const struct result *r,
                        struct buf *out)
{
    AUTO(buf) struct buf head = {.ceiling = 1 << 16};
    bool well = true;

    node_write(r->head, false, &head);
    for (uint32_t u = 0; u < m->matrix.units.n && well; u++) {
        buf_adds(out, u ? ",\n    " : "");
        buf_add(out, (struct str){head.p, head.n - 1}); /* without its end */
        buf_adds(out, ",\"area\":");
        buf_json(out, dict_text(&m->matrix.units, u));
        buf_adds(out, ",\"value\":");
        write_number(r->value[u], "null", out);
        buf_addc(out, '}');
        well = flush(out, FLUSH_AT);
    }
    return well;
}

static void json_key(const char *key, const struct node *v, struct buf *out)
{
    buf_fmt(out, "  \"%s\": ", key);
    node_write(v, false, out);
    buf_adds(out, ",\n");
}

enum rc measuring_json(const struct measuring *m, struct err *err)
{
    struct arena *a = m->c->arena;
    AUTO(buf) struct buf out = {.ceiling = BUF_CEILING};
    bool well = true;

    buf_adds(&out, "{\n");
    json_key("schema", node_text(a, "passerelle.measures/1"), &out);
    json_key("units", node_int(a, (int64_t)m->matrix.units.n), &out);
    json_key("groups", names_of(&m->matrix.groups, a), &out);
    if (m->spec.period)
        json_key("periods", names_of(&m->matrix.periods, a), &out);
    json_key("seed", node_int(a, (int64_t)m->options.seed), &out);
    if (m->left_out.n)
        json_key("left_out", names_of(&m->left_out, a), &out);
    buf_adds(&out, "  \"results\": [");
    for (size_t i = 0; i < m->n_results && well; i++) {
        buf_adds(&out, i ? ",\n    " : "\n    ");
        if (m->results[i].value)
            well = json_series(m, &m->results[i], &out);
        else
            node_write(m->results[i].head, false, &out);
        well = well && flush(&out, FLUSH_AT);
    }
    buf_adds(&out, m->n_results ? "\n  ]\n}\n" : "]\n}\n");
    return finish(&out, well, err);
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
    for (size_t i = 0; i < m->n_results; i++) {
        const struct node *r = m->results[i].head;

        for (size_t k = 0; k < node_len(r); k++)
            if (!str_is(node_key(r, k), "parameters"))
                dict_intern(keys, node_key(r, k));
        if (m->results[i].value) {
            dict_intern(keys, STR("area"));
            dict_intern(keys, STR("value"));
        }
    }
}

static bool csv_series(const struct measuring *m, const struct result *r,
                       const struct dict *keys, struct buf *out)
{
    uint32_t area = dict_find(keys, STR("area"));
    uint32_t value = dict_find(keys, STR("value"));
    bool well = true;

    for (uint32_t u = 0; u < m->matrix.units.n && well; u++) {
        for (uint32_t k = 0; k < keys->n; k++) {
            if (k == area)
                buf_csv(out, dict_text(&m->matrix.units, u));
            else if (k == value)
                write_number(r->value[u], "", out);
            else
                write_cell(node_get(r->head, dict_cstr(keys, k)), out);
            buf_addc(out, k + 1 < keys->n ? ',' : '\n');
        }
        well = flush(out, FLUSH_AT);
    }
    return well;
}

enum rc measuring_csv(const struct measuring *m, struct err *err)
{
    AUTO(buf) struct buf out = {.ceiling = BUF_CEILING};
    struct dict keys;
    bool well = true;

    all_keys(m, &keys);
    for (uint32_t k = 0; k < keys.n; k++)
        buf_fmt(&out, "%s%s", dict_cstr(&keys, k), k + 1 < keys.n ? "," : "\n");
    for (size_t i = 0; i < m->n_results && well; i++) {
        const struct node *r = m->results[i].head;

        if (m->results[i].value) {
            well = csv_series(m, &m->results[i], &keys, &out);
            continue;
        }
        for (uint32_t k = 0; k < keys.n; k++) {
            write_cell(node_get(r, dict_cstr(&keys, k)), &out);
            buf_addc(&out, k + 1 < keys.n ? ',' : '\n');
        }
        well = flush(&out, FLUSH_AT);
    }
    return finish(&out, well, err);
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

static void paragraph(const char *text, struct buf *out)
{
    buf_adds(out, "    ");
    text_wrapped(text, 4, 4, out);
}

/* One row of the catalogue: code and name, then what it is. */
static void write_entry(const struct cli *c, const struct measure *m,
                        bool explain, struct buf *out)
{
    const char *heavy = heavy_about(m->code);

    buf_fmt(out, "%s  %s\n    ", m->code, lang_text(c->lang, m->name));
    if (*m->dimension)
        buf_fmt(out, "%s; ", lang_text(c->lang, m->dimension));
    write_scopes(m->scopes, out);
    if (m->needs & NEEDS_AREAS)
        buf_fmt(out, "; %s", lang_text(c->lang, N_("needs places")));
    if (m->needs & NEEDS_TWO)
        buf_fmt(out, "; %s", lang_text(c->lang, N_("needs --compare")));
    if (*m->reference)
        buf_fmt(out, "; %s", m->reference);
    buf_addc(out, '\n');
    if (explain)
        paragraph(lang_text(c->lang, measure_about(m->code)), out);
    if (explain && heavy)
        paragraph(lang_text(c->lang, heavy), out);
}

void catalogue_table(const struct cli *c, bool explain, struct buf *out)
{
    size_t n;
    const struct measure *m = measure_catalogue(&n);
    const struct extra_row *extra = extra_rows();

    for (size_t i = 0; i < n; i++)
        write_entry(c, &m[i], explain, out);
    for (size_t i = 0; i < EXTRA_COUNT; i++) {
        const struct measure row = {.code = extra[i].code,
                                    .scopes = extra[i].scope,
                                    .needs = extra[i].needs_two ? NEEDS_TWO : 0,
                                    .dimension = "",
                                    .name = extra[i].name,
                                    .reference = extra[i].reference};

        write_entry(c, &row, false, out);
        if (explain)
            paragraph(lang_text(c->lang, extra[i].about), out);
    }
}
