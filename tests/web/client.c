#include "client.h"
#include "base/file.h"
#include "network/account.h"
#include "record/keep.h"
#include "record/types.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_S = 30 };

int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

int client_connect(unsigned port)
{
    struct sockaddr_in at = loopback(port);
    struct timeval wait = {.tv_sec = WAIT_S};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool send_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

const char *client_body(const char *reply)
{
    const char *end = strstr(reply, "\r\n\r\n");

    return end ? end + 4 : "";
}

const char *client_header(const char *reply, const char *name)
{
    static _Thread_local char value[1024];
    const char *end = client_body(reply);
    size_t n = strlen(name);

    for (const char *at = reply; at < end; at++) {
        if (*at == '\n' && strncasecmp(at + 1, name, n) == 0 &&
            at[1 + n] == ':') {
            at += n + 2;
            at += strspn(at, " ");
            n = MIN(strcspn(at, "\r"), sizeof value - 1);
            memcpy(value, at, n);
            value[n] = '\0';
            return value;
        }
    }
    return "";
}

/* The head, then as many bytes as it announces. */
static bool read_reply(int fd, char *reply)
{
    size_t n = 0, want = CLIENT_REPLY - 1;

    while (n < want) {
        ssize_t got = recv(fd, reply + n, CLIENT_REPLY - 1 - n, 0);

        if (got <= 0)
            return false;
        n += (size_t)got;
        reply[n] = '\0';
        if (*client_body(reply))
            want = (size_t)(client_body(reply) - reply) +
                   strtoul(client_header(reply, "Content-Length"), NULL, 10);
        else if (strstr(reply, "\r\n\r\n") &&
                 strcmp(client_header(reply, "Content-Length"), "0") == 0)
            return true;
    }
    return true;
}

unsigned client_ask(int fd, const char *method, const char *path,
                    const char *headers, const char *body, char *reply)
{
    AUTO(buf) struct buf text = {.ceiling = (size_t)64 << 20};
    unsigned status = 0;

    buf_fmt(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s", method, path,
            headers ? headers : "");
    if (body)
        buf_fmt(&text, "Content-Length: %zu\r\n", strlen(body));
    buf_adds(&text, "\r\n");
    buf_adds(&text, body ? body : "");
    reply[0] = '\0';
    if (!send_all(fd, text.p, text.n) || !read_reply(fd, reply) ||
        sscanf(reply, "HTTP/1.1 %u", &status) != 1)
        return 0;
    return status;
}

unsigned client_once(unsigned port, const char *method, const char *path,
                     const char *headers, const char *body, char *reply)
{
    int fd = client_connect(port);
    unsigned status;

    if (fd < 0)
        return 0;
    status = client_ask(fd, method, path, headers, body, reply);
    close(fd);
    return status;
}

unsigned free_port(void)
{
    struct sockaddr_in at = loopback(0);
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        abort();
    close(fd);
    return ntohs(at.sin_port);
}

const char *served_config(struct arena *a, const char *dir, const char *store,
                          unsigned port, const char *more)
{
    const char *path = path_join(a, dir, "passerelle.conf");
    const char *text = arena_printf(
        a,
        "store = %s\nfiles = %s/files\nkey_file = %s/key\nport = %u\n"
        "rate_per_minute = 0\nrate_per_account = 0\n%s",
        store ? store : arena_printf(a, "sqlite:%s/data/db", dir), dir, dir,
        port, more ? more : "");

    if (dir_make(path_join(a, dir, "data"), NULL) ||
        file_write(path, str_of(text), NULL))
        abort();
    return path;
}

static bool answers(unsigned port, pid_t pid)
{
    int64_t until = clock_ms() + WAIT_S * INT64_C(1000);
    int status;

    while (clock_ms() < until) {
        int fd = client_connect(port);

        if (fd >= 0) {
            close(fd);
            return true;
        }
        if (waitpid(pid, &status, WNOHANG) == pid)
            return false;
        usleep(5000);
    }
    return false;
}

pid_t served_start(const char *program, const char *config, unsigned port,
                   const char *log)
{
    pid_t pid = fork();

    if (pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

        if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 ||
            dup2(fd, STDOUT_FILENO) < 0)
            _exit(127);
        execl(program, program, "serve", "--config", config, (char *)NULL);
        _exit(127);
    }
    return pid > 0 && answers(port, pid) ? pid : 0;
}

void served_kill(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

bool served_stop(pid_t pid)
{
    int status = 0;

    kill(pid, SIGTERM);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

const char *served_token(struct arena *a, const char *dir, struct store *s)
{
    struct deed d = {.by = 0, .at = time(NULL), .action = "create"};
    struct grant g = {ROLE_SECRETARIAT, 0, 0};
    char *token = arena_alloc(a, TOKEN_TEXT);
    struct keyring k;
    struct person p;
    struct str key;
    int64_t account = 0;

    if (file_read(a, path_join(a, dir, "key"), 64, &key, NULL) ||
        key.n != sizeof k.key)
        abort();
    memcpy(k.key, key.p, sizeof k.key);
    record_clear(&type_person, &p);
    p.name.in[0] = "Office";
    p.email = "office@example.org";
    if (record_save(s, &type_person, &p, &d, a, NULL, NULL) ||
        account_invite(s, &k, p.email, p.head.id, 0, time(NULL), token, NULL) ||
        account_accept(s, &k, token, "a long enough phrase", time(NULL),
                       &account, NULL) ||
        grant_give(s, account, &g, account, time(NULL), NULL) ||
        store_exec(s, "UPDATE account SET totp = :t WHERE id = :id",
                   PARAMS(P_BLOB("t", STR("sealed")), P_INT("id", account)),
                   NULL, NULL) ||
        token_create(s, &k, account, "test", true, time(NULL) + 1000000,
                     time(NULL), token, NULL))
        abort();
    return token;
}
