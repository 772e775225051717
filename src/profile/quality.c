/*
 * quality.c: where the data come from, what was read, and what was withheld.
 */
#include <string.h>

#include "profile/part.h"

void part_sources(struct doc *d)
{
    struct node *list = node_set(d->root, "sources", node_list(d->arena));

    for (size_t i = 0; i < d->p->n_readings; i++) {
        const struct reading *r = &d->p->readings[i];
        struct node *s = node_push(list, node_object(d->arena));
        bool own = r->licence && r->licence[0];

        node_set_text(s, "code", r->resource);
        node_set_text(s, "title",
                      r->title && r->title[0] ? r->title : r->resource);
        node_set_text(s, "path", r->path);
        node_set_text(s, "licence", own ? r->licence : d->p->licence);
        node_set_text(s, "publisher", d->p->licence_title);
    }
}

static struct node *resources_table(struct doc *d)
{
    static const struct {
        const char *code, *label;
    } numbers[] = {
        {"rows", N_("Rows")},
        {"taken", N_("Taken")},
        {"skipped", N_("Skipped")},
        {"missing", N_("Not known")},
        {"withheld", N_("Withheld by the publisher")},
    };
    struct sheet t =
        sheet_new(d, "quality-resources", names_of(d, N_("What was read")),
                  "none", NULL, "descriptor");

    sheet_column(&t, "resource", names_of(d, N_("Resource")), "code", NULL);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        sheet_column(&t, numbers[i].code, names_of(d, numbers[i].label),
                     "number", "none");
    for (size_t i = 0; i < d->p->n_readings; i++) {
        const struct reading *r = &d->p->readings[i];
        const uint64_t values[] = {r->rows, r->taken, r->skipped, r->missing,
                                   r->withheld};
        struct node *row = sheet_row(&t);

        row_say(&t, row, r->resource);
        for (size_t k = 0; k < ARRAY_LEN(values); k++)
            row_push(&t, row, q_whole((int64_t)values[k]));
    }
    return t.node;
}

/* The first fault of a kind speaks for it. */
static struct node *warning_text(struct doc *d, enum fault_kind kind)
{
    struct node *names = node_object(d->arena);
    const struct fault *first = NULL;
    AUTO(buf) struct buf b;

    for (size_t i = 0; i < d->faults->n && !first; i++)
        if (d->faults->items[i].kind == kind)
            first = &d->faults->items[i];
    buf_init(&b, BUF_CEILING);
    for (size_t i = 0; i < d->n_langs; i++) {
        const char *message = lang_text(d->langs[i], fault_message(kind));

        buf_clear(&b);
        if (first)
            message_render(message, first->text, first->at, first->n_args, &b);
        else
            buf_adds(&b, message);
        node_set(names, lang_code(d->langs[i]),
                 node_str(d->arena, buf_str(&b)));
    }
    return names;
}

static struct node *warnings_list(struct doc *d)
{
    struct node *list = node_list(d->arena);

    for (int k = 0; d->faults && k < FAULT_KINDS; k++) {
        struct node *w;

        if (d->faults->count[k] == 0 ||
            fault_severity((enum fault_kind)k) == SEVERITY_FAULT)
            continue;
        w = node_push(list, node_object(d->arena));
        node_set_text(w, "code", fault_code((enum fault_kind)k));
        node_set_int(w, "count", (int64_t)d->faults->count[k]);
        node_set(w, "text", warning_text(d, (enum fault_kind)k));
    }
    return list;
}

static void reading_notes(struct doc *d, struct node *notes)
{
    uint64_t other = 0, missing = 0, withheld = 0;

    for (size_t i = 0; i < d->p->n_readings; i++)
        if (strcmp(d->p->readings[i].resource, "population") == 0) {
            other += d->p->readings[i].rows_other_period;
            missing += d->p->readings[i].missing;
            withheld += d->p->readings[i].withheld;
        }
    if (withheld)
        node_push(
            notes,
            names_plural(
                d,
                N_("The publisher withheld {n} count of residents. It is not "
                   "zero: "
                   "every total with it inside says \"at least\"."),
                N_("The publisher withheld {n} counts of residents. They are "
                   "not "
                   "zero: every total with one inside says \"at least\"."),
                withheld, "n", names_integer(d, (int64_t)withheld), NULL));
    if (missing)
        node_push(
            notes,
            names_plural(
                d,
                N_("{n} count of residents is not known. It is not zero: every "
                   "total with it inside says \"at least\"."),
                N_("{n} counts of residents are not known. They are not zero: "
                   "every total with one inside says \"at least\"."),
                missing, "n", names_integer(d, (int64_t)missing), NULL));
    if (other)
        node_push(
            notes,
            names_plural(
                d,
                N_("{n} row of the population table is of another period; only "
                   "the series of totals uses it."),
                N_("{n} rows of the population table are of other periods; "
                   "only "
                   "the series of totals uses them."),
                other, "n", names_integer(d, (int64_t)other), NULL));
}

void part_quality(struct doc *d)
{
    struct node *part = node_set(d->root, "quality", node_object(d->arena));
    struct node *notes;

    node_set(part, "resources", resources_table(d));
    node_set(part, "warnings", warnings_list(d));
    node_set(part, "questions", doubts_list(d));
    notes = node_set(part, "notes", node_list(d->arena));
    reading_notes(d, notes);
}

