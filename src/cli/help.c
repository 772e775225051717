#include "cli/cli.h"

#include <stdio.h>

static void write_option(const struct cli *c, const struct option_row *o,
                         struct buf *out)
{
    char left[64];

    snprintf(left, sizeof left, "  %c%c%c --%s%s%s", o->letter ? '-' : ' ',
             o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
             o->argument ? " " : "", o->argument ? o->argument : "");
    buf_fmt(out, "%-28s %s\n", left, lang_text(c->lang, o->help));
}

static void write_options(const struct cli *c, const char *command,
                          struct buf *out)
{
    size_t n;
    const struct option_row *o = option_rows(&n);

    buf_fmt(out, "\n%s\n", lang_text(c->lang, N_("Options:")));
    for (size_t i = 0; i < n; i++)
        if (option_of(&o[i], command))
            write_option(c, &o[i], out);
}

static void write_program(const struct cli *c, struct buf *out)
{
    size_t n;
    const struct command *rows = command_rows(&n);

    buf_fmt(out, "%s passerelle COMMAND ...\n\n",
            lang_text(c->lang, N_("Usage:")));
    buf_fmt(out, "%s\n\n%s\n",
            lang_text(c->lang, N_("Turns a city's own data into its migration "
                                  "profile.")),
            lang_text(c->lang, N_("Commands:")));
    for (size_t i = 0; i < n; i++) {
        char left[64];

        snprintf(left, sizeof left, "  %s %s", rows[i].name, rows[i].operands);
        buf_fmt(out, "%-28s %s\n", left, lang_text(c->lang, rows[i].about));
    }
    write_options(c, "", out);
    buf_fmt(out, "\n%s\n",
            lang_text(c->lang,
                      N_("'passerelle COMMAND --help' says more of each.")));
}

void help_write(const struct cli *c, const struct command *command,
                struct buf *out)
{
    if (!command) {
        write_program(c, out);
        return;
    }
    buf_fmt(out, "%s passerelle %s [%s] %s\n\n%s\n",
            lang_text(c->lang, N_("Usage:")), command->name,
            lang_text(c->lang, N_("OPTIONS")), command->operands,
            lang_text(c->lang, command->about));
    write_options(c, command->name, out);
}
