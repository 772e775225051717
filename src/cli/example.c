/* passerelle example: writes the data package of Marsa, a fictional city. */
#include "cli/example.h"
#include "base/file.h"
#include "cli/cli.h"

#include <stdio.h>

/* examples/marsa/texts, put into the program when it is built. */
#define TEXT(name, symbol)                      \
    extern const unsigned char text_##symbol[]; \
    extern const size_t text_##symbol##_bytes;
#include "cli/example_texts.def"
#undef TEXT

static const struct {
    const char *name;
    const unsigned char *bytes;
    const size_t *n;
} texts[] = {
#define TEXT(name, symbol) {name, text_##symbol, &text_##symbol##_bytes},
#include "cli/example_texts.def"
#undef TEXT
};

static enum rc write_tables(const struct town *t, const char *dir,
                            struct err *err)
{
    static const struct {
        const char *name;
        void (*write)(const struct town *t, struct buf *out);
    } files[] = {{"areas.geojson", example_areas},
                 {"population.csv", example_population},
                 {"services.csv", example_services},
                 {"flows.csv", example_flows},
                 {"outcomes.csv", example_outcomes},
                 {"governance.csv", example_governance},
                 {"actors.csv", example_actors},
                 {"datapackage.json", example_descriptor}};
    enum rc rc = RC_OK;

    for (size_t i = 0; i < ARRAY_LEN(files) && !rc; i++) {
        AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

        files[i].write(t, &text);
        REQUIRE(!text.failed);
        rc = file_write(path_join(t->arena, dir, files[i].name), buf_str(&text),
                        err);
    }
    return rc;
}

static enum rc write_texts(const char *dir, struct arena *a, struct err *err)
{
    char *folder = path_join(a, dir, "texts");
    enum rc rc = dir_make(folder, err);

    for (size_t i = 0; i < ARRAY_LEN(texts) && !rc; i++)
        rc = file_write(path_join(a, folder, texts[i].name),
                        (struct str){(const char *)texts[i].bytes, *texts[i].n},
                        err);
    return rc;
}

enum rc example_write(const char *dir, uint64_t seed, struct arena *a,
                      struct err *err)
{
    struct town *t = arena_new_of(a, struct town);
    enum rc rc;

    t->seed = seed;
    t->arena = a;
    rc = town_draw(t, err);
    if (rc)
        return rc;
    town_people(t);
    rc = write_tables(t, dir, err);
    return rc ? rc : write_texts(dir, a, err);
}

static void say_where(const struct cli *c, const char *dir)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};

    lang_fill(&text,
              lang_text(c->lang,
                        N_("The package of Marsa, a fictional city, is in "
                           "{path}; its profile: passerelle profile {path}")),
              "path", dir, NULL);
    printf("%s\n", buf_cstr(&text));
}

enum rc run_example(struct cli *c, struct err *err)
{
    /* A package is work of people by and by: none is ever replaced. */
    static const char never_there[] = ".written-by-nobody";
    const char *dir = c->operand[0];
    struct stage stage;
    uint64_t seed;
    enum rc rc = cli_number(c, "seed", 0, 1, &seed, err);

    if (rc)
        return rc;
    rc = stage_open(&stage, c->arena, dir, never_there, err);
    if (rc)
        return rc;
    rc = example_write(stage.path, seed, c->arena, err);
    if (rc)
        stage_abort(&stage);
    else
        rc = stage_commit(&stage, err);
    if (!rc && !cli_option(c, "quiet"))
        say_where(c, dir);
    return rc;
}
