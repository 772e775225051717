/*
 * stream.h: the bytes of a text file as UTF-8, whatever it was stored as.
 *
 * Plain, gzip (zlib) and zstd (libzstd) files are told apart by their first
 * bytes; gzip and zstd files of several members are read to the end. A
 * byte-order mark decides the encoding and is removed; without one, `encoding`
 * does (NULL: UTF-8, passed through as it is, unchecked). What cannot be
 * decoded becomes the byte 0xFF, which is never valid UTF-8, so that the reader
 * of the text reports it with line and column. A file whose lines end in CR
 * alone gets LF instead.
 *
 * A damaged compressed file ends the stream early; stream_damage says why, for
 * the fault compression-bad. Owned: close it. Memory: constant. One thread at a
 * time.
 */
#ifndef PASSERELLE_INTAKE_STREAM_H
#define PASSERELLE_INTAKE_STREAM_H

#include "base/err.h"
#include "intake/fault.h"

struct stream;

/* RC_INVALID with the fault encoding-unknown. `file`: the name for faults. */
enum rc stream_open(struct stream **out, const char *path, const char *file,
                    const char *encoding, struct faults *faults,
                    struct err *err) MUST_USE;
/* Fills `to` as far as it can; *got < n only at the end. */
enum rc stream_read(struct stream *s, char *to, size_t n, size_t *got,
                    struct err *err) MUST_USE;
/* Share of the stored file read so far, in [0, 1]. */
double stream_done(const struct stream *s);
/* Bytes of text still to come, estimated from the size of the file. */
uint64_t stream_expected(const struct stream *s);
const char *stream_encoding(const struct stream *s); /* for messages */
/* What is wrong with the compressed file, or NULL. */
const char *stream_damage(const struct stream *s);
void stream_close(struct stream *s);

#endif
