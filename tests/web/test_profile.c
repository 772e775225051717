/*
 * web: a profile from its files to its versions, as its city's team, the
 * secretariat and strangers meet it, on both databases. The example city's
 * package goes in by the form, is computed by the program itself as a child,
 * reviewed, published; what comes out is what the command line writes.
 */
#include "../support/both.h"
#include "base/file.h"
#include "browser.h"
#include "network/edition.h"
#include "record/revision.h"

#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <time.h>
#include <zlib.h>

#include <cmocka.h>

static const char *url, *program;
static struct server *server;
static struct config config;
static struct arena *arena;
static char dir[64];
static struct store *store;
static int64_t ours, theirs;
static struct browser editor, stranger, secretariat, reader;

/* ---- the stage ---- */

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

static int64_t a_city(const char *name)
{
    struct territory t;
    struct city c;

    record_clear(&type_territory, &t);
    t.name = (struct words){{name}, {WORDS_ORIGINAL}};
    t.kind = "city";
    t.country = "MA";
    record_clear(&type_city, &c);
    c.name = (struct words){{name}, {WORDS_ORIGINAL}};
    c.territory = save(&type_territory, &t, NULL);
    c.status = "member";
    return save(&type_city, &c, "published");
}

static struct browser sign_in(const char *email, enum role role, int64_t city)
{
    struct browser b = browser_new(server, arena);
    struct grant g = {role, city, 0};
    char token[TOKEN_TEXT];
    struct keyring k;
    int64_t account = test_account(&b, email, "a long enough phrase", ROLES, 0);

    memcpy(k.key, server->key, sizeof k.key);
    if (grant_give(store, account, &g, account, time(NULL), NULL) ||
        session_open(store, &k, account, true, "192.0.2.1", "test", time(NULL),
                     token, NULL))
        abort();
    pairs_add(&b.cookies, arena, "session", str_of(token));
    browser_get(&b, "/account");
    return b;
}

static int run(const char *const *arguments)
{
    const char *argv[12] = {program};
    pid_t pid = fork();
    int status;

    for (size_t i = 0; arguments[i]; i++)
        argv[i + 1] = arguments[i];
    if (pid == 0) {
        execv(program, (char *const *)argv);
        _exit(127);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : -1;
}

static const char *in_dir(const char *name)
{
    return path_join(arena, dir, name);
}

static int set_up(void **state)
{
    struct err err = {0};

    arena = arena_new(0);
    memcpy(dir, "/tmp/passerelle-web-XXXXXX", 27);
    if (!mkdtemp(dir))
        return -1;
    config_default(&config);
    config.store = url;
    config.files = in_dir("files");
    config.key_file = in_dir("key");
    config.port = 0;
    config.rate_per_minute = config.rate_per_account = 0;
    config.sandbox = false; /* it would hold for all tests after it */
    if (server_start(&server, &config, &err) || store_open(url, &store, NULL)) {
        print_error("the server does not start: %s %s\n", err.message,
                    err.text);
        return -1;
    }
    ours = a_city("Harbour");
    theirs = a_city("Elsewhere");
    editor = sign_in("editor@example.org", ROLE_CITY_EDITOR, ours);
    stranger = sign_in("stranger@example.org", ROLE_CITY_EDITOR, theirs);
    secretariat = sign_in("secretariat@example.org", ROLE_SECRETARIAT, 0);
    reader = sign_in("reader@example.org", ROLE_READER, 0);
    return run((const char *const[]){"example", in_dir("marsa"), "-q", NULL});
}

static int tear_down(void **state)
{
    browser_close(&editor);
    browser_close(&stranger);
    browser_close(&secretariat);
    browser_close(&reader);
    store_close(store);
    server_stop(server, 0);
    (void)!dir_remove(dir, NULL);
    arena_free(arena);
    return 0;
}

/* ---- what an editor does ---- */

static int64_t begin(struct browser *b, int64_t city)
{
    const char *list =
        arena_printf(arena, "/cities/%" PRId64 "/editions", city);
    int64_t id = 0;

    browser_get(b, list);
    assert_int_equal(browser_post(b, list, "title=A+profile"), 303);
    assert_int_equal(sscanf(b->location, "/editions/%" SCNd64, &id), 1);
    return id;
}

static const char *at(int64_t edition, const char *rest)
{
    return arena_printf(arena, "/editions/%" PRId64 "%s", edition, rest);
}

static struct edition_worker worker_of(const char *holder)
{
    struct edition_worker w = {
        .program = program, .folder = config.files, .holder = holder};

    memcpy(w.keys.key, server->key, sizeof w.keys.key);
    return w;
}

static int work(void)
{
    struct edition_worker w = worker_of("worker");
    bool did = true;
    int n = 0;

    for (; did; n += did)
        assert_int_equal(edition_work(&w, store, &did, NULL), RC_OK);
    return n;
}

static struct edition_state look(int64_t edition)
{
    struct edition_state out;

    assert_int_equal(edition_look(store, edition, arena, &out, NULL), RC_OK);
    return out;
}

/* ---- zips ---- */

struct entry {
    const char *name;
    struct str bytes;
};

static void put(struct buf *b, uint64_t v, int bytes)
{
    while (bytes--) {
        buf_addc(b, (char)(v & 0xFF));
        v >>= 8;
    }
}

static struct str deflated(struct str s)
{
    z_stream z = {0};
    size_t room = s.n + s.n / 100 + 1000;
    char *out = arena_alloc(arena, room);

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, 0), Z_OK);
    z.next_in = (Bytef *)s.p;
    z.avail_in = (uInt)s.n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return (struct str){out, z.total_out};
}

