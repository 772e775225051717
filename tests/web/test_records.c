/*
 * web: every record, every role, every channel. What a viewer may see by
 * network/access.h it sees on the page, in JSON, in lists, in CSV, in the
 * search and in the feed; what it may not see is in none of them. Then forms:
 * faults at their fields, two people at once, states, and what is refused.
 */
#include "base/file.h"
#include "browser.h"
#include "record/revision.h"
#include "record/types.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct server *server;
static struct config config;
static struct arena *arena;
static char dir[] = "/tmp/passerelle-web-XXXXXX";
static struct store *store;
static int64_t ours, theirs, organisation;

static int64_t save(const struct record_type *t, void *record,
                    const char *state)
{
    struct deed d = {.by = 0, .at = time(NULL), .action = "create"};

    if (state)
        ((struct record_head *)record)->state = state;
    if (record_save(store, t, record, &d, arena, NULL, NULL))
        abort();
    return ((struct record_head *)record)->id;
}

static struct words said(const char *text)
{
    return (struct words){{text}, {WORDS_ORIGINAL}};
}

static int64_t a_territory(const char *name)
{
    struct territory t;

    record_clear(&type_territory, &t);
    t.name = said(name);
    t.kind = "city";
    t.country = "MA";
    return save(&type_territory, &t, NULL);
}

static int64_t a_city(const char *name, const char *state)
{
    struct city c;

    record_clear(&type_city, &c);
    c.name = said(name);
    c.territory = a_territory("Some land");
    c.status = "member";
    c.notes = said(arena_printf(arena, "internalwords %s", name));
    return save(&type_city, &c, state);
}

static int64_t an_organisation(const char *name, const char *state)
{
    struct organisation o;

    record_clear(&type_organisation, &o);
    o.name = said(name);
    o.kind = "research";
    return save(&type_organisation, &o, state);
}

static int64_t a_person(const char *name, const char *email)
{
    struct person p;

    record_clear(&type_person, &p);
    p.name = said(name);
    p.email = email;
    p.phone = said("privatenumber 5550123");
    return save(&type_person, &p, NULL);
}

/* ---- who asks ---- */

static const struct caller {
    const char *name;
    enum role role; /* ROLES: a visitor */
    int where;      /* 1: our city or organisation */
    bool second_factor;
} people[] = {
    {"visitor", ROLES, 0, false},
    {"reader", ROLE_READER, 0, false},
    {"contributor", ROLE_CONTRIBUTOR, 1, false},
    {"focal", ROLE_FOCAL_POINT, 1, true},
    {"weak-editor", ROLE_CITY_EDITOR, 1, false},
    {"editor", ROLE_CITY_EDITOR, 1, true},
    {"organisation", ROLE_ORG_EDITOR, 1, true},
    {"secretariat", ROLE_SECRETARIAT, 0, true},
};

static struct browser open_as(const struct caller *w, struct viewer *v)
{
    static int number;
    struct browser b = browser_new(server, arena);
    struct grant *g = arena_new_of(arena, struct grant);
    char token[TOKEN_TEXT];
    struct keyring k;
    int64_t account;

    *v = (struct viewer){0};
    if (w->role == ROLES)
        return b;
    memcpy(k.key, server->key, sizeof k.key);
    *g = (struct grant){w->role,
                        w->role == ROLE_ORG_EDITOR || !w->where ? 0 : ours,
                        w->role == ROLE_ORG_EDITOR ? organisation : 0};
    account = test_account(
        &b, arena_printf(arena, "%s%d@example.org", w->name, number++),
        "a long enough phrase", ROLES, 0);
    if (grant_give(store, account, g, account, time(NULL), NULL) ||
        session_open(store, &k, account, w->second_factor, "192.0.2.1", "test",
                     time(NULL), token, NULL) ||
        viewer_load(store, account, time(NULL), arena, v, NULL))
        abort();
    v->second_factor = w->second_factor;
    if (!w->second_factor && role_needs_second_factor(w->role))
        v->n_grants = 0; /* held back until there is a factor */
    pairs_add(&b.cookies, arena, "session", str_of(token));
    browser_get(&b, "/account"); /* the token of the session's forms */
    return b;
}

