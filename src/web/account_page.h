/*
 * account_page.h: what the pages of accounts and of the administration share.
 */
#ifndef PASSERELLE_WEB_ACCOUNT_PAGE_H
#define PASSERELLE_WEB_ACCOUNT_PAGE_H

#include "network/account.h"
#include "post/post.h"
#include "web/page.h"

enum { SESSION_DAYS = 14, PENDING_S = 300 };

struct keyring request_keys(const struct request *r);
int64_t request_now(void);
/* {"iso": "2026-11-22T05:44:00Z", "text": "22 November 2026, 05:44"} */
void node_set_time(const struct request *r, struct node *n, const char *key,
                   int64_t at);
/* A form that was not right: the page again, with what is wrong on top. */
void page_fault(const struct request *r, struct reply *reply,
                const struct err *err);
void page_fault_text(const struct request *r, struct reply *reply,
                     const char *message);
/* RC_FORBIDDEN for a token of the API: these pages are a person's own. */
enum rc own_session(const struct request *r, struct err *err) MUST_USE;

/* "to" of the form or the query: where one wanted to go; "/desk" without. */
const char *wanted_path(const struct request *r);
/* A new session under a new token; the one that was, ends. */
enum rc session_begin(struct request *r, struct reply *reply, int64_t account,
                      bool second_factor, struct err *err) MUST_USE;
/* Password or link was right: on to the code, or in. */
enum rc sign_in_next(struct request *r, struct reply *reply, int64_t account,
                     bool strong, struct err *err) MUST_USE;

/* What a record is called, in the language of the request; "" for none. */
const char *record_name(const struct request *r, const struct record_type *t,
                        int64_t id);
/* Roles with what they hold for: "role", "label", "city" or "organisation",
 * "place"; "delegated" for a deputy's, "ended" where no term runs. */
struct node *grants_list(const struct request *r, const struct viewer *v);

/* Into the outbox, in the language of this request; the worker is woken. */
enum rc letter_put(struct request *r, enum letter letter, const char *address,
                   const struct letter_values *v, struct err *err) MUST_USE;

/* A QR code as {"size", "path"}: an SVG path of dark modules, with its quiet
 * zone; NULL when the text is too long. */
struct node *qr_node(struct arena *a, const char *text);

#endif
