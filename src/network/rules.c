#include "network/rules.h"
#include "network/edition.h"
#include "record/types.h"

#include <time.h>

static const struct {
    const struct record_type *type;
    rule_fn *rule;
} rules[] = {
    {&type_focal_point, focal_point_rule}, {&type_city, member_rule},
    {&type_programme, programme_rule},     {&type_territory, territory_rule},
    {&type_stakeholder, stakeholder_rule}, {&type_edition, edition_rule},
};

enum rc rules_check(struct store *s, const struct record_type *t,
                    const void *before, const void *record, struct arena *a,
                    struct complaints *c, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i].type == t)
            return rules[i].rule(s, before, record, a, c, err);
    return RC_OK;
}

enum rc rules_follow(struct store *s, const struct record_type *t,
                     const void *record, const struct deed *d, struct arena *a,
                     struct err *err)
{
    return t == &type_edition ? edition_saved(s, record, d, a, err) : RC_OK;
}

enum rc rules_refuse(const struct complaints *c, struct err *err)
{
    const struct complaint *first = &c->items[0];

    REQUIRE(c->n);
    return err_set(err, RC_INVALID, first->message,
                   first->argument ? first->argument : "");
}

/* ---- days ---- */

static int days_of_month(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static struct day first_of(struct day d)
{
    return (struct day){d.year, (int8_t)MAX(d.month, 1), (int8_t)MAX(d.day, 1)};
}

static struct day last_of(struct day d)
{
    if (!d.month)
        return (struct day){d.year, 12, 31};
    if (!d.day)
        d.day = (int8_t)days_of_month(d.year, d.month);
    return d;
}

/* A start that is open lies before everything, an end after everything. */
static bool surely_before_end(struct day start, struct day end)
{
    return !start.year || !end.year ||
           day_compare(last_of(start), first_of(end)) <= 0;
}

bool intervals_overlap(struct interval a, struct interval b)
{
    return surely_before_end(a.from, b.to) && surely_before_end(b.from, a.to);
}

static bool may_begin_after(struct day start, struct day limit)
{
    return !limit.year || !start.year ||
           day_compare(last_of(start), first_of(limit)) >= 0;
}

static bool may_end_before(struct day end, struct day limit)
{
    return !limit.year || !end.year ||
           day_compare(first_of(end), last_of(limit)) <= 0;
}

bool interval_within(struct interval part, struct interval whole)
{
    return may_begin_after(part.from, whole.from) &&
           may_begin_after(part.to, whole.from) &&
           may_end_before(part.to, whole.to) &&
           may_end_before(part.from, whole.to);
}

bool interval_holds(struct interval i, struct day d)
{
    return (!i.from.year || day_compare(first_of(i.from), d) <= 0) &&
           (!i.to.year || day_compare(last_of(i.to), d) >= 0);
}

struct day day_before(struct day d)
{
    if (d.day > 1)
        return (struct day){d.year, d.month, (int8_t)(d.day - 1)};
    if (!d.month)
        return (struct day){(int16_t)(d.year - 1), 0, 0};
    if (d.month == 1)
        return (struct day){(int16_t)(d.year - 1), 12, d.day ? 31 : 0};
    return (struct day){
        d.year, (int8_t)(d.month - 1),
        (int8_t)(d.day ? days_of_month(d.year, d.month - 1) : 0)};
}

struct day day_of_time(int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm parts;

    gmtime_r(&t, &parts);
    return (struct day){(int16_t)(parts.tm_year + 1900),
                        (int8_t)(parts.tm_mon + 1), (int8_t)parts.tm_mday};
}

/* ---- chains of references to the same type ---- */

enum { CHAIN_MOST = 64 };

/* Walks up from `id`: *itself when it meets `self`. `sql` gives the next. */
static enum rc walk_up(struct store *s, const char *sql, int64_t self,
                       int64_t id, bool *itself, struct err *err)
{
    *itself = false;
    for (int i = 0; id && i < CHAIN_MOST; i++) {
        enum rc rc;

        if (id == self) {
            *itself = true;
            return RC_OK;
        }
        rc = store_int(s, sql, PARAMS(P_INT("id", id)), &id, err);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static void complain_of(const struct record_type *t, struct complaints *c,
                        const char *field, const char *message,
                        const char *argument)
{
    complain(c, record_field(t, field), message, argument);
}

/* ---- programmes ---- */

enum rc programme_rule(struct store *s, const void *before, const void *record,
                       struct arena *a, struct complaints *c, struct err *err)
{
    const struct programme *p = record;
    struct programme whole;
    bool itself;
    enum rc rc;

    if (!p->part_of)
        return RC_OK;
    rc = walk_up(s, "SELECT part_of FROM programme WHERE id = :id", p->head.id,
                 p->part_of, &itself, err);
    if (!rc && itself)
        complain_of(&type_programme, c, "part_of",
                    N_("a programme is not a phase of itself"), NULL);
    if (rc || itself)
        return rc;
    rc = record_load(s, &type_programme, p->part_of, a, &whole, err);
    if (!rc && !interval_within(p->span, whole.span))
        complain_of(&type_programme, c, "span",
                    N_("a phase lies within its programme, '%s'"),
                    words_best(&whole.name, 0, NULL));
    return rc;
}

/* ---- territories ---- */

enum rc territory_rule(struct store *s, const void *before, const void *record,
                       struct arena *a, struct complaints *c, struct err *err)
{
    const struct territory *t = record;
    struct territory whole;
    bool itself;
    enum rc rc;

    if (!t->parent)
        return RC_OK;
    rc = walk_up(s, "SELECT parent FROM territory WHERE id = :id", t->head.id,
                 t->parent, &itself, err);
    if (!rc && itself)
        complain_of(&type_territory, c, "parent",
                    N_("a territory is not part of itself"), NULL);
    if (rc || itself)
        return rc;
    rc = record_load(s, &type_territory, t->parent, a, &whole, err);
    if (!rc && t->country && whole.country &&
        strcmp(t->country, whole.country) != 0)
        complain_of(&type_territory, c, "parent",
                    N_("'%s' lies in another country"),
                    words_best(&whole.name, 0, NULL));
    return rc;
}

/* ---- stakeholders ---- */

enum rc stakeholder_rule(struct store *s, const void *before,
                         const void *record, struct arena *a,
                         struct complaints *c, struct err *err)
{
    const struct stakeholder *k = record;

    if (!k->organisation && !k->person)
        complain(c, NULL,
                 N_("a stakeholder is an organisation, a person or "
                    "both"),
                 NULL);
    return RC_OK;
}
