/*
 * job.h: long work, a row each, done once whatever the number of servers.
 *
 * A worker takes the oldest job that waits, or one whose worker did not say in
 * time that it still works: the lease is a moment, put forward by job_beat. A
 * job that was taken JOB_TRIES times without an end failed. Who lost the lease
 * (or whose job was cancelled) hears it from the next job_beat and stops; its
 * result is refused.
 *
 *   waiting -> working -> done | failed
 *   waiting -> cancelled; working -> cancelling -> cancelled
 */
#ifndef PASSERELLE_NETWORK_JOB_H
#define PASSERELLE_NETWORK_JOB_H

#include "base/arena.h"
#include "store/store.h"

enum { JOB_TRIES = 3, JOB_LEASE_S = 30 };

struct job_row {
    int64_t id, created;
    const char *kind;  /* "profile", "describe" */
    const char *input; /* what it is about: "7" */
    const char *state;
    const char *stage;  /* message id; "" unknown */
    const char *result; /* text by kind; of a failed one why, or "" */
    double progress;    /* 0 to 1 */
    int64_t tries;
};

/* One that waits or works for the same input already is used again. */
enum rc job_put(struct store *s, const char *kind, const char *input,
                int64_t now, int64_t *id, struct err *err) MUST_USE;
/* The newest of a kind and input; RC_NOT_FOUND. */
enum rc job_last(struct store *s, const char *kind, const char *input,
                 struct arena *a, struct job_row *out,
                 struct err *err) MUST_USE;
enum rc job_load(struct store *s, int64_t id, struct arena *a,
                 struct job_row *out, struct err *err) MUST_USE;
enum rc job_cancel(struct store *s, int64_t id, struct err *err) MUST_USE;
/* Waits or works. */
bool job_open(const struct job_row *j);

/* RC_NOT_FOUND: nothing to do. */
enum rc job_take(struct store *s, const char *holder, int64_t now,
                 struct arena *a, struct job_row *out,
                 struct err *err) MUST_USE;
/* *go_on is false when the job is no longer this holder's. */
enum rc job_beat(struct store *s, int64_t id, const char *holder,
                 const char *stage, double progress, int64_t now, bool *go_on,
                 struct err *err) MUST_USE;
/*
 * How a worker writes its beats: job_beat, on `own` or on another connection,
 * so that whoever watches that one takes no beat for a change of the data.
 * NULL: on `own`. `ctx`: the worker's.
 */
typedef enum rc job_beat_fn(void *ctx, struct store *own, int64_t id,
                            const char *stage, double progress, int64_t now,
                            bool *go_on, struct err *err);
/* RC_CONFLICT when the job is no longer this holder's: take all back. A job
 * that was to be cancelled is "cancelled", whatever `state` says. */
enum rc job_end(struct store *s, int64_t id, const char *holder,
                const char *state, const char *result,
                struct err *err) MUST_USE;

#endif
