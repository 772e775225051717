/*
 * Catalogues of any bytes, and plural expressions of any text: look-ups stay
 * inside, texts end in NUL, nothing recurses without bound.
 */
#include "text/mo.h"
#include "text/plural.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const struct mo *m)
{
    struct str message, translation;

    for (uint32_t i = 0; i < 64 && mo_at(m, i, &message, &translation); i++) {
        struct str found;

        REQUIRE(message.p[message.n] == 0);
        REQUIRE(translation.p[translation.n] == 0);
        if (mo_find(m, message.p, &found))
            REQUIRE(found.p[found.n] == 0);
        for (uint64_t n = 0; n < 4; n++) {
            const char *form = mo_plural(m, message.p, n);

            REQUIRE(!form || strlen(form) <= m->n_bytes);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mo m;
    struct str text = {(const char *)data, size};
    uint64_t value;
    unsigned form;

    if (mo_open(&m, data, size))
        look_up(&m);
    if (plural_form(text, 5, &form))
        REQUIRE(form < PLURAL_FORMS);
    (void)!plural_evaluate(text, 7, &value);
    return 0;
}
