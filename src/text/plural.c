#include "text/plural.h"

struct reader {
    const char *p, *end;
    uint64_t n;
    unsigned depth;
    bool failed;
};

static uint64_t read_choice(struct reader *r);

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
        r->p++;
}

static bool take(struct reader *r, const char *token)
{
    size_t n = strlen(token);

    skip_blanks(r);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, token, n) != 0)
        return false;
    r->p += n;
    return true;
}

static uint64_t fail(struct reader *r)
{
    r->failed = true;
    r->p = r->end;
    return 0;
}

static uint64_t read_digits(struct reader *r)
{
    uint64_t v = 0;

    if (r->p == r->end || *r->p < '0' || *r->p > '9')
        return fail(r);
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
        if (v > UINT64_MAX / 10 - 1)
            return fail(r);
        v = v * 10 + (uint64_t)(*r->p++ - '0');
    }
    return v;
}

static uint64_t read_primary(struct reader *r)
{
    uint64_t v;

    if (++r->depth > PLURAL_DEPTH)
        return fail(r);
    if (take(r, "(")) {
        v = read_choice(r);
        if (!take(r, ")"))
            v = fail(r);
    } else if (take(r, "!")) {
        v = !read_primary(r);
    } else if (take(r, "n")) {
        v = r->n;
    } else {
        v = read_digits(r);
    }
    r->depth--;
    return v;
}

static uint64_t read_product(struct reader *r)
{
    uint64_t v = read_primary(r);

    for (;;) {
        char op = take(r, "*")   ? '*'
                  : take(r, "/") ? '/'
                  : take(r, "%") ? '%'
                                 : 0;
        uint64_t w;

        if (!op)
            return v;
        w = read_primary(r);
        if (op == '*')
            v *= w;
        else if (w == 0)
            return fail(r);
        else
            v = op == '/' ? v / w : v % w;
    }
}

static uint64_t read_sum(struct reader *r)
{
    uint64_t v = read_product(r);

    for (;;) {
        if (take(r, "+"))
            v += read_product(r);
        else if (take(r, "-"))
            v -= read_product(r);
        else
            return v;
    }
}

static uint64_t read_order(struct reader *r)
{
    uint64_t v = read_sum(r);

    for (;;) {
        if (take(r, "<="))
            v = v <= read_sum(r);
        else if (take(r, ">="))
            v = v >= read_sum(r);
        else if (take(r, "<"))
            v = v < read_sum(r);
        else if (take(r, ">"))
            v = v > read_sum(r);
        else
            return v;
    }
}

static uint64_t read_equality(struct reader *r)
{
    uint64_t v = read_order(r);

    for (;;) {
        if (take(r, "=="))
            v = v == read_order(r);
        else if (take(r, "!="))
            v = v != read_order(r);
        else
            return v;
    }
}

static uint64_t read_both(struct reader *r)
{
    uint64_t v = read_equality(r);

    while (take(r, "&&")) {
        uint64_t w = read_equality(r);

        v = v && w;
    }
    return v;
}

static uint64_t read_either(struct reader *r)
{
    uint64_t v = read_both(r);

    while (take(r, "||")) {
        uint64_t w = read_both(r);

        v = v || w;
    }
    return v;
}

static uint64_t read_choice(struct reader *r)
{
    uint64_t v, yes, no;

    if (++r->depth > PLURAL_DEPTH)
        return fail(r);
    v = read_either(r);
    if (take(r, "?")) {
        yes = read_choice(r);
        if (!take(r, ":"))
            return fail(r);
        no = read_choice(r);
        v = v ? yes : no;
    }
    r->depth--;
    return v;
}

bool plural_evaluate(struct str expression, uint64_t n, uint64_t *out)
{
    struct reader r = {expression.p, expression.p + expression.n, n, 0, false};
    uint64_t v;

    if (!expression.n)
        return false;
    v = read_choice(&r);
    skip_blanks(&r);
    if (r.failed || r.p != r.end)
        return false;
    *out = v;
    return true;
}

/* What follows `key` in `line`, up to `stop` or the end of the line. */
static bool value_after(struct str line, const char *key, struct str *out)
{
    const char *at = memmem(line.p, line.n, key, strlen(key));
    const char *end = line.p + line.n, *stop;

    if (!at)
        return false;
    at += strlen(key);
    stop = memchr(at, ';', (size_t)(end - at));
    *out = str_trim((struct str){at, (size_t)((stop ? stop : end) - at)});
    return true;
}

bool plural_form(struct str header, uint64_t n, unsigned *form)
{
    static const char name[] = "Plural-Forms:";
    const char *at = memmem(header.p, header.n, name, sizeof name - 1);
    const char *end;
    struct str line, count, expression;
    int64_t forms;
    uint64_t v;

    if (!at)
        return false;
    at += sizeof name - 1;
    end = memchr(at, '\n', (size_t)(header.p + header.n - at));
    line.p = at;
    line.n = (size_t)((end ? end : header.p + header.n) - at);
    if (!value_after(line, "nplurals=", &count) ||
        !value_after(line, "plural=", &expression) || !str_i64(count, &forms) ||
        forms < 1 || forms > PLURAL_FORMS ||
        !plural_evaluate(expression, n, &v) || v >= (uint64_t)forms)
        return false;
    *form = (unsigned)v;
    return true;
}
