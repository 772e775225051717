/* Administration: overview, settings, audit log, jobs, post, backup. */
#include "base/file.h"
#include "network/backup_job.h"
#include "network/setting.h"
#include "web/account_page.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { ENTRIES = 50, NAMES_MOST = 200 };

static void begin(struct request *r, struct reply *reply, const char *title,
                  const char *template)
{
    reply->doc = page_begin(r, title);
    reply->template = template;
    reply->private = true;
    if (strcmp(template, "admin") != 0)
        page_crumb(reply->doc, lang_text(r->lang, N_("Administration")),
                   "/administration");
}

enum rc page_admin(struct request *r, struct reply *reply, struct err *err)
{
    static const struct {
        const char *path, *label, *about;
    } rows[] = {
        {"/administration/accounts", N_("People and accounts"),
         N_("Who may sign in, and with which roles.")},
        {"/administration/settings", N_("Settings"),
         N_("What the network sets for itself.")},
        {"/administration/audit", N_("Audit log"),
         N_("Who did what, in a chain that shows any change.")},
        {"/administration/jobs", N_("Jobs"),
         N_("Long work: what runs, waits or failed.")},
        {"/administration/post", N_("Post"),
         N_("Letters that wait or could not be sent.")},
        {"/administration/backup", N_("Backup"),
         N_("Everything the database holds, in one file.")},
    };
    struct node *list = node_list(r->arena);

    begin(r, reply, lang_text(r->lang, N_("Administration")), "admin");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct node *n = node_object(r->arena);

        node_set_text(n, "path", rows[i].path);
        node_set_text(n, "label", lang_text(r->lang, rows[i].label));
        node_set_text(n, "about", lang_text(r->lang, rows[i].about));
        node_push(list, n);
    }
    node_set(reply->doc, "sections", list);
    return RC_OK;
}

/* ---- settings ---- */

static enum rc show_settings(struct request *r, struct reply *reply,
                             struct err *err)
{
    struct node *list = node_list(r->arena);
    int64_t open = 0;
    enum rc rc = store_int(r->store,
                           "SELECT count(*) FROM setting WHERE name ="
                           " 'link_is_second_factor' AND value = 'yes'",
                           NO_PARAMS, &open, err);

    begin(r, reply, lang_text(r->lang, N_("Settings")), "admin-settings");
    node_set_bool(reply->doc, "demonstration", open > 0);
    for (int i = 0; i < SETTINGS && !rc; i++) {
        struct node *n = node_object(r->arena);
        const char *value;

        rc = setting_get(r->store, (enum setting)i, r->arena, &value, err);
        if (rc)
            return rc;
        node_set_text(n, "name", setting_rows[i].name);
        node_set_text(n, "label", lang_text(r->lang, setting_rows[i].label));
        node_set_text(n, "hint", lang_text(r->lang, setting_rows[i].hint));
        node_set_text(n, "value", value);
        node_set_int(n, "most", (int64_t)setting_rows[i].most);
        node_push(list, n);
    }
    node_set(reply->doc, "settings", list);
    return rc;
}

enum rc page_admin_settings(struct request *r, struct reply *reply,
                            struct err *err)
{
    return show_settings(r, reply, err);
}

enum rc form_admin_settings(struct request *r, struct reply *reply,
                            struct err *err)
{
    struct err again;
    enum rc rc = store_begin(r->store, true, err);

    for (int i = 0; i < SETTINGS && !rc; i++)
        if (pairs_has(&r->form, setting_rows[i].name))
            rc = setting_put(r->store, (enum setting)i,
                             arena_str(r->arena, str_trim(request_form(
                                                     r, setting_rows[i].name))),
                             r->viewer.account, request_now(), err);
    if (!rc)
        rc = store_commit(r->store, err);
    else
        store_rollback(r->store);
    if (rc == RC_INVALID) {
        rc = show_settings(r, reply, &again);
        if (!rc)
            page_fault(r, reply, err);
        return rc;
    }
    if (rc)
        return rc;
    server_changed(r, "setting");
    page_done(r, reply, "/administration/settings", "saved");
    return RC_OK;
}

/* ---- audit log ---- */

struct entries {
    struct request *r;
    struct node *list;
    int64_t last;
};

/* "city/7" leads to the record. */
static void set_object(struct request *r, const char *object, struct node *n)
{
    const char *slash = strchr(object, '/');
    const char *name =
        arena_strndup(r->arena, object, slash ? (size_t)(slash - object) : 0);

    if (slash && record_type(name))
        node_set_text(n, "path", arena_printf(r->arena, "/records/%s", object));
}

