/* What the keeper of a server does with its database, beside the pages. */
#include "network/backup.h"
#include "cli/cli.h"
#include "network/account.h"
#include "web/server.h"

#include <stdio.h>
#include <time.h>

static enum rc open_store(struct cli *c, struct store **s, struct err *err)
{
    struct config config;
    enum rc rc;

    config_default(&config);
    rc = config_read(&config, cli_option(c, "config"), c->arena, err);
    return rc ? rc : store_open(config.store, s, err);
}

static void say_count(const struct cli *c, const char *message,
                      const struct backup_count *n)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};

    lang_fill(&text, lang_text(c->lang, message), "tables",
              arena_printf(c->arena, "%lld", (long long)n->tables), "rows",
              arena_printf(c->arena, "%lld", (long long)n->rows), "file",
              c->operand[0], NULL);
    fprintf(stderr, "%s\n", buf_cstr(&text));
}

enum rc run_backup(struct cli *c, struct err *err)
{
    AUTO(store) struct store *s = NULL;
    struct backup_count n;
    enum rc rc = open_store(c, &s, err);

    if (!rc)
        rc = backup_write(s, c->operand[0], time(NULL), NULL, &n, err);
    if (!rc)
        say_count(c,
                  N_("{file}: {rows} rows of {tables} tables, written and read "
                     "back"),
                  &n);
    return rc;
}

enum rc run_restore(struct cli *c, struct err *err)
{
    AUTO(store) struct store *s = NULL;
    struct backup_count n;
    enum rc rc = open_store(c, &s, err);

    if (!rc)
        rc = backup_restore(s, c->operand[0], &n, err);
    if (!rc)
        say_count(c,
                  N_("{file}: {rows} rows of {tables} tables are in the "
                     "database"),
                  &n);
    return rc;
}

enum rc run_audit(struct cli *c, struct err *err)
{
    AUTO(store) struct store *s = NULL;
    int64_t rows, broken;
    enum rc rc;

    if (strcmp(c->operand[0], "verify") != 0)
        return err_set(err, RC_USAGE, N_("'audit' knows one word: verify"));
    rc = open_store(c, &s, err);
    if (!rc)
        rc = audit_verify(s, &rows, &broken, err);
    if (rc)
        return rc;
    if (broken)
        return err_set(err, RC_INVALID,
                       N_("the audit log breaks at row %lld: it was changed "
                          "from outside"),
                       (long long)broken);
    printf("%lld\n", (long long)rows);
    cli_say(c, N_("Every row of the audit log fits the one before it."));
    return RC_OK;
}
