/* The example city's profile in the demonstration, by the way of the web: its
 * files into an edition, a job computes it, it is published. */
#include "base/file.h"
#include "cli/example.h"
#include "cli/network.h"
#include "network/edition.h"
#include "network/secret.h"

#include <dirent.h>
#include <sys/stat.h>

enum { FILE_MOST = 64 << 20 };

struct placing {
    const struct demo_profile *p;
    struct store *s;
    struct arena *a;
    struct edition e;
};

static enum rc put_folder(const struct placing *w, const char *dir,
                          const char *prefix, struct err *err)
{
    AUTO(dir) DIR *d = opendir(dir);
    struct stored_owner owner = {STORED_PACKAGE, w->e.head.id};
    enum rc rc = RC_OK;

    if (!d)
        return err_set(err, RC_IO, N_("cannot open '%s'"), dir);
    for (struct dirent *e; !rc && (e = readdir(d));) {
        const char *path = path_join(w->a, dir, e->d_name);
        const char *name = arena_printf(w->a, "%s%s", prefix, e->d_name);
        struct str text;
        struct stat st;

        if (e->d_name[0] == '.' || lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            rc = put_folder(w, path, arena_printf(w->a, "%s/", name), err);
            continue;
        }
        rc = file_read(w->a, path, FILE_MOST, &text, err);
        if (!rc)
            rc = stored_put_text(w->s, &w->p->keys, text, owner, name,
                                 (struct stored_note){0, w->p->now}, err);
    }
    return rc;
}

static enum rc begin(struct placing *w, struct err *err)
{
    struct deed deed = {.by = 0, .at = w->p->now, .action = "create"};
    const char *package = path_join(w->a, w->p->dir, "tables/marsa-package");
    int64_t job;
    enum rc rc = dir_make(package, err);

    record_clear(&type_edition, &w->e);
    w->e.city = w->p->city;
    w->e.title = (struct words){
        {"Migration profile of Marsa", "Profil de migration de Marsa",
         "ملف الهجرة لمدينة مرسى"},
        {WORDS_ORIGINAL, WORDS_TRANSLATED, WORDS_TRANSLATED}};
    if (!rc)
        rc = example_write(package, 1, w->a, err);
    if (!rc)
        rc = record_save(w->s, &type_edition, &w->e, &deed, w->a, NULL, err);
    if (!rc)
        rc = put_folder(w, package, "", err);
    return rc ? rc : edition_compute(w->s, w->e.head.id, w->p->now, &job, err);
}

static enum rc begin_inside(void *ctx, struct err *err)
{
    return begin(ctx, err);
}

static enum rc publish_inside(void *ctx, struct err *err)
{
    struct placing *w = ctx;
    struct deed deed = {.by = 0, .at = w->p->now, .action = "published"};
    enum rc rc;

    w->e.head.state = "published";
    rc = record_save(w->s, &type_edition, &w->e, &deed, w->a, NULL, err);
    return rc ? rc : rules_follow(w->s, &type_edition, &w->e, &deed, w->a, err);
}

enum rc demo_profile_place(const struct demo_profile *p, struct store *s,
                           struct arena *a, struct err *err)
{
    struct placing w = {.p = p, .s = s, .a = a};
    struct edition_worker worker = {.program = "/proc/self/exe",
                                    .folder = path_join(a, p->dir, "files"),
                                    .holder = "demo",
                                    .keys = p->keys};
    bool did;
    enum rc rc = in_transaction(s, begin_inside, &w, err);

    if (!rc)
        rc = edition_work(&worker, s, &did, err);
    return rc ? rc : in_transaction(s, publish_inside, &w, err);
}
