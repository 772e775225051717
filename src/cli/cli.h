/*
 * cli.h: one run of the program: its command, options and operands.
 *
 * A command returns an enum rc; main turns it into the exit status of
 * base/err.def. Messages go to stderr in the language of the user, results to
 * stdout or to files.
 */
#ifndef PASSERELLE_CLI_H
#define PASSERELLE_CLI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "intake/fault.h"
#include "text/lang.h"

enum { OPERANDS_MOST = 8, OPTIONS_MOST = 64 };

struct option_row {
    const char *command; /* "": every command */
    char letter;         /* or 0 */
    const char *name, *argument, *help;
};
const struct option_row *option_rows(size_t *n);
/* Does the row belong to the command? Common rows belong to all. */
bool option_of(const struct option_row *o, const char *command);

struct cli;
struct command {
    const char *name, *operands;
    int least, most;
    const char *about;
    enum rc (*run)(struct cli *c, struct err *err);
};
const struct command *command_rows(size_t *n);
const struct command *command_find(const char *name);

struct cli {
    struct arena *arena;
    const struct lang *lang; /* of messages */
    const struct command *command;
    struct {
        const struct option_row *row;
        const char *value; /* "" for a flag */
    } given[OPTIONS_MOST];
    size_t n_given;
    const char *operand[OPERANDS_MOST];
    int n_operands;
};

#define COMMAND(name, operands, least, most, about) \
    enum rc run_##name(struct cli *c, struct err *err);
#include "cli/commands.def"
#undef COMMAND

/* Value of an option ("" for a flag), or NULL when it was not given. */
const char *cli_option(const struct cli *c, const char *name);
/* A whole number of at least `least`; RC_USAGE says which option. */
enum rc cli_number(const struct cli *c, const char *name, uint64_t least,
                   uint64_t fallback, uint64_t *out, struct err *err) MUST_USE;
/* Cuts the next of "a, b, c" off its front. */
struct str cli_item(struct str *rest);
/* Fills command, options, operands. RC_USAGE with "did you mean". */
enum rc cli_parse(struct cli *c, int argc, char **argv,
                  struct err *err) MUST_USE;

/* Columns of a text on a terminal, and of the terminal (80: it does not say).*/
int text_width(const char *s);
size_t terminal_columns(void);
/* Words in lines no longer than the terminal, with a line end. The first line
 * has `first` columns already, the others begin with `indent` blanks. */
void text_wrapped(const char *text, int first, int indent, struct buf *out);

struct example_row {
    const char *command, *line, *about;
};
const struct example_row *example_rows(size_t *n);
void help_write(const struct cli *c, const struct command *command,
                struct buf *out); /* NULL: of the whole program */
/* "man" (one page a command), "bash", "zsh" or "fish". */
enum rc dump_write(const struct cli *c, const char *what,
                   const struct command *command, struct buf *out,
                   struct err *err) MUST_USE;

/* Says `message` (an id) in the user's language on stderr, with a newline. */
void cli_say(const struct cli *c, const char *message);
void cli_say_error(const struct cli *c, const struct err *err);
/* Faults as text on stderr, then one line that counts them. */
void cli_say_faults(const struct cli *c, const struct faults *f);

/*
 * A progress bar on stderr when it is a terminal and `quiet` is false, at most
 * ten lines a second. Also how SIGINT and SIGTERM reach long work: at returns
 * false from then on.
 */
struct bar {
    const struct lang *lang;
    bool shown;
    int64_t last_ms;
};
struct progress bar_open(struct bar *b, const struct cli *c, bool quiet);
void bar_close(struct bar *b);
bool interrupted(void);

#endif
