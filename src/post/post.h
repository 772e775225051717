/*
 * post.h: e-mail: letters put into the outbox, and one thread that sends them.
 *
 * A handler puts a letter by its name and values in its own transaction or
 * none; what it says is written when it is sent, in the reader's language. The
 * values are sealed in the table, since a link in them opens an account.
 * Several servers may drain one outbox: a letter is taken by moving its `due`.
 * A letter that fails is tried again after 1, 2, 4, ... minutes, at most 12
 * times; its values are forgotten once it is sent or given up.
 *
 * Headers are made of checked parts alone: an address with a control
 * character, blank or angle bracket is refused, everything else is encoded
 * (RFC 2047, 5322, base64 body), so no value can begin a header of its own.
 */
#ifndef PASSERELLE_POST_H
#define PASSERELLE_POST_H

#include "network/account.h"
#include "text/lang.h"

enum letter {
#define LETTER(NAME, name, subject, text) LETTER_##NAME,
#include "post/letters.def"
#undef LETTER
    LETTERS
};

struct letter_values {
    const char *name;   /* of the reader; NULL: the address */
    const char *detail; /* or NULL */
    const char *path;   /* behind the link: "/invitation/..."; or NULL */
    const char *note;   /* words of a person, after the text; or NULL */
};

/* RC_INVALID when `address` is none. `lang`: "fr". */
enum rc post_put(struct store *s, const struct keyring *k, enum letter letter,
                 const char *address, const char *lang,
                 const struct letter_values *v, int64_t now,
                 struct err *err) MUST_USE;
/*
 * Somebody forgot a password. The same row whether the address is known or not;
 * the worker finds out, so that no answer and no time tells.
 */
enum rc post_put_forgotten(struct store *s, const struct keyring *k,
                           const char *address, const char *lang, int64_t now,
                           struct err *err) MUST_USE;
bool post_address_valid(const char *address);

struct post_config {
    const char *store;  /* store_open */
    const char *smtp;   /* "smtps://user:password@mail.example.org", or NULL:
                           letters wait */
    const char *sender; /* "network@example.org" */
    const char *base;   /* "https://network.example.org", before paths */
    struct keyring keys;
};

/* One letter as it goes over the wire, with CRLF. */
enum rc post_compose(const struct post_config *c, enum letter letter,
                     const char *address, const struct lang *l,
                     const struct letter_values *v, int64_t now,
                     struct buf *out, struct err *err) MUST_USE;

/* Sends what is due; *sent (may be NULL) counts. For the worker and tests. */
enum rc post_drain(const struct post_config *c, struct store *s, int64_t now,
                   size_t *sent, struct err *err) MUST_USE;

struct post;
/* Copies the configuration; the thread looks every `seconds`. */
enum rc post_start(const struct post_config *c, unsigned seconds,
                   struct post **out, struct err *err) MUST_USE;
void post_wake(struct post *p); /* a letter was just put; NULL: nothing */
void post_stop(struct post *p); /* NULL: nothing */

#endif
