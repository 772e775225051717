/* Two published profiles beside each other: versions of a city, or two cities.
 * The rules are in profile/comparison.h; here are words, tables and charts. */
#include "draw/figure.h"
#include "profile/comparison.h"
#include "publish/value.h"
#include "web/publication_page.h"

#include <inttypes.h>
#include <math.h>

static const struct {
    const char *code, *title, *about;
} sections[] = {
    {"population", N_("Population"), NULL},
    {"origins", N_("Largest origins"), N_("Shares of all residents.")},
    {"migrants", N_("Where migrants live"),
     N_("Migrants against the majority. Freed of what chance adds, where the "
        "profile says how much that is.")},
    {"city", N_("Where all groups live"), N_("All groups together.")},
    {"outcomes", N_("Outcomes"), NULL},
    {"gaps", N_("Gaps between migrants and the majority"), NULL},
    {"services", N_("Services"), N_("Places for 10,000 residents.")},
};

static const char *const verdicts[COMPARED_VERDICTS][2] = {
    [COMPARED_UP] = {N_("higher in {to}"), N_("has risen")},
    [COMPARED_DOWN] = {N_("lower in {to}"), N_("has fallen")},
    [COMPARED_NOISE] = {N_("no sure difference"), N_("no sure change")},
    [COMPARED_COUNTED] = {N_("counted"), N_("counted")},
    [COMPARED_UNSURE] = {N_("how sure is not known"),
                         N_("how sure is not known")},
    [COMPARED_BOUND] = {N_("one is a bound or approximate"),
                        N_("one is a bound or approximate")},
    [COMPARED_BESIDE] = {N_("cities differ in size"),
                         N_("cities differ in size")},
    [COMPARED_APART] = {N_("not compared: see above"),
                        N_("not compared: see above")},
    [COMPARED_NONE] = {N_("not known in one of them"),
                       N_("not known in one of them")},
};

struct side {
    struct published p;
    struct node *doc;
    const char *name; /* short: "Marsa" or "2024" */
};
struct compare {
    const struct request *r;
    struct side side[2];
    bool same_city;
    struct comparison c;
};

/* ---- which two ---- */

/* "19" (its newest) or "19.2". */
static bool parse_side(struct str text, int64_t *city, int64_t *number)
{
    const char *dot = text.n ? memchr(text.p, '.', text.n) : NULL;
    struct str first = {text.p, dot ? (size_t)(dot - text.p) : text.n};

    *number = 0;
    if (!str_i64(first, city) || *city <= 0)
        return false;
    return !dot ||
           (str_i64((struct str){dot + 1, text.n - first.n - 1}, number) &&
            *number > 0);
}

static enum rc find_side(const struct request *r, struct str text,
                         struct side *out, struct err *err)
{
    int64_t city, number;

    if (!parse_side(text, &city, &number))
        return err_set(err, RC_NOT_FOUND, N_("there is no such version"));
    return published_find(r, city, number, &out->p, err);
}

struct listing {
    const struct request *r;
    size_t n, cap;
    struct published *all;
};

static bool take(void *ctx, const struct publication *p)
{
    struct listing *l = ctx;

    VEC_PUSH(l->r->arena, l->all, l->n, l->cap) =
        (struct published){.it = published_copy(l->r, p)};
    return true;
}

/* Every published version of cities that may be seen. */
static enum rc list_all(struct request *r, struct listing *l, struct err *err)
{
    size_t seen = 0;
    enum rc rc = publication_each(r->store, 0, false, take, l, err);
    int64_t *ids = arena_array(r->arena, int64_t, l->n + 1);

    for (size_t i = 0; i < l->n; i++)
        ids[i] = l->all[i].it.city;
    if (!rc)
        rc = view_know(r, &type_city, ids, l->n, err);
    for (size_t i = 0; i < l->n && !rc; i++) {
        void *city;

        if (view_load(r, &type_city, l->all[i].it.city, ACTION_SEE, &city,
                      NULL))
            continue;
        l->all[i].city = city;
        l->all[seen++] = l->all[i];
    }
    l->n = seen;
    return rc;
}

static const char *value_of(const struct request *r,
                            const struct publication *p)
{
    return arena_printf(r->arena, "%" PRId64 ".%" PRId64, p->city, p->number);
}

