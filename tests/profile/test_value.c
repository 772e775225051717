/*
 * Paths of the document, shares in words, and chapters that name what is not
 * there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "profile/value.h"
#include "profile/words.h"
#include "town.h"

#include "profile/profile.h"

struct built {
    struct arena *arena;
    struct intake in;
    struct faults faults;
    struct node *doc;
    enum rc rc;
};

static struct town_options options(void)
{
    return (struct town_options){
        .seed = 1,
        .rule = {.stated = true,
                 .method = PROTECT_SUPPRESS,
                 .below = 5,
                 .secondary = true},
        .parts = true,
        .compare = true,
        .ages = true,
    };
}

static void build(struct built *b, const struct town_options *o,
                  void (*change)(struct package *p, struct arena *a),
                  const char *const *languages)
{
    struct release_options ro = {.seed = 1, .threads = 1, .measure_from = 200};
    struct profile_options po = {
        .seed = 1, .version = "0", .languages = languages};
    struct release *r;
    struct err err;

    b->arena = arena_new(0);
    town_make(o, b->arena, &b->in);
    if (change)
        change(b->in.package, b->arena);
    faults_init(&b->faults, b->arena);
    assert_int_equal(release_make(&b->in, &ro, NULL, b->arena, &r, &err),
                     RC_OK);
    b->rc = profile_build(b->in.package, b->in.geography, r, &po, b->arena,
                          &b->faults, &b->doc, &err);
}

static void unbuild(struct built *b)
{
    cube_free(b->in.cube);
    arena_free(b->arena);
}

static void paths_found(void **state)
{
    static const struct {
        const char *path, *unit;
        enum node_kind kind;
    } cases[] = {
        {"population.total", "persons", NODE_INT},
        {"population.migrants_share", "share", NODE_DOUBLE},
        {"origins.SY.share", "share", NODE_DOUBLE},
        {"origins.SY.origin", "none", NODE_OBJECT}, /* its names */
        {"origins.number", "none", NODE_INT},
        {"distribution.01.share", "share", NODE_DOUBLE},
        {"distribution.01.name", "none", NODE_TEXT},
        {"distribution.01.DE", "persons", NODE_INT},
        {"distribution.quotients.01.TR", "ratio", NODE_DOUBLE},
        {"measures.city.dissimilarity", "index", NODE_DOUBLE},
        {"measures.migrants.isolation", "index", NODE_DOUBLE},
        {"measures.origins.SY.dissimilarity", "index", NODE_DOUBLE},
        {"population.series.2015.total", "persons", NODE_INT},
        {"access.services.library.places", "places", NODE_INT},
        {"flows.table.2019.net", "moves", NODE_INT},
        {"title", "", NODE_OBJECT},
        {"period", "", NODE_TEXT},
    };
    struct town_options o = options();
    struct built b;

    (void)state;
    build(&b, &o, NULL, NULL);
    assert_int_equal(b.rc, RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct profile_value v = profile_value(b.doc, cases[i].path);

        if (v.state != STATE_PLAIN || !v.node)
            fail_msg("%s is not found", cases[i].path);
        assert_string_equal(v.unit, cases[i].unit);
        assert_int_equal(v.node->kind, cases[i].kind);
    }
    assert_non_null(profile_value(b.doc, "origins.SY.count").label);
    assert_string_equal(profile_value(b.doc, "origins.SY.compare_count").period,
                        "2015");
    assert_string_equal(profile_value(b.doc, "population.total").source,
                        "population");
    unbuild(&b);
}

