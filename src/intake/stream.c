#include "intake/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum packing { PLAIN, GZIP, ZSTD };
enum coding { PASS, LATIN1, WINDOWS_1252, UTF_16LE, UTF_16BE, BY_ICONV };

enum {
    RAW = 64 << 10,  /* bytes read from the file at once, when unpacking */
    TEXT = 64 << 10, /* unpacked bytes waiting to be decoded */
    UTF8 = 128 << 10,
    WIDEST = 16, /* room for any one character decoded */
    RATIO = 8    /* text to packed bytes, roughly, for tables */
};

struct stream {
    int fd;
    const char *file;
    const char *damage;
    uint64_t size, done; /* of the stored file */

    enum packing packing;
    z_stream z;
    ZSTD_DStream *zstd;
    bool member; /* inside a compressed member */
    bool full;   /* the last unpacking filled its room: more may be waiting */
    bool raw_end;
    unsigned char *raw;
    size_t raw_at, raw_n;

    enum coding coding;
    const char *encoding;
    iconv_t iconv;
    bool cr_only, text_end;
    char *text; /* unpacked, not yet decoded */
    size_t text_at, text_n;
    char *utf8; /* decoded, not yet handed out */
    size_t utf8_at, utf8_n;
};

static enum rc read_some(struct stream *s, void *to, size_t n, size_t *got,
                         struct err *err)
{
    ssize_t r;

    do
        r = read(s->fd, to, n);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return err_set(err, RC_IO, N_("cannot read '%s': %s"), s->file,
                       strerror(errno));
    *got = (size_t)r;
    s->done += (uint64_t)r;
    return RC_OK;
}

static enum rc refill_raw(struct stream *s, struct err *err)
{
    enum rc rc;

    if (s->raw_at < s->raw_n || s->raw_end)
        return RC_OK;
    s->raw_at = 0;
    rc = read_some(s, s->raw, RAW, &s->raw_n, err);
    s->raw_end = rc == RC_OK && s->raw_n == 0;
    return rc;
}

/* The damaged rest is given up; what came before it was handed out. */
static void damaged(struct stream *s, const char *why)
{
    s->damage = why ? why : "";
    s->raw_end = true;
    s->raw_at = s->raw_n = 0;
    s->member = false;
}

static bool unzip_some(struct stream *s, char *to, size_t n, size_t *got)
{
    int r;

    s->z.next_in = s->raw + s->raw_at;
    s->z.avail_in = (uInt)(s->raw_n - s->raw_at);
    s->z.next_out = (unsigned char *)to;
    s->z.avail_out = (uInt)n;
    s->member = true;
    r = inflate(&s->z, Z_NO_FLUSH);
    *got = n - s->z.avail_out;
    s->raw_at = s->raw_n - s->z.avail_in;
    if (r == Z_STREAM_END) {
        s->member = false;
        return inflateReset(&s->z) == Z_OK;
    }
    if (r == Z_MEM_ERROR)
        return false;
    if (r != Z_OK && r != Z_BUF_ERROR)
        damaged(s, s->z.msg ? s->z.msg : "gzip");
    return true;
}

static bool unzstd_some(struct stream *s, char *to, size_t n, size_t *got)
{
    ZSTD_inBuffer in = {s->raw, s->raw_n, s->raw_at};
    ZSTD_outBuffer out = {to, n, 0};
    size_t r = ZSTD_decompressStream(s->zstd, &out, &in);

    *got = out.pos;
    s->raw_at = in.pos;
    s->member = r != 0;
    if (ZSTD_isError(r))
        damaged(s, ZSTD_getErrorName(r));
    return true;
}