static const char *period_of(const struct request *r,
                             const struct publication *p)
{
    AUTO(buf) struct buf text = {.ceiling = 256};

    lang_period(r->lang, p->period, &text);
    return arena_strdup(r->arena, buf_cstr(&text));
}

static const char *long_name(const struct request *r, const struct published *p)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};
    AUTO(buf) struct buf number = {.ceiling = 64};

    lang_integer(r->lang, p->it.number, &number);
    lang_fill(&text, lang_text(r->lang, N_("{city}, {period} (version {n})")),
              "city", view_name(r, &type_city, p->city), "period",
              period_of(r, &p->it), "n", buf_cstr(&number), NULL);
    return arena_strdup(r->arena, buf_cstr(&text));
}

static struct node *choices(const struct request *r, const struct listing *l,
                            const char *chosen)
{
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < l->n; i++) {
        struct node *item = node_object(r->arena);
        const char *value = value_of(r, &l->all[i].it);

        node_set_text(item, "value", value);
        node_set_text(item, "label", long_name(r, &l->all[i]));
        node_set_bool(item, "selected", strcmp(value, chosen) == 0);
        node_push(list, item);
    }
    return list;
}

/* With one named alone: the newest of another time in the same city. */
static const struct published *partner(const struct listing *l,
                                       const struct publication *of)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->all[i].it.city == of->city && l->all[i].it.number != of->number)
            return &l->all[i];
    return NULL;
}

/* ---- words ---- */

static const char *text_of(const struct request *r, const struct node *n)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 14};

    if (!n)
        return "?";
    if (n->kind == NODE_INT)
        lang_integer(r->lang, n->integer, &text);
    else if (n->kind == NODE_LIST) {
        const char **items =
            arena_array(r->arena, const char *, node_len(n) + 1);

        for (size_t i = 0; i < node_len(n); i++)
            items[i] = names_text(node_at(n, i), r->lang, NULL);
        lang_list(r->lang, items, node_len(n), &text);
    } else {
        buf_adds(&text, names_text(n, r->lang, NULL));
    }
    return arena_strdup(r->arena, buf_cstr(&text));
}

static struct node *warnings_of(const struct compare *m)
{
    const struct request *r = m->r;
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < m->c.n_warnings; i++) {
        const struct comparison_warning *w = &m->c.warnings[i];
        struct node *item = node_object(r->arena);
        AUTO(buf) struct buf text = {.ceiling = 1 << 14};

        lang_fill(&text, lang_text(r->lang, w->message), "from",
                  text_of(r, w->from), "to", text_of(r, w->to), NULL);
        node_set_text(item, "code", w->code);
        node_set_text(item, "text", buf_cstr(&text));
        node_set_bool(item, "apart", w->apart);
        node_push(list, item);
    }
    return list;
}

static const char *number_text(const struct request *r, const char *unit,
                               const char *code, double v)
{
    AUTO(buf) struct buf text = {.ceiling = 256};

    if (isnan(v))
        return "";
    value_write(r->lang, unit, code, v, &text);
    return arena_strdup(r->arena, buf_cstr(&text));
}

static const char *value_text(const struct request *r,
                              const struct comparison_row *row,
                              const struct comparison_value *v)
{
    enum value_state state = v->state == STATE_AT_LEAST      ? VALUE_AT_LEAST
                             : v->state == STATE_APPROXIMATE ? VALUE_APPROXIMATE
                             : v->state == STATE_WITHHELD    ? VALUE_WITHHELD
                             : v->state == STATE_SOURCE      ? VALUE_SOURCE
                                                             : VALUE_MISSING;

    if (isnan(v->v))
        return lang_text(r->lang, value_state_text(state));
    return arena_printf(r->arena, "%s%s",
                        v->state == STATE_PLAIN ? "" : value_state_sign(state),
                        number_text(r, row->unit, "", v->v));
}

static const char *difference_text(const struct request *r,
                                   const struct comparison_row *row)
{
    AUTO(buf) struct buf text = {.ceiling = 256};
    const char *plain =
        number_text(r, row->difference_unit, "change", row->difference);

    if (strcmp(row->difference_unit, "points") != 0)
        return plain;
    lang_fill(&text, lang_text(r->lang, N_("{n} points")), "n", plain, NULL);
    return arena_strdup(r->arena, buf_cstr(&text));
}

