/*
 * cli/describe: what tables are likely to be. Texts as offices write them; then
 * small folders: which file is what, and what stays unsaid.
 */
#include "base/file.h"
#include "cli/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena *arena;
static char dir[] = "/tmp/passerelle-describe-XXXXXX";

static void ages_as_offices_write_them(void **state)
{
    static const char *const rows[][2] = {
        {"20-24", "20-24"},
        {"20 to 24 years", "20-24"},
        {"de 20 à 24 ans", "20-24"},
        {"85 et plus", "85+"},
        {"85+", "85+"},
        {">= 85", "85+"},
        {"85 and over", "85+"},
        {"80 Jahre und mehr", "80+"},
        {"75 فأكثر", "75+"},
        {"7", "7"},
        {"7 ans", "7"},
    };
    static const char *const none[] = {"",     "total", "1-2-3",     "24-20",
                                       "2024", "all",   "2019-01-01"};
    char out[16];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!describe_age(str_of(rows[i][0]), out))
            fail_msg("'%s' is no age", rows[i][0]);
        assert_string_equal(out, rows[i][1]);
    }
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (describe_age(str_of(none[i]), out))
            fail_msg("'%s' is an age: %s", none[i], out);
}

static void sexes_in_four_languages(void **state)
{
    assert_string_equal(describe_sex(STR("Femmes")), "female");
    assert_string_equal(describe_sex(STR("männlich")), "male");
    assert_string_equal(describe_sex(STR(" F ")), "female");
    assert_string_equal(describe_sex(STR("إناث")), "female");
    assert_string_equal(describe_sex(STR("Homes")), "male");
    assert_null(describe_sex(STR("1")));
    assert_null(describe_sex(STR("total")));
    assert_null(describe_sex(STR("")));
}

/* ---- folders ---- */

static struct node *guess(const char *const (*files)[2], size_t n)
{
    struct described_file *d = arena_array(arena, struct described_file, n);
    struct node *package;

    for (size_t i = 0; i < n; i++) {
        const char *path = path_join(arena, dir, files[i][0]);

        assert_int_equal(file_write(path, str_of(files[i][1]), NULL), RC_OK);
        describe_file(dir, files[i][0], arena, &d[i]);
        unlink(path);
    }
    package = describe_guess(d, n, arena);
    return package;
}

static const char *at(const struct node *package, const char *resource,
                      const char *path)
{
    const struct node *list = node_get(package, "resources");

    for (size_t i = 0; i < node_len(list); i++)
        if (strcmp(node_cstr(node_get(node_at(list, i), "name"), ""),
                   resource) == 0)
            return node_cstr(node_path(node_at(list, i), path), "");
    return "";
}

#define AREA(id, name, x)                                                     \
    "{\"type\":\"Feature\",\"properties\":{\"code\":\"" id                    \
    "\",\"nom\":\"" name                                                      \
    "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[" x ",30],[" x \
    ".5,30],[" x ".5,31],[" x ",30]]]}}"

static void a_french_folder(void **state)
{
    static const char *const files[][2] = {
        {"habitants.csv",
         "Année;Quartier;Sexe;Âge;Nationalité;Effectif\n"
         "2023;Q1;Hommes;de 0 à 4 ans;MA;12\n"
         "2024;Q2;Femmes;85 ans et plus;DZ;7\n"
         "2024;Q1;Femmes;de 5 à 9 ans;ML;9\n"},
        {"quartiers.geojson",
         "{\"type\":\"FeatureCollection\",\"features\":[" AREA(
             "Q1", "Port", "10") "," AREA("Q2", "Plage", "11") "]}"},
        {"ecoles.csv", "nom,type,lon,lat\nÉcole,school,10.1,30.2\n"},
    };
    struct node *p = guess(files, ARRAY_LEN(files));

    assert_string_equal(at(p, "population", "path"), "habitants.csv");
    assert_string_equal(at(p, "population", "passerelle.fields.area"),
                        "Quartier");
    assert_string_equal(at(p, "population", "passerelle.fields.origin"),
                        "Nationalité");
    assert_string_equal(at(p, "population", "passerelle.fields.count"),
                        "Effectif");
    assert_string_equal(at(p, "population", "passerelle.fields.sex"), "Sexe");
    assert_string_equal(at(p, "population", "passerelle.fields.age"), "Âge");
    assert_string_equal(at(p, "population", "passerelle.fields.period"),
                        "Année");
    assert_string_equal(at(p, "population", "passerelle.codes.sex.Hommes"),
                        "male");
    assert_string_equal(
        at(p, "population", "passerelle.codes.age.85 ans et plus"), "85+");
    assert_string_equal(node_cstr(node_path(p, "passerelle.period"), ""),
                        "2024");
    assert_string_equal(at(p, "areas", "path"), "quartiers.geojson");
    assert_string_equal(at(p, "areas", "passerelle.fields.id"), "code");
    assert_string_equal(at(p, "areas", "passerelle.fields.name"), "nom");
    assert_string_equal(at(p, "services", "path"), "ecoles.csv");
    assert_string_equal(at(p, "services", "passerelle.fields.longitude"),
                        "lon");
}

static void a_column_an_origin(void **state)
{
    static const char *const files[][2] = {
        {"wide.csv", "district,MA,DZ,TN,SY,TR\n1,10,20,30,40,50\n"}};
    struct node *p = guess(files, 1);

    assert_string_equal(at(p, "population", "passerelle.layout"), "wide");
    assert_string_equal(at(p, "population", "passerelle.columns.SY"), "SY");
    assert_string_equal(at(p, "population", "passerelle.fields.origin"), "");
    assert_string_equal(at(p, "population", "passerelle.fields.area"),
                        "district");
}

static void old_encodings_are_seen(void **state)
{
    static const char *const files[][2] = {
        {"latin.csv", "quartier;nationalit\xE9;effectif\nQ1;MA;3\n"}};
    struct node *p = guess(files, 1);

    assert_string_equal(at(p, "population", "encoding"), "windows-1252");
    assert_string_equal(at(p, "population", "passerelle.fields.origin"),
                        "nationalité");
}

static void what_says_nothing_is_not_guessed(void **state)
{
    static const char *const files[][2] = {
        {"a.csv", "a,b\n1,2\n"}, {"empty.csv", ""}, {"note.pdf", "%PDF"}};
    struct node *p = guess(files, ARRAY_LEN(files));

    assert_int_equal(node_len(node_get(p, "resources")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ages_as_offices_write_them),
        cmocka_unit_test(sexes_in_four_languages),
        cmocka_unit_test(a_french_folder),
        cmocka_unit_test(a_column_an_origin),
        cmocka_unit_test(old_encodings_are_seen),
        cmocka_unit_test(what_says_nothing_is_not_guessed),
    };
    int failed;

    arena = arena_new(0);
    if (!mkdtemp(dir))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(dir);
    arena_free(arena);
    return failed;
}
