/*
 * record_page.h: what the pages of records share.
 */
#ifndef PASSERELLE_WEB_RECORD_PAGE_H
#define PASSERELLE_WEB_RECORD_PAGE_H

#include "record/revision.h"
#include "web/page.h"

/* The type and the record that :type and :id name, for who may do `action`. */
enum rc page_type(const struct request *r, const struct record_type **t,
                  struct err *err) MUST_USE;
enum rc page_find(const struct request *r, enum action action,
                  const struct record_type **t, void **record,
                  struct err *err) MUST_USE;
/* "/records/city/7" and what comes behind it. */
const char *page_own_path(const struct request *r, const struct record_type *t,
                          int64_t id, const char *rest);
/* "type": {name, label, many, path}. */
void page_set_type(const struct request *r, const struct record_type *t,
                   struct node *doc);
/* The note of a form, at most 2000 bytes; NULL when it is empty. */
const char *page_note(const struct request *r);
/* "moves": what the viewer may do next; of a revision unless it is NULL. */
void page_moves(const struct request *r, const struct record_type *t,
                const void *record, const struct revision *v, struct node *doc);
/* Who wrote it, when, how far it is. */
struct node *page_revision_node(const struct request *r,
                                const struct record_type *t, int64_t id,
                                const struct revision *v);

#endif
