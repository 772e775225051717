/*
 * markdown.h: CommonMark -> safe HTML.
 *
 * Through libcmark without raw HTML and with only http(s), mailto and relative
 * links. The highest heading becomes h<heading_shift + 1> and no level is left
 * out below it. Before rendering, `{{name:CODE}}` is handed to `expand`; a line
 * and column of the source come with it.
 */
#ifndef PASSERELLE_MARKDOWN_H
#define PASSERELLE_MARKDOWN_H

#include "base/err.h"
#include "base/str.h"

struct markdown_call {
    struct str name, code; /* "value", "population.total" */
    uint64_t line, column; /* from 1 */
};
struct markdown_options {
    int heading_shift;
    /*
     * Writes plain text (is_html false; it is escaped, never read as Markdown)
     * or a block of HTML (is_html true; put after the paragraph) for a call;
     * false: unknown, nothing written, the call stays as it is. NULL: all stay.
     */
    bool (*expand)(void *ctx, const struct markdown_call *call, struct buf *out,
                   bool *is_html);
    void *ctx;
};
enum rc markdown_html(struct str source, const struct markdown_options *o,
                      struct buf *out, struct err *err) MUST_USE;
/* Only finds the calls, in order. */
void markdown_calls(struct str source,
                    void (*found)(void *ctx, const struct markdown_call *c),
                    void *ctx);

#endif