static const char *range_text(const struct request *r, const char *unit,
                              const char *code, double low, double high)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 10};

    if (isnan(low) || isnan(high))
        return NULL;
    lang_fill(&text, lang_text(r->lang, N_("{low} to {high}")), "low",
              number_text(r, unit, code, low), "high",
              number_text(r, unit, code, high), NULL);
    return arena_strdup(r->arena, buf_cstr(&text));
}

static const char *verdict_text(const struct compare *m,
                                const struct comparison_row *row)
{
    return page_fill(
        m->r, lang_text(m->r->lang, verdicts[row->verdict][m->same_city]), "to",
        m->side[1].name);
}

static const char *label_of(const struct compare *m,
                            const struct comparison_row *row)
{
    const char *label = names_text(row->label, m->r->lang, NULL);

    if (!row->of)
        return label;
    return arena_printf(m->r->arena, "%s · %s", label,
                        names_text(row->of, m->r->lang, NULL));
}

static struct node *row_of(const struct compare *m,
                           const struct comparison_row *row)
{
    const struct request *r = m->r;
    struct node *item = node_object(r->arena);
    const char *unit = row->difference_unit;
    const char *range = range_text(r, unit, "change", row->low, row->high);

    node_set_text(item, "path", row->path);
    node_set_text(item, "label", label_of(m, row));
    node_set_text(item, "from", value_text(r, row, &row->from));
    node_set_text(item, "to", value_text(r, row, &row->to));
    if (!isnan(row->difference))
        node_set_text(item, "difference", difference_text(r, row));
    if (range)
        node_set_text(item, "range", range);
    node_set_text(item, "verdict", comparison_verdict_code(row->verdict));
    node_set_text(item, "words", verdict_text(m, row));
    return item;
}

/* ---- the table, as data ---- */

static void column(const struct request *r, struct node *columns,
                   const char *code, const char *kind)
{
    struct node *c = node_object(r->arena);

    node_set_text(c, "code", code);
    node_set_text(c, "kind", kind);
    node_push(columns, c);
}

static struct node *real(const struct request *r, double v)
{
    return isnan(v) ? node_null(r->arena) : node_double(r->arena, v);
}

static void push_value(const struct request *r, struct node *row,
                       const struct comparison_value *v)
{
    node_push(row, real(r, v->v));
    node_push(row, real(r, v->low));
    node_push(row, real(r, v->high));
}

static struct node *table_of(const struct compare *m)
{
    static const char *const numbers[] = {
        "from",       "from_low",       "from_high",
        "to",         "to_low",         "to_high",
        "difference", "difference_low", "difference_high"};
    const struct request *r = m->r;
    struct node *table = node_object(r->arena);
    struct node *columns = node_set(table, "columns", node_list(r->arena));
    struct node *rows = node_set(table, "rows", node_list(r->arena));

    node_set_text(table, "code", "comparison");
    column(r, columns, "section", "code");
    column(r, columns, "path", "code");
    column(r, columns, "label", "text");
    column(r, columns, "unit", "code");
    column(r, columns, "difference_unit", "code");
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        column(r, columns, numbers[i], "number");
    column(r, columns, "verdict", "code");
    for (size_t i = 0; i < m->c.n; i++) {
        const struct comparison_row *row = &m->c.rows[i];
        struct node *out = node_push(rows, node_list(r->arena));

        node_push(out, node_text(r->arena, row->section));
        node_push(out, node_text(r->arena, row->path));
        node_push(out, node_text(r->arena, label_of(m, row)));
        node_push(out, node_text(r->arena, row->unit));
        node_push(out, node_text(r->arena, row->difference_unit));
        push_value(r, out, &row->from);
        push_value(r, out, &row->to);
        node_push(out, real(r, row->difference));
        node_push(out, real(r, row->low));
        node_push(out, real(r, row->high));
        node_push(out,
                  node_text(r->arena, comparison_verdict_code(row->verdict)));
    }
    return table;
}

/* ---- charts: differences with their intervals ---- */

static size_t chart_rows(const struct compare *m, const char *section,
                         struct node *rows, const char **unit)
{
    struct arena *a = m->r->arena;

