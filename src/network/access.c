#include "network/access.h"

static const struct {
    const char *name, *label;
    bool second_factor;
} roles[ROLES] = {
    [ROLE_READER] = {"reader", N_("Reader"), false},
    [ROLE_CONTRIBUTOR] = {"contributor", N_("Contributor"), false},
    [ROLE_ORG_EDITOR] = {"organisation_editor", N_("Editor of an organisation"),
                         true},
    [ROLE_FOCAL_POINT] = {"focal_point", N_("Focal point"), true},
    [ROLE_CITY_EDITOR] = {"city_editor", N_("City editor"), true},
    [ROLE_SECRETARIAT] = {"secretariat", N_("Secretariat"), true},
};

const char *role_name(enum role r)
{
    REQUIRE(r < ROLES);
    return roles[r].name;
}

const char *role_label(enum role r)
{
    REQUIRE(r < ROLES);
    return roles[r].label;
}

bool role_parse(const char *name, enum role *out)
{
    for (int r = 0; r < ROLES; r++) {
        if (strcmp(roles[r].name, name) == 0) {
            *out = (enum role)r;
            return true;
        }
    }
    return false;
}

bool role_needs_second_factor(enum role r)
{
    REQUIRE(r < ROLES);
    return roles[r].second_factor;
}

bool viewer_has(const struct viewer *v, enum role r)
{
    for (size_t i = 0; i < v->n_grants; i++)
        if (v->grants[i].role == r)
            return true;
    return false;
}

static int64_t reference(const struct record_type *t, const void *record,
                         const char *to)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (f[i].type == TYPE_REF && strcmp(f[i].name, to) == 0)
            return *(const int64_t *)field_of(record, &f[i]);
    return 0;
}

struct subject subject_of(const struct record_type *t, const void *record)
{
    struct subject s = {.type = t, .record = record};
    const struct record_head *head = record;

    if (!record)
        return s;
    s.city =
        strcmp(t->name, "city") == 0 ? head->id : reference(t, record, "city");
    s.organisation = strcmp(t->name, "organisation") == 0
                         ? head->id
                         : reference(t, record, "organisation");
    s.person = strcmp(t->name, "person") == 0 ? head->id
                                              : reference(t, record, "person");
    return s;
}

/* A grant of at least this strength for the record's own city. */
static bool holds_city(const struct viewer *v, enum role least, int64_t city)
{
    for (size_t i = 0; city && i < v->n_grants; i++) {
        const struct grant *g = &v->grants[i];
        bool of_city = g->role == ROLE_CONTRIBUTOR ||
                       g->role == ROLE_FOCAL_POINT ||
                       g->role == ROLE_CITY_EDITOR;

        if (of_city && g->role >= least && g->city == city)
            return true;
    }
    return false;
}

static bool holds_organisation(const struct viewer *v, int64_t organisation)
{
    for (size_t i = 0; organisation && i < v->n_grants; i++)
        if (v->grants[i].role == ROLE_ORG_EDITOR &&
            v->grants[i].organisation == organisation)
            return true;
    return false;
}

/* A role that needs a second factor counts only when it was given. */
static bool strong(const struct viewer *v)
{
    return v->second_factor || v->token;
}

static bool secretariat(const struct viewer *v)
{
    return viewer_has(v, ROLE_SECRETARIAT) && strong(v);
}

static bool own_person(const struct viewer *v, const struct subject *s)
{
    return v->person && strcmp(s->type->name, "person") == 0 &&
           s->person == v->person;
}

static bool published(const struct subject *s)
{
    const struct record_head *head = s->record;

    return !record_first_state(s->type)[0] ||
           (head->state && strcmp(head->state, "published") == 0);
}

/* People, and profiles in preparation (what is public of one are its versions),
 * are for the network; the rest is public once published. */
static bool is_public(const struct subject *s)
{
    return published(s) && strcmp(s->type->name, "person") != 0 &&
           strcmp(s->type->name, "edition") != 0;
}

static bool may_see(const struct viewer *v, const struct subject *s)
{
    if (is_public(s) || secretariat(v) || own_person(v, s))
        return true;
    if (!v->n_grants)
        return false;
    return published(s) || holds_city(v, ROLE_CONTRIBUTOR, s->city) ||
           holds_organisation(v, s->organisation);
}

/* Territories, programmes and people of others are the secretariat's. */
static bool may_edit(const struct viewer *v, const struct subject *s)
{
    if (secretariat(v) || own_person(v, s))
        return true;
    if (strcmp(s->type->name, "organisation") == 0)
        return strong(v) && holds_organisation(v, s->organisation);
    if (strcmp(s->type->name, "city") == 0)
        return strong(v) && holds_city(v, ROLE_FOCAL_POINT, s->city);
    return strong(v) && holds_city(v, ROLE_CITY_EDITOR, s->city);
}

/* What a city's editors begin and end themselves. */
static bool of_team(const struct subject *s)
{
    return strcmp(s->type->name, "stakeholder") == 0 ||
           strcmp(s->type->name, "edition") == 0;
}

static bool contributes(const struct viewer *v, int64_t city)
{
    for (size_t i = 0; city && i < v->n_grants; i++)
        if (v->grants[i].role == ROLE_CONTRIBUTOR && v->grants[i].city == city)
            return true;
    return false;
}

/* Contributors write, too; asking for review is left to those who edit. */
static bool may_propose(const struct viewer *v, const struct subject *s)
{
    return may_edit(v, s) || (record_first_state(s->type)[0] && published(s) &&
                              contributes(v, s->city));
}

static bool may_create(const struct viewer *v, const struct subject *s)
{
    if (secretariat(v))
        return true;
    return of_team(s) && strong(v) && holds_city(v, ROLE_CITY_EDITOR, s->city);
}

bool access_may(const struct viewer *v, enum action action,
                const struct subject *s)
{
    if (v->token && !v->token_write && action != ACTION_SEE &&
        action != ACTION_HISTORY)
        return false;
    switch (action) {
    case ACTION_SEE:
        return may_see(v, s);
    case ACTION_EDIT:
        return may_edit(v, s);
    case ACTION_PROPOSE:
        return may_propose(v, s);
    case ACTION_CREATE:
        return may_create(v, s);
    case ACTION_DELETE:
        return secretariat(v) || (of_team(s) && may_edit(v, s));
    case ACTION_REVIEW:
    case ACTION_ADMIN:
        return secretariat(v);
    case ACTION_HISTORY:
        return secretariat(v) || may_edit(v, s);
    case ACTION_FILES:
        return strong(v) && holds_city(v, ROLE_CITY_EDITOR, s->city);
    default:
        return false;
    }
}

unsigned access_hidden(const struct viewer *v, const struct subject *s)
{
    if (secretariat(v) || own_person(v, s))
        return 0;
    if (!v->n_grants)
        return PRIVATE | INTERNAL | PERSONAL;
    return PRIVATE;
}
