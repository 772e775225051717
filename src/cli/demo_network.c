/* passerelle demo: a folder with a network to try the server with. */
#include "base/embedded.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/network.h"
#include "network/account.h"
#include "network/import.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* In the order in which they refer to each other; as the build embeds them. */
static const struct {
    const char *name, *record, *key, *state;
} tables[] = {
    {"network/territories.csv", "territory", "name_en,kind,country", NULL},
    {"network/organisations.csv", "organisation", NULL, "published"},
    {"network/cities.csv", "city", NULL, "published"},
    {"network/programmes.csv", "programme", NULL, "published"},
    {"marsa/territories.csv", "territory", "name_en,kind,country", NULL},
    {"marsa/organisations.csv", "organisation", NULL, "published"},
    {"marsa/cities.csv", "city", NULL, "published"},
    {"marsa/people.csv", "person", NULL, NULL},
    {"marsa/focal_points.csv", "focal_point", "city,kind,term_from", NULL},
    {"marsa/stakeholders.csv", "stakeholder", "city,organisation", NULL},
};
extern const struct embedded demo_table[];
extern const size_t demo_table_n;

/* Whose account has which role; the city is Marsa. */
static const struct {
    const char *email;
    enum role role;
    bool of_city;
    const char *organisation;
} roles[] = {
    {"secretariat@example.org", ROLE_SECRETARIAT, false, NULL},
    {"editor@example.org", ROLE_CITY_EDITOR, true, NULL},
    {"focal@example.org", ROLE_FOCAL_POINT, true, NULL},
    {"contributor@example.org", ROLE_CONTRIBUTOR, true, NULL},
    {"organisation@example.org", ROLE_ORG_EDITOR, false, "House of Neighbours"},
    {"reader@example.org", ROLE_READER, false, NULL},
};

struct demo {
    struct cli *c;
    struct store *s;
    struct arena *a;
    const char *dir; /* absolute */
    struct keyring keys;
    int64_t now;
    unsigned port;
};

/* ---- the folder ---- */

static enum rc write_key(struct demo *d, struct err *err)
{
    mode_t mask = umask(077);
    enum rc rc;

    if (getrandom(d->keys.key, sizeof d->keys.key, 0) !=
        (ssize_t)sizeof d->keys.key) {
        umask(mask);
        return err_set(err, RC_IO, N_("the machine gives no random numbers"));
    }
    rc = file_write(path_join(d->a, d->dir, "passerelle.key"),
                    (struct str){(char *)d->keys.key, sizeof d->keys.key}, err);
    umask(mask);
    return rc;
}

static enum rc write_config(const struct demo *d, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};

    buf_fmt(&text,
            "# A network to try the server with: passerelle serve --config "
            "this\n"
            "store = sqlite:%s/passerelle.db\n"
            "files = %s/files\n"
            "key_file = %s/passerelle.key\n"
            "host = localhost\n"
            "listen = 127.0.0.1\n"
            "port = %u\n",
            d->dir, d->dir, d->dir, d->port);
    return file_write(path_join(d->a, d->dir, "passerelle.conf"),
                      buf_str(&text), err);
}

