#include "web/worker.h"
#include "base/file.h"
#include "network/edition.h"
#include "web/log.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 500, STEP_MS = 50, LEFT_S = 2 * 3600 };

struct worker {
    struct server *server;
    struct edition_worker of;
    char holder[64];
    char backups[4096]; /* their folder */
    _Atomic bool stopping;
    pthread_t thread;
};

static bool stopping(void *ctx)
{
    return ((struct worker *)ctx)->stopping;
}

static enum rc beat(void *ctx, struct store *own, int64_t id, const char *stage,
                    double progress, int64_t now, bool *go_on, struct err *err)
{
    struct worker *w = ctx;

    return server_beat(w->server, own, id, w->holder, stage, progress, now,
                       go_on, err);
}

/* A database that went away is opened again at the next look. */
static void look(struct worker *w, struct store **s)
{
    bool did = true;
    struct err err = {0};

    if (!*s && store_open(w->server->config->store, s, NULL)) {
        *s = NULL;
        return;
    }
    while (did && !w->stopping) {
        enum rc rc = edition_work(&w->of, *s, &did, &err);

        if (!rc)
            continue;
        log_failure("job", rc, &err, 500);
        store_close(*s);
        *s = NULL;
        return;
    }
}

/*
 * Folders that a killed server left, with plain files in them. No job and no
 * upload takes that long: one in use, here or on another server, is younger.
 */
static void sweep(const struct worker *w)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(dir) DIR *d = opendir(w->of.folder);

    for (struct dirent *e; d && (e = readdir(d));) {
        const char *path = path_join(a, w->of.folder, e->d_name);
        struct stat st;

        if ((strncmp(e->d_name, "job-", 4) == 0 ||
             strncmp(e->d_name, "unzip-", 6) == 0) &&
            lstat(path, &st) == 0 && st.st_mtime < time(NULL) - LEFT_S)
            (void)!dir_remove(path, NULL);
    }
}

static void *work(void *ctx)
{
    struct worker *w = ctx;
    struct store *s = NULL;
    time_t swept = 0;

    while (!w->stopping) {
        if (time(NULL) > swept + LEFT_S / 2) {
            sweep(w);
            swept = time(NULL);
        }
        look(w, &s);
        for (int i = 0; i < LOOK_MS / STEP_MS && !w->stopping; i++)
            usleep(STEP_MS * 1000);
    }
    store_close(s);
    return NULL;
}

enum rc worker_start(struct server *s, const char *program, struct worker **out,
                     struct err *err)
{
    struct worker *w = calloc(1, sizeof *w);
    unsigned char random[16];
    char name[33];

    if (!w)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(name, sizeof name, random, sizeof random);
    snprintf(w->holder, sizeof w->holder, "%ld-%s", (long)getpid(), name);
    w->server = s;
    snprintf(w->backups, sizeof w->backups, "%s/backups", s->config->files);
    w->of = (struct edition_worker){.program = program,
                                    .folder = s->config->files,
                                    .store = s->config->store,
                                    .backups = w->backups,
                                    .holder = w->holder,
                                    .stopping = stopping,
                                    .beat = beat,
                                    .ctx = w};
    memcpy(w->of.keys.key, s->key, sizeof s->key);
    if (pthread_create(&w->thread, NULL, work, w) != 0) {
        free(w);
        return err_set(err, RC_UNAVAILABLE, N_("not enough memory"));
    }
    *out = w;
    return RC_OK;
}

void worker_stop(struct worker *w)
{
    if (!w)
        return;
    w->stopping = true;
    pthread_join(w->thread, NULL);
    sodium_memzero(&w->of.keys, sizeof w->of.keys);
    free(w);
}