    for (size_t i = 0; i < m->c.n; i++) {
        const struct comparison_row *row = &m->c.rows[i];
        struct node *out;

        if (strcmp(row->section, section) != 0 || isnan(row->low))
            continue;
        *unit = row->difference_unit;
        out = node_push(rows, node_list(a));
        node_push(out, node_text(a, label_of(m, row)));
        node_push(out, node_double(a, row->difference));
        node_push(out, node_double(a, row->low));
        node_push(out, node_double(a, row->high));
    }
    return node_len(rows);
}

static struct node *chart_doc(const struct compare *m, const char *section,
                              const char *title)
{
    static const char *const codes[] = {"label", "value", "low", "high"};
    const struct request *r = m->r;
    struct node *doc = node_object(r->arena);
    struct node *table = node_set(doc, "table", node_object(r->arena));
    struct node *figure = node_set(doc, "figure", node_object(r->arena));
    struct node *columns = node_list(r->arena), *rows = node_list(r->arena);
    struct node *reference;
    const char *unit = "none";

    if (chart_rows(m, section, rows, &unit) < 2)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        column(r, columns, codes[i], i ? "number" : "text");
    node_set_text(table, "code", section);
    node_set_text(table, "unit", unit);
    node_set(table, "columns", columns);
    node_set(table, "rows", rows);
    node_set_text(figure, "code", section);
    node_set_text(figure, "kind", "dots");
    node_set_text(figure, "table", section);
    node_set_text(figure, "title", title);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        node_set_text(figure, codes[i], codes[i]);
    node_set_int(figure, "limit", 30);
    reference = node_set(figure, "reference", node_object(r->arena));
    node_set_int(reference, "value", 0);
    node_set_text(reference, "label", lang_text(r->lang, N_("No difference")));
    return doc;
}

static enum rc draw_chart(const struct compare *m, const char *section,
                          const char *title, struct node *out, struct err *err)
{
    const struct request *r = m->r;
    const struct figure_options o = {
        .format = FIGURE_SVG,
        .width_px = 640,
        .bare = true,
        .id_prefix = arena_printf(r->arena, "%s-", section)};
    struct node *doc = chart_doc(m, section, title);
    AUTO(buf) struct buf svg = {.ceiling = BUF_CEILING};
    struct drawing *d = NULL;
    enum rc rc;

    if (!doc)
        return RC_OK;
    rc = drawing_open(doc, NULL, r->arena, &d, err);
    if (rc)
        return rc;
    rc = figure_draw(d, node_get(doc, "figure"), r->lang, &o, &svg, err);
    drawing_close(d);
    if (!rc)
        node_set_text(out, "svg", buf_cstr(&svg));
    return rc;
}

/* ---- the page ---- */

static enum rc sections_of(const struct compare *m, struct node *list,
                           struct err *err)
{
    const struct request *r = m->r;
    enum rc rc = RC_OK;

    for (size_t i = 0; i < ARRAY_LEN(sections) && !rc; i++) {
        struct node *section = node_object(r->arena);
        struct node *rows = node_list(r->arena);
        const char *title = lang_text(r->lang, sections[i].title);

        for (size_t k = 0; k < m->c.n; k++)
            if (strcmp(m->c.rows[k].section, sections[i].code) == 0)
                node_push(rows, row_of(m, &m->c.rows[k]));
        if (!node_len(rows))
            continue;
        node_set_text(section, "code", sections[i].code);
        node_set_text(section, "title", title);
        if (sections[i].about)
            node_set_text(section, "about",
                          lang_text(r->lang, sections[i].about));
        node_set(section, "rows", rows);
        if (r->as == AS_HTML)
            rc = draw_chart(m, sections[i].code, title, section, err);
        node_push(list, section);
    }
    return rc;
}

static struct node *side_of(const struct compare *m, int i)
{
    const struct request *r = m->r;
    const struct published *p = &m->side[i].p;
    struct node *out = published_item(r, &p->it);

    node_set_text(out, "city", view_name(r, &type_city, p->city));
    node_set_text(out, "name", m->side[i].name);
    node_set_text(out, "long_name", long_name(r, p));
    node_set_text(out, "basis",
                  text_of(r, node_path(m->side[i].doc, "basis.text")));
    return out;
}

