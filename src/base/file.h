/*
 * file.h: whole files, safe paths, and output that appears only when whole.
 */
#ifndef PASSERELLE_FILE_H
#define PASSERELLE_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Reads at most `limit` bytes (RC_LIMIT beyond); NUL added after the end. */
enum rc file_read(struct arena *a, const char *path, size_t limit,
                  struct str *out, struct err *err) MUST_USE;
/* Writes beside, syncs, renames over `path`. */
enum rc file_write(const char *path, struct str bytes,
                   struct err *err) MUST_USE;

/*
 * dir/name, refused (RC_INVALID) when `name` is absolute, has a `..` part,
 * or leads out of `dir` through a symbolic link. A name that does not exist is
 * RC_NOT_FOUND.
 */
enum rc path_inside(struct arena *a, const char *dir, const char *name,
                    char **out, struct err *err) MUST_USE;
char *path_join(struct arena *a, const char *dir, const char *name);
bool path_exists(const char *path);
enum rc dir_make(const char *path, struct err *err) MUST_USE; /* with parents */
enum rc dir_remove(const char *path, struct err *err) MUST_USE; /* recursive */

/*
 * A directory written beside its target: stage_open makes `<target>.part-XXXX`,
 * files go to stage.path, stage_commit swaps it in (the old one is removed
 * after), stage_abort removes it. A crash leaves the old target as it was, and
 * a stage beside it, which the next stage_open of that target removes: only a
 * folder that no process holds (a lock ends with its process) and that carries
 * our mark, or the marker, or nothing at all.
 * Only a target that we wrote, or an empty one, is replaced (it carries
 * `marker`, a file name that the caller writes); any other is RC_CONFLICT.
 */
struct stage {
    char *target, *path;
    const char *marker;
    bool open;
    int lock; /* on the stage, while it is open */
};
enum rc stage_open(struct stage *s, struct arena *a, const char *target,
                   const char *marker, struct err *err) MUST_USE;
enum rc stage_commit(struct stage *s, struct err *err) MUST_USE;
void stage_abort(struct stage *s);

#endif