static void put_common(struct buf *b, const struct entry *e, struct str packed)
{
    put(b, 20, 2);
    put(b, 0, 2);
    put(b, 8, 2); /* deflate */
    put(b, 0, 4);
    put(b, crc32(0, (const Bytef *)e->bytes.p, (uInt)e->bytes.n), 4);
    put(b, packed.n, 4);
    put(b, e->bytes.n, 4);
    put(b, strlen(e->name), 2);
    put(b, 0, 2);
}

static struct str zip_of(const struct entry *e, size_t n)
{
    struct buf all = {.ceiling = 256 << 20}, list = {.ceiling = 16 << 20};
    struct str out;

    for (size_t i = 0; i < n; i++) {
        struct str packed = deflated(e[i].bytes);
        size_t start = all.n;

        put(&all, 0x04034b50, 4);
        put_common(&all, &e[i], packed);
        buf_adds(&all, e[i].name);
        buf_add(&all, packed);
        put(&list, 0x02014b50, 4);
        put(&list, 20, 2);
        put_common(&list, &e[i], packed);
        put(&list, 0, 2); /* comment */
        put(&list, 0, 2);
        put(&list, 0, 2);
        put(&list, 0, 4);
        put(&list, start, 4);
        buf_adds(&list, e[i].name);
    }
    put(&list, 0x06054b50, 4);
    put(&list, 0, 4);
    put(&list, n, 2);
    put(&list, n, 2);
    put(&list, list.n - 12, 4);
    put(&list, all.n, 4);
    put(&list, 0, 2);
    buf_add(&all, buf_str(&list));
    out = (struct str){arena_str(arena, buf_str(&all)), all.n};
    buf_free(&all);
    buf_free(&list);
    return out;
}

struct entries {
    struct entry *items;
    size_t n, cap;
};

static void take_folder(struct entries *l, const char *folder,
                        const char *prefix)
{
    DIR *d = opendir(folder);

    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        const char *path = path_join(arena, folder, e->d_name);
        const char *name = arena_printf(arena, "%s%s", prefix, e->d_name);
        struct str bytes;

        if (e->d_name[0] == '.')
            continue;
        if (e->d_type == DT_DIR) {
            take_folder(l, path, arena_printf(arena, "%s/", name));
            continue;
        }
        assert_int_equal(file_read(arena, path, 1 << 28, &bytes, NULL), RC_OK);
        VEC_PUSH(arena, l->items, l->n, l->cap) = (struct entry){name, bytes};
    }
    closedir(d);
}

static unsigned upload(struct browser *b, int64_t edition, const char *name,
                       struct str bytes)
{
    const char *path = at(edition, "/files");

