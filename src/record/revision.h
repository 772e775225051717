/*
 * revision.h: a change of a published record that nobody else reads yet.
 *
 * A record of a type with a workflow that is published keeps its text while a
 * change of it waits for review: the change is the record's one open revision,
 * in tables of its own. It is a patch: by column, what stood in the published
 * record when it was written ("old") and what shall stand there ("new"). So
 * the published record may go on: other fields change beneath a revision, and
 * only where the same column was changed in both do they clash. The rows of
 * the record, its search text and its JSON never hold a revision.
 *
 * Nobody is asked here who may: see network/access.h, ACTION_PROPOSE.
 */
#ifndef PASSERELLE_RECORD_REVISION_H
#define PASSERELLE_RECORD_REVISION_H

#include "record/keep.h"

struct revision {
    int64_t version;    /* grows by one a save or a move; 0: there is none */
    int64_t base;       /* version of the record it was last written over */
    int64_t by, at;     /* who wrote it last, and when */
    const char *state;  /* of the record's workflow: "draft", "review" */
    struct node *patch; /* {"name_fr": {"old": "...", "new": "..."}} */
};

/* Whether a change of this record has to wait: it is published, and its type
 * has a workflow. An edition's title and note never wait: what is public of it
 * are its versions, which keep the title they were published under. */
bool revision_needed(const struct record_type *t, const void *record);

/* Without an open revision: RC_OK and out->version 0. */
enum rc revision_load(struct store *s, const struct record_type *t, int64_t id,
                      struct arena *a, struct revision *out,
                      struct err *err) MUST_USE;
/* The published record becomes the proposed one. Fields that were changed in
 * both are complained of (`clashes` may be NULL); they get the proposed
 * text. */
void revision_apply(const struct record_type *t, const struct revision *v,
                    void *record, struct arena *a, struct complaints *clashes);
/*
 * Keeps `proposed` as the open revision of `published`, with a row of the
 * history. `v`: as it was loaded, its version as the writer saw it; renewed.
 * Nothing differs: the revision goes. RC_CONFLICT: somebody saved it
 * meanwhile. In the caller's transaction.
 */
enum rc revision_save(struct store *s, const struct record_type *t,
                      const void *published, const void *proposed,
                      struct revision *v, const struct deed *d, struct arena *a,
                      struct err *err) MUST_USE;
/* To another state ("review"); the deed goes into the history. */
enum rc revision_move(struct store *s, const struct record_type *t,
                      const void *published, struct revision *v,
                      const char *state, const struct deed *d, struct arena *a,
                      struct err *err) MUST_USE;
/* There is none any more; without one: nothing. */
enum rc revision_drop(struct store *s, const struct record_type *t, int64_t id,
                      struct err *err) MUST_USE;
/* Records of a type with a revision in that state, the oldest first. */
enum rc revision_each(struct store *s, const struct record_type *t,
                      const char *state, bool (*fn)(void *ctx, int64_t id),
                      void *ctx, struct err *err) MUST_USE;

#endif
