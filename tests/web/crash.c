/*
 * crash: kill -9, again and again, while several clients write.
 *
 *     crash PASSERELLE [ROUNDS]
 *
 * In each round the server runs, four clients create and change records, and
 * at a moment by chance the server is killed; on PostgreSQL
 * (PASSERELLE_TEST_POSTGRES) also the database itself, while the server goes
 * on. After each round every change that was acknowledged must be there, and
 * nothing by halves: a record has one row of history for each of its versions
 * and one row in the audit log for each change. At the end the database's own
 * check (integrity_check, pg_amcheck) and the chain of the audit log are clean.
 */
#include "base/file.h"
#include "base/rng.h"
#include "client.h"
#include "network/account.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WRITERS = 4, OWN_MOST = 1 << 20, LOOK_EVERY = 25 };

struct written {
    int64_t id, version;
    bool unsure; /* a change was sent whose reply never came */
};

static struct writer {
    pthread_t thread;
    int number;
    struct written *own;
    size_t n;
    uint64_t acknowledged, refused, cut, retry_missing;
} writers[WRITERS];

static const char *program, *token_header;
static unsigned port;
static _Atomic bool enough;
static struct arena *arena;
static int faults;

static void fault(const char *what, int64_t id)
{
    if (faults++ < 20)
        fprintf(stderr, "FAULT: %s (%" PRId64 ")\n", what, id);
}

/* ---- those who write ---- */

static void took(struct writer *w, struct written *old, const char *reply)
{
    const char *body = client_body(reply);
    const char *id = strstr(body, "\"id\":");
    const char *version = strstr(body, "\"version\":");

    if (!id || !version) {
        fault("a reply without id and version", 0);
        return;
    }
    w->acknowledged++;
    if (!old) {
        if (w->n == OWN_MOST)
            abort();
        old = &w->own[w->n++];
        *old = (struct written){0};
        old->id = strtoll(id + 5, NULL, 10);
    }
    old->version = strtoll(version + 10, NULL, 10);
}

/* false: the connection is gone. */
static bool write_once(struct writer *w, int fd, unsigned turn, char *reply)
{
    AUTO(buf) struct buf path = {.ceiling = 100}, body = {.ceiling = 300};
    struct written *old = turn % 3 && w->n ? &w->own[w->n - 1] : NULL;
    unsigned status;

    if (old && old->unsure)
        old = NULL;
    buf_fmt(&body,
            "{\"version\":%" PRId64
            ",\"kind\":\"research\",\"name\":{\"en\":\"w%d %u\"}}",
            old ? old->version : 0, w->number, turn);
    if (old)
        buf_fmt(&path, "/api/organisations/%" PRId64, old->id);
    else
        buf_adds(&path, "/api/organisations");
    status = client_ask(fd, old ? "PATCH" : "POST", buf_cstr(&path),
                        token_header, buf_cstr(&body), reply);
    if (status == 200 || status == 201) {
        took(w, old, reply);
    } else if (status == 0) {
        w->cut++;
        if (old)
            old->unsure = true;
    } else {
        w->refused++;
        if (status == 503 && !*client_header(reply, "Retry-After"))
            w->retry_missing++;
        usleep(1000);
        if (status >= 500 && old) /* it may have gone at the commit */
            old->unsure = true;
        if (status != 503 && status != 409)
            fault(client_body(reply), status);
    }
    return status != 0;
}

static void *write_on(void *ctx)
{
    struct writer *w = ctx;
    char *reply = malloc(CLIENT_REPLY);
    int fd = -1;

    for (unsigned turn = 0; !enough; turn++) {
        if (fd < 0)
            fd = client_connect(port);
        if (fd < 0) {
            usleep(2000);
        } else if (!write_once(w, fd, turn, reply)) {
            close(fd);
            fd = -1;
        }
    }
    if (fd >= 0)
        close(fd);
    free(reply);
    return NULL;
}

static void writers_start(void)
{
    enough = false;
    for (int i = 0; i < WRITERS; i++)
        if (pthread_create(&writers[i].thread, NULL, write_on, &writers[i]))
            abort();
}

