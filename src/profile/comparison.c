#include "profile/comparison.h"

#include <math.h>
#include <stdlib.h>

#define FALSE_SHARE 0.05
#define AREAS_FACTOR 2.0 /* mean residents an area: beyond, kept apart */
#define ORIGINS_FACTOR 1.2
#define LEVEL 0.95
enum { ORIGINS_MOST = 10 };

struct making {
    const struct node *doc[2];
    bool same_city;
    struct arena *arena;
    struct comparison *out;
    bool groups_apart, areas_apart, city_apart;
};

const char *comparison_verdict_code(enum comparison_verdict v)
{
    static const char *const codes[COMPARED_VERDICTS] = {
        [COMPARED_UP] = "up",         [COMPARED_DOWN] = "down",
        [COMPARED_NOISE] = "noise",   [COMPARED_COUNTED] = "counted",
        [COMPARED_UNSURE] = "unsure", [COMPARED_BOUND] = "bound",
        [COMPARED_BESIDE] = "beside", [COMPARED_APART] = "apart",
        [COMPARED_NONE] = "none",
    };

    return codes[v];
}

/* ---- warnings ---- */

static void warn(struct making *m, const char *code, const char *message,
                 const struct node *from, const struct node *to, bool apart)
{
    for (size_t i = 0; i < m->out->n_warnings; i++)
        if (strcmp(m->out->warnings[i].message, message) == 0)
            return; /* said once */
    VEC_PUSH(m->arena, m->out->warnings, m->out->n_warnings,
             m->out->cap_warnings) =
        (struct comparison_warning){code, message, from, to, apart};
}

static const struct node *at(const struct making *m, int side, const char *path)
{
    return node_path(m->doc[side], path);
}

static bool same(const struct node *a, const struct node *b)
{
    AUTO(buf) struct buf x = {.ceiling = BUF_CEILING};
    AUTO(buf) struct buf y = {.ceiling = BUF_CEILING};

    if (a)
        node_write(a, false, &x);
    if (b)
        node_write(b, false, &y);
    return str_eq(buf_str(&x), buf_str(&y));
}

static bool same_basis(const struct making *m)
{
    const char *a = node_cstr(at(m, 0, "basis.code"), NULL);
    const char *b = node_cstr(at(m, 1, "basis.code"), NULL);

    if (a && b)
        return strcmp(a, b) == 0;
    return !a && !b && same(at(m, 0, "basis.text"), at(m, 1, "basis.text"));
}

/* The majority is the city's own country and nothing else. */
static bool own_country(const struct making *m, int side)
{
    const struct node *majority = at(m, side, "majority");

    return node_len(majority) == 1 &&
           strcmp(node_cstr(node_at(majority, 0), ""),
                  node_cstr(at(m, side, "city.country"), "?")) == 0;
}

static const struct node *majority_text(const struct making *m, int side)
{
    const struct node *majority = at(m, side, "majority");
    struct node *list = node_list(m->arena);

    for (size_t i = 0; i < node_len(majority); i++) {
        const char *code = node_cstr(node_at(majority, i), "");
        const struct node *names = node_get(at(m, side, "names.origins"), code);

        node_push(list,
                  names ? (struct node *)names : node_text(m->arena, code));
    }
    return list;
}

static void judge_groups(struct making *m)
{
    bool majority = m->same_city
                        ? same(at(m, 0, "majority"), at(m, 1, "majority"))
                        : own_country(m, 0) && own_country(m, 1);

    if (!same_basis(m)) {
        m->groups_apart = true;
        warn(m, "basis",
             N_("Origin is told by {from} in one and by {to} in the other: "
                "what depends on it is not compared."),
             at(m, 0, "basis.text"), at(m, 1, "basis.text"), true);
    }
    if (!majority) {
        m->groups_apart = true;
        warn(m, "classes",
             N_("The majority is {from} in one and {to} in the other: what "
                "depends on who is a migrant is not compared."),
             majority_text(m, 0), majority_text(m, 1), true);
    }
}

static double number_at(const struct making *m, int side, const char *path)
{
    return node_number(node_get(at(m, side, path), "value"), NAN);
}

static bool beyond(double a, double b, double factor)
{
    return isnan(a) || isnan(b) || a > factor * b || b > factor * a;
}