static bool add_entry(void *ctx, const struct audit_entry *e)
{
    struct entries *l = ctx;
    struct node *n = node_object(l->r->arena);

    node_set_int(n, "id", e->id);
    node_set_time(l->r, n, "at", e->at);
    node_set_int(n, "account", e->account);
    node_set_text(n, "action", e->action);
    node_set_text(n, "object", e->object);
    if (strcmp(e->detail, "{}") != 0)
        node_set_text(n, "detail", e->detail);
    set_object(l->r, e->object, n);
    node_push(l->list, n);
    l->last = e->id;
    return true;
}

/* Names beside the numbers; each account is asked for once a page. */
static void add_names(struct request *r, struct node *list)
{
    struct node *known = node_object(r->arena);

    for (size_t i = 0; i < node_len(list); i++) {
        struct node *n = node_at(list, i);
        int64_t id = node_integer(node_get(n, "account"), 0);
        char *key = arena_printf(r->arena, "%lld", (long long)id);
        struct account a;
        struct err err;

        if (id && !node_get(known, key) &&
            account_load(r->store, id, request_now(), r->arena, &a, &err) ==
                RC_OK)
            node_set_text(known, key, a.name);
        node_set_text(n, "who",
                      id ? node_cstr(node_get(known, key), "")
                         : lang_text(r->lang, N_("the program")));
    }
}

enum rc page_admin_audit(struct request *r, struct reply *reply,
                         struct err *err)
{
    struct entries l = {r, node_list(r->arena), 0};
    int64_t before = 0;
    enum rc rc;

    if (request_query(r, "before").n &&
        (!str_i64(request_query(r, "before"), &before) || before < 1))
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    rc = audit_each(r->store, before, ENTRIES, add_entry, &l, err);
    if (rc)
        return rc;
    add_names(r, l.list);
    begin(r, reply, lang_text(r->lang, N_("Audit log")), "admin-audit");
    node_set(reply->doc, "entries", l.list);
    if (l.last > 1)
        node_set_text(reply->doc, "next",
                      arena_printf(r->arena,
                                   "/administration/audit?before=%lld",
                                   (long long)l.last));
    return RC_OK;
}

enum rc page_admin_audit_check(struct request *r, struct reply *reply,
                               struct err *err)
{
    int64_t rows, broken;
    enum rc rc = audit_verify(r->store, &rows, &broken, err);

    if (rc)
        return rc;
    begin(r, reply, lang_text(r->lang, N_("Check of the audit log")),
          "admin-audit-check");
    page_crumb(reply->doc, lang_text(r->lang, N_("Audit log")),
               "/administration/audit");
    node_set_int(reply->doc, "rows", rows);
    node_set_bool(reply->doc, "whole", broken == 0);
    node_set_int(reply->doc, "broken", broken);
    return RC_OK;
}

/* ---- jobs and post ---- */

static bool add_job(void *ctx, const struct store_row *row)
{
    struct entries *l = ctx;
    struct node *n = node_object(l->r->arena);

    node_set_int(n, "id", row_int(row, "id", 0));
    node_set_text(n, "kind", row_text(row, "kind").p);
    node_set_text(n, "state", row_text(row, "state").p);
    node_set_text(n, "stage", row_text(row, "stage").p);
    node_set_int(n, "percent",
                 (int64_t)(100 * row_real(row, "progress", 0) + 0.5));
    node_set_int(n, "tries", row_int(row, "tries", 0));
    node_set_time(l->r, n, "created", row_int(row, "created", 0));
    node_push(l->list, n);
    return true;
}

enum rc page_admin_jobs(struct request *r, struct reply *reply, struct err *err)
{
    struct entries l = {r, node_list(r->arena), 0};
    enum rc rc =
        store_each(r->store,
                   "SELECT id, kind, state, stage, progress, tries, created"
                   " FROM job ORDER BY id DESC LIMIT 100",
                   NO_PARAMS, add_job, &l, err);

    begin(r, reply, lang_text(r->lang, N_("Jobs")), "admin-jobs");
    node_set(reply->doc, "jobs", l.list);
    return rc;
}

static bool add_letter(void *ctx, const struct store_row *row)
{
    struct entries *l = ctx;
    struct node *n = node_object(l->r->arena);

    node_set_int(n, "id", row_int(row, "id", 0));
    node_set_text(n, "letter", row_text(row, "letter").p);
    node_set_text(n, "address", row_text(row, "address").p);
    node_set_int(n, "tries", row_int(row, "tries", 0));
    node_set_text(n, "fault", row_text(row, "fault").p);
    node_set_time(l->r, n, "created", row_int(row, "created", 0));
    node_set_time(l->r, n, "due", row_int(row, "due", 0));
    node_push(l->list, n);
    return true;
}