/* Bytes of the file as they were before packing; *got == 0 at the end. */
static enum rc unpacked(struct stream *s, char *to, size_t n, size_t *got,
                        struct err *err)
{
    *got = 0;
    if (s->packing == PLAIN && s->raw_at == s->raw_n)
        return read_some(s, to, n, got, err);
    if (s->packing == PLAIN) { /* what was read to look at the first bytes */
        *got = MIN(n, s->raw_n - s->raw_at);
        memcpy(to, s->raw + s->raw_at, *got);
        s->raw_at += *got;
        return RC_OK;
    }
    while (*got == 0) {
        enum rc rc = s->full ? RC_OK : refill_raw(s, err);
        bool member = s->member;
        size_t before = s->raw_at;

        if (rc)
            return rc;
        if (!s->full && s->raw_end && s->member)
            damaged(s, N_("the end is cut off"));
        if (!s->full && s->raw_end)
            return RC_OK;
        if (!(s->packing == GZIP ? unzip_some(s, to, n, got)
                                 : unzstd_some(s, to, n, got)))
            return err_set(err, RC_MEMORY, N_("not enough memory"));
        s->full = *got == n;
        if (!*got && s->raw_at == before && !s->raw_end)
            s->member = member; /* nothing happened */
    }
    return RC_OK;
}

/* --- decoding ---------------------------------------------------------- */

static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static char *utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

static char *bad_put(char *to)
{
    *to++ = (char)0xFF;
    return to;
}

static char *decode_byte(const struct stream *s, unsigned char c, char *to)
{
    uint32_t code = c;

    if (s->coding == WINDOWS_1252 && c >= 0x80 && c < 0xA0)
        code = windows_1252[c - 0x80];
    return code || !c ? utf8_put(to, code) : bad_put(to);
}

static uint32_t unit_16(const struct stream *s, const char *p)
{
    unsigned a = (unsigned char)p[0], b = (unsigned char)p[1];

    return s->coding == UTF_16LE ? a | b << 8 : a << 8 | b;
}

