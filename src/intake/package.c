#include "intake/package.h"

#include "base/file.h"
#include "intake/job.h"
#include "intake/json_place.h"
#include "space/archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ZIP_FILES 10000
#define ZIP_BYTES ((uint64_t)4 << 30)
#define ZIP_BYTES_TEXT "4 GB"

const struct names *package_names(const struct package *p, const char *resource,
                                  const char *code)
{
    for (size_t i = 0; i < p->n_names; i++)
        if (strcmp(p->names[i].resource, resource) == 0 &&
            strcmp(p->names[i].code, code) == 0)
            return &p->names[i].names;
    return NULL;
}

const char *job_path(struct job *j, const struct resource *r)
{
    struct place at = resource_place(r);
    struct stat st;
    char *path = NULL;
    enum rc rc;

    if (!r->path)
        return NULL; /* told when the descriptor was read */
    if (r->url) {
        fault_add(j->faults, FAULT_DATABASE_ONLY_POPULATION, at, r->name);
        return NULL;
    }
    if (strstr(r->path, "://")) {
        fault_add(j->faults, FAULT_PATH_URL, at, r->path);
        return NULL;
    }
    rc = path_inside(j->scratch, j->dir, r->path, &path, NULL);
    if (rc) {
        fault_add(j->faults,
                  rc == RC_INVALID ? FAULT_PATH_OUTSIDE : FAULT_PATH_ABSENT, at,
                  r->path);
        return NULL;
    }
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        fault_add(j->faults, FAULT_PATH_NOT_FILE, at, r->path);
        return NULL;
    }
    if (st.st_size == 0) {
        fault_add(j->faults, FAULT_FILE_EMPTY, (struct place){.file = r->path},
                  "");
        return NULL;
    }
    return path;
}

struct place job_place(const struct job *j, const char *pointer)
{
    struct place at = {.file = DESCRIPTOR_FILE, .field = pointer};

    json_place(j->json, pointer, &at.line, &at.column);
    return at;
}

bool job_area(const struct job *j, struct str id)
{
    return dict_find(&j->geography->ids, id) != DICT_NONE ||
           dict_find(&j->refused, id) != DICT_NONE;
}

struct reading *job_reading(struct job *j, const struct resource *r)
{
    struct package *p = j->package;
    struct reading *out;

    VEC_PUSH(j->a, p->readings, p->n_readings, j->cap_readings) =
        (struct reading){0};
    out = &p->readings[p->n_readings - 1];
    out->resource = r->name;
    out->path = r->path;
    out->title = r->title;
    out->licence = r->licence ? r->licence : p->licence;
    return out;
}

static bool file_has_fault(const struct job *j, const char *file)
{
    for (size_t i = 0; i < j->faults->n; i++)
        if (j->faults->items[i].place.file &&
            strcmp(j->faults->items[i].place.file, file) == 0)
            return true;
    return false;
}

void job_note(struct job *j, const struct resource *r,
              const struct reading *counts)
{
    struct reading *to = job_reading(j, r);

    to->rows = counts->rows;
    to->taken = counts->taken;
    to->skipped = counts->skipped;
    to->missing = counts->missing;
    to->withheld = counts->withheld;
    if (counts->rows == 0 && !file_has_fault(j, r->path))
        fault_add(j->faults, FAULT_TABLE_EMPTY, (struct place){.file = r->path},
                  "");
}

struct csv_options job_csv_options(struct job *j, const struct resource *r)
{
    return (struct csv_options){.delimiter = r->delimiter,
                                .quote = r->quote,
                                .encoding = r->encoding,
                                .no_header = r->no_header};
}

/* Read only later, by what computes walking times: here it must be there. */
enum rc read_streets(struct job *j, const struct resource *r, struct err *err)
{
    if (job_path(j, r))
        job_reading(j, r);
    return RC_OK;
}