enum rc page_admin_post(struct request *r, struct reply *reply, struct err *err)
{
    struct entries l = {r, node_list(r->arena), 0};
    int64_t sent = 0;
    /* the letters of who forgot a password would tell who has an account */
    enum rc rc = store_each(
        r->store,
        "SELECT id, letter, address, tries, fault, created, due FROM outbox"
        " WHERE sent IS NULL AND letter <> 'forgotten' ORDER BY id DESC"
        " LIMIT 100",
        NO_PARAMS, add_letter, &l, err);

    if (!rc)
        rc = store_int(r->store,
                       "SELECT count(*) FROM outbox WHERE sent IS NOT NULL",
                       NO_PARAMS, &sent, err);
    begin(r, reply, lang_text(r->lang, N_("Post")), "admin-post");
    node_set(reply->doc, "letters", l.list);
    node_set_int(reply->doc, "sent", sent);
    node_set_bool(reply->doc, "server", r->server->config->smtp != NULL);
    return rc;
}

enum rc form_admin_post(struct request *r, struct reply *reply, struct err *err)
{
    struct account own;
    struct letter_values v = {0};
    enum rc rc = account_load(r->store, r->viewer.account, request_now(),
                              r->arena, &own, err);

    v.name = own.name;
    if (!rc)
        rc = letter_put(r, LETTER_PROBE, own.email, &v, err);
    page_done(r, reply, "/administration/post", "sent");
    return rc;
}

/* ---- backup ---- */

static const char *backup_folder(const struct request *r)
{
    return arena_printf(r->arena, "%s/backups", r->server->config->files);
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(*(const char *const *)b, *(const char *const *)a);
}

/* Names carry their moment, so their order is that of time. */
static size_t backup_names(const struct request *r, const char **names)
{
    AUTO(dir) DIR *d = opendir(backup_folder(r));
    const struct dirent *e;
    size_t n = 0;

    while (d && n < NAMES_MOST && (e = readdir(d)))
        if (str_ends(str_of(e->d_name), ".backup"))
            names[n++] = arena_strdup(r->arena, e->d_name);
    if (n)
        qsort(names, n, sizeof *names, newest_first);
    return n;
}

static enum rc show_work(struct request *r, struct reply *reply,
                         struct err *err)
{
    struct node *n = node_object(r->arena);
    struct job_row job;
    enum rc rc = backup_last(r->store, r->arena, &job, err);

    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc)
        return rc;
    node_set_int(n, "id", job.id);
    node_set_text(n, "state", job.state);
    node_set_bool(n, "open", job_open(&job));
    node_set_bool(n, "waiting", strcmp(job.state, "waiting") == 0);
    node_set_bool(n, "failed", strcmp(job.state, "failed") == 0);
    node_set_int(n, "percent", (int64_t)(100 * job.progress + 0.5));
    node_set(reply->doc, "job", n);
    if (job_open(&job)) /* a page that waits looks again, without scripts */
        pairs_add(&reply->headers, r->arena, "Refresh", STR("2"));
    return RC_OK;
}

enum rc page_admin_backup(struct request *r, struct reply *reply,
                          struct err *err)
{
    const char *names[NAMES_MOST];
    size_t n = backup_names(r, names);
    struct node *list = node_list(r->arena);

    begin(r, reply, lang_text(r->lang, N_("Backup")), "admin-backup");
    for (size_t i = 0; i < n; i++) {
        struct node *item = node_object(r->arena);
        struct stat st;

        if (stat(path_join(r->arena, backup_folder(r), names[i]), &st) != 0)
            continue;
        node_set_text(item, "name", names[i]);
        node_set_int(item, "bytes", st.st_size);
        node_set_time(r, item, "made", st.st_mtime);
        node_push(list, item);
    }
    node_set(reply->doc, "backups", list);
    node_set_text(reply->doc, "folder", backup_folder(r));
    return show_work(r, reply, err);
}

/* The worker makes it; the page says how far it is. */
enum rc form_admin_backup(struct request *r, struct reply *reply,
                          struct err *err)
{
    int64_t job;
    enum rc rc =
        backup_ask(r->store, r->viewer.account, request_now(), &job, err);

    reply_redirect(r, reply, "/administration/backup");
    return rc;
}