/* ---- object x role x channel ---- */

static struct object {
    const struct record_type *type;
    int64_t id;
    const char *name, *many; /* a name that is nowhere else */
} objects[8];
static size_t n_objects;

static void add_object(const struct record_type *t, int64_t id,
                       const char *name, const char *many)
{
    objects[n_objects++] = (struct object){t, id, name, many};
}

static bool channel_shows(struct browser *b, const struct object *o,
                          const char *path)
{
    return browser_get(b, path) == 200 && browser_sees(b, o->name);
}

static int check_object(struct browser *b, const struct caller *w,
                        const struct object *o, bool may)
{
    int wrong = 0;
    const char *paths[16];
    size_t n = 0;

    paths[n++] =
        arena_printf(arena, "/records/%s/%" PRId64, o->type->name, o->id);
    paths[n++] = arena_printf(arena, "%s.json", paths[0]);
    paths[n++] = arena_printf(arena, "/records/%s", o->type->name);
    paths[n++] = arena_printf(arena, "/records/%s.csv", o->type->name);
    paths[n++] = arena_printf(arena, "/api/%s/%" PRId64, o->many, o->id);
    paths[n++] = arena_printf(arena, "/api/%s", o->many);
    paths[n++] = arena_printf(arena, "/api/%s?q=%s", o->many, o->name);
    paths[n++] = arena_printf(arena, "/search?q=%s", o->name);
    paths[n++] = "/news";
    paths[n++] = "/news.atom";
    if (o->type == &type_city || o->type == &type_organisation) {
        paths[n++] = arena_printf(arena, "/%s", o->many);
        paths[n++] = arena_printf(arena, "/%s/%" PRId64, o->many, o->id);
        paths[n++] = arena_printf(arena, "/%s.csv", o->many);
    }
    for (size_t i = 0; i < n; i++) {
        bool shows;

        /* what one searched for is on the page: look at results alone */
        if (strncmp(paths[i], "/search", 7) == 0 || strstr(paths[i], "?q="))
            shows = browser_get(b, paths[i]) == 200 &&
                    strstr(b->body, arena_printf(arena, "/%" PRId64, o->id)) &&
                    browser_sees(b, o->name);
        else
            shows = channel_shows(b, o, paths[i]);
        if (strstr(paths[i], "/api/") && strstr(paths[i], "?q="))
            shows = browser_sees(b, o->name);
        if (shows != may) {
            print_error("%s, %s: %s\n", w->name, paths[i],
                        may ? "not shown" : "shown");
            wrong++;
        }
        if (browser_sees(b, "secretproposal")) {
            print_error("%s, %s: what is proposed\n", w->name, paths[i]);
            wrong++;
        }
        if (w->role == ROLES && (browser_sees(b, "internalwords") ||
                                 browser_sees(b, "privatenumber"))) {
            print_error("%s, %s: more than is public\n", w->name, paths[i]);
            wrong++;
        }
    }
    return wrong;
}

/* What is proposed for a published record: for who may propose, alone. */
static int check_proposal(struct browser *b, const struct caller *w,
                          const struct object *o, bool may)
{
    const char *own =
        arena_printf(arena, "/records/%s/%" PRId64, o->type->name, o->id);
    const char *paths[] = {
        arena_printf(arena, "%s/revision", own),
        arena_printf(arena, "%s/revision.json", own),
        arena_printf(arena, "%s/edit", own),
        arena_printf(arena, "/api/%s/%" PRId64 "/revision", o->many, o->id),
    };
    int wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        browser_get(b, paths[i]);
        if (browser_sees(b, "secretproposal") == may)
            continue;
        print_error("%s, %s: %s\n", w->name, paths[i],
                    may ? "not shown" : "shown");
        wrong++;
    }
    return wrong;
}

