/* Templates: put into the program, their texts said once in each language. */
#include "base/dict.h"
#include "base/embedded.h"
#include "web/render.h"

#include <stdio.h>

static size_t tag_end(struct str s, size_t from)
{
    const char *end = memmem(s.p + from, s.n - from, "}}", 2);

    return end ? (size_t)(end - s.p) : SIZE_MAX;
}

/* "{{_  Two\n words }}" is the message "Two words". */
static void one_line(struct str s, struct buf *out)
{
    s = str_trim(s);
    for (size_t i = 0; i < s.n; i++) {
        bool blank = s.p[i] == ' ' || s.p[i] == '\n';

        if (!blank)
            buf_addc(out, s.p[i]);
        else if (out->n && out->p[out->n - 1] != ' ')
            buf_addc(out, ' ');
    }
}

enum rc template_translate(struct str source, const struct lang *l,
                           struct buf *out, struct err *err)
{
    size_t at = 0;

    while (at < source.n) {
        const char *open = memmem(source.p + at, source.n - at, "{{_", 3);
        size_t from = open ? (size_t)(open - source.p) : source.n, end;
        AUTO(buf) struct buf message = {.ceiling = 1 << 16};

        buf_add(out, (struct str){source.p + at, from - at});
        if (!open)
            break;
        end = tag_end(source, from);
        if (end == SIZE_MAX)
            return err_set(err, RC_INVALID, N_("a text without its end"));
        one_line((struct str){source.p + from + 3, end - from - 3}, &message);
        buf_html(out, str_of(lang_text(l, buf_cstr(&message))));
        at = end + 2;
    }
    return RC_OK;
}

static enum rc load_language(struct arena *a, const struct lang *l,
                             struct mustache_set *set, struct err *err)
{
    for (size_t i = 0; i < template_table_n; i++) {
        AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
        struct str name = str_of(template_table[i].name);
        enum rc rc = template_translate(template_table[i].bytes, l, &text, err);

        name.n -= strlen(".html");
        if (!rc)
            rc = mustache_add(set, arena_str(a, name), buf_str(&text), err);
        if (rc)
            return rc;
    }
    return RC_OK;
}

enum rc templates_load(struct arena *a, struct templates *out, struct err *err)
{
    size_t n;
    const struct lang *const *all = lang_all(&n);

    REQUIRE(n <= ARRAY_LEN(out->of));
    for (size_t i = 0; i < n; i++) {
        struct mustache_set *set = mustache_new(a);
        enum rc rc = load_language(a, all[i], set, err);

        if (rc)
            return rc;
        out->of[i] = set;
    }
    return RC_OK;
}

const struct mustache_set *templates_in(const struct templates *t,
                                        const struct lang *l)
{
    size_t n;
    const struct lang *const *all = lang_all(&n);

    for (size_t i = 0; i < n; i++)
        if (all[i] == l)
            return t->of[i];
    return t->of[0];
}
