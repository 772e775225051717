#include "web/handlers.h"

#define ROUTE(method, path, handler, who, form, about)                 \
    _Static_assert((form) != NO_FORM || METHOD_##method == METHOD_GET, \
                   "a route that changes something needs CSRF or API: " path);
#include "routes/routes.def"
#undef ROUTE

static const struct route table[] = {
#define ROUTE(method, path, handler, who, form, about) \
    {METHOD_##method, path, #handler, handler, who, form, about},
#include "routes/routes.def"
#undef ROUTE
};

const struct route *route_table(size_t *n)
{
    *n = ARRAY_LEN(table);
    return table;
}

static struct str next_segment(struct str *rest)
{
    const char *slash;
    struct str s = *rest;

    if (s.n && s.p[0] == '/') {
        s.p++;
        s.n--;
    }
    slash = s.n ? memchr(s.p, '/', s.n) : NULL;
    rest->p = slash ? slash : s.p + s.n;
    rest->n = slash ? s.n - (size_t)(slash - s.p) : 0;
    s.n -= rest->n;
    return s;
}

static bool matches(const char *pattern, struct str path, struct arena *a,
                    struct pairs *params)
{
    struct str want = str_of(pattern);

    params->n = 0;
    for (;;) {
        struct str p = next_segment(&want), s = next_segment(&path), value;

        if (p.n && p.p[0] == ':') {
            if (!s.n || !url_decode(s, false, a, &value) || !value.n)
                return false;
            pairs_add(params, a, arena_strndup(a, p.p + 1, p.n - 1), value);
        } else if (!str_eq(p, s)) {
            return false;
        }
        if (!want.n || !path.n)
            return !want.n && !path.n;
    }
}

enum rc route_find(enum method m, struct str path, struct arena *a,
                   const struct route **out, struct pairs *params)
{
    enum rc rc = RC_NOT_FOUND;

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (!matches(table[i].path, path, a, params))
            continue;
        if (table[i].method == m) {
            *out = &table[i];
            return RC_OK;
        }
        rc = RC_USAGE;
    }
    return rc;
}

unsigned route_methods(struct str path, struct arena *a)
{
    struct pairs params = {0};
    unsigned bits = 0;

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (matches(table[i].path, path, a, &params))
            bits |= 1u << table[i].method;
    return bits;
}

const char *method_name(enum method m)
{
    static const char *const names[METHODS] = {"GET", "POST", "PUT", "PATCH",
                                               "DELETE"};

    REQUIRE(m < METHODS);
    return names[m];
}
