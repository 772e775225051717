/*
 * json.h: JSON text -> struct node, in an arena.
 *
 * RC_INVALID with line and column for what is not JSON, has a key twice, or is
 * nested deeper than 32.
 */
#ifndef PASSERELLE_WEB_JSON_H
#define PASSERELLE_WEB_JSON_H

#include "base/node.h"

enum rc json_read(struct str text, struct arena *a, struct node **out,
                  struct err *err) MUST_USE;

#endif
