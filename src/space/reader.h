/*
 * reader.h: what the files that read boundaries share while they work.
 *
 * Internal to this room. One thread; everything here dies with the call of
 * geography_read.
 */
#ifndef PASSERELLE_READER_H
#define PASSERELLE_READER_H

#include "space/geography.h"
#include "space/ogr.h"

enum { FEATURES_MAX = 200000, POINTS_MAX = 50000000 };

struct feature {
    uint64_t number; /* in the file, from 1 */
    struct area area;
    GEOSGeometry *shape; /* metric; owned by the context */
    bool sound;          /* valid, perhaps after repair */
};

struct reader {
    const struct geography_source *source;
    const struct progress *progress;
    struct arena *a; /* of the result */
    struct geography *out;
    struct ogr_errors *caught;
    GEOSContextHandle_t geos;
    OGRLayerH layer;
    int id, name, parent; /* field numbers; -1 none */
    OGRSpatialReferenceH from, to;
    OGRCoordinateTransformationH forward; /* layer -> metric */
    bool degrees; /* the layer is in longitude and latitude */
    struct feature *features;
    size_t n, cap;
    uint64_t points;
    bool invalid; /* something that forbids use was found */
};

void reader_report(struct reader *r, struct geography_report found);
#define REPORT(r, kind, ...) \
    reader_report(r, (struct geography_report){.finding = (kind), __VA_ARGS__})

/* Sets from, to, forward, out->crs, out->crs_wkt; tells of a layer far from
 * the city. False: nothing can be read. */
bool reader_choose_crs(struct reader *r);
/* Metric to degrees, NaN where it fails. */
void reader_to_degrees(const struct reader *r, double x, double y,
                       double *longitude, double *latitude);
/* Reads the current layer into r->features. */
enum rc reader_features(struct reader *r);
void reader_overlaps(struct reader *r);

#endif