static void propose(const struct record_type *t, int64_t id, bool proposed)
{
    struct deed d = {.by = 0, .at = time(NULL), .action = "propose"};
    void *record = arena_alloc(arena, t->size), *whole;
    struct revision v;

    assert_int_equal(record_load(store, t, id, arena, record, NULL), RC_OK);
    assert_int_equal(revision_load(store, t, id, arena, &v, NULL), RC_OK);
    whole = arena_alloc(arena, t->size);
    memcpy(whole, record, t->size);
    if (proposed)
        ((struct words *)field_at(whole, record_field(t, "source")))->in[0] =
            "secretproposal";
    assert_int_equal(
        revision_save(store, t, record, whole, &v, &d, arena, NULL), RC_OK);
}

static bool published(const void *record)
{
    return strcmp(((const struct record_head *)record)->state, "published") ==
           0;
}

static void propose_everywhere(bool proposed)
{
    for (size_t i = 0; i < n_objects; i++) {
        void *record = arena_alloc(arena, objects[i].type->size);

        assert_int_equal(record_load(store, objects[i].type, objects[i].id,
                                     arena, record, NULL),
                         RC_OK);
        if (published(record))
            propose(objects[i].type, objects[i].id, proposed);
    }
}

static void every_object_role_and_channel(void **state)
{
    int wrong = 0, seen = 0, proposals = 0;

    propose_everywhere(true);
    for (size_t w = 0; w < ARRAY_LEN(people); w++) {
        struct viewer v;
        struct browser b = open_as(&people[w], &v);

        for (size_t i = 0; i < n_objects; i++) {
            void *record = arena_alloc(arena, objects[i].type->size);
            struct subject s;
            bool may;

            assert_int_equal(record_load(store, objects[i].type, objects[i].id,
                                         arena, record, NULL),
                             RC_OK);
            s = subject_of(objects[i].type, record);
            may = access_may(&v, ACTION_SEE, &s);
            seen += may;
            wrong += check_object(&b, &people[w], &objects[i], may);
            if (!published(record))
                continue;
            may = access_may(&v, ACTION_PROPOSE, &s);
            proposals += may;
            wrong += check_proposal(&b, &people[w], &objects[i], may);
        }
        browser_close(&b);
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(proposals, 3 + 4); /* the secretariat; their own people */
    propose_everywhere(false);
    assert_in_range(seen, 20, ARRAY_LEN(people) * n_objects - 10);
}

static void private_fields_stay_with_their_owner(void **state)
{
    struct viewer v;
    struct browser reader = open_as(&people[1], &v);
    struct browser office = open_as(&people[7], &v);
    const char *path =
        arena_printf(arena, "/api/people/%" PRId64, objects[n_objects - 1].id);

    assert_int_equal(browser_get(&reader, path), 200);
    assert_false(browser_sees(&reader, "privatenumber"));
    browser_get(&reader, "/records/person.csv");
    assert_false(browser_sees(&reader, "privatenumber"));
    assert_int_equal(browser_get(&office, path), 200);
    assert_true(browser_sees(&office, "privatenumber"));
    browser_close(&reader);
    browser_close(&office);
}

/* ---- forms ---- */

static const char *edit_path(int64_t city)
{
    return arena_printf(arena, "/records/city/%" PRId64 "/edit", city);
}

static const char *form_of(const char *name, int64_t version)
{
    return arena_printf(arena,
                        "name_en=%s&territory=1&status=member&version=%" PRId64,
                        name, version);
}

static void a_form_saves_and_says_what_is_wrong(void **state)
{
    struct viewer v;
    struct browser b = open_as(&people[7], &v);
    int64_t city = a_city("Formtown", "published");

    assert_int_equal(browser_get(&b, edit_path(city)), 200);
    assert_true(browser_sees(&b, "value=\"Formtown\""));
    assert_int_equal(browser_post(&b, edit_path(city), form_of("", 1)), 422);
    assert_true(browser_sees(&b, "aria-invalid=\"true\""));
    assert_true(browser_sees(&b, "#f-name"));
    assert_int_equal(
        browser_post(&b, edit_path(city),
                     arena_printf(arena, "%s&status_since=yesterday",
                                  form_of("Kept+words", 1))),
        422);
    assert_true(browser_sees(&b, "value=\"Kept words\""));
    assert_true(browser_sees(&b, "value=\"yesterday\""));
    assert_int_equal(browser_post(&b, edit_path(city), form_of("Formville", 1)),
                     303);
    assert_string_equal(
        b.location,
        arena_printf(arena, "/records/city/%" PRId64 "?done=saved", city));
    assert_int_equal(browser_get(&b, b.location), 200);
    assert_true(browser_sees(&b, "Formville"));
    assert_true(browser_sees(&b, "role=\"status\""));
    browser_close(&b);
}

static void two_people_lose_nothing(void **state)
{
    struct viewer v;
    struct browser b = open_as(&people[7], &v);
    int64_t city = a_city("Doubletown", "published");

    assert_int_equal(browser_post(&b, edit_path(city), form_of("First", 1)),
                     303);
    assert_int_equal(browser_post(&b, edit_path(city), form_of("Second", 1)),
                     409);
    assert_true(browser_sees(&b, "value=\"Second\""));
    assert_true(browser_sees(&b, "<bdi>First</bdi>"));
    assert_true(browser_sees(&b, "name=\"version\" value=\"2\""));
    assert_int_equal(browser_post(&b, edit_path(city), form_of("Second", 2)),
                     303);
    browser_close(&b);
}

static void who_may_not_is_refused(void **state)
{
    struct viewer v;
    struct browser editor = open_as(&people[5], &v);
    struct browser weak = open_as(&people[4], &v);
    struct browser visitor = open_as(&people[0], &v);
    int64_t draft = a_city("Hiddentown", "draft");

    assert_int_equal(browser_get(&editor, edit_path(ours)), 200);
    assert_int_equal(browser_get(&editor, edit_path(theirs)), 403);
    assert_int_equal(
        browser_post(&editor, edit_path(theirs), form_of("Mine", 1)), 403);
    assert_int_equal(browser_get(&editor, edit_path(draft)), 404);
    assert_int_equal(browser_get(&weak, edit_path(ours)), 303);
    assert_string_equal(weak.location, "/account/second-factor");
    assert_int_equal(browser_post(&visitor, edit_path(ours), form_of("M", 1)),
                     303);
    assert_non_null(strstr(visitor.location, "/sign-in"));
    assert_int_equal(
        browser_post(
            &editor,
            arena_printf(arena, "/records/city/%" PRId64 "/delete", ours), ""),
        403);
    assert_int_equal(
        browser_post(
            &editor,
            arena_printf(arena, "/records/city/%" PRId64 "/move", ours),
            "to=draft&version=1"),
        403);
    editor.csrf =
        "0000000000000000000000000000000000000000000000000000000000"
        "000000";
    assert_int_equal(browser_post(&editor, edit_path(ours), form_of("Mine", 1)),
                     403);
    browser_close(&editor);
    browser_close(&weak);
    browser_close(&visitor);
}

static void a_record_walks_through_its_states(void **state)
{
    struct viewer v;
    struct browser editor = open_as(&people[5], &v);
    struct browser office = open_as(&people[7], &v);
    struct browser visitor = open_as(&people[0], &v);
    struct city c;
    const char *path = arena_printf(arena, "/cities/%" PRId64, ours);
    const char *move =
        arena_printf(arena, "/records/city/%" PRId64 "/move", ours);

    assert_int_equal(browser_get(&visitor, path), 200);
    assert_int_equal(browser_post(&office, move, "to=draft&version=1"), 303);
    assert_int_equal(browser_get(&visitor, path), 404);
    assert_int_equal(browser_post(&editor, move, "to=published&version=2"),
                     403);
    assert_int_equal(browser_post(&editor, move, "to=review&version=2"), 303);
    browser_get(&office, "/review");
    assert_true(browser_sees(&office, "Ourtown"));
    assert_int_equal(browser_post(&office, move, "to=published&version=2"),
                     409);
    assert_int_equal(browser_post(&office, move, "to=published&version=3"),
                     303);
    assert_int_equal(browser_get(&visitor, path), 200);
    assert_int_equal(record_load(store, &type_city, ours, arena, &c, NULL),
                     RC_OK);
    assert_string_equal(c.head.state, "published");
    assert_int_equal(
        browser_get(
            &editor,
            arena_printf(arena, "/records/city/%" PRId64 "/history", ours)),
        200);
    assert_true(browser_sees(&editor, "sent to review"));
    browser_close(&editor);
    browser_close(&office);
    browser_close(&visitor);
}

static void texts_are_never_markup(void **state)
{
    struct viewer v;
    struct browser b = open_as(&people[7], &v);
    int64_t city = a_city("<script>alert(1)</script>=cmd", "published");
    const char *const paths[] = {
        "/cities",
        "/records/city",
        arena_printf(arena, "/cities/%" PRId64, city),
        edit_path(city),
        "/news",
        "/news.atom",
        "/search?q=script",
        arena_printf(arena, "/records/city/%" PRId64 "/history", city),
    };

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_int_equal(browser_get(&b, paths[i]), 200);
        assert_false(browser_sees(&b, "<script"));
    }
    assert_int_equal(
        browser_post(&b, edit_path(city), form_of("%3DHYPERLINK(1)", 1)), 303);
    browser_get(&b, "/cities.csv");
    assert_true(browser_sees(&b, "'=HYPERLINK(1)"));
    assert_false(browser_sees(&b, ",=HYPERLINK(1)"));
    browser_close(&b);
}

