/*
 * csv_split.h: where rows and fields end.
 *
 * Two ways to the same fields: csv_split_row takes any row, one character after
 * the other, and undoubles quotes; csv_scan finds all delimiters and line ends
 * of a block without quotes at once, 16 or 32 bytes at a time. Pure functions.
 */
#ifndef PASSERELLE_INTAKE_CSV_SPLIT_H
#define PASSERELLE_INTAKE_CSV_SPLIT_H

#include "base/str.h"

enum split_state {
    SPLIT_OK,
    SPLIT_OPEN,  /* the quote at *bad never closes */
    SPLIT_STRAY, /* at *bad stands text after a closing quote */
    SPLIT_FULL   /* more fields than the list has room for */
};

struct split {
    struct str *field;
    size_t n, cap;
    char *text;      /* where undoubled fields go: room for n */
    size_t length;   /* bytes of the row with its line end */
    size_t newlines; /* line ends in it, those inside quotes too */
    size_t bytes;    /* of all fields together */
    const char *bad;
    size_t bad_column; /* from 1 */
};

/*
 * Takes the row at p[0..n) apart. Fields beyond the list's room are counted in
 * `n` but not kept. A carriage return before the line end is no part of the
 * last field.
 */
enum split_state csv_split_row(const char *p, size_t n, char delimiter,
                               char quote, struct split *row);

struct scan {
    uint32_t *at; /* offset of each delimiter and line end; room for n + 64 */
    size_t n;
    bool high; /* some byte above 127 */
    bool zero; /* some NUL byte */
};

/* p[n..n+64) must be readable. */
void csv_scan(const char *p, size_t n, char delimiter, struct scan *out);

#endif
