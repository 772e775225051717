#include "network/focal_point.h"
#include "network/account.h"
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
    size_t accounts; /* that got the role */
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
    struct work w = {s, a, d, id, deputy, 0, when, 0};

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

/* ---- the role that goes with it ---- */

static bool in_force(void *ctx, const void *record)
{
    struct asked *q = ctx;
    const struct focal_point *f = record;

    if (interval_holds(f->term, q->day))
        q->id = f->head.id;
    return !q->id;
}

/* Whether somebody has a term in a city on that day, of whatever kind. */
static enum rc has_term(struct store *s, int64_t city, int64_t person,
                        struct day day, bool *out, struct err *err)
{
    struct asked q = {.day = day};
    enum rc rc =
        record_each(s, &type_focal_point, "city = :city AND person = :person",
                    PARAMS(P_INT("city", city), P_INT("person", person)),
                    in_force, &q, err);

    *out = q.id != 0;
    return rc;
}

struct accounts {
    struct arena *a;
    struct ids ids;
    size_t cap;
};

static bool take_account(void *ctx, const struct store_row *row)
{
    struct accounts *l = ctx;

    VEC_PUSH(l->a, l->ids.items, l->ids.n, l->cap) = row_int(row, "id", 0);
    return true;
}

static enum rc change_role(struct work *w, int64_t city, int64_t person,
                           bool give, size_t *n, struct err *err)
{
    struct grant g = {ROLE_FOCAL_POINT, city, 0};
    struct accounts l = {.a = w->a};
    enum rc rc =
        store_each(w->s,
                   "SELECT id FROM account WHERE person = :person"
                   " AND closed IS NULL ORDER BY id",
                   PARAMS(P_INT("person", person)), take_account, &l, err);

    for (size_t i = 0; i < l.ids.n && !rc; i++)
        rc =
            give
                ? grant_give(w->s, l.ids.items[i], &g, w->d->by, w->d->at, err)
                : grant_take(w->s, l.ids.items[i], &g, w->d->by, w->d->at, err);
    *n = l.ids.n;
    return rc;
}

static enum rc move_role(struct work *w, const struct focal_point *old,
                         struct err *err)
{
    bool still = false;
    size_t n;
    enum rc rc = change_role(w, old->city, w->person, true, &w->accounts, err);

    if (!rc)
        rc = has_term(w->s, old->city, old->person, day_of_time(w->d->at),
                      &still, err);
    if (!rc && !still)
        rc = change_role(w, old->city, old->person, false, &n, err);
    return rc;
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
    rc = save(w->s, &closed, &old, w->d, w->a, err);
    return rc ? rc : move_role(w, &old, err);
}

enum rc focal_point_handover(struct store *s, int64_t id, int64_t person,
                             struct interval term, const struct deed *d,
                             struct arena *a, int64_t *successor,
                             size_t *accounts, struct err *err)
{
    struct work w = {s, a, d, id, person, 0, term, 0};
    enum rc rc = in_transaction(s, handover_inside, &w, err);

    *successor = w.successor;
    if (accounts)
        *accounts = w.accounts;
    return rc;
}

/* ---- grants in force ---- */

struct force {
    struct arena *a;
    struct day day;
    struct viewer *v;
    bool *known, *holds; /* a grant each: a term is recorded, one runs */
    struct grant *more;  /* as deputy */
    size_t n, cap;
};

static void add_delegated(struct force *f, int64_t city)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->more[i].city == city)
            return;
    VEC_PUSH(f->a, f->more, f->n, f->cap) =
        (struct grant){ROLE_FOCAL_POINT, city, 0};
}

static bool weigh(void *ctx, const void *record)
{
    struct force *f = ctx;
    const struct focal_point *p = record;
    bool runs = interval_holds(p->term, f->day);

    if (p->deputy == f->v->person && runs &&
        interval_holds(p->delegation, f->day))
        add_delegated(f, p->city);
    for (size_t i = 0; i < f->v->n_grants; i++) {
        const struct grant *g = &f->v->grants[i];

        if (g->role != ROLE_FOCAL_POINT || g->city != p->city ||
            p->person != f->v->person)
            continue;
        f->known[i] = true;
        f->holds[i] = f->holds[i] || runs;
    }
    return true;
}

enum rc focal_point_grants(struct store *s, struct day day, struct arena *a,
                           struct viewer *v, struct err *err)
{
    struct force f = {.a = a,
                      .day = day,
                      .v = v,
                      .known = arena_array(a, bool, v->n_grants + 1),
                      .holds = arena_array(a, bool, v->n_grants + 1)};
    enum rc rc = record_each(
        s, &type_focal_point, "person = :person OR deputy = :person",
        PARAMS(P_INT("person", v->person)), weigh, &f, err);
    struct grant *good, *ended;
    size_t n = 0, n_ended = 0;

    if (rc)
        return rc;
    good = arena_array(a, struct grant, v->n_grants + f.n + 1);
    ended = arena_array(a, struct grant, v->n_grants + 1);
    for (size_t i = 0; i < v->n_grants; i++) {
        if (f.known[i] && !f.holds[i])
            ended[n_ended++] = v->grants[i];
        else
            good[n++] = v->grants[i];
    }
    for (size_t i = 0; i < f.n; i++)
        good[n++] = f.more[i];
    v->grants = good;
    v->n_grants = n;
    v->n_delegated = f.n;
    v->ended = ended;
    v->n_ended = n_ended;
    return RC_OK;
}
