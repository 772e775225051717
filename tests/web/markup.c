#include "markup.h"
#include "base/str.h"

#include <ctype.h>
#include <stdlib.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static char *lower(struct arena *a, const char *p, size_t n)
{
    char *s = arena_strndup(a, p, n);

    for (char *c = s; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return s;
}

/* &#106; &#x6a; &colon; &Tab; &NewLine; &amp; as a browser decodes them. */
static char *decoded(struct arena *a, const char *p, size_t n)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {{"&colon;", ':'}, {"&Tab;", '\t'}, {"&NewLine;", '\n'},
                 {"&amp;", '&'},   {"&quot;", '"'}, {"&lt;", '<'},
                 {"&gt;", '>'},    {"&#39;", '\''}};
    char *out = arena_alloc(a, n + 1);
    const char *end = p + n;
    size_t m = 0;

    while (p < end) {
        size_t took = 0;

        for (size_t i = 0; !took && i < ARRAY_LEN(names); i++) {
            if (strncmp(p, names[i].name, strlen(names[i].name)) == 0) {
                out[m++] = names[i].c;
                took = strlen(names[i].name);
            }
        }
        if (!took && p[0] == '&' && p[1] == '#') {
            bool hex = p[2] == 'x' || p[2] == 'X';
            char *after;
            unsigned long v = strtoul(p + 2 + hex, &after, hex ? 16 : 10);

            if (after > p + 2 + hex && v < 128) {
                out[m++] = (char)v;
                took = (size_t)(after - p) + (*after == ';');
            }
        }
        if (!took) {
            out[m++] = *p;
            took = 1;
        }
        p += took;
    }
    out[m] = '\0';
    return out;
}

/* A browser drops blanks and controls before the scheme, and inside it. */
static bool safe_url(const char *url)
{
    char scheme[32];
    size_t n = 0;

    for (; *url && n + 1 < sizeof scheme; url++) {
        if ((unsigned char)*url <= ' ')
            continue;
        if (*url == '/' || *url == '?' || *url == '#')
            return true;
        if (*url == ':')
            break;
        scheme[n++] = (char)tolower((unsigned char)*url);
    }
    scheme[n] = '\0';
    return *url != ':' || strcmp(scheme, "https") == 0 ||
           strcmp(scheme, "http") == 0 || strcmp(scheme, "mailto") == 0 ||
           (strcmp(scheme, "data") == 0 && strncmp(url, ":image/", 7) == 0);
}

static bool takes_url(const char *name)
{
    static const char *const names[] = {"href",   "src",        "action",
                                        "poster", "formaction", "data",
                                        "srcset", "xlink:href", "background"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

struct tag {
    const char *name;
    bool has_source, is_data; /* of a script */
};

static const char *attribute_fault(struct tag *t, const char *name,
                                   const char *value, struct arena *a)
{
    if (strstr(name, MARK) || strncmp(name, "on", 2) == 0 ||
        strcmp(name, "srcdoc") == 0 || strchr(name, '<'))
        return arena_printf(a, "<%s %s=...>", t->name, name);
    if (takes_url(name) && !safe_url(value))
        return arena_printf(a, "<%s %s=\"%s\">", t->name, name, value);
    if (strcmp(name, "src") == 0)
        t->has_source = strncmp(value, "/assets/", 8) == 0;
    if (strcmp(name, "type") == 0)
        t->is_data = strstr(value, "json") != NULL;
    return NULL;
}

/* One attribute at *at, which moves behind it. */
static const char *read_attribute(struct tag *t, const char **at,
                                  struct arena *a)
{
    const char *p = *at, *name = p, *value = "";
    size_t n, m = 0;

    while (*p && *p != '=' && *p != '>' && *p != '/' && !is_blank(*p))
        p++;
    n = (size_t)(p - name);
    while (is_blank(*p))
        p++;
    if (*p == '=') {
        p++;
        while (is_blank(*p))
            p++;
        if (*p == '"' || *p == '\'') {
            char quote = *p++;

            value = p;
            while (*p && *p != quote)
                p++;
            m = (size_t)(p - value);
            p += *p != '\0';
        } else {
            value = p;
            while (*p && *p != '>' && !is_blank(*p))
                p++;
            m = (size_t)(p - value);
        }
    }
    *at = p > *at ? p : p + 1;
    return attribute_fault(t, lower(a, name, n), decoded(a, value, m), a);
}

static bool name_refused(const char *name)
{
    static const char *const names[] = {"iframe", "object", "embed",
                                        "base",   "applet", "frame"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return strstr(name, MARK) != NULL;
}

/* A tag at *at ('<' and a letter), which moves behind it. */
static const char *read_tag(const char **at, struct arena *a)
{
    const char *p = *at + 1, *fault;
    struct tag t = {0};
    size_t n = 0;

    while (p[n] && p[n] != '>' && p[n] != '/' && !is_blank(p[n]))
        n++;
    t.name = lower(a, p, n);
    if (name_refused(t.name))
        return arena_printf(a, "<%s>", t.name);
    for (p += n; *p && *p != '>';) {
        if (is_blank(*p) || *p == '/') {
            p++;
            continue;
        }
        fault = read_attribute(&t, &p, a);
        if (fault)
            return fault;
    }
    if (strcmp(t.name, "script") == 0 && !t.has_source && !t.is_data)
        return "<script> without a source of ours";
    if (strcmp(t.name, "script") == 0 || strcmp(t.name, "style") == 0) {
        const char *end = strcasestr(p, arena_printf(a, "</%s", t.name));

        p = end ? end : p + strlen(p);
    }
    *at = p;
    return NULL;
}

const char *markup_fault(const char *html, struct arena *a)
{
    for (const char *p = html; *p;) {
        const char *fault = NULL;

        if (strncmp(p, "<!--", 4) == 0) {
            const char *end = strstr(p + 4, "-->");

            p = end ? end + 3 : p + strlen(p);
        } else if (*p == '<' && isalpha((unsigned char)p[1])) {
            fault = read_tag(&p, a);
        } else {
            p++;
        }
        if (fault)
            return fault;
    }
    return NULL;
}