static enum rc read_descriptor(struct job *j, struct err *err)
{
    struct place at = {.file = NULL};
    struct str text;
    char *path;
    enum rc rc = path_inside(j->scratch, j->dir, DESCRIPTOR_FILE, &path, NULL);

    if (rc) {
        fault_add(j->faults,
                  rc == RC_INVALID ? FAULT_PATH_OUTSIDE
                                   : FAULT_DESCRIPTOR_ABSENT,
                  at, DESCRIPTOR_FILE);
        return RC_INVALID;
    }
    rc = file_read(j->scratch, path, (size_t)DESCRIPTOR_MB << 20, &text, err);
    if (rc == RC_LIMIT) {
        fault_add(j->faults, FAULT_DESCRIPTOR_TOO_LARGE,
                  (struct place){.file = DESCRIPTOR_FILE}, (int)DESCRIPTOR_MB);
        return RC_INVALID;
    }
    if (rc)
        return rc;
    j->json = text;
    rc = descriptor_read(text, j->a, j->faults, &j->descriptor, err);
    j->package = j->descriptor.package;
    return rc;
}

/* The key itself is read by protect/; here one learns that it is missing. */
static void check_secret(struct job *j)
{
    const char *secret = j->package->protection.secret;
    struct place at = job_place(j, "/passerelle/protection/secret");
    char *path;
    enum rc rc = RC_OK;

    if (!secret)
        return;
    if (strncmp(secret, "env:", 4) == 0) {
        if (!getenv(secret + 4))
            fault_add(j->faults, FAULT_SECRET_ABSENT, at, secret);
        return;
    }
    rc = path_inside(j->scratch, j->dir, secret + 5, &path, NULL);
    if (rc == RC_INVALID)
        fault_add(j->faults, FAULT_PATH_OUTSIDE, at, secret + 5);
    else if (rc)
        fault_add(j->faults, FAULT_SECRET_ABSENT, at, secret);
}

static void take_names(struct job *j)
{
    struct package *p = j->package;
    size_t cap = 0;

    for (size_t i = 0; i < j->descriptor.n_resources; i++) {
        const struct resource *r = &j->descriptor.resources[i];

        for (size_t k = 0; r->name && k < r->n_names; k++)
            VEC_PUSH(j->a, p->names, p->n_names, cap) = (struct code_names){
                r->name, r->names[k].code, r->names[k].names};
    }
}

typedef enum rc (*resource_fn)(struct job *j, const struct resource *r,
                               struct err *err);

static enum rc read_resources(struct job *j, struct err *err)
{
    /* In this order: later ones look codes up in the earlier. */
    static const struct {
        enum resource_kind kind;
        resource_fn read;
    } steps[] = {
        {RES_AREAS, read_areas},           {RES_POPULATION, read_population},
        {RES_SERVICES, read_services},     {RES_STREETS, read_streets},
        {RES_OUTCOMES, read_outcomes},     {RES_FLOWS, read_flows},
        {RES_GOVERNANCE, read_governance}, {RES_ACTORS, read_actors},
    };
    enum rc rc = RC_OK;

    for (size_t i = 0; !rc && i < ARRAY_LEN(steps); i++) {
        const struct resource *r =
            descriptor_find(&j->descriptor, steps[i].kind);

        if (!progress_at(j->progress, N_("reading tables"),
                         (double)i / (double)ARRAY_LEN(steps)))
            return err_set(err, RC_CANCELLED, N_("interrupted"));
        if (r && r->path)
            rc = steps[i].read(j, r, err);
    }
    return rc ? rc : read_texts(j, err);
}

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_zip(const char *path)
{
    unsigned char head[4] = {0};
    AUTO(file) FILE *f = fopen(path, "rbe");
    struct stat st;

    return f && fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) &&
           (str_ends(str_of(path), ".zip") ||
            (fread(head, 1, 4, f) == 4 && memcmp(head, "PK\3\4", 4) == 0));
}

