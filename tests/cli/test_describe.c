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

/* Classes by number, sexes by number, groups of an office's own beside one
 * country; two layers of areas, of which the table names the coarser. */
static const char *numbered_classes(void)
{
    AUTO(buf) struct buf b = {.ceiling = 1 << 16};

    buf_adds(&b,
             "NUTS,DISTRICT_CODE,SUB_DISTRICT_CODE,REF_YEAR,REF_DATE,SEX,"
             "AGE5,DEU,EEA,ROW\n");
    for (int age = 1; age <= 18; age++)
        for (int sex = 1; sex <= 2; sex++)
            buf_adds(&b, arena_printf(
                             arena, "DE1,%d00,%d00,2020,20200101,%d,%d,9,3,1\n",
                             1 + age % 2, 1 + age % 2, sex, age));
    return arena_strdup(arena, buf_cstr(&b));
}

#define LAYER(key, id, big, small, x)                                         \
    "{\"type\":\"Feature\",\"properties\":{\"" key "\":\"" id                 \
    "\",\"NAMEG\":\"" big "\",\"NAMEK\":\"" small                             \
    "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[" x ",48],[" x \
    ".5,48],[" x ".5,49],[" x ",48]]]}}"

static void numbers_for_classes(void **state)
{
    const char *const files[][2] = {
        {"population.csv", numbered_classes()},
        {"moves.csv",
         "DISTRICT_CODE,SUB_DISTRICT_CODE,REF_YEAR,SEX,GEO2,MOVE_NET,MOVE_IN\n"
         "100,101,2020,1,DEU,-3,4\n100,102,2020,2,FOR,2,5\n"
         "200,201,2020,1,DEU,-3,4\n"},
        {"districts.geojson",
         "{\"type\":\"FeatureCollection\",\"features\":[" LAYER(
             "DISTRICT_CODE", "100", "ALTE STADT", "Alte Stadt",
             "10") "," LAYER("DISTRICT_CODE", "200", "DÖRFL", "Dörfl",
                             "11") "]}"},
        {"wards.geojson",
         "{\"type\":\"FeatureCollection\",\"features\":[" LAYER(
             "SUB_DISTRICT_CODE", "101", "A", "a",
             "10") "," LAYER("SUB_DISTRICT_CODE", "102", "B", "b",
                             "11") "," LAYER("SUB_DISTRICT_CODE", "201", "C",
                                             "c", "12") "]}"},
    };
    struct node *p = guess(files, ARRAY_LEN(files));

    assert_string_equal(at(p, "population", "path"), "population.csv");
    assert_string_equal(at(p, "population", "passerelle.layout"), "wide");
    assert_string_equal(at(p, "population", "passerelle.columns.DEU"), "DEU");
    assert_string_equal(at(p, "population", "passerelle.columns.EEA"), "EEA");
    assert_string_equal(at(p, "population", "passerelle.columns.ROW"), "ROW");
    assert_string_equal(at(p, "population", "passerelle.columns.AGE5"), "");
    assert_string_equal(at(p, "population", "passerelle.fields.area"),
                        "DISTRICT_CODE");
    assert_string_equal(at(p, "population", "passerelle.fields.age"), "AGE5");
    assert_string_equal(at(p, "population", "passerelle.fields.period"),
                        "REF_YEAR");
    assert_string_equal(at(p, "population", "passerelle.codes.sex.2"),
                        "female");
    assert_string_equal(at(p, "population", "passerelle.codes.age.1"), "0-4");
    assert_string_equal(at(p, "population", "passerelle.codes.age.17"),
                        "80-84");
    assert_string_equal(at(p, "population", "passerelle.codes.age.18"), "85+");
    assert_string_equal(
        node_cstr(node_path(p, "passerelle.origins.ROW.en"), ""), "ROW");
    assert_string_equal(at(p, "areas", "path"), "districts.geojson");
    assert_string_equal(at(p, "areas", "passerelle.fields.id"),
                        "DISTRICT_CODE");
    assert_string_equal(at(p, "areas", "passerelle.fields.name"), "NAMEK");
}

/* Withheld counts are empty; the origins' names stand beside their codes, but
 * a column that is no translation of them does not name them. */
static void codes_with_their_names(void **state)
{
    static const char *const files[][2] = {
        {"nationality.csv",
         "date,barri_code,barri,region_code,region_en,region_fr,region_ar,sex,"
         "persons,note\n"
         "2024-01-01,01,Port,1,East,Est,شرق,Female,7.0,x\n"
         "2024-01-01,01,Port,2,West,Ouest,شرق,Male,,y\n"
         "2025-01-01,02,Platja,2,West,Ouest,غرب,Female,..,z\n"
         "2025-01-01,02,Platja,1,East,Est,غرب,Male,12,x\n"
         "2025-01-01,02,Platja,1,East,Est,غرب,Female,12,x\n"
         "2025-01-01,02,Platja,1,East,Est,غرب,Female,13,x\n"
         "2025-01-01,02,Platja,2,West,Ouest,غرب,Female,14,x\n"
         "2025-01-01,01,Port,2,West,Ouest,غرب,Female,15,x\n"
         "2025-01-01,01,Port,2,West,Ouest,غرب,Male,16,x\n"
         "2025-01-01,01,Port,1,East,Est,غرب,Male,17,x\n"
         "2025-01-01,01,Port,1,East,Est,غرب,Male,18,x\n"}};
    struct node *p = guess(files, 1);

    assert_string_equal(at(p, "population", "passerelle.fields.origin"),
                        "region_code");
    assert_string_equal(at(p, "population", "passerelle.fields.count"),
                        "persons");
    assert_string_equal(node_cstr(node_path(p, "passerelle.origins.1.en"), ""),
                        "East");
    assert_string_equal(node_cstr(node_path(p, "passerelle.origins.2.fr"), ""),
                        "Ouest");
    assert_string_equal(node_cstr(node_path(p, "passerelle.origins.1.ar"), ""),
                        "");
    assert_int_equal(node_len(node_path(node_at(node_get(p, "resources"), 0),
                                        "passerelle.suppressed")),
                     2);
}

/* Single years of age stay what they are; an unknown code of sex too. */
static void numbers_that_say_no_more(void **state)
{
    static const char *const files[][2] = {
        {"years.csv",
         "zona,edad,sexo,nacionalidad,personas\n"
         "1,0,1,MA,3\n1,1,2,ES,4\n2,2,3,MA,5\n2,3,1,FR,6\n"}};
    static const char *const money[][2] = {
        {"income.csv",
         "district,year,sex,INC_TOTAL,INC_NET\n"
         "1,2020,1,3,-1\n2,2021,2,4,2\n"}};
    struct node *p = guess(files, 1);

    assert_string_equal(at(p, "population", "passerelle.fields.age"), "edad");
    assert_string_equal(at(p, "population", "passerelle.codes.age.1"), "");
    assert_string_equal(at(p, "population", "passerelle.codes.sex.1"), "");
    p = guess(money, 1);
    assert_string_equal(at(p, "population", "path"), "");
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
        cmocka_unit_test(numbers_for_classes),
        cmocka_unit_test(codes_with_their_names),
        cmocka_unit_test(numbers_that_say_no_more),
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
