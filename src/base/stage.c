#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a stage until it is whole. */
#define STAGE_MARK ".passerelle-part"
#define STAGE_SUFFIX ".part-"

enum { STAGE_RANDOM = 6 }; /* letters and digits of mkdtemp */

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

/* --- stages that a crash left ------------------------------------------- */

static bool stage_name(const char *name, const char *base)
{
    size_t n = strlen(base), suffix = sizeof STAGE_SUFFIX - 1;

    return strncmp(name, base, n) == 0 &&
           strncmp(name + n, STAGE_SUFFIX, suffix) == 0 &&
           strlen(name + n + suffix) == STAGE_RANDOM &&
           !strchr(name + n + suffix, '.');
}

/* Ours, and not a whole profile that waits for its old one to step aside. */
static bool stage_ours(struct arena *a, const char *path, const char *marker)
{
    struct stat st;

    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) ||
        st.st_uid != geteuid() || path_exists(arena_printf(a, "%s.old", path)))
        return false;
    return dir_empty(path) || path_exists(path_join(a, path, STAGE_MARK)) ||
           path_exists(path_join(a, path, marker));
}

/* A lock that can be had: whoever made the stage is no more. */
static void stage_sweep(struct arena *a, const char *path, const char *marker)
{
    AUTO(fd)
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        stage_ours(a, path, marker))
        (void)!dir_remove(path, NULL);
}

static void stages_sweep(struct stage *s, struct arena *a, const char *parent)
{
    const char *slash = strrchr(s->target, '/');
    const char *base = slash ? slash + 1 : s->target;
    AUTO(dir) DIR *d = opendir(parent);

    if (!d || !*base)
        return;
    for (struct dirent *e; (e = readdir(d));)
        if (stage_name(e->d_name, base))
            stage_sweep(a, path_join(a, parent, e->d_name), s->marker);
}

/* A new stage, locked and marked; again where another run took it for left
 * over before it was locked. */
static enum rc stage_make(struct stage *s, struct arena *a, struct err *err)
{
    struct stat now, held;

    for (int tries = 0; tries < 8; tries++) {
        s->path = arena_printf(a, "%s" STAGE_SUFFIX "XXXXXX", s->target);
        if (!mkdtemp(s->path))
            break;
        s->lock = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (s->lock >= 0)
            (void)flock(s->lock, LOCK_EX); /* not on every file system */
        if (s->lock >= 0 && stat(s->path, &now) == 0 &&
            fstat(s->lock, &held) == 0 && now.st_ino == held.st_ino)
            return file_write(path_join(a, s->path, STAGE_MARK), STR(""), err);
        if (s->lock >= 0)
            close(s->lock);
    }
    s->lock = -1;
    return err_set(err, RC_IO, N_("cannot make the folder '%s': %s"), s->path,
                   strerror(errno));
}

static void stage_unlock(struct stage *s)
{
    if (s->lock >= 0)
        close(s->lock);
    s->lock = -1;
}

enum rc stage_open(struct stage *s, struct arena *a, const char *target,
                   const char *marker, struct err *err)
{
    char *slash, *parent;
    enum rc rc;
    mode_t mask = umask(0);

    umask(mask);
    *s = (struct stage){
        .target = without_slash(a, target), .marker = marker, .lock = -1};
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
    stages_sweep(s, a, !slash ? "." : slash == parent ? "/" : parent);
    rc = stage_make(s, a, err);
    if (rc)
        return rc;
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
    AUTO(mem) char *mark = NULL;

    REQUIRE(s->open);
    if (asprintf(&mark, "%s/" STAGE_MARK, s->path) < 0)
        return RC_MEMORY;
    (void)unlink(mark);
    sync_dir(s->path);
    if (swap_in(s) != 0) {
        err_set(err, RC_IO, N_("cannot put '%s' in place: %s"), s->target,
                strerror(errno));
        stage_abort(s);
        return RC_IO;
    }
    s->open = false;
    stage_unlock(s);
    if (path_exists(s->path) && dir_remove(s->path, err) != RC_OK &&
        path_exists(s->path)) /* another run may have swept it */
        return RC_IO;
    return RC_OK;
}

void stage_abort(struct stage *s)
{
    if (s->open)
        (void)!dir_remove(s->path, NULL);
    if (s->open)
        stage_unlock(s);
    s->open = false;
}
