#include "space/geography.h"

#include "space/boxtree.h"
#include "space/reader.h"

#include <math.h>
#include <stdlib.h>

static bool finding_forbids(enum geography_finding f)
{
    return f != GEO_OK && f != GEO_LAYERS_SEVERAL &&
           f != GEO_SOURCE_CRS_ASSUMED && f != GEO_REPAIRED &&
           f != GEO_OVERLAP_LITTLE && f != GEO_ALONE;
}

void reader_report(struct reader *r, struct geography_report found)
{
    if (finding_forbids(found.finding))
        r->invalid = true;
    if (r->source->report)
        r->source->report(r->source->ctx, &found);
}

void reader_to_degrees(const struct reader *r, double x, double y,
                       double *longitude, double *latitude)
{
    *longitude = x;
    *latitude = y;
    if (geography_unproject(r->out, 1, longitude, latitude, NULL))
        *longitude = *latitude = NAN;
}

static const char *layer_names(struct reader *r, GDALDatasetH d)
{
    AUTO(buf) struct buf b = {0};
    int n = GDALDatasetGetLayerCount(d);

    buf_init(&b, 4096);
    for (int i = 0; i < n && i < 20; i++) {
        if (i > 0)
            buf_adds(&b, ", ");
        buf_adds(&b, OGR_L_GetName(GDALDatasetGetLayer(d, i)));
    }
    return arena_strdup(r->a, buf_cstr(&b));
}

static bool choose_layer(struct reader *r, GDALDatasetH d)
{
    const char *asked = r->source->layer;
    int n = GDALDatasetGetLayerCount(d);

    if (asked) {
        r->layer = GDALDatasetGetLayerByName(d, asked);
        if (!r->layer)
            REPORT(r, GEO_LAYER_ABSENT, .text = asked,
                   .more = layer_names(r, d));
    } else if (n > 0) {
        r->layer = GDALDatasetGetLayer(d, 0);
        if (n > 1)
            REPORT(r, GEO_LAYERS_SEVERAL, .count = (uint64_t)n,
                   .text = OGR_L_GetName(r->layer));
    } else {
        REPORT(r, GEO_NONE);
    }
    return r->layer != NULL;
}

static int choose_field(struct reader *r, const char *name, const char *what)
{
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(r->layer);
    AUTO(buf) struct buf b = {0};
    int at = name ? OGR_FD_GetFieldIndex(defn, name) : -1;

    if (!name || at >= 0)
        return at;
    buf_init(&b, 4096);
    for (int i = 0; i < OGR_FD_GetFieldCount(defn); i++) {
        if (i > 0)
            buf_adds(&b, ", ");
        buf_adds(&b, OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, i)));
    }
    REPORT(r, GEO_FIELD_ABSENT, .text = name, .more = buf_cstr(&b),
           .what = what);
    return -1;
}

