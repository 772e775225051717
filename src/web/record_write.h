/*
 * record_write.h: the one way in which pages and the API change a record.
 *
 * Permission before and after the change, validation, references that the
 * writer may see, the record with its history, and a row of the audit log, in
 * one transaction; then the kept pages are told.
 *
 * What is published and has a workflow is not changed by an edit: the edit
 * becomes the record's open revision (record/revision.h), which readers do not
 * see, and which moves through the same workflow until a reviewer publishes it.
 * Only who may review may change the published text at once.
 */
#ifndef PASSERELLE_WEB_RECORD_WRITE_H
#define PASSERELLE_WEB_RECORD_WRITE_H

#include "record/revision.h"
#include "web/record_view.h"

enum change_as {
    CHANGE_AT_ONCE, /* the record itself, by who may; else a proposal */
    CHANGE_PROPOSED,
    CHANGE_SETTLED /* the record itself, and its open revision goes */
};
struct sent_file;
struct change {
    const struct record_type *type;
    void *record;       /* with head.version as the writer saw it */
    const void *before; /* as stored; NULL: a new one */
    const void *shown;  /* what the form began with; NULL: `before` */
    const char *action; /* "create", "edit", or the state it moves to */
    const char *note;   /* to the history and into letters; or NULL */
    enum change_as as;
    bool of_published; /* a reviewer edits the record beneath a revision */
    struct revision revision; /* its version as the writer saw it */
    struct sent_file *sent;   /* files of the form, by field; or NULL */
    struct complaints bad;
    void *now; /* RC_CONFLICT: what is stored now, or NULL */
};
/* Whether change_save will make a proposal of it. */
bool change_proposes(const struct request *r, const struct change *c);
/* RC_INVALID: see `bad`. RC_CONFLICT with `now`: somebody saved in between. */
enum rc change_save(struct request *r, struct change *c,
                    struct err *err) MUST_USE;
enum rc change_delete(struct request *r, const struct record_type *t,
                      const void *record, struct err *err) MUST_USE;
/* Moves the record to another state, as records/workflow.def allows it; who
 * waits for that gets a letter. `note` may be NULL. */
enum rc change_move(struct request *r, const struct record_type *t,
                    void *record, const char *to, const char *note,
                    struct err *err) MUST_USE;
/* Whether this viewer may make that move of this record. */
bool change_may_move(const struct request *r, const struct transition *m,
                     const struct record_type *t, const void *record);

/* The same for the open revision of a published record; `v` as it was seen. A
 * move to "published" makes it the record. */
enum rc change_move_revision(struct request *r, const struct record_type *t,
                             const void *record, struct revision *v,
                             const char *to, const char *note,
                             struct err *err) MUST_USE;
bool change_may_move_revision(const struct request *r,
                              const struct transition *m,
                              const struct record_type *t, const void *record,
                              const struct revision *v);
/* Gives the revision up: who wrote it, who edits, who reviews. */
enum rc change_drop_revision(struct request *r, const struct record_type *t,
                             const void *record, const struct revision *v,
                             struct err *err) MUST_USE;
bool change_may_drop(const struct request *r, const struct record_type *t,
                     const void *record, const struct revision *v);

/*
 * Files that came with the form become the record's: name, type and size at
 * once, the bytes when it is saved. A box "<field>_remove" takes a file away.
 */
void change_take_files(const struct request *r, struct change *c,
                       unsigned hidden);
/* What was sent and not saved is not shown as if it were. */
void change_forget_files(struct change *c);

/* ---- shared by the files of this header ---- */

/* The bytes of new files, in the transaction. */
enum rc change_keep_files(struct request *r, struct change *c,
                          struct err *err) MUST_USE;

/* Complains of references that the writer may not see. */
void change_check_references(struct request *r, struct change *c);
enum rc change_audit(struct request *r, const struct record_type *t, int64_t id,
                     const char *action, int64_t now, struct err *err) MUST_USE;
/* Letters of a move, in its transaction. `history`: the action under which
 * asking for review is in the history. */
enum rc change_tell(struct request *r, const struct record_type *t,
                    const void *record, const char *from, const char *to,
                    const char *history, const char *path, const char *note,
                    struct err *err) MUST_USE;

#endif
