/*
 * Boundaries from every format, what is found wrong in them, their measures,
 * and the area that holds a point.
 */
#include "areas_file.h"

#include "space/archive.h"
#include "space/foreign_table.h"
#include "space/ogr.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal_utils.h>

static char *temporary(struct arena *a)
{
    char *dir = arena_strdup(a, "/tmp/passerelle-space-XXXXXX");

    assert_non_null(mkdtemp(dir));
    return dir;
}

static const char *put(struct arena *a, const char *dir, const char *name,
                       const char *text)
{
    const char *path = path_join(a, dir, name);

    assert_int_equal(file_write(path, str_of(text), NULL), RC_OK);
    return path;
}

/* Two features of a kilometre or so, the second's ring as given. */
static const char *two(struct arena *a, const char *dir, const char *id,
                       const char *geometry)
{
    return put(a, dir, "two.geojson",
               arena_printf(
                   a,
                   "{\"type\": \"FeatureCollection\", \"features\": ["
                   "{\"type\": \"Feature\", \"properties\": {\"id\": \"01\", "
                   "\"name\": \"Quay\"}, \"geometry\": {\"type\": \"Polygon\", "
                   "\"coordinates\": [[[10.18, 36.80], [10.19, 36.80], [10.19, "
                   "36.81], [10.18, 36.81], [10.18, 36.80]]]}},"
                   "{\"type\": \"Feature\", \"properties\": {\"id\": %s, "
                   "\"name\": \"Médina\"}, \"geometry\": %s}]}",
                   id, geometry));
}

#define NEXT                                                              \
    "{\"type\": \"Polygon\", \"coordinates\": [[[10.19, 36.80], [10.20, " \
    "36.80], [10.20, 36.81], [10.19, 36.81], [10.19, 36.80]]]}"

static void metric_measures(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const char *dir = temporary(a), *path = two(a, dir, "\"02\"", NEXT);
    struct geography g;
    struct findings f;
    double x = 10.195, y = 36.805, back_x, back_y;

    assert_int_equal(read_file(a, path, NULL, &g, &f), RC_OK);
    assert_int_equal(f.n, 0);
    assert_int_equal(g.n, 2);
    assert_string_equal(g.crs, "EPSG:32632");
    assert_string_equal(g.areas[1].id, "02");
    assert_string_equal(g.areas[1].name, "02"); /* no name field asked for */
    /* a hundredth of a degree there: 892 m by 1110 m */
    assert_float_equal(g.areas[0].area_m2, 892.3 * 1109.8, 1500);
    assert_float_equal(g.areas[0].perimeter_m, 2 * (892.3 + 1109.8), 4);
    assert_float_equal(g.areas[0].longitude, 10.185, 1e-4);
    assert_float_equal(g.areas[0].latitude, 36.805, 1e-4);
    assert_int_equal(g.rook.start[2], 2);
    assert_float_equal(g.rook.length_m[0], 1109.8, 2);
    assert_float_equal(g.outer_m[0],
                       g.areas[0].perimeter_m - g.rook.length_m[0], 0.01);
    assert_int_equal(geography_project(&g, 1, &x, &y, NULL), RC_OK);
    assert_int_equal(geography_locate(&g, x, y), 1);
    assert_int_equal(geography_locate(&g, x - 900, y), 0);
    assert_int_equal(geography_locate(&g, x, y + 5000), DICT_NONE);
    assert_int_equal(geography_locate(&g, NAN, y), DICT_NONE);
    back_x = x;
    back_y = y;
    assert_int_equal(geography_unproject(&g, 1, &back_x, &back_y, NULL), RC_OK);
    assert_float_equal(back_x, 10.195, 1e-9);
    assert_float_equal(back_y, 36.805, 1e-9);
    assert_int_equal(
        geography_locate(&g, g.areas[1].label_x, g.areas[1].label_y), 1);
    assert_int_equal(dir_remove(dir, NULL), RC_OK);
}

