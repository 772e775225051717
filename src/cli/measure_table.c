/*
 * The table for a person. As wide as what it says; where that is more than the
 * terminal has, a measure's name stands on a line of its own above its values.
 */
#include "cli/measure.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

enum {
    NAME,
    GROUP,
    AGAINST,
    AREA,
    PERIOD,
    VALUE,
    DEBIASED,
    INTERVAL,
    BOUNDS,
    CHANCE,
    P,
    NOTE,
    COLUMNS
};
enum { NOTES_MOST = 16 };
static const char *const headings[COLUMNS] = {[NAME] = N_("measure"),
                                              [GROUP] = N_("group"),
                                              [AGAINST] = N_("against"),
                                              [AREA] = N_("area"),
                                              [PERIOD] = N_("period"),
                                              [VALUE] = N_("value"),
                                              [DEBIASED] = N_("debiased"),
                                              [INTERVAL] = N_("interval"),
                                              [BOUNDS] = N_("bounds"),
                                              [CHANCE] = N_("by chance"),
                                              [P] = N_("p"),
                                              [NOTE] = N_("note")};

struct row {
    const char *cell[COLUMNS];
};

struct table {
    const struct measuring *m;
    struct buf *out;
    int width[COLUMNS]; /* 0: nobody has it */
    bool narrow;        /* names on lines of their own */
    bool pairs;         /* "against" says more than "rest" */
    bool groups;        /* some line is of one group */
    const char *name;   /* last one written, narrow */
    const char *note[NOTES_MOST];
    size_t n_notes;
    bool legend; /* a line of it is written */
};

/* ---- one row ---- */

static const char *number(const struct node *r, const char *key,
                          struct arena *a)
{
    const struct node *v = node_get(r, key);

    return node_is_number(v) ? arena_printf(a, "%.4f", node_number(v, 0)) : "";
}

static const char *title_of(const struct measuring *m, const char *code)
{
    const struct measure *found = measure_find(code);
    enum extra extra = extra_find(code);

    if (extra != EXTRA_COUNT)
        return lang_text(m->c->lang, extra_rows()[extra].name);
    if (strcmp(code, "decomposition_change") == 0)
        return lang_text(m->c->lang, N_("Parts of the change of M"));
    if (strcmp(code, "decomposition_shapley") == 0)
        return lang_text(m->c->lang, N_("Parts of the difference of D"));
    return found ? lang_text(m->c->lang, found->name) : code;
}

static const char *measure_title(const struct measuring *m,
                                 const struct node *r)
{
    const char *name = title_of(m, node_cstr(node_get(r, "code"), ""));
    const char *kernel = node_cstr(node_path(r, "parameters.kernel"), NULL);
    const char *level = node_cstr(node_get(r, "level"), "");
    const char *part = node_cstr(node_get(r, "part"), NULL);
    const char *method = node_cstr(node_get(r, "method"), NULL);
    struct arena *a = m->c->arena;

    if (kernel)
        return arena_printf(
            a, "%s, %s %g m", name, kernel,
            node_number(node_path(r, "parameters.bandwidth_m"), 0));
    if (part && strcmp(part, "within") == 0)
        return arena_printf(a, lang_text(m->c->lang, N_("M inside each %s")),
                            level);
    if (part && strcmp(part, "h") == 0)
        return arena_printf(a, lang_text(m->c->lang, N_("Part of H: %s")),
                            level);
    if (part)
        return arena_printf(a, lang_text(m->c->lang, N_("Part of M: %s")),
                            level);
    return method ? arena_printf(a, "%s (%s)", name, method) : name;
}

static const char *range(const struct node *r, const char *low,
                         const char *high, struct arena *a)
{
    return node_get(r, low) ? arena_printf(a, "%s .. %s", number(r, low, a),
                                           number(r, high, a))
                            : "";
}

/* The number of a note at the foot; the same sentence has one number. */
static size_t note_number(struct table *t, const char *why)
{
    for (size_t i = 0; i < t->n_notes; i++)
        if (strcmp(t->note[i], why) == 0)
            return i + 1;
    if (t->n_notes == NOTES_MOST)
        return 0;
    t->note[t->n_notes++] = why;
    return t->n_notes;
}