static int feature_by_id(const void *pa, const void *pb)
{
    const struct feature *a = pa, *b = pb;
    int c = strcmp(a->area.id, b->area.id);

    if (c)
        return c;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void check_ids(struct reader *r)
{
    if (r->n)
        qsort(r->features, r->n, sizeof *r->features, feature_by_id);
    for (size_t i = 1; i < r->n; i++) {
        const struct feature *f = &r->features[i], *before = f - 1;

        if (f->area.id[0] && strcmp(f->area.id, before->area.id) == 0)
            REPORT(r, GEO_ID_TWICE, .feature = f->number,
                   .other = before->number, .text = f->area.id);
    }
}

static enum rc index_areas(struct geography *g, struct arena *a)
{
    struct box *boxes = arena_try(a, g->n + 1, sizeof *boxes);
    struct boxtree *tree = arena_new_of(a, struct boxtree);

    if (!boxes)
        return RC_MEMORY;
    g->min_x = g->min_y = INFINITY;
    g->max_x = g->max_y = -INFINITY;
    for (size_t i = 0; i < g->n; i++) {
        const struct shape *s = &g->areas[i].shape;
        struct box b = {INFINITY, INFINITY, -INFINITY, -INFINITY};

        for (size_t k = 0; k < s->n_rings; k++)
            for (size_t j = 0; j < s->rings[k].n; j++) {
                const double *p = s->rings[k].xy + 2 * j;

                b.min_x = fmin(b.min_x, p[0]);
                b.min_y = fmin(b.min_y, p[1]);
                b.max_x = fmax(b.max_x, p[0]);
                b.max_y = fmax(b.max_y, p[1]);
            }
        boxes[i] = b;
        g->min_x = fmin(g->min_x, b.min_x);
        g->min_y = fmin(g->min_y, b.min_y);
        g->max_x = fmax(g->max_x, b.max_x);
        g->max_y = fmax(g->max_y, b.max_y);
    }
    g->index = tree;
    return boxtree_build(tree, boxes, g->n, a);
}

static enum rc take_areas(struct reader *r, struct err *err)
{
    struct geography *g = r->out;
    double *x, *y;
    enum rc rc;

    g->areas = arena_try(r->a, r->n + 1, sizeof *g->areas);
    x = arena_try(r->a, r->n + 1, sizeof *x);
    y = arena_try(r->a, r->n + 1, sizeof *y);
    if (!g->areas || !x || !y)
        return RC_MEMORY;
    for (size_t i = 0; i < r->n; i++) {
        const struct area *from = &r->features[i].area;

        if (!from->id[0] || dict_find(&g->ids, str_of(from->id)) != DICT_NONE)
            continue;
        dict_intern(&g->ids, str_of(from->id));
        x[g->n] = from->x_m;
        y[g->n] = from->y_m;
        g->areas[g->n++] = *from;
    }
    rc = geography_unproject(g, g->n, x, y, err);
    for (size_t i = 0; !rc && i < g->n; i++) {
        g->areas[i].longitude = x[i];
        g->areas[i].latitude = y[i];
    }
    return rc ? rc : index_areas(g, r->a);
}

static void report_alone(struct reader *r)
{
    const struct geography *g = r->out;

    for (size_t i = 0; g->n > 1 && i < g->n; i++)
        if (g->queen.start[i] == g->queen.start[i + 1])
            REPORT(r, GEO_ALONE, .text = g->areas[i].id);
}

static enum rc read_layer(struct reader *r, struct err *err)
{
    const struct geography_source *s = r->source;
    enum rc rc;

    if (OGR_L_GetFeatureCount(r->layer, TRUE) == 0) {
        REPORT(r, GEO_NONE);
        return RC_INVALID;
    }
    r->id = choose_field(r, s->id ? s->id : "id", "id");
    r->name = choose_field(r, s->name, "name");
    r->parent = choose_field(r, s->parent, "parent");
    if (r->id < 0 || !reader_choose_crs(r))
        return RC_INVALID;
    rc = reader_features(r);
    if (rc)
        return rc;
    if (r->n == 0 && !r->invalid)
        REPORT(r, GEO_NONE);
    check_ids(r);
    if (!progress_at(r->progress, N_("checking boundaries"), NAN))
        return RC_CANCELLED;
    reader_overlaps(r);
    rc = take_areas(r, err);
    if (rc || r->invalid)
        return rc ? rc : RC_INVALID;
    rc = geography_link(r->out, r->a);
    if (!rc)
        report_alone(r);
    return rc;
}

static void reader_free(struct reader *r)
{
    for (size_t i = 0; i < r->n; i++)
        GEOSGeom_destroy_r(r->geos, r->features[i].shape);
    cleanup_transform(&r->forward);
    cleanup_srs(&r->from);
    cleanup_srs(&r->to);
    cleanup_geos(&r->geos);
}

enum rc geography_read(const struct geography_source *source,
                       const struct progress *progress, struct arena *a,
                       struct geography *out, struct err *err)
{
    OGR_CATCH(caught);
    __attribute__((cleanup(cleanup_dataset))) GDALDatasetH d = NULL;
    struct reader r = {.source = source,
                       .progress = progress,
                       .a = a,
                       .out = out,
                       .caught = &caught};
    enum rc rc = RC_INVALID;

    *out = (struct geography){0};
    dict_init(&out->ids, a);
    d = ogr_open(source->path, false);
    if (!d) {
        REPORT(&r, GEO_UNREADABLE, .text = caught.text);
        return RC_INVALID;
    }
    r.geos = geos_new(&caught);
    if (choose_layer(&r, d))
        rc = read_layer(&r, err);
    reader_free(&r);
    if (rc == RC_MEMORY)
        return err_set(err, rc, N_("not enough memory for the boundaries"));
    if (rc == RC_CANCELLED)
        return err_set(err, rc, N_("interrupted"));
    return rc;
}
