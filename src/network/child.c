#include "network/child.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HOUR_S = 3600, LOOK_MS = 250 };

#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* ---- what the child does before it becomes the program: no memory is asked
 * for and no lock taken, since other threads of the parent may hold one ---- */

static bool limit(int which, rlim_t most)
{
    struct rlimit old, new = {most, most};

    if (getrlimit(which, &old) == 0 && old.rlim_max < most)
        new = (struct rlimit){old.rlim_max, old.rlim_max};
    return setrlimit(which, &new) == 0;
}

static bool set_limits(unsigned seconds)
{
    const rlim_t gigabyte = (rlim_t)1 << 30;

    return limit(RLIMIT_CORE, 0) && limit(RLIMIT_CPU, seconds) &&
           limit(RLIMIT_FSIZE, 2 * gigabyte) && limit(RLIMIT_NOFILE, 256) &&
           (SANITIZED || limit(RLIMIT_AS, 6 * gigabyte));
}

/* socket and io_uring_setup answer "not permitted"; a foreign instruction set
 * would count its calls otherwise and is refused whole. */
static bool forbid_sockets(void)
{
#ifdef ARCHITECTURE
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {ARRAY_LEN(rules), rules};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
    return true;
#endif
}

static void become(const struct child *c, char *const *argv, int says,
                   pid_t parent) NORETURN;

static void become(const struct child *c, char *const *argv, int says,
                   pid_t parent)
{
    static char *const environment[] = {
        (char *)"LANG=C.UTF-8",
#if SANITIZED
        (char *)"ASAN_OPTIONS=detect_leaks=0",
#endif
        NULL
    };
    int nothing = open("/dev/null", O_RDWR);
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 ||
        dup2(says, 2) < 0 || close_range(3, ~0u, 0) != 0 || setpgid(0, 0) != 0)
        _exit(127);
    (void)!nice(10);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
        chdir(c->folder) != 0 ||
        !set_limits(c->seconds ? c->seconds : HOUR_S) || !forbid_sockets())
        _exit(127);
    execve(c->program, argv, environment);
    _exit(127);
}

/* ---- the parent ---- */

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* What it says beyond the room is read and dropped, so that it never waits. */
static void hear(int from, struct child_end *end, size_t *n)
{
    char more[4096];
    ssize_t got;

    while ((got = read(from, more, sizeof more)) > 0) {
        size_t fits = MIN((size_t)got, sizeof end->says - 1 - *n);

        memcpy(end->says + *n, more, fits);
        *n += fits;
    }
    end->says[*n] = '\0';
}

static void wait_for(const struct child *c, pid_t pid, int from,
                     struct child_end *end)
{
    int64_t until =
        now_ms() + INT64_C(1000) * (c->seconds ? c->seconds : HOUR_S);
    unsigned pause_ms = 2;
    size_t said = 0;
    int status = 0;

    for (;;) {
        pid_t done = waitpid(pid, &status, WNOHANG);

        hear(from, end, &said);
        if (done == pid)
            break;
        end->too_long = !end->stopped && now_ms() > until;
        end->stopped = end->stopped ||
                       (pause_ms >= LOOK_MS && c->go_on && !c->go_on(c->ctx));
        if (end->stopped || end->too_long)
            kill(-pid, SIGKILL);
        usleep(pause_ms * 1000);
        pause_ms = MIN(pause_ms * 2, (unsigned)LOOK_MS);
    }
    end->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

enum rc child_run(const struct child *c, struct child_end *end, struct err *err)
{
    char *argv[CHILD_ARGUMENTS + 2] = {(char *)"passerelle"};
    pid_t self = getpid(), pid;
    int pipes[2];

    *end = (struct child_end){.status = -1};
    for (size_t i = 0; i < CHILD_ARGUMENTS && c->arguments[i]; i++)
        argv[i + 1] = (char *)c->arguments[i];
    if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_set(err, RC_UNAVAILABLE, N_("cannot start a program: %s"),
                       strerror(errno));
    pid = fork();
    if (pid == 0)
        become(c, argv, pipes[1], self);
    close(pipes[1]);
    if (pid < 0) {
        close(pipes[0]);
        return err_set(err, RC_UNAVAILABLE, N_("cannot start a program: %s"),
                       strerror(errno));
    }
    wait_for(c, pid, pipes[0], end);
    close(pipes[0]);
    if (end->status == 127)
        return err_set(err, RC_UNAVAILABLE, N_("cannot start a program: %s"),
                       c->program);
    return RC_OK;
}
