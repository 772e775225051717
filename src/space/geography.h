/*
 * geography.h: the areas of a city and how they lie to each other.
 *
 * Metric: coordinates in metres in a projected CRS (the one asked for, else the
 * UTM zone of the city's centre). Everything is in the arena given to
 * geography_read and immutable afterwards, so threads may share it.
 *
 * Rook neighbours share a boundary of positive length, queen neighbours at
 * least a point. Both are symmetric and sorted, without the area itself.
 */
#ifndef PASSERELLE_GEOGRAPHY_H
#define PASSERELLE_GEOGRAPHY_H

#include "base/arena.h"
#include "base/dict.h"

struct ring {
    size_t n;         /* points; first equals last */
    const double *xy; /* x0 y0 x1 y1 ... metres */
    bool hole;
};

struct shape {
    size_t n_rings; /* an outer ring is followed by its holes */
    struct ring *rings;
};

struct area {
    const char *id;     /* as in the file, UTF-8 */
    const char *name;   /* or the id where the file has none */
    const char *parent; /* or NULL */
    double area_m2, perimeter_m;
    double x_m, y_m;           /* centroid */
    double label_x, label_y;   /* a point surely inside */
    double longitude, latitude; /* of the centroid, degrees WGS 84 */
    struct shape shape;        /* full resolution */
};

/* Compressed sparse rows: neighbours of i are to[start[i]..start[i+1]). */
struct links {
    size_t *start; /* n + 1 */
    uint32_t *to;
    double *length_m; /* shared boundary; 0 for a corner */
};

struct geography {
    size_t n;
    struct area *areas;  /* sorted by id (bytes) */
    struct dict ids;     /* id -> index in areas */
    struct links rook, queen;
    double *outer_m;     /* boundary shared with no area, per area */
    double min_x, min_y, max_x, max_y;
    const char *crs;     /* "EPSG:32633" */
    const char *crs_wkt; /* for writers of files */
};

#endif
