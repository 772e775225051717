/*
 * results.c: outcomes by group, and flows.
 */
#include <math.h>
#include <string.h>

#include "profile/part.h"

static const struct outcome_indicator *indicator_find(struct doc *d,
                                                      const char *code)
{
    for (size_t i = 0; i < d->p->n_indicators; i++)
        if (strcmp(d->p->indicators[i].code, code) == 0)
            return &d->p->indicators[i];
    return NULL;
}

static struct node *indicator_name(struct doc *d, const char *code)
{
    const struct outcome_indicator *i = indicator_find(d, code);

    return i ? names_given(d, &i->names, NULL) : names_same(d, code);
}

static struct node *group_name(struct doc *d, const char *group)
{
    const struct names *given = package_names(d->p, "outcomes", group);
    uint32_t o;

    if (given)
        return names_given(d, given, NULL);
    if (strcmp(group, "majority") == 0)
        return d->majority;
    if (strcmp(group, "migrants") == 0)
        return d->migrants;
    o = dict_find(release_dict(d->r, DIM_ORIGIN), str_of(group));
    return o == DICT_NONE ? names_same(d, group) : d->name[o];
}

static bool text_given(const char *s)
{
    return s && s[0];
}

/* Columns that only some packages fill. */
struct fields {
    bool sex, age;
};

static void outcome_columns(struct doc *d, struct sheet *t, struct fields f,
                            bool indicator)
{
    static const struct {
        const char *code, *label, *unit;
    } numbers[] = {
        {"value", N_("Share"), "share"},
        {"low", N_("Lower bound"), "share"},
        {"high", N_("Upper bound"), "share"},
        {"numerator", N_("Persons concerned"), "persons"},
        {"denominator", N_("Persons asked about"), "persons"},
    };
    static const struct {
        const char *code, *label, *unit;
    } gaps[] = {
        {"gap", N_("Gap"), "points"},
        {"gap_low", N_("Gap, lower bound"), "points"},
        {"gap_high", N_("Gap, upper bound"), "points"},
        {"ratio", N_("Ratio"), "ratio"},
        {"ratio_low", N_("Ratio, lower bound"), "ratio"},
        {"ratio_high", N_("Ratio, upper bound"), "ratio"},
    };

    if (indicator)
        sheet_column(t, "indicator", names_of(d, N_("Indicator")), "term",
                     NULL);
    sheet_column(t, "group", names_of(d, N_("Group")), "term", NULL);
    if (indicator)
        sheet_column(t, "area", names_of(d, N_("Area")), "area", NULL);
    sheet_column(t, "period", names_of(d, N_("Period")), "period", NULL);
    if (f.sex)
        sheet_column(t, "sex", names_of(d, N_("Sex")), "term", NULL);
    if (f.age)
        sheet_column(t, "age", names_of(d, N_("Age")), "code", NULL);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        sheet_column(t, numbers[i].code, names_of(d, numbers[i].label),
                     "number", numbers[i].unit);
    sheet_column(t, "against", names_of(d, N_("Compared with")), "term", NULL);
    for (size_t i = 0; i < ARRAY_LEN(gaps); i++)
        sheet_column(t, gaps[i].code, names_of(d, gaps[i].label), "number",
                     gaps[i].unit);
}

/* Why a share has no value. */
static enum profile_state outcome_state(const struct release_outcome *o)
{
    if (o->numerator.state == CELL_WITHHELD ||
        o->denominator.state == CELL_WITHHELD)
        return STATE_WITHHELD;
    return o->numerator.state == CELL_COUNT ? STATE_UNDEFINED : STATE_MISSING;
}

static struct quantity outcome_number(const struct release_outcome *o, double v)
{
    return isfinite(v) ? q_number(v) : q_none(outcome_state(o));
}

static void gap_cells(struct sheet *t, struct node *row,
                      const struct release_outcome *o)
{
    const double points[] = {o->gap, o->gap_low, o->gap_high};
    const double ratios[] = {o->ratio, o->ratio_low, o->ratio_high};
    /* known itself, but what it is compared with is not */
    enum profile_state why =
        isfinite(o->value) ? isfinite(o->gap) ? STATE_UNDEFINED : STATE_WITHHELD
                           : outcome_state(o);

    for (size_t i = 0; i < 3; i++)
        if (!o->has_gap)
            row_node(row, NULL);
        else
            row_push(t, row,
                     isfinite(points[i]) ? q_round(q_number(100 * points[i]), 3)
                                         : q_none(why));
    for (size_t i = 0; i < 3; i++)
        if (!o->has_gap)
            row_node(row, NULL);
        else
            row_push(t, row,
                     isfinite(ratios[i]) ? q_round(q_number(ratios[i]), 4)
                                         : q_none(why));
}

static void outcome_row(struct doc *d, struct sheet *t,
                        const struct release_outcome *o, struct fields f,
                        bool indicator)
{
    const struct outcome *from = o->from;
    struct node *row = sheet_row(t);

    if (indicator) {
        sheet_term(t, from->indicator, indicator_name(d, from->indicator));
        row_say(t, row, from->indicator);
    }
    sheet_term(t, from->group, group_name(d, from->group));
    row_say(t, row, from->group);
    if (indicator)
        row_say(t, row, text_given(from->area) ? from->area : NULL);
    row_say(t, row, from->period);
    if (f.sex)
        row_say(t, row, text_given(from->sex) ? from->sex : NULL);
    if (f.age)
        row_say(t, row, text_given(from->age) ? from->age : NULL);
    row_push(t, row, q_round(outcome_number(o, o->value), 6));
    row_push(t, row, q_round(outcome_number(o, o->low), 6));
    row_push(t, row, q_round(outcome_number(o, o->high), 6));
    row_push(t, row, q_of(o->numerator));
    row_push(t, row, q_of(o->denominator));
    row_say(t, row, o->has_gap ? o->against : NULL);
    gap_cells(t, row, o);
}

