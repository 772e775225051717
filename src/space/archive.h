/*
 * archive.h: a .zip unpacked into a folder, safely.
 *
 * Every entry's name is checked before anything is written, and every byte is
 * counted while it is unpacked, whatever the archive declares: too many files,
 * too many bytes, or names that lead outside stop it. Symbolic links in the
 * archive become plain files. What was unpacked stays in `dir`, also after a
 * failure: the caller made the folder and removes it.
 */
#ifndef PASSERELLE_ARCHIVE_H
#define PASSERELLE_ARCHIVE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"

struct archive_limits {
    size_t files;
    uint64_t bytes;
};

enum archive_state {
    ARCHIVE_OK,
    ARCHIVE_BAD,  /* *detail: why */
    ARCHIVE_PATH, /* *detail: the entry's name */
    ARCHIVE_SIZE,
    ARCHIVE_COUNT,
    ARCHIVE_IO, /* *detail: what could not be written */
    ARCHIVE_CANCELLED
};

/* *top is the one folder that holds everything, or "". Texts in the arena. */
enum archive_state archive_unpack(const char *zip, const char *dir,
                                  const struct archive_limits *limits,
                                  const struct progress *progress,
                                  struct arena *a, const char **top,
                                  const char **detail) MUST_USE;

#endif