static struct node *rounded(const struct making *m, double v)
{
    return isnan(v) ? node_text(m->arena, "?")
                    : node_int(m->arena, (int64_t)llround(v));
}

/* Indices depend on how the city is cut into areas. */
static void judge_areas(struct making *m)
{
    double areas[2], size[2], origins[2];

    for (int i = 0; i < 2; i++) {
        areas[i] = number_at(m, i, "city.areas");
        size[i] = number_at(m, i, "population.total") / areas[i];
        origins[i] = number_at(m, i, "origins.number");
    }
    if (m->same_city ? areas[0] != areas[1]
                     : beyond(size[0], size[1], AREAS_FACTOR)) {
        m->areas_apart = true;
        warn(m, "areas",
             m->same_city
                 ? N_("The city is cut into {from} areas in one and {to} in "
                      "the other: measures of where people live are not "
                      "compared.")
                 : N_("An area has {from} residents on average in one city "
                      "and {to} in the other: measures of where people live "
                      "are not compared."),
             rounded(m, m->same_city ? areas[0] : size[0]),
             rounded(m, m->same_city ? areas[1] : size[1]), true);
    } else if (!m->same_city) {
        warn(m, "areas",
             N_("Measures of where people live depend on how areas are drawn; "
                "an area has {from} residents on average in one city and {to} "
                "in the other."),
             rounded(m, size[0]), rounded(m, size[1]), false);
    }
    if (beyond(origins[0], origins[1], ORIGINS_FACTOR)) {
        m->city_apart = true;
        warn(m, "origins",
             N_("{from} origins are told apart in one and {to} in the other: "
                "measures of all groups together are not compared."),
             rounded(m, origins[0]), rounded(m, origins[1]), true);
    }
}

static int year_of(const struct node *period)
{
    const char *text = node_cstr(period, "");
    int64_t year;

    return str_i64((struct str){text, MIN(strlen(text), (size_t)4)}, &year)
               ? (int)year
               : 0;
}

static void judge_the_rest(struct making *m)
{
    const struct node *from = at(m, 0, "period"), *to = at(m, 1, "period");
    int years = abs(year_of(from) - year_of(to));

    if (m->same_city && same(from, to))
        warn(m, "period",
             N_("Both speak of the same period: what differs was corrected or "
                "counted anew."),
             from, to, false);
    if (!m->same_city && years > 1)
        warn(m, "period",
             N_("The data are of {from} in one city and of {to} in the other."),
             from, to, false);
    if (!same(at(m, 0, "protection.applied"), at(m, 1, "protection.applied")) ||
        !same(at(m, 0, "protection.below"), at(m, 1, "protection.below")))
        warn(m, "protection",
             N_("Small counts are protected by different rules: below {from} "
                "in one and below {to} in the other."),
             at(m, 0, "protection.below"), at(m, 1, "protection.below"), false);
    if (!same(at(m, 0, "generator.version"), at(m, 1, "generator.version")))
        warn(m, "versions",
             N_("They were computed by different versions of the program: "
                "{from} and {to}."),
             at(m, 0, "generator.version"), at(m, 1, "generator.version"),
             false);
    for (int i = 0; i < 2; i++) {
        const struct node *f = at(m, i, "fictional");

        if (f && f->kind == NODE_BOOL && f->boolean) {
            warn(m, "fictional", N_("Some of these numbers are invented."),
                 NULL, NULL, false);
            break;
        }
    }
}

/* ---- values ---- */

static struct comparison_value no_value(void)
{
    return (struct comparison_value){STATE_NONE, NAN, NAN, NAN, LEVEL};
}

static enum profile_state state_of(const struct node *number)
{
    static const char *const names[] = {
        [STATE_AT_LEAST] = "at-least", [STATE_APPROXIMATE] = "approximate",
        [STATE_WITHHELD] = "withheld", [STATE_SOURCE] = "source",
        [STATE_MISSING] = "missing",   [STATE_UNDEFINED] = "undefined"};
    const char *status = node_cstr(node_get(number, "status"), "");

    for (int i = STATE_AT_LEAST; i <= STATE_UNDEFINED; i++)
        if (strcmp(status, names[i]) == 0)
            return (enum profile_state)i;
    return node_is_number(node_get(number, "value")) ? STATE_PLAIN
                                                     : STATE_MISSING;
}

