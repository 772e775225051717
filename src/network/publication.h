/*
 * publication.h: the published versions of a city's profile.
 *
 * A version is made from the result of an edition when it is published, has a
 * number (1, 2, ... a city), and never changes again. It may be withdrawn: it
 * then keeps its number and its files, and is shown to nobody but the network.
 * Its files are those that `passerelle profile` writes: profile.json (the
 * document), profile.<lang>.html, data/..., figures/... Counts in them went
 * through disclosure control; they are public and not encrypted.
 *
 * Reading needs no permission: whoever asks for withdrawn ones decides first.
 * Results live in the arena.
 */
#ifndef PASSERELLE_NETWORK_PUBLICATION_H
#define PASSERELLE_NETWORK_PUBLICATION_H

#include "network/stored.h"
#include "record/keep.h"

#define PUBLICATION_DOCUMENT "profile.json"
enum { PUBLICATION_DOCUMENT_MOST = 64 << 20 };

struct publication {
    int64_t id, city, edition; /* edition 0: none */
    int64_t number;            /* 1, 2, ... in its city */
    struct words title;        /* by language; see words_best */
    const char *period;        /* as the document writes it: "2026" */
    const char *program;       /* version that computed it: "0.1.0" */
    const char *sha256;        /* of profile.json */
    int64_t published;         /* seconds since 1970 */
    int64_t published_by;      /* account */
    int64_t withdrawn;         /* seconds since 1970, or 0 */
};

/* Those of a city (0: of every city), the newest first. `withdrawn`: also
 * those. The pointer is valid inside the call. */
enum rc publication_each(struct store *s, int64_t city, bool withdrawn,
                         bool (*fn)(void *ctx, const struct publication *p),
                         void *ctx, struct err *err) MUST_USE;
/* The newest of each city that is not withdrawn, by city. */
enum rc publication_newest(struct store *s,
                           bool (*fn)(void *ctx, const struct publication *p),
                           void *ctx, struct err *err) MUST_USE;
enum rc publication_load(struct store *s, int64_t id, struct arena *a,
                         struct publication *out, struct err *err) MUST_USE;
/* By number in its city; number 0: the newest. Withdrawn ones are
 * RC_NOT_FOUND unless asked for. */
enum rc publication_find(struct store *s, int64_t city, int64_t number,
                         bool withdrawn, struct arena *a,
                         struct publication *out, struct err *err) MUST_USE;

/* The document: the bytes of profile.json. */
enum rc publication_document(struct store *s, int64_t id, struct arena *a,
                             struct str *json, struct err *err) MUST_USE;
/* Its files by name; see stored.h. */
enum rc publication_files(struct store *s, int64_t id,
                          bool (*fn)(void *ctx, const struct stored *f),
                          void *ctx, struct err *err) MUST_USE;
/* One file, whole: RC_NOT_FOUND; RC_LIMIT beyond `most` bytes. */
enum rc publication_read(struct store *s, int64_t id, const char *name,
                         uint64_t most, struct arena *a, struct stored *file,
                         struct str *bytes, struct err *err) MUST_USE;

/*
 * Makes a version of what an edition's last computation left (the files move to
 * it), in the caller's transaction. RC_CONFLICT when there is no result.
 * `period` and `program` are read from the document.
 */
struct publishing {
    int64_t city, edition;
    struct words title;
    int64_t by, at;
};
enum rc publication_make(struct store *s, const struct publishing *p,
                         struct arena *a, int64_t *id,
                         struct err *err) MUST_USE;
/* Takes a version back, or puts it forward again. */
enum rc publication_withdraw(struct store *s, int64_t id, bool withdrawn,
                             int64_t by, int64_t at, struct err *err) MUST_USE;

#endif