static bool port_free(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    AUTO(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;

    return fd >= 0 &&
           setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
           bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
}

static enum rc choose_port(struct demo *d, struct err *err)
{
    enum { FIRST = 8080, LAST = 8180 };
    uint64_t port;
    enum rc rc = cli_number(d->c, "port", 1, FIRST, &port, err);

    if (rc)
        return rc;
    if (port > 65535)
        return err_set(err, RC_USAGE, N_("a port is at most 65535"));
    while (!cli_option(d->c, "port") && port < LAST &&
           !port_free((unsigned)port))
        port++;
    d->port = (unsigned)port;
    return RC_OK;
}

/* Never over the work of others: only an absent or an empty folder. */
static enum rc make_folder(struct demo *d, const char *name, struct err *err)
{
    enum rc rc = dir_make(name, err);
    char *whole;

    if (rc)
        return rc;
    if (rmdir(name) != 0)
        return err_set(err, RC_CONFLICT, N_("'%s' is not empty"), name);
    rc = dir_make(name, err);
    if (rc)
        return rc;
    whole = realpath(name, NULL);
    if (!whole)
        return err_set(err, RC_IO, N_("cannot open '%s'"), name);
    d->dir = arena_strdup(d->a, whole);
    free(whole);
    return dir_make(path_join(d->a, d->dir, "files"), err);
}

/* ---- the records ---- */

static enum rc take_table(struct demo *d, size_t i, struct err *err)
{
    const struct deed deed = {.by = 0, .at = d->now, .action = "import"};
    char *folder = path_join(d->a, d->dir, "tables");
    char *path;
    struct import_plan plan = {.type = record_type(tables[i].record),
                               .key = tables[i].key,
                               .state = tables[i].state,
                               .lang = lang_find("en"),
                               .apply = true};
    struct import in;
    enum rc rc;

    path = path_join(d->a, folder, tables[i].name);
    rc = dir_make(
        arena_strndup(d->a, path, (size_t)(strrchr(path, '/') - path)), err);
    if (!rc)
        rc = file_write(path, demo_table[i].bytes, err);
    plan.path = path;
    if (!rc)
        rc = import_run(d->s, &plan, &deed, d->a, &in, err);
    if (rc == RC_INVALID && in.n_faults)
        BUG("%s:%d: %s", tables[i].name, (int)in.faults[0].line,
            in.faults[0].message);
    return rc;
}

static enum rc id_of(struct demo *d, const char *sql, const char *value,
                     int64_t *id, struct err *err)
{
    return store_int(d->s, sql, PARAMS(P_TEXT("value", value)), id, err);
}

/* ---- accounts ---- */

static enum rc make_account(struct demo *d, size_t i, char token[TOKEN_TEXT],
                            struct err *err)
{
    struct grant g = {.role = roles[i].role};
    int64_t person, account;
    char first[TOKEN_TEXT];
    enum rc rc = id_of(d, "SELECT id FROM person WHERE email = :value",
                       roles[i].email, &person, err);

    if (!rc && roles[i].of_city)
        rc = id_of(d, "SELECT id FROM city WHERE name_en = :value", "Marsa",
                   &g.city, err);
    if (!rc && roles[i].organisation)
        rc = id_of(d, "SELECT id FROM organisation WHERE name_en = :value",
                   roles[i].organisation, &g.organisation, err);
    if (!rc) /* accepted at once: the account is there before its link */
        rc = account_invite(d->s, &d->keys, roles[i].email, person, 0, d->now,
                            first, err);
    if (!rc)
        rc = account_accept(d->s, &d->keys, first, NULL, d->now, &account, err);
    if (!rc)
        rc = grant_give(d->s, account, &g, 0, d->now, err);
    if (!rc)
        rc = account_invite(d->s, &d->keys, roles[i].email, person, 0, d->now,
                            token, err);
    return rc;
}

static enum rc make_accounts(struct demo *d, struct buf *links, struct err *err)
{
    enum rc rc = store_exec(d->s,
                            "INSERT INTO setting (name, value) VALUES"
                            " ('link_is_second_factor', 'yes')",
                            NO_PARAMS, NULL, err);

    for (size_t i = 0; i < ARRAY_LEN(roles) && !rc; i++) {
        char token[TOKEN_TEXT];

        rc = make_account(d, i, token, err);
        if (!rc)
            buf_fmt(links, "%s <%s>\n    http://localhost:%u/sign-in/link/%s\n",
                    lang_text(d->c->lang, role_label(roles[i].role)),
                    roles[i].email, d->port, token);
    }
    return rc;
}

static enum rc place_profile(struct demo *d, struct err *err)
{
    struct demo_profile p = {.dir = d->dir, .keys = d->keys, .now = d->now};
    enum rc rc = id_of(d, "SELECT id FROM city WHERE name_en = :value", "Marsa",
                       &p.city, err);

    return rc ? rc : demo_profile_place(&p, d->s, d->a, err);
}

static enum rc fill(struct demo *d, struct buf *links, struct err *err)
{
    enum rc rc = RC_OK;

    REQUIRE(demo_table_n == ARRAY_LEN(tables));
    for (size_t i = 0; i < ARRAY_LEN(tables) && !rc; i++)
        rc = take_table(d, i, err);
    if (!rc)
        rc = make_accounts(d, links, err);
    return rc ? rc : place_profile(d, err);
}

static void say_links(const struct demo *d, struct buf *links)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};

    lang_fill(
        &text,
        lang_text(d->c->lang, N_("The network is ready. Start its server with: "
                                 "passerelle serve --config {path}")),
        "path", path_join(d->a, d->dir, "passerelle.conf"), NULL);
    printf("%s\n\n%s\n%s", buf_cstr(&text),
           lang_text(d->c->lang, N_("Links that sign in once, for a week:")),
           buf_cstr(links));
}

enum rc run_demo(struct cli *c, struct err *err)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf links = {.ceiling = 1 << 16};
    struct demo d = {.c = c, .a = c->arena, .now = time(NULL)};
    enum rc rc = make_folder(&d, c->operand[0], err);

    if (!rc)
        rc = choose_port(&d, err);
    if (!rc)
        rc = write_key(&d, err);
    if (!rc)
        rc = write_config(&d, err);
    if (!rc)
        rc = network_open(path_join(d.a, d.dir, "passerelle.db"), true, d.a, &s,
                          err);
    d.s = s;
    if (!rc)
        rc = fill(&d, &links, err);
    if (!rc)
        say_links(&d, &links);
    return rc;
}
