#include "space/ogr.h"

#include "base/str.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static pthread_once_t started = PTHREAD_ONCE_INIT;

void ogr_start(void)
{
    pthread_once(&started, GDALAllRegister);
}

static void keep_first(struct ogr_errors *e, const char *message)
{
    size_t n = 0;

    if (e->text[0])
        return;
    while (message[n] && message[n] != '\n' && n + 1 < sizeof e->text)
        n++;
    memcpy(e->text, message, n);
    while (n > 0 &&
           (isspace((unsigned char)e->text[n - 1]) || e->text[n - 1] == '.'))
        n--;
    e->text[n] = '\0';
}

static void CPL_STDCALL caught(CPLErr level, CPLErrorNum number,
                               const char *message)
{
    if (level >= CE_Failure)
        keep_first(CPLGetErrorHandlerUserData(), message);
}

void ogr_catch(struct ogr_errors *e)
{
    e->text[0] = '\0';
    CPLPushErrorHandlerEx(caught, e);
}

void ogr_release(struct ogr_errors *e)
{
    CPLPopErrorHandler();
    CPLErrorReset();
}

static const char *const shapes[] = {
    "GeoJSON",        "GeoJSONSeq",  "TopoJSON", "ESRIJSON", "GPKG",
    "ESRI Shapefile", "FlatGeobuf",  "GML",      "KML",      "LIBKML",
    "MapInfo File",   "OpenFileGDB", "GPX",      "DXF",      "DGN",
    "Geoconcept",     "S57",         NULL,
};
static const char *const tables[] = {
    "XLSX",         "ODS",     "XLS",        "ESRI Shapefile", "GPKG",
    "MapInfo File", "GeoJSON", "FlatGeobuf", "OpenFileGDB",    NULL,
};

/* What calls itself JSON is read as nothing else. */
static const char *const json_formats[] = {"GeoJSON", "GeoJSONSeq", "TopoJSON",
                                           "ESRIJSON", NULL};

static bool json_name(const char *path)
{
    return str_ends(str_of(path), ".geojson") ||
           str_ends(str_of(path), ".json");
}

/* The member of a .zip to open, as a path of GDAL's; NULL: none. Owned. */
static char *zip_member(const char *path)
{
    static const char *const endings[] = {".shp", ".gpkg", ".geojson",
                                          ".fgb", ".gml",  ".kml",
                                          ".tab", ".mif",  ".json"};
    char *root = NULL, *found = NULL;
    char **names;

    if (asprintf(&root, "/vsizip/{%s}", path) < 0)
        return NULL;
    names = VSIReadDirRecursive(root);
    for (size_t e = 0; !found && e < ARRAY_LEN(endings); e++)
        for (int i = 0; !found && names && names[i]; i++) {
            size_t n = strlen(names[i]), m = strlen(endings[e]);

            if (n > m && strcasecmp(names[i] + n - m, endings[e]) == 0 &&
                asprintf(&found, "%s/%s", root, names[i]) < 0)
                found = NULL;
        }
    CSLDestroy(names);
    free(root);
    return found;
}

GDALDatasetH ogr_open(const char *path, bool table)
{
    const char *const options[] = {"WRITE_GFS=NO", "IMMUTABLE=YES",
                                   "DOWNLOAD_SCHEMA=NO", NULL};

    AUTO(mem) char *member = NULL;

    ogr_start();
    if (str_ends(str_of(path), ".zip"))
        member = zip_member(path);
    if (member)
        path = member;
    return GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY,
                      json_name(path) ? json_formats
                      : table         ? tables
                                      : shapes,
                      options, NULL);
}

OGRSpatialReferenceH ogr_srs_epsg(int code)
{
    OGRSpatialReferenceH s = OSRNewSpatialReference(NULL);

    OSRSetAxisMappingStrategy(s, OAMS_TRADITIONAL_GIS_ORDER);
    if (OSRImportFromEPSG(s, code) != OGRERR_NONE)
        cleanup_srs(&s);
    return s;
}

/* Authority and code only: longer forms may name files or addresses. */
OGRSpatialReferenceH ogr_srs_code(const char *text)
{
    OGRSpatialReferenceH s;
    size_t letters = 0, digits = 0;

    while (isalpha((unsigned char)text[letters]))
        letters++;
    if (letters == 0 || letters > 10 || text[letters] != ':')
        return NULL;
    while (isdigit((unsigned char)text[letters + 1 + digits]))
        digits++;
    if (digits == 0 || digits > 7 || text[letters + 1 + digits])
        return NULL;
    if (strncasecmp(text, "EPSG:", 5) != 0 &&
        strncasecmp(text, "ESRI:", 5) != 0)
        return NULL;
    s = OSRNewSpatialReference(NULL);
    OSRSetAxisMappingStrategy(s, OAMS_TRADITIONAL_GIS_ORDER);
    if (OSRSetFromUserInput(s, text) != OGRERR_NONE)
        cleanup_srs(&s);
    return s;
}

static void geos_caught(const char *message, void *ctx)
{
    keep_first(ctx, message);
}

GEOSContextHandle_t geos_new(struct ogr_errors *e)
{
    GEOSContextHandle_t g = GEOS_init_r();

    GEOSContext_setErrorMessageHandler_r(g, geos_caught, e);
    return g;
}

void cleanup_dataset(GDALDatasetH *d)
{
    if (*d)
        GDALClose(*d);
    *d = NULL;
}

void cleanup_srs(OGRSpatialReferenceH *s)
{
    if (*s)
        OSRRelease(*s);
    *s = NULL;
}

void cleanup_transform(OGRCoordinateTransformationH *t)
{
    if (*t)
        OCTDestroyCoordinateTransformation(*t);
    *t = NULL;
}

void cleanup_geos(GEOSContextHandle_t *g)
{
    if (*g)
        GEOS_finish_r(*g);
    *g = NULL;
}
