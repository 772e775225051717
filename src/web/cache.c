#include "web/cache.h"
#include "base/dict.h"

#include <brotli/encode.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { SLOTS = 4096, WORTH_BYTES = 512 };

struct page_cache {
    pthread_mutex_t lock;
    pthread_mutex_t coding; /* one page is compressed at a time */
    size_t most, used;
    struct page *slot[SLOTS];
    struct page *newest, *oldest;
};

struct page_cache *cache_new(size_t most_bytes)
{
    struct page_cache *c = calloc(1, sizeof *c);

    if (!c)
        BUG("out of memory");
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->coding, NULL);
    c->most = most_bytes;
    return c;
}

static size_t weight(const struct page *p)
{
    return sizeof *p + p->key.n + p->bytes[0].n + p->bytes[1].n + p->bytes[2].n;
}

static void page_free(struct page *p)
{
    for (int i = 0; i < CODINGS; i++) {
        if (p->reply[i])
            p->forget(p->reply[i]);
        if (!p->handed[i])
            free((char *)p->bytes[i].p);
    }
    free((char *)p->key.p);
    free(p);
}

/* Under the lock. */
static void drop_reference(struct page *p)
{
    if (--p->refs == 0)
        page_free(p);
}

static size_t slot_of(struct str key)
{
    return str_hash(key) % SLOTS;
}

static void unlink_page(struct page_cache *c, struct page *p)
{
    struct page **at = &c->slot[slot_of(p->key)];

    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    if (p->newer)
        p->newer->older = p->older;
    else
        c->newest = p->older;
    if (p->older)
        p->older->newer = p->newer;
    else
        c->oldest = p->newer;
    c->used -= weight(p);
    p->kept = false;
    drop_reference(p);
}

void cache_free(struct page_cache *c)
{
    if (!c)
        return;
    while (c->newest)
        unlink_page(c, c->newest);
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->coding);
    free(c);
}

size_t cache_bytes(struct page_cache *c)
{
    size_t n;

    pthread_mutex_lock(&c->lock);
    n = c->used;
    pthread_mutex_unlock(&c->lock);
    return n;
}

struct page *cache_find(struct page_cache *c, struct str key, uint64_t version)
{
    struct page *p;

    pthread_mutex_lock(&c->lock);
    for (p = c->slot[slot_of(key)]; p && !str_eq(p->key, key); p = p->next)
        ;
    if (p && p->version != version) {
        unlink_page(c, p);
        p = NULL;
    }
    if (p)
        p->refs++;
    pthread_mutex_unlock(&c->lock);
    return p;
}

void cache_release(struct page_cache *c, struct page *p)
{
    pthread_mutex_lock(&c->lock);
    drop_reference(p);
    pthread_mutex_unlock(&c->lock);
}

static struct str copy(struct str s)
{
    char *p = malloc(s.n + 1);

    if (!p)
        return (struct str){0};
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct str){p, s.n};
}

static void link_page(struct page_cache *c, struct page *p)
{
    struct page **slot = &c->slot[slot_of(p->key)], *old;

    for (old = *slot; old && !str_eq(old->key, p->key); old = old->next)
        ;
    if (old)
        unlink_page(c, old);
    p->next = *slot;
    *slot = p;
    p->older = c->newest;
    if (c->newest)
        c->newest->newer = p;
    else
        c->oldest = p;
    c->newest = p;
    c->used += weight(p);
    while (c->used > c->most && c->oldest != p)
        unlink_page(c, c->oldest);
}

struct page *cache_add(struct page_cache *c, struct str key, uint64_t version,
                       struct str bytes,
                       void (*prepare)(void *ctx, struct page *p), void *ctx)
{
    struct page *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->refs = 2; /* the cache's and the caller's */
    p->version = version;
    p->key = copy(key);
    p->bytes[CODING_PLAIN] = copy(bytes);
    if (!p->key.p || !p->bytes[CODING_PLAIN].p) {
        page_free(p);
        return NULL;
    }
    snprintf(p->etag, sizeof p->etag, "W/\"%016llx\"",
             (unsigned long long)str_hash(bytes));
    prepare(ctx, p);
    p->coded[CODING_PLAIN] = true;
    pthread_mutex_lock(&c->lock);
    p->kept = true;
    link_page(c, p);
    pthread_mutex_unlock(&c->lock);
    return p;
}

