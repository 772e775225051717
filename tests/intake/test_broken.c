/*
 * Runs every case of tests/broken: breaks a copy of the sound package, reads it
 * and compares what is reported, word for word (see tests/broken/README.md).
 */
#include "intake/package.h"

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

struct run {
    struct arena *a;
    const char *dir;  /* of the copy */
    const char *open; /* what to read */
    bool zip;
    const char **entries; /* extra names for the .zip */
    size_t n_entries, cap_entries;
    uint32_t declared;
    struct str expected;
    const char *problem; /* with the case itself */
};

static void put(const char *path, struct str bytes)
{
    AUTO(file) FILE *f = fopen(path, "wbe");

    if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n)
        BUG("cannot write %s", path);
}

static struct str get(struct arena *a, const char *path)
{
    struct str s = {"", 0};

    if (file_read(a, path, 64 << 20, &s, NULL))
        return (struct str){NULL, 0};
    return s;
}

static void copy_folder(struct arena *a, const char *from, const char *to)
{
    AUTO(dir) DIR *d = opendir(from);
    struct dirent *e;

    if (!d || dir_make(to, NULL))
        BUG("cannot copy %s", from);
    while ((e = readdir(d))) {
        const char *in = path_join(a, from, e->d_name);
        const char *out = path_join(a, to, e->d_name);
        struct stat st;

        if (e->d_name[0] == '.' || stat(in, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            copy_folder(a, in, out);
        else
            put(out, get(a, in));
    }
}

/* ---- a .zip without compression, whose directory can be made to lie ---- */

static void put_le(struct buf *b, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_addc(b, (char)(v >> (8 * i)));
}

static void zip_entry(struct buf *out, struct buf *directory, const char *name,
                      struct str bytes, uint32_t declared)
{
    uint32_t at = (uint32_t)out->n, n = (uint32_t)strlen(name);
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)bytes.p, (uInt)bytes.n);
    struct buf *to[2] = {out, directory};

    for (int i = 0; i < 2; i++) {
        buf_add(to[i], i ? STR("PK\1\2\24\0") : STR("PK\3\4"));
        put_le(to[i], 20, 2);
        put_le(to[i], 0, 2);
        put_le(to[i], 0, 2);
        put_le(to[i], 0, 4);
        put_le(to[i], crc, 4);
        put_le(to[i], (uint32_t)bytes.n, 4);
        put_le(to[i], declared ? declared : (uint32_t)bytes.n, 4);
        put_le(to[i], n, 2);
        put_le(to[i], 0, 2);
        if (i) {
            put_le(to[i], 0, 2);
            put_le(to[i], 0, 2);
            put_le(to[i], 0, 2);
            put_le(to[i], 0, 4);
            put_le(to[i], at, 4);
        }
        buf_add(to[i], str_of(name));
    }
    buf_add(out, bytes);
}

static size_t zip_folder(struct arena *a, const char *dir, const char *prefix,
                         struct buf *out, struct buf *directory)
{
    AUTO(dir) DIR *d = opendir(dir);
    struct dirent *e;
    size_t n = 0;

    while (d && (e = readdir(d))) {
        const char *path = path_join(a, dir, e->d_name);
        const char *name = arena_printf(a, "%s%s", prefix, e->d_name);
        struct stat st;

        if (e->d_name[0] == '.' || stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            n += zip_folder(a, path, arena_printf(a, "%s/", name), out,
                            directory);
        } else {
            zip_entry(out, directory, name, get(a, path), 0);
            n++;
        }
    }
    return n;
}

static void make_zip(struct run *r)
{
    AUTO(buf) struct buf out = {0};
    AUTO(buf) struct buf directory = {0};
    size_t n, at;

    buf_init(&out, BUF_CEILING);
    buf_init(&directory, BUF_CEILING);
    n = zip_folder(r->a, r->dir, "", &out, &directory);
    for (size_t i = 0; i < r->n_entries; i++)
        zip_entry(&out, &directory, r->entries[i], STR("x"), r->declared);
    n += r->n_entries;
    at = out.n;
    buf_add(&out, buf_str(&directory));
    buf_add(&out, STR("PK\5\6\0\0\0\0"));
    put_le(&out, (uint32_t)n, 2);
    put_le(&out, (uint32_t)n, 2);
    put_le(&out, (uint32_t)directory.n, 4);
    put_le(&out, (uint32_t)at, 4);
    put_le(&out, 0, 2);
    r->open = arena_printf(r->a, "%s/package.zip", r->dir);
    put(r->open, buf_str(&out));
}

/* ---- the steps of a case ---- */

static bool next_line(struct str *rest, struct str *line)
{
    const char *end;

    if (rest->n == 0)
        return false;
    end = memchr(rest->p, '\n', rest->n);
    *line = (struct str){rest->p, end ? (size_t)(end - rest->p) : rest->n};
    rest->p += line->n + (end ? 1 : 0);
    rest->n -= line->n + (end ? 1 : 0);
    return true;
}

