/*
 * Stand-ins for the drawing room: what is asked of it, and a figure of its
 * form.
 */
#include "draw/figure.h"

enum rc drawing_open(const struct node *doc, const struct geography *g,
                     struct arena *a, struct drawing **out, struct err *err)
{
    *out = (struct drawing *)arena_alloc(a, 16);
    return RC_OK;
}

void drawing_close(struct drawing *d)
{
}

enum rc figure_draw(struct drawing *d, const struct node *figure,
                    const struct lang *l, const struct figure_options *o,
                    struct buf *out, struct err *err)
{
    REQUIRE(!o->bare == !o->id_prefix); /* bare in a page, whole in a file */
    buf_fmt(out,
            "<?xml version=\"1.0\"?><svg viewBox=\"0 0 9 9\"><g id=\"%sg\">"
            "</g></svg>",
            o->id_prefix ? o->id_prefix : "");
    return RC_OK;
}

void figure_describe(const struct node *doc, const struct node *figure,
                     const struct lang *l, struct buf *out)
{
    buf_adds(out, "What \"it\" shows & how");
}