static const char *notes_of(struct table *t, const struct node *r)
{
    static const char *const keys[] = {"why", "null_why", "interval_why",
                                       "bounds_why"};
    static const char unreliable[] =
        N_("units are too small to say much: chance alone gives more than half "
           "of dissimilarity");
    const struct node *small = node_get(r, "unreliable");
    AUTO(buf) struct buf text = {.ceiling = 100};
    bool given[NOTES_MOST + 1] = {false};

    for (size_t i = 0; i <= ARRAY_LEN(keys); i++) {
        const char *why = i < ARRAY_LEN(keys)
                              ? node_cstr(node_get(r, keys[i]), NULL)
                          : small && small->boolean ? unreliable
                                                    : NULL;
        size_t n = why ? note_number(t, lang_text(t->m->c->lang, why)) : 0;

        if (n && !given[n])
            buf_fmt(&text, "%s%zu", text.n ? "," : "", n);
        given[n] = true;
    }
    return text.n ? arena_strdup(t->m->c->arena, buf_cstr(&text)) : "";
}

static void fill_row(struct table *t, const struct node *r, struct row *row)
{
    const struct measuring *m = t->m;
    struct arena *a = m->c->arena;
    const char *with = node_cstr(node_get(r, "compared_with"), NULL);
    const char *period = node_cstr(node_get(r, "period"), "");

    row->cell[NAME] = measure_title(m, r);
    row->cell[GROUP] = node_cstr(
        node_get(r, "group"),
        t->groups && strcmp(node_cstr(node_get(r, "scope"), ""), "city") == 0
            ? lang_text(m->c->lang, N_("(all)"))
            : "");
    row->cell[AGAINST] = t->pairs ? node_cstr(node_get(r, "against"), "") : "";
    row->cell[AREA] = node_cstr(node_get(r, "area"), "");
    if (node_get(r, "merged"))
        row->cell[AREA] = arena_printf(a, "%s + %s", row->cell[AREA],
                                       node_cstr(node_get(r, "merged"), ""));
    row->cell[PERIOD] =
        with ? arena_printf(a, "%s - %s", period, with) : period;
    row->cell[VALUE] = number(r, "value", a);
    row->cell[DEBIASED] = number(r, "debiased", a);
    row->cell[INTERVAL] = *row->cell[DEBIASED]
                              ? range(r, "debiased_low", "debiased_high", a)
                              : range(r, "low", "high", a);
    row->cell[BOUNDS] = range(r, "bound_low", "bound_high", a);
    row->cell[CHANCE] = number(r, "expected", a);
    row->cell[P] = number(r, "p", a);
    row->cell[NOTE] = notes_of(t, r);
    if (!*row->cell[VALUE])
        row->cell[VALUE] = "-";
}

/* ---- rows, one at a time: a unit's share a result's cells ---- */

static bool for_each(struct table *t,
                     bool (*fn)(struct table *t, const struct row *row))
{
    const struct measuring *m = t->m;
    bool well = true;

    for (size_t i = 0; i < m->n_results && well; i++) {
        const struct result *r = &m->results[i];
        struct row row;
        char value[40];

        fill_row(t, r->head, &row);
        if (!r->value) {
            well = fn(t, &row);
            continue;
        }
        row.cell[VALUE] = value;
        for (uint32_t u = 0; u < m->matrix.units.n && well; u++) {
            row.cell[AREA] = dict_cstr(&m->matrix.units, u);
            if (isnan(r->value[u]))
                snprintf(value, sizeof value, "-");
            else
                snprintf(value, sizeof value, "%.4f", r->value[u]);
            well = fn(t, &row);
        }
    }
    return well;
}

static bool widen(struct table *t, const struct row *row)
{
    for (int k = 0; k < COLUMNS; k++)
        t->width[k] = MAX(t->width[k], text_width(row->cell[k]));
    return true;
}

static bool flush(struct buf *out, size_t at)
{
    if (out->n < at)
        return !out->failed;
    if (out->failed || fwrite(buf_cstr(out), 1, out->n, stdout) != out->n)
        return false;
    buf_clear(out);
    return true;
}

