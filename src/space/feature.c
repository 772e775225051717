/*
 * One feature of a boundary file: its texts, its shape in metres, whether the
 * shape is valid, and the measures of an area.
 */
#include "space/reader.h"

#include <cpl_conv.h>
#include <math.h>

#define REPAIR_SHARE 0.001
#define TINY_M2 1.0

/* Of a text in an unknown encoding: Latin-1 where it is not UTF-8. */
static const char *utf8_text(struct arena *a, const char *s)
{
    struct str in = str_trim(str_of(s));
    char *out;
    size_t n = 0;

    if (str_utf8_valid(in, NULL))
        return arena_str(a, in);
    out = arena_alloc(a, 2 * in.n + 1);
    for (size_t i = 0; i < in.n; i++) {
        unsigned char c = (unsigned char)in.p[i];

        if (c >= 0x80) {
            out[n++] = (char)(0xC0 | (c >> 6));
            c = 0x80 | (c & 0x3F);
        }
        out[n++] = (char)c;
    }
    return out;
}

static const char *feature_text(struct reader *r, OGRFeatureH f, int field)
{
    if (field < 0 || !OGR_F_IsFieldSetAndNotNull(f, field))
        return "";
    return utf8_text(r->a, OGR_F_GetFieldAsString(f, field));
}

/* NULL after a report. The result is owned. */
static OGRGeometryH polygon_of(struct reader *r, const struct feature *it,
                               OGRFeatureH f)
{
    OGRGeometryH g = OGR_F_GetGeometryRef(f), line;
    const char *id = it->area.id;
    OGREnvelope e;
    OGRwkbGeometryType type;

    if (!g || OGR_G_IsEmpty(g)) {
        REPORT(r, GEO_NO_SHAPE, .feature = it->number, .text = id);
        return NULL;
    }
    type = OGR_GT_Flatten(OGR_G_GetGeometryType(g));
    if (!OGR_GT_IsSurface(type) && type != wkbMultiPolygon &&
        type != wkbMultiSurface) {
        REPORT(r, GEO_NOT_POLYGON, .feature = it->number, .text = id,
               .more = OGR_G_GetGeometryName(g));
        return NULL;
    }
    OGR_G_GetEnvelope(g, &e);
    if (!isfinite(e.MinX) || !isfinite(e.MaxX) || !isfinite(e.MinY) ||
        !isfinite(e.MaxY) ||
        (r->degrees && (e.MinX < -180.001 || e.MaxX > 180.001 ||
                        e.MinY < -90.001 || e.MaxY > 90.001))) {
        bool x = !(e.MaxX <= 180.001), y = !(e.MaxY <= 90.001);

        REPORT(r, GEO_COORDINATES, .feature = it->number, .text = id,
               .longitude = x ? e.MaxX : e.MinX,
               .latitude = y ? e.MaxY : e.MinY);
        return NULL;
    }
    line = OGR_G_GetLinearGeometry(g, 0, NULL);
    if (line) {
        OGR_G_FlattenTo2D(line);
        OGR_G_CloseRings(line);
    }
    return line;
}

static GEOSGeometry *to_geos(struct reader *r, const struct feature *it,
                             OGRGeometryH g)
{
    size_t size = (size_t)OGR_G_WkbSize(g);
    unsigned char *wkb = arena_try(r->a, size + 1, 1);
    GEOSGeometry *out = NULL;

    r->caught->text[0] = '\0';
    if (wkb && OGR_G_ExportToWkb(g, wkbNDR, wkb) == OGRERR_NONE)
        out = GEOSGeomFromWKB_buf_r(r->geos, wkb, size);
    if (!out)
        REPORT(r, GEO_BROKEN, .feature = it->number, .text = it->area.id,
               .more = r->caught->text);
    return out;
}

/* Only the polygons of what a repair gave, as one geometry. */
static GEOSGeometry *polygons_only(struct reader *r, GEOSGeometry *g)
{
    GEOSContextHandle_t h = r->geos;
    int type = GEOSGeomTypeId_r(h, g), n = GEOSGetNumGeometries_r(h, g);
    GEOSGeometry **parts, *out;
    unsigned kept = 0;

    if (type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON)
        return g;
    parts = arena_array(r->a, GEOSGeometry *, (size_t)MAX(n, 1));
    for (int i = 0; i < n; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(h, g, i);

        if (GEOSGeomTypeId_r(h, part) == GEOS_POLYGON)
            parts[kept++] = GEOSGeom_clone_r(h, part);
    }
    out = GEOSGeom_createCollection_r(h, GEOS_MULTIPOLYGON, parts, kept);
    GEOSGeom_destroy_r(h, g);
    return out;
}

static double geos_area(struct reader *r, const GEOSGeometry *g)
{
    double area = 0;

    GEOSArea_r(r->geos, g, &area);
    return area;
}

