/*
 * publish.h: the profile document -> files.
 *
 * publish_profile writes into a directory (the caller's stage): profile.json,
 * data/<table>.csv and data/datapackage.json, figures/<code>.<lang>.svg (.png),
 * profile.<lang>.html. Every representation is made from the document; nothing
 * is computed here but layout. Takes no cube.
 */
#ifndef PASSERELLE_PUBLISH_H
#define PASSERELLE_PUBLISH_H

#include "base/err.h"
#include "base/node.h"
#include "base/progress.h"
#include "space/geography.h"
#include "text/lang.h"

enum publish_format {
    PUBLISH_JSON = 1,
    PUBLISH_HTML = 2,
    PUBLISH_CSV = 4,
    PUBLISH_SVG = 8,
    PUBLISH_PNG = 16,
    PUBLISH_ALL = 15 /* without PNG */
};

struct publish_options {
    unsigned formats;
    const struct lang *const *languages;
    size_t n_languages;
    unsigned threads;
};

enum rc publish_profile(const struct node *doc, const struct geography *g,
                        const char *dir, const struct publish_options *o,
                        const struct progress *progress,
                        struct err *err) MUST_USE;

/* The page alone, for the web. */
enum rc publish_html(const struct node *doc, const struct geography *g,
                     const struct lang *l, struct buf *out,
                     struct err *err) MUST_USE;
/* What a chapter's Markdown becomes, with its values; a figure is an image of
 * the folder `figures` (a URL without its last slash), NULL: left as it is. */
enum rc publish_prose(const struct node *doc, const struct lang *l,
                      struct str markdown, const char *figures, struct buf *out,
                      struct err *err) MUST_USE;
/* The value of a path as a sentence takes it; false: there is none. */
bool publish_value(const struct node *doc, const struct lang *l,
                   const char *path, struct buf *out);
void publish_json(const struct node *doc, struct buf *out);
/* One table of the document (docs/profile-document.md) as CSV. */
void publish_csv(const struct node *table, const struct lang *l,
                 struct buf *out);

#endif
