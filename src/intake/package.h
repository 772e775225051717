/*
 * package.h: what a city handed over, read and checked, without the counts.
 *
 * Everything lives in the arena given to package_read and is immutable after
 * it. The counts are in the cube (raw) and reach later rooms as a release; the
 * same holds for `flows` and `outcomes`, which are raw counts too: protect/
 * reads them, nobody later does.
 */
#ifndef PASSERELLE_PACKAGE_H
#define PASSERELLE_PACKAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "intake/cube.h"
#include "intake/fault.h"
#include "space/geography.h"

/* A text by language: {"en": ..., "fr": ...}; order as in the descriptor. */
struct names {
    size_t n;
    const char **lang, **text;
};
const char *names_find(const struct names *n, const char *lang); /* or NULL */

struct origin_info {
    const char *code;   /* as in the cube */
    struct names names; /* may be empty: then an ISO code */
    bool majority;
};
struct origin_level { /* optional coarser groups */
    const char *code;
    struct names names;
    size_t n_maps;
    const char **origin, **group; /* origin code -> group code */
};

enum protection_method { PROTECT_NONE, PROTECT_SUPPRESS, PROTECT_CELL_KEY };
struct protection_rule {
    bool stated; /* false: the descriptor says nothing */
    enum protection_method method;
    int64_t below; /* suppress: 1..below-1 are withheld */
    bool secondary;
    int64_t maximum;    /* cell key: D */
    double variance;    /* V */
    int64_t never;      /* js */
    const char *secret; /* "file:..." or "env:...", not its content */
    const char *why;    /* none: the reason */
};

struct service {
    const char *id, *name, *kind; /* name may be "" */
    double longitude, latitude;
    uint32_t area;    /* index in the geography, DICT_NONE outside every area */
    int64_t capacity; /* -1 unknown */
    const char *languages; /* ISO 639 codes, "ar;fr"; "" unknown */
    const char *hours, *for_whom, *organisation, *url; /* "" unknown */
};

struct outcome {
    const char *indicator; /* code */
    const char *group;     /* origin code, "majority", "migrants", own text */
    const char *area;      /* "" whole city */
    const char *period;
    const char *sex, *age;          /* "" all */
    int64_t numerator, denominator; /* -1: withheld or missing */
    uint64_t line;
};
struct outcome_indicator { /* descriptor: "indicators" of the resource */
    const char *code;
    struct names names;
};

struct flow {
    const char *from, *to; /* area id, origin code, or "" elsewhere */
    const char *period;
    int64_t count; /* -1 withheld or missing */
};

enum level { LEVEL_LOCAL, LEVEL_REGIONAL, LEVEL_NATIONAL, LEVEL_OTHER };
struct competence {
    const char *sector;
    enum level level;
    const char *role, *law;
};
struct actor {
    const char *name, *type;
    enum level level;
    const char *competences; /* ";" between */
};

/* Names of a table's own codes (sectors, kinds of service, types, groups). */
struct code_names {
    const char *resource, *code; /* "services", "school" */
    struct names names;
};

struct chapter_text {
    const char *code; /* file name: texts/<code>.<lang>.md */
    const char *lang;
    const char *file; /* for faults */
    struct str markdown;
};

/* What was read of one resource, for the quality part of the profile. */
struct reading {
    const char *resource, *path, *title, *licence;
    uint64_t rows, taken, skipped, missing, withheld;
    uint64_t rows_other_period; /* taken, but not in period or compare */
};

struct package {
    const char *name, *title, *dir;
    const char *licence, *licence_title;
    struct names city;
    const char *country; /* ISO 3166 alpha-2 */
    double longitude, latitude;
    const char *period, *compare; /* compare may be NULL */
    const char *basis;            /* code, or NULL when a text */
    struct names basis_text;
    size_t n_origins;
    struct origin_info *origins; /* every origin of the cube, cube order */
    size_t n_levels;
    struct origin_level *levels;
    struct protection_rule protection;
    bool fictional; /* the package says that its city does not exist */
    size_t n_languages;
    const char **languages;
    size_t n_services;
    struct service *services;
    size_t n_indicators;
    struct outcome_indicator *indicators;
    size_t n_outcomes;
    struct outcome *outcomes; /* raw */
    size_t n_flows;
    struct flow *flows; /* raw */
    size_t n_competences;
    struct competence *competences;
    size_t n_actors;
    struct actor *actors;
    size_t n_names;
    struct code_names *names;
    size_t n_texts;
    struct chapter_text *texts;
    size_t n_readings;
    struct reading *readings;
};

/* Names given to a code of a table, or NULL. */
const struct names *package_names(const struct package *p, const char *resource,
                                  const char *code);

/* All of a package: what package_read gives back. */
struct intake {
    struct package *package;
    struct cube *cube; /* owned: intake_release frees it */
    struct geography *geography;
    char *unpacked; /* a .zip's folder, NULL else: intake_release removes it */
};

/*
 * Reads and checks everything in the directory or .zip `path`. Faults and
 * warnings go to `faults`; with any real fault the return is RC_INVALID and
 * *out holds what could be read. Other codes (I/O, memory, cancelled) come with
 * `err`. `threads` = 0: as many as useful.
 */
enum rc package_read(const char *path, unsigned threads,
                     const struct progress *progress, struct arena *a,
                     struct faults *faults, struct intake *out,
                     struct err *err) MUST_USE;
void intake_release(struct intake *in);

#endif
