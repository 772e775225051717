/*
 * outcomes.c: shares by group, with intervals, gaps and ratios.
 *
 * A row gives a numerator x of a denominator n; n - x is as good as shown, so
 * it is protected like x. Rows that add up to another row (areas to the city,
 * sexes, ages, origins to the migrants, both groups to everyone) are lines of
 * one system, found by their sums.
 */
#include "protect/build.h"

#include <math.h>
#include <string.h>

#include "protect/interval.h"
#include "protect/suppress.h"

enum { VALUE_X, VALUE_REST, VALUE_N, VALUES };
enum dimension { BY_AREA, BY_SEX, BY_AGE, BY_GROUP, DIMENSIONS };

struct outcomes {
    struct release *r;
    const struct outcome *rows;
    size_t n;
    struct suppress s; /* VALUES cells a row */
    uint32_t *key;     /* of each row, in the dimension at hand */
    uint32_t *next;    /* rows with the same key */
    uint32_t *first;   /* of each key */
};

static bool row_known(const struct outcome *o)
{
    return o->numerator >= 0 && o->denominator >= o->numerator;
}

static const char *row_field(const struct outcome *o, enum dimension d)
{
    switch (d) {
    case BY_AREA:
        return o->area;
    case BY_SEX:
        return o->sex;
    case BY_AGE:
        return o->age;
    default:
        return o->group;
    }
}

/* Everything that says which row it is, but for one dimension. */
static const char *row_key(struct arena *a, const struct outcome *o,
                           enum dimension without)
{
    const char *f[DIMENSIONS];

    for (enum dimension d = 0; d < DIMENSIONS; d++)
        f[d] = d == without ? "" : row_field(o, d);
    return arena_printf(a, "%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s", o->indicator,
                        o->period, f[BY_AREA], f[BY_SEX], f[BY_AGE],
                        f[BY_GROUP]);
}

enum group_class { GROUP_MAJORITY, GROUP_MIGRANTS, GROUP_ORIGIN, GROUP_OTHER };

static enum group_class group_class(const struct outcomes *t, const char *group)
{
    const struct dict *d = cube_dict(t->r->in->cube, DIM_ORIGIN);
    uint32_t o;

    if (strcmp(group, "majority") == 0)
        return GROUP_MAJORITY;
    if (strcmp(group, "migrants") == 0)
        return GROUP_MIGRANTS;
    o = dict_find(d, str_of(group));
    if (o == DICT_NONE)
        return GROUP_OTHER;
    return t->r->migrant[o] ? GROUP_ORIGIN : GROUP_MAJORITY;
}

/* Whether `part` may be one of the rows that add up to `total`. */
static bool row_part(const struct outcomes *t, enum dimension d,
                     const struct outcome *total, const struct outcome *part)
{
    enum group_class a, b;

    if (d != BY_GROUP)
        return !row_field(total, d)[0] && row_field(part, d)[0];
    a = group_class(t, total->group);
    b = group_class(t, part->group);
    return (a == GROUP_MIGRANTS && b == GROUP_ORIGIN) ||
           (a == GROUP_OTHER && (b == GROUP_MAJORITY || b == GROUP_MIGRANTS));
}

static void rows_link(struct outcomes *t, enum dimension d)
{
    struct dict keys;

    dict_init(&keys, t->r->arena);
    for (size_t i = 0; i < t->n; i++)
        t->key[i] =
            dict_intern(&keys, str_of(row_key(t->r->arena, &t->rows[i], d)));
    for (size_t i = 0; i < t->n; i++)
        t->first[i] = DICT_NONE;
    for (size_t i = t->n; i-- > 0;) {
        t->next[i] = t->first[t->key[i]];
        t->first[t->key[i]] = (uint32_t)i;
    }
}

static void line_try(struct outcomes *t, enum dimension d, uint32_t total)
{
    const struct outcome *whole = &t->rows[total];
    int64_t x = 0, n = 0;
    size_t parts = 0;

    for (uint32_t i = t->first[t->key[total]]; i != DICT_NONE; i = t->next[i])
        if (row_known(&t->rows[i]) && row_part(t, d, whole, &t->rows[i])) {
            x += t->rows[i].numerator;
            n += t->rows[i].denominator;
            parts++;
        }
    if (parts == 0 || x != whole->numerator || n != whole->denominator)
        return;
    for (uint32_t v = 0; v < VALUES; v++) {
        suppress_line(&t->s, total * VALUES + v);
        for (uint32_t i = t->first[t->key[total]]; i != DICT_NONE;
             i = t->next[i])
            if (row_known(&t->rows[i]) && row_part(t, d, whole, &t->rows[i]))
                suppress_part(&t->s, i * VALUES + v);
    }
}

