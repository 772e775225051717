/*
 * sheet.h: the city's areas at one drawn size.
 *
 * Shapes are simplified to what a pixel shows and laid on a grid of a fraction
 * of a pixel, where neighbours keep the same points. Borders between areas that
 * are drawn alike then cancel out exactly: classes are painted as whole fields,
 * each over the one below, so no hairlines show between areas.
 */
#ifndef PASSERELLE_SHEET_H
#define PASSERELLE_SHEET_H

#include "draw/canvas.h"
#include "draw/drawing.h"

struct sheet_edge {
    int32_t from[2], to[2];
    uint32_t area;
};
struct map_sheet {
    double width, height; /* pixels drawn */
    double unit;          /* pixels a grid step */
    double metres;        /* per pixel */
    struct sheet_edge *edges;
    size_t n_edges;
    struct grid_path outline; /* of the city, closed */
    struct grid_path borders; /* between areas, open */
    struct grid_path parents; /* between areas of different parents */
    const char *name;         /* of the size, for shared paths */
    struct map_sheet *next;
};

/* Fits the city into w x h pixels. NULL without a geography. */
enum rc sheet_get(struct drawing *d, double w, double h, double unit,
                  const struct map_sheet **out, struct err *err) MUST_USE;
/* The same shapes drawn smaller or larger. */
const struct map_sheet *sheet_scaled(const struct map_sheet *m, double factor,
                                     struct arena *a);
/* The field of all areas with inside[area]; closed, in `a`. */
void sheet_field(const struct map_sheet *m, const bool *inside, struct arena *a,
                 struct grid_path *out);

#endif
