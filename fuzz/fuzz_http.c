/*
 * Any bytes to a server on loopback: a whole request as it is, or the body of
 * one (a form, parts with files, JSON) from somebody who is signed in. The
 * server answers or closes; it never stops, and never answers 500.
 *
 * The first byte chooses; PARTS are separated by "--x".
 */
#include "base/file.h"
#include "network/account.h"
#include "record/keep.h"
#include "record/types.h"
#include "web/server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct server *server;
static char *session;

static const struct {
    const char *line, *type;
} heads[] = {
    {NULL, NULL}, /* nothing before the input */
    {"POST /sign-in", "application/x-www-form-urlencoded"},
    {"POST /sign-in", "multipart/form-data; boundary=x"},
    {"POST /records/city/new", "multipart/form-data; boundary=x"},
    {"POST /api/cities", "application/json"},
    {"PATCH /api/territories/1", "application/json"},
    {"POST /administration/settings", "application/x-www-form-urlencoded"},
    {"POST /records/territory/new", "application/x-www-form-urlencoded"},
};

static void sign_in(const struct config *c)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(store) struct store *s = NULL;
    struct deed d = {.by = 0, .at = time(NULL), .action = "create"};
    struct grant g = {ROLE_SECRETARIAT, 0, 0};
    char token[TOKEN_TEXT];
    struct keyring k;
    struct person p;
    int64_t account = 0;

    memcpy(k.key, server->key, sizeof k.key);
    record_clear(&type_person, &p);
    p.name.in[0] = "Office";
    p.email = "office@example.org";
    if (store_open(c->store, &s, NULL) ||
        record_save(s, &type_person, &p, &d, a, NULL, NULL) ||
        account_invite(s, &k, p.email, p.head.id, 0, time(NULL), token, NULL) ||
        account_accept(s, &k, token, "a long enough phrase", time(NULL),
                       &account, NULL) ||
        grant_give(s, account, &g, account, time(NULL), NULL) ||
        session_open(s, &k, account, true, "::1", "fuzz", time(NULL), token,
                     NULL))
        BUG("no session");
    session = strdup(token);
}

static char dir[] = "/tmp/passerelle-fuzz-XXXXXX";

static void leave(void)
{
    server_stop(server, 1);
    free(session);
    (void)!dir_remove(dir, NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct config c;
    static char store[64], files[64], key[64];

    if (!mkdtemp(dir))
        BUG("no folder");
    snprintf(store, sizeof store, "sqlite:%s/db", dir);
    snprintf(files, sizeof files, "%s/files", dir);
    snprintf(key, sizeof key, "%s/key", dir);
    config_default(&c);
    c.store = store;
    c.files = files;
    c.key_file = key;
    c.port = 0;
    c.threads = 1;
    c.rate_per_minute = c.rate_per_account = 0;
    c.sandbox = false;
    c.idle_s = 5;
    if (server_start(&server, &c, NULL))
        BUG("the server does not start");
    sign_in(&c);
    return atexit(leave);
}

static int connect_once(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)server_port(server))};
    struct linger gone = {1, 0}; /* no port waits behind */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        BUG("the server is gone");
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &gone, sizeof gone);
    return fd;
}

/* A connection that is kept open, or a request without an end, is left after
 * a moment. */
static bool more_comes(int fd, bool whole, bool began)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, began ? 3 : whole ? 500 : 2) > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 20};
    char reply[4096];
    size_t which, n = 0;
    ssize_t got;
    bool whole;
    int fd;

    if (!size)
        return 0;
    which = data[0] % ARRAY_LEN(heads);
    if (heads[which].line)
        buf_fmt(&text,
                "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                "Cookie: session=%s\r\nContent-Type: %s\r\n"
                "Content-Length: %zu\r\n\r\n",
                heads[which].line, session, heads[which].type, size - 1);
    buf_add(&text, (struct str){(const char *)data + 1, size - 1});
    whole = heads[which].line || memmem(data, size, "\r\n\r\n", 4);
    fd = connect_once();
    (void)!send(fd, text.p, text.n, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    while (n < sizeof reply - 1 && more_comes(fd, whole, n > 0) &&
           (got = recv(fd, reply + n, sizeof reply - 1 - n, 0)) > 0)
        n += (size_t)got;
    reply[n] = '\0';
    close(fd);
    REQUIRE(strncmp(reply, "HTTP/1.1 500", 12) != 0);
    return 0;
}
