/*
 * drawing.h: what figures of one document share; inside this room only.
 */
#ifndef PASSERELLE_DRAWING_H
#define PASSERELLE_DRAWING_H

#include <pthread.h>

#include "draw/canvas.h"
#include "draw/view.h"

struct map_sheet;
struct drawing_shapes {
    struct arena *arena;
    pthread_mutex_t lock;
    struct map_sheet *sheets; /* simplified maps, one a size; then immutable */
};

struct drawing {
    const struct node *doc;
    const struct geography *g; /* NULL: no maps */
    struct arena *arena;
    PangoFontMap *fonts;
    struct drawing_shapes *shapes, *own; /* own: where none are shared */
};

struct figure_pool {
    const char *prefix;
    struct glyphs *glyphs;
    size_t figures;
    bool filled[TONE_COUNT], stroked[TONE_COUNT]; /* colours in use */
};

PangoContext *drawing_pango(struct drawing *d, const struct lang *l);

/* What a kind of figure is given. */
struct sketch {
    struct drawing *drawing;
    struct canvas *canvas;
    const struct node *figure;
    struct view view; /* of the figure's table */
    double y;         /* where the figure's body begins */
    bool bare;
};

/* Each draws its body from s->y down and moves s->y to its end. */
enum rc draw_choropleth(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_multiples(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_bars(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_pyramid(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_slope(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_concentration(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_columns(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_clusters(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_lines(struct sketch *s, struct err *err) MUST_USE;
enum rc draw_dots(struct sketch *s, struct err *err) MUST_USE;

#endif
