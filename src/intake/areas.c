/* Boundaries: what geography_read reports, told as faults. */
#include "base/file.h"
#include "intake/job.h"
#include "intake/json_place.h"

#include <jansson.h>
#include <math.h>

#define GEOJSON_MAX ((size_t)64 << 20)

struct areas_report {
    struct job *job;
    const struct resource *resource;
    struct str json; /* of a GeoJSON file, for lines; else empty */
};

/* Degrees with five decimals, metres away; km and % with few. */
static const char *number(struct job *j, double v, int decimals)
{
    return isfinite(v) ? arena_printf(j->scratch, "%.*f", decimals, v) : "?";
}

static const char *share(struct job *j, double percent)
{
    return arena_printf(j->scratch, "%.*f",
                        percent < 0.01 ? 4
                        : percent < 10 ? 2
                                       : 0,
                        percent);
}

/* Of the file itself or of one of its features. */
static void report_file(struct job *j, const struct resource *r,
                        const struct geography_report *f, struct place at)
{
    struct faults *to = j->faults;
    const char *text = f->text ? f->text : "", *more = f->more ? f->more : "";
    const char *id = pairs_find(&r->fields, "id");

    switch (f->finding) {
    case GEO_LAYER_ABSENT:
        fault_add(to, FAULT_LAYER_ABSENT, at, text, more);
        break;
    case GEO_LAYERS_SEVERAL:
        fault_add(to, FAULT_LAYERS_SEVERAL, at, (int)f->count, text);
        break;
    case GEO_FIELD_ABSENT:
        fault_add(to, FAULT_AREAS_FIELD_ABSENT, at, text, f->what, more);
        break;
    case GEO_NONE:
        fault_add(to, FAULT_AREAS_NONE, at, "");
        break;
    case GEO_TOO_MANY:
        fault_add(to, FAULT_AREAS_TOO_MANY, at, text);
        break;
    case GEO_SOURCE_CRS_ABSENT:
        fault_add(to, FAULT_AREAS_CRS_ABSENT, at, "");
        break;
    case GEO_SOURCE_CRS_ASSUMED:
        fault_add(to, FAULT_AREAS_CRS_ASSUMED, at, "");
        break;
    case GEO_FAR:
        fault_add(to, FAULT_AREAS_FAR, at, number(j, f->value, 0));
        break;
    case GEO_ID_EMPTY:
        fault_add(to, FAULT_AREA_ID_EMPTY, at, (unsigned long long)f->feature,
                  id ? id : "id");
        break;
    default:
        BUG("finding %d", (int)f->finding);
    }
}

static void report_shape(struct job *j, const struct geography_report *f,
                         struct place at)
{
    struct faults *to = j->faults;
    const char *text = f->text ? f->text : "", *more = f->more ? f->more : "";
    const char *lon = number(j, f->longitude, 5);
    const char *lat = number(j, f->latitude, 5);

    switch (f->finding) {
    case GEO_ID_TWICE:
        fault_add(to, FAULT_AREA_ID_TWICE, at, text,
                  (unsigned long long)f->other, (unsigned long long)f->feature);
        break;
    case GEO_NO_SHAPE:
        fault_add(to, FAULT_AREA_NO_GEOMETRY, at, text);
        break;
    case GEO_NOT_POLYGON:
        fault_add(to, FAULT_AREA_NOT_POLYGON, at, text, more);
        break;
    case GEO_BROKEN:
        fault_add(to, FAULT_GEOMETRY_BROKEN, at, text, more);
        break;
    case GEO_COORDINATES:
        fault_add(to, FAULT_AREA_COORDINATES, at, text, lon, lat);
        break;
    case GEO_INVALID:
        fault_add(to, FAULT_AREA_INVALID, at, text, more, lon, lat);
        break;
    case GEO_REPAIRED:
        fault_add(to, FAULT_AREA_REPAIRED, at, text, more, lon, lat);
        break;
    case GEO_TINY:
        fault_add(to, FAULT_AREA_TINY, at, text, number(j, f->value, 2));
        break;
    case GEO_OVERLAP:
        fault_add(to, FAULT_AREAS_OVERLAP, at, text, more, share(j, f->value),
                  lon, lat);
        break;
    case GEO_OVERLAP_LITTLE:
        fault_add(to, FAULT_AREAS_OVERLAP_LITTLE, at, text, more,
                  share(j, f->value), lon, lat);
        break;
    case GEO_ALONE:
        fault_add(to, FAULT_AREA_ALONE, at, text);
        break;
    default:
        BUG("finding %d", (int)f->finding);
    }
}

