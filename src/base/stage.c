#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool dir_empty(const char *path)
{
    AUTO(dir) DIR *d = opendir(path);

    if (!d)
        return false;
    for (struct dirent *e; (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            return false;
    return true;
}

static enum rc may_replace(struct stage *s, struct arena *a, struct err *err)
{
    struct stat st;

    if (lstat(s->target, &st) != 0)
        return RC_OK;
    if (!S_ISDIR(st.st_mode))
        return err_set(err, RC_CONFLICT,
                       N_("'%s' is there and is not a folder; choose another "
                          "place"),
                       s->target);
    if (dir_empty(s->target) || path_exists(path_join(a, s->target, s->marker)))
        return RC_OK;
    return err_set(err, RC_CONFLICT,
                   N_("the folder '%s' holds other things and stays as it is; "
                      "choose another place"),
                   s->target);
}

/* "out/" and "out/." name the same folder as "out". */
static char *without_slash(struct arena *a, const char *path)
{
    size_t n = strlen(path);

    while (n > 1 &&
           (path[n - 1] == '/' || (path[n - 1] == '.' && path[n - 2] == '/')))
        n--;
    return arena_strndup(a, path, n);
}

enum rc stage_open(struct stage *s, struct arena *a, const char *target,
                   const char *marker, struct err *err)
{
    char *slash, *parent;
    enum rc rc;
    mode_t mask = umask(0);

    umask(mask);
    *s = (struct stage){.target = without_slash(a, target), .marker = marker};
    rc = may_replace(s, a, err);
    if (rc)
        return rc;
    parent = arena_strdup(a, s->target);
    slash = strrchr(parent, '/');
    if (slash && slash != parent) {
        *slash = '\0';
        rc = dir_make(parent, err);
        if (rc)
            return rc;
    }
    s->path = arena_printf(a, "%s.part-XXXXXX", s->target);
    if (!mkdtemp(s->path))
        return err_set(err, RC_IO, N_("cannot make the folder '%s': %s"),
                       s->path, strerror(errno));
    chmod(s->path, 0777 & ~mask);
    s->open = true;
    return RC_OK;
}

static void sync_dir(const char *path)
{
    AUTO(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        fsync(fd);
}

/*
 * The old and the new folder change places in one step where the file system
 * can (renameat2); else the old one steps aside first.
 */
static int swap_in(struct stage *s)
{
    AUTO(mem) char *aside = NULL;

    if (!path_exists(s->target))
        return rename(s->path, s->target);
    if (renameat2(AT_FDCWD, s->path, AT_FDCWD, s->target, RENAME_EXCHANGE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (asprintf(&aside, "%s.old", s->path) < 0)
        return -1;
    if (rename(s->target, aside) != 0)
        return -1;
    if (rename(s->path, s->target) != 0) {
        int why = errno;

        if (rename(aside, s->target) != 0)
            why = errno;
        errno = why;
        return -1;
    }
    return rename(aside, s->path);
}

enum rc stage_commit(struct stage *s, struct err *err)
{
    REQUIRE(s->open);
    sync_dir(s->path);
    if (swap_in(s) != 0) {
        err_set(err, RC_IO, N_("cannot put '%s' in place: %s"), s->target,
                strerror(errno));
        stage_abort(s);
        return RC_IO;
    }
    s->open = false;
    if (path_exists(s->path))
        return dir_remove(s->path, err);
    return RC_OK;
}

void stage_abort(struct stage *s)
{
    if (s->open)
        (void)!dir_remove(s->path, NULL);
    s->open = false;
}