static void lines_make(struct outcomes *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        const struct outcome *o = &t->rows[i];

        if (!row_known(o))
            continue;
        t->s.count[i * VALUES + VALUE_X] = o->numerator;
        t->s.count[i * VALUES + VALUE_REST] = o->denominator - o->numerator;
        t->s.count[i * VALUES + VALUE_N] = o->denominator;
        suppress_line(&t->s, i * VALUES + VALUE_N);
        suppress_part(&t->s, i * VALUES + VALUE_X);
        suppress_part(&t->s, i * VALUES + VALUE_REST);
    }
    for (enum dimension d = 0; d < DIMENSIONS; d++) {
        rows_link(t, d);
        for (uint32_t i = 0; i < t->n; i++)
            if (row_known(&t->rows[i]))
                line_try(t, d, i);
    }
}

static struct cell row_cell(const struct outcomes *t, size_t row, int value)
{
    const struct outcome *o = &t->rows[row];
    int64_t count = value == VALUE_X ? o->numerator : o->denominator;

    if (count < 0 || !row_known(o))
        return (struct cell){0, CELL_MISSING};
    if (t->s.state[row * VALUES + (size_t)value] != SUPPRESS_OPEN)
        return (struct cell){0, CELL_WITHHELD};
    return (struct cell){count, CELL_COUNT};
}

static bool row_shown(const struct release_outcome *o)
{
    return o->numerator.state == CELL_COUNT &&
           o->denominator.state == CELL_COUNT && o->denominator.count > 0;
}

static void row_compare(struct release_outcome *o,
                        const struct release_outcome *with)
{
    struct interval gap, ratio;

    o->has_gap = true;
    o->against = with->from->group;
    if (!row_shown(o) || !row_shown(with) ||
        interval_difference(o->numerator.count, o->denominator.count,
                            with->numerator.count, with->denominator.count,
                            &gap) != RC_OK ||
        interval_ratio(o->numerator.count, o->denominator.count,
                       with->numerator.count, with->denominator.count,
                       &ratio) != RC_OK)
        return;
    o->gap = gap.value;
    o->gap_low = gap.low;
    o->gap_high = gap.high;
    o->ratio = ratio.value;
    o->ratio_low = ratio.low;
    o->ratio_high = ratio.high;
}

static void row_fill(const struct outcomes *t, size_t i,
                     struct release_outcome *o)
{
    struct interval share;

    *o = (struct release_outcome){
        .from = &t->rows[i],
        .numerator = row_cell(t, i, VALUE_X),
        .denominator = row_cell(t, i, VALUE_N),
        .value = NAN,
        .low = NAN,
        .high = NAN,
        .gap = NAN,
        .gap_low = NAN,
        .gap_high = NAN,
        .ratio = NAN,
        .ratio_low = NAN,
        .ratio_high = NAN,
    };
    if (row_shown(o) && interval_share(o->numerator.count, o->denominator.count,
                                       &share) == RC_OK) {
        o->value = share.value;
        o->low = share.low;
        o->high = share.high;
    }
}

enum rc outcomes_make(struct release *r, struct err *err)
{
    const struct package *p = r->in->package;
    struct outcomes t = {.r = r, .rows = p->outcomes, .n = p->n_outcomes};

    if (t.n == 0)
        return RC_OK;
    if (t.n > UINT32_MAX / 64)
        return err_set(err, RC_LIMIT, N_("there are %zu outcomes, too many"),
                       t.n);
    suppress_init(&t.s, (uint32_t)t.n * VALUES, r->arena);
    t.key = arena_array(r->arena, uint32_t, t.n);
    t.next = arena_array(r->arena, uint32_t, t.n);
    t.first = arena_array(r->arena, uint32_t, t.n);
    lines_make(&t);
    suppress_run(&t.s, r->threshold, r->threshold > 1);
    r->n_outcomes = t.n;
    r->outcomes = arena_array(r->arena, struct release_outcome, t.n);
    for (size_t i = 0; i < t.n; i++)
        row_fill(&t, i, &r->outcomes[i]);
    rows_link(&t, BY_GROUP);
    for (size_t i = 0; i < t.n; i++) {
        if (group_class(&t, t.rows[i].group) == GROUP_MAJORITY)
            continue;
        for (uint32_t k = t.first[t.key[i]]; k != DICT_NONE; k = t.next[k])
            if (group_class(&t, t.rows[k].group) == GROUP_MAJORITY) {
                row_compare(&r->outcomes[i], &r->outcomes[k]);
                break;
            }
    }
    return RC_OK;
}
