/*
 * backup_job.h: a backup as a job (job.h): nobody's page waits for it.
 *
 * The job's input is the name of the file in `folder`; its result, when it is
 * done, "TABLES ROWS BYTES". The snapshot is read on a connection of its own,
 * so that the worker's can say meanwhile how far it is.
 */
#ifndef PASSERELLE_NETWORK_BACKUP_JOB_H
#define PASSERELLE_NETWORK_BACKUP_JOB_H

#include "network/job.h"

/* A backup that waits or works already is used again. */
enum rc backup_ask(struct store *s, int64_t account, int64_t now, int64_t *job,
                   struct err *err) MUST_USE;
/* The newest, of whatever moment; RC_NOT_FOUND. */
enum rc backup_last(struct store *s, struct arena *a, struct job_row *out,
                    struct err *err) MUST_USE;

struct backup_worker {
    const char *store;  /* store_open */
    const char *folder; /* where backups are kept */
    const char *holder;
    bool (*stopping)(void *ctx); /* or NULL */
    job_beat_fn *beat;           /* or NULL */
    void *ctx;
};
/* Works at a job of the kind "backup" that was taken. */
enum rc backup_work(const struct backup_worker *w, struct store *s,
                    const struct job_row *job, struct err *err) MUST_USE;

#endif
