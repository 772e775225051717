/*
 * record_letters.h: who is told when something comes to review or leaves it.
 *
 * In the transaction of the move, so that a letter goes once and only with the
 * move: into the outbox, each in its reader's language. Nobody is told of what
 * they did themselves. The worker is woken by letters_wake, after the commit.
 */
#ifndef PASSERELLE_WEB_RECORD_LETTERS_H
#define PASSERELLE_WEB_RECORD_LETTERS_H

#include "post/post.h"
#include "web/page.h"

struct letter_about {
    const struct words *title; /* of what it is about */
    const char *path;          /* of its page: "/records/city/7/revision" */
    const char *note;          /* of who moved it, or NULL */
};
/* To everybody who may review it (ACTION_REVIEW on `s`): LETTER_REVIEW. */
enum rc letters_to_reviewers(struct request *r, const struct subject *s,
                             const struct letter_about *l,
                             struct err *err) MUST_USE;
/* To one account, if it is open: LETTER_SENT_BACK or LETTER_PUBLISHED. */
enum rc letters_to_author(struct request *r, enum letter letter,
                          int64_t account, const struct letter_about *l,
                          struct err *err) MUST_USE;
void letters_wake(const struct request *r);

#endif
