/*
 * Any bytes as a path. A route that is found is one of the table, takes the
 * method, and its parameters are UTF-8 without NUL and not empty.
 */
#include "web/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct str path = {(const char *)data, size};
    size_t n;
    const struct route *table = route_table(&n);
    unsigned methods = route_methods(path, a);

    for (int m = 0; m < METHODS; m++) {
        const struct route *found = NULL;
        struct pairs params = {0};
        enum rc rc = route_find((enum method)m, path, a, &found, &params);

        REQUIRE((rc == RC_OK) == !!(methods & 1u << m));
        REQUIRE((rc == RC_NOT_FOUND) == !methods);
        if (rc)
            continue;
        REQUIRE(found >= table && found < table + n &&
                found->method == (enum method)m);
        for (size_t i = 0; i < params.n; i++) {
            struct str v = params.items[i].value;

            REQUIRE(v.n && strlen(v.p) == v.n && str_utf8_valid(v, NULL));
        }
    }
    return 0;
}
