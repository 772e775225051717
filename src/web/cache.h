/*
 * cache.h: public pages, kept whole until something changes.
 *
 * Key: method and URL with its query, language, shape; valid for one version
 * of the data. An entry holds the bytes plain with their ETag, and compressed
 * once somebody asks for that coding.
 * Entries are counted references: a reply keeps its entry while it is sent.
 * Shared by all threads; bounded in bytes, the oldest leave first.
 */
#ifndef PASSERELLE_WEB_CACHE_H
#define PASSERELLE_WEB_CACHE_H

#include "base/str.h"

enum coding { CODING_PLAIN, CODING_GZIP, CODING_BROTLI, CODINGS };

struct page {
    unsigned refs; /* under the cache's lock */
    bool kept;     /* in the cache: under its lock */
    uint64_t version;
    struct str key;
    struct str bytes[CODINGS]; /* of a coding: once coded[] says so */
    _Atomic bool coded[CODINGS];
    bool handed[CODINGS]; /* the reply frees the bytes, not the page */
    char etag[24];        /* weak: one for every coding; with its quotes */
    const char *route;    /* pattern, of the static table */
    void *reply[CODINGS]; /* the server's own, made once; see kept.c. NULL:
                           * this coding does not pay */
    void (*forget)(void *reply);
    struct page *next, *older, *newer;
};

struct page_cache;
struct page_cache *cache_new(size_t most_bytes);
void cache_free(struct page_cache *c);
size_t cache_bytes(struct page_cache *c); /* that are kept now */
/* A page of this version, its reference taken, or NULL. */
struct page *cache_find(struct page_cache *c, struct str key, uint64_t version);
/*
 * Copies, lets `prepare` make the plain reply before any other thread can see
 * the page, and returns it with a reference; NULL without memory.
 */
struct page *cache_add(struct page_cache *c, struct str key, uint64_t version,
                       struct str bytes,
                       void (*prepare)(void *ctx, struct page *p), void *ctx);
/*
 * Compresses for a coding when nobody asked for it before, and lets `prepare`
 * make its reply. Afterwards coded[coding] is true and bytes and reply stand.
 */
void cache_code(struct page_cache *c, struct page *p, enum coding coding,
                void (*prepare)(struct page *p, enum coding coding));
void cache_release(struct page_cache *c, struct page *p);

/* Compressed bytes, malloc'ed; empty when it does not pay. */
struct str compress_gzip(struct str s);
struct str compress_brotli(struct str s, int quality);
/* Which coding an Accept-Encoding header allows best. */
enum coding coding_choose(struct str header);

#endif