/* What GEOS calls it -> what a person calls it. */
static const char *reason_words(const char *reason)
{
    static const struct {
        const char *geos, *words;
    } table[] = {
        {"Self-intersection", "it crosses itself"},
        {"Ring Self-intersection", "it touches itself"},
        {"Hole lies outside shell", "a hole lies outside"},
        {"Holes are nested", "a hole lies in a hole"},
        {"Nested shells", "a part lies in another part"},
        {"Duplicate Rings", "a ring stands twice"},
        {"Interior is disconnected", "a hole cuts it in two"},
        {"Too few points in geometry component", "a ring has too few points"},
        {"Invalid Coordinate", "a coordinate is not a number"},
        {"Ring is not closed", "a ring is not closed"},
    };

    for (size_t i = 0; reason && i < ARRAY_LEN(table); i++)
        if (strcmp(reason, table[i].geos) == 0)
            return table[i].words;
    return reason ? reason : "it cannot be checked";
}

static void check_valid(struct reader *r, struct feature *it)
{
    GEOSContextHandle_t h = r->geos;
    char *reason = NULL;
    GEOSGeometry *at = NULL, *mended;
    GEOSMakeValidParams *params;
    struct geography_report found = {.feature = it->number,
                                     .text = it->area.id};
    double x = NAN, y = NAN, before = geos_area(r, it->shape);

    it->sound = true;
    if (GEOSisValidDetail_r(h, it->shape, 0, &reason, &at) == 1)
        return;
    if (at) {
        GEOSGeomGetX_r(h, at, &x);
        GEOSGeomGetY_r(h, at, &y);
        GEOSGeom_destroy_r(h, at);
    }
    reader_to_degrees(r, x, y, &found.longitude, &found.latitude);
    found.more = reason_words(reason);
    params = GEOSMakeValidParams_create_r(h);
    GEOSMakeValidParams_setMethod_r(h, params, GEOS_MAKE_VALID_STRUCTURE);
    mended = GEOSMakeValidWithParams_r(h, it->shape, params);
    GEOSMakeValidParams_destroy_r(h, params);
    mended = mended ? polygons_only(r, mended) : NULL;
    it->sound = mended && before > 0 &&
                fabs(geos_area(r, mended) - before) < REPAIR_SHARE * before;
    found.finding = it->sound ? GEO_REPAIRED : GEO_INVALID;
    reader_report(r, found);
    if (it->sound) {
        GEOSGeom_destroy_r(h, it->shape);
        it->shape = mended;
    } else if (mended) {
        GEOSGeom_destroy_r(h, mended);
    }
    GEOSFree_r(h, reason);
}

static double ring_area2(const double *xy, size_t n)
{
    double sum = 0;

    for (size_t i = 1; i < n; i++, xy += 2)
        sum += xy[0] * xy[3] - xy[2] * xy[1];
    return sum;
}

/* Outer rings run against the clock, holes with it. */
static bool ring_take(struct reader *r, const GEOSGeometry *g, bool hole,
                      struct ring *ring)
{
    const GEOSCoordSequence *seq = GEOSGeom_getCoordSeq_r(r->geos, g);
    unsigned n = 0;
    double *xy;

    GEOSCoordSeq_getSize_r(r->geos, seq, &n);
    xy = arena_try(r->a, (size_t)n + 1, 2 * sizeof *xy);
    if (!xy || !GEOSCoordSeq_copyToBuffer_r(r->geos, seq, xy, 0, 0))
        return false;
    if ((ring_area2(xy, n) < 0) != hole)
        for (size_t i = 0, j = n; i + 1 < j; i++) {
            double x = xy[2 * i], y = xy[2 * i + 1];

            j--;
            xy[2 * i] = xy[2 * j];
            xy[2 * i + 1] = xy[2 * j + 1];
            xy[2 * j] = x;
            xy[2 * j + 1] = y;
        }
    *ring = (struct ring){n, xy, hole};
    return true;
}

static bool shape_take(struct reader *r, struct feature *it)
{
    GEOSContextHandle_t h = r->geos;
    int parts = GEOSGetNumGeometries_r(h, it->shape);
    size_t n = 0;
    struct shape *s = &it->area.shape;

    for (int i = 0; i < parts; i++)
        n += 1 + (size_t)GEOSGetNumInteriorRings_r(
                     h, GEOSGetGeometryN_r(h, it->shape, i));
    s->rings = arena_try(r->a, n + 1, sizeof *s->rings);
    if (!s->rings)
        return false;
    for (int i = 0; i < parts; i++) {
        const GEOSGeometry *p = GEOSGetGeometryN_r(h, it->shape, i);
        int holes = GEOSGetNumInteriorRings_r(h, p);

        if (!ring_take(r, GEOSGetExteriorRing_r(h, p), false,
                       &s->rings[s->n_rings++]))
            return false;
        for (int j = 0; j < holes; j++)
            if (!ring_take(r, GEOSGetInteriorRingN_r(h, p, j), true,
                           &s->rings[s->n_rings++]))
                return false;
    }
    return true;
}