static void writers_end(void)
{
    enough = true;
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
}

static uint64_t acknowledged(void)
{
    uint64_t n = 0;

    for (int i = 0; i < WRITERS; i++)
        n += writers[i].acknowledged;
    return n;
}

/* ---- what must hold after ---- */

static struct store *open_store(const char *url)
{
    struct store *s = NULL;

    for (int i = 0; i < 200; i++) {
        if (store_open(url, &s, NULL) == RC_OK)
            return s;
        usleep(50000);
    }
    fprintf(stderr, "the database does not open any more\n");
    exit(1);
}

static int64_t number(struct store *s, const char *sql)
{
    int64_t n = -1;

    if (store_int(s, sql, NO_PARAMS, &n, NULL))
        fault(sql, 0);
    return n;
}

static void look_for(struct store *s, const struct written *w)
{
    int64_t version = 0;

    if (store_int(s, "SELECT version FROM organisation WHERE id = :id",
                  PARAMS(P_INT("id", w->id)), &version, NULL))
        fault("an acknowledged record is lost", w->id);
    else if (version != w->version && !(w->unsure && version == w->version + 1))
        fault("an acknowledged change is lost", w->id);
}

static void look_whole(struct store *s)
{
    int64_t rows = 0, broken = 0;
    char *word = NULL;

    if (number(s, "SELECT coalesce(sum(version), 0) FROM organisation") !=
        number(s,
               "SELECT count(*) FROM history WHERE record ="
               " 'organisation'"))
        fault("versions and history differ", 0);
    if (number(s,
               "SELECT count(*) FROM history WHERE record ="
               " 'organisation'") !=
        number(s,
               "SELECT count(*) FROM audit WHERE object LIKE"
               " 'organisation/%'"))
        fault("history and audit log differ", 0);
    if (audit_verify(s, &rows, &broken, NULL) || broken)
        fault("the chain of the audit log breaks", broken);
    if (store_engine(s) == STORE_SQLITE &&
        (store_text(s, "PRAGMA integrity_check", NO_PARAMS, arena, &word,
                    NULL) ||
         !word || strcmp(word, "ok") != 0))
        fault("integrity_check", 0);
}

/* After each round those of the round; now and then everything. */
static void look(const char *url, const size_t from[WRITERS], bool whole)
{
    AUTO(store) struct store *s = open_store(url);

    for (int i = 0; i < WRITERS; i++)
        for (size_t k = whole || !from[i] ? 0 : from[i] - 1; k < writers[i].n;
             k++)
            look_for(s, &writers[i].own[k]);
    if (whole)
        look_whole(s);
}

/* ---- rounds ---- */

struct run {
    const char *name, *url, *config, *log, *crash; /* crash: the database */
    int rounds;
    int64_t slowest_ms; /* until the first write after the database died */
};

static pid_t start(const struct run *r)
{
    pid_t pid = served_start(program, r->config, port, r->log);

    if (!pid) {
        fprintf(stderr, "the server does not start; see %s\n", r->log);
        exit(1);
    }
    return pid;
}

static void round_server(struct run *r, struct rng *rng)
{
    pid_t pid = start(r);

    writers_start();
    usleep(20000 + (unsigned)rng_below(rng, 130000));
    kill(pid, SIGKILL);
    writers_end();
    served_kill(pid);
}

/* The server stays; it must find the database again by itself. */
static void round_database(struct run *r, struct rng *rng)
{
    uint64_t before;
    int64_t began;

    writers_start();
    usleep(50000 + (unsigned)rng_below(rng, 200000));
    if (system(r->crash) != 0)
        fault("the database does not start again", 0);
    before = acknowledged();
    began = clock_ms();
    while (acknowledged() == before && clock_ms() < began + 30000)
        usleep(1000);
    if (acknowledged() == before)
        fault("no write after the database came back", 0);
    r->slowest_ms = MAX(r->slowest_ms, clock_ms() - began);
    writers_end();
}

