#include "cli/report.h"
#include "base/file.h"
#include "text/lang.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_MS = 200 };

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* In place: who reads sees a whole line or, at worst, an older one's end. */
static void say(struct report *r, const char *stage)
{
    char line[256];
    int n = snprintf(line, sizeof line, "%.3f %s\n", r->said, stage);

    if (n > 0 && (size_t)n < sizeof line && ftruncate(r->fd, 0) == 0)
        (void)!pwrite(r->fd, line, (size_t)n, 0);
}

static bool reported(void *ctx, const char *stage, double done)
{
    struct report *r = ctx;
    int64_t now = now_ms();

    if (now >= r->last_ms + PAUSE_MS) {
        double all = r->from + (r->to - r->from) * (isnan(done) ? 0 : done);

        /* several stages make up a part: it never goes back */
        r->said = fmax(r->said, fmin(all, 1));
        r->last_ms = now;
        say(r, stage);
    }
    return progress_at(&r->inner, stage, done);
}

struct progress report_open(struct report *r, const char *dir, struct arena *a,
                            struct progress inner)
{
    *r = (struct report){.dir = dir, .a = a, .inner = inner, .fd = -1};
    if (!dir)
        return inner;
    r->fd = open(path_join(a, dir, "progress"),
                 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return r->fd < 0 ? inner : (struct progress){reported, r};
}

void report_part(struct report *r, double from, double to)
{
    r->from = from;
    r->to = to;
}

enum rc report_close(struct report *r, const struct faults *f, struct err *err)
{
    size_t n;
    const struct lang *const *all = lang_all(&n);
    enum rc rc = RC_OK;

    if (!r->dir)
        return RC_OK;
    if (r->fd >= 0)
        close(r->fd);
    for (size_t i = 0; i < n && !rc; i++) {
        AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

        faults_write_json(f, lang_translate, (void *)all[i], &text);
        rc = file_write(
            path_join(r->a, r->dir,
                      arena_printf(r->a, "faults.%s.json", lang_code(all[i]))),
            buf_str(&text), err);
    }
    return rc;
}
