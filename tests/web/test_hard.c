/*
 * The server in hard times, as a process of its own: a full disk, a disk that
 * is read-only, a database that is gone, clients that send half or nothing, ten
 * thousand of them. Always a clear answer, no crash, and all is well again
 * without hands once the cause is gone.
 */
#include "base/file.h"
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { IDLE = 9900 };

static const char *program;
static struct arena *arena;
static char dir[] = "/tmp/passerelle-hard-XXXXXX";
static char reply[CLIENT_REPLY];

struct site {
    const char *dir, *config, *log, *headers;
    unsigned port;
    pid_t pid;
};

static const char *sub(const char *name)
{
    const char *path = path_join(arena, dir, name);

    assert_int_equal(dir_make(path, NULL), RC_OK);
    return path;
}

static struct site site_start(const char *where, const char *store,
                              const char *more)
{
    struct site s = {.dir = where, .port = free_port()};

    s.log = arena_printf(arena, "%s.log", where); /* not on its disk */
    s.config = served_config(arena, where, store, s.port, more);
    s.pid = served_start(program, s.config, s.port, s.log);
    assert_true(s.pid > 0);
    return s;
}

static void site_token(struct site *s, const char *store)
{
    AUTO(store) struct store *db = NULL;

    assert_int_equal(
        store_open(store ? store
                         : arena_printf(arena, "sqlite:%s/data/db", s->dir),
                   &db, NULL),
        RC_OK);
    s->headers = arena_printf(
        arena, "Authorization: Bearer %s\r\nContent-Type: application/json\r\n",
        served_token(arena, s->dir, db));
}

static unsigned get(const struct site *s, const char *path)
{
    return client_once(s->port, "GET", path, NULL, NULL, reply);
}

/* A record with `bytes` of text. */
static unsigned create(const struct site *s, const char *name, size_t bytes)
{
    char *text = arena_alloc(arena, bytes + 1);

    memset(text, 'x', bytes);
    text[bytes] = '\0';
    return client_once(
        s->port, "POST", "/api/organisations", s->headers,
        arena_printf(arena,
                     "{\"kind\":\"research\",\"name\":{\"en\":\"%s\"},"
                     "\"role\":{\"en\":\"%s\"}}",
                     name, text),
        reply);
}

static void come_back_later(unsigned status)
{
    assert_int_equal(status, 503);
    assert_true(strtol(client_header(reply, "Retry-After"), NULL, 10) > 0);
}

/* ---- disks ---- */

/* A file system of its own, of some megabytes; NULL: this user may not. */
static const char *disk(const char *name)
{
    const char *where = sub(name);

    if (mount("none", where, "tmpfs", 0, "size=3m,mode=700") == 0)
        return where;
    printf("# %s: no file system may be mounted here; left out\n", name);
    return NULL;
}

static void a_full_disk_is_said_and_survived(void **state)
{
    const char *where = disk("full"), *ballast;
    struct site s;
    unsigned status = 201;
    int made = 0;

    if (!where)
        return;
    s = site_start(where, NULL, NULL);
    site_token(&s, NULL);
    ballast = path_join(arena, where, "ballast");
    assert_int_equal(create(&s, "before", 100), 201);
    {
        AUTO(fd) int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        char block[4096] = {1};

        while (write(fd, block, sizeof block) == (ssize_t)sizeof block)
            made++;
    }
    assert_true(made > 10);
    for (int i = 0; i < 200 && status == 201; i++)
        status = create(&s, "more", 4000);
    come_back_later(status);
    assert_int_equal(get(&s, "/cities"), 200); /* what is there is shown */
    assert_int_equal(get(&s, "/healthz"), 200);
    assert_int_equal(unlink(ballast), 0);
    assert_int_equal(create(&s, "after", 4000), 201);
    assert_true(served_stop(s.pid));
    assert_int_equal(umount(where), 0);
}

