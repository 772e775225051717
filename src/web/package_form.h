/*
 * package_form.h: datapackage.json as a form, and the form as a
 * datapackage.json.
 *
 * What the form does not show (levels of origins, names of kinds, wide tables,
 * anything of other tools) stays as it was. `described` is what `passerelle
 * describe` said of the files: their columns with some of their values. Pure:
 * reads no database. All in the arena of the request.
 */
#ifndef PASSERELLE_WEB_PACKAGE_FORM_H
#define PASSERELLE_WEB_PACKAGE_FORM_H

#include "web/http.h"

/* Writes "general" and "sections" into `doc`. `package` may be empty. */
void package_form_show(const struct request *r, const struct node *package,
                       const struct node *described, struct node *doc);
/* Changes `package` to what was filled in. */
void package_form_take(const struct request *r, struct node *package);
/* Sets or, where `value` is empty, removes a text by its path
 * ("passerelle.city.name.fr", "licenses.0.name"). */
void package_set(struct node *package, const char *path, struct str value);

#endif