/* One character of UTF-16 from n bytes; 0 taken: more bytes are needed. */
static size_t decode_16(const struct stream *s, const char *p, size_t n,
                        char **to)
{
    uint32_t high, low;

    if (n < 2)
        return 0;
    high = unit_16(s, p);
    if (high < 0xD800 || high > 0xDFFF) {
        *to = utf8_put(*to, high);
        return 2;
    }
    if (high < 0xDC00 && n < 4)
        return 0;
    low = high < 0xDC00 ? unit_16(s, p + 2) : 0;
    if (low < 0xDC00 || low > 0xDFFF) {
        *to = bad_put(*to);
        return 2;
    }
    *to = utf8_put(*to, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    return 4;
}

static size_t decode_iconv(struct stream *s, const char *p, size_t n, char **to,
                           size_t room)
{
    char *in = (char *)p;
    size_t left = n;

    if (iconv(s->iconv, &in, &left, to, &room) != (size_t)-1)
        return n;
    if (errno == EILSEQ && room) {
        *to = bad_put(*to);
        iconv(s->iconv, NULL, NULL, NULL, NULL);
        return n - left + 1;
    }
    return n - left; /* cut off, or no room: the rest waits */
}

/* Decodes what waits, as far as it is whole. */
static void decode(struct stream *s)
{
    char *to = s->utf8, *last = s->utf8 + UTF8 - WIDEST;

    while (s->text_at < s->text_n && to <= last) {
        const char *p = s->text + s->text_at;
        size_t n = s->text_n - s->text_at, used = 1;

        if (s->coding == LATIN1 || s->coding == WINDOWS_1252)
            to = decode_byte(s, (unsigned char)*p, to);
        else if (s->coding == BY_ICONV)
            used = decode_iconv(s, p, n, &to, (size_t)(s->utf8 + UTF8 - to));
        else
            used = decode_16(s, p, n, &to);
        if (!used)
            break;
        s->text_at += used;
    }
    s->utf8_at = 0;
    s->utf8_n = (size_t)(to - s->utf8);
}

/* Moves what is left to the front and unpacks more behind it. */
static enum rc refill_text(struct stream *s, struct err *err)
{
    size_t left = s->text_n - s->text_at, got = 0;
    enum rc rc;

    memmove(s->text, s->text + s->text_at, left);
    s->text_at = 0;
    s->text_n = left;
    rc = unpacked(s, s->text + left, TEXT - left, &got, err);
    s->text_n += got;
    s->text_end = rc == RC_OK && got == 0;
    return rc;
}

static enum rc refill_utf8(struct stream *s, struct err *err)
{
    for (;;) {
        enum rc rc;

        decode(s);
        if (s->utf8_n)
            return RC_OK;
        if (s->text_end && s->text_at < s->text_n) { /* half a character */
            s->text_at = s->text_n;
            s->utf8_n = (size_t)(bad_put(s->utf8) - s->utf8);
            return RC_OK;
        }
        if (s->text_end)
            return RC_OK;
        rc = refill_text(s, err);
        if (rc)
            return rc;
    }
}

static enum rc read_once(struct stream *s, char *to, size_t n, size_t *got,
                         struct err *err)
{
    enum rc rc = RC_OK;

    if (s->coding == PASS && s->text_at == s->text_n)
        return unpacked(s, to, n, got, err);
    if (s->coding == PASS) { /* what was read to look at the first bytes */
        *got = MIN(n, s->text_n - s->text_at);
        memcpy(to, s->text + s->text_at, *got);
        s->text_at += *got;
        return RC_OK;
    }
    if (s->utf8_at == s->utf8_n)
        rc = refill_utf8(s, err);
    *got = MIN(n, s->utf8_n - s->utf8_at);
    memcpy(to, s->utf8 + s->utf8_at, *got);
    s->utf8_at += *got;
    return rc;
}

enum rc stream_read(struct stream *s, char *to, size_t n, size_t *got,
                    struct err *err)
{
    for (*got = 0; *got < n;) {
        size_t some = 0;
        enum rc rc = read_once(s, to + *got, n - *got, &some, err);

        if (rc)
            return rc;
        if (!some)
            break;
        for (char *p = to + *got, *end = p + some;
             s->cr_only && (p = memchr(p, '\r', (size_t)(end - p)));)
            *p = '\n';
        *got += some;
    }
    return RC_OK;
}

/* --- opening ----------------------------------------------------------- */

static enum rc detect_packing(struct stream *s, struct err *err)
{
    static const char gz[] = {'\x1F', '\x8B', '\x08'};
    static const char zst[] = {'\x28', '\xB5', '\x2F', '\xFD'};

    while (s->raw_n < sizeof zst) {
        size_t got = 0;
        enum rc rc = read_some(s, s->raw + s->raw_n, RAW - s->raw_n, &got, err);

        if (rc)
            return rc;
        if (!got)
            break;
        s->raw_n += got;
    }
    if (s->raw_n >= sizeof gz && !memcmp(s->raw, gz, sizeof gz)) {
        s->packing = GZIP;
        if (inflateInit2(&s->z, 15 + 16) != Z_OK)
            return err_set(err, RC_MEMORY, N_("not enough memory"));
    } else if (s->raw_n >= sizeof zst && !memcmp(s->raw, zst, sizeof zst)) {
        s->packing = ZSTD;
        s->zstd = ZSTD_createDStream();
        if (!s->zstd)
            return err_set(err, RC_MEMORY, N_("not enough memory"));
    }
    return RC_OK;
}

static bool encoding_named(struct stream *s, const char *name)
{
    static const struct {
        const char *name;
        enum coding coding;
    } known[] = {
        {"utf-8", PASS},
        {"utf8", PASS},
        {"us-ascii", PASS},
        {"ascii", PASS},
        {"iso-8859-1", LATIN1},
        {"iso8859-1", LATIN1},
        {"latin1", LATIN1},
        {"latin-1", LATIN1},
        {"windows-1252", WINDOWS_1252},
        {"cp1252", WINDOWS_1252},
        {"utf-16le", UTF_16LE},
        {"utf-16be", UTF_16BE},
        {"utf-16", UTF_16LE},
        {"utf16", UTF_16LE},
    };

    s->encoding = name;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcasecmp(known[i].name, name) == 0) {
            s->coding = known[i].coding;
            return true;
        }
    s->iconv = iconv_open("UTF-8", name);
    s->coding = BY_ICONV;
    return s->iconv != (iconv_t)-1;
}