static int hex(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c >= 'A' ? c - 'A' + 10 : c - '0';
}

/* Text after "| ", with \xNN bytes and \c for "no line end". */
static void add_line(struct buf *b, struct str s, int number)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && i + 3 < s.n && s.p[i + 1] == 'x') {
            buf_addc(b, (char)(hex(s.p[i + 2]) * 16 + hex(s.p[i + 3])));
            i += 3;
        } else if (s.p[i] == '\\' && i + 2 == s.n && s.p[i + 1] == 'c') {
            return;
        } else if (s.p[i] == '%' && i + 1 < s.n && s.p[i + 1] == 'd') {
            buf_fmt(b, "%d", number);
            i++;
        } else {
            buf_addc(b, s.p[i]);
        }
    }
    buf_addc(b, '\n');
}

static struct str after(struct str s, size_t n)
{
    return s.n > n ? (struct str){s.p + n, s.n - n} : (struct str){s.p, 0};
}

static void step_file(struct run *r, const char *path, struct str *rest)
{
    AUTO(buf) struct buf b = {0};
    struct str line;

    buf_init(&b, BUF_CEILING);
    while (rest->n && rest->p[0] == '|' && next_line(rest, &line))
        add_line(&b, after(line, 2), 0);
    put(path, b.p ? buf_str(&b) : STR(""));
}

static void step_repeat(struct run *r, const char *path, long times,
                        struct str *rest)
{
    AUTO(buf) struct buf b = {0};
    struct str line = {"", 0};

    buf_init(&b, BUF_CEILING);
    buf_add(&b, get(r->a, path));
    next_line(rest, &line);
    for (long i = 1; i <= times; i++)
        add_line(&b, after(line, 2), (int)i);
    put(path, buf_str(&b));
}

static void step_edit(struct run *r, const char *path, struct str *rest)
{
    struct str text = get(r->a, path), line;

    while (rest->n && rest->p[0] == '-' && next_line(rest, &line)) {
        AUTO(buf) struct buf b = {0};
        struct str old = after(line, 2), new = {"", 0};
        const char *at = memmem(text.p, text.n, old.p, old.n);

        if (!at) {
            r->problem =
                arena_printf(r->a, "nothing to edit: %.*s", (int)old.n, old.p);
            return;
        }
        if (rest->n && rest->p[0] == '+' && next_line(rest, &line))
            new = after(line, 2);
        buf_init(&b, BUF_CEILING);
        buf_add(&b, (struct str){text.p, (size_t)(at - text.p)});
        add_line(&b, new, 0);
        b.n--; /* the line end of add_line */
        buf_add(&b, (struct str){at + old.n,
                                 text.n - (size_t)(at - text.p) - old.n});
        text = (struct str){arena_str(r->a, buf_str(&b)), b.n};
    }
    put(path, text);
}

static void step_zip(struct run *r, const char *word, const char *arg)
{
    int64_t n = 0;

    str_i64(str_of(arg), &n);
    if (strcmp(word, "entry") == 0)
        VEC_PUSH(r->a, r->entries, r->n_entries, r->cap_entries) = arg;
    else if (strcmp(word, "entries") == 0)
        for (int64_t i = 0; i < n; i++)
            VEC_PUSH(r->a, r->entries, r->n_entries, r->cap_entries) =
                arena_printf(r->a, "extra/%d", (int)i);
    else if (strcmp(word, "declare") == 0)
        r->declared = (uint32_t)n;
    else
        r->problem = arena_printf(r->a, "unknown step: %s", word);
}

static void step(struct run *r, const char *word, const char *arg,
                 struct str *rest)
{
    const char *space = strchr(arg, ' ');
    const char *first =
        space ? arena_strndup(r->a, arg, (size_t)(space - arg)) : arg;
    const char *path = path_join(r->a, r->dir, first);

    if (strcmp(word, "edit") == 0)
        step_edit(r, path, rest);
    else if (strcmp(word, "file") == 0)
        step_file(r, path, rest);
    else if (strcmp(word, "repeat") == 0)
        step_repeat(r, path, space ? strtol(space + 1, NULL, 10) : 0, rest);
    else if (strcmp(word, "remove") == 0 && unlink(path) != 0)
        r->problem = arena_printf(r->a, "nothing to remove: %s", arg);
    else if (strcmp(word, "folder") == 0 && dir_make(path, NULL))
        r->problem = "cannot make the folder";
    else if (strcmp(word, "link") == 0 &&
             (!space || symlink(space + 1, path) != 0))
        r->problem = "cannot link";
    else if (strcmp(word, "open") == 0)
        r->open = path;
    else if (strcmp(word, "zip") == 0)
        r->zip = true;
    else if (strcmp(word, "remove") != 0 && strcmp(word, "folder") != 0 &&
             strcmp(word, "link") != 0)
        step_zip(r, word, arg);
}

