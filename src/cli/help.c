#include "cli/cli.h"

#include <stdio.h>

enum { LEFT = 30 }; /* columns of names */

static const struct example_row examples[] = {
#define EXAMPLE(command, line, about) {#command, line, about},
#include "cli/examples.def"
#undef EXAMPLE
};

const struct example_row *example_rows(size_t *n)
{
    *n = ARRAY_LEN(examples);
    return examples;
}

static const struct section_row {
    const char *command, *option, *heading;
} sections[] = {
#define SECTION(command, option, heading) {#command, option, heading},
#include "cli/sections.def"
#undef SECTION
};

static const char *heading_before(const char *command, const char *option)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (strcmp(sections[i].command, command) == 0 &&
            strcmp(sections[i].option, option) == 0)
            return sections[i].heading;
    return NULL;
}

static bool has_sections(const char *command)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (strcmp(sections[i].command, command) == 0)
            return true;
    return false;
}

/* What a shell takes as one line, in lines of the terminal. */
static void write_command(const char *line, struct buf *out)
{
    int columns = (int)terminal_columns(), at = 1;

    buf_addc(out, ' ');
    while (*line) {
        size_t n = strcspn(line, " ");

        if (at + 3 + (int)n > columns) {
            buf_adds(out, " \\\n     ");
            at = 5;
        }
        buf_fmt(out, " %.*s", (int)n, line);
        at += 1 + (int)n;
        line += n;
        line += *line == ' ';
    }
    buf_addc(out, '\n');
}

/* A name, and beside it what it is; below it where the name is long. */
static void write_entry(const char *left, const char *text, struct buf *out)
{
    int wide = text_width(left);

    buf_adds(out, left);
    if (wide + 1 > LEFT)
        buf_fmt(out, "\n%*s", LEFT, "");
    else
        buf_fmt(out, "%*s", LEFT - wide, "");
    text_wrapped(text, LEFT, LEFT, out);
}

static void write_option(const struct cli *c, const struct option_row *o,
                         struct buf *out)
{
    char left[64];

    snprintf(left, sizeof left, "  %c%c%c --%s%s%s", o->letter ? '-' : ' ',
             o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
             o->argument ? " " : "", o->argument ? o->argument : "");
    write_entry(left, lang_text(c->lang, o->help), out);
}

static void write_options(const struct cli *c, const char *command,
                          struct buf *out)
{
    size_t n;
    const struct option_row *o = option_rows(&n);

    buf_addc(out, '\n');
    text_wrapped(has_sections(command)
                     ? lang_text(c->lang, N_("Options. What stands after the "
                                             "last semicolon holds without "
                                             "the option."))
                     : lang_text(c->lang, N_("Options:")),
                 0, 0, out);
    for (size_t i = 0; i < n; i++) {
        const char *heading = heading_before(command, o[i].name);

        if (!option_of(&o[i], command))
            continue;
        if (heading)
            buf_fmt(out, "\n%s\n", lang_text(c->lang, heading));
        write_option(c, &o[i], out);
    }
}

static void write_examples(const struct cli *c, const char *command,
                           struct buf *out)
{
    bool any = false;

    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        if (strcmp(examples[i].command, command) != 0)
            continue;
        if (!any)
            buf_fmt(out, "\n%s\n", lang_text(c->lang, N_("Examples:")));
        any = true;
        write_command(examples[i].line, out);
        buf_adds(out, "      ");
        text_wrapped(lang_text(c->lang, examples[i].about), 6, 6, out);
    }
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
        write_entry(left, lang_text(c->lang, rows[i].about), out);
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
    write_examples(c, command->name, out);
}
