/*
 * ogr.h: GDAL, GEOS and their errors, kept inside this room.
 *
 * Only formats that hold their data in the file itself are opened: none that
 * refers to other files, to a database or to the network. GDAL's messages are
 * caught per thread (ogr_catch) and never printed. A handle belongs to one
 * thread.
 */
#ifndef PASSERELLE_OGR_H
#define PASSERELLE_OGR_H

#include "base/base.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef" /* GDAL asks for clang's version */
#include <gdal.h>
#include <geos_c.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#pragma GCC diagnostic pop

struct ogr_errors {
    char text[256]; /* the first error, or "" */
};

void ogr_start(void); /* drivers, once a process; any thread */
/* From ogr_catch to ogr_release on the same thread; they nest. */
void ogr_catch(struct ogr_errors *e);
void ogr_release(struct ogr_errors *e);
#define OGR_CATCH(e)                                           \
    __attribute__((cleanup(ogr_release))) struct ogr_errors e; \
    ogr_catch(&e)

/* Owned; NULL when it is none of the formats. Errors are caught by caller. */
GDALDatasetH ogr_open(const char *path, bool table);

/* WGS 84 or another; x is east, y is north. Owned, or NULL. */
OGRSpatialReferenceH ogr_srs_epsg(int code);
OGRSpatialReferenceH ogr_srs_code(const char *text); /* "EPSG:3857" */

/* Reentrant context whose errors go to `e`. */
GEOSContextHandle_t geos_new(struct ogr_errors *e);

void cleanup_dataset(GDALDatasetH *d);
void cleanup_srs(OGRSpatialReferenceH *s);
void cleanup_transform(OGRCoordinateTransformationH *t);
void cleanup_geos(GEOSContextHandle_t *g);

#endif
