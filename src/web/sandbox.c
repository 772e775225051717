#include "web/sandbox.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Landlock ---- */

/* The headers of the build may be older than the kernel: what came after
 * version 2 is spelt out (Linux, include/uapi/linux/landlock.h). */
enum {
    TRUNCATE = 1 << 14,   /* version 3 */
    BIND_TCP = 1 << 0,    /* version 4 */
    IOCTL_DEV = 1 << 15,  /* version 5 */
    SCOPE_SIGNAL = 1 << 1 /* version 6 */
};
struct ruleset {
    uint64_t fs, net, scoped;
};

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FILE_RIGHTS                                              \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE | \
     LANDLOCK_ACCESS_FS_WRITE_FILE | (uint64_t)TRUNCATE | (uint64_t)IOCTL_DEV)
#define MAKE                                                          \
    (LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |      \
     LANDLOCK_ACCESS_FS_MAKE_SYM)
#define NEVER                                                      \
    (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK)

struct landlock {
    int fd;
    uint64_t handled;
    struct arena *a;
};

/* A path that is not there needs no rule. */
static bool allow(struct landlock *l, const char *path, uint64_t rights)
{
    AUTO(fd) int fd = path ? open(path, O_PATH | O_CLOEXEC) : -1;
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0)
        return true;
    rule.allowed_access = rights & l->handled;
    if (!S_ISDIR(st.st_mode))
        rule.allowed_access &= FILE_RIGHTS;
    return syscall(SYS_landlock_add_rule, l->fd, LANDLOCK_RULE_PATH_BENEATH,
                   &rule, 0) == 0;
}

static const char *folder_of(struct arena *a, const char *path)
{
    return path ? dirname(arena_strdup(a, path)) : NULL;
}

/* Of this program: what the kernel starts first when it is executed. */
static const char *loader(void)
{
    const ElfW(Phdr) *h = (const void *)getauxval(AT_PHDR);
    size_t n = getauxval(AT_PHNUM);
    uintptr_t base = 0;

    for (size_t i = 0; h && i < n; i++)
        if (h[i].p_type == PT_PHDR)
            base = (uintptr_t)h - h[i].p_vaddr;
    for (size_t i = 0; h && i < n; i++)
        if (h[i].p_type == PT_INTERP)
            return (const char *)(base + h[i].p_vaddr);
    return NULL;
}

static bool allow_reading(struct landlock *l, const struct config *c)
{
    static const char *const system[] = {"/usr",
                                         "/lib",
                                         "/lib64",
                                         "/etc",
                                         "/proc",
                                         "/sys/devices/system/cpu",
                                         "/dev/urandom",
                                         "/var/cache/fontconfig",
                                         "/var/lib/ghostscript/fonts"};
    const char *home = getenv("HOME");
    bool good = true;

    for (size_t i = 0; i < ARRAY_LEN(system); i++)
        good = good && allow(l, system[i], READ);
    good = good && allow(l, folder_of(l->a, c->certificate), READ) &&
           allow(l, folder_of(l->a, c->key), READ) &&
           allow(l, folder_of(l->a, c->path), READ) &&
           allow(l, c->oidc_secret_file, READ) &&
           allow(l, getenv("PGPASSFILE"), READ);
    if (good && home)
        good = allow(l, path_join(l->a, home, ".pgpass"), READ) &&
               allow(l, path_join(l->a, home, ".postgresql"), READ);
    return good;
}

static bool allow_writing(struct landlock *l, const struct config *c)
{
    const uint64_t all = READ | LANDLOCK_ACCESS_FS_WRITE_FILE | MAKE |
                         LANDLOCK_ACCESS_FS_REFER | TRUNCATE;
    const char *temporary = getenv("TMPDIR");

    if (str_starts(str_of(c->store), "sqlite:") &&
        !allow(l, folder_of(l->a, c->store + strlen("sqlite:")), all))
        return false;
    return allow(l, c->files, all) && allow(l, "/tmp", all) &&
           allow(l, "/var/tmp", all) && allow(l, temporary, all) &&
           allow(l, "/dev/null", READ | LANDLOCK_ACCESS_FS_WRITE_FILE);
}

static bool allow_executing(struct landlock *l)
{
    const uint64_t run = READ | LANDLOCK_ACCESS_FS_EXECUTE;

    return allow(l, "/proc/self/exe", run) && allow(l, loader(), run);
}

/* 0: the kernel has none. */
static int landlock_version(void)
{
    long v = syscall(SYS_landlock_create_ruleset, NULL, 0,
                     LANDLOCK_CREATE_RULESET_VERSION);

    return v < 0 ? 0 : (int)v;
}

static bool landlock_enter(const struct config *c, struct arena *a, int version)
{
    struct ruleset set = {.fs = READ | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                LANDLOCK_ACCESS_FS_EXECUTE | MAKE | NEVER};
    struct landlock l = {.a = a};
    bool good;

    if (version >= 2)
        set.fs |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        set.fs |= TRUNCATE;
    if (version >= 4)
        set.net = BIND_TCP;
    if (version >= 5)
        set.fs |= IOCTL_DEV;
    if (version >= 6)
        set.scoped = SCOPE_SIGNAL;
    l.handled = set.fs;
    l.fd = (int)syscall(SYS_landlock_create_ruleset, &set,
                        version >= 6   ? sizeof set
                        : version >= 4 ? offsetof(struct ruleset, scoped)
                                       : offsetof(struct ruleset, net),
                        0);
    if (l.fd < 0)
        return false;
    good = allow_reading(&l, c) && allow_writing(&l, c) &&
           allow_executing(&l) &&
           syscall(SYS_landlock_restrict_self, l.fd, 0) == 0;
    close(l.fd);
    return good;
}

/* ---- seccomp ---- */

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
/* The leak check of a build for tests traces its own process at the end. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#endif

static const uint32_t refused_calls[] = {
#ifndef SANITIZED
    SYS_ptrace,
#endif
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_setns,
    SYS_unshare,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_open_by_handle_at,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
    SYS_personality,
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
#endif
};

enum { REFUSED = (int)ARRAY_LEN(refused_calls), X32_BIT = 0x40000000 };

static bool seccomp_enter(void)
{
    struct sock_filter code[REFUSED + 8];
    struct sock_fprog program = {.filter = code};
    size_t n = 0;

    code[n++] = (struct sock_filter)BPF_STMT(
        BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                             ARCHITECTURE, 1, 0);
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                             offsetof(struct seccomp_data, nr));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT,
                                             REFUSED + 1, 0);
    for (size_t i = 0; i < REFUSED; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                 refused_calls[i],
                                                 (uint8_t)(REFUSED - i), 0);
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)BPF_STMT(
        BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));
    program.len = (unsigned short)n;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
static bool seccomp_enter(void)
{
    errno = ENOSYS;
    return false;
}
#endif

enum rc sandbox_enter(const struct config *c, struct arena *a,
                      const char **in_force, struct err *err)
{
    int version = landlock_version();
    bool seccomp;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        (version && !landlock_enter(c, a, version)))
        return err_set(err, RC_IO, N_("the server cannot be kept in: %s"),
                       strerror(errno));
    seccomp = seccomp_enter();
    if (!seccomp && errno != ENOSYS && errno != EINVAL && errno != EPERM)
        return err_set(err, RC_IO, N_("the server cannot be kept in: %s"),
                       strerror(errno));
    if (version)
        *in_force = arena_printf(a, "landlock %d%s", version,
                                 seccomp ? ", seccomp" : "");
    else
        *in_force = seccomp ? "seccomp" : "none";
    return RC_OK;
}