/* In GeoJSON a feature has a line. */
static struct place feature_place(struct areas_report *to, uint64_t feature)
{
    struct job *j = to->job;
    struct place at = {.file = to->resource->path};

    if (to->json.n)
        json_place(to->json,
                   arena_printf(j->scratch, "/features/%llu",
                                (unsigned long long)feature - 1),
                   &at.line, &at.column);
    at.field =
        arena_printf(j->scratch, "area %llu", (unsigned long long)feature);
    return at;
}

/* An area that was found but cannot be used. */
static void note_refused(struct job *j, const struct geography_report *f)
{
    if (f->finding < GEO_ID_EMPTY || f->finding == GEO_REPAIRED ||
        f->finding >= GEO_OVERLAP)
        return;
    j->areas_refused = true;
    if (f->text && f->finding != GEO_ID_EMPTY)
        dict_intern(&j->refused, str_of(f->text));
}

/* Not a format that GDAL knows: a GeoJSON file may be no JSON at all. */
static void report_unreadable(struct areas_report *to, const char *why)
{
    struct place at = {.file = to->resource->path};
    json_error_t e;
    json_t *root;

    root = to->json.n ? json_loadb(to->json.p, to->json.n, 0, &e) : NULL;
    if (to->json.n && !root) {
        at.line = (uint64_t)MAX(e.line, 0);
        at.column = (uint64_t)MAX(e.column, 0);
        fault_add(to->job->faults, FAULT_AREAS_JSON_SYNTAX, at, e.text);
    } else {
        fault_add(to->job->faults, FAULT_FORMAT_UNKNOWN, at,
                  why && *why ? why : "no known format");
    }
    json_decref(root);
}

static void report(void *ctx, const struct geography_report *f)
{
    struct areas_report *to = ctx;
    struct job *j = to->job;
    struct place at = {.file = to->resource->path};

    switch (f->finding) {
    case GEO_UNREADABLE:
        report_unreadable(to, f->text);
        break;
    case GEO_CRS_UNKNOWN:
        fault_add(j->faults, FAULT_CRS_UNKNOWN, job_place(j, "/passerelle/crs"),
                  f->text);
        break;
    case GEO_CRS_NOT_METRIC:
        fault_add(j->faults, FAULT_CRS_NOT_METRIC,
                  job_place(j, "/passerelle/crs"), f->text);
        break;
    case GEO_CENTRE_SWAPPED:
        fault_add(j->faults, FAULT_CENTRE_SWAPPED,
                  job_place(j, "/passerelle/city"), number(j, f->longitude, 5),
                  number(j, f->latitude, 5));
        break;
    default:
        if (f->feature)
            at = feature_place(to, f->feature);
        note_refused(j, f);
        if (f->finding <= GEO_ID_EMPTY)
            report_file(j, to->resource, f, at);
        else
            report_shape(j, f, at);
    }
}

enum rc read_areas(struct job *j, const struct resource *r, struct err *err)
{
    struct areas_report to = {.job = j, .resource = r};
    struct geography_source s = {.path = job_path(j, r),
                                 .layer = r->table,
                                 .id = pairs_find(&r->fields, "id"),
                                 .name = pairs_find(&r->fields, "name"),
                                 .parent = pairs_find(&r->fields, "parent"),
                                 .crs = j->descriptor.crs,
                                 .longitude = j->package->longitude,
                                 .latitude = j->package->latitude,
                                 .report = report,
                                 .ctx = &to};
    struct reading *reading = job_reading(j, r);
    enum rc rc;

    if (!s.path)
        return RC_OK;
    if ((str_ends(str_of(s.path), ".geojson") ||
         str_ends(str_of(s.path), ".json")) &&
        file_read(j->scratch, s.path, GEOJSON_MAX, &to.json, NULL))
        to.json = STR(""); /* lines are then not told */
    rc = geography_read(&s, j->progress, j->a, j->geography, err);
    reading->rows = reading->taken = j->geography->n;
    return rc == RC_INVALID ? RC_OK : rc;
}
