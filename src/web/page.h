/*
 * page.h: what handlers share when they make a document.
 *
 * A document has "title"; "crumbs" (items of label, path) and what the page
 * shows. All in the request's arena, texts in the request's language.
 */
#ifndef PASSERELLE_WEB_PAGE_H
#define PASSERELLE_WEB_PAGE_H

#include "web/handlers.h"
#include "web/server.h"

struct node *page_begin(const struct request *r, const char *title);
/* One more step of "where am I"; the page itself is not among them. */
void page_crumb(struct node *doc, const char *label, const char *path);
/* The number in :id or another parameter; RC_NOT_FOUND when it is none. */
enum rc page_id(const struct request *r, const char *name, int64_t *out,
                struct err *err) MUST_USE;
/* A message of what was done ("Saved."), shown once on the page it leads to;
 * `path` is a path of ours. */
void page_done(const struct request *r, struct reply *reply, const char *path,
               const char *code);
/* A text of the arena with named places filled: lang_fill. */
const char *page_fill(const struct request *r, const char *sentence,
                      const char *name, const char *value);
/* "22 November 2026, 05:40 UTC" */
/* "640 bytes", "12 kB", "3.4 MB". */
const char *page_size(const struct request *r, uint64_t size);
const char *page_moment(const struct request *r, int64_t at);
/* Name of the person behind an account. */
const char *page_account_name(const struct request *r, int64_t account);

#endif