/* Of a Number; what its interval is about is the debiased value. */
static struct comparison_value value_of(const struct node *number)
{
    struct comparison_value out = no_value();

    if (!number)
        return out;
    out.state = state_of(number);
    out.v = node_number(node_get(number, "value"), NAN);
    out.low = node_number(node_get(number, "low"), NAN);
    out.high = node_number(node_get(number, "high"), NAN);
    out.level = node_number(node_get(number, "level"), LEVEL);
    if (!isnan(out.low) && !isnan(out.high))
        out.v = node_number(node_get(number, "debiased"), out.v);
    return out;
}

static size_t column_of(const struct node *table, const char *code)
{
    const struct node *columns = node_get(table, "columns");
    size_t i = 0;

    while (i < node_len(columns) &&
           strcmp(node_cstr(node_get(node_at(columns, i), "code"), ""), code))
        i++;
    return i < node_len(columns) ? i : SIZE_MAX;
}

static const struct node *cell(const struct node *table, const struct node *row,
                               const char *code)
{
    size_t column = column_of(table, code);

    return column == SIZE_MAX ? NULL : node_at(row, column);
}

static bool is_text(const struct node *n)
{
    return n && n->kind == NODE_TEXT;
}

/* The row whose first column is `code`, of everybody where the table tells
 * sexes and ages apart. */
static const struct node *row_of(const struct node *table, const char *code)
{
    const struct node *rows = node_get(table, "rows");

    for (size_t i = 0; i < node_len(rows); i++) {
        const struct node *row = node_at(rows, i);

        if (strcmp(node_cstr(node_at(row, 0), ""), code) == 0 &&
            !is_text(cell(table, row, "sex")) &&
            !is_text(cell(table, row, "age")))
            return row;
    }
    return NULL;
}

static struct comparison_value value_in(const struct node *table,
                                        const struct node *row,
                                        const char *value, const char *low,
                                        const char *high)
{
    struct comparison_value out = no_value();
    const struct node *number;

    if (!row || !cell(table, row, value))
        return out;
    out.state = profile_cell(cell(table, row, value), &number);
    out.v = node_number(number, NAN);
    if (low)
        out.low = node_number(cell(table, row, low), NAN);
    if (high)
        out.high = node_number(cell(table, row, high), NAN);
    return out;
}

/* ---- differences ---- */

static bool has_interval(const struct comparison_value *v)
{
    return !isnan(v->low) && !isnan(v->high);
}

static bool known(const struct comparison_value *v)
{
    return v->state <= STATE_APPROXIMATE && !isnan(v->v);
}

static double scale_of(const struct comparison_row *row)
{
    return strcmp(row->unit, "share") == 0 ? 100 : 1;
}

static void interval(struct comparison_row *row)
{
    const struct comparison_value *a = &row->from, *b = &row->to;
    double d = b->v - a->v, scale = scale_of(row);
    double se;

    row->low = scale * (d - hypot(b->v - b->low, a->high - a->v));
    row->high = scale * (d + hypot(b->high - b->v, a->v - a->low));
    se = (row->high - row->low) / (2 * 1.959963984540054);
    if (se > 0)
        row->p = erfc(fabs(row->difference) / se / M_SQRT2);
    else
        row->p = d == 0 ? 1 : 0;
}

static bool is_count(const struct comparison_row *row)
{
    return strcmp(row->section, "population") == 0 ||
           strcmp(row->section, "origins") == 0 ||
           strcmp(row->section, "services") == 0;
}

static void judge(struct comparison_row *row, bool apart, bool beside)
{
    row->difference = row->low = row->high = row->p = NAN;
    row->difference_unit =
        strcmp(row->unit, "share") == 0 ? "points" : row->unit;
    if (!known(&row->from) || !known(&row->to)) {
        row->verdict = COMPARED_NONE;
        return;
    }
    if (apart || beside) {
        row->verdict = apart ? COMPARED_APART : COMPARED_BESIDE;
        return;
    }
    if (row->from.state != STATE_PLAIN || row->to.state != STATE_PLAIN) {
        row->verdict = COMPARED_BOUND;
        return;
    }
    row->difference = scale_of(row) * (row->to.v - row->from.v);
    row->verdict = is_count(row) ? COMPARED_COUNTED : COMPARED_UNSURE;
    if (has_interval(&row->from) && has_interval(&row->to) &&
        row->from.level == LEVEL && row->to.level == LEVEL) {
        interval(row);
        row->verdict = COMPARED_NOISE; /* until found_sure */
    }
}

