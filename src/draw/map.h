/*
 * map.h: what maps of numbers and maps of kinds share; inside this room only.
 */
#ifndef PASSERELLE_MAP_H
#define PASSERELLE_MAP_H

#include "draw/drawing.h"
#include "draw/sheet.h"

/* In place of a class: nothing known, and kept back. */
enum { CLASS_MISSING = -1, CLASS_WITHHELD = -2 };

/* Pixels a grid step: a small map of many shows less. */
#define GRID_MAP 0.5
#define GRID_SMALL 0.65

struct map_classes {
    unsigned n;
    enum tone tone[CLASSES_MAX];
};

/* Fits the figure's width. */
enum rc map_sheet_large(struct sketch *s, const struct map_sheet **out,
                        struct err *err) MUST_USE;
/* Fields from the lowest class up, each over the last; class[area]. */
void map_paint(struct sketch *s, const struct map_sheet *m,
               const struct map_classes *t, const int *class);
/* With borders and outline, its corner at (x, y). */
void map_draw(struct sketch *s, const struct map_sheet *m,
              const struct map_classes *t, const int *class, double x,
              double y);
void map_draw_small(struct sketch *s, const struct map_sheet *m,
                    const struct map_classes *t, const int *class, double x,
                    double y);
void map_scale_bar(struct sketch *s, const struct map_sheet *m);

/* The columns that the figure's `items` name. */
size_t map_items(struct sketch *s, size_t **columns);
/* Draws one small map; returns the height of what it wrote below. */
typedef double (*map_small_fn)(struct sketch *s, const struct map_sheet *m,
                               size_t column, double width, double x, double y,
                               void *ctx);
enum rc map_multiples(struct sketch *s, const size_t *columns, size_t n,
                      map_small_fn draw, void *ctx, struct err *err) MUST_USE;

#endif
