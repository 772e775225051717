/*
 * Any bytes as a form or a query. What is taken is UTF-8 without NUL, and what
 * is written by buf_url is read back as it was.
 */
#include "web/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct str s)
{
    REQUIRE(str_utf8_valid(s, NULL));
    REQUIRE(strlen(s.p) == s.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf again = {.ceiling = BUF_CEILING};
    struct str text = {(const char *)data, size}, out, back;
    struct pairs form = {0};

    (void)!pairs_parse(text, a, 100, &form);
    REQUIRE(form.n <= 100);
    for (size_t i = 0; i < form.n; i++) {
        check_text(str_of(form.items[i].name));
        check_text(form.items[i].value);
        (void)pairs_get(&form, form.items[i].name);
    }
    for (int plus = 0; plus < 2; plus++) {
        if (!url_decode(text, plus, a, &out))
            continue;
        check_text(out);
        buf_clear(&again);
        buf_url(&again, out);
        REQUIRE(url_decode(buf_str(&again), plus, a, &back));
        REQUIRE(str_eq(out, back));
    }
    return 0;
}
