#include "publish/publish.h"

#include <pthread.h>

#include "base/file.h"
#include "base/thread.h"
#include "draw/figure.h"
#include "publish/csv.h"
#include "publish/page.h"

enum { FILE_BYTES = 1 << 30 };

struct job {
    const struct node *doc;
    const struct geography *g;
    const char *dir;
    const struct publish_options *o;
    const struct progress *progress;
    struct drawing *drawing;
    struct drawing_shapes *shapes; /* of all lanes */
    struct arena *a;
    struct err *err;
    struct steps *steps; /* shared by the lanes */
};

/* How far all lanes are; the callback is called by one thread at a time. */
struct steps {
    pthread_mutex_t lock;
    size_t done, all;
    bool stopped;
};

static enum rc step(struct job *j, const char *stage)
{
    struct steps *s = j->steps;
    bool stopped;

    pthread_mutex_lock(&s->lock);
    if (!s->stopped)
        s->stopped = !progress_at(j->progress, stage,
                                  (double)s->done++ / (double)s->all);
    stopped = s->stopped;
    pthread_mutex_unlock(&s->lock);
    return stopped ? err_set(j->err, RC_CANCELLED, N_("interrupted")) : RC_OK;
}

static enum rc put(struct job *j, const char *name, const struct buf *b)
{
    if (b->failed)
        return err_set(j->err, RC_LIMIT, N_("the file '%s' is too long"), name);
    return file_write(path_join(j->a, j->dir, name), buf_str(b), j->err);
}

void publish_json(const struct node *doc, struct buf *out)
{
    node_write(doc, true, out);
    buf_addc(out, '\n');
}

static enum rc put_json(struct job *j)
{
    AUTO(buf) struct buf b = {0};
    enum rc rc = step(j, N_("Writing the document"));

    if (rc != RC_OK)
        return rc;
    buf_init(&b, FILE_BYTES);
    publish_json(j->doc, &b);
    return put(j, "profile.json", &b);
}

static enum rc put_tables(struct job *j)
{
    struct tables tables = {0};
    const struct lang *l = j->o->languages[0];
    enum rc rc = step(j, N_("Writing the tables"));
    AUTO(buf) struct buf b = {0};

    buf_init(&b, FILE_BYTES);
    if (rc == RC_OK)
        rc = dir_make(path_join(j->a, j->dir, "data"), j->err);
    tables_collect(j->doc, j->a, &tables);
    for (size_t i = 0; i < tables.n && rc == RC_OK; i++) {
        buf_clear(&b);
        publish_csv(tables.items[i], l, &b);
        rc = put(
            j,
            arena_printf(j->a, "data/%s.csv", code_file(j->a, tables.items[i])),
            &b);
    }
    if (rc != RC_OK)
        return rc;
    buf_clear(&b);
    csv_names(j->doc, &b);
    rc = put(j, "data/names.csv", &b);
    if (rc != RC_OK)
        return rc;
    buf_clear(&b);
    csv_datapackage(j->doc, &tables, l, j->a, &b);
    return put(j, "data/datapackage.json", &b);
}

static enum rc put_figure(struct job *j, const struct node *figure,
                          const struct lang *l, enum figure_format format)
{
    struct figure_options o = {.format = format};
    AUTO(buf) struct buf b = {0};
    enum rc rc = step(j, N_("Drawing the figures"));
    const char *name =
        arena_printf(j->a, "figures/%s.%s.%s", code_file(j->a, figure),
                     lang_code(l), format == FIGURE_PNG ? "png" : "svg");

    if (rc != RC_OK)
        return rc;
    buf_init(&b, FILE_BYTES);
    rc = figure_draw(j->drawing, figure, l, &o, &b, j->err);
    return rc == RC_OK ? put(j, name, &b) : rc;
}

static enum rc put_figures(struct job *j, const struct lang *l,
                           enum figure_format format)
{
    const struct node *figures = node_get(j->doc, "figures");
    enum rc rc = RC_OK;

    for (size_t i = 0; i < node_len(figures) && rc == RC_OK; i++)
        rc = put_figure(j, node_at(figures, i), l, format);
    return rc;
}

