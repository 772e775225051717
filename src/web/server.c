/* Start, reload and stop; what keeps watch meanwhile. */
#include "base/file.h"
#include "network/account.h"
#include "network/job.h"
#include "post/post.h"
#include "record/keep.h"
#include "web/connection.h"
#include "web/generation.h"
#include "web/render.h"
#include "web/sandbox.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CACHE_BYTES = 64 << 20 };

static enum rc read_key(struct server *s, struct err *err)
{
    struct str text;
    enum rc rc = file_read(s->arena, s->config->key_file, 4096, &text, err);

    if (rc == RC_NOT_FOUND) {
        mode_t mask = umask(077); /* before any thread: for us alone */

        randombytes_buf(s->key, sizeof s->key);
        rc = file_write(s->config->key_file,
                        (struct str){(char *)s->key, sizeof s->key}, err);
        umask(mask);
        return rc;
    }
    if (rc)
        return rc;
    if (text.n != sizeof s->key)
        return err_set(err, RC_INVALID,
                       N_("'%s' is not a key of this program: it has 32 bytes"),
                       s->config->key_file);
    memcpy(s->key, text.p, sizeof s->key);
    return RC_OK;
}

static enum rc prepare_store(struct server *s, struct err *err)
{
    AUTO(store) struct store *store = NULL;
    AUTO(arena) struct arena *a = arena_new(0);
    struct migration m;
    enum rc rc = store_open(s->config->store, &store, err);

    if (!rc)
        rc = migration_plan(store, a, &m, err);
    if (!rc)
        rc = migration_apply(store, &m, NULL, 0, err);
    if (!rc)
        rc = network_tables(store, err);
    return rc;
}

static bool heard_change(struct server *s)
{
    bool changed = false;

    if (!s->watched && store_open(s->config->store, &s->watched, NULL))
        s->watched = NULL;
    if (s->watched && store_changed(s->watched, &changed, NULL)) {
        store_close(s->watched);
        s->watched = NULL;
        changed = true;
    }
    return changed;
}

/*
 * Other servers and programs change the data too: what they tell makes the
 * pages kept here old within a second. A beat that waits for its turn to write
 * keeps nobody in the dark: until it is over, everything counts as changed.
 */
static void look_at_store(struct server *s)
{
    bool changed = true;

    if (pthread_mutex_trylock(&s->watch_lock) == 0) {
        changed = heard_change(s);
        pthread_mutex_unlock(&s->watch_lock);
    }
    if (changed)
        s->data_version++;
}

enum rc server_beat(struct server *s, struct store *own, int64_t job,
                    const char *holder, const char *stage, double progress,
                    int64_t now, bool *go_on, struct err *err)
{
    enum rc rc;

    pthread_mutex_lock(&s->watch_lock);
    rc = job_beat(s->watched ? s->watched : own, job, holder, stage, progress,
                  now, go_on, err);
    pthread_mutex_unlock(&s->watch_lock);
    return rc;
}

static void *watch(void *ctx)
{
    struct server *s = ctx;

    while (!s->stopping) {
        look_at_store(s);
        generations_sweep(s);
        for (int i = 0; i < 10 && !s->stopping; i++)
            usleep(100000);
    }
    pthread_mutex_lock(&s->watch_lock);
    store_close(s->watched);
    s->watched = NULL;
    pthread_mutex_unlock(&s->watch_lock);
    return NULL;
}

/* A worker's store goes with its thread. */
static void close_worker(void *store)
{
    store_close(store);
}

static struct server *server_new(const struct config *c)
{
    struct server *s = calloc(1, sizeof *s);

    if (!s || sodium_init() < 0)
        BUG("no memory or no random numbers");
    s->config = c;
    s->listening = -1;
    s->arena = arena_new(0);
    s->cache = cache_new(CACHE_BYTES);
    s->counters = arena_new_of(s->arena, struct counters);
    s->account_limiter = limiter_new(c->rate_per_account);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->watch_lock, NULL);
    if (pthread_key_create(&s->worker, close_worker) != 0)
        BUG("no key for a thread's store");
    return s;
}

enum rc server_start(struct server **out, const struct config *c,
                     struct err *err)
{
    struct server *s = server_new(c);
    enum rc rc = read_key(s, err);

    if (!rc)
        rc = prepare_store(s, err);
    if (!rc)
        rc = templates_load(s->arena, &s->templates, err);
    if (!rc)
        rc = dir_make(c->files, err);
    if (!rc)
        rc = listen_open(c, &s->listening, err);
    if (!rc && c->sandbox)
        rc = sandbox_enter(c, s->arena, &s->sandbox, err);
    if (!rc)
        rc = generation_start(s, c, err);
    if (!rc)
        rc = server_post_start(s, err);
    if (!rc)
        s->watching = pthread_create(&s->watcher, NULL, watch, s) == 0;
    if (rc)
        server_stop(s, 0);
    else
        *out = s;
    return rc;
}

unsigned server_port(const struct server *s)
{
    return listen_port(s->listening);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* What a running server cannot change. */
static const char *needs_restart(const struct config *a, const struct config *b)
{
    if (!same_text(a->store, b->store))
        return "store";
    if (!same_text(a->files, b->files))
        return "files";
    if (!same_text(a->key_file, b->key_file))
        return "key_file";
    if (!same_text(a->listen, b->listen))
        return "listen";
    if (a->port != b->port)
        return "port";
    return a->sandbox != b->sandbox ? "sandbox" : NULL;
}

enum rc server_reload(struct server *s, const struct config *c, struct err *err)
{
    const struct config *old = s->config;
    const char *key = needs_restart(old, c);
    bool post =
        !same_text(old->smtp, c->smtp) || !same_text(old->sender, c->sender) ||
        !same_text(old->host, c->host) || !same_text(old->proxy, c->proxy) ||
        !old->certificate != !c->certificate;
    enum rc rc;

    if (key)
        return err_set(err, RC_CONFLICT,
                       N_("'%s' cannot change while the server runs; restart "
                          "it"),
                       key);
    rc = generation_start(s, c, err);
    if (rc)
        return rc;
    s->config = c;
    limiter_set(s->account_limiter, c->rate_per_account);
    s->data_version++;
    return post ? server_post_start(s, err) : RC_OK;
}

void server_stop(struct server *s, unsigned seconds)
{
    s->stopping = true;
    if (s->watching)
        pthread_join(s->watcher, NULL);
    generations_stop(s, seconds);
    if (s->listening >= 0)
        close(s->listening);
    post_stop(s->post);
    pthread_key_delete(s->worker);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->watch_lock);
    cache_free(s->cache);
    limiter_free(s->account_limiter);
    sodium_memzero(s->key, sizeof s->key);
    arena_free(s->arena);
    free(s);
}
