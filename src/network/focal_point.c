#include "network/focal_point.h"
#include "network/rules.h"
#include "network/secret.h"
#include "record/types.h"

/* ---- the rule ---- */

struct overlap {
    const struct focal_point *of;
    bool found;
};

static bool meets(void *ctx, const void *record)
{
    struct overlap *o = ctx;
    const struct focal_point *other = record;

    if (other->head.id != o->of->head.id &&
        intervals_overlap(o->of->term, other->term))
        o->found = true;
    return !o->found;
}

static void check_delegation(const struct focal_point *f, struct complaints *c)
{
    const struct record_type *t = &type_focal_point;
    const struct field *when = record_field(t, "delegation");

    if (f->deputy && f->deputy == f->person)
        complain(c, record_field(t, "deputy"),
                 N_("nobody stands in for themselves"), NULL);
    if (!f->deputy != field_absent(f, when))
        complain(c, when, N_("a delegation has a deputy and its time"), NULL);
    else if (f->deputy && !interval_within(f->delegation, f->term))
        complain(c, when, N_("a delegation lies within the term"), NULL);
}

enum rc focal_point_rule(struct store *s, const void *before,
                         const void *record, struct arena *a,
                         struct complaints *c, struct err *err)
{
    const struct focal_point *f = record;
    struct overlap o = {.of = f};
    enum rc rc;

    if (!f->city || !f->kind)
        return RC_OK;
    check_delegation(f, c);
    rc = record_each(s, &type_focal_point, "city = :city AND kind = :kind",
                     PARAMS(P_INT("city", f->city), P_TEXT("kind", f->kind)),
                     meets, &o, err);
    if (!rc && o.found)
        complain(c, record_field(&type_focal_point, "term"),
                 N_("another focal point of this kind has this term; hand over "
                    "instead"),
                 NULL);
    return rc;
}

/* ---- who it is ---- */

struct asked {
    struct day day;
    int64_t id, acting;
};

static bool take_in_force(void *ctx, const void *record)
{
    struct asked *q = ctx;
    const struct focal_point *f = record;

    if (!interval_holds(f->term, q->day))
        return true;
    q->id = f->head.id; /* the latest, where two touch in one month */
    q->acting = f->deputy && interval_holds(f->delegation, q->day) ? f->deputy
                                                                   : f->person;
    return true;
}

enum rc focal_point_at(struct store *s, int64_t city, const char *kind,
                       struct day day, int64_t *id, int64_t *acting,
                       struct err *err)
{
    struct asked q = {.day = day};
    enum rc rc =
        record_each(s, &type_focal_point, "city = :city AND kind = :kind",
                    PARAMS(P_INT("city", city), P_TEXT("kind", kind)),
                    take_in_force, &q, err);

    if (rc)
        return rc;
    if (!q.id)
        return err_set(err, RC_NOT_FOUND,
                       N_("this city has no such focal point on that day"));
    *id = q.id;
    *acting = q.acting;
    return RC_OK;
}

/* ---- changes ---- */

static enum rc save(struct store *s, const void *before, struct focal_point *f,
                    const struct deed *d, struct arena *a, struct err *err)
{
    struct complaints bad = {.arena = a};
    enum rc rc = rules_check(s, &type_focal_point, before, f, a, &bad, err);

    if (rc)
        return rc;
    record_validate(&type_focal_point, f, &bad);
    if (bad.n)
        return rules_refuse(&bad, err);
    return record_save(s, &type_focal_point, f, d, a, NULL, err);
}

struct work {
    struct store *s;
    struct arena *a;
    const struct deed *d;
    int64_t id, person, successor;
    struct interval when;
};

static enum rc delegate_inside(void *ctx, struct err *err)
{
    struct work *w = ctx;
    struct focal_point before, f;
    enum rc rc =
        record_load(w->s, &type_focal_point, w->id, w->a, &before, err);

    if (rc)
        return rc;
    f = before;
    f.deputy = w->person;
    f.delegation = w->person ? w->when : (struct interval){0};
    return save(w->s, &before, &f, w->d, w->a, err);
}

enum rc focal_point_delegate(struct store *s, int64_t id, int64_t deputy,
                             struct interval when, const struct deed *d,
                             struct arena *a, struct err *err)
{
    struct work w = {s, a, d, id, deputy, 0, when};

    return in_transaction(s, delegate_inside, &w, err);
}

/* The delegation ends with the term at the latest. */
static void cut_delegation(struct focal_point *f)
{
    if (!f->deputy || interval_within(f->delegation, f->term))
        return;
    f->delegation.to = f->term.to;
    if (day_compare(f->delegation.from, f->delegation.to) > 0) {
        f->deputy = 0;
        f->delegation = (struct interval){0};
    }
}

static enum rc close_term(struct work *w, struct focal_point *old,
                          struct err *err)
{
    struct focal_point before = *old;

    if (old->successor)
        return err_set(err, RC_CONFLICT,
                       N_("this focal point has handed over already"));
    if (!w->when.from.year || day_compare(w->when.from, old->term.from) <= 0)
        return err_set(err, RC_INVALID,
                       N_("the new term begins after the one before it"));
    if (w->person == old->person)
        return err_set(err, RC_INVALID,
                       N_("a focal point hands over to somebody else"));
    if (interval_holds((struct interval){{0}, old->term.to}, w->when.from))
        old->term.to = day_before(w->when.from);
    cut_delegation(old);
    return save(w->s, &before, old, w->d, w->a, err);
}

static enum rc handover_inside(void *ctx, struct err *err)
{
    struct work *w = ctx;
    struct focal_point old, new, closed;
    enum rc rc = record_load(w->s, &type_focal_point, w->id, w->a, &old, err);

    if (!rc)
        rc = close_term(w, &old, err);
    if (rc)
        return rc;
    record_clear(&type_focal_point, &new);
    new.city = old.city;
    new.kind = old.kind;
    new.person = w->person;
    new.term = w->when;
    rc = save(w->s, NULL, &new, w->d, w->a, err);
    if (rc)
        return rc;
    w->successor = new.head.id;
    closed = old;
    old.successor = new.head.id;
    return save(w->s, &closed, &old, w->d, w->a, err);
}

enum rc focal_point_handover(struct store *s, int64_t id, int64_t person,
                             struct interval term, const struct deed *d,
                             struct arena *a, int64_t *successor,
                             struct err *err)
{
    struct work w = {s, a, d, id, person, 0, term};
    enum rc rc = in_transaction(s, handover_inside, &w, err);

    *successor = w.successor;
    return rc;
}