static enum rc put_page(struct job *j, const struct lang *l)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf b = {0};
    struct page page = {.doc = j->doc,
                        .l = l,
                        .a = a,
                        .out = &b,
                        .drawing = j->drawing,
                        .languages = j->o->languages,
                        .n_languages = j->o->n_languages,
                        .has_csv = j->o->formats & PUBLISH_CSV,
                        .err = j->err};
    enum rc rc = step(j, N_("Writing the pages"));

    buf_init(&b, PAGE_BYTES);
    if (rc == RC_OK)
        rc = html_page(&page);
    if (rc != RC_OK)
        return rc;
    return put(j, arena_printf(j->a, "profile.%s.html", lang_code(l)), &b);
}

/* One language: its own arena, drawing and failure, nothing shared. */
struct lane {
    struct job job;
    struct err err;
    enum rc rc;
};

static void put_language(struct job *j, const struct lang *l, enum rc *rc)
{
    unsigned f = j->o->formats;

    *rc = drawing_open(j->doc, j->g, j->a, &j->drawing, j->err);
    if (*rc == RC_OK)
        drawing_share(j->drawing, j->shapes);
    if (*rc == RC_OK && (f & PUBLISH_SVG))
        *rc = put_figures(j, l, FIGURE_SVG);
    if (*rc == RC_OK && (f & PUBLISH_PNG))
        *rc = put_figures(j, l, FIGURE_PNG);
    if (*rc == RC_OK && (f & PUBLISH_HTML))
        *rc = put_page(j, l);
    if (j->drawing)
        drawing_close(j->drawing);
}

static void run_lane(void *ctx, size_t i, unsigned worker)
{
    struct lane *lane = (struct lane *)ctx + i;
    AUTO(arena) struct arena *a = arena_new(0);

    lane->job.a = a;
    lane->job.err = &lane->err;
    put_language(&lane->job, lane->job.o->languages[i], &lane->rc);
}

/* All languages at once; the failure told is the first one's. */
static enum rc put_languages(struct job *j)
{
    size_t n = j->o->n_languages;
    struct lane *lanes = arena_array(j->a, struct lane, n);
    enum rc rc = RC_OK;

    if (j->o->formats & (PUBLISH_SVG | PUBLISH_PNG))
        rc = dir_make(path_join(j->a, j->dir, "figures"), j->err);
    if (rc != RC_OK)
        return rc;
    j->shapes = drawing_shapes_new();
    for (size_t i = 0; i < n; i++)
        lanes[i].job = *j;
    parallel_for(n, j->o->threads, lanes, run_lane);
    drawing_shapes_free(j->shapes);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        rc = lanes[i].rc;
        if (rc != RC_OK && j->err)
            *j->err = lanes[i].err;
    }
    return rc;
}

static enum rc put_all(struct job *j)
{
    unsigned f = j->o->formats;
    enum rc rc = RC_OK;

    if (f & PUBLISH_JSON)
        rc = put_json(j);
    if (rc == RC_OK && (f & PUBLISH_CSV))
        rc = put_tables(j);
    if (rc == RC_OK && (f & (PUBLISH_HTML | PUBLISH_SVG | PUBLISH_PNG)))
        rc = put_languages(j);
    return rc;
}

static size_t count_steps(const struct job *j)
{
    size_t figures = node_len(node_get(j->doc, "figures"));
    size_t n = j->o->n_languages;
    unsigned f = j->o->formats;

    return 2 + (f & PUBLISH_SVG ? figures * n : 0) +
           (f & PUBLISH_PNG ? figures * n : 0) + n;
}

enum rc publish_profile(const struct node *doc, const struct geography *g,
                        const char *dir, const struct publish_options *o,
                        const struct progress *progress, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct steps steps = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct job j = {.doc = doc,
                    .g = g,
                    .dir = dir,
                    .o = o,
                    .progress = progress,
                    .a = a,
                    .err = err,
                    .steps = &steps};
    enum rc rc;

    if (!o->n_languages)
        return err_set(err, RC_USAGE, N_("no language was asked for"));
    steps.all = count_steps(&j);
    rc = put_all(&j);
    pthread_mutex_destroy(&steps.lock);
    return rc;
}

enum rc publish_html(const struct node *doc, const struct geography *g,
                     const struct lang *l, struct buf *out, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct page page = {.doc = doc, .l = l, .a = a, .out = out, .err = err};
    enum rc rc = drawing_open(doc, g, a, &page.drawing, err);

    if (rc == RC_OK)
        rc = html_page(&page);
    if (page.drawing)
        drawing_close(page.drawing);
    return rc;
}
