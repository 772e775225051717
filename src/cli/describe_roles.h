/*
 * describe_roles.h: what a column is likely to be, by its name and its values.
 *
 * Names are compared folded (text/fold.h), as whole words or as the first or
 * last word of a name: "district_code", "ref_year". Digits at the end of a
 * word say how wide its classes are ("age5") and belong to no word. Pure;
 * everything is from the arena or borrowed.
 */
#ifndef PASSERELLE_CLI_DESCRIBE_ROLES_H
#define PASSERELLE_CLI_DESCRIBE_ROLES_H

#include "cli/describe.h"

enum role {
    ROLE_PERIOD,
    ROLE_SEX,
    ROLE_AGE,
    ROLE_ORIGIN,
    ROLE_AREA,
    ROLE_COUNT,
    ROLE_LONGITUDE,
    ROLE_LATITUDE,
    ROLE_NAME,
    ROLE_KIND,
    ROLES_
};
struct roles {
    int column[ROLES_]; /* -1: none */
    double score[ROLES_];
};

/* Each role takes the column that fits it best and is not taken; the surest
 * pairs first. `ids`: of the areas, or NULL. */
struct roles roles_assign(const struct described_file *f,
                          const struct described_column *ids, struct arena *a);
bool roles_taken(const struct roles *r, size_t column);

/* 3: the name is one of the role's words; 2: it begins or ends with one; 0. */
int role_name_score(const char *name, enum role role, struct arena *a);

/* Numbers, all but a tenth (what is withheld is written otherwise). */
bool column_is_numbers(const struct described_column *c);
/* People: numbers, none of them below zero. */
bool column_is_counts(const struct described_column *c);
/* Share of the column's values that are ids of the areas. */
double column_share_in(const struct described_column *c,
                       const struct described_column *ids);
/* "FRA", "MA". */
bool text_is_country(struct str s);
/* A group of origins as offices write it at the head of a column: a country,
 * "EEA", "Ausland", "estrangers". */
bool text_is_group(const char *name, struct arena *a);
/*
 * Ages numbered one after the other from 0 or 1 in a column that says that its
 * classes are five years wide ("AGE5", "EDAT_Q"): the first number; else -1.
 */
int column_five_years(const struct described_column *c, struct arena *a);
/* 1 and 2, with or without 0 and 9: the sexes of ISO/IEC 5218. */
bool column_is_iso_sex(const struct described_column *c);

#endif
