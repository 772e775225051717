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

struct drawing_shapes *drawing_shapes_new(void)
{
    return NULL;
}

void drawing_shapes_free(struct drawing_shapes *s)
{
}

void drawing_share(struct drawing *d, struct drawing_shapes *s)
{
}

enum rc figure_draw(struct drawing *d, const struct node *figure,
                    const struct lang *l, const struct figure_options *o,
                    struct buf *out, struct err *err)
{
    REQUIRE(!o->bare == !o->pool); /* bare in a page, whole in a file */
    REQUIRE(!o->twin_px || o->width_px < o->twin_px);
    buf_fmt(out, "<svg viewBox=\"0 0 %.0f 9\"></svg>", o->width_px);
    return RC_OK;
}

struct figure_pool *figure_pool_new(struct arena *a, const char *prefix)
{
    return arena_alloc(a, 16);
}

void figure_pool_write(const struct figure_pool *p, struct buf *out)
{
    buf_adds(out, "<svg><defs></defs></svg>");
}

void figure_pool_css(const struct figure_pool *p, const char *scope, bool dark,
                     struct buf *out)
{
    buf_fmt(out, "%s .t1{fill:%s}", scope, dark ? "#111" : "#eee");
}

void figure_describe(const struct node *doc, const struct node *figure,
                     const struct lang *l, struct buf *out)
{
    buf_adds(out, "What \"it\" shows & how");
}