static void paths_refused(void **state)
{
    static const char *const cases[] = {
        "",
        ".",
        "nothing",
        "population",         /* a part, not a value */
        "population.series",  /* a table */
        "origins.QQ.share",   /* no such origin */
        "origins.SY.nothing", /* no such column */
        "origins.SY",         /* a row */
        "distribution.99.share",
        "measures.city",
        "measures.city.nothing",
        "figures.map-migrants", /* a figure */
        "languages",
        "chapters.synopsis.summary",
    };
    struct town_options o = options();
    struct built b;

    (void)state;
    build(&b, &o, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (profile_value(b.doc, cases[i]).state != STATE_NONE)
            fail_msg("'%s' is found", cases[i]);
    assert_null(profile_figure(b.doc, "nothing"));
    assert_non_null(profile_figure(b.doc, "map-migrants"));
    unbuild(&b);
}

static void withheld_has_no_number(void **state)
{
    struct town_options o = options();
    struct built b;
    const struct node *rows;
    size_t withheld = 0;

    (void)state;
    build(&b, &o, NULL, NULL);
    rows = node_path(b.doc, "distribution.counts.rows");
    for (size_t i = 0; i < node_len(rows); i++)
        for (size_t k = 1; k < node_len(node_at(rows, i)); k++) {
            const struct node *value;
            enum profile_state s =
                profile_cell(node_at(node_at(rows, i), k), &value);

            withheld += s == STATE_WITHHELD;
            assert_true((s == STATE_PLAIN) == (value != NULL));
        }
    assert_true(withheld > 0);
    assert_int_equal(profile_value(b.doc, "outcomes.table.nothing.x").state,
                     STATE_NONE);
    unbuild(&b);
}

static void add_text(struct package *p, struct arena *a, const char *code,
                     const char *file, const char *text)
{
    struct chapter_text *texts =
        arena_array(a, struct chapter_text, p->n_texts + 1);

    memcpy(texts, p->texts, p->n_texts * sizeof(*texts));
    texts[p->n_texts] = (struct chapter_text){code, "en", file, str_of(text)};
    p->texts = texts;
    p->n_texts++;
}

static void wrong_mentions(struct package *p, struct arena *a)
{
    add_text(p, a, "about", "texts/about.en.md",
             "# About\n\nWe are {{value:population.all}}, {{other}},\n"
             "{{ value: origins.SY.share }}.\n\n  {{figure:map-nothing}}\n");
}

static void mentions_checked(void **state)
{
    struct town_options o = options();
    struct built b;

    (void)state;
    build(&b, &o, wrong_mentions, NULL);
    assert_int_equal(b.rc, RC_INVALID);
    assert_int_equal(b.faults.n, 2);
    faults_sort(&b.faults);
    assert_int_equal(b.faults.items[0].kind, FAULT_TEXT_VALUE_UNKNOWN);
    assert_string_equal(b.faults.items[0].place.file, "texts/about.en.md");
    assert_int_equal(b.faults.items[0].place.line, 3);
    assert_int_equal(b.faults.items[0].place.column, 8);
    assert_int_equal(b.faults.items[1].kind, FAULT_TEXT_FIGURE_UNKNOWN);
    assert_int_equal(b.faults.items[1].place.line, 6);
    assert_int_equal(b.faults.items[1].place.column, 3);
    unbuild(&b);
}

static void own_chapter(struct package *p, struct arena *a)
{
    add_text(p, a, "our-harbour", "texts/our-harbour.en.md", "Ships.\n");
}

static void chapters_ordered(void **state)
{
    struct town_options o = options();
    const struct node *chapters;
    struct built b;
    size_t n;

    (void)state;
    build(&b, &o, own_chapter, NULL);
    assert_int_equal(b.rc, RC_OK);
    assert_int_equal(b.faults.count[FAULT_CHAPTER_UNKNOWN], 1);
    chapters = node_get(b.doc, "chapters");
    n = node_len(chapters);
    assert_int_equal(n, 13);
    assert_string_equal(
        node_cstr(node_get(node_at(chapters, n - 2), "code"), ""),
        "our-harbour");
    assert_string_equal(
        node_cstr(node_path(node_at(chapters, n - 2), "title.en"), ""),
        "Our harbour");
    assert_string_equal(
        node_cstr(node_get(node_at(chapters, n - 1), "code"), ""), "annexes");
    assert_string_equal(node_cstr(node_at(chapters, 0)->kids.items[0], ""),
                        "front-matter");
    unbuild(&b);
}

static void languages_chosen(void **state)
{
    static const char *const asked[] = {"ar", "de", "ar-MA", NULL};
    static const char *const none[] = {"de", NULL};
    struct town_options o = options();
    struct built b;

    (void)state;
    build(&b, &o, NULL, asked);
    assert_int_equal(node_len(node_get(b.doc, "languages")), 1);
    assert_non_null(node_path(b.doc, "title.ar"));
    assert_null(node_path(b.doc, "title.en"));
    unbuild(&b);
    build(&b, &o, NULL, none);
    assert_non_null(node_path(b.doc, "title.en"));
    unbuild(&b);
}

static void parts_absent(void **state)
{
    static const char *const parts[] = {"access", "outcomes", "flows",
                                        "governance", "actors"};
    struct town_options o = options();
    struct built b;

    (void)state;
    o.parts = o.compare = o.ages = false;
    build(&b, &o, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        assert_non_null(node_get(node_get(b.doc, parts[i]), "absent"));
    assert_non_null(node_path(b.doc, "population.structure.absent"));
    assert_non_null(node_path(b.doc, "population.sex.absent"));
    assert_null(node_path(b.doc, "population.change"));
    assert_null(profile_figure(b.doc, "map-change"));
    assert_null(profile_figure(b.doc, "series"));
    assert_null(profile_figure(b.doc, "age-pyramid"));
    unbuild(&b);
}

static void one_in(void **state)
{
    static const struct {
        double share;
        unsigned n;
    } cases[] = {
        {0.2, 5},  {0.2099, 5}, {0.191, 5},   {0.212, 0}, {0.189, 0}, {0.5, 2},
        {0.52, 2}, {0.53, 0},   {1.0 / 3, 3}, {0.36, 0},  {0.05, 20}, {0.04, 0},
        {0, 0},    {1, 0},      {0.9, 0},     {-0.2, 0},  {1e-9, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (words_one_in(cases[i].share) != cases[i].n)
            fail_msg("%g is one in %u", cases[i].share,
                     words_one_in(cases[i].share));
    assert_int_equal(words_one_in(NAN), 0);
    assert_string_equal(words_number(5), "five");
    assert_null(words_number(11));
    assert_null(words_number(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_found),
        cmocka_unit_test(paths_refused),
        cmocka_unit_test(withheld_has_no_number),
        cmocka_unit_test(mentions_checked),
        cmocka_unit_test(chapters_ordered),
        cmocka_unit_test(languages_chosen),
        cmocka_unit_test(parts_absent),
        cmocka_unit_test(one_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
