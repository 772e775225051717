/*
 * What bit others in this field, tried on every route, record and field that
 * there is, so that a new one is tried without a line here: texts that become
 * markup, forms without their token, tokens beyond their scope, tables that
 * become formulas, redirects, headers, sessions, and the time a sign-in takes.
 */
#include "base/file.h"
#include "browser.h"
#include "markup.h"
#include "record/keep.h"
#include "record/types.h"
#include "web/limit.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PASSWORD "a long enough phrase"
#define TEXT_ATTACK                                                        \
    "\"'><" MARK " on" MARK "=1></textarea></title></script><script>" MARK \
    "()</script><img src=x onerror=" MARK "()>{{{" MARK "}}}"
#define MARKDOWN_ATTACK                                                    \
    TEXT_ATTACK " [a](javascript:" MARK "()) ![b](javascript:" MARK        \
                "())"                                                      \
                " <javascript:" MARK "()> [c][d] [e](data:text/html," MARK \
                ") [f](&#106;avascript:x)\n\n[d]: javascript:" MARK        \
                "()\n\n<" MARK ">\n\n<script>" MARK                        \
                "()</script>\n\n"                                          \
                "```" MARK "\" on" MARK "=\"1\ncode\n```\n"

static struct server *server;
static struct config config;
static struct arena *arena;
static char dir[] = "/tmp/passerelle-security-XXXXXX";
static int64_t office, editor;
static int64_t ids[32]; /* a record of each type, in their order */

/* ---- a record of every kind, full of attacks ---- */

static size_t place_of(const char *type)
{
    size_t n;
    const struct record_type *const *all = record_types(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i]->name, type) == 0)
            return i;
    abort();
}

static void fill_words(struct words *w, const char *text)
{
    for (int l = 0; l < RECORD_LANGS; l++) {
        w->in[l] = text;
        w->state[l] = l ? WORDS_TRANSLATED : WORDS_ORIGINAL;
    }
}

static void fill_field(void *record, const struct field *f, const char *text,
                       const char *markdown)
{
    void *p = field_at(record, f);
    size_t n;

    switch (f->type) {
    case TYPE_TEXT:
        fill_words(p, text);
        break;
    case TYPE_MARKDOWN:
        fill_words(p, markdown);
        break;
    case TYPE_LINK: /* as if a check had been forgotten */
    case TYPE_EMAIL:
        *(const char **)p =
            f->type == TYPE_LINK
                ? arena_printf(arena, "javascript:%s//https://x/", text)
                : arena_printf(arena, "%s@example.org", text);
        break;
    case TYPE_COUNTRY:
        *(const char **)p = "MA";
        break;
    case TYPE_DATE:
        *(struct day *)p = (struct day){2020, 1, 1};
        break;
    case TYPE_INTERVAL:
        *(struct interval *)p = (struct interval){{2020, 1, 1}, {2090, 1, 1}};
        break;
    case TYPE_COORDINATE:
        *(struct coordinate *)p = (struct coordinate){10, 36};
        break;
    case TYPE_INT:
        *(int64_t *)p = MAX(f->low, 1);
        break;
    case TYPE_CHOICE:
        *(const char **)p = record_options(f->of, &n)->code;
        break;
    case TYPE_REF:
        *(int64_t *)p = ids[place_of(f->of)];
        break;
    default:
        break;
    }
}

static int64_t make_record(struct store *s, const struct record_type *t,
                           const char *text, const char *markdown)
{
    struct deed d = {.by = 0, .at = time(NULL), .action = "create"};
    void *record = arena_alloc(arena, t->size);
    size_t n, states;
    const struct field *f = t->fields(&n);
    const struct transition *m = record_transitions(&states);
    struct record_head *head = record;
    struct err err = {0};

    record_clear(t, record);
    for (size_t i = 0; i < n; i++)
        fill_field(record, &f[i], text, markdown);
    head->state = record_first_state(t);
    for (size_t i = 0; i < states; i++)
        if (strcmp(m[i].record, t->name) == 0 &&
            strcmp(m[i].to, "published") == 0)
            head->state = "published";
    if (record_save(s, t, record, &d, arena, NULL, &err)) {
        print_error("%s: %s %s\n", t->name, err.message, err.text);
        abort();
    }
    return head->id;
}

