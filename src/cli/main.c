#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct command commands[] = {
#define COMMAND(name, operands, least, most, about) \
    {#name, operands, least, most, about, run_##name},
#include "cli/commands.def"
#undef COMMAND
};

const struct command *command_rows(size_t *n)
{
    *n = ARRAY_LEN(commands);
    return commands;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* The environment names a language; the process's locale is left alone. */
static const struct lang *environment_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);
        char code[3] = {0};
        const struct lang *l;

        if (!value || !*value)
            continue;
        memcpy(code, value, strnlen(value, 2));
        l = lang_find(code);
        return l ? l : lang_find("en");
    }
    return lang_find("en");
}

static enum rc choose_language(struct cli *c, struct err *err)
{
    const char *asked = cli_option(c, "ui-lang");
    const struct lang *l;

    if (!asked)
        return RC_OK;
    l = lang_find(asked);
    if (!l)
        return err_set(err, RC_USAGE,
                       N_("'%s' is not a language of this program; there are "
                          "en, fr and ar"),
                       asked);
    c->lang = l;
    return RC_OK;
}

static void print(struct buf *text)
{
    fwrite(buf_cstr(text), 1, text->n, stdout);
}

/* Hidden: what the build asks for man pages and completion. */
static enum rc dump(struct cli *c, int argc, char **argv, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    enum rc rc =
        dump_write(c, argc > 2 ? argv[2] : "",
                   argc > 3 ? command_find(argv[3]) : NULL, &text, err);

    if (!rc)
        print(&text);
    return rc;
}

static enum rc run(struct cli *c, int argc, char **argv, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    enum rc rc;

    if (argc > 1 && strcmp(argv[1], "--dump") == 0)
        return dump(c, argc, argv, err);
    rc = cli_parse(c, argc, argv, err);
    if (!rc)
        rc = choose_language(c, err);
    if (rc)
        return rc;
    if (cli_option(c, "version")) {
        puts("passerelle " PASSERELLE_VERSION);
        return RC_OK;
    }
    if (cli_option(c, "help") || !c->command) {
        help_write(c, c->command, &text);
        print(&text);
        return RC_OK;
    }
    return c->command->run(c, err);
}

int main(int argc, char **argv)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct cli c = {.arena = a, .lang = environment_language()};
    struct err err = {0};
    enum rc rc;

    signal(SIGPIPE, SIG_IGN);
    rc = run(&c, argc, argv, &err);
    if (rc && err.message)
        cli_say_error(&c, &err);
    if (fflush(stdout) != 0 && !rc)
        rc = RC_IO;
    return rc_exit(rc);
}
