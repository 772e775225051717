/* What each file and column means: guessed, shown, mended. */
#include "web/json.h"
#include "web/package_form.h"
#include "web/profile_page.h"

#include <math.h>

static struct node *copy_of(const struct request *r, const struct node *n)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    struct node *out = NULL;

    if (n) {
        node_write(n, false, &text);
        if (json_read(buf_str(&text), r->arena, &out, NULL))
            return NULL;
    }
    return out;
}

/* What the network knows of the city already. */
static void take_city(const struct request *r, const struct editing *e,
                      struct node *package)
{
    struct city c;
    struct territory t;

    if (record_load(r->store, &type_city, e->edition->city, r->arena, &c, NULL))
        return;
    for (int l = 0; l < RECORD_LANGS; l++)
        if (c.name.in[l])
            package_set(package,
                        arena_printf(r->arena, "passerelle.city.name.%s",
                                     record_langs[l]),
                        str_of(c.name.in[l]));
    if (!c.territory ||
        record_load(r->store, &type_territory, c.territory, r->arena, &t, NULL))
        return;
    if (t.country) {
        struct node *majority = node_list(package->arena);

        package_set(package, "passerelle.city.country", str_of(t.country));
        node_push(majority, node_text(package->arena, t.country));
        node_set(node_get(package, "passerelle"), "majority", majority);
    }
    if (!isnan(t.place.longitude)) {
        struct node *city = node_get(node_get(package, "passerelle"), "city");

        if (!city)
            return;
        node_set_double(city, "longitude", t.place.longitude);
        node_set_double(city, "latitude", t.place.latitude);
    }
}

/* The description that is there; else what was guessed. */
static struct node *package_of(const struct request *r, const struct editing *e,
                               const struct node *described, bool guess)
{
    struct node *package =
        guess ? NULL : edition_json(r, edition_files(e), EDITION_DESCRIPTOR);

    if (package && package->kind == NODE_OBJECT)
        return package;
    package = copy_of(r, node_get(described, "package"));
    if (!package || package->kind != NODE_OBJECT)
        package = node_object(r->arena);
    take_city(r, e, package);
    return package;
}

/* What tells whether somebody saved a description in between. */
static const char *mark_of(const struct request *r, const struct editing *e)
{
    struct stored f;

    return stored_find(r->store, edition_files(e), EDITION_DESCRIPTOR, r->arena,
                       &f, NULL)
               ? ""
               : f.sha256;
}

static const char *section_path(const struct node *section)
{
    const struct node *files = node_get(section, "files");

    for (size_t i = 0; i < node_len(files); i++) {
        const struct node *selected = node_get(node_at(files, i), "selected");

        if (selected && selected->boolean)
            return node_cstr(node_get(node_at(files, i), "name"), "");
    }
    return "";
}

static struct node *section_of(const struct node *sections, const char *file)
{
    for (size_t k = 0; k < node_len(sections); k++)
        if (strcmp(section_path(node_at(sections, k)), file) == 0)
            return node_at(sections, k);
    return NULL;
}

/* What is wrong with a file stands at its part of the form; the rest below. */
static void place_faults(const struct request *r, struct node *doc)
{
    struct node *faults = node_get(doc, "faults"), *rest = node_list(r->arena);
    const struct node *groups = node_get(faults, "files");

    for (size_t i = 0; i < node_len(groups); i++) {
        struct node *group = node_at(groups, i);
        struct node *section = section_of(
            node_get(doc, "sections"), node_cstr(node_get(group, "file"), ""));

        if (!section) {
            node_push(rest, group);
            continue;
        }
        node_set(section, "findings", node_get(group, "findings"));
        node_set_bool(section, "faulty", true);
    }
    if (faults && node_len(rest))
        node_set(faults, "files", rest);
    else if (faults)
        node_remove(doc, "faults");
}

static void show(struct request *r, struct reply *reply,
                 const struct editing *e, const struct node *described,
                 const struct node *package, bool guess)
{
    struct node *doc =
        edition_page(r, reply, e, lang_text(r->lang, N_("Description")),
                     "profile-description", "description");
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    node_write(package, true, &text);
    node_set_text(doc, "descriptor", buf_cstr(&text));
    node_set_bool(doc, "guessed", guess || !e->look.descriptor);
    node_set_bool(doc, "empty", !e->look.files);
    edition_job_node(r, &e->look.description, doc);
    if (e->look.description.id && job_open(&e->look.description)) {
        node_set_bool(doc, "reading", true);
        if (r->method == METHOD_GET && !e->look.descriptor)
            pairs_add(&reply->headers, r->arena, "Refresh", STR("2"));
    }
    node_set_text(doc, "mark", mark_of(r, e));
    package_form_show(r, package, described, doc);
    if (e->look.computed)
        edition_faults(r, e, NULL, doc);
    place_faults(r, doc);
}