static void add(struct making *m, struct comparison_row row, bool apart,
                bool beside)
{
    if (row.from.state == STATE_NONE && row.to.state == STATE_NONE)
        return;
    judge(&row, apart, beside);
    VEC_PUSH(m->arena, m->out->rows, m->out->n, m->out->cap) = row;
}

/* ---- the parts ---- */

static const char *unit_of(const struct node *number)
{
    return node_cstr(node_get(number, "unit"), "none");
}

static void add_numbers(struct making *m, const char *section, const char *path,
                        const struct node *a, const struct node *b, bool apart,
                        bool beside)
{
    struct comparison_row row = {.section = section,
                                 .path = path,
                                 .label = node_get(a ? a : b, "label"),
                                 .unit = unit_of(a ? a : b),
                                 .from = value_of(a),
                                 .to = value_of(b)};

    if (a && b && strcmp(unit_of(a), unit_of(b)) != 0) {
        warn(m, "units",
             N_("Some numbers are in different units: {from} and {to}."),
             node_get(a, "unit"), node_get(b, "unit"), true);
        apart = true;
    }
    add(m, row, apart, beside);
}

static void add_population(struct making *m)
{
    static const struct {
        const char *path;
        bool groups, count;
    } paths[] = {{"population.total", false, true},
                 {"population.density", false, false},
                 {"population.migrants", true, true},
                 {"population.migrants_share", true, false}};

    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        add_numbers(m, "population", paths[i].path, at(m, 0, paths[i].path),
                    at(m, 1, paths[i].path), paths[i].groups && m->groups_apart,
                    paths[i].count && !m->same_city);
}

static const struct node *find_code(const struct node *list, const char *code)
{
    for (size_t i = 0; i < node_len(list); i++)
        if (strcmp(node_cstr(node_get(node_at(list, i), "code"), ""), code) ==
            0)
            return node_at(list, i);
    return NULL;
}

static void add_measures(struct making *m, const char *section, bool apart)
{
    const char *path = arena_printf(m->arena, "measures.%s", section);
    const struct node *from = at(m, 0, path), *to = at(m, 1, path);

    for (size_t i = 0; i < node_len(to); i++) {
        const struct node *b = node_at(to, i);
        const char *code = node_cstr(node_get(b, "code"), "");
        const struct node *a = find_code(from, code);

        if (a)
            add_numbers(m, section, arena_printf(m->arena, "%s.%s", path, code),
                        a, b, apart || m->groups_apart || m->areas_apart,
                        false);
    }
}

static const struct node *origin_name(const struct making *m, const char *code)
{
    const struct node *name = node_get(at(m, 1, "names.origins"), code);

    return name ? name : node_get(at(m, 0, "names.origins"), code);
}

/* The largest of one side that are not in the list yet. */
static size_t leading(const struct making *m, int side, const char **codes,
                      size_t n)
{
    const struct node *table = at(m, side, "origins.table");
    const struct node *rows = node_get(table, "rows");
    size_t taken = 0;

    for (size_t i = 0; i < node_len(rows) && taken < ORIGINS_MOST; i++) {
        const char *code = node_cstr(node_at(node_at(rows, i), 0), "");
        bool there = false;

        taken++;
        for (size_t k = 0; k < n && !there; k++)
            there = strcmp(codes[k], code) == 0;
        if (!there)
            codes[n++] = code;
    }
    return n;
}

static void add_origins(struct making *m)
{
    const char *codes[2 * ORIGINS_MOST];
    size_t n = leading(m, 0, codes, leading(m, 1, codes, 0));
    const struct node *from = at(m, 0, "origins.table");
    const struct node *to = at(m, 1, "origins.table");

    for (size_t i = 0; i < n; i++) {
        struct comparison_row row = {
            .section = "origins",
            .path = arena_printf(m->arena, "origins.%s.share", codes[i]),
            .label = origin_name(m, codes[i]),
            .unit = "share",
            .from = value_in(from, row_of(from, codes[i]), "share", NULL, NULL),
            .to = value_in(to, row_of(to, codes[i]), "share", NULL, NULL)};

        add(m, row, m->groups_apart, false);
    }
}

