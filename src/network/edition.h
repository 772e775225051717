/*
 * edition.h: a profile from its files to its versions.
 *
 * An edition's package is its stored files (stored.h). A job (job.h) computes
 * it: the files are written into a folder of one's own, `passerelle profile`
 * runs on it as a child (child.h), and what it wrote becomes the edition's
 * result: the bytes are those of the command line. A result belongs to one
 * state of the files, named by a digest; when a file changes, it is old, and
 * an edition with an old result is not sent to review.
 *
 * Kinds of jobs: "profile" makes the result, or the faults; "describe" lists
 * the columns of the tables and proposes a description (`passerelle
 * describe`). Their input is the number of the edition. Faults and
 * descriptions are reports: read by the city's editors alone.
 */
#ifndef PASSERELLE_NETWORK_EDITION_H
#define PASSERELLE_NETWORK_EDITION_H

#include "network/job.h"
#include "network/publication.h"
#include "network/rules.h"
#include "record/types.h"

enum { EDITION_FILES = 200 };
#define EDITION_BYTES ((uint64_t)512 << 20)
#define EDITION_DESCRIPTOR "datapackage.json"
#define EDITION_DESCRIBED "describe.json" /* a report */

/* What the files are now, as one text; "" without files. */
enum rc edition_digest(struct store *s, int64_t edition,
                       char digest[SHA256_TEXT], struct err *err) MUST_USE;

/* How far it is. */
struct edition_state {
    size_t files;
    uint64_t bytes;
    bool descriptor;            /* datapackage.json is there */
    bool computed;              /* a job came to its end */
    bool current;               /* ... with the files that are there now */
    bool result;                /* it left a result, not faults */
    int64_t faults, warnings;   /* of that job */
    struct job_row job;         /* the last one; id 0: none */
    struct job_row description; /* the last "describe"; id 0: none */
};
enum rc edition_look(struct store *s, int64_t edition, struct arena *a,
                     struct edition_state *out, struct err *err) MUST_USE;

enum rc edition_compute(struct store *s, int64_t edition, int64_t now,
                        int64_t *job, struct err *err) MUST_USE;
enum rc edition_describe(struct store *s, int64_t edition, int64_t now,
                         int64_t *job, struct err *err) MUST_USE;

/*
 * Takes the files of a .zip into the package, replacing those of the same
 * name; `folder` is for a folder of one's own. RC_INVALID: not a zip, names
 * that lead outside; RC_LIMIT: too much in it, or far more than its size lets
 * expect.
 */
enum rc edition_unzip(struct store *s, const struct keyring *k,
                      struct spool *zip, int64_t edition,
                      struct stored_note note, const char *folder,
                      size_t *files, struct err *err) MUST_USE;

/* After an edition was saved, in that transaction: one that moved to
 * "published" becomes a version. */
enum rc edition_saved(struct store *s, const struct edition *e,
                      const struct deed *d, struct arena *a,
                      struct err *err) MUST_USE;

/* One who works at jobs. */
struct edition_worker {
    const char *program;         /* "/proc/self/exe" */
    const char *folder;          /* where private folders are made */
    const char *holder;          /* a name no other worker has */
    const char *store, *backups; /* for backups: store_open, folder */
    struct keyring keys;
    bool (*stopping)(void *ctx); /* or NULL */
    job_beat_fn *beat;           /* or NULL */
    void *ctx;
};
/* Takes one job and works at it until its end. *did is false when there was
 * none. A job that fails is no failure of this. */
enum rc edition_work(const struct edition_worker *w, struct store *s, bool *did,
                     struct err *err) MUST_USE;

#endif
