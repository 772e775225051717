#include "space/archive.h"

#include "base/file.h"
#include "space/ogr.h"

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, NAME_MAX_BYTES = 1000, DEPTH_MAX = 8 };

struct unpacking {
    const char *root; /* "/vsizip/{...}" */
    const char *dir;
    const struct archive_limits *limits;
    const struct progress *progress;
    struct arena *a;
    struct ogr_errors *caught;
    uint64_t bytes;
    const char *detail;
};

/* Plain relative names: no "..", no leading slash, no control characters. */
static bool name_ok(const char *name)
{
    const char *part = name;
    size_t depth = 0;

    if (!name[0] || name[0] == '/' || strlen(name) > NAME_MAX_BYTES)
        return false;
    for (const char *p = name;; p++) {
        if (*p == '\\' || *p == ':' || (*p && (unsigned char)*p < 0x20))
            return false;
        if (*p && *p != '/')
            continue;
        if ((p - part == 2 && part[0] == '.' && part[1] == '.') ||
            (p - part == 1 && part[0] == '.') || ++depth > DEPTH_MAX)
            return false;
        part = p + 1;
        if (!*p)
            return true;
    }
}

static uint32_t little(const unsigned char *p, int bytes)
{
    uint32_t v = 0;

    while (bytes-- > 0)
        v = v << 8 | p[bytes];
    return v;
}

/*
 * GDAL passes over entries whose names lead outside; here they are told, and
 * what declares itself too large is not begun. Walks the archive's directory,
 * at its end. A damaged one, or one of the 64-bit form, is left to GDAL.
 */
static enum archive_state scan_directory(struct unpacking *u, const char *zip)
{
    enum { END = 22, TAIL = END + 65535, ENTRY = 46, DIRECTORY = 64 << 20 };
    AUTO(file) FILE *f = fopen(zip, "rbe");
    long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    long tail = MIN(size, (long)TAIL), at = -1;
    unsigned char *p;
    uint32_t n, start;
    uint64_t bytes = 0;
    size_t files = 0;
    struct arena *a = u->a;

    if (tail < END || fseek(f, size - tail, SEEK_SET) != 0)
        return ARCHIVE_OK;
    p = arena_alloc(a, (size_t)tail);
    if (fread(p, 1, (size_t)tail, f) != (size_t)tail)
        return ARCHIVE_OK;
    for (long i = tail - END; i >= 0 && at < 0; i--)
        if (memcmp(p + i, "PK\5\6", 4) == 0)
            at = i;
    if (at < 0)
        return ARCHIVE_OK;
    n = little(p + at + 12, 4);
    start = little(p + at + 16, 4);
    if (n > DIRECTORY || fseek(f, (long)start, SEEK_SET) != 0)
        return ARCHIVE_OK;
    p = arena_alloc(a, (size_t)n + 1);
    n = (uint32_t)fread(p, 1, n, f);
    for (size_t i = 0; i + ENTRY <= n && memcmp(p + i, "PK\1\2", 4) == 0;) {
        size_t len = little(p + i + 28, 2);
        const char *name;

        if (i + ENTRY + len > n)
            break;
        name = arena_strndup(a, (const char *)p + i + ENTRY, len);
        if (strlen(name) != len || !name_ok(name)) {
            u->detail = name;
            return ARCHIVE_PATH;
        }
        bytes += little(p + i + 24, 4);
        if (++files > u->limits->files || bytes > u->limits->bytes)
            return bytes > u->limits->bytes ? ARCHIVE_SIZE : ARCHIVE_COUNT;
        i += ENTRY + len + little(p + i + 30, 2) + little(p + i + 32, 2);
    }
    return ARCHIVE_OK;
}

static bool make_parents(struct unpacking *u, const char *path)
{
    char *copy = arena_strdup(u->a, path);
    char *slash = strrchr(copy, '/');

    if (slash)
        *slash = '\0';
    return dir_make(copy, NULL) == RC_OK;
}

