#include "network/member.h"
#include "network/rules.h"
#include "record/types.h"

const char *member_next(const char *status)
{
    static const char *const way[][2] = {{"invited", "announced"},
                                         {"announced", "member"},
                                         {"member", "former"},
                                         {"former", "invited"}};

    for (size_t i = 0; status && i < ARRAY_LEN(way); i++)
        if (strcmp(way[i][0], status) == 0)
            return way[i][1];
    return NULL;
}

/* A new city may stand anywhere: the network is older than its records. */
enum rc member_rule(struct store *s, const void *before, const void *record,
                    struct arena *a, struct complaints *c, struct err *err)
{
    const struct city *was = before, *is = record;
    const struct field *since = record_field(&type_city, "status_since");
    const char *next = was ? member_next(was->status) : NULL;

    if (!was || !is->status || !was->status ||
        strcmp(was->status, is->status) == 0)
        return RC_OK;
    if (!next || strcmp(next, is->status) != 0)
        complain(c, record_field(&type_city, "status"),
                 N_("the step after this membership is '%s'"), next);
    else if (!is->status_since.year)
        complain(c, since, N_("a step of a membership has its date"), NULL);
    else if (was->status_since.year &&
             !interval_within(
                 (struct interval){is->status_since, is->status_since},
                 (struct interval){was->status_since, {0}}))
        complain(c, since, N_("this is before the step that came before"),
                 NULL);
    return RC_OK;
}

static enum rc move_inside(struct store *s, struct city *city,
                           const char *status, struct day since,
                           const struct deed *d, struct arena *a,
                           struct err *err)
{
    struct complaints bad = {.arena = a};
    struct city before = *city;
    enum rc rc;

    city->status = status;
    city->status_since = since;
    rc = rules_check(s, &type_city, &before, city, a, &bad, err);
    if (!rc)
        record_validate(&type_city, city, &bad);
    if (!rc && bad.n)
        return rules_refuse(&bad, err);
    return rc ? rc : record_save(s, &type_city, city, d, a, NULL, err);
}

enum rc member_move(struct store *s, int64_t id, const char *status,
                    struct day since, const struct deed *d, struct arena *a,
                    struct err *err)
{
    bool own = !store_in_transaction(s);
    struct city city;
    enum rc rc = own ? store_begin(s, true, err) : RC_OK;

    if (!rc)
        rc = record_load(s, &type_city, id, a, &city, err);
    if (!rc)
        rc = move_inside(s, &city, status, since, d, a, err);
    if (!own)
        return rc;
    if (!rc)
        return store_commit(s, err);
    store_rollback(s);
    return rc;
}