static void hidden_records_cannot_be_referred_to(void **state)
{
    struct viewer v;
    struct browser b = open_as(&people[5], &v);
    int64_t draft = an_organisation("Hiddenhouse", "draft");

    assert_int_equal(
        browser_post(&b, "/records/stakeholder/new",
                     arena_printf(arena,
                                  "city=%" PRId64 "&organisation=%" PRId64,
                                  ours, draft)),
        422);
    assert_false(browser_sees(&b, "Hiddenhouse"));
    assert_int_equal(
        browser_post(&b, "/records/stakeholder/new",
                     arena_printf(arena,
                                  "city=%" PRId64 "&organisation=%" PRId64,
                                  theirs, organisation)),
        403);
    assert_int_equal(
        browser_post(&b, "/records/stakeholder/new",
                     arena_printf(arena,
                                  "city=%" PRId64 "&organisation=%" PRId64,
                                  ours, organisation)),
        303);
    browser_close(&b);
}

/* ---- languages ---- */

static void each_language_says_how_far_it_is(void **state)
{
    struct viewer v;
    struct browser b = open_as(&people[7], &v);
    struct browser visitor = open_as(&people[0], &v);
    int64_t city = a_city("Tonguetown", "published");
    const char *page = arena_printf(arena, "/records/city/%" PRId64, city);

    /* a translation, then another original */
    assert_int_equal(browser_post(&b, edit_path(city),
                                  arena_printf(arena, "%s&name_fr=Villelangue",
                                               form_of("Tonguetown", 1))),
                     303);
    browser_get(&b, page);
    assert_true(browser_sees(&b, "tongue-complete\"><bdi lang=\"fr\""));
    assert_true(browser_sees(&b, "tongue-missing\"><bdi lang=\"ar\""));
    assert_int_equal(browser_post(&b, edit_path(city),
                                  arena_printf(arena, "%s&name_fr=Villelangue",
                                               form_of("Tongueville", 2))),
                     303);
    browser_get(&b, page);
    assert_true(browser_sees(&b, "tongue-outdated\"><bdi lang=\"fr\""));
    browser_get(&b, "/records/city?q=Tongueville");
    assert_true(browser_sees(&b, "tongue-outdated\"><bdi lang=\"fr\""));
    browser_get(&b, edit_path(city));
    assert_true(browser_sees(&b, "the original has changed since"));
    /* who only reads sees the text that there is, in its language */
    visitor.lang = "ar";
    browser_get(&visitor, page);
    assert_true(browser_sees(&visitor, "<bdi lang=\"en\">Tongueville"));
    assert_false(browser_sees(&visitor, "tongue-"));
    browser_get(&visitor, "/cities?q=Tongueville");
    assert_true(browser_sees(&visitor, "<bdi lang=\"en\">Tongueville"));
    browser_close(&b);
    browser_close(&visitor);
}

