/*
 * Any bytes as Markdown: nothing of it runs in a browser, with and without
 * calls that are expanded. What is not UTF-8 may be refused.
 */
#include "../tests/web/markup.h"
#include "text/markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool expand(void *ctx, const struct markdown_call *call, struct buf *out,
                   bool *is_html)
{
    REQUIRE(call->line && call->column);
    *is_html = call->name.n % 2;
    buf_adds(out, *is_html ? "<figure>x</figure>" : "<img onerror=x> & *y*");
    return call->code.n % 3 != 0;
}

static void found(void *ctx, const struct markdown_call *call)
{
    ++*(size_t *)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct str text = {arena_strndup(a, (const char *)data, size), size};
    size_t calls = 0;

    for (int with = 0; with < 2; with++) {
        AUTO(buf) struct buf out = {.ceiling = BUF_CEILING};
        struct markdown_options o = {.heading_shift = with + 1,
                                     .expand = with ? expand : NULL};

        if (markdown_html(text, &o, &out, NULL) == RC_OK) {
            const char *fault = markup_fault(buf_cstr(&out), a);

            if (fault)
                BUG("%s", fault);
        }
    }
    markdown_calls(text, found, &calls);
    REQUIRE(calls <= size);
    return 0;
}
