#include "store/engine.h"

/* End of what starts at p and hides colons: a quoted text or a comment. */
static const char *skip_hidden(const char *p)
{
    const char *end;

    if (*p == '\'' || *p == '"') {
        end = strchr(p + 1, *p);
        return end ? end + 1 : p + strlen(p);
    }
    if (p[0] == '-' && p[1] == '-')
        return p + strcspn(p, "\n");
    if (p[0] == '/' && p[1] == '*') {
        end = strstr(p + 2, "*/");
        return end ? end + 2 : p + strlen(p);
    }
    return NULL;
}

static size_t name_length(const char *p)
{
    size_t n = 0;

    while ((p[n] >= 'a' && p[n] <= 'z') || p[n] == '_' ||
           (n && p[n] >= '0' && p[n] <= '9'))
        n++;
    return n;
}

static size_t number_of(struct str *names, size_t *n, size_t most,
                        struct str name)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(names[i], name))
            return i;
    if (*n == most)
        return most;
    names[*n] = name;
    return (*n)++;
}

enum rc sql_number_params(const char *sql, struct buf *out, struct str *names,
                          size_t most, size_t *n, struct err *err)
{
    *n = 0;
    for (const char *p = sql; *p;) {
        const char *hidden = skip_hidden(p);
        size_t length, i;

        if (hidden) {
            buf_add(out, (struct str){p, (size_t)(hidden - p)});
            p = hidden;
            continue;
        }
        if (p[0] == ':' && p[1] == ':') {
            buf_adds(out, "::");
            p += 2;
            continue;
        }
        length = *p == ':' ? name_length(p + 1) : 0;
        if (!length) {
            buf_addc(out, *p++);
            continue;
        }
        i = number_of(names, n, most, (struct str){p + 1, length});
        if (i == most)
            return err_set(err, RC_LIMIT, N_("more than %zu parameters"), most);
        buf_fmt(out, "$%zu", i + 1);
        p += 1 + length;
    }
    return out->failed ? err_set(err, RC_LIMIT, N_("the query is too long"))
                       : RC_OK;
}
