/* passerelle invite: how the first people come into a new network. */
#include "base/file.h"
#include "cli/cli.h"
#include "network/account.h"
#include "record/keep.h"
#include "record/types.h"
#include "web/server.h"

#include <stdio.h>
#include <time.h>

static enum rc read_keys(const struct config *config, struct arena *a,
                         struct keyring *out, struct err *err)
{
    struct str bytes;
    enum rc rc = file_read(a, config->key_file, 4096, &bytes, err);

    if (rc == RC_NOT_FOUND)
        return err_set(err, rc,
                       N_("there is no key '%s'; the server makes it when it "
                          "first starts"),
                       config->key_file);
    if (!rc && bytes.n != sizeof out->key)
        return err_set(err, RC_INVALID,
                       N_("'%s' is not a key of this program: it has 32 bytes"),
                       config->key_file);
    if (!rc)
        memcpy(out->key, bytes.p, sizeof out->key);
    return rc;
}

static enum rc make_person(struct cli *c, struct store *s, int64_t now,
                           int64_t *id, struct err *err)
{
    const struct deed deed = {.by = 0, .at = now, .action = "create"};
    const char *name = cli_option(c, "name");
    struct complaints bad = {.arena = c->arena};
    struct person p;
    enum rc rc;

    record_clear(&type_person, &p);
    p.name.in[0] = name ? name : c->operand[0];
    p.email = c->operand[0];
    record_validate(&type_person, &p, &bad);
    if (bad.n)
        return err_set(err, RC_INVALID, bad.items[0].message,
                       bad.items[0].argument ? bad.items[0].argument : "");
    rc = record_save(s, &type_person, &p, &deed, c->arena, NULL, err);
    *id = p.head.id;
    return rc;
}

static enum rc invite(struct cli *c, struct store *s, const struct keyring *k,
                      const struct grant *g, char token[TOKEN_TEXT],
                      struct err *err)
{
    const char *email = c->operand[0];
    int64_t now = time(NULL), person, account;
    enum rc rc = store_int(s, "SELECT id FROM person WHERE email = :email",
                           PARAMS(P_TEXT("email", email)), &person, err);

    if (rc == RC_NOT_FOUND)
        rc = make_person(c, s, now, &person, err);
    if (!rc)
        rc = account_invite(s, k, email, person, 0, now, token, err);
    if (!rc)
        rc = account_of_email(s, email, &account, err);
    return rc ? rc : grant_give(s, account, g, 0, now, err);
}

static void say_link(const struct config *config, const char *token)
{
    bool tls = config->certificate || config->proxy;

    printf("%s://%s", tls ? "https" : "http", config->host);
    if (!config->proxy && config->port != (tls ? 443u : 80u))
        printf(":%u", config->port);
    printf("/invitation/%s\n", token);
}

enum rc run_invite(struct cli *c, struct err *err)
{
    AUTO(store) struct store *s = NULL;
    const char *role = cli_option(c, "role");
    struct grant g = {.role = ROLE_SECRETARIAT};
    struct config config;
    struct keyring keys;
    char token[TOKEN_TEXT];
    enum rc rc;

    if (role && (!role_parse(role, &g.role) ||
                 (g.role != ROLE_SECRETARIAT && g.role != ROLE_READER)))
        return err_set(err, RC_USAGE,
                       N_("--role is secretariat or reader; roles of a city or "
                          "an organisation are given in the pages"));
    config_default(&config);
    rc = config_read(&config, cli_option(c, "config"), c->arena, err);
    if (!rc)
        rc = read_keys(&config, c->arena, &keys, err);
    if (!rc)
        rc = store_open(config.store, &s, err);
    if (!rc)
        rc = store_begin(s, true, err);
    if (!rc)
        rc = invite(c, s, &keys, &g, token, err);
    if (!rc)
        rc = store_commit(s, err);
    if (!rc)
        say_link(&config, token);
    else if (s)
        store_rollback(s);
    return rc;
}
