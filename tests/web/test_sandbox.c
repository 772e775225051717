/*
 * web/sandbox.h: a process that was kept in tries what it may and what it may
 * not. Each attempt is a process of its own, since nothing lifts the sandbox.
 */
#include "base/file.h"
#include "web/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/passerelle-sandbox-XXXXXX";
static struct arena *arena;
static const char *in_force;

/* Each returns 0 or errno. */
static int read_a_file(const char *path)
{
    AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? errno : 0;
}

static int write_a_file(const char *path)
{
    AUTO(fd)
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    return fd < 0 ? errno : 0;
}

static int run_program(const char *path)
{
    char *const argv[] = {(char *)(uintptr_t)path, (char[]){"child"}, NULL};
    int status = 0;
    pid_t pid;
    int code = posix_spawn(&pid, path, NULL, NULL, argv, environ);

    if (code)
        return code;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ECHILD;
}

static int take_a_port(const char *unused)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    AUTO(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(fd, (struct sockaddr *)&at, sizeof at) == 0 ? 0 : errno;
}

static int trace_parent(const char *unused)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? 0 : errno;
}

static int leave_names(const char *unused)
{
    return unshare(CLONE_NEWUTS) == 0 ? 0 : errno;
}

static int signal_parent(const char *unused)
{
    return kill(getppid(), 0) == 0 ? 0 : errno;
}

/* What comes of it inside. */
static int inside(int (*attempt)(const char *path), const char *path)
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct config c;
        const char *how;
        struct err err;

        config_default(&c);
        c.store = arena_printf(arena, "sqlite:%s/data/db", dir);
        c.files = arena_printf(arena, "%s/files", dir);
        c.path = arena_printf(arena, "%s/etc/passerelle.conf", dir);
        _exit(sandbox_enter(&c, arena, &how, &err) ? 255 : attempt(path));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int landlock(void)
{
    int version = 0;

    (void)!sscanf(in_force, "landlock %d", &version);
    return version;
}

static void its_own_folders_stay_open(void **state)
{
    assert_int_equal(
        inside(write_a_file, arena_printf(arena, "%s/data/db-wal", dir)), 0);
    assert_int_equal(
        inside(write_a_file, arena_printf(arena, "%s/files/upload", dir)), 0);
    assert_int_equal(inside(read_a_file, arena_printf(arena, "%s/etc", dir)),
                     0);
    assert_int_equal(inside(read_a_file, "/etc/hosts"), 0);
    assert_int_equal(inside(run_program, "/proc/self/exe"), 0);
}

static void all_else_is_shut(void **state)
{
    if (!landlock())
        return;
    /* the source itself may lie in a folder for temporary files, which is
     * open */
    assert_int_equal(read_a_file("/var/lib/dpkg/status"), 0);
    assert_int_equal(inside(read_a_file, "/var/lib/dpkg/status"), EACCES);
    assert_int_equal(inside(write_a_file, "/var/lib/passerelle-new"), EACCES);
    assert_int_equal(inside(write_a_file, "/etc/passerelle-new"), EACCES);
    assert_int_equal(run_program("/bin/true"), 0);
    assert_int_equal(inside(run_program, "/bin/true"), EACCES);
    if (landlock() >= 4)
        assert_int_equal(inside(take_a_port, NULL), EACCES);
    if (landlock() >= 6)
        assert_int_equal(inside(signal_parent, NULL), EPERM);
}

static void calls_of_no_server_are_refused(void **state)
{
    if (!strstr(in_force, "seccomp"))
        return;
    assert_int_equal(inside(trace_parent, NULL), EPERM);
    assert_int_equal(inside(leave_names, NULL), EPERM);
}

static int set_up(void **state)
{
    arena = arena_new(0);
    if (!mkdtemp(dir) || dir_make(arena_printf(arena, "%s/data", dir), NULL) ||
        dir_make(arena_printf(arena, "%s/files", dir), NULL) ||
        dir_make(arena_printf(arena, "%s/etc", dir), NULL))
        return -1;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(arena);
    return dir_remove(dir, NULL);
}

/* What this kernel has, asked in a process that goes. */
static const char *ask_kernel(void)
{
    static char text[64];
    int ends[2];

    if (pipe(ends) != 0)
        return "none";
    if (fork() == 0) {
        struct config c;
        const char *how = "none";

        config_default(&c);
        (void)!sandbox_enter(&c, arena_new(0), &how, NULL);
        (void)!write(ends[1], how, strlen(how));
        _exit(0);
    }
    close(ends[1]);
    (void)!read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    wait(NULL);
    return text;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_folders_stay_open),
        cmocka_unit_test(all_else_is_shut),
        cmocka_unit_test(calls_of_no_server_are_refused),
    };

    if (argc > 1) /* started from inside: that is all */
        return strcmp(argv[1], "child") != 0;
    in_force = ask_kernel();
    if (strcmp(in_force, "none") == 0) {
        printf("1..0 # SKIP this kernel has neither Landlock nor seccomp\n");
        return 0;
    }
    printf("# in force: %s\n", in_force);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