/* ---- long lists ---- */

/* The numbers of a page of the API, in order, and the way to another page. */
static const char *read_page(struct browser *b, const char *path,
                             const char *way, int64_t *ids, size_t *n)
{
    const char *mark = arena_printf(arena, "\"%s\":\"", way), *at;

    assert_int_equal(browser_get(b, path), 200);
    for (at = b->body; (at = strstr(at, "\"id\":")); at += 5)
        ids[(*n)++] = strtoll(at + 5, NULL, 10);
    at = strstr(b->body, mark);
    return at ? arena_strndup(arena, at + strlen(mark),
                              strcspn(at + strlen(mark), "\""))
              : NULL;
}

static void a_long_list_is_walked_by_place(void **state)
{
    static const char *const names[] = {"Éclair",  "eclair", "Zürich", "zurich",
                                        "Ägypten", "مرسى",   "Same",   "Same"};
    static const char *const langs[] = {"en", "fr", "ar"};
    struct browser b = browser_new(server, arena);
    int64_t walked[1000], paged[1000], back[1000];

    for (int i = 0; i < 160; i++)
        a_territory(arena_printf(arena, "%s %d", names[i % 8], i / 16));
    b.accept = "application/json";
    for (size_t l = 0; l < ARRAY_LEN(langs); l++) {
        const char *path = "/api/territories", *end = NULL;
        size_t n = 0, m = 0, k = 0;

        b.lang = langs[l];
        while (path) {
            end = path;
            path = read_page(&b, path, "next", walked, &n);
        }
        assert_non_null(strstr(end, "after="));
        for (int page = 1; page <= 5; page++)
            read_page(&b, arena_printf(arena, "/api/territories?page=%d", page),
                      "next", paged, &m);
        assert_in_range(n, 165, 250);
        assert_int_equal(n, m);
        assert_memory_equal(walked, paged, n * sizeof *walked);
        /* and back again, a page at a time */
        for (path = end; path;) {
            int64_t page[50];
            size_t some = 0;

            path = read_page(&b, path, "previous", page, &some);
            memmove(back + some, back, k * sizeof *back);
            memcpy(back, page, some * sizeof *page);
            k += some;
        }
        assert_int_equal(n, k);
        assert_memory_equal(walked, back, n * sizeof *walked);
    }
    assert_int_equal(browser_get(&b, "/api/territories?page=2&after=zz.1"),
                     200);
    browser_close(&b);
}

