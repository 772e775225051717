#include "profile/part.h"

#include <math.h>

struct quantity q_of(struct cell c)
{
    switch (c.state) {
    case CELL_COUNT:
        return q_whole(c.count);
    case CELL_AT_LEAST:
        return (struct quantity){(double)c.count, STATE_AT_LEAST, true};
    case CELL_WITHHELD:
        return q_none(STATE_WITHHELD);
    case CELL_SOURCE:
        return q_none(STATE_SOURCE);
    case CELL_MISSING:
        break;
    }
    return q_none(STATE_MISSING);
}

struct quantity q_number(double v)
{
    return isfinite(v) ? (struct quantity){v, STATE_PLAIN, false}
                       : q_none(STATE_UNDEFINED);
}

struct quantity q_whole(int64_t v)
{
    return (struct quantity){(double)v, STATE_PLAIN, true};
}

struct quantity q_none(enum profile_state why)
{
    return (struct quantity){NAN, why, false};
}

bool q_known(struct quantity q)
{
    return q.state <= STATE_APPROXIMATE;
}

struct quantity q_share(struct quantity a, struct quantity b, bool rest_known)
{
    struct quantity q;

    if (!q_known(a) || !q_known(b))
        return q_none(q_known(a) ? b.state : a.state);
    q = q_number(b.v > 0 ? a.v / b.v : NAN);
    if (!q_known(q) || (a.state == STATE_PLAIN && b.state == STATE_PLAIN))
        return q;
    q.state = a.state == STATE_AT_LEAST && rest_known ? STATE_AT_LEAST
                                                      : STATE_APPROXIMATE;
    return q;
}

struct quantity q_minus(struct quantity a, struct quantity b)
{
    struct quantity q;

    if (!q_known(a) || !q_known(b))
        return q_none(q_known(a) ? b.state : a.state);
    q = (struct quantity){a.v - b.v, STATE_PLAIN, a.whole && b.whole};
    if (b.state != STATE_PLAIN)
        q.state = STATE_APPROXIMATE;
    else if (a.state != STATE_PLAIN)
        q.state = a.state;
    return q;
}

struct quantity q_growth(struct quantity now, struct quantity before)
{
    struct quantity q = q_share(now, before, false);

    if (q_known(q))
        q.v -= 1;
    return q;
}

struct quantity q_times(struct quantity q, double factor)
{
    q.v *= factor;
    q.whole = false;
    return q;
}

struct quantity q_round(struct quantity q, int decimals)
{
    static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

    REQUIRE(decimals >= 0 && decimals < (int)ARRAY_LEN(tens));
    if (q_known(q) && !q.whole) {
        q.v = round(q.v * tens[decimals]) / tens[decimals];
        q.v += 0.0; /* no -0 */
    }
    return q;
}

struct quantity q_table(const struct release_table *t, size_t row,
                        size_t column, size_t depth)
{
    if (!t->cells || row >= t->rows || column >= t->columns ||
        depth >= t->depth)
        return q_none(STATE_MISSING);
    return q_of(t->cells[(row * t->columns + column) * t->depth + depth]);
}

struct quantity city_total(const struct doc *d, bool compare)
{
    const char *period = compare ? d->p->compare : d->p->period;
    size_t n;
    const struct release_period *periods = release_periods(d->r, &n);

    for (size_t i = 0; period && i < n; i++)
        if (str_is(str_of(periods[i].period), period))
            return q_of(periods[i].total);
    return q_none(STATE_MISSING);
}

struct quantity city_migrants(const struct doc *d, bool compare)
{
    const char *period = compare ? d->p->compare : d->p->period;
    size_t n;
    const struct release_period *periods = release_periods(d->r, &n);

    for (size_t i = 0; period && i < n; i++)
        if (str_is(str_of(periods[i].period), period))
            return q_of(periods[i].migrants);
    return q_none(STATE_MISSING);
}

/*
 * The sum of its origins; where one of them is withheld, what the migrants
 * leave of the total (both are shown, so it is no secret).
 */
struct quantity city_majority(const struct doc *d, bool compare)
{
    struct quantity sum = q_whole(0);

    for (uint32_t o = 0; o < d->n_origins; o++) {
        struct quantity q = origin_count(d, o, compare);

        if (d->migrant[o])
            continue;
        if (q.state == STATE_WITHHELD)
            return q_minus(city_total(d, compare), city_migrants(d, compare));
        if (!q_known(q) || q.state != STATE_PLAIN)
            sum.state = STATE_AT_LEAST;
        sum.v += q_known(q) ? q.v : 0;
    }
    return sum;
}

struct quantity origin_count(const struct doc *d, uint32_t o, bool compare)
{
    return q_table(release_table(d->r, TABLE_ORIGIN, compare), o, 0, 0);
}

struct quantity area_total(const struct doc *d, size_t i)
{
    if (d->area[i] == DICT_NONE)
        return q_none(STATE_MISSING);
    return q_table(release_table(d->r, TABLE_AREA, false), d->area[i], 0, 0);
}

struct quantity group_cell(const struct doc *d, size_t i, uint32_t origin)
{
    uint32_t a = d->area[i];

    if (a == DICT_NONE)
        return q_none(STATE_MISSING);
    if (origin == RELEASE_MIGRANTS)
        return q_table(release_table(d->r, TABLE_AREA_GROUP, false), a, 1, 0);
    return q_table(release_table(d->r, TABLE_AREA_ORIGIN, false), a, origin, 0);
}

bool has_compare(const struct doc *d)
{
    return d->p->compare && release_table(d->r, TABLE_ORIGIN, true)->cells;
}

bool has_incomplete(const struct doc *d)
{
    struct quantity q = city_total(d, false);

    return q.state != STATE_PLAIN;
}
