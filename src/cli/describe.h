/*
 * describe.h: the columns of a folder's tables, and what they are likely to be.
 *
 * Reading looks at the first rows of each file and keeps the different values
 * of each column, as far as there are not too many. Guessing is pure: names of
 * columns in the languages of the region and beyond, and what the values look
 * like. A guess is shown to people, never used unseen.
 */
#ifndef PASSERELLE_CLI_DESCRIBE_H
#define PASSERELLE_CLI_DESCRIBE_H

#include "base/dict.h"
#include "base/node.h"

enum { DESCRIBE_VALUES = 400, DESCRIBE_ROWS = 200000 };

struct described_column {
    const char *name;
    struct dict values; /* the first DESCRIBE_VALUES different ones */
    bool many;          /* there are more */
    uint64_t filled, numbers, wholes, negatives; /* cells */
    /* Digest of the places of the rows' values in `values`: equal in two
     * columns without `many` just when each value of one stands for one of
     * the other. */
    uint64_t order;
};
enum described_kind { DESCRIBED_TABLE, DESCRIBED_AREAS, DESCRIBED_OTHER };
struct described_file {
    const char *name; /* relative to the folder */
    enum described_kind kind;
    struct described_column *columns;
    size_t n;
    uint64_t rows;
    const char *encoding;       /* or NULL */
    const char *why;            /* it could not be read; or NULL */
    double longitude, latitude; /* of the middle; NaN unknown */
};

/* Reads one file; what cannot be read is DESCRIBED_OTHER, with why. */
void describe_file(const char *dir, const char *name, struct arena *a,
                   struct described_file *out);
/* A datapackage.json as far as it can be guessed. */
struct node *describe_guess(const struct described_file *files, size_t n,
                            struct arena *a);
/* "20 to 24 years" -> "20-24", "85 et plus" -> "85+"; false: no age. */
bool describe_age(struct str text, char out[16]);
/* "Femmes" -> "female"; NULL: no sex. */
const char *describe_sex(struct str text);

#endif
