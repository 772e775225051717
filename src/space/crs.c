#include "space/reader.h"

#include <cpl_conv.h>
#include <math.h>

#define FAR_KM 50.0
#define EARTH_KM 6371.0088
enum { CHUNK = 512 };

static double radians(double degrees)
{
    return degrees * M_PI / 180;
}

static double haversine_km(double lon0, double lat0, double lon1, double lat1)
{
    double u = sin(radians(lat1 - lat0) / 2);
    double v = sin(radians(lon1 - lon0) / 2);
    double h = u * u + cos(radians(lat0)) * cos(radians(lat1)) * v * v;

    return 2 * EARTH_KM * asin(fmin(1, sqrt(h)));
}

/* From a point to the nearest place of a box of degrees. */
static double box_km(const OGREnvelope *box, double lon, double lat)
{
    double x = fmin(fmax(lon, box->MinX), box->MaxX);
    double y = fmin(fmax(lat, box->MinY), box->MaxY);

    return haversine_km(lon, lat, x, y);
}

static bool extent_is_degrees(const OGREnvelope *e)
{
    return e->MinX >= -180.001 && e->MaxX <= 180.001 && e->MinY >= -90.001 &&
           e->MaxY <= 90.001;
}

static bool choose_from(struct reader *r, const OGREnvelope *extent)
{
    OGRSpatialReferenceH s = OGR_L_GetSpatialRef(r->layer);

    if (s) {
        r->from = OSRClone(s);
        OSRSetAxisMappingStrategy(r->from, OAMS_TRADITIONAL_GIS_ORDER);
    } else if (extent_is_degrees(extent)) {
        REPORT(r, GEO_SOURCE_CRS_ASSUMED);
        r->from = ogr_srs_epsg(4326);
    } else {
        REPORT(r, GEO_SOURCE_CRS_ABSENT);
        return false;
    }
    r->degrees = OSRIsGeographic(r->from);
    return true;
}

