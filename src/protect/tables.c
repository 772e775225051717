/*
 * tables.c: the tables of a release and the lines that tie them together.
 *
 * Every published sum is a line: a reader can take the parts from the total.
 * Over one period: T the city, G its two groups, A areas, AG area x group,
 * O origins, AO area x origin, GS group x sex, GSA group x sex x age; groups
 * are the majority, the migrants, then one an origin.
 *     T = sum G = sum A = sum O             G = sum O of the group = sum AG
 *     A = sum AG = sum AO                   AG = sum AO of the group
 *     O = sum of AO over areas = sum of GS over sexes
 *     GS = sum of GSA over ages             GS, GSA of the two = sums over O
 */
#include "protect/build.h"
#include "protect/suppress.h"

#include <string.h>

struct plan {
    struct release *r;
    size_t areas, origins, sexes, ages;
    bool has_sex, has_age;
    uint32_t t, g, a, ag, o, ao, gs, gsa, n; /* first cell of each table */
    struct suppress s;
    uint8_t *flags; /* per cell */
};
enum { FLAG_SOURCE = 1, FLAG_MISSING = 2 };

static bool dict_any(const struct dict *d)
{
    for (uint32_t i = 0; i < d->n; i++)
        if (dict_text(d, i).n > 0)
            return true;
    return false;
}

static enum rc plan_make(struct plan *p, struct err *err)
{
    const struct cube *c = p->r->in->cube;

    p->areas = p->r->n_areas;
    p->origins = p->r->n_origins;
    p->sexes = cube_dict(c, DIM_SEX)->n;
    p->ages = cube_dict(c, DIM_AGE)->n;
    p->has_sex = dict_any(cube_dict(c, DIM_SEX));
    p->has_age = dict_any(cube_dict(c, DIM_AGE));

    size_t groups = p->origins + 2, gs = groups * p->sexes;
    size_t n = 3 + 3 * p->areas + p->origins + p->areas * p->origins + gs +
               gs * p->ages;

    if (n > UINT32_MAX / 8)
        return err_set(err, RC_LIMIT,
                       N_("the tables would have %zu cells, too many"), n);
    p->t = 0;
    p->g = 1;
    p->a = 3;
    p->ag = p->a + (uint32_t)p->areas;
    p->o = p->ag + 2 * (uint32_t)p->areas;
    p->ao = p->o + (uint32_t)p->origins;
    p->gs = p->ao + (uint32_t)(p->areas * p->origins);
    p->gsa = p->gs + (uint32_t)gs;
    p->n = (uint32_t)n;
    return RC_OK;
}

static void cell_add(struct plan *p, uint32_t cell, int64_t count,
                     uint8_t flags)
{
    p->s.count[cell] += count;
    p->flags[cell] |= flags;
}

static uint8_t margin_flags(const struct margin *m, size_t i)
{
    return (uint8_t)((m->withheld[i] ? FLAG_SOURCE : 0) |
                     (m->missing[i] ? FLAG_MISSING : 0));
}

static void counts_of_areas(struct plan *p, const struct margin *m)
{
    for (size_t a = 0; a < p->areas; a++)
        for (size_t o = 0; o < p->origins; o++) {
            size_t i = a * p->origins + o;
            uint32_t group = p->r->migrant[o];
            int64_t n = m->count[i];
            uint8_t f = margin_flags(m, i);

            cell_add(p, p->ao + (uint32_t)i, n, f);
            cell_add(p, p->a + (uint32_t)a, n, f);
            cell_add(p, p->ag + 2 * (uint32_t)a + group, n, f);
            cell_add(p, p->o + (uint32_t)o, n, f);
            cell_add(p, p->g + group, n, f);
            cell_add(p, p->t, n, f);
        }
}

static void counts_of_ages(struct plan *p, const struct margin *m)
{
    size_t sexes = p->sexes, ages = p->ages;

    for (size_t o = 0; o < p->origins; o++)
        for (size_t sa = 0; sa < sexes * ages; sa++) {
            size_t i = o * sexes * ages + sa;
            size_t groups[2] = {p->r->migrant[o], o + 2};

            for (size_t k = 0; k < 2; k++) {
                size_t gs = groups[k] * sexes + sa / ages;

                cell_add(p, p->gs + (uint32_t)gs, m->count[i],
                         margin_flags(m, i));
                cell_add(p, p->gsa + (uint32_t)(gs * ages + sa % ages),
                         m->count[i], margin_flags(m, i));
            }
        }
}

