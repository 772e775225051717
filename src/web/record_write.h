/*
 * record_write.h: the one way in which pages and the API change a record.
 *
 * Permission before and after the change, validation, references that the
 * writer may see, the record with its history, and a row of the audit log, in
 * one transaction; then the kept pages are told.
 */
#ifndef PASSERELLE_WEB_RECORD_WRITE_H
#define PASSERELLE_WEB_RECORD_WRITE_H

#include "web/record_view.h"

struct change {
    const struct record_type *type;
    void *record;       /* with head.version as the writer saw it */
    const void *before; /* NULL: a new one */
    const char *action; /* "create", "edit", or the state it moves to */
    struct complaints bad;
    void *now; /* RC_CONFLICT: what is stored now, or NULL */
};
/* RC_INVALID: see `bad`. RC_CONFLICT with `now`: somebody saved in between. */
enum rc change_save(struct request *r, struct change *c,
                    struct err *err) MUST_USE;
enum rc change_delete(struct request *r, const struct record_type *t,
                      const void *record, struct err *err) MUST_USE;
/* Moves the record to another state, as records/workflow.def allows it. */
enum rc change_move(struct request *r, const struct record_type *t,
                    void *record, const char *to, struct err *err) MUST_USE;
/* Whether this viewer may make that move of this record. */
bool change_may_move(const struct request *r, const struct transition *m,
                     const struct record_type *t, const void *record);

#endif