static void prepare(struct run *r, struct str text)
{
    struct str rest = text, line;

    next_line(&rest, &line); /* what is wrong, for people */
    while (!r->problem && next_line(&rest, &line)) {
        const char *all = arena_str(r->a, line);
        size_t n = strcspn(all, " ");

        if (line.n == 0)
            continue;
        if (str_is(line, "expect")) {
            r->expected = rest;
            if (r->zip)
                make_zip(r);
            return;
        }
        step(r, arena_strndup(r->a, all, n), all[n] ? all + n + 1 : "", &rest);
    }
    if (!r->problem)
        r->problem = "the case has no 'expect'";
}

/* ---- reading and comparing ---- */

/* The JSON form says the same number of things, and is JSON. */
static bool json_agrees(const struct faults *f)
{
    AUTO(buf) struct buf b = {0};
    json_t *root;
    bool ok;

    buf_init(&b, BUF_CEILING);
    faults_write_json(f, NULL, NULL, &b);
    root = json_loadb(b.p, b.n, 0, NULL);
    ok = root && json_array_size(json_object_get(root, "findings")) == f->n &&
         json_is_true(json_object_get(root, "valid")) == !faults_any(f);
    json_decref(root);
    return ok;
}

static const char *read_back(struct run *r, struct buf *out)
{
    struct faults faults;
    struct intake in;
    struct err err = {0};
    enum rc rc;

    faults_init(&faults, r->a);
    rc = package_read(r->open, 2, NULL, r->a, &faults, &in, &err);
    faults_write_text(&faults, NULL, NULL, out);
    intake_release(&in);
    if (rc != (faults_any(&faults) ? RC_INVALID : RC_OK))
        return arena_printf(r->a, "return code %s", rc_name(rc));
    return json_agrees(&faults) ? NULL : "the JSON form differs";
}

/* The folder of the copy changes from run to run. */
static void hide_folder(struct run *r, struct buf *b)
{
    size_t n = strlen(r->dir);
    char *at;

    while (b->n && (at = memmem(b->p, b->n, r->dir, n))) {
        memcpy(at, "PACKAGE", 7);
        memmove(at + 7, at + n, b->n - (size_t)(at + n - b->p));
        b->n -= n - 7;
        b->p[b->n] = '\0';
    }
}

static void accept(const char *path, struct str text, struct str expected,
                   const struct buf *got)
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, BUF_CEILING);
    buf_add(&b, (struct str){text.p, (size_t)(expected.p - text.p)});
    buf_add(&b, got->p ? buf_str(got) : STR(""));
    put(path, buf_str(&b));
}

static bool run_case(const char *folder, const char *name, bool accepting)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf got = {0};
    char dir[] = "/tmp/passerelle-broken-XXXXXX";
    const char *path = path_join(a, folder, name);
    struct str text = get(a, path);
    struct run r = {.a = a, .dir = dir};
    const char *problem;
    bool same;

    if (!mkdtemp(dir))
        BUG("cannot make %s", dir);
    r.dir = path_join(a, dir, "package");
    r.open = r.dir;
    copy_folder(a, path_join(a, folder, "base"), r.dir);
    prepare(&r, text);
    buf_init(&got, BUF_CEILING);
    problem = r.problem ? r.problem : read_back(&r, &got);
    hide_folder(&r, &got);
    same = !problem && str_eq(got.p ? buf_str(&got) : STR(""), r.expected);
    if (!problem && accepting)
        accept(path, text, r.expected, &got);
    else if (!same)
        printf("# %s: %s\n# expected:\n%.*s# reported:\n%s", name,
               problem ? problem : "other words", (int)r.expected.n,
               r.expected.p ? r.expected.p : "", buf_cstr(&got));
    if (dir_remove(dir, NULL))
        printf("# %s is left over\n", dir);
    return same || accepting;
}

static int name_compare(const void *pa, const void *pb)
{
    return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

int main(int argc, char **argv)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const char *root = getenv("PASSERELLE_SOURCE");
    const char *folder = path_join(a, root ? root : ".", "tests/broken");
    bool accepting = argc > 2 && strcmp(argv[1], "--accept") == 0;
    AUTO(dir) DIR *d = opendir(folder);
    const char **names = NULL;
    size_t n = 0, cap = 0, failed = 0;
    struct dirent *e;

    while (d && (e = readdir(d)))
        if (str_ends(str_of(e->d_name), ".case") &&
            (argc < 2 || strstr(argv[argc - 1], e->d_name)))
            VEC_PUSH(a, names, n, cap) = arena_strdup(a, e->d_name);
    qsort(names, n, sizeof *names, name_compare);
    printf("1..%zu\n", n);
    for (size_t i = 0; i < n; i++) {
        bool ok = run_case(folder, names[i], accepting);

        failed += !ok;
        printf("%s %zu %s\n", ok ? "ok" : "not ok", i + 1, names[i]);
    }
    return failed || n == 0;
}