/* total = n parts from `first`, `step` apart */
static void line_add(struct plan *p, uint32_t total, uint32_t first, size_t n,
                     size_t step)
{
    suppress_line(&p->s, total);
    for (size_t i = 0; i < n; i++)
        suppress_part(&p->s, first + (uint32_t)(i * step));
}

/* total = the origins of one group, `step` apart from `first` */
static void line_group(struct plan *p, uint32_t total, bool migrants,
                       uint32_t first, size_t step)
{
    suppress_line(&p->s, total);
    for (size_t o = 0; o < p->origins; o++)
        if (p->r->migrant[o] == migrants)
            suppress_part(&p->s, first + (uint32_t)(o * step));
}

static void lines_of_areas(struct plan *p)
{
    uint32_t origins = (uint32_t)p->origins;

    line_add(p, p->t, p->g, 2, 1);
    line_add(p, p->t, p->a, p->areas, 1);
    line_add(p, p->t, p->o, p->origins, 1);
    for (uint32_t g = 0; g < 2; g++) {
        line_add(p, p->g + g, p->ag + g, p->areas, 2);
        line_group(p, p->g + g, g, p->o, 1);
    }
    for (uint32_t o = 0; o < origins; o++)
        line_add(p, p->o + o, p->ao + o, p->areas, p->origins);
    for (uint32_t a = 0; a < p->areas; a++) {
        line_add(p, p->a + a, p->ag + 2 * a, 2, 1);
        line_add(p, p->a + a, p->ao + a * origins, p->origins, 1);
        for (uint32_t g = 0; g < 2; g++)
            line_group(p, p->ag + 2 * a + g, g, p->ao + a * origins, 1);
    }
}

static void lines_of_ages(struct plan *p)
{
    uint32_t sexes = (uint32_t)p->sexes, ages = (uint32_t)p->ages;
    uint32_t groups = (uint32_t)p->origins + 2;

    for (uint32_t g = 0; g < groups; g++) {
        line_add(p, g < 2 ? p->g + g : p->o + g - 2, p->gs + g * sexes, sexes,
                 1);
        for (uint32_t s = 0; s < sexes; s++)
            line_add(p, p->gs + g * sexes + s, p->gsa + (g * sexes + s) * ages,
                     ages, 1);
    }
    for (uint32_t g = 0; g < 2; g++)
        for (uint32_t s = 0; s < sexes; s++) {
            line_group(p, p->gs + g * sexes + s, g, p->gs + (2 * sexes) + s,
                       sexes);
            for (uint32_t i = s * ages; i < (s + 1) * ages; i++)
                line_group(p, p->gsa + g * sexes * ages + i, g,
                           p->gsa + 2 * sexes * ages + i, sexes * ages);
        }
}

/*
 * The tables of areas are a network: from the city to its areas, their groups,
 * through the inner cells to the origins, their groups, and back to the city.
 */
static void network_of_areas(struct plan *p)
{
    struct suppress *s = &p->s;
    uint32_t areas = (uint32_t)p->areas, origins = (uint32_t)p->origins;
    uint32_t by_area = suppress_nodes(s, 1), by_group = suppress_nodes(s, 1);
    uint32_t group = suppress_nodes(s, 2), area = suppress_nodes(s, areas);
    uint32_t area_group = suppress_nodes(s, 2 * p->areas);
    uint32_t origin = suppress_nodes(s, origins);

    suppress_edge(s, p->t, by_group, by_area);
    for (uint32_t g = 0; g < 2; g++)
        suppress_edge(s, p->g + g, group + g, by_group);
    for (uint32_t o = 0; o < origins; o++)
        suppress_edge(s, p->o + o, origin + o, group + p->r->migrant[o]);
    for (uint32_t a = 0; a < areas; a++) {
        suppress_edge(s, p->a + a, by_area, area + a);
        for (uint32_t g = 0; g < 2; g++)
            suppress_edge(s, p->ag + 2 * a + g, area + a,
                          area_group + 2 * a + g);
        for (uint32_t o = 0; o < origins; o++)
            suppress_edge(s, p->ao + a * origins + o,
                          area_group + 2 * a + p->r->migrant[o], origin + o);
    }
}