static void what_is_wrong_is_reported(void **state)
{
#define POLYGON(ring) "{\"type\": \"Polygon\", \"coordinates\": [[" ring "]]}"
    static const struct {
        const char *id, *geometry;
        enum geography_finding finding;
        enum rc rc;
    } rows[] = {
        {"\"01\"", NEXT, GEO_ID_TWICE, RC_INVALID},
        {"\"\"", NEXT, GEO_ID_EMPTY, RC_INVALID},
        {"null", NEXT, GEO_ID_EMPTY, RC_INVALID},
        {"\"02\"", "null", GEO_NO_SHAPE, RC_INVALID},
        {"\"02\"", "{\"type\": \"Point\", \"coordinates\": [10.2, 36.8]}",
         GEO_NOT_POLYGON, RC_INVALID},
        {"\"02\"",
         "{\"type\": \"LineString\", \"coordinates\": [[10.2, 36.8], [10.3, "
         "36.8]]}",
         GEO_NOT_POLYGON, RC_INVALID},
        {"\"02\"", POLYGON("[10.19, 36.8], [10.2, 36.8], [1100, 36.81]"),
         GEO_COORDINATES, RC_INVALID},
        {"\"02\"",
         POLYGON("[10.19, 36.80], [10.20, 36.81], [10.20, 36.80], [10.19, "
                 "36.81], [10.19, 36.80]"),
         GEO_INVALID, RC_INVALID},
        {"\"02\"",
         POLYGON("[10.19, 36.80], [10.20, 36.80], [10.21, 36.79], [10.20, "
                 "36.80], [10.20, 36.81], [10.19, 36.81], [10.19, 36.80]"),
         GEO_REPAIRED, RC_OK},
        {"\"02\"",
         POLYGON("[10.185, 36.80], [10.20, 36.80], [10.20, 36.81], [10.185, "
                 "36.81], [10.185, 36.80]"),
         GEO_OVERLAP, RC_INVALID},
        {"\"02\"",
         POLYGON("[10.189995, 36.80], [10.20, 36.80], [10.20, 36.81], "
                 "[10.189995, 36.81], [10.189995, 36.80]"),
         GEO_OVERLAP_LITTLE, RC_OK},
        {"\"02\"",
         POLYGON("[10.19, 36.8], [10.190001, 36.8], [10.190001, 36.800001], "
                 "[10.19, 36.800001], [10.19, 36.8]"),
         GEO_TINY, RC_INVALID},
        {"\"02\"",
         POLYGON("[10.29, 36.80], [10.30, 36.80], [10.30, 36.81], [10.29, "
                 "36.81], [10.29, 36.80]"),
         GEO_ALONE, RC_OK},
    };
    char *dir;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct geography g;
        struct findings f;
        bool found = false;

        dir = temporary(a);
        assert_int_equal(read_file(a, two(a, dir, rows[i].id, rows[i].geometry),
                                   NULL, &g, &f),
                         rows[i].rc);
        for (size_t k = 0; k < f.n; k++)
            found |= f.items[k].finding == rows[i].finding;
        if (!found)
            print_message("row %zu\n", i);
        assert_true(found);
        assert_int_equal(dir_remove(dir, NULL), RC_OK);
    }
}

static void the_place_of_a_crossing_is_told(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const char *dir = temporary(a);
    struct geography g;
    struct findings f;

    assert_int_equal(
        read_file(a,
                  two(a, dir, "\"02\"",
                      POLYGON("[10.19, 36.80], [10.20, 36.81], [10.20, "
                              "36.80], [10.19, 36.81], [10.19, 36.80]")),
                  NULL, &g, &f),
        RC_INVALID);
    assert_int_equal(f.items[0].feature, 2);
    assert_string_equal(f.items[0].more, "it crosses itself");
    assert_float_equal(f.items[0].longitude, 10.195, 1e-5);
    assert_float_equal(f.items[0].latitude, 36.805, 1e-5);
    assert_int_equal(dir_remove(dir, NULL), RC_OK);
}