static void make_records(struct store *s, const char *text,
                         const char *markdown)
{
    size_t n;
    const struct record_type *const *all = record_types(&n);

    assert_true(n <= ARRAY_LEN(ids));
    memset(ids, 0, sizeof ids); /* those before may be gone */
    for (size_t i = 0; i < n; i++)
        ids[i] = make_record(s, all[i], text, markdown);
}

static struct browser as(int64_t account)
{
    struct browser b = browser_new(server, arena);

    if (account)
        browser_sign_in(&b, account);
    return b;
}

/* ---- every page there is ---- */

static const char *plural_of(const struct record_type *t)
{
    char *s = arena_strdup(arena, t->many);

    for (char *p = s; *p; p++)
        *p = *p == ' ' ? '-' : (char)tolower((unsigned char)*p);
    return s;
}

static bool is_api(const struct route *route)
{
    return strncmp(route->path, "/api/", 5) == 0;
}

/* A path of the route for a kind of record; "" instead of other values: the
 * attack itself. */
static const char *path_for(const struct route *route, size_t type,
                            const char *other)
{
    AUTO(buf) struct buf out = {.ceiling = 1 << 14};
    size_t n;
    const struct record_type *t = record_types(&n)[type];

    for (const char *p = route->path; *p;) {
        size_t m = strcspn(p + 1, "/") + 1;

        if (p[1] != ':') {
            buf_add(&out, (struct str){p, m});
        } else {
            buf_addc(&out, '/');
            if (strncmp(p + 1, ":type", 5) == 0)
                buf_adds(&out, is_api(route) ? plural_of(t) : t->name);
            else if (strncmp(p + 1, ":id", 3) == 0 &&
                     strstr(route->path, "/administration"))
                buf_fmt(&out, "%" PRId64, editor);
            else if (strncmp(p + 1, ":id", 3) == 0)
                buf_fmt(&out, "%" PRId64, ids[type]);
            else
                buf_url(&out, str_of(other));
        }
        p += m;
    }
    return arena_strdup(arena, buf_cstr(&out));
}

static const char *content_type(const struct browser *b)
{
    return pairs_get(&b->reply.headers, "Content-Type").p;
}

/* What every reply must be, whatever was asked. */
static int reply_faults(const struct browser *b, const char *path)
{
    const struct pairs *h = &b->reply.headers;
    const char *fault = NULL;
    bool html = strncmp(content_type(b), "text/html", 9) == 0;

    if (html || strstr(content_type(b), "xml"))
        fault = markup_fault(b->body, arena);
    if (html && strstr(b->body, "<title") && b->reply.status == 500)
        fault = "status 500";
    if (!str_is(pairs_get(h, "X-Content-Type-Options"), "nosniff"))
        fault = "no nosniff";
    for (size_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < h->items[i].value.n; k++)
            if ((unsigned char)h->items[i].value.p[k] < ' ')
                fault = "a control character in a header";
    if (b->location && *b->location &&
        (b->location[0] != '/' || b->location[1] == '/' ||
         b->location[1] == '\\'))
        fault = "a redirect that leads elsewhere";
    if (!fault)
        return 0;
    print_error("%u %s: %s\n", b->reply.status, path, fault);
    return 1;
}

/* Every GET route, for every kind of record that it takes, with this query. */
static int crawl(struct browser *b, const char *query, size_t *pages)
{
    size_t n_routes, n_types;
    const struct route *routes = route_table(&n_routes);
    int wrong = 0;

    (void)record_types(&n_types);
    for (size_t i = 0; i < n_routes; i++) {
        bool typed = strstr(routes[i].path, ":type") != NULL;

        if (routes[i].method != METHOD_GET)
            continue;
        for (size_t t = 0; t < (typed ? n_types : 1); t++) {
            size_t type = typed ? t
                          : strncmp(routes[i].path, "/cities", 7) == 0
                              ? place_of("city")
                          : strncmp(routes[i].path, "/organ", 6) == 0
                              ? place_of("organisation")
                          : strncmp(routes[i].path, "/progr", 6) == 0
                              ? place_of("programme")
                              : place_of("focal_point");
            const char *path = arena_printf(
                arena, "%s%s", path_for(&routes[i], type, TEXT_ATTACK), query);

            browser_get(b, path);
            wrong += reply_faults(b, path);
            *pages += b->reply.status == 200;
        }
    }
    return wrong;
}