static const struct node *term_of(const struct node *table, const char *code)
{
    return node_get(node_get(table, "terms"), code);
}

static void add_outcome(struct making *m, const struct node *a,
                        const struct node *b)
{
    static const struct {
        const char *group, *value, *low, *high, *unit;
        bool groups;
    } rows[] = {{"migrants", "value", "low", "high", "share", true},
                {"majority", "value", "low", "high", "share", true},
                {"migrants", "gap", "gap_low", "gap_high", "points", true}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct node *column =
            node_at(node_get(b, "columns"), column_of(b, "gap"));
        bool gap = strcmp(rows[i].value, "gap") == 0;
        struct comparison_row row = {
            .section = gap ? "gaps" : "outcomes",
            .path = arena_printf(m->arena, "%s.%s.%s",
                                 node_cstr(node_get(b, "code"), ""),
                                 rows[i].group, rows[i].value),
            .label = node_get(b, "title"),
            .of = gap ? node_get(column, "label") : term_of(b, rows[i].group),
            .unit = rows[i].unit,
            .from = value_in(a, row_of(a, rows[i].group), rows[i].value,
                             rows[i].low, rows[i].high),
            .to = value_in(b, row_of(b, rows[i].group), rows[i].value,
                           rows[i].low, rows[i].high)};

        add(m, row, m->groups_apart, false);
    }
}

static void add_outcomes(struct making *m)
{
    const struct node *from = at(m, 0, "outcomes.indicators");
    const struct node *to = at(m, 1, "outcomes.indicators");

    for (size_t i = 0; i < node_len(to); i++) {
        const struct node *b = node_at(to, i);
        const struct node *a =
            find_code(from, node_cstr(node_get(b, "code"), ""));

        if (a)
            add_outcome(m, a, b);
    }
}

static void add_services(struct making *m)
{
    const struct node *from = at(m, 0, "access.services");
    const struct node *to = at(m, 1, "access.services");
    const struct node *rows = node_get(to, "rows");

    for (size_t i = 0; i < node_len(rows); i++) {
        const char *kind = node_cstr(node_at(node_at(rows, i), 0), "");
        const struct node *a = row_of(from, kind);
        struct comparison_row row = {
            .section = "services",
            .path =
                arena_printf(m->arena, "access.services.%s.per_10000", kind),
            .label = term_of(to, kind),
            .unit = "per 10000 residents",
            .from = value_in(from, a, "per_10000", NULL, NULL),
            .to = value_in(to, node_at(rows, i), "per_10000", NULL, NULL)};

        if (a)
            add(m, row, false, false);
    }
}

/* ---- what is sure ---- */

static int by_p(const void *x, const void *y)
{
    const struct comparison_row *const *a = x, *const *b = y;

    return ((*a)->p > (*b)->p) - ((*a)->p < (*b)->p);
}

static void find_sure(struct making *m)
{
    struct comparison *c = m->out;
    struct comparison_row **order =
        arena_array(m->arena, struct comparison_row *, c->n + 1);
    size_t n = 0, last = 0;

    for (size_t i = 0; i < c->n; i++)
        if (c->rows[i].verdict == COMPARED_NOISE)
            order[n++] = &c->rows[i];
    if (n)
        qsort(order, n, sizeof *order, by_p);
    for (size_t i = 0; i < n; i++)
        if (order[i]->p <= FALSE_SHARE * (double)(i + 1) / (double)n)
            last = i + 1;
    for (size_t i = 0; i < last; i++) {
        if (order[i]->low <= 0 && order[i]->high >= 0)
            continue;
        order[i]->verdict =
            order[i]->difference > 0 ? COMPARED_UP : COMPARED_DOWN;
        c->sure++;
    }
    c->with_interval = n;
}

void comparison_make(const struct node *from, const struct node *to,
                     bool same_city, struct arena *a, struct comparison *out)
{
    struct making m = {
        .doc = {from, to}, .same_city = same_city, .arena = a, .out = out};

    *out = (struct comparison){0};
    judge_groups(&m);
    judge_areas(&m);
    judge_the_rest(&m);
    add_population(&m);
    add_origins(&m);
    add_measures(&m, "migrants", false);
    add_measures(&m, "city", m.city_apart);
    add_outcomes(&m);
    add_services(&m);
    find_sure(&m);
}