/*
 * So are the tables of sexes and ages, between an origin's total and its
 * group's. Both are as the tables of areas leave them: a withheld one is open
 * to any value, so all of those are one node.
 */
static void network_of_ages(struct plan *p)
{
    struct suppress *s = &p->s;
    uint32_t sexes = (uint32_t)p->sexes, ages = (uint32_t)p->ages;
    uint32_t any = suppress_nodes(s, 1);
    uint32_t total = suppress_nodes(s, p->origins + 2);
    uint32_t sex = suppress_nodes(s, (p->origins + 2) * sexes);
    uint32_t age = suppress_nodes(s, (size_t)2 * sexes * ages);

    for (uint32_t g = 0; g < p->origins + 2; g++) {
        uint32_t cell = g < 2 ? p->g + g : p->o + g - 2;
        uint32_t top = s->state[cell] == SUPPRESS_OPEN ? total + g : any;
        uint32_t group = g < 2 ? g : p->r->migrant[g - 2];

        for (uint32_t k = g * sexes; k < (g + 1) * sexes; k++) {
            if (g < 2)
                suppress_edge(s, p->gs + k, sex + k, top);
            else
                suppress_edge(s, p->gs + k, top, sex + k);
            for (uint32_t i = 0; i < ages; i++) {
                uint32_t leaf = age + (group * sexes + k % sexes) * ages + i;

                if (g < 2)
                    suppress_edge(s, p->gsa + k * ages + i, leaf, sex + k);
                else
                    suppress_edge(s, p->gsa + k * ages + i, sex + k, leaf);
            }
        }
    }
}

static struct cell plan_cell(const struct plan *p, uint32_t i)
{
    struct sum s = {p->s.count[i], p->flags[i] & FLAG_SOURCE,
                    p->flags[i] & FLAG_MISSING};

    if (p->s.state[i] != SUPPRESS_OPEN)
        return (struct cell){0, CELL_WITHHELD};
    return release_cell(p->r, s);
}

static void table_set(const struct plan *p, enum release_table_id id,
                      bool compare, uint32_t first, size_t rows, size_t columns,
                      size_t depth)
{
    struct release_table *t = &p->r->tables[id][compare];
    size_t n = rows * columns * depth;
    struct cell *cells = arena_array(p->r->arena, struct cell, n + 1);

    *t = (struct release_table){rows, columns, depth, cells, 0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        cells[i] = plan_cell(p, first + (uint32_t)i);
        t->withheld += cells[i].state == CELL_WITHHELD;
        t->source_withheld += cells[i].state == CELL_SOURCE;
        t->complementary +=
            p->s.state[first + (uint32_t)i] == SUPPRESS_SECONDARY;
    }
}

static void tables_set(const struct plan *p, bool compare)
{
    size_t groups = p->origins + 2;

    table_set(p, TABLE_AREA, compare, p->a, p->areas, 1, 1);
    table_set(p, TABLE_AREA_GROUP, compare, p->ag, p->areas, 2, 1);
    table_set(p, TABLE_AREA_ORIGIN, compare, p->ao, p->areas, p->origins, 1);
    table_set(p, TABLE_ORIGIN, compare, p->o, p->origins, 1, 1);
    if (p->has_sex) {
        table_set(p, TABLE_GROUP_SEX, compare, p->gs, groups, p->sexes, 1);
        table_set(p, TABLE_ORIGIN_SEX, compare, p->gs + 2 * (uint32_t)p->sexes,
                  p->origins, p->sexes, 1);
    }
    if (p->has_age)
        table_set(p, TABLE_GROUP_SEX_AGE, compare, p->gsa, groups, p->sexes,
                  p->ages);
}

/* The tables of one period; city and migrants go to the row of periods. */
static enum rc period_tables(struct release *r, uint32_t period, bool compare,
                             struct release_period *row, struct err *err)
{
    const unsigned area = DIM_BIT(DIM_AREA) | DIM_BIT(DIM_ORIGIN);
    const unsigned age =
        DIM_BIT(DIM_ORIGIN) | DIM_BIT(DIM_SEX) | DIM_BIT(DIM_AGE);
    struct plan p = {.r = r};
    struct margin m, ms;
    enum rc rc;