static void stored_texts_are_never_markup(void **state)
{
    static const char *const langs[] = {"en", "fr", "ar"};
    struct browser b = as(office), visitor = as(0);
    size_t pages = 0;
    int wrong = 0;

    make_records(b.store, TEXT_ATTACK, MARKDOWN_ATTACK);
    for (size_t l = 0; l < ARRAY_LEN(langs); l++) {
        b.lang = visitor.lang = langs[l];
        wrong += crawl(&b, "", &pages) + crawl(&visitor, "", &pages);
    }
    wrong += crawl(&b, "?q=" MARK, &pages);
    assert_int_equal(browser_get(&b, "/news.atom"), 200);
    wrong += reply_faults(&b, "/news.atom");
    assert_true(browser_sees(&b, MARK)); /* it was there to be seen */
    print_message("%zu pages\n", pages);
    assert_true(pages > 200);
    assert_int_equal(wrong, 0);
    browser_close(&b);
    browser_close(&visitor);
}

static const char *const fields_of_forms[] = {
    "q",       "page",         "sort",     "state",          "before",
    "after",   "from",         "to",       "done",           "lang",
    "code",    "name",         "email",    "role",           "city",
    "csrf",    "person",       "token",    "session",        "days",
    "again",   "current",      "password", "writes",         "number",
    "version", "organisation", "kind",     "term_from",      "term_to",
    "contact", "status",       "period",   "place_longitude"};

static const char *every_field(const char *text, char first)
{
    AUTO(buf) struct buf out = {.ceiling = 1 << 20};
    size_t n, m;
    const struct record_type *const *all = record_types(&n);

    for (size_t i = 0; i < ARRAY_LEN(fields_of_forms); i++) {
        if (strcmp(fields_of_forms[i], "csrf") == 0)
            continue;
        buf_fmt(&out, "%c%s=", i ? '&' : first, fields_of_forms[i]);
        buf_url(&out, str_of(text));
    }
    for (size_t i = 0; first == '&' && i < n; i++) {
        const struct field *f = all[i]->fields(&m);

        for (size_t k = 0; k < m; k++) {
            const char *column[COLUMNS_OF_FIELD];
            size_t columns = field_columns(&f[k], arena, column);

            for (size_t c = 0; c < columns; c++) {
                buf_fmt(&out, "&%s=", column[c]);
                buf_url(&out, str_of(text));
            }
        }
    }
    return arena_strdup(arena, buf_cstr(&out));
}

static void sent_texts_are_never_markup(void **state)
{
    struct browser b = as(office), visitor = as(0);
    const char *query = every_field(TEXT_ATTACK, '?');
    const char *form = every_field(TEXT_ATTACK, '&') + 1;
    size_t n_routes, n_types, pages = 0;
    const struct route *routes = route_table(&n_routes);
    int wrong = crawl(&b, query, &pages) + crawl(&visitor, query, &pages);

    (void)record_types(&n_types);
    for (size_t i = 0; i < n_routes; i++) {
        bool typed = strstr(routes[i].path, ":type") != NULL;

        if (routes[i].method != METHOD_POST || routes[i].form != CSRF)
            continue;
        for (size_t t = 0; t < (typed ? n_types : 1); t++) {
            const char *path = path_for(&routes[i], t, TEXT_ATTACK);

            browser_sign_in(&b, office);
            browser_get(&visitor, "/sign-in");
            browser_post(&b, path, form);
            wrong += reply_faults(&b, path);
            browser_post(&visitor, path, form);
            wrong += reply_faults(&visitor, path);
        }
    }
    assert_int_equal(wrong, 0);
    browser_close(&b);
    browser_close(&visitor);
}

/* ---- forms and tokens ---- */