static struct node *asked_node(struct doc *d, const struct protection_rule *r)
{
    struct node *n = node_object(d->arena);

    if (!r->stated) {
        node_set(n, "method", node_null(d->arena));
    } else if (r->method == PROTECT_NONE) {
        node_set_text(n, "method", "none");
    } else if (r->method == PROTECT_SUPPRESS) {
        node_set_text(n, "method", "suppress");
        node_set_int(n, "below", r->below);
        node_set_bool(n, "secondary", r->secondary);
    } else {
        node_set_text(n, "method", "cell-key");
        node_set_int(n, "maximum", r->maximum);
        node_set_double(n, "variance", r->variance);
        node_set_int(n, "never", r->never);
    }
    return n;
}

struct tally {
    uint64_t withheld, complementary, source;
};

static struct tally cells_tally(struct doc *d)
{
    struct tally t = {0, 0, 0};

    for (int id = 0; id < RELEASE_TABLES; id++)
        for (int k = 0; k < 2; k++) {
            const struct release_table *r =
                release_table(d->r, (enum release_table_id)id, k);

            if (id == TABLE_ORIGIN_SEX) /* part of TABLE_GROUP_SEX */
                continue;
            t.withheld += r->withheld;
            t.complementary += r->complementary;
            t.source += r->source_withheld;
        }
    return t;
}

static struct node *rule_text(struct doc *d, struct tally t)
{
    struct node *last = names_integer(d, release_threshold(d->r) - 1);

    if (t.withheld == 0)
        return names_fill(d,
                          N_("Counts of 1 to {last} residents would be "
                             "withheld; no table of this profile has one."),
                          "last", last, NULL);
    return names_plural(d,
                        N_("Counts of 1 to {last} residents are withheld; zero "
                           "is shown as zero. {n} cell is withheld in this "
                           "profile."),
                        N_("Counts of 1 to {last} residents are withheld; zero "
                           "is shown as zero. {n} cells are withheld in this "
                           "profile."),
                        t.withheld, "last", last, "n",
                        names_integer(d, (int64_t)t.withheld), NULL);
}

static struct node *secondary_text(struct doc *d, struct tally t)
{
    if (!release_secondary(d->r))
        return names_of(
            d, N_("No further counts are withheld: where a row or column "
                  "withholds one count only, its total tells it."));
    return names_fill(
        d,
        N_("Larger ones are withheld with them ({n} cells), so that no row, no "
           "column and no combination of rows and columns tells a small count: "
           "in the tables of areas and origins, and in those of sexes and "
           "ages, each withheld small count could as well be {below} or more. "
           "The two sets of tables, and the two periods, were examined each by "
           "itself."),
        "n", names_integer(d, (int64_t)t.complementary), "below",
        names_integer(d, release_threshold(d->r)), NULL);
}

static struct node *protection_text(struct doc *d, struct tally t)
{
    const struct protection_rule *rule = release_rule(d->r);
    struct node *parts[4];
    size_t n = 0;

    if (release_threshold(d->r) <= 1)
        return rule->stated && rule->method == PROTECT_NONE
                   ? names_fill(d,
                                N_("No count is withheld. The city's "
                                   "reason: {why}"),
                                "why", names_same(d, rule->why), NULL)
                   : names_of(d, N_("No count is withheld."));
    if (!rule->stated)
        parts[n++] = names_of(d, N_("The package states no rule of "
                                    "protection, so the usual one applies."));
    else if (rule->method == PROTECT_CELL_KEY)
        parts[n++] = names_of(
            d, N_("The package asks for cell-key perturbation; this profile "
                  "withholds small counts instead."));
    parts[n++] = rule_text(d, t);
    if (t.withheld > 0)
        parts[n++] = secondary_text(d, t);
    if (release_unsure(d->r) > 0)
        parts[n++] = names_plural(
            d,
            N_("For {n} small count this could not be reached: it can be "
               "narrowed down by whoever combines the tables."),
            N_("For {n} small counts this could not be reached: they can be "
               "narrowed down by whoever combines the tables."),
            release_unsure(d->r), "n",
            names_integer(d, (int64_t)release_unsure(d->r)), NULL);
    for (size_t i = 1; i < n; i++)
        parts[0] = names_fill(d, "{a} {b}", "a", parts[0], "b", parts[i], NULL);
    return parts[0];
}

void part_protection(struct doc *d)
{
    const struct protection_rule *rule = release_rule(d->r);
    struct node *part = node_set(d->root, "protection", node_object(d->arena));
    struct tally t = cells_tally(d);
    bool applied = release_threshold(d->r) > 1;

    node_set(part, "asked", asked_node(d, rule));
    node_set_text(part, "applied", applied ? "suppress" : "none");
    node_set_int(part, "below", release_threshold(d->r));
    node_set_bool(part, "secondary", release_secondary(d->r));
    node_set_int(part, "withheld_cells", (int64_t)t.withheld);
    node_set_int(part, "complementary_cells", (int64_t)t.complementary);
    node_set_int(part, "source_withheld_cells", (int64_t)t.source);
    node_set(part, "text", protection_text(d, t));
    node_set_text(part, "why",
                  rule->stated && rule->method == PROTECT_NONE ? rule->why
                                                               : NULL);
}
