/*
 * embedded.h: files put into the program by tools/embed.py --table.
 */
#ifndef PASSERELLE_EMBEDDED_H
#define PASSERELLE_EMBEDDED_H

#include "base/str.h"

struct embedded {
    const char *name; /* "site.css" */
    struct str bytes; /* NUL-terminated */
};

extern const struct embedded asset_table[], template_table[];
extern const size_t asset_table_n, template_table_n;

#endif