    browser_get(b, path);
    return browser_upload(b, path, &(struct browser_file){name, bytes}, 1);
}

/* ---- the whole path ---- */

static void same_bytes(int64_t publication)
{
    const char *out = in_dir("own-profile");
    struct entries l = {0};

    assert_int_equal(run((const char *const[]){"profile", in_dir("marsa"), "-o",
                                               out, "-q", NULL}),
                     0);
    take_folder(&l, out, "");
    assert_true(l.n > 50);
    for (size_t i = 0; i < l.n; i++) {
        struct stored f;
        struct str bytes;

        if (publication_read(store, publication, l.items[i].name, 1 << 28,
                             arena, &f, &bytes, NULL))
            fail_msg("%s is not in the version", l.items[i].name);
        if (!str_eq(bytes, l.items[i].bytes))
            fail_msg("%s differs from the command line's", l.items[i].name);
    }
    assert_int_equal(dir_remove(out, NULL), RC_OK);
}

static const char *move(struct browser *b, int64_t edition, const char *to)
{
    int64_t version = 0;
    const char *mark = "name=\"version\" value=\"", *p;

    assert_int_equal(browser_get(b, at(edition, "/review")), 200);
    p = strstr(b->body, mark);
    if (p)
        version = atoll(p + strlen(mark));
    return arena_printf(arena, "to=%s&version=%" PRId64, to, version);
}

/* Of a published edition: at once, without a proposal, and the version stays
 * as it is. */
static void a_title_changes(struct browser *b, int64_t edition,
                            const char *title)
{
    const char *page =
        arena_printf(arena, "/records/edition/%" PRId64 "/edit", edition);
    struct publication p;
    struct revision v;
    struct edition e;
    int64_t versions;

    assert_int_equal(
        record_load(store, &type_edition, edition, arena, &e, NULL), RC_OK);
    assert_int_equal(browser_get(b, page), 200);
    assert_false(browser_sees(b, "proposal"));
    assert_int_equal(
        browser_post(b, page,
                     arena_printf(arena,
                                  "title_en=%s&note=Seen&version=%" PRId64,
                                  title, e.head.version)),
        303);
    assert_int_equal(
        revision_load(store, &type_edition, edition, arena, &v, NULL), RC_OK);
    assert_int_equal(v.version, 0);
    assert_int_equal(
        record_load(store, &type_edition, edition, arena, &e, NULL), RC_OK);
    assert_string_equal(e.title.in[0], title);
    assert_string_equal(e.head.state, "published");
    assert_int_equal(browser_get(b, at(edition, "/review")), 200);
    assert_true(browser_sees(b, "keeps the title it was published under"));
    assert_int_equal(publication_find(store, ours, 0, false, arena, &p, NULL),
                     RC_OK);
    assert_string_equal(p.title.in[0], "A profile");
    assert_int_equal(store_int(store, "SELECT count(*) FROM publication",
                               NO_PARAMS, &versions, NULL),
                     RC_OK);
    assert_int_equal(versions, 1);
}