void cache_code(struct page_cache *c, struct page *p, enum coding coding,
                void (*prepare)(struct page *p, enum coding coding))
{
    struct str bytes = {0};

    if (p->coded[coding])
        return;
    pthread_mutex_lock(&c->coding);
    if (!p->coded[coding]) {
        bytes = coding == CODING_GZIP
                    ? compress_gzip(p->bytes[CODING_PLAIN])
                    : compress_brotli(p->bytes[CODING_PLAIN], 5);
        pthread_mutex_lock(&c->lock);
        p->bytes[coding] = bytes;
        c->used += p->kept ? bytes.n : 0;
        pthread_mutex_unlock(&c->lock);
        if (bytes.n)
            prepare(p, coding);
        p->coded[coding] = true;
    }
    pthread_mutex_unlock(&c->coding);
}

struct str compress_gzip(struct str s)
{
    z_stream z = {0};
    uLong room;
    char *out;
    size_t n;

    if (s.n < WORTH_BYTES || s.n > UINT32_MAX / 2 ||
        deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return (struct str){0};
    room = deflateBound(&z, s.n);
    out = malloc(room);
    z.next_in = (Bytef *)s.p;
    z.avail_in = (uInt)s.n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    n = out && deflate(&z, Z_FINISH) == Z_STREAM_END ? z.total_out : 0;
    deflateEnd(&z);
    if (n && n < s.n)
        return (struct str){out, n};
    free(out);
    return (struct str){0};
}

/* A window no larger than the page: clearing four megabytes of tables takes
 * longer than compressing ten kilobytes. */
static int window_of(size_t n)
{
    int bits = BROTLI_MIN_WINDOW_BITS + 1;

    while (bits < BROTLI_DEFAULT_WINDOW && ((size_t)1 << bits) < n)
        bits++;
    return bits;
}

struct str compress_brotli(struct str s, int quality)
{
    size_t n = BrotliEncoderMaxCompressedSize(s.n);
    uint8_t *out = s.n < WORTH_BYTES || !n ? NULL : malloc(n);

    if (out &&
        BrotliEncoderCompress(quality, window_of(s.n), BROTLI_MODE_TEXT, s.n,
                              (const uint8_t *)s.p, &n, out) &&
        n < s.n)
        return (struct str){(char *)out, n};
    free(out);
    return (struct str){0};
}

/* Whether a coding is in the list, and not with a quality of 0. */
static bool accepts(struct str header, const char *coding)
{
    while (header.n) {
        const char *end = memchr(header.p, ',', header.n);
        size_t n = end ? (size_t)(end - header.p) : header.n;
        struct str item = str_trim((struct str){header.p, n}), q;
        const char *semicolon = item.n ? memchr(item.p, ';', item.n) : NULL;
        struct str name = str_trim((struct str){
            item.p, semicolon ? (size_t)(semicolon - item.p) : item.n});

        header.p += n + (end != NULL);
        header.n -= n + (end != NULL);
        if (!str_is(name, coding))
            continue;
        q = (struct str){semicolon,
                         semicolon ? item.n - (size_t)(semicolon - item.p) : 0};
        while (q.n && (q.p[0] == ';' || q.p[0] == ' ' || q.p[0] == 'q' ||
                       q.p[0] == '=')) {
            q.p++;
            q.n--;
        }
        while (q.n && (q.p[q.n - 1] == '0' || q.p[q.n - 1] == '.'))
            q.n--;
        return !semicolon || q.n;
    }
    return false;
}

enum coding coding_choose(struct str header)
{
    if (accepts(header, "br"))
        return CODING_BROTLI;
    return accepts(header, "gzip") ? CODING_GZIP : CODING_PLAIN;
}