static void outcome_notes(struct doc *d, struct sheet *t, struct fields f)
{
    sheet_term(t, "majority", d->majority);
    if (f.sex) {
        sheet_term(t, "female", names_of(d, N_("Women")));
        sheet_term(t, "male", names_of(d, N_("Men")));
        sheet_term(t, "other", names_of(d, N_("Other sex")));
    }
    sheet_note(t, names_of(d, N_("Intervals hold the true share in 95 of 100 "
                                 "samples: Wilson (1927) for shares, Newcombe "
                                 "(1998, method 10) for gaps, Katz and others "
                                 "(1978) for ratios.")));
}

static struct fields fields_used(const struct release_outcome *o, size_t n)
{
    struct fields f = {false, false};

    for (size_t i = 0; i < n; i++) {
        f.sex |= text_given(o[i].from->sex);
        f.age |= text_given(o[i].from->age);
    }
    return f;
}

/* Of the whole city, everyone, in the last period: what a figure shows. */
static bool row_headline(const struct release_outcome *o, const char *indicator,
                         const char *period)
{
    return strcmp(o->from->indicator, indicator) == 0 &&
           strcmp(o->from->period, period) == 0 && !text_given(o->from->area) &&
           !text_given(o->from->sex) && !text_given(o->from->age);
}

static const char *last_period(const struct release_outcome *o, size_t n,
                               const char *indicator)
{
    const char *last = NULL;

    for (size_t i = 0; i < n; i++)
        if (strcmp(o[i].from->indicator, indicator) == 0 &&
            !text_given(o[i].from->area) && !text_given(o[i].from->sex) &&
            !text_given(o[i].from->age) &&
            (!last || strcmp(o[i].from->period, last) > 0))
            last = o[i].from->period;
    return last;
}

static struct node *indicator_table(struct doc *d, const char *indicator)
{
    size_t n;
    const struct release_outcome *o = release_outcomes(d->r, &n);
    const char *period = last_period(o, n, indicator);
    const struct fields none = {false, false};
    struct sheet t;

    if (!period)
        return NULL;
    t = sheet_new(d, arena_printf(d->arena, "outcome-%s", indicator),
                  indicator_name(d, indicator), "share", period, "outcomes");
    outcome_columns(d, &t, none, false);
    for (size_t i = 0; i < n; i++)
        if (row_headline(&o[i], indicator, period))
            outcome_row(d, &t, &o[i], none, false);
    outcome_notes(d, &t, none);
    return t.node;
}

void part_outcomes(struct doc *d)
{
    size_t n;
    const struct release_outcome *o = release_outcomes(d->r, &n);
    struct fields f = fields_used(o, n);
    struct node *part, *tables;
    struct dict indicators;
    struct sheet t;

    if (n == 0) {
        node_set(d->root, "outcomes",
                 part_absent(d, N_("The package has no outcomes; a table of "
                                   "indicators by group (school, work, "
                                   "housing, health) would show them.")));
        return;
    }
    part = node_set(d->root, "outcomes", node_object(d->arena));
    t = sheet_new(d, "outcomes", names_of(d, N_("Outcomes by group")), "share",
                  NULL, "outcomes");
    outcome_columns(d, &t, f, true);
    dict_init(&indicators, d->arena);
    for (size_t i = 0; i < n; i++) {
        dict_intern(&indicators, str_of(o[i].from->indicator));
        outcome_row(d, &t, &o[i], f, true);
    }
    outcome_notes(d, &t, f);
    node_set(part, "table", t.node);
    tables = node_set(part, "indicators", node_list(d->arena));
    for (uint32_t i = 0; i < indicators.n; i++) {
        struct node *one = indicator_table(d, dict_cstr(&indicators, i));

        if (one)
            node_push(tables, one);
    }
}

void part_flows(struct doc *d)
{
    size_t n;
    const struct release_flow *f = release_flows(d->r, &n);
    struct sheet t;

    if (n == 0) {
        node_set(d->root, "flows",
                 part_absent(d, N_("The package has no flows; a table of moves "
                                   "to, from and inside the city would show "
                                   "them.")));
        return;
    }
    t = sheet_new(d, "flows-by-period", names_of(d, N_("Moves by period")),
                  "moves", f[n - 1].period, "flows");
    sheet_column(&t, "period", names_of(d, N_("Period")), "period", NULL);
    sheet_column(&t, "arrivals", names_of(d, N_("Arrivals")), "number",
                 "moves");
    sheet_column(&t, "departures", names_of(d, N_("Departures")), "number",
                 "moves");
    sheet_column(&t, "net", names_of(d, N_("Arrivals less departures")),
                 "number", "moves");
    sheet_column(&t, "internal", names_of(d, N_("Moves inside the city")),
                 "number", "moves");
    for (size_t i = 0; i < n; i++) {
        struct node *row = sheet_row(&t);
        struct quantity in = q_of(f[i].arrivals), out = q_of(f[i].departures);

        row_say(&t, row, f[i].period);
        row_push(&t, row, in);
        row_push(&t, row, out);
        row_push(&t, row, q_minus(in, out));
        row_push(&t, row, q_of(f[i].internal));
    }
    node_set(node_set(d->root, "flows", node_object(d->arena)), "table",
             t.node);
}
