/* passerelle describe: what is in a folder of tables and boundaries. */
#include "cli/describe.h"
#include "base/file.h"
#include "cli/cli.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILES_MOST = 500, DEPTH_MOST = 6 };

/* ---- the folder ---- */

struct walk {
    struct arena *a;
    const char *dir;
    const char **names;
    size_t n, cap;
};

/* Parts of a shapefile belong to it; texts and the description are no data. */
static bool passed_over(const char *name)
{
    static const char *const endings[] = {".shx", ".prj", ".cpg", ".sbn",
                                          ".sbx", ".qpj", ".md"};

    if (name[0] == '.' || strcmp(name, "datapackage.json") == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (str_ends(str_of(name), endings[i]))
            return true;
    return false;
}

static void walk_folder(struct walk *w, const char *prefix, int depth)
{
    AUTO(dir) DIR *d = opendir(path_join(w->a, w->dir, prefix));

    for (struct dirent *e; d && (e = readdir(d)) && w->n < FILES_MOST;) {
        const char *name = arena_printf(w->a, "%s%s", prefix, e->d_name);
        struct stat st;

        if (passed_over(e->d_name) ||
            lstat(path_join(w->a, w->dir, name), &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth < DEPTH_MOST)
            walk_folder(w, arena_printf(w->a, "%s/", name), depth + 1);
        else if (S_ISREG(st.st_mode))
            VEC_PUSH(w->a, w->names, w->n, w->cap) = name;
    }
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The attributes of a shapefile are read with it. */
static bool has_shape(const struct walk *w, const char *name)
{
    size_t n = strlen(name);

    if (n < 5 || strcasecmp(name + n - 4, ".dbf") != 0)
        return false;
    for (size_t i = 0; i < w->n; i++)
        if (strlen(w->names[i]) == n &&
            strncmp(w->names[i], name, n - 4) == 0 &&
            strcasecmp(w->names[i] + n - 4, ".shp") == 0)
            return true;
    return false;
}

/* ---- written ---- */

static struct node *column_node(const struct described_column *c,
                                struct arena *a)
{
    struct node *n = node_object(a), *values = node_list(a);

    node_set_text(n, "name", c->name);
    node_set_bool(n, "many", c->many);
    node_set_bool(n, "numbers", c->filled && c->numbers == c->filled);
    for (size_t i = 0; i < c->values.n && (!c->many || i < 12); i++)
        node_push(values, node_str(a, dict_text(&c->values, (uint32_t)i)));
    node_set(n, "values", values);
    return n;
}

static struct node *file_node(const struct described_file *f, struct arena *a)
{
    static const char *const kinds[] = {"table", "areas", "other"};
    struct node *n = node_object(a), *columns = node_list(a);

    node_set_text(n, "name", f->name);
    node_set_text(n, "kind", kinds[f->kind]);
    node_set_int(n, "rows", (int64_t)f->rows);
    if (f->why && f->why[0])
        node_set_text(n, "why", f->why);
    for (size_t i = 0; i < f->n; i++)
        node_push(columns, column_node(&f->columns[i], a));
    node_set(n, "columns", columns);
    return n;
}

static enum rc write_out(const struct cli *c, const struct node *doc,
                         struct err *err)
{
    const char *path = cli_option(c, "output");
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    node_write(doc, true, &text);
    buf_addc(&text, '\n');
    if (path)
        return file_write(path, buf_str(&text), err);
    fwrite(buf_cstr(&text), 1, text.n, stdout);
    return RC_OK;
}

enum rc run_describe(struct cli *c, struct err *err)
{
    struct walk w = {.a = c->arena, .dir = c->operand[0]};
    struct node *doc = node_object(c->arena);
    struct node *list = node_set(doc, "files", node_list(c->arena));
    struct described_file *files;
    size_t n = 0;

    if (!path_exists(w.dir))
        return err_set(err, RC_NOT_FOUND, N_("'%s' does not exist"), w.dir);
    walk_folder(&w, "", 0);
    if (w.n)
        qsort(w.names, w.n, sizeof *w.names, by_name);
    files = arena_array(c->arena, struct described_file, w.n + 1);
    for (size_t i = 0; i < w.n; i++) {
        if (has_shape(&w, w.names[i]))
            continue;
        describe_file(w.dir, w.names[i], c->arena, &files[n]);
        node_push(list, file_node(&files[n], c->arena));
        n++;
    }
    node_set(doc, "package", describe_guess(files, n, c->arena));
    return write_out(c, doc, err);
}
