/*
 * Any bytes as a descriptor: it is read or refused, and every fault that it
 * gives has a place inside the text and can be written.
 */
#include "intake/descriptor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *a = arena_new((size_t)64 << 20);
    AUTO(arena) struct arena *kept = arena_new(0);
    AUTO(buf) struct buf out = {0};
    struct faults faults;
    struct descriptor d;
    uint64_t lines = 1;
    char *text;
    enum rc rc;

    if (size > 1 << 16)
        return 0;
    text = arena_alloc(kept, size + 1);
    memcpy(text, data, size);
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    faults_init(&faults, kept);
    rc = descriptor_read((struct str){text, size}, a, &faults, &d, NULL);
    REQUIRE(rc == RC_OK || rc == RC_MEMORY ||
            (rc == RC_INVALID && faults.n == 1));
    faults_sort(&faults);
    for (size_t i = 0; i < faults.n; i++)
        REQUIRE(faults.items[i].place.line <= lines);
    buf_init(&out, BUF_CEILING);
    faults_write_text(&faults, NULL, NULL, &out);
    faults_write_json(&faults, NULL, NULL, &out);
    REQUIRE(str_utf8_valid(buf_str(&out), NULL));
    return 0;
}
