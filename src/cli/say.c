#include "cli/cli.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    stop = 1;
}

bool interrupted(void)
{
    return stop;
}

void cli_say(const struct cli *c, const char *message)
{
    fprintf(stderr, "%s\n", lang_text(c->lang, message));
}

void cli_say_error(const struct cli *c, const struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};

    err_render(err, lang_text(c->lang, err->message), &text);
    fprintf(stderr, "passerelle: %s\n", buf_cstr(&text));
}

void cli_say_faults(const struct cli *c, const struct faults *f)
{
    uint64_t faults = faults_count(f, SEVERITY_FAULT);
    uint64_t warnings = faults_count(f, SEVERITY_WARNING);
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    AUTO(buf) struct buf number = {.ceiling = 64};

    faults_write_text(f, lang_translate, (void *)c->lang, &text);
    lang_integer(c->lang, (int64_t)faults, &number);
    if (faults)
        lang_fill(&text,
                  lang_plural(c->lang, N_("{n} fault. Nothing was written."),
                              N_("{n} faults. Nothing was written."), faults),
                  "n", buf_cstr(&number), NULL);
    else if (warnings) {
        buf_clear(&number);
        lang_integer(c->lang, (int64_t)warnings, &number);
        lang_fill(&text,
                  lang_plural(c->lang, N_("No fault, {n} warning."),
                              N_("No fault, {n} warnings."), warnings),
                  "n", buf_cstr(&number), NULL);
    }
    if (text.n)
        fprintf(stderr, "%s%s", buf_cstr(&text),
                text.p[text.n - 1] == '\n' ? "" : "\n");
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

enum { BAR_CELLS = 24, REDRAW_MS = 100 };

static void draw(struct bar *b, const char *stage, double done)
{
    int filled = isnan(done) ? 0 : (int)(done * BAR_CELLS + 0.5);

    fputs("\r\033[K", stderr);
    for (int i = 0; i < BAR_CELLS; i++)
        fputs(i < filled ? "█" : "░", stderr);
    if (isnan(done))
        fprintf(stderr, "      %s", lang_text(b->lang, stage));
    else
        fprintf(stderr, " %3.0f %% %s", done * 100, lang_text(b->lang, stage));
    fflush(stderr);
}

static bool bar_at(void *ctx, const char *stage, double done)
{
    struct bar *b = ctx;
    int64_t now;

    if (!b->shown)
        return !stop;
    now = now_ms();
    if (now - b->last_ms >= REDRAW_MS) {
        draw(b, stage, done);
        b->last_ms = now;
    }
    return !stop;
}

struct progress bar_open(struct bar *b, const struct cli *c, bool quiet)
{
    struct sigaction act = {.sa_handler = on_signal};

    *b = (struct bar){.lang = c->lang, .shown = !quiet && isatty(2)};
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
    return (struct progress){bar_at, b};
}

void bar_close(struct bar *b)
{
    if (b->shown && b->last_ms)
        fputs("\r\033[K", stderr);
    b->shown = false;
}
