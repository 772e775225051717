/*
 * public.h: what pages that everybody may read share.
 */
#ifndef PASSERELLE_WEB_PUBLIC_H
#define PASSERELLE_WEB_PUBLIC_H

#include "record/types.h"
#include "web/record_view.h"

/* A city as lists show it: id, title, path, status, since, country, residents,
 * residents_when. */
struct node *public_city(const struct request *r, const struct city *c);
/* A territory that is to be seen, or NULL. */
const struct territory *public_territory(const struct request *r, int64_t id);
/* The choices of a field as the filter of a list: see filter.html. */
void public_filter(const struct request *r, const struct record_type *t,
                   const char *field, struct node *doc);
/* "frames" with the map of the Mediterranean and these cities, for a page. */
enum rc public_map(const struct request *r, void *const *cities, size_t n,
                   struct node *doc, struct err *err) MUST_USE;

#endif
