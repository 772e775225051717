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
#include "base/err.h"
#include "base/progress.h"

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
    double x_m, y_m;            /* centroid */
    double label_x, label_y;    /* a point surely inside */
    double longitude, latitude; /* of the centroid, degrees WGS 84 */
    struct shape shape;         /* full resolution */
};

/* Compressed sparse rows: neighbours of i are to[start[i]..start[i+1]). */
struct links {
    size_t *start; /* n + 1 */
    uint32_t *to;
    double *length_m; /* shared boundary; 0 for a corner */
};

struct geography {
    size_t n;
    struct area *areas; /* sorted by id (bytes) */
    struct dict ids;    /* id -> index in areas */
    struct links rook, queen;
    double *outer_m; /* boundary shared with no area, per area */
    double min_x, min_y, max_x, max_y;
    const char *crs;             /* "EPSG:32633" */
    const char *crs_wkt;         /* for writers of files */
    double tolerance_m;          /* see below */
    const struct boxtree *index; /* of the areas' boxes, for lookups */
};

/*
 * Two boundaries count as one where they run within `tolerance_m` of each
 * other: a quarter of a metre (coordinates rounded to six decimals of a degree
 * are that far off), or a thousandth of the side of the median area where that
 * is less. A shared stretch shorter than twice the tolerance is a corner.
 */
#define GEOGRAPHY_TOLERANCE_M 0.25

/* What can be wrong with a boundary file. `feature` counts from 1. */
enum geography_finding {
    GEO_OK,
    GEO_UNREADABLE,     /* text: why */
    GEO_LAYER_ABSENT,   /* text: wanted; more: those there */
    GEO_LAYERS_SEVERAL, /* count; text: the one read */
    GEO_FIELD_ABSENT,   /* text: wanted; more: those there; what: id, ... */
    GEO_NONE,           /* no feature */
    GEO_TOO_MANY,       /* text: the limit */
    GEO_CRS_UNKNOWN,    /* text: the CRS asked for */
    GEO_CRS_NOT_METRIC, /* text */
    GEO_SOURCE_CRS_ABSENT,
    GEO_SOURCE_CRS_ASSUMED,
    GEO_FAR,            /* value: km from the centre */
    GEO_CENTRE_SWAPPED, /* longitude, latitude: as given */
    GEO_ID_EMPTY,       /* text: the field */
    GEO_ID_TWICE,       /* text: id; other: the first feature */
    GEO_NO_SHAPE,       /* text: id */
    GEO_NOT_POLYGON,    /* text: id; more: its type */
    GEO_BROKEN,         /* text: id; more: why */
    GEO_COORDINATES,    /* text: id; longitude, latitude: what was found */
    GEO_INVALID,        /* text: id; more: why; longitude, latitude */
    GEO_REPAIRED,       /* the same */
    GEO_TINY,           /* text: id; value: m2 */
    GEO_OVERLAP,        /* text, more: ids; value: % of the smaller; place */
    GEO_OVERLAP_LITTLE, /* the same, under 0.1 % */
    GEO_ALONE           /* text: id */
};

struct geography_report {
    enum geography_finding finding;
    uint64_t feature, other;
    uint64_t count;
    const char *text, *more, *what; /* borrowed during the call; or NULL */
    double value, longitude, latitude;
};

struct geography_source {
    const char *path;  /* checked by the caller to be a plain file */
    const char *layer; /* or NULL: the first */
    const char *id, *name, *parent; /* fields; NULL: "id", none, none */
    const char *crs;                /* or NULL: UTM zone of the centre */
    double longitude, latitude;     /* of the city's centre; NaN: unknown */
    void (*report)(void *ctx, const struct geography_report *r);
    void *ctx;
};

/*
 * Reads polygons of any vector format. Everything wrong is reported; RC_INVALID
 * when something was found that forbids use, and *out then holds the areas that
 * could be read, without links. Areas of overlap under a thousandth of the
 * smaller area and repairs that change a surface by less are only reported.
 */
enum rc geography_read(const struct geography_source *source,
                       const struct progress *progress, struct arena *a,
                       struct geography *out, struct err *err) MUST_USE;

/* The area that holds a point (metres), the first by id where several do, or
 * DICT_NONE. */
uint32_t geography_locate(const struct geography *g, double x_m, double y_m);

/* Longitude and latitude (WGS 84) to metres in the CRS of `g`, in place; a
 * point that cannot be projected becomes NaN. And back. */
enum rc geography_project(const struct geography *g, size_t n, double *x,
                          double *y, struct err *err) MUST_USE;
enum rc geography_unproject(const struct geography *g, size_t n, double *x,
                            double *y, struct err *err) MUST_USE;

/*
 * Fills g->rook, g->queen, g->outer_m and g->tolerance_m from the shapes of
 * g->areas (geography_read does). RC_MEMORY when the arena is full.
 */
enum rc geography_link(struct geography *g, struct arena *a) MUST_USE;

#endif
