#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool path_exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

char *path_join(struct arena *a, const char *dir, const char *name)
{
    size_t n = strlen(dir);

    return arena_printf(a, "%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/",
                        name);
}

static enum rc open_failed(const char *path, struct err *err)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return err_set(err, RC_NOT_FOUND, N_("'%s' does not exist"), path);
    return err_set(err, RC_IO, N_("cannot open '%s': %s"), path,
                   strerror(errno));
}

static enum rc read_all(struct arena *a, int fd, const char *path, size_t limit,
                        struct str *out, struct err *err)
{
    size_t n = 0, cap = 1 << 16;
    char *p = arena_try(a, cap, 1);

    for (;;) {
        ssize_t got;

        if (n + 1 >= cap && p) {
            p = arena_grow(a, p, cap, cap * 2);
            cap *= 2;
        }
        if (!p)
            return err_set(err, RC_MEMORY, N_("'%s' does not fit in memory"),
                           path);
        got = read(fd, p + n, cap - n - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, RC_IO, N_("cannot read '%s': %s"), path,
                           strerror(errno));
        if (got == 0)
            break;
        n += (size_t)got;
        if (n > limit)
            return err_set(err, RC_LIMIT,
                           N_("'%s' is larger than the limit of %zu bytes"),
                           path, limit);
    }
    p[n] = '\0';
    *out = (struct str){p, n};
    return RC_OK;
}

enum rc file_read(struct arena *a, const char *path, size_t limit,
                  struct str *out, struct err *err)
{
    AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return open_failed(path, err);
    return read_all(a, fd, path, limit, out, err);
}

static bool write_all(int fd, struct str s)
{
    while (s.n) {
        ssize_t put = write(fd, s.p, s.n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        s.p += put;
        s.n -= (size_t)put;
    }
    return true;
}

enum rc file_write(const char *path, struct str bytes, struct err *err)
{
    AUTO(mem) char *part = NULL;
    int fd, mask = umask(0);
    bool ok;

    umask((mode_t)mask);
    if (asprintf(&part, "%s.part-XXXXXX", path) < 0) {
        part = NULL;
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    }
    fd = mkostemp(part, O_CLOEXEC);
    if (fd < 0)
        return err_set(err, RC_IO, N_("cannot write '%s': %s"), path,
                       strerror(errno));
    ok = write_all(fd, bytes) && fchmod(fd, 0666 & ~(mode_t)mask) == 0 &&
         fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (ok && rename(part, path) == 0)
        return RC_OK;
    err_set(err, RC_IO, N_("cannot write '%s': %s"), path, strerror(errno));
    unlink(part);
    return RC_IO;
}

static bool steps_out(const char *name)
{
    if (name[0] == '/')
        return true;
    for (const char *p = name; *p;) {
        size_t n = strcspn(p, "/");

        if (n == 2 && p[0] == '.' && p[1] == '.')
            return true;
        p += n + (p[n] == '/');
    }
    return false;
}

enum rc path_inside(struct arena *a, const char *dir, const char *name,
                    char **out, struct err *err)
{
    AUTO(mem) char *root = realpath(dir, NULL);
    AUTO(mem) char *real = NULL;
    char *joined;
    size_t n;

    if (!name[0] || steps_out(name))
        return err_set(err, RC_INVALID, N_("'%s' leads out of the package"),
                       name);
    joined = path_join(a, dir, name);
    real = realpath(joined, NULL);
    if (!root || !real)
        return open_failed(root ? name : dir, err);
    n = strlen(root);
    if (strncmp(real, root, n) != 0 || (real[n] != '/' && n > 1))
        return err_set(err, RC_INVALID,
                       N_("'%s' leads out of the package through a link"),
                       name);
    *out = joined;
    return RC_OK;
}

enum rc dir_make(const char *path, struct err *err)
{
    AUTO(mem) char *copy = strdup(path);

    if (!copy)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    for (char *p = copy + 1;; p++) {
        char old = *p;

        if (old != '/' && old != '\0')
            continue;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            return err_set(err, RC_IO, N_("cannot make the folder '%s': %s"),
                           copy, strerror(errno));
        if (old == '\0')
            return RC_OK;
        *p = old;
    }
}

static int remove_at(int parent, const char *name)
{
    int fd, failed = 0;
    DIR *d;

    if (unlinkat(parent, name, 0) == 0)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    d = fd < 0 ? NULL : fdopendir(fd);
    if (!d) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    for (struct dirent *e; (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            failed |= remove_at(fd, e->d_name);
    closedir(d);
    return failed | unlinkat(parent, name, AT_REMOVEDIR);
}

enum rc dir_remove(const char *path, struct err *err)
{
    if (!path_exists(path) || remove_at(AT_FDCWD, path) == 0)
        return RC_OK;
    return err_set(err, RC_IO, N_("cannot remove '%s': %s"), path,
                   strerror(errno));
}
