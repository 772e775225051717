#include "web/log.h"
#include "base/str.h"

#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 1 << 14 };

static void begin(struct buf *line, const char *event)
{
    buf_init(line, LINE_BYTES);
    buf_fmt(line, "{\"at\":%lld,\"event\":", (long long)time(NULL));
    buf_json(line, str_of(event));
}

static void member(struct buf *line, const char *key, const char *text)
{
    buf_fmt(line, ",\"%s\":", key);
    buf_json(line, str_of(text));
}

/* One write a line: lines of several threads do not mix. */
static void end(struct buf *line)
{
    buf_adds(line, "}\n");
    if (!line->failed)
        (void)!write(STDERR_FILENO, line->p, line->n);
    buf_free(line);
}

void log_reply(const struct reply_note *n)
{
    struct buf line;

    begin(&line, "reply");
    member(&line, "method", n->method);
    member(&line, "route", n->route ? n->route : "");
    buf_fmt(&line, ",\"status\":%u,\"bytes\":%zu,\"ms\":%.3f,\"cached\":%s",
            n->status, n->bytes, n->ms, n->cached ? "true" : "false");
    end(&line);
}

void log_failure(const char *route, enum rc rc, const struct err *err,
                 unsigned status)
{
    AUTO(buf) struct buf words = {.ceiling = 1 << 12};
    struct buf line;

    if (err && err->message)
        err_render(err, err->message, &words);
    begin(&line, "failure");
    member(&line, "route", route ? route : "");
    buf_fmt(&line, ",\"status\":%u", status);
    member(&line, "code", rc_name(rc));
    member(&line, "message", buf_cstr(&words));
    end(&line);
}

void log_event(const char *what, const char *detail)
{
    struct buf line;

    begin(&line, what);
    if (detail)
        member(&line, "detail", detail);
    end(&line);
}