static enum rc make_folder(struct arena *a, char **out, struct err *err)
{
    const char *tmp = getenv("TMPDIR");
    char *path =
        path_join(a, tmp && tmp[0] ? tmp : "/tmp", "passerelle-XXXXXX");

    if (!mkdtemp(path))
        return err_set(err, RC_IO, N_("cannot make the folder '%s': %s"), path,
                       strerror(errno));
    *out = path;
    return RC_OK;
}

/* Faults about the .zip; RC_INVALID after one. */
static enum rc unpack(struct job *j, const char *zip, struct intake *out,
                      struct err *err)
{
    static const struct archive_limits limits = {ZIP_FILES, ZIP_BYTES};
    struct place at = {0};
    const char *top = "", *detail = "";
    enum archive_state state;
    char *dir = NULL;
    enum rc rc = make_folder(j->a, &dir, err);

    if (rc)
        return rc;
    out->unpacked = dir;
    state = archive_unpack(zip, dir, &limits, j->progress, j->scratch, &top,
                           &detail);
    j->dir = dir;
    if (top[0] && !path_exists(path_join(j->scratch, dir, DESCRIPTOR_FILE)))
        j->dir = path_join(j->a, dir, top);
    switch (state) {
    case ARCHIVE_OK:
        return RC_OK;
    case ARCHIVE_BAD:
        fault_add(j->faults, FAULT_PACKAGE_ZIP_BAD, at, detail);
        return RC_INVALID;
    case ARCHIVE_PATH:
        fault_add(j->faults, FAULT_PACKAGE_ZIP_PATH, at, detail);
        return RC_INVALID;
    case ARCHIVE_SIZE:
        fault_add(j->faults, FAULT_PACKAGE_ZIP_SIZE, at, ZIP_BYTES_TEXT);
        return RC_INVALID;
    case ARCHIVE_COUNT:
        fault_add(j->faults, FAULT_PACKAGE_ZIP_COUNT, at, (int)ZIP_FILES);
        return RC_INVALID;
    case ARCHIVE_CANCELLED:
        return err_set(err, RC_CANCELLED, N_("interrupted"));
    case ARCHIVE_IO:
        break;
    }
    return err_set(err, RC_IO, N_("cannot unpack '%s': %s"), zip, detail);
}

static enum rc open_package(struct job *j, const char *path, struct intake *out,
                            struct err *err)
{
    if (is_directory(path)) {
        j->dir = path;
        return RC_OK;
    }
    if (is_zip(path))
        return unpack(j, path, out, err);
    fault_add(j->faults, FAULT_PACKAGE_ABSENT, (struct place){0}, path);
    return RC_INVALID;
}

enum rc package_read(const char *path, unsigned threads,
                     const struct progress *progress, struct arena *a,
                     struct faults *faults, struct intake *out, struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new(0);
    struct job j = {.a = a,
                    .scratch = scratch,
                    .faults = faults,
                    .progress = progress,
                    .threads = threads,
                    .dir = path};
    enum rc rc;

    *out = (struct intake){.package = arena_new_of(a, struct package),
                           .geography = arena_new_of(a, struct geography),
                           .cube = cube_new(a)};
    j.geography = out->geography;
    dict_init(&j.refused, scratch);
    j.cube = out->cube;
    rc = open_package(&j, path, out, err);
    if (!rc)
        rc = read_descriptor(&j, err);
    if (j.package)
        out->package = j.package;
    out->package->dir = arena_strdup(a, j.dir);
    if (!rc) {
        check_secret(&j);
        take_names(&j);
        rc = read_resources(&j, err);
    }
    faults_sort(faults);
    if (rc)
        return rc;
    return faults_any(faults) ? RC_INVALID : RC_OK;
}

void intake_release(struct intake *in)
{
    cube_free(in->cube);
    in->cube = NULL;
    if (in->unpacked && dir_remove(in->unpacked, NULL))
        in->unpacked = NULL; /* a folder left in /tmp harms nobody */
    in->unpacked = NULL;
}