static void a_read_only_disk_is_said_at_the_start(void **state)
{
    const char *where = disk("shut"), *log = path_join(arena, dir, "shut.log");
    struct site s;
    struct str said;

    if (!where)
        return;
    s = site_start(where, NULL, NULL);
    assert_true(served_stop(s.pid));
    assert_int_equal(
        mount("none", where, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
    assert_int_equal(served_start(program, s.config, s.port, log), 0);
    assert_int_equal(file_read(arena, log, 10000, &said, NULL), RC_OK);
    assert_non_null(strstr(said.p, "database"));
    assert_int_equal(mount("none", where, "tmpfs", MS_REMOUNT, "size=3m"), 0);
    s.pid = served_start(program, s.config, s.port, log);
    assert_true(s.pid > 0);
    assert_int_equal(get(&s, "/healthz"), 200);
    assert_true(served_stop(s.pid));
    assert_int_equal(umount(where), 0);
}

/* ---- the database goes and comes ---- */

static void a_lost_database_is_found_again(void **state)
{
    const char *url = getenv("PASSERELLE_TEST_POSTGRES");
    const char *tool = getenv("PASSERELLE_TEST_POSTGRES_TOOL");
    struct site s;
    int64_t until;

    if (!url || !*url || !tool) {
        printf("# no PostgreSQL server: left out\n");
        return;
    }
    s = site_start(sub("lost"), url, NULL);
    site_token(&s, url);
    assert_int_equal(create(&s, "before", 10), 201);
    assert_int_equal(get(&s, "/cities"), 200);
    assert_int_equal(system(arena_printf(arena, "%s stop", tool)), 0);
    come_back_later(get(&s, "/healthz"));
    come_back_later(create(&s, "meanwhile", 10));
    come_back_later(get(&s, "/organisations?page=2"));
    assert_int_equal(system(arena_printf(arena, "%s start", tool)), 0);
    until = clock_ms() + 20000;
    while (get(&s, "/healthz") != 200 && clock_ms() < until)
        usleep(10000);
    if (get(&s, "/healthz") != 200)
        print_error("%s\n", reply);
    assert_int_equal(get(&s, "/healthz"), 200);
    for (int i = 0; i < 10; i++) /* on every thread */
        assert_int_equal(create(&s, "after", 10), 201);
    assert_true(served_stop(s.pid));
}

/* ---- the log ---- */

static void the_log_names_nobody(void **state)
{
    static const char *const secrets[] = {"secretword", "person7",
                                          "203.0.113.7", "Bearer", "SQLITE"};
    const char *where = disk("log"), *headers;
    struct site s;
    struct str said;
    size_t lines = 0;

    s = site_start(where ? where : sub("log"), NULL,
                   "log_requests = yes\nproxy = 127.0.0.1\n");
    site_token(&s, NULL);
    headers =
        "X-Forwarded-For: 203.0.113.7\r\nUser-Agent: secretword\r\n"
        "Cookie: session=secretword\r\n";
    client_once(s.port, "GET", "/search?q=secretword", headers, NULL, reply);
    client_once(s.port, "GET", "/secretword/person7", headers, NULL, reply);
    client_once(s.port, "GET", "/invitation/secretword", headers, NULL, reply);
    client_once(s.port, "POST", "/sign-in",
                "Content-Type: application/x-www-form-urlencoded\r\n"
                "X-Forwarded-For: 203.0.113.7\r\n",
                "email=person7%40example.org&password=secretword", reply);
    for (int i = 0; where && i < 2000; i++) /* until the disk is full */
        if (create(&s, "secretword", 4900) != 201)
            break;
    if (where)
        come_back_later(create(&s, "secretword person7", 4900));
    assert_true(served_stop(s.pid));
    assert_int_equal(file_read(arena, s.log, 1 << 22, &said, NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        assert_null(strcasestr(said.p, secrets[i]));
    for (const char *at = said.p; (at = strstr(at, "\n{\"at\":")); at++)
        lines++;
    assert_true(lines > 5);
    assert_non_null(strstr(said.p, "\"route\":\"/invitation/:token\""));
    assert_int_equal(strstr(said.p, "\"event\":\"failure\"") != NULL,
                     where != NULL);
    if (where)
        assert_int_equal(umount(where), 0);
}

/* ---- clients ---- */

static void closes_within(int fd, int64_t ms)
{
    int64_t until = clock_ms() + ms;
    char text[4096];

    while (recv(fd, text, sizeof text, 0) > 0 && clock_ms() < until)
        ;
    assert_true(clock_ms() < until);
    close(fd);
}

static void slow_ones_keep_nobody_waiting(void **state)
{
    static const char *const halves[] = {
        "",
        "GE",
        "GET /cities HTTP/1.1\r\nHost: local",
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=a",
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    };
    struct site s = site_start(sub("slow"), NULL, "idle_s = 1\n");
    int fd[ARRAY_LEN(halves)], drip = client_connect(s.port);
    const char *request = "GET /cities HTTP/1.1\r\nX-Long: ";

    for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
        fd[i] = client_connect(s.port);
        assert_true(fd[i] >= 0);
        (void)!send(fd[i], halves[i], strlen(halves[i]), MSG_NOSIGNAL);
    }
    (void)!send(drip, request, strlen(request), MSG_NOSIGNAL);
    for (int i = 0; i < 20; i++) { /* a byte now and then, without an end */
        int64_t began = clock_ms();

        (void)!send(drip, "x", 1, MSG_NOSIGNAL);
        assert_int_equal(get(&s, "/healthz"), 200);
        assert_true(clock_ms() - began < 1000);
        usleep(20000);
    }
    for (size_t i = 0; i < ARRAY_LEN(halves); i++)
        closes_within(fd[i], 10000);
    closes_within(drip, 10000);
    assert_int_equal(get(&s, "/healthz"), 200);
    assert_true(served_stop(s.pid));
}

static long resident_kb(pid_t pid)
{
    struct str text;
    const char *at;

    if (file_read(arena, arena_printf(arena, "/proc/%d/status", (int)pid),
                  10000, &text, NULL))
        return 0;
    at = strstr(text.p, "VmRSS:");
    return at ? strtol(at + 6, NULL, 10) : 0;
}

static void ten_thousand_may_be_idle(void **state)
{
    struct rlimit files;
    struct site s;
    int *fd = arena_array(arena, int, IDLE);
    int64_t began;
    long before;

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < IDLE + 200) {
        printf("# only %llu open files: left out\n",
               (unsigned long long)files.rlim_max);
        return;
    }
    s = site_start(sub("idle"), NULL, "connections = 10000\nidle_s = 60\n");
    before = resident_kb(s.pid);
    for (int i = 0; i < IDLE; i++) {
        fd[i] = client_connect(s.port);
        assert_true(fd[i] >= 0);
    }
    began = clock_ms();
    for (int i = 0; i < 20; i++)
        assert_int_equal(get(&s, "/cities"), 200);
    printf("# %d idle: 20 pages in %lld ms, %ld kB of memory more\n", IDLE,
           (long long)(clock_ms() - began), resident_kb(s.pid) - before);
    assert_true(clock_ms() - began < 4000);
    assert_int_equal(
        client_ask(fd[IDLE / 2], "GET", "/help", NULL, NULL, reply), 200);
    for (int i = 0; i < IDLE; i++)
        close(fd[i]);
    assert_int_equal(get(&s, "/healthz"), 200);
    assert_true(served_stop(s.pid));
}

static int set_up(void **state)
{
    arena = arena_new(0);
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    arena_free(arena);
    return dir_remove(dir, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_said_and_survived),
        cmocka_unit_test(a_read_only_disk_is_said_at_the_start),
        cmocka_unit_test(a_lost_database_is_found_again),
        cmocka_unit_test(the_log_names_nobody),
        cmocka_unit_test(slow_ones_keep_nobody_waiting),
        cmocka_unit_test(ten_thousand_may_be_idle),
    };

    if (argc < 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
