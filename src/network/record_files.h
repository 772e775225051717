/*
 * record_files.h: the files of records (TYPE_FILE). A record and its open
 * revision hold numbers of stored files; nothing else does.
 */
#ifndef PASSERELLE_NETWORK_RECORD_FILES_H
#define PASSERELLE_NETWORK_RECORD_FILES_H

#include "network/stored.h"
#include "record/record.h"

bool record_has_files(const struct record_type *t);
/*
 * Removes the stored files of records of this type that neither a record nor a
 * revision names any more: after a save, a move or a deletion, in its
 * transaction. A type without files: nothing.
 */
enum rc record_files_sweep(struct store *s, const struct record_type *t,
                           struct err *err) MUST_USE;
/* The file that a field names; RC_NOT_FOUND when it is none of this type's. */
enum rc record_file_find(struct store *s, const struct record_type *t,
                         const struct attachment *file, struct arena *a,
                         struct stored *out, struct err *err) MUST_USE;

#endif