/* Everything that a request could have changed. */
static int64_t fingerprint(struct store *s)
{
    static const char *const counts[] = {
        "SELECT count(*) FROM audit",
        "SELECT count(*) FROM history",
        "SELECT count(*) FROM session",
        "SELECT count(*) FROM outbox",
        "SELECT count(*) FROM token",
        "SELECT count(*) FROM grants",
        "SELECT count(*) FROM invitation",
        "SELECT count(*) FROM job",
        "SELECT count(*) FROM account WHERE closed IS NULL"};
    uint64_t sum = 0; /* it may wrap */

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        int64_t n = 0;

        assert_int_equal(store_int(s, counts[i], NO_PARAMS, &n, NULL), RC_OK);
        sum = sum * 10007 + (uint64_t)n;
    }
    return (int64_t)sum;
}

static int refused(struct browser *b, const struct route *route,
                   const char *why, bool also_sign_in)
{
    const char *path = path_for(route, place_of("city"), "x");
    int64_t before = fingerprint(b->store);
    unsigned status;

    b->json = "{\"version\":1,\"name\":{\"en\":\"x\"}}";
    status = browser_ask(b, route->method, path, "version=1&name_en=x");
    if ((status == 403 || (also_sign_in && status == 303 &&
                           strncmp(b->location, "/sign-in", 8) == 0)) &&
        fingerprint(b->store) == before)
        return 0;
    print_error("%s %s: %u, %s\n", method_name(route->method), path, status,
                why);
    return 1;
}

static void every_form_needs_its_token(void **state)
{
    struct browser b = as(office);
    const char *right = b.csrf;
    size_t n, tried = 0;
    const struct route *routes = route_table(&n);
    int wrong = 0;

    assert_non_null(right);
    for (size_t i = 0; i < n; i++) {
        if (routes[i].method == METHOD_GET)
            continue;
        b.csrf = NULL;
        wrong += refused(&b, &routes[i], "without a token", false);
        b.csrf =
            "0000000000000000000000000000000000000000000000000000000000"
            "000000";
        wrong += refused(&b, &routes[i], "with a wrong token", false);
        b.csrf = right;
        b.origin = "https://elsewhere.example";
        wrong += refused(&b, &routes[i], "from elsewhere", false);
        b.origin = "null";
        wrong += refused(&b, &routes[i], "from nowhere", false);
        b.origin = NULL;
        tried++;
    }
    assert_true(tried > 25);
    assert_int_equal(wrong, 0);
    browser_close(&b);
}

static const char *token_of(struct browser *b, int64_t account, bool writes)
{
    struct keyring k;
    char *token = arena_alloc(arena, TOKEN_TEXT);

    memcpy(k.key, server->key, sizeof k.key);
    assert_int_equal(
        store_exec(b->store, "UPDATE account SET totp = :t WHERE id = :id",
                   PARAMS(P_BLOB("t", STR("sealed")), P_INT("id", account)),
                   NULL, NULL),
        RC_OK);
    assert_int_equal(token_create(b->store, &k, account, "t", writes,
                                  time(NULL) + 1000, time(NULL), token, NULL),
                     RC_OK);
    return token;
}

