/* Man pages and shell completion, from the tables of commands and options. */
#include "cli/cli.h"

static void roff(struct buf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\\')
            buf_adds(out, "\\e");
        else if (*p == '-')
            buf_adds(out, "\\-");
        else if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
            buf_fmt(out, "\\&%c", *p);
        else
            buf_addc(out, *p);
    }
}

static void man_option(const struct option_row *o, struct buf *out)
{
    buf_adds(out, ".TP\n");
    if (o->letter)
        buf_fmt(out, "\\fB\\-%c\\fR, ", o->letter);
    buf_adds(out, "\\fB\\-\\-");
    roff(out, o->name);
    buf_adds(out, "\\fR");
    if (o->argument)
        buf_fmt(out, " \\fI%s\\fR", o->argument);
    buf_addc(out, '\n');
    roff(out, o->help);
    buf_adds(out, ".\n");
}

static void man_options(const char *command, struct buf *out)
{
    size_t n;
    const struct option_row *o = option_rows(&n);

    buf_adds(out, ".SH OPTIONS\n");
    for (size_t i = 0; i < n; i++)
        if (option_of(&o[i], command))
            man_option(&o[i], out);
}

static void man_examples(const char *command, struct buf *out)
{
    size_t n;
    const struct example_row *rows = example_rows(&n);
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].command, command) != 0)
            continue;
        buf_fmt(out, "%s.TP\n.B ", any ? "" : ".SH EXAMPLES\n");
        any = true;
        roff(out, rows[i].line);
        buf_addc(out, '\n');
        roff(out, rows[i].about);
        buf_adds(out, ".\n");
    }
}

static void man_exit_status(struct buf *out)
{
    buf_adds(out, ".SH EXIT STATUS\n");
    for (int i = 0; i < RC_COUNT; i++) {
        buf_fmt(out, ".TP\n%d\n", rc_exit(i));
        roff(out, rc_sentence(i));
        buf_addc(out, '\n');
    }
}

static void man_title(const char *name, struct buf *out)
{
    buf_adds(out, ".TH ");
    roff(out, name);
    buf_adds(out, " 1 \"\" \"passerelle " PASSERELLE_VERSION
                  "\" \"Passerelle\"\n.SH NAME\n");
    roff(out, name);
}

static void man_program(struct buf *out)
{
    size_t n;
    const struct command *rows = command_rows(&n);

    man_title("passerelle", out);
    buf_adds(out,
             " \\- turns a city's data into its migration profile\n"
             ".SH SYNOPSIS\n.B passerelle\n\\fICOMMAND\\fR ...\n"
             ".SH COMMANDS\n");
    for (size_t i = 0; i < n; i++) {
        buf_fmt(out, ".TP\n\\fBpasserelle\\-%s\\fR(1)\n", rows[i].name);
        roff(out, rows[i].about);
        buf_addc(out, '\n');
    }
    man_options("", out);
    man_exit_status(out);
    buf_adds(out,
             ".SH SEE ALSO\nThe README and docs/data\\-package.md of the "
             "source.\n");
}

static void man_command(const struct command *c, struct arena *a,
                        struct buf *out)
{
    man_title(arena_printf(a, "passerelle-%s", c->name), out);
    buf_adds(out, " \\- ");
    roff(out, c->about);
    buf_fmt(out,
            "\n.SH SYNOPSIS\n.B passerelle %s\n[\\fIOPTIONS\\fR] "
            "\\fI%s\\fR\n",
            c->name, c->operands);
    man_options(c->name, out);
    man_examples(c->name, out);
    man_exit_status(out);
    buf_adds(out, ".SH SEE ALSO\n.BR passerelle (1)\n");
}

static void bash(struct buf *out)
{
    size_t n_commands, n;
    const struct command *rows = command_rows(&n_commands);
    const struct option_row *o = option_rows(&n);

    buf_adds(out,
             "# bash completion of passerelle\n_passerelle()\n{\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]} "
             "command=${COMP_WORDS[1]} words\n"
             "    case $command in\n");
    for (size_t i = 0; i < n_commands; i++) {
        buf_fmt(out, "    %s) words=\"", rows[i].name);
        for (size_t k = 0; k < n; k++)
            if (option_of(&o[k], rows[i].name))
                buf_fmt(out, "--%s ", o[k].name);
        buf_adds(out, "\" ;;\n");
    }
    buf_adds(out, "    *) words=\"--help --version");
    for (size_t i = 0; i < n_commands; i++)
        buf_fmt(out, " %s", rows[i].name);
    buf_adds(out,
             "\" ;;\n    esac\n"
             "    if [[ $cur == -* || $COMP_CWORD -eq 1 ]]; then\n"
             "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
             "    else\n"
             "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
             "    fi\n}\ncomplete -o filenames -F _passerelle "
             "passerelle\n");
}

/* In zsh and fish a help text stands in single quotes. */
static void quoted(struct buf *out, const char *text, const char *escape)
{
    buf_addc(out, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            buf_adds(out, escape);
        else
            buf_addc(out, *p);
    }
    buf_addc(out, '\'');
}

static void zsh(struct buf *out)
{
    size_t n_commands, n;
    const struct command *rows = command_rows(&n_commands);
    const struct option_row *o = option_rows(&n);

    buf_adds(out,
             "#compdef passerelle\n_passerelle() {\n"
             "  if (( CURRENT == 2 )); then\n    _values command");
    for (size_t i = 0; i < n_commands; i++)
        buf_fmt(out, " %s", rows[i].name);
    buf_adds(out, "\n    return\n  fi\n  case $words[2] in\n");
    for (size_t i = 0; i < n_commands; i++) {
        buf_fmt(out, "  %s) _arguments", rows[i].name);
        for (size_t k = 0; k < n; k++)
            if (option_of(&o[k], rows[i].name))
                buf_fmt(out, " --%s%s", o[k].name,
                        o[k].argument ? "=:value:" : "");
        buf_adds(out, " '*:file:_files' ;;\n");
    }
    buf_adds(out, "  esac\n}\n_passerelle \"$@\"\n");
}

static void fish(struct buf *out)
{
    size_t n_commands, n;
    const struct command *rows = command_rows(&n_commands);
    const struct option_row *o = option_rows(&n);

    for (size_t i = 0; i < n_commands; i++) {
        buf_fmt(out,
                "complete -c passerelle -n __fish_use_subcommand -a %s "
                "-d ",
                rows[i].name);
        quoted(out, rows[i].about, "\\'");
        buf_addc(out, '\n');
    }
    for (size_t k = 0; k < n; k++) {
        buf_adds(out, "complete -c passerelle");
        if (*o[k].command)
            buf_fmt(out, " -n '__fish_seen_subcommand_from %s'", o[k].command);
        buf_fmt(out, " -l %s%s -d ", o[k].name, o[k].argument ? " -r" : "");
        quoted(out, o[k].help, "\\'");
        buf_addc(out, '\n');
    }
}

enum rc dump_write(const struct cli *c, const char *what,
                   const struct command *command, struct buf *out,
                   struct err *err)
{
    if (strcmp(what, "man") == 0 && command)
        man_command(command, c->arena, out);
    else if (strcmp(what, "man") == 0)
        man_program(out);
    else if (strcmp(what, "bash") == 0)
        bash(out);
    else if (strcmp(what, "zsh") == 0)
        zsh(out);
    else if (strcmp(what, "fish") == 0)
        fish(out);
    else
        return err_set(err, RC_USAGE,
                       N_("--dump takes man, bash, zsh or fish"));
    return RC_OK;
}