static void from_files_to_a_version(void **state)
{
    int64_t id = begin(&editor, ours), other;
    struct entries l = {0};
    struct publication p;

    take_folder(&l, in_dir("marsa"), "marsa/");
    assert_int_equal(
        upload(&editor, id, "Marsa 2024.zip", zip_of(l.items, l.n)), 303);
    browser_get(&editor, at(id, "/files"));
    assert_true(browser_sees(&editor, "population.csv"));
    assert_true(browser_sees(&editor, "texts/about.fr.md"));
    assert_true(look(id).descriptor);

    /* asked for, at work, done */
    browser_get(&editor, at(id, "/result"));
    assert_int_equal(browser_post(&editor, at(id, "/compute"), ""), 303);
    assert_int_equal(browser_get(&editor, at(id, "/result")), 200);
    assert_true(browser_sees(&editor, "waits for its turn"));
    assert_string_equal(pairs_get(&editor.reply.headers, "Refresh").p, "2");
    assert_int_equal(work(), 2); /* it was also described */
    assert_int_equal(browser_get(&editor, at(id, "/result")), 200);
    assert_true(browser_sees(&editor, "profile.ar.html"));
    assert_int_equal(pairs_get(&editor.reply.headers, "Refresh").n, 0);

    /* the preview is the page itself, with a policy of its own */
    assert_int_equal(browser_get(&editor, at(id, "/preview/profile.fr.html")),
                     200);
    assert_non_null(
        strstr(pairs_get(&editor.reply.headers, "Content-Security-Policy").p,
               "default-src 'none'; style-src 'unsafe-inline'"));
    assert_int_equal(browser_get(&editor, at(id, "/preview/data/origins.csv")),
                     200);
    assert_int_equal(browser_get(&editor, at(id, "/preview/profile.json")),
                     200);
    assert_int_equal(browser_get(&editor, at(id, "/preview/../key")), 404);
    assert_int_equal(browser_get(&editor, at(id, "/preview/population.csv")),
                     404);

    /* review: the editor asks, may not publish; the secretariat may */
    assert_int_equal(
        browser_post(&editor, at(id, "/move"), move(&editor, id, "published")),
        403);
    assert_int_equal(
        browser_post(&editor, at(id, "/move"), move(&editor, id, "review")),
        303);
    assert_int_equal(upload(&editor, id, "late.csv", STR("a\n1\n")), 409);
    assert_int_equal(browser_get(&secretariat, at(id, "/result")), 200);
    assert_int_equal(
        browser_get(&secretariat, at(id, "/preview/profile.en.html")), 200);
    assert_int_equal(browser_post(&secretariat, at(id, "/move"),
                                  move(&secretariat, id, "published")),
                     303);
    assert_int_equal(publication_find(store, ours, 0, false, arena, &p, NULL),
                     RC_OK);
    assert_int_equal(p.number, 1);
    assert_string_equal(p.period, "2024-01-01");
    same_bytes(p.id);
    a_title_changes(&editor, id, "Renamed");
    a_title_changes(&secretariat, id, "Named-anew");

    /* the next version begins from the same files; withdrawal hides one */
    assert_int_equal(
        browser_post(&editor, at(id, "/move"), move(&editor, id, "draft")),
        303);
    assert_int_equal(
        browser_post(&editor, at(id, "/move"), move(&editor, id, "review")),
        422); /* nothing was computed since */
    browser_get(&secretariat,
                arena_printf(arena, "/cities/%" PRId64 "/editions", ours));
    assert_true(browser_sees(&secretariat, "Version"));
    assert_int_equal(
        browser_post(
            &editor,
            arena_printf(arena, "/publications/%" PRId64 "/withdraw", p.id),
            "withdrawn=yes"),
        403);
    assert_int_equal(
        browser_post(
            &secretariat,
            arena_printf(arena, "/publications/%" PRId64 "/withdraw", p.id),
            "withdrawn=yes"),
        303);
    assert_int_equal(publication_find(store, ours, 0, false, arena, &p, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(audit_verify(store, &other, &id, NULL), RC_OK);
    assert_int_equal(id, 0);
}

/* ---- who may what ---- */

static void raw_files_are_the_citys_own(void **state)
{
    int64_t id = begin(&editor, ours);
    static const char *const raw[] = {"/files", "/description", "/chapters",
                                      "/chapters/about"};
    struct stored f;
    const char *file;

    assert_int_equal(
        upload(&editor, id, "secret.csv", STR("area,n\nconfidential,1\n")),
        303);
    assert_int_equal(stored_find(store,
                                 (struct stored_owner){STORED_PACKAGE, id},
                                 "secret.csv", arena, &f, NULL),
                     RC_OK);
    file = at(id, arena_printf(arena, "/files/%" PRId64, f.id));
    assert_int_equal(browser_get(&editor, file), 200);
    assert_true(browser_sees(&editor, "confidential"));
    assert_non_null(
        strstr(pairs_get(&editor.reply.headers, "Content-Disposition").p,
               "attachment"));
    work();
    for (size_t i = 0; i < ARRAY_LEN(raw); i++) {
        assert_int_equal(browser_get(&editor, at(id, raw[i])), 200);
        assert_int_equal(browser_get(&stranger, at(id, raw[i])), 404);
        assert_int_equal(browser_get(&secretariat, at(id, raw[i])), 403);
        assert_int_not_equal(browser_get(&reader, at(id, raw[i])), 200);
    }
    assert_int_equal(browser_get(&stranger, file), 404);
    assert_int_equal(browser_get(&secretariat, file), 403);
    assert_int_equal(browser_get(&stranger, at(id, "")), 404);
    assert_int_equal(browser_get(&stranger, at(id, "/result")), 404);
    assert_int_equal(browser_get(&reader, at(id, "")), 404);
    assert_int_equal(upload(&stranger, id, "x.csv", STR("a\n")), 404);
    assert_int_equal(upload(&secretariat, id, "x.csv", STR("a\n")), 403);
    assert_int_equal(browser_post(&stranger, at(id, "/compute"), ""), 404);
    /* one's own edition does not open another's file */
    {
        int64_t own = begin(&stranger, theirs);

        assert_int_equal(
            browser_get(&stranger,
                        at(own, arena_printf(arena, "/files/%" PRId64, f.id))),
            404);
    }
    assert_int_equal(
        browser_post(&reader,
                     arena_printf(arena, "/cities/%" PRId64 "/editions", ours),
                     "title=x"),
        403);
}

/* ---- what hurts ---- */

static void names_lead_nowhere(void **state)
{
    int64_t id = begin(&editor, ours);
    struct entry outside[] = {{"a.csv", STR("a\n1\n")},
                              {"../../outside.csv", STR("x\n")}};
    struct stored f;

    assert_int_equal(upload(&editor, id, "../../../etc/passwd", STR("x")), 303);
    assert_int_equal(stored_find(store,
                                 (struct stored_owner){STORED_PACKAGE, id},
                                 "passwd", arena, &f, NULL),
                     RC_OK);
    assert_int_equal(upload(&editor, id, "bad.zip", zip_of(outside, 2)), 422);
    assert_true(browser_sees(&editor, "outside.csv"));
    assert_int_equal(look(id).files, 1); /* nothing of it was taken */
    assert_false(path_exists(in_dir("outside.csv")));
    assert_int_equal(upload(&editor, id, "no.zip", STR("PK but no zip")), 422);
    assert_int_equal(upload(&editor, id, "", STR("")), 422);
    work();
}

static void bombs_do_not_go_off(void **state)
{
    enum { ZEROS = 24 << 20, MANY = EDITION_FILES + 1 };
    int64_t id = begin(&editor, ours);
    struct entry *many = arena_array(arena, struct entry, MANY);
    struct entry bomb = {"zeros.csv", {arena_alloc(arena, ZEROS), ZEROS}};
    struct str zip = zip_of(&bomb, 1);

    assert_true(zip.n < 100000);
    assert_int_equal(upload(&editor, id, "bomb.zip", zip), 413);
    for (size_t i = 0; i < MANY; i++)
        many[i] =
            (struct entry){arena_printf(arena, "f%zu.csv", i), STR("a\n")};
    assert_int_equal(upload(&editor, id, "many.zip", zip_of(many, MANY)), 413);
    assert_int_equal(upload(&editor, id, "most.zip", zip_of(many, MANY - 1)),
                     303);
    assert_int_equal(upload(&editor, id, "one-more.csv", STR("a\n")), 413);
    assert_int_equal(look(id).files, MANY - 1);
    work();
}

/* ---- faults ---- */

static void replace(int64_t id, const char *file, const char *old,
                    const char *new)
{
    struct str text;
    AUTO(buf) struct buf out = {.ceiling = 64 << 20};
    const char *p;

    assert_int_equal(file_read(arena, path_join(arena, in_dir("marsa"), file),
                               1 << 28, &text, NULL),
                     RC_OK);
    p = strstr(text.p, old);
    assert_non_null(p);
    buf_add(&out, (struct str){text.p, (size_t)(p - text.p)});
    buf_adds(&out, new);
    buf_adds(&out, p + strlen(old));
    assert_int_equal(upload(&editor, id, file, buf_str(&out)), 303);
}

static void faults_are_told_in_place(void **state)
{
    int64_t id = begin(&editor, ours);
    struct entries l = {0};
    struct edition_state s;

    take_folder(&l, in_dir("marsa"), "");
    assert_int_equal(upload(&editor, id, "all.zip", zip_of(l.items, l.n)), 303);
    replace(id, "population.csv", "\n2019-01-01,101,XT,female,0-4,",
            "\n2019-01-01,nowhere,XT,female,0-4,-");
    browser_post(&editor, at(id, "/compute"), "");
    work();
    s = look(id);
    assert_true(s.computed && s.current && !s.result);
    assert_true(s.faults >= 2);
    assert_int_equal(browser_get(&editor, at(id, "/result")), 200);
    assert_true(browser_sees(&editor, "population.csv"));
    assert_true(browser_sees(&editor, "nowhere"));
    assert_true(browser_sees(&editor, "line 2"));
    editor.lang = "fr";
    browser_get(&editor, at(id, "/description"));
    assert_true(browser_sees(&editor, "ligne"));
    assert_true(strstr(editor.body, "nowhere") <
                strstr(editor.body, "r.population.path"));
    editor.lang = NULL;
    /* what was found holds texts of the raw table: not for those who review */
    browser_get(&secretariat, at(id, "/result"));
    assert_false(browser_sees(&secretariat, "nowhere"));
    assert_int_equal(
        browser_post(&editor, at(id, "/move"), move(&editor, id, "review")),
        422);
    assert_true(browser_sees(&editor, "has not been computed yet"));
}

/* A package may name no database: the child has no way out. */
static void a_package_reaches_no_server(void **state)
{
    int64_t id = begin(&editor, ours);
    struct entries l = {0};

    take_folder(&l, in_dir("marsa"), "");
    assert_int_equal(upload(&editor, id, "all.zip", zip_of(l.items, l.n)), 303);
    replace(id, "datapackage.json", "\"population.csv\"",
            "\"postgresql://127.0.0.1:5432/x\"");
    browser_post(&editor, at(id, "/compute"), "");
    work();
    assert_false(look(id).result);
    assert_true(look(id).faults >= 1);
}

/* ---- loose tables ---- */

static void a_guess_is_mended_and_computed(void **state)
{
    int64_t id = begin(&editor, ours);
    struct str table, areas;
    const char *path = at(id, "/files"), *form;

    assert_int_equal(
        file_read(arena, path_join(arena, in_dir("marsa"), "population.csv"),
                  1 << 28, &table, NULL),
        RC_OK);
    assert_int_equal(
        file_read(arena, path_join(arena, in_dir("marsa"), "areas.geojson"),
                  1 << 28, &areas, NULL),
        RC_OK);
    browser_get(&editor, path);
    assert_int_equal(
        browser_upload(&editor, path,
                       (struct browser_file[]){{"people.csv", table},
                                               {"borders.geojson", areas}},
                       2),
        303);
    work();
    assert_int_equal(browser_get(&editor, at(id, "/description")), 200);
    assert_true(
        browser_sees(&editor, "<option value=\"people.csv\" selected>"));
    assert_true(
        browser_sees(&editor, "<option value=\"country_of_birth\" selected>"));
    assert_true(browser_sees(&editor, "value=\"2024-01-01\""));
    assert_true(browser_sees(&editor, "value=\"Harbour\"")); /* of the record */
    assert_int_equal(browser_post(&editor, at(id, "/compute"), ""),
                     422); /* not saved */

    form =
        "guessed=yes&title=Residents&passerelle.city.name.en=Harbour"
        "&passerelle.city.country=MA&passerelle.city.longitude=15"
        "&passerelle.city.latitude=34.49&passerelle.period=2024-01-01"
        "&passerelle.compare=2019-01-01"
        "&passerelle.basis=country-of-birth&passerelle.majority=XT"
        "&licenses.0.name=CC-BY-4.0&sources.0.title=Office"
        "&passerelle.protection.below=5"
        "&r.population.path=people.csv&r.population.f.area=area"
        "&r.population.f.origin=country_of_birth"
        "&r.population.f.count=residents&r.population.f.sex=sex"
        "&r.population.f.age=age&r.population.f.period=period"
        "&r.population.c.origin.0.text=XT&r.population.c.origin.0.value="
        "&r.population.c.origin.0.en=Thalassia"
        "&r.population.c.origin.0.fr=Thalassie"
        "&r.areas.path=borders.geojson&r.areas.f.id=id"
        "&r.areas.f.name=name&r.areas.f.parent=district"
        "&r.services.path=";
    assert_int_equal(browser_post(&editor, at(id, "/description"), form), 303);
    assert_int_equal(browser_get(&editor, at(id, "/description")), 200);
    assert_true(browser_sees(&editor, "Thalassie"));
    /* a form from before that: what it says is shown, and nothing is saved */
    assert_int_equal(
        browser_post(&editor, at(id, "/description"), "title=Older&mark=x"),
        409);
    assert_true(browser_sees(&editor, "value=\"Older\""));
    assert_true(browser_sees(&editor, "Thalassie"));
    browser_get(&editor, at(id, "/description"));
    assert_true(browser_sees(&editor, "value=\"Residents\""));
    assert_int_equal(browser_post(&editor, at(id, "/compute"), ""), 303);
    work();
    browser_get(&editor, at(id, "/result"));
    if (!look(id).result)
        print_error("%s\n", editor.body);
    assert_true(look(id).result);

    /* the text is checked before it replaces */
    assert_int_equal(browser_post(&editor, at(id, "/description/text"),
                                  "descriptor=%7B%22a%22%3A"),
                     422);
    assert_true(browser_sees(&editor, "{&quot;a&quot;:"));
    assert_true(look(id).current); /* and nothing was changed */
}

/* ---- chapters ---- */

static const char *mark_of(const struct browser *b, const char *lang)
{
    const char *name = arena_printf(arena, "name=\"mark_%s\" value=\"", lang);
    const char *p = strstr(b->body, name);

    assert_non_null(p);
    p += strlen(name);
    return arena_strndup(arena, p, strcspn(p, "\""));
}

static void a_chapter_is_written_and_seen(void **state)
{
    int64_t id = begin(&editor, ours);
    const char *path = at(id, "/chapters/about"), *mark;
    struct entries l = {0};

    take_folder(&l, in_dir("marsa"), "");
    assert_int_equal(upload(&editor, id, "all.zip", zip_of(l.items, l.n)), 303);
    browser_post(&editor, at(id, "/compute"), "");
    work();
    assert_int_equal(browser_get(&editor, path), 200);
    assert_true(browser_sees(&editor, "{{value:population.total}}"));
    assert_true(browser_sees(&editor, "{{figure:map-migrants}}"));
    mark = mark_of(&editor, "fr");

    /* a look before: nothing is stored */
    assert_int_equal(
        browser_post(&editor, path,
                     arena_printf(arena,
                                  "do=preview&text_en=&text_ar=&text_fr=Il+y+a+"
                                  "%%7B%%7Bvalue:population.total%%7D%%7D."
                                  "%%3Cscript%%3Ealert(1)%%3C/script%%3E"
                                  "&mark_en=%s&mark_fr=%s&mark_ar=%s",
                                  mark_of(&editor, "en"), mark,
                                  mark_of(&editor, "ar"))),
        200);
    assert_true(browser_sees(&editor, "Il y a 413"));
    assert_false(browser_sees(&editor, "<script>alert"));
    assert_true(look(id).current);

    /* saved; who wrote from the older text hears of it and loses nothing */
    assert_int_equal(
        browser_post(&editor, path,
                     arena_printf(arena,
                                  "do=save&text_en=&text_ar=&text_fr=Nouveau"
                                  "&mark_en=%s&mark_fr=%s&mark_ar=%s",
                                  mark_of(&editor, "en"), mark,
                                  mark_of(&editor, "ar"))),
        303);
    assert_false(look(id).current);
    browser_get(&editor, path);
    assert_true(browser_sees(&editor, "Nouveau"));
    assert_int_equal(
        browser_post(&editor, path,
                     arena_printf(arena,
                                  "do=save&text_en=&text_ar=&text_fr=Ancien"
                                  "&mark_en=&mark_fr=%s&mark_ar=",
                                  mark)),
        409);
    assert_true(browser_sees(&editor, "Ancien"));
    assert_true(browser_sees(&editor, "Nouveau"));
}

/* ---- jobs ---- */

static void a_dead_workers_job_is_taken_over(void **state)
{
    int64_t id = begin(&editor, ours), job, now = time(NULL);
    struct edition_worker w = worker_of("living");
    struct job_row dead;
    bool did, go_on;

    assert_int_equal(upload(&editor, id, "a.csv", STR("a,b\n1,2\n")), 303);
    work();
    assert_int_equal(edition_describe(store, id, now, &job, NULL), RC_OK);
    assert_int_equal(job_take(store, "dead", now, arena, &dead, NULL), RC_OK);
    assert_int_equal(dead.id, job);
    /* while its lease holds, nobody else takes it */
    assert_int_equal(edition_work(&w, store, &did, NULL), RC_OK);
    assert_false(did);
    assert_int_equal(
        store_exec(store, "UPDATE job SET lease = :then WHERE id = :id",
                   PARAMS(P_INT("then", now - 1), P_INT("id", job)), NULL,
                   NULL),
        RC_OK);
    assert_int_equal(edition_work(&w, store, &did, NULL), RC_OK);
    assert_true(did);
    assert_string_equal(look(id).description.state, "done");
    /* the dead one comes back: it is not its job any more */
    assert_int_equal(job_beat(store, job, "dead", "", 0, now, &go_on, NULL),
                     RC_OK);
    assert_false(go_on);
    assert_int_equal(job_end(store, job, "dead", "failed", "", NULL),
                     RC_CONFLICT);
}

static void a_job_that_kills_its_workers_ends(void **state)
{
    int64_t job, now = time(NULL);
    struct job_row j;

    assert_int_equal(job_put(store, "describe", "999999", now, &job, NULL),
                     RC_OK);
    for (int i = 0; i < JOB_TRIES; i++)
        assert_int_equal(
            job_take(store, "dies", now + i * 1000, arena, &j, NULL), RC_OK);
    assert_int_equal(job_take(store, "dies", now + 100000, arena, &j, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(job_load(store, job, arena, &j, NULL), RC_OK);
    assert_string_equal(j.state, "failed");
}

static void a_job_is_cancelled(void **state)
{
    int64_t id = begin(&editor, ours), job, now = time(NULL);
    struct job_row j;
    bool go_on;

    assert_int_equal(edition_compute(store, id, now, &job, NULL), RC_OK);
    browser_get(&editor, at(id, "/result"));
    assert_int_equal(browser_post(&editor, at(id, "/cancel"), ""), 303);
    assert_string_equal(look(id).job.state, "cancelled");
    assert_int_equal(edition_compute(store, id, now, &job, NULL), RC_OK);
    assert_int_equal(job_take(store, "w", now, arena, &j, NULL), RC_OK);
    assert_int_equal(browser_post(&editor, at(id, "/cancel"), ""), 303);
    assert_int_equal(job_beat(store, job, "w", "", 0.5, now, &go_on, NULL),
                     RC_OK);
    assert_false(go_on);
    assert_int_equal(job_end(store, job, "w", "done", "", NULL), RC_OK);
    assert_string_equal(look(id).job.state, "cancelled");
}

static void no_folder_is_left(void **state)
{
    DIR *d = opendir(config.files);

    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.')
            fail_msg("%s was left in the folder of files", e->d_name);
    closedir(d);
}

static int suite(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_files_to_a_version),
        cmocka_unit_test(raw_files_are_the_citys_own),
        cmocka_unit_test(names_lead_nowhere),
        cmocka_unit_test(bombs_do_not_go_off),
        cmocka_unit_test(faults_are_told_in_place),
        cmocka_unit_test(a_package_reaches_no_server),
        cmocka_unit_test(a_guess_is_mended_and_computed),
        cmocka_unit_test(a_chapter_is_written_and_seen),
        cmocka_unit_test(a_dead_workers_job_is_taken_over),
        cmocka_unit_test(a_job_that_kills_its_workers_ends),
        cmocka_unit_test(a_job_is_cancelled),
        cmocka_unit_test(no_folder_is_left),
    };

    return cmocka_run_group_tests_name(name, tests, set_up, tear_down);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    program = realpath(argv[1], NULL); /* a child works elsewhere */
    return on_both(&url, suite);
}