/* A byte-order mark outweighs what was declared. */
static void detect_mark(struct stream *s)
{
    const char *p = s->text;

    if (s->text_n >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3)) {
        s->coding = PASS;
        s->text_at = 3;
    } else if (s->text_n >= 2 && !memcmp(p, "\xFF\xFE", 2)) {
        s->coding = UTF_16LE;
        s->text_at = 2;
    } else if (s->text_n >= 2 && !memcmp(p, "\xFE\xFF", 2)) {
        s->coding = UTF_16BE;
        s->text_at = 2;
    } else {
        return;
    }
    s->encoding = s->coding == PASS ? "UTF-8" : "UTF-16";
}

static enum rc look_at_start(struct stream *s, struct err *err)
{
    size_t got = 1;

    while (s->text_n < TEXT && got) {
        enum rc rc =
            unpacked(s, s->text + s->text_n, TEXT - s->text_n, &got, err);

        if (rc)
            return rc;
        s->text_n += got;
    }
    detect_mark(s);
    s->cr_only =
        memchr(s->text, '\r', s->text_n) && !memchr(s->text, '\n', s->text_n);
    return RC_OK;
}

static enum rc start(struct stream *s, const char *path, const char *encoding,
                     struct faults *faults, struct err *err)
{
    struct stat st;
    enum rc rc;

    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        return err_set(err, errno == ENOENT ? RC_NOT_FOUND : RC_IO,
                       N_("cannot open '%s': %s"), s->file, strerror(errno));
    if (fstat(s->fd, &st) == 0 && st.st_size > 0)
        s->size = (uint64_t)st.st_size;
    s->raw = malloc(RAW);
    s->text = malloc(TEXT);
    s->utf8 = malloc(UTF8);
    if (!s->raw || !s->text || !s->utf8)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    if (encoding && !encoding_named(s, encoding)) {
        fault_add(faults, FAULT_ENCODING_UNKNOWN,
                  (struct place){.file = s->file}, encoding);
        return err_set(err, RC_INVALID, N_("the input has faults"));
    }
    rc = detect_packing(s, err);
    return rc ? rc : look_at_start(s, err);
}

enum rc stream_open(struct stream **out, const char *path, const char *file,
                    const char *encoding, struct faults *faults,
                    struct err *err)
{
    struct stream *s = calloc(1, sizeof *s);
    enum rc rc;

    *out = NULL;
    if (!s)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    s->fd = -1;
    s->file = file;
    s->encoding = "UTF-8";
    s->iconv = (iconv_t)-1;
    rc = start(s, path, encoding, faults, err);
    if (rc)
        stream_close(s);
    else
        *out = s;
    return rc;
}

double stream_done(const struct stream *s)
{
    return s->size ? MIN(1.0, (double)s->done / (double)s->size) : 0;
}

uint64_t stream_expected(const struct stream *s)
{
    uint64_t left = s->size > s->done ? s->size - s->done : 0;

    return (s->packing == PLAIN ? left : left * RATIO) + s->text_n;
}

const char *stream_encoding(const struct stream *s)
{
    return s->encoding;
}

const char *stream_damage(const struct stream *s)
{
    return s->damage;
}

void stream_close(struct stream *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    if (s->packing == GZIP)
        inflateEnd(&s->z);
    ZSTD_freeDStream(s->zstd);
    if (s->iconv != (iconv_t)-1)
        iconv_close(s->iconv);
    free(s->raw);
    free(s->text);
    free(s->utf8);
    free(s);
}
