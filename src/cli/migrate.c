/* Brings a database to the tables of this program, by name where it loses
 * something. */
#include "cli/cli.h"
#include "cli/network.h"
#include "network/account.h"
#include "record/keep.h"

#include <stdio.h>

enum { DROPS_MOST = 64 };

static void say_steps(const struct cli *c, const struct migration *m)
{
    for (size_t i = 0; i < m->n; i++)
        printf("%s %s\n", m->steps[i].destructive ? "!" : "+",
               m->steps[i].what);
    if (!m->n)
        cli_say(c, N_("The database has the tables of this program."));
}

enum rc run_migrate(struct cli *c, struct err *err)
{
    AUTO(store) struct store *s = NULL;
    struct migration m;
    struct str rest = str_of(cli_option(c, "drop"));
    const char *drop[DROPS_MOST];
    size_t n = 0;
    enum rc rc = store_open(network_url(c->operand[0], c->arena), &s, err);

    while (rest.n && n < DROPS_MOST)
        drop[n++] = arena_str(c->arena, cli_item(&rest));
    if (!rc)
        rc = migration_plan(s, c->arena, &m, err);
    if (rc)
        return rc;
    say_steps(c, &m);
    if (!cli_option(c, "apply"))
        return RC_OK;
    rc = migration_apply(s, &m, drop, n, err);
    return rc ? rc : network_tables(s, err);
}
