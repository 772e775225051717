#include "web/http.h"

#include <stdio.h>

struct str pairs_get(const struct pairs *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->items[i].name, name) == 0)
            return p->items[i].value;
    return (struct str){"", 0};
}

bool pairs_has(const struct pairs *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->items[i].name, name) == 0)
            return true;
    return false;
}

void pairs_add(struct pairs *p, struct arena *a, const char *name,
               struct str value)
{
    VEC_PUSH(a, p->items, p->n, p->cap) =
        (struct pair){arena_strdup(a, name), {arena_str(a, value), value.n}};
}

struct str request_param(const struct request *r, const char *name)
{
    return pairs_get(&r->params, name);
}

struct str request_form(const struct request *r, const char *name)
{
    return pairs_get(&r->form, name);
}

struct str request_query(const struct request *r, const char *name)
{
    return pairs_get(&r->query, name);
}

struct str request_header(const struct request *r, const char *name)
{
    for (size_t i = 0; i < r->headers.n; i++)
        if (strcasecmp(r->headers.items[i].name, name) == 0)
            return r->headers.items[i].value;
    return (struct str){"", 0};
}

/* A path of this site: one slash, no scheme, no backslash, no control. */
static bool own_path(const char *path)
{
    if (path[0] != '/' || path[1] == '/' || path[1] == '\\')
        return false;
    for (const char *p = path; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == '\\' || *p == 0x7F)
            return false;
    return true;
}

void reply_redirect(const struct request *r, struct reply *reply,
                    const char *path)
{
    reply->location = own_path(path) ? arena_strdup(r->arena, path) : "/";
    reply->status = 303;
    reply->private = true;
}

void reply_cookie(const struct request *r, struct reply *reply,
                  const char *name, const char *value, int64_t seconds)
{
    const char *text = arena_printf(
        r->arena, "%s%s=%s; Path=/; HttpOnly; SameSite=Lax%s; Max-Age=%lld",
        r->secure ? "__Host-" : "", name, value, r->secure ? "; Secure" : "",
        (long long)seconds);

    pairs_add(&reply->headers, r->arena, "Set-Cookie", str_of(text));
    reply->private = true;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool url_decode(struct str s, bool plus_is_blank, struct arena *a,
                struct str *out)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (c == '+' && plus_is_blank) {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < s.n ? hex(s.p[i + 1]) : -1;
            int low = i + 2 < s.n ? hex(s.p[i + 2]) : -1;

            if (i + 2 >= s.n || high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (!c)
            return false;
        p[n++] = c;
    }
    *out = (struct str){p, n};
    return str_utf8_valid(*out, NULL);
}

bool pairs_parse(struct str s, struct arena *a, size_t most, struct pairs *out)
{
    while (s.n) {
        const char *end = memchr(s.p, '&', s.n);
        struct str item = {s.p, end ? (size_t)(end - s.p) : s.n};
        const char *equals = item.n ? memchr(item.p, '=', item.n) : NULL;
        struct str name = {item.p, equals ? (size_t)(equals - item.p) : item.n};
        struct str value = {equals ? equals + 1 : "",
                            equals ? item.n - name.n - 1 : 0};

        s.p += item.n + (end != NULL);
        s.n -= item.n + (end != NULL);
        if (!item.n)
            continue;
        if (out->n == most || !url_decode(name, true, a, &name) ||
            !url_decode(value, true, a, &value))
            return false;
        pairs_add(out, a, name.p, value);
    }
    return true;
}

void cookies_parse(struct str s, struct arena *a, size_t most,
                   struct pairs *out)
{
    while (s.n && out->n < most) {
        const char *end = memchr(s.p, ';', s.n);
        struct str item = {s.p, end ? (size_t)(end - s.p) : s.n};
        const char *equals;

        s.p += item.n + (end != NULL);
        s.n -= item.n + (end != NULL);
        item = str_trim(item);
        equals = item.n ? memchr(item.p, '=', item.n) : NULL;
        if (!equals || equals == item.p)
            continue;
        pairs_add(
            out, a, arena_strndup(a, item.p, (size_t)(equals - item.p)),
            (struct str){equals + 1, item.n - (size_t)(equals - item.p) - 1});
    }
}

/* "q=0.8" as thousandths; 1000 without one. */
static unsigned quality(struct str parameters)
{
    const char *q =
        parameters.n ? memmem(parameters.p, parameters.n, "q=", 2) : NULL;
    double v;
    size_t n = 0, left;

    if (!q)
        return 1000;
    left = parameters.n - (size_t)(q + 2 - parameters.p);
    while (n < left &&
           ((q[2 + n] >= '0' && q[2 + n] <= '9') || q[2 + n] == '.'))
        n++;
    if (!str_double((struct str){q + 2, n}, &v) || v < 0 || v > 1)
        return 0;
    return (unsigned)(v * 1000 + 0.5);
}

/* One element of a comma-separated header: the value, and its quality. */
static bool next_choice(struct str *rest, struct str *value, unsigned *q)
{
    const char *end, *semicolon;
    struct str item;

    if (!rest->n)
        return false;
    end = memchr(rest->p, ',', rest->n);
    item = (struct str){rest->p, end ? (size_t)(end - rest->p) : rest->n};
    rest->p += item.n + (end != NULL);
    rest->n -= item.n + (end != NULL);
    semicolon = item.n ? memchr(item.p, ';', item.n) : NULL;
    *value = str_trim((struct str){
        item.p, semicolon ? (size_t)(semicolon - item.p) : item.n});
    *q = semicolon ? quality((struct str){
                         semicolon, item.n - (size_t)(semicolon - item.p)})
                   : 1000;
    return true;
}

size_t language_choose(struct str header, const char *const *offered, size_t n)
{
    struct str value;
    unsigned q, best = 0;
    size_t chosen = 0;

    while (next_choice(&header, &value, &q)) {
        for (size_t i = 0; i < n; i++) {
            size_t length = strlen(offered[i]);
            bool same = value.n >= length &&
                        strncasecmp(value.p, offered[i], length) == 0 &&
                        (value.n == length || value.p[length] == '-');

            if (same && q > best) {
                best = q;
                chosen = i;
            }
        }
    }
    return chosen;
}

static const struct {
    const char *suffix, *type;
    enum representation as;
} shapes[] = {
    {".json", "application/json", AS_JSON},
    {".csv", "text/csv", AS_CSV},
    {".ics", "text/calendar", AS_ICS},
    {".atom", "application/atom+xml", AS_ATOM},
};

enum representation representation_choose(struct str accept, struct str path)
{
    enum representation best = AS_HTML;
    unsigned q, best_q = 0;
    struct str value;

    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (str_ends(path, shapes[i].suffix))
            return shapes[i].as;
    while (next_choice(&accept, &value, &q)) {
        if (str_is(value, "text/html") && q > best_q) {
            best = AS_HTML;
            best_q = q;
        }
        for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
            if (str_is(value, shapes[i].type) && q > best_q) {
                best = shapes[i].as;
                best_q = q;
            }
        }
    }
    return best;
}