/* The search for a circle starts with squares as wide as the shape is narrow:
 * in a long and narrow one there would be too many. */
static bool compact(struct reader *r, const GEOSGeometry *g)
{
    double x0 = 0, x1 = 0, y0 = 0, y1 = 0, w, h;

    GEOSGeom_getXMin_r(r->geos, g, &x0);
    GEOSGeom_getXMax_r(r->geos, g, &x1);
    GEOSGeom_getYMin_r(r->geos, g, &y0);
    GEOSGeom_getYMax_r(r->geos, g, &y1);
    w = x1 - x0;
    h = y1 - y0;
    return fmax(w, h) < 100 * fmin(w, h);
}

/* The middle of the largest circle inside, else any point inside. */
static void label_place(struct reader *r, struct feature *it)
{
    GEOSContextHandle_t h = r->geos;
    struct area *a = &it->area;
    double fine = fmax(a->perimeter_m / 200, 0.001);
    GEOSGeometry *line = NULL, *point = NULL;

    if (it->sound && compact(r, it->shape))
        line = GEOSMaximumInscribedCircle_r(h, it->shape, fine);
    point = line ? GEOSGeomGetStartPoint_r(h, line)
                 : GEOSPointOnSurface_r(h, it->shape);
    a->label_x = a->x_m;
    a->label_y = a->y_m;
    if (point && GEOSGeomGetX_r(h, point, &a->label_x) == 1)
        GEOSGeomGetY_r(h, point, &a->label_y);
    GEOSGeom_destroy_r(h, line);
    GEOSGeom_destroy_r(h, point);
}

static void measure(struct reader *r, struct feature *it)
{
    GEOSContextHandle_t h = r->geos;
    struct area *a = &it->area;
    GEOSGeometry *c = GEOSGetCentroid_r(h, it->shape);

    a->area_m2 = geos_area(r, it->shape);
    GEOSLength_r(h, it->shape, &a->perimeter_m);
    if (c) {
        GEOSGeomGetX_r(h, c, &a->x_m);
        GEOSGeomGetY_r(h, c, &a->y_m);
        GEOSGeom_destroy_r(h, c);
    }
    if (it->sound && a->area_m2 < TINY_M2) {
        REPORT(r, GEO_TINY, .feature = it->number, .text = a->id,
               .value = a->area_m2);
        it->sound = false;
    }
    label_place(r, it);
}

/* RC_OK with it->shape NULL: reported and left out. */
static enum rc feature_read(struct reader *r, OGRFeatureH f, struct feature *it)
{
    OGRGeometryH g;

    it->area.id = feature_text(r, f, r->id);
    it->area.name = feature_text(r, f, r->name);
    it->area.parent = feature_text(r, f, r->parent);
    if (!it->area.name[0])
        it->area.name = it->area.id;
    if (!it->area.parent[0])
        it->area.parent = NULL;
    if (!it->area.id[0])
        REPORT(r, GEO_ID_EMPTY, .feature = it->number,
               .text = r->source->id ? r->source->id : "id");
    g = polygon_of(r, it, f);
    if (!g)
        return RC_OK;
    r->caught->text[0] = '\0';
    if (OGR_G_Transform(g, r->forward) != OGRERR_NONE)
        REPORT(r, GEO_BROKEN, .feature = it->number, .text = it->area.id,
               .more = r->caught->text);
    else
        it->shape = to_geos(r, it, g);
    OGR_G_DestroyGeometry(g);
    if (!it->shape)
        return RC_OK;
    r->points += (uint64_t)GEOSGetNumCoordinates_r(r->geos, it->shape);
    check_valid(r, it);
    measure(r, it);
    return shape_take(r, it) ? RC_OK : RC_MEMORY;
}

enum rc reader_features(struct reader *r)
{
    OGRFeatureH f;
    GIntBig expected = OGR_L_GetFeatureCount(r->layer, FALSE);
    enum rc rc = RC_OK;

    OGR_L_ResetReading(r->layer);
    for (uint64_t number = 1; !rc; number++) {
        struct feature it = {.number = number};

        f = OGR_L_GetNextFeature(r->layer);
        if (!f)
            break;
        if (number > FEATURES_MAX || r->points > POINTS_MAX) {
            REPORT(r, GEO_TOO_MANY,
                   .text = number > FEATURES_MAX ? "200000 areas"
                                                 : "50000000 points");
            OGR_F_Destroy(f);
            return RC_INVALID;
        }
        rc = feature_read(r, f, &it);
        OGR_F_Destroy(f);
        if (it.shape)
            VEC_PUSH(r->a, r->features, r->n, r->cap) = it;
        if (!progress_at(r->progress, N_("reading boundaries"),
                         expected > 0 ? (double)number / (double)expected
                                      : NAN))
            rc = RC_CANCELLED;
    }
    return rc;
}
