/*
 * profile_page.h: what the pages of a profile in preparation share.
 *
 * Each page of one is a step: files, description, chapters, result, review.
 * Files and what was found in them are for that city's editors
 * (ACTION_FILES); the result, which went through disclosure control, also for
 * those who review. Files change only while the edition is a draft.
 */
#ifndef PASSERELLE_WEB_PROFILE_PAGE_H
#define PASSERELLE_WEB_PROFILE_PAGE_H

#include "network/edition.h"
#include "web/account_page.h"
#include "web/record_view.h"

struct editing {
    struct edition *edition;
    struct edition_state look;
    bool team;  /* this viewer reads and writes its files */
    bool draft; /* it may be changed now */
};
enum edition_need {
    EDITION_SEE,   /* its result and state: ACTION_EDIT */
    EDITION_READ,  /* its files: ACTION_FILES */
    EDITION_CHANGE /* its files, to change them: also a draft */
};
/* The edition of :id. RC_CONFLICT: it is in review or published. */
enum rc edition_open(const struct request *r, enum edition_need need,
                     struct editing *out, struct err *err) MUST_USE;

/* A document with the steps; `step`: "files", ... or "" for the overview. */
struct node *edition_page(const struct request *r, struct reply *reply,
                          const struct editing *e, const char *title,
                          const char *template, const char *step);
/* "/editions/7/files" for "/files". */
const char *edition_path(const struct request *r, const struct editing *e,
                         const char *rest);
struct stored_owner edition_files(const struct editing *e);
struct stored_owner edition_reports(const struct editing *e);
struct stored_owner edition_result(const struct editing *e);
struct stored_note edition_note(const struct request *r);
/* A row of the audit log, in the transaction that is open. */
enum rc edition_audit(const struct request *r, const struct editing *e,
                      const char *action, struct err *err) MUST_USE;

/* A file of the edition whole, as text; an empty text when it is not there. */
enum rc edition_text(const struct request *r, struct stored_owner owner,
                     const char *name, struct str *out,
                     struct err *err) MUST_USE;
/* A file of the edition as JSON; NULL when it is not there or is none. */
struct node *edition_json(const struct request *r, struct stored_owner owner,
                          const char *name);

/* The faults of the last computation in the reader's language, under "faults":
 * {"faults", "warnings", "files": [{"file", "findings": [...]}]}. `file`: of
 * that file alone; NULL: all. */
void edition_faults(const struct request *r, const struct editing *e,
                    const char *file, struct node *doc);
/* The job under "job": state, stage, percent. */
void edition_job_node(const struct request *r, const struct job_row *j,
                      struct node *doc);
/* A stored file as the reply. `attachment`: to be kept, never shown. */
enum rc reply_stored(struct request *r, struct reply *reply,
                     const struct stored *f, bool attachment,
                     struct err *err) MUST_USE;

#endif
