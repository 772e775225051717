#include "space/foreign_table.h"

#include "space/ogr.h"

#include <cpl_conv.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

struct foreign_table {
    GDALDatasetH dataset;
    OGRLayerH layer;
    OGRFeatureH feature; /* the row at hand */
    struct str *columns;
    size_t n;
    uint64_t row;
    bool sheet;
    struct ogr_errors caught;
};

bool foreign_name(const char *path)
{
    static const char *const endings[] = {
        ".xlsx", ".xlsm", ".ods",     ".xls",  ".dbf",     ".shp",
        ".gpkg", ".fgb",  ".geojson", ".json", ".tab.zip", ".mif"};
    size_t n = strlen(path);

    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        size_t m = strlen(endings[i]);

        if (n > m && strcasecmp(path + n - m, endings[i]) == 0)
            return true;
    }
    return false;
}

/* Headers are always there, and texts keep their leading zeros. */
static void sheet_options(bool on)
{
    static const char *const options[][2] = {
        {"OGR_XLSX_HEADERS", "FORCE"}, {"OGR_XLSX_FIELD_TYPES", "STRING"},
        {"OGR_ODS_HEADERS", "FORCE"},  {"OGR_ODS_FIELD_TYPES", "STRING"},
        {"OGR_XLS_HEADERS", "FORCE"},  {"OGR_XLS_FIELD_TYPES", "STRING"},
    };

    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        CPLSetThreadLocalConfigOption(options[i][0], on ? options[i][1] : NULL);
}

static const char *names_of_layers(GDALDatasetH d, struct arena *a)
{
    AUTO(buf) struct buf b = {0};
    int n = GDALDatasetGetLayerCount(d);

    buf_init(&b, 512);
    for (int i = 0; i < n && !b.failed; i++) {
        if (i)
            buf_adds(&b, ", ");
        buf_adds(&b, OGR_L_GetName(GDALDatasetGetLayer(d, i)));
    }
    return arena_strdup(a, buf_cstr(&b));
}

static enum rc choose(struct foreign_table *t, const char *layer,
                      struct arena *a, const char **why)
{
    OGRFeatureDefnH defn;
    const char *driver;

    t->layer = layer ? GDALDatasetGetLayerByName(t->dataset, layer)
                     : GDALDatasetGetLayer(t->dataset, 0);
    if (!t->layer) {
        *why = names_of_layers(t->dataset, a);
        return layer ? RC_NOT_FOUND : RC_INVALID;
    }
    defn = OGR_L_GetLayerDefn(t->layer);
    t->n = (size_t)OGR_FD_GetFieldCount(defn);
    t->columns = arena_try(a, t->n + 1, sizeof *t->columns);
    if (!t->columns)
        return RC_MEMORY;
    for (size_t i = 0; i < t->n; i++)
        t->columns[i] = str_trim(str_of(arena_strdup(
            a, OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, (int)i)))));
    driver = GDALGetDriverShortName(GDALGetDatasetDriver(t->dataset));
    t->sheet =
        driver && (strcmp(driver, "XLSX") == 0 || strcmp(driver, "ODS") == 0 ||
                   strcmp(driver, "XLS") == 0);
    OGR_L_ResetReading(t->layer);
    return RC_OK;
}

enum rc foreign_open(const char *path, const char *layer, struct arena *a,
                     struct foreign_table **out, const char **why)
{
    struct foreign_table *t = calloc(1, sizeof *t);
    enum rc rc = RC_INVALID;

    *out = NULL;
    *why = "";
    if (!t)
        return RC_MEMORY;
    ogr_catch(&t->caught);
    sheet_options(true);
    t->dataset = ogr_open(path, true);
    if (t->dataset)
        rc = choose(t, layer, a, why);
    else
        *why = arena_strdup(a, t->caught.text[0] ? t->caught.text
                                                 : "no known format");
    sheet_options(false);
    ogr_release(&t->caught);
    if (rc)
        foreign_close(t);
    else
        *out = t;
    return rc;
}

size_t foreign_layers(const struct foreign_table *t, const char **first)
{
    *first = OGR_L_GetName(GDALDatasetGetLayer(t->dataset, 0));
    return (size_t)GDALDatasetGetLayerCount(t->dataset);
}

size_t foreign_columns(const struct foreign_table *t)
{
    return t->n;
}

struct str foreign_column(const struct foreign_table *t, size_t i)
{
    return t->columns[i];
}

bool foreign_next(struct foreign_table *t, struct str *field, uint64_t *line)
{
    GIntBig id;

    ogr_catch(&t->caught);
    if (t->feature)
        OGR_F_Destroy(t->feature);
    t->feature = OGR_L_GetNextFeature(t->layer);
    ogr_release(&t->caught);
    if (!t->feature)
        return false;
    t->row++;
    id = OGR_F_GetFID(t->feature);
    *line = t->sheet && id > 0 ? (uint64_t)id : t->row;
    for (size_t i = 0; i < t->n; i++)
        field[i] = OGR_F_IsFieldSetAndNotNull(t->feature, (int)i)
                       ? str_of(OGR_F_GetFieldAsString(t->feature, (int)i))
                       : STR("");
    return true;
}

bool foreign_polygons(const struct foreign_table *t)
{
    OGRFeatureH first;
    OGRGeometryH shape;
    OGRwkbGeometryType type = wkbNone;

    OGR_L_ResetReading(t->layer);
    first = OGR_L_GetNextFeature(t->layer);
    shape = first ? OGR_F_GetGeometryRef(first) : NULL;
    if (shape)
        type = wkbFlatten(OGR_G_GetGeometryType(shape));
    if (first)
        OGR_F_Destroy(first);
    OGR_L_ResetReading(t->layer);
    return type == wkbPolygon || type == wkbMultiPolygon;
}

void foreign_middle(const struct foreign_table *t, double *longitude,
                    double *latitude)
{
    OGREnvelope box;

    *longitude = *latitude = NAN;
    if (OGR_L_GetExtent(t->layer, &box, TRUE) != OGRERR_NONE ||
        box.MinX < -180 || box.MaxX > 180 || box.MinY < -90 || box.MaxY > 90)
        return;
    *longitude = (box.MinX + box.MaxX) / 2;
    *latitude = (box.MinY + box.MaxY) / 2;
}

void foreign_close(struct foreign_table *t)
{
    if (!t)
        return;
    ogr_catch(&t->caught);
    if (t->feature)
        OGR_F_Destroy(t->feature);
    cleanup_dataset(&t->dataset);
    ogr_release(&t->caught);
    free(t);
}
