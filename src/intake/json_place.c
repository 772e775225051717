#include "intake/json_place.h"

struct scan {
    const char *p, *end;
};

static void skip_blank(struct scan *s)
{
    while (s->p < s->end &&
           (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

static void skip_text(struct scan *s)
{
    for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
        if (*s->p == '\\' && s->p + 1 < s->end)
            s->p++;
    if (s->p < s->end)
        s->p++;
}

/* Any value: brackets are counted, texts passed over. */
static void skip_value(struct scan *s)
{
    size_t depth = 0;

    do {
        skip_blank(s);
        if (s->p >= s->end)
            return;
        if (*s->p == '"') {
            skip_text(s);
        } else if (*s->p == '{' || *s->p == '[') {
            depth++;
            s->p++;
        } else if (*s->p == '}' || *s->p == ']') {
            depth--;
            s->p++;
        } else if (*s->p == ',' || *s->p == ':') {
            s->p++;
        } else {
            while (s->p < s->end && !strchr(",]} \t\r\n", *s->p))
                s->p++;
        }
    } while (depth > 0);
}

/* Does the quoted text at s (escapes untouched) equal the pointer's step? */
static bool key_is(const struct scan *s, const char *step, size_t n)
{
    const char *q = s->p + 1;

    for (size_t i = 0; i < n; i++) {
        char c = step[i];

        if (c == '~' && i + 1 < n)
            c = step[++i] == '1' ? '/' : '~';
        if (q < s->end && *q == '\\')
            q++;
        if (q >= s->end || *q++ != c)
            return false;
    }
    return q < s->end && *q == '"';
}

static bool enter_object(struct scan *s, const char *step, size_t n)
{
    for (s->p++;;) {
        bool found;

        skip_blank(s);
        if (s->p >= s->end || *s->p != '"')
            return false;
        found = key_is(s, step, n);
        skip_text(s);
        skip_blank(s);
        if (s->p >= s->end)
            return false;
        s->p++; /* the colon */
        skip_blank(s);
        if (found)
            return true;
        skip_value(s);
        skip_blank(s);
        if (s->p >= s->end || *s->p++ != ',')
            return false;
    }
}

static bool enter_list(struct scan *s, const char *step, size_t n)
{
    size_t index = 0;

    for (size_t i = 0; i < n; i++) {
        if (step[i] < '0' || step[i] > '9')
            return false;
        index = index * 10 + (size_t)(step[i] - '0');
    }
    s->p++;
    skip_blank(s);
    while (index-- > 0) {
        skip_value(s);
        skip_blank(s);
        if (s->p >= s->end || *s->p++ != ',')
            return false;
        skip_blank(s);
    }
    return s->p < s->end && *s->p != ']';
}

void json_place(struct str json, const char *pointer, uint64_t *line,
                uint64_t *column)
{
    struct scan s = {json.p, json.p + json.n};
    const char *start = json.p;

    *line = *column = 0;
    if (str_starts(json, "\xEF\xBB\xBF"))
        s.p += 3;
    skip_blank(&s);
    while (*pointer == '/') {
        size_t n = strcspn(++pointer, "/");
        bool in =
            s.p < s.end && ((*s.p == '{' && enter_object(&s, pointer, n)) ||
                            (*s.p == '[' && enter_list(&s, pointer, n)));

        if (!in)
            return;
        pointer += n;
    }
    *line = 1;
    for (const char *p = json.p; p < s.p; p++)
        if (*p == '\n') {
            ++*line;
            start = p + 1;
        }
    *column = (uint64_t)(s.p - start) + 1;
}
