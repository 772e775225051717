/*
 * publication_page.h: published versions of profiles, as their pages share
 * them. What was withdrawn is there for the network's people who may edit the
 * city, and for nobody else.
 */
#ifndef PASSERELLE_WEB_PUBLICATION_PAGE_H
#define PASSERELLE_WEB_PUBLICATION_PAGE_H

#include "network/publication.h"
#include "web/public.h"

/* A published version and its city, as far as this viewer may see both. */
struct published {
    const struct city *city;
    struct publication it;
};
/* number 0: the newest. */
enum rc published_find(const struct request *r, int64_t city, int64_t number,
                       struct published *out, struct err *err) MUST_USE;
/* The version that :id and :number of the path name. */
enum rc published_of_path(const struct request *r, struct published *out,
                          struct err *err) MUST_USE;
/* What publication_each shows for the length of a call, in the request's
 * arena. */
struct publication published_copy(const struct request *r,
                                  const struct publication *p);
const char *published_title(const struct request *r,
                            const struct publication *p);
/* "/cities/3/profiles/2" and what follows it. */
const char *published_path(const struct request *r, const struct publication *p,
                           const char *rest);
/* {number, title, period, published, path, downloads, withdrawn}. */
struct node *published_item(const struct request *r,
                            const struct publication *p);
/* The document of a version, read. */
enum rc published_document(const struct request *r, const struct publication *p,
                           struct node **out, struct err *err) MUST_USE;
/* The city's versions on its page: "profiles": {newest: {..., figures:
 * [{label, value, more}], sentences}, versions, path}; nothing without one. */
enum rc published_on_city(const struct request *r, const struct city *c,
                          struct node *doc, struct err *err) MUST_USE;
/* Puts "profile" (path) and "profile_period" into those of the city items that
 * have one, and the newest of all, at most `most`, into `newest` (may be NULL)
 * as published_item with "city". */
enum rc published_newest(struct request *r, struct node *items,
                         struct node *newest, size_t most,
                         struct err *err) MUST_USE;

#endif