static void crs_is_chosen_and_checked(void **state)
{
    static const struct {
        const char *crs;
        double longitude, latitude;
        enum geography_finding finding;
        const char *result;
    } rows[] = {
        {NULL, 10.19, 36.8, GEO_OK, "EPSG:32632"},
        {NULL, NAN, NAN, GEO_OK, "EPSG:32632"},
        {"EPSG:3035", 10.19, 36.8, GEO_OK, "EPSG:3035"},
        {"EPSG:4326", 10.19, 36.8, GEO_CRS_NOT_METRIC, "EPSG:32632"},
        {"EPSG:2263", 10.19, 36.8, GEO_CRS_NOT_METRIC, "EPSG:32632"},
        {"EPSG:999999", 10.19, 36.8, GEO_CRS_UNKNOWN, "EPSG:32632"},
        {"/etc/passwd", 10.19, 36.8, GEO_CRS_UNKNOWN, "EPSG:32632"},
        {"http://example.org/", 10.19, 36.8, GEO_CRS_UNKNOWN, "EPSG:32632"},
        {NULL, 36.8, 10.19, GEO_CENTRE_SWAPPED, "EPSG:32632"},
        {NULL, -70.6, -33.4, GEO_FAR, "EPSG:32632"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        const char *dir = temporary(a);
        struct geography g;
        struct findings f = {.a = a};
        struct geography_source s = {.path = two(a, dir, "\"02\"", NEXT),
                                     .crs = rows[i].crs,
                                     .longitude = rows[i].longitude,
                                     .latitude = rows[i].latitude,
                                     .report = collect,
                                     .ctx = &f};
        enum rc rc = geography_read(&s, NULL, a, &g, NULL);

        assert_int_equal(rc, rows[i].finding ? RC_INVALID : RC_OK);
        assert_int_equal(f.n ? f.items[0].finding : GEO_OK, rows[i].finding);
        assert_string_equal(g.crs, rows[i].result);
        assert_int_equal(dir_remove(dir, NULL), RC_OK);
    }
}

/* ---- other formats: written by GDAL, read by us ---- */

static bool translate(const char *from, const char *to, const char *driver,
                      const char *more, const char *value)
{
    char **args = NULL;
    GDALDatasetH in, out;
    GDALVectorTranslateOptions *options;

    args = CSLAddString(args, "-f");
    args = CSLAddString(args, driver);
    if (more) {
        args = CSLAddString(args, more);
        args = CSLAddString(args, value);
    }
    in = GDALOpenEx(from, GDAL_OF_VECTOR, NULL, NULL, NULL);
    options = GDALVectorTranslateOptionsNew(args, NULL);
    out = GDALVectorTranslate(to, NULL, 1, &in, options, NULL);
    GDALVectorTranslateOptionsFree(options);
    CSLDestroy(args);
    if (out)
        GDALClose(out);
    GDALClose(in);
    return out != NULL;
}

/* The parts of zipped.shp in a folder of a .zip. */
static const char *zipped(struct arena *a, const char *dir)
{
    static const char *const parts[] = {"shp", "shx", "dbf", "prj"};
    const char *zip = path_join(a, dir, "areas.zip");
    void *to = CPLCreateZip(zip, NULL);

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const char *name = arena_printf(a, "zipped.%s", parts[i]);
        struct str bytes;

        assert_int_equal(
            file_read(a, path_join(a, dir, name), 1 << 20, &bytes, NULL),
            RC_OK);
        CPLCreateFileInZip(to, arena_printf(a, "folder/%s", name), NULL);
        CPLWriteFileInZip(to, bytes.p, (int)bytes.n);
        CPLCloseFileInZip(to);
    }
    CPLCloseZip(to);
    return zip;
}

