/* Failed attempts make the next one wait; names are kept as hashes. */
#include "network/secret.h"

#include <stdio.h>

enum {
    FAILURES_FREE = 5, /* then each doubles the wait */
    WAIT_MOST_S = 15 * 60,
    FORGET_S = 24 * 3600
};

static void attempt_name(const struct keyring *k, const char *kind,
                         const char *name, char who[HASH_TEXT])
{
    char purpose[64];

    snprintf(purpose, sizeof purpose, "attempt-%s", kind);
    token_hash(k, purpose, name, who);
}

struct attempt {
    int64_t failures, last;
};

static bool take_attempt(void *ctx, const struct store_row *row)
{
    struct attempt *a = ctx;

    *a = (struct attempt){row_int(row, "failures", 0), row_int(row, "last", 0)};
    return false;
}

enum rc attempt_wait(struct store *s, const struct keyring *k, const char *kind,
                     const char *name, int64_t now, int64_t *wait_s,
                     struct err *err)
{
    char who[HASH_TEXT];
    struct attempt a = {0};
    int64_t over, wait;
    enum rc rc;

    attempt_name(k, kind, name, who);
    rc = store_each(s, "SELECT failures, last FROM attempt WHERE who = :who",
                    PARAMS(P_TEXT("who", who)), take_attempt, &a, err);
    over = a.failures - FAILURES_FREE;
    *wait_s = 0;
    if (rc || over < 0)
        return rc;
    wait = MIN((int64_t)1 << MIN(over + 1, 20), (int64_t)WAIT_MOST_S);
    if (a.last + wait > now)
        *wait_s = a.last + wait - now;
    return RC_OK;
}

enum rc attempt_failed(struct store *s, const struct keyring *k,
                       const char *kind, const char *name, int64_t now,
                       struct err *err)
{
    char who[HASH_TEXT];
    enum rc rc = store_exec(s, "DELETE FROM attempt WHERE last < :old",
                            PARAMS(P_INT("old", now - FORGET_S)), NULL, err);

    attempt_name(k, kind, name, who);
    if (rc)
        return rc;
    return store_exec(s,
                      "INSERT INTO attempt (who, failures, last) VALUES"
                      " (:who, 1, :now) ON CONFLICT (who) DO UPDATE SET"
                      " failures = attempt.failures + 1, last = :now",
                      PARAMS(P_TEXT("who", who), P_INT("now", now)), NULL, err);
}

enum rc attempt_forget(struct store *s, const struct keyring *k,
                       const char *kind, const char *name, struct err *err)
{
    char who[HASH_TEXT];

    attempt_name(k, kind, name, who);
    return store_exec(s, "DELETE FROM attempt WHERE who = :who",
                      PARAMS(P_TEXT("who", who)), NULL, err);
}
