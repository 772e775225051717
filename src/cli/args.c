#include "cli/cli.h"

static const struct option_row options[] = {
#define OPTION(command, letter, name, argument, help) \
    {#command, letter, name, argument, help},
#include "cli/options.def"
#undef OPTION
};

const struct option_row *option_rows(size_t *n)
{
    *n = ARRAY_LEN(options);
    return options;
}

bool option_of(const struct option_row *o, const char *command)
{
    return !*o->command || strcmp(o->command, command) == 0;
}

const char *cli_option(const struct cli *c, const char *name)
{
    for (size_t i = c->n_given; i-- > 0;)
        if (strcmp(c->given[i].row->name, name) == 0)
            return c->given[i].value;
    return NULL;
}

enum rc cli_number(const struct cli *c, const char *name, uint64_t least,
                   uint64_t fallback, uint64_t *out, struct err *err)
{
    const char *text = cli_option(c, name);
    int64_t v;

    *out = fallback;
    if (!text)
        return RC_OK;
    if (!str_i64(str_of(text), &v) || v < 0 || (uint64_t)v < least)
        return err_set(err, RC_USAGE,
                       N_("--%s takes a whole number of %llu or more, not "
                          "'%s'"),
                       name, (unsigned long long)least, text);
    *out = (uint64_t)v;
    return RC_OK;
}

struct str cli_item(struct str *rest)
{
    const char *comma = rest->n ? memchr(rest->p, ',', rest->n) : NULL;
    struct str item = {rest->p, comma ? (size_t)(comma - rest->p) : rest->n};

    rest->p += item.n + (comma != NULL);
    rest->n -= item.n + (comma != NULL);
    return str_trim(item);
}

static const struct option_row *find(const struct cli *c, struct str name,
                                     char letter)
{
    const char *command = c->command ? c->command->name : "";

    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (option_of(&options[i], command) &&
            (letter ? options[i].letter == letter
                    : str_is(name, options[i].name)))
            return &options[i];
    return NULL;
}

static enum rc unknown_option(const struct cli *c, const char *text,
                              struct str name, struct err *err)
{
    const char *command = c->command ? c->command->name : "", *near = NULL;
    unsigned best = 3;

    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        unsigned d = str_distance(name, str_of(options[i].name), 2);

        if (option_of(&options[i], command) && d < best) {
            best = d;
            near = options[i].name;
        }
    }
    if (near)
        return err_set(err, RC_USAGE,
                       N_("unknown option '%s'; did you mean --%s?"), text,
                       near);
    return err_set(err, RC_USAGE,
                   N_("unknown option '%s'; --help lists the options"), text);
}

static enum rc unknown_command(const char *text, struct err *err)
{
    const struct command *rows;
    const char *near = NULL;
    unsigned best = 3;
    size_t n;

    rows = command_rows(&n);
    for (size_t i = 0; i < n; i++) {
        unsigned d = str_distance(str_of(text), str_of(rows[i].name), 2);

        if (d < best) {
            best = d;
            near = rows[i].name;
        }
    }
    if (near)
        return err_set(err, RC_USAGE,
                       N_("unknown command '%s'; did you mean '%s'?"), text,
                       near);
    return err_set(err, RC_USAGE,
                   N_("unknown command '%s'; --help lists the commands"), text);
}

static enum rc give(struct cli *c, const struct option_row *o,
                    const char *value, struct err *err)
{
    if (c->n_given == OPTIONS_MOST)
        return err_set(err, RC_USAGE, N_("too many options"));
    c->given[c->n_given].row = o;
    c->given[c->n_given++].value = value;
    return RC_OK;
}

/* One word that begins with a dash; *i steps over a value of its own. */
static enum rc take_option(struct cli *c, int argc, char **argv, int *i,
                           struct err *err)
{
    char *text = argv[*i];
    bool is_long = text[1] == '-';
    char *equals = is_long ? strchr(text, '=') : NULL;
    struct str name =
        is_long ? (struct str){text + 2, equals ? (size_t)(equals - text) - 2
                                                : strlen(text) - 2}
                : (struct str){text + 1, 1};
    const struct option_row *o = find(c, name, is_long ? 0 : text[1]);
    const char *value = equals                ? equals + 1
                        : !is_long && text[2] ? text + 2
                                              : NULL;

    if (!o)
        return unknown_option(c, text, name, err);
    if (!o->argument) {
        if (value)
            return err_set(err, RC_USAGE, N_("--%s takes no value"), o->name);
        return give(c, o, "", err);
    }
    if (!value) {
        if (*i + 1 >= argc)
            return err_set(err, RC_USAGE, N_("--%s needs a value: %s"), o->name,
                           o->argument);
        value = argv[++*i];
    }
    return give(c, o, value, err);
}

static enum rc take_operand(struct cli *c, const char *text, struct err *err)
{
    if (!c->command) {
        c->command = command_find(text);
        return c->command ? RC_OK : unknown_command(text, err);
    }
    if (c->n_operands == c->command->most || c->n_operands == OPERANDS_MOST)
        return err_set(err, RC_USAGE, N_("'%s' is one word too many"), text);
    c->operand[c->n_operands++] = text;
    return RC_OK;
}

enum rc cli_parse(struct cli *c, int argc, char **argv, struct err *err)
{
    bool only_operands = false;
    enum rc rc = RC_OK;

    for (int i = 1; i < argc && !rc; i++) {
        if (!only_operands && strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!only_operands && argv[i][0] == '-' && argv[i][1])
            rc = take_option(c, argc, argv, &i, err);
        else
            rc = take_operand(c, argv[i], err);
    }
    if (rc || cli_option(c, "help") || cli_option(c, "version"))
        return rc;
    if (c->command && c->n_operands < c->command->least)
        return err_set(err, RC_USAGE, N_("'%s' needs: %s"), c->command->name,
                       c->command->operands);
    return RC_OK;
}
