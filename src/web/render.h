/*
 * render.h: a reply's document in the shape that was asked for.
 *
 * HTML: the template named by the handler, with the document and, under
 * "page", what every page needs (language, direction, navigation, who is
 * signed in, CSRF token, nonce). {{#t}} is not needed: texts of templates are
 * marked as {{_ Text}}, replaced when templates are loaded, once a language.
 * JSON: the document as it is. CSV: its table under "table". Nothing is shown
 * in HTML that the JSON lacks.
 */
#ifndef PASSERELLE_WEB_RENDER_H
#define PASSERELLE_WEB_RENDER_H

#include "web/server.h"

enum rc render_reply(struct request *r, struct reply *reply,
                     struct http_reply *out, struct err *err) MUST_USE;
/* A failure as a page or JSON problem (RFC 9457), in the user's language. */
void render_failure(struct request *r, enum rc rc, const struct err *err,
                    struct http_reply *out);

/* Every template of templates/, compiled once a language, under its name. */
enum rc templates_load(struct arena *a, struct templates *out,
                       struct err *err) MUST_USE;
const struct mustache_set *templates_in(const struct templates *t,
                                        const struct lang *l);
/* {{_ Text}} -> the translation, escaped for HTML; the rest as it is. */
enum rc template_translate(struct str source, const struct lang *l,
                           struct buf *out, struct err *err) MUST_USE;

#endif