static void tokens_stay_in_their_scope(void **state)
{
    struct browser b = as(0);
    const char *reads = token_of(&b, office, false);
    const char *writes = token_of(&b, office, true);
    const char *city = token_of(&b, editor, true);
    int64_t ours = ids[place_of("city")], theirs;
    size_t n;
    const struct route *routes = route_table(&n);
    int wrong = 0;

    for (size_t i = 0; i < n; i++) {
        if (routes[i].method == METHOD_GET)
            continue;
        b.bearer = reads;
        wrong += refused(&b, &routes[i], "with a token that only reads", false);
        b.bearer = writes;
        if (routes[i].form != API)
            wrong += refused(&b, &routes[i], "with a token of the API", false);
        b.bearer = "nonsense";
        wrong += refused(&b, &routes[i], "with no token of ours", false);
    }
    assert_int_equal(wrong, 0);
    theirs = make_record(b.store, &type_city, "Theirs", "Theirs");
    b.bearer = city;
    b.json =
        "{\"version\":1,\"name\":{\"en\":\"Mine\"},"
        "\"website\":\"https://example.org/\"}";
    assert_int_equal(
        browser_ask(&b, METHOD_PATCH,
                    arena_printf(arena, "/api/cities/%" PRId64, theirs), NULL),
        403);
    assert_int_equal(
        browser_ask(&b, METHOD_PATCH,
                    arena_printf(arena, "/api/cities/%" PRId64, ours), NULL),
        202); /* kept as a proposal */
    assert_int_equal(
        browser_ask(&b, METHOD_DELETE,
                    arena_printf(arena, "/api/cities/%" PRId64, theirs), NULL),
        403);
    assert_int_equal(browser_ask(&b, METHOD_POST, "/api/territories", NULL),
                     403);
    b.accept = "application/json";
    for (size_t i = 0; i < n; i++) {
        if (routes[i].method != METHOD_GET ||
            (routes[i].who != SECRETARIAT_ONLY &&
             strncmp(routes[i].path, "/account", 8) != 0))
            continue;
        if (browser_get(&b, path_for(&routes[i], 0, "x")) != 403) {
            print_error("%s opens to a city's token\n", routes[i].path);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    browser_close(&b);
}

/* What is another's, asked for by its number. */
static void numbers_of_others_open_nothing(void **state)
{
    struct browser b = as(editor), other = as(office), visitor = as(0);
    size_t n;
    const struct route *routes = route_table(&n);
    const char *token = token_of(&other, office, true);
    int64_t id = 0, sessions = 0, left = 0;
    int wrong = 0;

    for (size_t i = 0; i < n; i++) {
        if (routes[i].who != SECRETARIAT_ONLY)
            continue;
        if (routes[i].method == METHOD_GET) {
            const char *path = path_for(&routes[i], 0, "x");

            wrong += browser_get(&b, path) != 403;
            wrong += browser_get(&visitor, path) != 303;
        } else {
            wrong += refused(&b, &routes[i], "by a city's editor", false);
            wrong += refused(&visitor, &routes[i], "by nobody", true);
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(store_int(b.store,
                               "SELECT max(id) FROM token WHERE account = :a",
                               PARAMS(P_INT("a", office)), &id, NULL),
                     RC_OK);
    browser_post(&b, "/account/tokens/revoke",
                 arena_printf(arena, "token=%" PRId64, id));
    other.bearer = token;
    assert_int_equal(browser_get(&other, "/api/people"), 200); /* still good */
    (void)!store_int(b.store, "SELECT count(*) FROM session WHERE account = :a",
                     PARAMS(P_INT("a", office)), &sessions, NULL);
    {
        char *hash = NULL;

        assert_int_equal(
            store_text(b.store,
                       "SELECT hash FROM session WHERE account = :a LIMIT 1",
                       PARAMS(P_INT("a", office)), arena, &hash, NULL),
            RC_OK);
        browser_post(&b, "/account/sessions/close",
                     arena_printf(arena, "session=%s", hash));
    }
    (void)!store_int(b.store, "SELECT count(*) FROM session WHERE account = :a",
                     PARAMS(P_INT("a", office)), &left, NULL);
    assert_int_equal(left, sessions);
    browser_close(&b);
    browser_close(&other);
    browser_close(&visitor);
}

/* ---- tables ---- */

/* A table's cells one after another (RFC 4180); false at its end. */
static bool next_cell(const char **at, struct buf *cell)
{
    const char *p = *at;

    buf_clear(cell);
    if (!*p)
        return false;
    if (*p == '"') {
        for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
            p += *p == '"';
            buf_addc(cell, *p);
        }
        p += *p == '"';
    }
    while (*p && *p != ',' && *p != '\n')
        buf_addc(cell, *p++);
    *at = p + (*p != '\0');
    return true;
}

/* Cells that begin as a formula does; a number with its sign is none. */
static int formula_cells(const char *csv)
{
    AUTO(buf) struct buf cell = {.ceiling = 1 << 16};
    int wrong = 0;

    while (next_cell(&csv, &cell)) {
        const char *c = buf_cstr(&cell);
        double number;

        if (!*c || !strchr("=+-@\t\r", *c) || strcmp(c, "\r") == 0 ||
            strspn(c, "-ots") == 3 || /* states of three languages */
            str_double(str_trim(str_of(c)), &number))
            continue;
        print_error("'%s'\n", c);
        wrong++;
    }
    return wrong;
}

static void tables_hold_no_formulas(void **state)
{
    static const char *const starts[] = {
        "=1+cmd|' /C calc'!A0", "+cmd()", "-cmd()", "@SUM(1)", "\t=1", "\r=1",
        "=\"a\",\"b\"\n=c"};
    struct browser b = as(office);
    size_t n, n_routes;
    const struct route *routes = route_table(&n_routes);
    int wrong = 0, tables = 0;

    (void)record_types(&n);

    assert_int_equal(formula_cells("a,'=b,\"x\"\",=y\"\n-7,\r\n"), 0);
    assert_int_equal(formula_cells("a,\"@b\"\n-c,-7\n=d"), 3);
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        make_records(b.store, starts[i], starts[i]);
    b.accept = "text/csv";
    for (size_t i = 0; i < n_routes; i++) {
        bool typed = strstr(routes[i].path, ":type") != NULL;

        for (size_t t = 0;
             routes[i].method == METHOD_GET && t < (typed ? n : 1); t++) {
            const char *path = path_for(&routes[i], t, "x");
            int cells;

            browser_get(&b, path);
            if (strncmp(content_type(&b), "text/csv", 8) != 0)
                continue;
            cells = formula_cells(b.body);
            if (cells)
                print_error("%s: %d cells begin like formulas\n", path, cells);
            wrong += cells;
            tables++;
        }
    }
    assert_true(tables > 10);
    assert_int_equal(wrong, 0);
    browser_close(&b);
}

/* ---- sign-in ---- */

static void redirects_stay_on_this_site(void **state)
{
    static const char *const to[] = {"https%3A%2F%2Felsewhere.example%2F",
                                     "%2F%2Felsewhere.example",
                                     "%2F%5Celsewhere.example",
                                     "%5C%5Celsewhere.example",
                                     "%2F%09%2Felsewhere.example",
                                     "javascript%3Ax",
                                     "%2Fa%0D%0ASet-Cookie%3Ax%3D1",
                                     "%2F%2F%2Felsewhere.example",
                                     ".elsewhere.example",
                                     "%40elsewhere.example"};

    for (size_t i = 0; i < ARRAY_LEN(to); i++) {
        struct browser b = as(0);
        const char *paths[] = {
            arena_printf(arena, "/language/fr?to=%s", to[i]),
            arena_printf(arena, "/sign-in?to=%s", to[i]),
            arena_printf(arena, "/sign-in/directory?to=%s", to[i])};

        for (size_t k = 0; k < ARRAY_LEN(paths); k++) {
            browser_get(&b, paths[k]);
            assert_int_equal(reply_faults(&b, paths[k]), 0);
        }
        browser_get(&b, "/sign-in");
        assert_int_equal(
            browser_post(&b, "/sign-in",
                         arena_printf(arena,
                                      "email=guest%%40example.org&password="
                                      "a+long+enough+phrase&to=%s",
                                      to[i])),
            303);
        assert_int_equal(reply_faults(&b, "/sign-in"), 0);
        assert_null(strstr(b.location, "elsewhere"));
        browser_close(&b);
    }
}

static const char *cookie(const struct browser *b, const char *name)
{
    return pairs_get(&b->cookies, name).p;
}

static void a_session_given_beforehand_is_not_taken(void **state)
{
    struct browser b = as(0), thief = as(0), first = as(editor);
    const char *planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const char *old = cookie(&first, "session"), *was;

    pairs_add(&b.cookies, arena, "session", str_of(planted));
    browser_get(&b, "/sign-in");
    assert_int_equal(browser_post(&b, "/sign-in",
                                  "email=guest%40example.org&password="
                                  "a+long+enough+phrase"),
                     303);
    assert_string_not_equal(cookie(&b, "session"), planted);
    assert_int_equal(browser_get(&b, "/account"), 200);
    pairs_add(&thief.cookies, arena, "session", str_of(planted));
    assert_int_equal(browser_get(&thief, "/account"), 303);
    /* who signs in over another's session ends it */
    browser_get(&first, "/sign-in");
    browser_post(&first, "/sign-in",
                 "email=guest%40example.org&password=a+long+enough+phrase");
    assert_string_not_equal(cookie(&first, "session"), old);
    thief.cookies.items[0].value = str_of(old);
    assert_int_equal(browser_get(&thief, "/account"), 303);
    /* and after the end of a session its token is worth nothing */
    was = cookie(&b, "session");
    browser_get(&b, "/account");
    assert_int_equal(browser_post(&b, "/sign-out", ""), 303);
    thief.cookies.items[0].value = str_of(was);
    assert_int_equal(browser_get(&thief, "/account"), 303);
    browser_close(&b);
    browser_close(&thief);
    browser_close(&first);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double sign_in_ms(const char *email)
{
    enum { TIMES_EACH = 7 };
    double ms[TIMES_EACH];

    for (int i = 0; i < TIMES_EACH; i++) {
        struct browser b = as(0);
        struct timespec from, until;

        assert_int_equal(
            store_exec(b.store, "DELETE FROM attempt", NO_PARAMS, NULL, NULL),
            RC_OK);
        browser_get(&b, "/sign-in");
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        assert_int_equal(
            browser_post(
                &b, "/sign-in",
                arena_printf(arena, "email=%s&password=wrong+phrase", email)),
            422);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &until);
        ms[i] = (double)(until.tv_sec - from.tv_sec) * 1e3 +
                (double)(until.tv_nsec - from.tv_nsec) / 1e6;
        browser_close(&b);
    }
    qsort(ms, TIMES_EACH, sizeof *ms, by_value);
    return ms[0]; /* the least disturbed */
}

/* The work of a sign-in, in processor time: the same whoever is asked for. */
static void no_time_tells_who_has_an_account(void **state)
{
    double known = sign_in_ms("guest%40example.org");
    double unknown = sign_in_ms("nobody-at-all%40example.org");
    double closed = sign_in_ms("closed%40example.org");
    double strange = sign_in_ms("no-address");

    print_message("%.1f, %.1f, %.1f, %.1f ms\n", known, unknown, closed,
                  strange);
    assert_true(fabs(unknown / known - 1) < 0.35);
    assert_true(fabs(closed / known - 1) < 0.35);
    assert_true(fabs(strange / known - 1) < 0.35);
}

static void an_account_has_so_many_requests(void **state)
{
    struct browser b = as(editor), visitor = as(0);
    unsigned status = 200;

    limiter_set(server->account_limiter, 4);
    for (int i = 0; i < 50 && status == 200; i++)
        status = browser_get(&b, "/desk");
    assert_int_equal(status, 429);
    assert_true(strtol(pairs_get(&b.reply.headers, "Retry-After").p, NULL, 10) >
                0);
    assert_true(browser_sees(&b, "Your account asked very often"));
    assert_int_equal(browser_get(&visitor, "/cities"), 200);
    limiter_set(server->account_limiter, 0);
    assert_int_equal(browser_get(&b, "/desk"), 200);
    browser_close(&b);
    browser_close(&visitor);
}

static int set_up(void **state)
{
    struct browser b;
    int64_t closed;

    arena = arena_new(0);
    if (!mkdtemp(dir))
        return -1;
    server = test_server(arena, dir, &config);
    b = browser_new(server, arena);
    make_records(b.store, "plain", "plain");
    office =
        test_account(&b, "office@example.org", PASSWORD, ROLE_SECRETARIAT, 0);
    editor = test_account(&b, "editor@example.org", PASSWORD, ROLE_CITY_EDITOR,
                          ids[place_of("city")]);
    test_account(&b, "guest@example.org", PASSWORD, ROLES, 0);
    closed = test_account(&b, "closed@example.org", PASSWORD, ROLES, 0);
    if (account_close(b.store, closed, true, office, time(NULL), NULL))
        return -1;
    browser_close(&b);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(server, 2);
    arena_free(arena);
    return dir_remove(dir, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_needs_its_token),
        cmocka_unit_test(tokens_stay_in_their_scope),
        cmocka_unit_test(numbers_of_others_open_nothing),
        cmocka_unit_test(stored_texts_are_never_markup),
        cmocka_unit_test(sent_texts_are_never_markup),
        cmocka_unit_test(tables_hold_no_formulas),
        cmocka_unit_test(redirects_stay_on_this_site),
        cmocka_unit_test(a_session_given_beforehand_is_not_taken),
        cmocka_unit_test(no_time_tells_who_has_an_account),
        cmocka_unit_test(an_account_has_so_many_requests),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
