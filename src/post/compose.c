/* A letter as a message of RFC 5322: checked headers, a body in base64. */
#include "post/post.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

enum { ADDRESS_MOST = 254, LINE = 57 /* bytes a line: 76 of base64 */ };

static const struct {
    const char *subject, *text;
} letters[LETTERS] = {
#define LETTER(NAME, name, subject, text) {subject, text},
#include "post/letters.def"
#undef LETTER
};

bool post_address_valid(const char *address)
{
    size_t n = strlen(address);
    const char *at = strrchr(address, '@');

    if (n > ADDRESS_MOST || !at || at == address || at - address > 64 ||
        !at[1] || at[1] == '.' || address[n - 1] == '.' ||
        memchr(address, '@', (size_t)(at - address)))
        return false;
    for (const char *p = address; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7F ||
            strchr("<>()[]\\,;:\"", *p))
            return false;
    return true;
}

static void add_base64(struct buf *out, const char *p, size_t n)
{
    char text[4 * ((LINE + 2) / 3) + 1];

    sodium_bin2base64(text, sizeof text, (const unsigned char *)p, n,
                      sodium_base64_VARIANT_ORIGINAL);
    buf_adds(out, text);
}

/* RFC 2047, in words of at most 75 characters that end between characters. */
static void add_encoded(struct buf *out, struct str s)
{
    bool first = true;

    while (s.n || first) {
        size_t n = MIN(s.n, (size_t)42);

        while (n < s.n && n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
            n--;
        buf_adds(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        add_base64(out, s.p, n);
        buf_adds(out, "?=");
        s.p += n;
        s.n -= n;
        first = false;
    }
}

static void add_date(struct buf *out, int64_t now)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed",
                                   "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t t = (time_t)now;
    struct tm tm;

    gmtime_r(&t, &tm);
    buf_fmt(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n",
            days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
            tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_headers(const struct post_config *c, const char *subject,
                        const char *address, const struct lang *l, int64_t now,
                        struct buf *out)
{
    unsigned char random[16];
    char id[2 * sizeof random + 1];

    randombytes_buf(random, sizeof random);
    sodium_bin2hex(id, sizeof id, random, sizeof random);
    add_date(out, now);
    buf_fmt(out, "From: <%s>\r\nTo: <%s>\r\n", c->sender, address);
    buf_fmt(out, "Message-ID: <%s@%s>\r\nSubject: ", id,
            strrchr(c->sender, '@') + 1);
    add_encoded(out, str_of(subject));
    buf_fmt(out,
            "\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "Content-Language: %s\r\nAuto-Submitted: auto-generated\r\n\r\n",
            lang_code(l));
}

static void add_body(const struct post_config *c, enum letter letter,
                     const char *address, const struct lang *l,
                     const struct letter_values *v, struct buf *out)
{
    AUTO(buf) struct buf filled = {.ceiling = 1 << 18};
    AUTO(buf) struct buf body = {.ceiling = 1 << 19};

    lang_fill(&filled, lang_text(l, letters[letter].text), "name",
              v->name ? v->name : address, "detail", v->detail ? v->detail : "",
              NULL);
    if (v->note)
        buf_fmt(&filled, "\n\n%s\n%s",
                lang_text(l, N_("What the reviewer writes:")), v->note);
    if (v->path)
        buf_fmt(&filled, "\n\n%s%s", c->base, v->path);
    buf_fmt(&filled, "\n\n-- \n%s\n%s\n", lang_text(l, N_("Network of cities")),
            c->base);
    for (size_t i = 0; i < filled.n; i++) {
        if (filled.p[i] == '\n')
            buf_addc(&body, '\r');
        buf_addc(&body, filled.p[i]);
    }
    for (size_t i = 0; i < body.n; i += LINE) {
        add_base64(out, body.p + i, MIN(body.n - i, (size_t)LINE));
        buf_adds(out, "\r\n");
    }
}

enum rc post_compose(const struct post_config *c, enum letter letter,
                     const char *address, const struct lang *l,
                     const struct letter_values *v, int64_t now,
                     struct buf *out, struct err *err)
{
    REQUIRE(letter < LETTERS);
    if (!post_address_valid(address))
        return err_set(err, RC_INVALID, N_("'%s' is not an e-mail address"),
                       address);
    if (!c->sender || !post_address_valid(c->sender))
        return err_set(err, RC_INVALID,
                       N_("the sender '%s' is not an e-mail address"),
                       c->sender ? c->sender : "");
    add_headers(c, lang_text(l, letters[letter].subject), address, l, now, out);
    add_body(c, letter, address, l, v, out);
    return out->failed ? err_set(err, RC_LIMIT, N_("this letter is too long"))
                       : RC_OK;
}
