/*
 * access.h: the one place that says who may do what.
 *
 * Pages, API, exports, search, feeds and files all ask access_may (for an
 * action on a record) and access_hidden (for the fields of one). Nothing else
 * decides. Roles are scoped: a grant names a role and, for most roles, the city
 * or organisation it holds for.
 *
 * Pure: decides from what it is given, reads no database.
 */
#ifndef PASSERELLE_ACCESS_H
#define PASSERELLE_ACCESS_H

#include "record/record.h"

enum role {
    ROLE_READER,      /* of the network: sees what is internal */
    ROLE_CONTRIBUTOR, /* of a city: writes drafts */
    ROLE_ORG_EDITOR,  /* of an organisation */
    ROLE_FOCAL_POINT, /* of a city: edits, asks for review */
    ROLE_CITY_EDITOR, /* of a city: edits all that is the city's */
    ROLE_SECRETARIAT, /* of the network: everything but erasing the audit */
    ROLES
};
const char *role_name(enum role r);  /* "city_editor" */
const char *role_label(enum role r); /* message id */
bool role_parse(const char *name, enum role *out);
/* Editors and above must sign in with a second factor. */
bool role_needs_second_factor(enum role r);

struct grant {
    enum role role;
    int64_t city, organisation; /* 0: not scoped to one */
};

/* Who asks. Nobody signed in: account 0, no grants. */
struct viewer {
    int64_t account, person;
    size_t n_grants;
    const struct grant *grants; /* in force; see viewer_load */
    size_t n_delegated;         /* the last of them, as somebody's deputy */
    size_t n_ended;             /* of focal points whose terms do not run */
    const struct grant *ended;
    bool second_factor; /* signed in with one */
    bool token;         /* through an API token: its scopes limit below */
    bool token_write;   /* the token may change things */
};

enum action {
    ACTION_SEE,     /* the record at all */
    ACTION_EDIT,    /* its fields; of a published record with a workflow: a
                       proposal that goes through review */
    ACTION_PROPOSE, /* see and write the open revision of a published record */
    ACTION_CREATE,
    ACTION_DELETE,
    ACTION_REVIEW,  /* publish, send back */
    ACTION_HISTORY, /* who changed what */
    ACTION_FILES,   /* raw files of a city's package */
    ACTION_ADMIN,   /* people, roles, settings, audit, jobs, backup */
    ACTIONS
};

/*
 * What a decision needs to know of a record: whose it is and how far it is.
 * `record` may be NULL for ACTION_CREATE and ACTION_ADMIN.
 */
struct subject {
    const struct record_type *type;
    const void *record;
    int64_t city, organisation, person; /* owners; 0: none */
};
/* Finds the owners in the record's own references. */
struct subject subject_of(const struct record_type *t, const void *record);

bool access_may(const struct viewer *v, enum action action,
                const struct subject *s);
/* Flags of fields that this viewer must not see in this record. */
unsigned access_hidden(const struct viewer *v, const struct subject *s);
bool viewer_has(const struct viewer *v, enum role r); /* in any scope */

#endif