/* The layer's box in degrees of WGS 84. */
static bool extent_degrees(struct reader *r, OGREnvelope *box)
{
    __attribute__((cleanup(cleanup_srs))) OGRSpatialReferenceH wgs =
        ogr_srs_epsg(4326);
    __attribute__((cleanup(cleanup_transform))) OGRCoordinateTransformationH t =
        OCTNewCoordinateTransformation(r->from, wgs);
    double x[4] = {box->MinX, box->MaxX, box->MinX, box->MaxX};
    double y[4] = {box->MinY, box->MinY, box->MaxY, box->MaxY};

    if (!t || !OCTTransform(t, 4, x, y, NULL))
        return false;
    *box = (OGREnvelope){INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (int i = 0; i < 4; i++) {
        box->MinX = fmin(box->MinX, x[i]);
        box->MaxX = fmax(box->MaxX, x[i]);
        box->MinY = fmin(box->MinY, y[i]);
        box->MaxY = fmax(box->MaxY, y[i]);
    }
    return isfinite(box->MinX) && isfinite(box->MaxX) && isfinite(box->MinY) &&
           isfinite(box->MaxY);
}

/* The city's centre, or that of the layer when the city's is of no use. */
static void choose_centre(struct reader *r, const OGREnvelope *box, double *lon,
                          double *lat)
{
    *lon = r->source->longitude;
    *lat = r->source->latitude;
    if (isfinite(*lon) && isfinite(*lat)) {
        double km = box_km(box, *lon, *lat);

        if (km <= FAR_KM)
            return;
        if (fabs(*lon) <= 90 && box_km(box, *lat, *lon) <= FAR_KM)
            REPORT(r, GEO_CENTRE_SWAPPED, .longitude = *lon, .latitude = *lat);
        else
            REPORT(r, GEO_FAR, .value = km);
    }
    *lon = (box->MinX + box->MaxX) / 2;
    *lat = (box->MinY + box->MaxY) / 2;
    if (!isfinite(*lon) || !isfinite(*lat))
        *lon = *lat = 0;
}

static bool choose_to(struct reader *r, double lon, double lat)
{
    const char *asked = r->source->crs;
    int zone = (int)floor((lon + 180) / 6) + 1;

    if (asked) {
        r->to = ogr_srs_code(asked);
        if (!r->to) {
            REPORT(r, GEO_CRS_UNKNOWN, .text = asked);
        } else if (!OSRIsProjected(r->to) ||
                   fabs(OSRGetLinearUnits(r->to, NULL) - 1) > 1e-9) {
            REPORT(r, GEO_CRS_NOT_METRIC, .text = asked);
            cleanup_srs(&r->to);
        }
        if (r->to)
            r->out->crs = arena_strdup(r->a, asked);
    }
    if (!r->to) {
        int code;

        zone = MIN(MAX(zone, 1), 60);
        code = (lat < 0 ? 32700 : 32600) + zone;
        r->to = ogr_srs_epsg(code);
        r->out->crs = arena_printf(r->a, "EPSG:%d", code);
    }
    return r->to != NULL;
}

bool reader_choose_crs(struct reader *r)
{
    OGREnvelope box = {0};
    double lon, lat;
    char *wkt = NULL;

    if (OGR_L_GetExtent(r->layer, &box, TRUE) != OGRERR_NONE) {
        REPORT(r, GEO_NONE);
        return false;
    }
    if (!choose_from(r, &box))
        return false;
    if (r->degrees && !extent_is_degrees(&box)) {
        box = (OGREnvelope){r->source->longitude, r->source->longitude,
                            r->source->latitude, r->source->latitude};
    } else if (!extent_degrees(r, &box)) {
        REPORT(r, GEO_UNREADABLE,
               .text = "its coordinates do not fit its coordinate system");
        return false;
    }
    choose_centre(r, &box, &lon, &lat);
    if (!choose_to(r, lon, lat))
        return false;
    r->forward = OCTNewCoordinateTransformation(r->from, r->to);
    if (OSRExportToWkt(r->to, &wkt) == OGRERR_NONE)
        r->out->crs_wkt = arena_strdup(r->a, wkt);
    CPLFree(wkt);
    if (!r->forward)
        REPORT(r, GEO_UNREADABLE, .text = r->caught->text);
    return r->forward != NULL;
}

static enum rc transform(const struct geography *g, bool forward, size_t n,
                         double *x, double *y, struct err *err)
{
    OGR_CATCH(caught);
    __attribute__((cleanup(cleanup_srs))) OGRSpatialReferenceH wgs =
        ogr_srs_epsg(4326);
    __attribute__((cleanup(cleanup_srs))) OGRSpatialReferenceH metric =
        OSRNewSpatialReference(g->crs_wkt);
    __attribute__((cleanup(cleanup_transform))) OGRCoordinateTransformationH t =
        NULL;

    if (metric)
        OSRSetAxisMappingStrategy(metric, OAMS_TRADITIONAL_GIS_ORDER);
    if (wgs && metric)
        t = forward ? OCTNewCoordinateTransformation(wgs, metric)
                    : OCTNewCoordinateTransformation(metric, wgs);
    if (!t)
        return err_set(err, RC_FAILED,
                       N_("the coordinate system '%s' cannot be used: %s"),
                       g->crs, caught.text);
    for (size_t i = 0; i < n; i += CHUNK) {
        int ok[CHUNK] = {0}, some = (int)MIN(n - i, (size_t)CHUNK);

        OCTTransformEx(t, some, x + i, y + i, NULL, ok);
        for (size_t j = i; j < i + (size_t)some; j++)
            if (!ok[j - i] || !isfinite(x[j]) || !isfinite(y[j]))
                x[j] = y[j] = NAN;
    }
    return RC_OK;
}

enum rc geography_project(const struct geography *g, size_t n, double *x,
                          double *y, struct err *err)
{
    return transform(g, true, n, x, y, err);
}

enum rc geography_unproject(const struct geography *g, size_t n, double *x,
                            double *y, struct err *err)
{
    return transform(g, false, n, x, y, err);
}
