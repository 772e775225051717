/*
 * Any bytes as the headers that are read by us: Cookie, Accept-Language,
 * Accept, Accept-Encoding. Every choice is one that was offered.
 */
#include "web/cache.h"
#include "web/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const offered[] = {"en", "fr", "ar"};
    AUTO(arena) struct arena *a = arena_new(0);
    char *copy = arena_strndup(a, (const char *)data, size);
    struct str text = {copy, size};
    struct pairs cookies = {0};

    cookies_parse(text, a, 50, &cookies);
    REQUIRE(cookies.n <= 50);
    for (size_t i = 0; i < cookies.n; i++)
        REQUIRE(cookies.items[i].name[0] || memchr(data, 0, size));
    REQUIRE(language_choose(text, offered, ARRAY_LEN(offered)) <
            ARRAY_LEN(offered));
    REQUIRE(representation_choose(text, STR("/cities")) <= AS_ATOM);
    REQUIRE(representation_choose(STR(""), text) <= AS_ATOM);
    REQUIRE(coding_choose(text) < CODINGS);
    return 0;
}
