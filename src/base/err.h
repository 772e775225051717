/*
 * err.h: how a failure travels.
 *
 * Functions return enum rc; `struct err *` is the last parameter and may be
 * NULL. The message id (English, marked with N_) and its arguments are kept
 * apart so that text/ can say it in another language. Conversions allowed in a
 * message: %s %d %u %zu %ld %lld %llu %g %f (with precision) and %%.
 */
#ifndef PASSERELLE_ERR_H
#define PASSERELLE_ERR_H

#include "base/base.h"

#include "passerelle/rc.h" /* enum rc */

enum err_row {
#define E(name, http, exit, text) ERR_ROW_##name,
#include "base/err.def"
#undef E
    ERR_ROW_COUNT
};
#define E(name, http, exit, text)                         \
    _Static_assert((int)RC_##name == (int)ERR_ROW_##name, \
                   "rc.h and err.def differ at " #name);
#include "base/err.def"
#undef E
_Static_assert((int)RC_COUNT == (int)ERR_ROW_COUNT, "rc.h lacks a row");

enum { ERR_ARGS = 8, ERR_ARG_BYTES = 1024 };

struct err {
    enum rc code;
    const char *message; /* static: the message id */
    unsigned n_args;
    uint16_t at[ERR_ARGS];    /* offset of each argument in `text` */
    char text[ERR_ARG_BYTES]; /* the arguments, NUL after each */
};

const char *rc_name(enum rc rc);     /* "NOT_FOUND" */
const char *rc_sentence(enum rc rc); /* message id of the sentence */
int rc_http(enum rc rc);
int rc_exit(enum rc rc);

/* Fills `err` (if not NULL) and returns `code`. */
enum rc err_set(struct err *err, enum rc code, const char *message, ...)
    PRINTF(3, 4) COLD;

struct buf;
/*
 * Appends the message with its arguments in place. `message` is err->message
 * or its translation; `%2$s` picks an argument by number.
 */
void err_render(const struct err *err, const char *message, struct buf *out);

/* Shared with fault.h: splits a printf message into text arguments. */
#include <stdarg.h>
unsigned message_pack(const char *message, va_list ap, char *text,
                      size_t text_bytes, uint16_t at[ERR_ARGS]);
void message_render(const char *message, const char *text, const uint16_t *at,
                    unsigned n_args, struct buf *out);

#endif