static bool write_row(struct table *t, const struct row *row)
{
    struct buf *out = t->out;

    if (t->narrow && (!t->name || strcmp(t->name, row->cell[NAME]) != 0)) {
        buf_fmt(out, "%s\n", row->cell[NAME]);
        t->name = row->cell[NAME];
    }
    if (t->narrow)
        buf_adds(out, "  ");
    for (int k = t->narrow ? NAME + 1 : NAME; k < COLUMNS; k++) {
        int pad = t->width[k] - text_width(row->cell[k]);

        if (!t->width[k])
            continue;
        if (k >= VALUE && k != NOTE) /* numbers stand to the right */
            buf_fmt(out, "%*s%s  ", MAX(pad, 0), "", row->cell[k]);
        else
            buf_fmt(out, "%s%*s  ", row->cell[k], MAX(pad, 0), "");
    }
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    buf_addc(out, '\n');
    return flush(out, 1 << 20);
}

static void write_head(struct table *t)
{
    const struct lang *lang = t->m->c->lang;
    struct row head;

    for (int k = 0; k < COLUMNS; k++)
        head.cell[k] =
            t->narrow && k == NAME ? "" : lang_text(lang, headings[k]);
    t->name = "";
    write_row(t, &head);
    t->name = NULL;
}

/* Widths; a column that is empty throughout is not shown. */
static void lay_out(struct table *t)
{
    const struct lang *lang = t->m->c->lang;
    int all = 0;

    for_each(t, widen);
    for (int k = 0; k < COLUMNS; k++) {
        if (t->width[k])
            t->width[k] =
                MAX(t->width[k], text_width(lang_text(lang, headings[k])));
        all += t->width[k] ? t->width[k] + 2 : 0;
    }
    t->narrow = isatty(STDOUT_FILENO) && all - 2 > (int)terminal_columns();
}

/* ---- above and below ---- */

static void write_summary(const struct measuring *m, struct buf *out)
{
    struct arena *a = m->c->arena;
    double persons = 0;

    for (uint32_t p = 0; p < m->matrix.periods.n; p++) {
        struct counts c = matrix_counts(&m->matrix, p);

        for (size_t i = 0; i < c.units * c.groups; i++)
            persons += c.n[i];
    }
    lang_fill(out,
              lang_text(m->c->lang, N_("Units: {units}. Groups: {groups}. "
                                       "Persons in the table: {persons}.")),
              "units", arena_printf(a, "%zu", (size_t)m->matrix.units.n),
              "groups", arena_printf(a, "%zu", (size_t)m->matrix.groups.n),
              "persons", arena_printf(a, "%.15g", persons), NULL);
    buf_adds(out, "\n\n");
}

static void write_change(const struct measuring *m, const struct node *r,
                         struct buf *out)
{
    static const char *const parts[] = {"additions",      "removals",
                                        "group_marginal", "unit_marginal",
                                        "interaction",    "structural"};
    AUTO(buf) struct buf line = {.ceiling = 1000};

    buf_fmt(&line, "%s:", node_cstr(node_get(r, "method"), ""));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_fmt(&line, " %s %+.4f", parts[i],
                node_number(node_get(r, parts[i]), 0));
    buf_adds(out, "  ");
    text_wrapped(buf_cstr(&line), 2, 4, out);
}

static void write_shapley(const struct measuring *m, const struct node *r,
                          struct buf *out)
{
    buf_fmt(out, "  %s, %s: attribute %+.4f spatial %+.4f\n",
            node_cstr(node_get(r, "group"), ""),
            node_cstr(node_get(r, "method"), ""),
            node_number(node_get(r, "attribute"), 0),
            node_number(node_get(r, "spatial"), 0));
}

static void write_parts(const struct measuring *m, struct buf *out)
{
    for (size_t i = 0; i < m->n_results; i++) {
        const struct node *r = m->results[i].head;

        if (node_get(r, "structural"))
            write_change(m, r, out);
        else if (node_get(r, "attribute"))
            write_shapley(m, r, out);
    }
}

static void say_line(struct table *t, struct buf *line)
{
    if (!line->n)
        return;
    if (!t->legend)
        buf_addc(t->out, '\n');
    t->legend = true;
    text_wrapped(buf_cstr(line), 0, 0, t->out);
    buf_clear(line);
}