static void every_format_gives_the_same(void **state)
{
    static const struct {
        const char *name, *driver, *more, *value;
    } rows[] = {
        {"two.gpkg", "GPKG", NULL, NULL},
        {"two.shp", "ESRI Shapefile", NULL, NULL},
        {"two.fgb", "FlatGeobuf", NULL, NULL},
        {"two.gml", "GML", NULL, NULL},
        {"two.tab", "MapInfo File", NULL, NULL},
        {"two-3035.gpkg", "GPKG", "-t_srs", "EPSG:3035"},
        {"zipped.shp", "ESRI Shapefile", NULL, NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        const char *dir = temporary(a), *from = two(a, dir, "\"02\"", NEXT);
        const char *to = path_join(a, dir, rows[i].name);
        struct geography g;
        struct findings f;

        ogr_start();
        assert_true(
            translate(from, to, rows[i].driver, rows[i].more, rows[i].value));
        if (strcmp(rows[i].name, "zipped.shp") == 0)
            to = zipped(a, dir);
        assert_int_equal(read_file(a, to, "id", &g, &f), RC_OK);
        assert_int_equal(f.n, 0);
        assert_int_equal(g.n, 2);
        assert_string_equal(g.areas[0].id, "01");
        assert_float_equal(g.areas[0].area_m2, 892.3 * 1109.8, 1500);
        assert_int_equal(g.rook.start[2], 2);
        assert_int_equal(dir_remove(dir, NULL), RC_OK);
    }
}

static void refused_formats_are_not_opened(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const char *dir = temporary(a), *from = two(a, dir, "\"02\"", NEXT);
    const char *vrt =
        put(a, dir, "two.vrt",
            arena_printf(a,
                         "<OGRVRTDataSource><OGRVRTLayer name=\"two\">"
                         "<SrcDataSource>%s</SrcDataSource></OGRVRTLayer>"
                         "</OGRVRTDataSource>",
                         from));
    struct geography g;
    struct findings f;

    assert_int_equal(read_file(a, vrt, "id", &g, &f), RC_INVALID);
    assert_int_equal(f.items[0].finding, GEO_UNREADABLE);
    assert_int_equal(dir_remove(dir, NULL), RC_OK);
}

/* ---- tables ---- */

static void tables_come_as_texts(void **state)
{
    static const struct {
        const char *name, *driver;
    } rows[] = {{"t.xlsx", "XLSX"},
                {"t.ods", "ODS"},
                {"t.gpkg", "GPKG"},
                {"t.dbf", "ESRI Shapefile"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        const char *dir = temporary(a);
        const char *csv = put(a, dir, "t.csv",
                              "area,origin,n\n01,SY,12\n02,\"a \xC3\xA9\",7\n");
        const char *path = path_join(a, dir, rows[i].name), *why;
        struct foreign_table *t = NULL;
        struct str row[3];
        uint64_t line;

        ogr_start();
        assert_true(translate(csv, path, rows[i].driver, NULL, NULL));
        assert_true(foreign_name(path));
        assert_int_equal(foreign_open(path, NULL, a, &t, &why), RC_OK);
        assert_int_equal(foreign_columns(t), 3);
        assert_true(str_is(foreign_column(t, 0), "area"));
        assert_true(foreign_next(t, row, &line));
        assert_true(str_is(row[0], "01"));
        assert_true(str_is(row[2], "12"));
        assert_int_equal(line, i < 2 ? 2 : 1);
        assert_true(foreign_next(t, row, &line));
        assert_true(str_is(row[1], "a \xC3\xA9"));
        assert_false(foreign_next(t, row, &line));
        foreign_close(t);
        assert_int_equal(foreign_open(path, "none", a, &t, &why), RC_NOT_FOUND);
        assert_true(why[0] != '\0');
        assert_int_equal(dir_remove(dir, NULL), RC_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metric_measures),
        cmocka_unit_test(what_is_wrong_is_reported),
        cmocka_unit_test(the_place_of_a_crossing_is_told),
        cmocka_unit_test(crs_is_chosen_and_checked),
        cmocka_unit_test(every_format_gives_the_same),
        cmocka_unit_test(refused_formats_are_not_opened),
        cmocka_unit_test(tables_come_as_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