static void sum_up(const struct run *r, int64_t began)
{
    uint64_t refused = 0, cut = 0, without = 0;

    for (int i = 0; i < WRITERS; i++) {
        refused += writers[i].refused;
        cut += writers[i].cut;
        without += writers[i].retry_missing;
    }
    if (without)
        fault("503 without Retry-After", (int64_t)without);
    printf("%s: %d rounds, %" PRIu64 " writes acknowledged, %" PRIu64
           " cut off, %" PRIu64 " told to come back, %d faults, %.1f s",
           r->name, r->rounds, acknowledged(), cut, refused, faults,
           (double)(clock_ms() - began) / 1000);
    if (r->slowest_ms)
        printf(", writing again at most %" PRId64 " ms after the database",
               r->slowest_ms);
    printf("\n");
    fflush(stdout);
}

static void rounds(struct run *r)
{
    struct rng rng;
    int64_t began = clock_ms();
    pid_t pid = r->crash ? start(r) : 0;

    rng_init(&rng, 7, 1);
    for (int i = 0; i < r->rounds; i++) {
        size_t from[WRITERS];

        for (int k = 0; k < WRITERS; k++)
            from[k] = writers[k].n;
        if (r->crash)
            round_database(r, &rng);
        else
            round_server(r, &rng);
        look(r->url, from,
             i + 1 == r->rounds || i % LOOK_EVERY == LOOK_EVERY - 1);
    }
    if (pid && !served_stop(pid))
        fault("the server did not stop by itself", 0);
    sum_up(r, began);
}

static void run(const char *name, const char *dir, const char *url, int n,
                const char *crash)
{
    struct run r = {.name = name, .rounds = n, .crash = crash};
    const char *here = path_join(arena, dir, crash ? "b" : "a");
    pid_t pid;

    if (dir_make(here, NULL))
        abort();
    r.log = path_join(arena, here, "log");
    r.config = served_config(arena, here, url, port, NULL);
    r.url = url ? url : arena_printf(arena, "sqlite:%s/data/db", here);
    pid = start(&r); /* makes the tables and the key */
    served_kill(pid);
    {
        AUTO(store) struct store *s = open_store(r.url);

        token_header = arena_printf(
            arena,
            "Authorization: Bearer %s\r\nContent-Type: application/json\r\n",
            served_token(arena, here, s));
    }
    for (int i = 0; i < WRITERS; i++) {
        struct written *own = writers[i].own;

        writers[i] = (struct writer){.number = i, .own = own};
    }
    rounds(&r);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/passerelle-crash-XXXXXX";
    const char *postgres = getenv("PASSERELLE_TEST_POSTGRES");
    const char *tool = getenv("PASSERELLE_TEST_POSTGRES_TOOL");
    int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 20;

    if (argc < 2 || n < 1 || !mkdtemp(dir))
        return 2;
    program = argv[1];
    arena = arena_new(0);
    port = free_port();
    for (int i = 0; i < WRITERS; i++)
        writers[i].own = malloc(OWN_MOST * sizeof(struct written));
    run("SQLite, server killed", dir, NULL, n, NULL);
    if (postgres && *postgres && tool) {
        const char *make = arena_printf(arena, "%s create crash_", tool);

        for (int i = 0; i < 2; i++)
            if (system(arena_printf(arena, "%s%d", make, i)) != 0)
                abort();
        run("PostgreSQL, server killed", path_join(arena, dir, "postgres"),
            arena_printf(arena, "%s&dbname=crash_0", postgres), n, NULL);
        run("PostgreSQL killed", path_join(arena, dir, "postgres"),
            arena_printf(arena, "%s&dbname=crash_1", postgres), MAX(n / 5, 2),
            arena_printf(arena, "%s crash", tool));
        if (system(arena_printf(arena, "%s check crash_0 && %s check crash_1",
                                tool, tool)) != 0)
            fault("pg_amcheck", 0);
    } else {
        printf("no PostgreSQL server: that half is left out\n");
    }
    for (int i = 0; i < WRITERS; i++)
        free(writers[i].own);
    if (faults)
        fprintf(stderr, "what is left is in %s\n", dir);
    else if (dir_remove(dir, NULL))
        faults++;
    arena_free(arena);
    return faults != 0;
}