/* What the columns of draws are, for whoever did not ask for them himself. */
static void write_legend(struct table *t)
{
    const struct measuring *m = t->m;
    struct arena *a = m->c->arena;
    const struct lang *lang = m->c->lang;
    AUTO(buf) struct buf line = {.ceiling = 2000};
    const char *draws = arena_printf(a, "%zu", m->options.draws);
    const char *percent = arena_printf(a, "%g", 100 * m->level);

    if (t->width[DEBIASED])
        lang_fill(
            &line,
            lang_text(lang, N_("debiased: the value less what few persons "
                               "in a unit add; interval: {percent} %, "
                               "about the debiased value, from {draws} "
                               "draws ({model}).")),
            "percent", percent, "draws", draws, "model",
            measure_model_code(m->bootstrap), NULL);
    else if (t->width[INTERVAL])
        lang_fill(
            &line,
            lang_text(lang, N_("interval: {percent} %, of the difference, "
                               "from {draws} draws.")),
            "percent", percent, "draws", draws, NULL);
    say_line(t, &line);
    if (t->width[CHANCE])
        lang_fill(&line,
                  lang_text(lang, N_("by chance: the mean of {draws} draws "
                                     "({model}); p: how often chance gives as "
                                     "extreme a value, both sides.")),
                  "draws", draws, "model", measure_model_code(m->null_model),
                  NULL);
    say_line(t, &line);
    if (t->width[BOUNDS])
        buf_adds(&line, lang_text(lang, N_("bounds: between these lies the "
                                           "index of the chances behind the "
                                           "counts, where units hold few "
                                           "persons.")));
    say_line(t, &line);
}

static void write_notes(struct table *t)
{
    for (size_t i = 0; i < t->n_notes; i++) {
        const char *line =
            arena_printf(t->m->c->arena, "%zu %s", i + 1, t->note[i]);

        if (!i)
            buf_addc(t->out, '\n');
        text_wrapped(line, 0, 2, t->out);
    }
}

static void explain(const struct measuring *m, const char *name,
                    const char *about, const char *heavy, const char *reference,
                    struct buf *out)
{
    buf_fmt(out, "\n%s\n", lang_text(m->c->lang, name));
    buf_adds(out, "    ");
    text_wrapped(lang_text(m->c->lang, about), 4, 4, out);
    if (heavy) {
        buf_adds(out, "    ");
        text_wrapped(lang_text(m->c->lang, heavy), 4, 4, out);
    }
    if (*reference)
        buf_fmt(out, "    %s\n", reference);
}

/* Of the measures that have a line in the table. */
static void explain_all(const struct measuring *m, struct buf *out)
{
    struct dict codes;

    dict_init(&codes, m->c->arena);
    for (size_t i = 0; i < m->n_results; i++)
        dict_intern(&codes, str_of(node_cstr(
                                node_get(m->results[i].head, "code"), "")));
    for (uint32_t i = 0; i < codes.n; i++) {
        const char *code = dict_cstr(&codes, i);
        const struct measure *found = measure_find(code);
        enum extra e = extra_find(code);

        if (e != EXTRA_COUNT)
            explain(m, extra_rows()[e].name, extra_rows()[e].about, NULL,
                    extra_rows()[e].reference, out);
        else if (found)
            explain(m, found->name, measure_about(code), heavy_about(code),
                    found->reference, out);
    }
}

static bool any_group(const struct measuring *m)
{
    for (size_t i = 0; i < m->n_results; i++)
        if (node_get(m->results[i].head, "group"))
            return true;
    return false;
}

static bool any_pair(const struct measuring *m)
{
    for (size_t i = 0; i < m->n_results; i++)
        if (strcmp(node_cstr(node_get(m->results[i].head, "against"), "rest"),
                   "rest") != 0)
            return true;
    return false;
}

enum rc measuring_table(const struct measuring *m, bool explain_too,
                        struct err *err)
{
    AUTO(buf) struct buf out = {.ceiling = BUF_CEILING};
    struct table t = {
        .m = m, .out = &out, .pairs = any_pair(m), .groups = any_group(m)};
    bool well = true;

    write_summary(m, &out);
    if (m->n_results) {
        lay_out(&t);
        write_head(&t);
        well = for_each(&t, write_row);
    }
    write_parts(m, &out);
    write_legend(&t);
    write_notes(&t);
    if (explain_too)
        explain_all(m, &out);
    return well && flush(&out, 0)
               ? RC_OK
               : err_set(err, RC_IO, N_("the results cannot be written"));
}
