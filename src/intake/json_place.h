/*
 * json_place.h: where in a JSON text a value stands.
 *
 * jansson tells the place of a syntax error only; faults about values need
 * theirs too. The text must have been accepted by jansson. Lines and columns
 * (bytes) count from 1; both stay 0 when the pointer leads nowhere.
 */
#ifndef PASSERELLE_JSON_PLACE_H
#define PASSERELLE_JSON_PLACE_H

#include "base/str.h"

/* `pointer` is as in RFC 6901: "/resources/0/name"; "" is the whole text. */
void json_place(struct str json, const char *pointer, uint64_t *line,
                uint64_t *column);

#endif