static enum archive_state copy_bytes(struct unpacking *u, VSILFILE *in,
                                     FILE *out)
{
    char chunk[CHUNK];
    size_t n;

    while ((n = VSIFReadL(chunk, 1, sizeof chunk, in)) > 0) {
        u->bytes += n;
        if (u->bytes > u->limits->bytes)
            return ARCHIVE_SIZE;
        if (fwrite(chunk, 1, n, out) != n) {
            u->detail = arena_strdup(u->a, strerror(errno));
            return ARCHIVE_IO;
        }
        if (!progress_at(u->progress, N_("unpacking"), NAN))
            return ARCHIVE_CANCELLED;
    }
    if (u->caught->text[0]) {
        u->detail = arena_strdup(u->a, u->caught->text);
        return ARCHIVE_BAD;
    }
    return ARCHIVE_OK;
}

static enum archive_state unpack_one(struct unpacking *u, const char *name)
{
    const char *from = arena_printf(u->a, "%s/%s", u->root, name);
    const char *to = arena_printf(u->a, "%s/%s", u->dir, name);
    VSIStatBufL st;
    VSILFILE *in;
    enum archive_state state;
    int fd;
    FILE *out;

    if (str_ends(str_of(name), "/") ||
        (VSIStatL(from, &st) == 0 && VSI_ISDIR(st.st_mode)))
        return ARCHIVE_OK;
    in = VSIFOpenL(from, "rb");
    if (!in) {
        u->detail = arena_strdup(u->a, name);
        return ARCHIVE_BAD;
    }
    /* O_EXCL: two entries of one name, or of a folder's, do not pass. */
    fd = make_parents(u, to)
             ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                    0600)
             : -1;
    out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!out) {
        u->detail = arena_strdup(u->a, name);
        VSIFCloseL(in);
        return ARCHIVE_BAD;
    }
    state = copy_bytes(u, in, out);
    VSIFCloseL(in);
    if (fclose(out) != 0 && !state)
        state = ARCHIVE_IO;
    return state;
}

/* The one folder in which all entries lie, or "". */
static const char *only_folder(struct arena *a, char **names)
{
    size_t n = 0;

    for (int i = 0; names && names[i]; i++) {
        const char *slash = strchr(names[i], '/');
        size_t len = slash ? (size_t)(slash - names[i]) : 0;

        if (len == 0 || (n && (n != len || strncmp(names[0], names[i], n))))
            return "";
        n = len;
    }
    return n ? arena_strndup(a, names[0], n) : "";
}

static enum archive_state check_names(struct unpacking *u, char **names)
{
    int n = CSLCount(names);

    if (n == 0) {
        u->detail = u->caught->text[0] ? arena_strdup(u->a, u->caught->text)
                                       : "it holds no file";
        return ARCHIVE_BAD;
    }
    for (int i = 0; i < n; i++) {
        if (!name_ok(names[i])) {
            u->detail = arena_strdup(u->a, names[i]);
            return ARCHIVE_PATH;
        }
    }
    return (size_t)n > u->limits->files ? ARCHIVE_COUNT : ARCHIVE_OK;
}

enum archive_state archive_unpack(const char *zip, const char *dir,
                                  const struct archive_limits *limits,
                                  const struct progress *progress,
                                  struct arena *a, const char **top,
                                  const char **detail)
{
    OGR_CATCH(caught);
    struct unpacking u = {.dir = dir,
                          .limits = limits,
                          .progress = progress,
                          .a = a,
                          .caught = &caught,
                          .detail = ""};
    enum archive_state state;
    char **names;

    *top = *detail = "";
    state = scan_directory(&u, zip);
    if (state) {
        *detail = u.detail;
        return state;
    }
    ogr_start();
    u.root = arena_printf(a, "/vsizip/{%s}", zip);
    names = VSIReadDirRecursive(u.root);
    state = check_names(&u, names);
    for (int i = 0; !state && names[i]; i++) {
        caught.text[0] = '\0';
        state = unpack_one(&u, names[i]);
    }
    if (!state)
        *top = only_folder(a, names);
    CSLDestroy(names);
    *detail = u.detail;
    return state;
}