static void add_summary(const struct compare *m, struct node *doc)
{
    const struct request *r = m->r;
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};
    AUTO(buf) struct buf sure = {.ceiling = 64}, all = {.ceiling = 64};

    if (!m->c.with_interval)
        return;
    lang_integer(r->lang, (int64_t)m->c.sure, &sure);
    lang_integer(r->lang, (int64_t)m->c.with_interval, &all);
    lang_fill(
        &text,
        lang_text(r->lang, m->same_city
                               ? N_("Of {all} measures whose uncertainty is "
                                    "known, {n} have surely moved.")
                               : N_("Of {all} measures whose uncertainty is "
                                    "known, {n} surely differ.")),
        "all", buf_cstr(&all), "n", buf_cstr(&sure), NULL);
    node_set_text(doc, "summary", buf_cstr(&text));
}

static void name_sides(struct compare *m)
{
    const struct request *r = m->r;
    const struct publication *a = &m->side[0].p.it, *b = &m->side[1].p.it;
    bool periods = m->same_city && strcmp(a->period, b->period) != 0;

    for (int i = 0; i < 2; i++) {
        const struct published *p = &m->side[i].p;
        AUTO(buf) struct buf number = {.ceiling = 64};

        lang_integer(r->lang, p->it.number, &number);
        m->side[i].name =
            periods        ? period_of(r, &p->it)
            : m->same_city ? page_fill(r, lang_text(r->lang, N_("version {n}")),
                                       "n", buf_cstr(&number))
                           : view_name(r, &type_city, p->city);
    }
}

/* From the earlier to the later, whichever was named first. */
static void in_order(struct compare *m)
{
    const struct publication *a = &m->side[0].p.it, *b = &m->side[1].p.it;
    int order = strcmp(a->period, b->period);

    m->same_city = a->city == b->city;
    if (m->same_city && (order > 0 || (order == 0 && a->number > b->number))) {
        struct side first = m->side[0];

        m->side[0] = m->side[1];
        m->side[1] = first;
    }
}

static enum rc compare(struct compare *m, struct node *doc, struct err *err)
{
    const struct request *r = m->r;
    struct node *list = node_list(r->arena);
    enum rc rc = RC_OK;

    in_order(m);
    name_sides(m);
    for (int i = 0; i < 2 && !rc; i++)
        rc = published_document(r, &m->side[i].p.it, &m->side[i].doc, err);
    if (rc)
        return rc;
    comparison_make(m->side[0].doc, m->side[1].doc, m->same_city, r->arena,
                    &m->c);
    node_set(doc, "from", side_of(m, 0));
    node_set(doc, "to", side_of(m, 1));
    node_set_bool(doc, "same_city", m->same_city);
    node_set(doc, "warnings", warnings_of(m));
    node_set_bool(doc, "warned", m->c.n_warnings > 0);
    add_summary(m, doc);
    rc = sections_of(m, list, err);
    node_set(doc, "sections", list);
    node_set(doc, "table", table_of(m));
    node_set_text(doc, "query",
                  arena_printf(r->arena, "a=%s&b=%s",
                               value_of(r, &m->side[0].p.it),
                               value_of(r, &m->side[1].p.it)));
    return rc;
}

enum rc page_compare(struct request *r, struct reply *reply, struct err *err)
{
    struct compare m = {.r = r};
    struct listing l = {.r = r};
    struct str a = request_query(r, "a"), b = request_query(r, "b");
    const struct published *other = NULL;
    bool two = false;
    enum rc rc = list_all(r, &l, err);

    reply->doc =
        page_begin(r, lang_text(r->lang, N_("Profiles beside each other")));
    reply->template = "compare";
    if (!rc && a.n) {
        rc = find_side(r, a, &m.side[0], err);
        if (!rc && b.n)
            rc = find_side(r, b, &m.side[1], err);
        else if (!rc && (other = partner(&l, &m.side[0].p.it)))
            m.side[1].p = *other;
        two = b.n || other;
    }
    if (!rc && two && m.side[0].p.it.id == m.side[1].p.it.id)
        two = false; /* one beside itself says nothing */
    if (!rc && two)
        rc = compare(&m, reply->doc, err);
    if (rc)
        return rc;
    node_set_bool(reply->doc, "two", two);
    node_set_bool(reply->doc, "enough", l.n > 1);
    node_set(reply->doc, "a",
             choices(r, &l, a.n ? value_of(r, &m.side[0].p.it) : ""));
    node_set(reply->doc, "b",
             choices(r, &l, two ? value_of(r, &m.side[1].p.it) : ""));
    return RC_OK;
}
