/*
 * Any bytes as the JSON of every record. A record that validates is written as
 * JSON that is read back as the same record.
 */
#include "record/record.h"
#include "web/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *read_record(const struct record_type *t, const struct node *json,
                         struct arena *a, bool *sound)
{
    struct complaints bad = {.arena = a};
    void *record = arena_alloc(a, t->size);

    record_clear(t, record);
    record_from_json(t, json, record, a, &bad);
    if (!bad.n)
        record_validate(t, record, &bad);
    *sound = bad.n == 0;
    return record;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf first = {.ceiling = BUF_CEILING};
    AUTO(buf) struct buf second = {.ceiling = BUF_CEILING};
    struct node *json = NULL;
    size_t n;
    const struct record_type *const *all = record_types(&n);

    if (json_read((struct str){(const char *)data, size}, a, &json, NULL))
        return 0;
    for (size_t i = 0; i < n; i++) {
        bool sound, again;
        void *record = read_record(all[i], json, a, &sound);
        struct node *out = record_json(all[i], record, 0, a);

        if (!sound)
            continue;
        buf_clear(&first);
        buf_clear(&second);
        node_write(out, false, &first);
        record = read_record(all[i], out, a, &again);
        REQUIRE(again);
        node_write(record_json(all[i], record, 0, a), false, &second);
        REQUIRE(str_eq(buf_str(&first), buf_str(&second)));
    }
    return 0;
}