static void make_objects(void)
{
    ours = a_city("Ourtown", "published");
    theirs = a_city("Theirtown", "published");
    organisation = an_organisation("Ourhouse", "published");
    add_object(&type_city, ours, "Ourtown", "cities");
    add_object(&type_city, theirs, "Theirtown", "cities");
    add_object(&type_city, a_city("Drafttown", "draft"), "Drafttown", "cities");
    add_object(&type_city, a_city("Reviewtown", "review"), "Reviewtown",
               "cities");
    add_object(&type_organisation, organisation, "Ourhouse", "organisations");
    add_object(&type_organisation, an_organisation("Drafthouse", "draft"),
               "Drafthouse", "organisations");
    add_object(&type_territory, a_territory("Openland"), "Openland",
               "territories");
    add_object(&type_person, a_person("Somebody", "somebody@example.org"),
               "Somebody", "people");
}

static int set_up(void **state)
{
    if (!mkdtemp(dir))
        return -1;
    arena = arena_new(0);
    server = test_server(arena, dir, &config);
    if (store_open(config.store, &store, NULL))
        return -1;
    make_objects();
    return 0;
}

static int tear_down(void **state)
{
    store_close(store);
    server_stop(server, 1);
    arena_free(arena);
    return dir_remove(dir, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_role_and_channel),
        cmocka_unit_test(private_fields_stay_with_their_owner),
        cmocka_unit_test(a_form_saves_and_says_what_is_wrong),
        cmocka_unit_test(two_people_lose_nothing),
        cmocka_unit_test(who_may_not_is_refused),
        cmocka_unit_test(a_record_walks_through_its_states),
        cmocka_unit_test(texts_are_never_markup),
        cmocka_unit_test(hidden_records_cannot_be_referred_to),
        cmocka_unit_test(each_language_says_how_far_it_is),
        cmocka_unit_test(a_long_list_is_walked_by_place),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
