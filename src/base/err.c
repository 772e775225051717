#include "base/err.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name, *sentence;
    int http, exit;
} table[RC_COUNT] = {
#define E(name, http, exit, text) {#name, text, http, exit},
#include "base/err.def"
#undef E
};

const char *rc_name(enum rc rc)
{
    REQUIRE(rc < RC_COUNT);
    return table[rc].name;
}

const char *rc_sentence(enum rc rc)
{
    REQUIRE(rc < RC_COUNT);
    return table[rc].sentence;
}

int rc_http(enum rc rc)
{
    REQUIRE(rc < RC_COUNT);
    return table[rc].http;
}

int rc_exit(enum rc rc)
{
    REQUIRE(rc < RC_COUNT);
    return table[rc].exit;
}

/*
 * One conversion of a message: `%`, an optional position `2$`, flags, width and
 * precision, a length, a letter.
 */
struct conversion {
    const char *start, *end; /* end: after the letter */
    unsigned position;       /* from 1; 0: the next */
    char letter, length;     /* length: 0, 'l', 'L' (ll), 'z' */
};

static bool next_conversion(const char *s, struct conversion *c)
{
    const char *p = strchr(s, '%');
    char *after;
    unsigned long position;

    if (!p)
        return false;
    *c = (struct conversion){.start = p};
    p++;
    position = strtoul(p, &after, 10);
    if (after > p && *after == '$') {
        c->position = (unsigned)position;
        p = after + 1;
    }
    while (*p && strchr("-+ #0123456789.", *p))
        p++;
    for (; *p == 'l' || *p == 'z'; p++)
        c->length = *p == 'z' ? 'z' : c->length == 'l' ? 'L' : 'l';
    c->letter = *p;
    c->end = *p ? p + 1 : p;
    return true;
}

static int print_unsigned(const struct conversion *c, va_list *ap, char *to,
                          size_t room)
{
    unsigned long long v;

    if (c->length == 'L')
        v = va_arg(*ap, unsigned long long);
    else if (c->length == 'l')
        v = va_arg(*ap, unsigned long);
    else if (c->length == 'z')
        v = va_arg(*ap, size_t);
    else
        v = va_arg(*ap, unsigned);
    return snprintf(to, room, "%llu", v);
}

static int print_signed(const struct conversion *c, va_list *ap, char *to,
                        size_t room)
{
    long long v;

    if (c->length == 'L')
        v = va_arg(*ap, long long);
    else if (c->length == 'l')
        v = va_arg(*ap, long);
    else if (c->length == 'z')
        v = va_arg(*ap, ptrdiff_t);
    else
        v = va_arg(*ap, int);
    return snprintf(to, room, "%lld", v);
}

static int print_argument(const struct conversion *c, va_list *ap, char *to,
                          size_t room)
{
    char format[16];
    const char *text;

    switch (c->letter) {
    case 's':
        text = va_arg(*ap, const char *);
        return snprintf(to, room, "%s", text ? text : "");
    case 'c':
        return snprintf(to, room, "%c", va_arg(*ap, int));
    case 'd':
    case 'i':
        return print_signed(c, ap, to, room);
    case 'u':
        return print_unsigned(c, ap, to, room);
    case 'f':
    case 'g':
        if ((size_t)(c->end - c->start) >= sizeof format)
            BUG("conversion too long in a message");
        memcpy(format, c->start, (size_t)(c->end - c->start));
        format[c->end - c->start] = '\0';
        return snprintf(to, room, format, va_arg(*ap, double));
    }
    BUG("conversion %%%c is not for messages", c->letter);
}

unsigned message_pack(const char *message, va_list ap, char *text,
                      size_t text_bytes, uint16_t at[ERR_ARGS])
{
    struct conversion c;
    size_t used = 0;
    unsigned n = 0;
    va_list args;

    va_copy(args, ap);
    for (const char *s = message; next_conversion(s, &c); s = c.end) {
        int length;

        if (c.letter == '%')
            continue;
        if (n == ERR_ARGS || used + 1 >= text_bytes)
            break;
        length = print_argument(&c, &args, text + used, text_bytes - used);
        at[n++] = (uint16_t)used;
        used += MIN((size_t)MAX(length, 0), text_bytes - used - 1) + 1;
    }
    va_end(args);
    return n;
}

void message_render(const char *message, const char *text, const uint16_t *at,
                    unsigned n_args, struct buf *out)
{
    struct conversion c;
    unsigned next = 0;
    const char *s = message;

    for (; next_conversion(s, &c); s = c.end) {
        unsigned i = c.position ? c.position - 1 : next;

        buf_add(out, (struct str){s, (size_t)(c.start - s)});
        if (c.letter == '%') {
            buf_addc(out, '%');
            continue;
        }
        if (i < n_args)
            buf_adds(out, text + at[i]);
        next++;
    }
    buf_adds(out, s);
}

enum rc err_set(struct err *err, enum rc code, const char *message, ...)
{
    va_list ap;

    if (!err)
        return code;
    err->code = code;
    err->message = message;
    va_start(ap, message);
    err->n_args =
        message_pack(message, ap, err->text, sizeof err->text, err->at);
    va_end(ap);
    return code;
}

void err_render(const struct err *err, const char *message, struct buf *out)
{
    message_render(message, err->text, err->at, err->n_args, out);
}