static struct node *described_of(const struct request *r,
                                 const struct editing *e)
{
    return edition_json(r, edition_reports(e), EDITION_DESCRIBED);
}

enum rc page_package_description(struct request *r, struct reply *reply,
                                 struct err *err)
{
    bool guess = str_is(request_query(r, "guess"), "yes");
    struct editing e;
    struct node *described;
    enum rc rc = edition_open(r, EDITION_READ, &e, err);

    if (rc)
        return rc;
    described = described_of(r, &e);
    show(r, reply, &e, described, package_of(r, &e, described, guess), guess);
    return RC_OK;
}

static enum rc save(struct request *r, const struct editing *e, struct str json,
                    struct err *err)
{
    struct keyring k = request_keys(r);
    enum rc rc = store_begin(r->store, true, err);

    if (!rc)
        rc = stored_put_text(r->store, &k, json, edition_files(e),
                             EDITION_DESCRIPTOR, edition_note(r), err);
    if (!rc)
        rc = edition_audit(r, e, "describe", err);
    if (!rc)
        return store_commit(r->store, err);
    store_rollback(r->store);
    return rc;
}

/* What makes it a package of this program. */
static void complete(const struct request *r, const struct editing *e,
                     struct node *package)
{
    struct node *ours = node_get(package, "passerelle");

    if (!node_get(package, "profile"))
        node_set_text(package, "profile", "city-migration-profile");
    if (!node_get(package, "name"))
        node_set_text(
            package, "name",
            arena_printf(r->arena, "city-%lld", (long long)e->edition->city));
    if (!ours || ours->kind != NODE_OBJECT)
        ours = node_set(package, "passerelle", node_object(r->arena));
    if (!node_get(ours, "version"))
        node_set_int(ours, "version", 1);
    if (!node_get(ours, "languages")) {
        struct node *list =
            node_set(ours, "languages", node_list(package->arena));

        for (int l = 0; l < RECORD_LANGS; l++)
            node_push(list, node_text(package->arena, record_langs[l]));
    }
}

enum rc form_package_description(struct request *r, struct reply *reply,
                                 struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    struct editing e;
    struct node *described, *package;
    enum rc rc = edition_open(r, EDITION_CHANGE, &e, err);

    if (rc)
        return rc;
    described = described_of(r, &e);
    package =
        package_of(r, &e, described, str_is(request_form(r, "guessed"), "yes"));
    package_form_take(r, package);
    complete(r, &e, package);
    if (!str_is(request_form(r, "mark"), mark_of(r, &e))) {
        /* what was filled in, over what is stored now */
        show(r, reply, &e, described, package, false);
        page_fault_text(
            r, reply,
            lang_text(r->lang, N_("Somebody saved this description while "
                                  "you were writing. The form holds what "
                                  "you filled in; look at it and save "
                                  "again.")));
        reply->status = 409;
        return RC_OK;
    }
    node_write(package, true, &text);
    buf_addc(&text, '\n');
    rc = save(r, &e, buf_str(&text), err);
    if (!rc)
        page_done(r, reply, edition_path(r, &e, "/description"), "saved");
    return rc;
}

enum rc form_package_descriptor(struct request *r, struct reply *reply,
                                struct err *err)
{
    struct str text = request_form(r, "descriptor");
    struct editing e;
    struct node *json;
    enum rc rc = edition_open(r, EDITION_CHANGE, &e, err);

    if (rc)
        return rc;
    rc = json_read(text, r->arena, &json, err);
    if (!rc && json->kind != NODE_OBJECT)
        rc = err_set(err, RC_INVALID, N_("the description is no object"));
    if (rc == RC_INVALID) { /* what was written is shown again */
        struct err said = *err;

        struct node *described = described_of(r, &e);

        show(r, reply, &e, described, package_of(r, &e, described, false),
             false);
        node_set(reply->doc, "descriptor", node_str(r->arena, text));
        node_set_bool(reply->doc, "text_open", true);
        page_fault(r, reply, &said);
        return RC_OK;
    }
    if (!rc)
        rc = save(r, &e, text, err);
    if (!rc)
        page_done(r, reply, edition_path(r, &e, "/description"), "saved");
    return rc;
}
