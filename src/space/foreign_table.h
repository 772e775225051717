/*
 * foreign_table.h: rows of a spreadsheet or geographic table, as texts.
 *
 * XLSX, ODS, XLS, DBF, GeoPackage and others through GDAL; the first row of a
 * sheet is its header. Owned: close it. Texts of a row are borrowed until the
 * next one and are UTF-8 as the format gives it. One thread.
 */
#ifndef PASSERELLE_FOREIGN_TABLE_H
#define PASSERELLE_FOREIGN_TABLE_H

#include "base/arena.h"
#include "base/err.h"

struct foreign_table;

/*
 * `layer` NULL: the first. RC_INVALID: not readable, *why says why;
 * RC_NOT_FOUND: no such layer, *why lists those there. *why is in the arena.
 */
enum rc foreign_open(const char *path, const char *layer, struct arena *a,
                     struct foreign_table **out, const char **why) MUST_USE;
size_t foreign_layers(const struct foreign_table *t, const char **first);
size_t foreign_columns(const struct foreign_table *t);
struct str foreign_column(const struct foreign_table *t, size_t i);
/* The next row into `field` (foreign_columns() of them); false at the end.
 * `line` is the sheet's row, or the number of the record. */
bool foreign_next(struct foreign_table *t, struct str *field, uint64_t *line);
/* Does its first row hold a polygon? */
bool foreign_polygons(const struct foreign_table *t);
/* Middle of a layer in degrees; NaN where it has none or is in metres. */
void foreign_middle(const struct foreign_table *t, double *longitude,
                    double *latitude);
void foreign_close(struct foreign_table *t);
/* Is this file's name that of a format read here? */
bool foreign_name(const char *path);

#endif
