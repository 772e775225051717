#include "cli/cli.h"
#include "web/log.h"
#include "web/server.h"
#include "web/worker.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static enum rc read_config(struct cli *c, struct config *config,
                           struct err *err)
{
    uint64_t port;
    enum rc rc;

    config_default(config);
    rc = config_read(config, cli_option(c, "config"), c->arena, err);
    if (!rc)
        rc = cli_number(c, "port", 0, config->port, &port, err);
    if (rc)
        return rc;
    if (port > 65535)
        return err_set(err, RC_USAGE, N_("a port is at most 65535"));
    config->port = (unsigned)port;
    return RC_OK;
}

enum rc run_config(struct cli *c, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 20};
    struct config config;
    enum rc rc = read_config(c, &config, err);

    if (rc)
        return rc;
    config_write(&config, &text);
    fwrite(buf_cstr(&text), 1, text.n, stdout);
    return RC_OK;
}

/* The configuration as it is now; what is wrong with it changes nothing. */
static void reload(struct cli *c, struct server *s)
{
    AUTO(buf) struct buf words = {.ceiling = 1 << 16};
    struct config *config = arena_new_of(c->arena, struct config);
    struct err err = {0};
    enum rc rc = read_config(c, config, &err);

    if (!rc)
        rc = server_reload(s, config, &err);
    if (rc && err.message)
        err_render(&err, err.message, &words);
    log_event(rc ? "reload-failed" : "reload", buf_cstr(&words));
}

/* Signals wait in the mask until this thread takes them: none is lost. */
static void wait_for_signals(struct cli *c, struct server *s)
{
    sigset_t set;
    int number;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    while (sigwait(&set, &number) == 0 && number == SIGHUP)
        reload(c, s);
}

/* A connection is an open file: as many as this process is allowed. */
static void open_many_files(void)
{
    struct rlimit l;

    if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur == l.rlim_max)
        return;
    l.rlim_cur = l.rlim_max;
    (void)!setrlimit(RLIMIT_NOFILE, &l);
}

static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

enum rc run_serve(struct cli *c, struct err *err)
{
    enum { STOP_SECONDS = 20 };
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};
    struct config config;
    struct server *s = NULL;
    struct worker *w = NULL;
    char port[16];
    enum rc rc = read_config(c, &config, err);

    if (rc)
        return rc;
    block_signals();
    open_many_files();
    rc = server_start(&s, &config, err);
    if (!rc)
        rc = worker_start(s, "/proc/self/exe", &w, err);
    if (rc)
        return rc;
    snprintf(port, sizeof port, "%u", server_port(s));
    lang_fill(&text, lang_text(c->lang, N_("Listening at {url}")), "url",
              arena_printf(c->arena, "%s://%s:%s/",
                           config.certificate ? "https" : "http", config.host,
                           port),
              NULL);
    fprintf(stderr, "%s\n", buf_cstr(&text));
    if (config.sandbox && strcmp(s->sandbox, "none") == 0)
        cli_say(c, N_("This kernel has neither Landlock nor seccomp: nothing "
                      "but its user's rights keeps the server in."));
    log_event("start", s->sandbox ? s->sandbox : "sandbox = no");
    wait_for_signals(c, s);
    cli_say(c, N_("Stopping; requests at work are finished first."));
    worker_stop(w);
    server_stop(s, STOP_SECONDS);
    return RC_OK;
}