    if ((rc = plan_make(&p, err)) != RC_OK)
        return rc;
    if (compare) /* sexes and ages are shown for the period profiled only */
        p.has_sex = p.has_age = false;
    rc = cube_margin(r->in->cube, area, period, r->arena, &m);
    if (rc == RC_OK && (p.has_sex || p.has_age))
        rc = cube_margin(r->in->cube, age, period, r->arena, &ms);
    if (rc != RC_OK)
        return err_set(err, rc, N_("the population table is too large"));
    suppress_init(&p.s, p.n, r->arena);
    p.flags = arena_array(r->arena, uint8_t, p.n);
    counts_of_areas(&p, &m);
    lines_of_areas(&p);
    if (p.has_sex || p.has_age) {
        counts_of_ages(&p, &ms);
        lines_of_ages(&p);
    }
    suppress_run(&p.s, r->threshold, r->secondary);
    if (r->secondary) {
        network_of_areas(&p);
        suppress_audit(&p.s, r->threshold);
    }
    if (r->secondary && (p.has_sex || p.has_age)) {
        network_of_ages(&p);
        suppress_audit(&p.s, r->threshold);
    }
    r->unsure += p.s.unsure;
    tables_set(&p, compare);
    r->raw[compare] = m.count;
    row->total = plan_cell(&p, p.t);
    row->migrants = plan_cell(&p, p.g + 1);
    return RC_OK;
}

/*
 * A period of which only two numbers are shown. A majority below the threshold
 * would be their difference.
 */
static void period_totals(struct release *r, const struct margin *m,
                          uint32_t period, struct release_period *row)
{
    size_t periods = m->extent[DIM_PERIOD];
    struct sum group[2] = {{0, false, false}, {0, false, false}}, all;

    for (size_t o = 0; o < r->n_origins; o++) {
        size_t i = o * periods + period;
        struct sum *s = &group[r->migrant[o]];

        s->count += m->count[i];
        s->source |= m->withheld[i] > 0;
        s->missing |= m->missing[i] > 0;
    }
    all = (struct sum){group[0].count + group[1].count,
                       group[0].source || group[1].source,
                       group[0].missing || group[1].missing};
    row->total = release_cell(r, all);
    row->migrants = release_cell(r, group[1]);
    if (row->total.state != CELL_WITHHELD &&
        release_cell(r, group[0]).state == CELL_WITHHELD)
        row->migrants = (struct cell){0, CELL_WITHHELD};
}

static enum rc periods_make(struct release *r, struct err *err)
{
    const struct dict *d = cube_dict(r->in->cube, DIM_PERIOD);
    struct margin m;
    enum rc rc =
        cube_margin(r->in->cube, DIM_BIT(DIM_ORIGIN) | DIM_BIT(DIM_PERIOD),
                    DICT_NONE, r->arena, &m);

    if (rc != RC_OK)
        return err_set(err, rc, N_("the population table is too large"));
    r->n_periods = d->n;
    r->periods = arena_array(r->arena, struct release_period, d->n + 1);
    for (uint32_t i = 0; i < d->n; i++) {
        r->periods[i].period = dict_cstr(d, i);
        period_totals(r, &m, i, &r->periods[i]);
    }
    return RC_OK;
}

/* The index of a period; a table without periods has one, the text "". */
static uint32_t period_find(const struct dict *d, const char *period)
{
    uint32_t i = dict_find(d, str_of(period ? period : ""));

    return i == DICT_NONE && period && d->n == 1 && dict_text(d, 0).n == 0 ? 0
                                                                           : i;
}

enum rc tables_make(struct release *r, struct err *err)
{
    const struct dict *d = cube_dict(r->in->cube, DIM_PERIOD);
    const struct package *p = r->in->package;
    uint32_t now = period_find(d, p->period);
    enum rc rc;

    if (now == DICT_NONE)
        return err_set(err, RC_INVALID,
                       N_("the population table has no period \"%s\""),
                       p->period ? p->period : "");
    if ((rc = periods_make(r, err)) != RC_OK ||
        (rc = period_tables(r, now, false, &r->periods[now], err)) != RC_OK)
        return rc;
    if (dict_text(d, now).n == 0 && p->period)
        r->periods[now].period = p->period;
    if (!p->compare)
        return RC_OK;

    uint32_t before = dict_find(d, str_of(p->compare));

    if (before == DICT_NONE)
        return err_set(err, RC_INVALID,
                       N_("the population table has no period \"%s\""),
                       p->compare);
    return before == now
               ? RC_OK
               : period_tables(r, before, true, &r->periods[before], err);
}
