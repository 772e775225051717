/* intake/: the CSV reader, for every size of block. */
#include "intake/csv.h"
#include "intake/csv_block.h"
#include "intake/csv_split.h"
#include "table_file.h"

#include <zlib.h>
#include <zstd.h>

/* Reads all: header and rows as "line:[a][b]" joined by spaces. */
static enum rc read_all(struct fixture *f, const char *path,
                        const struct csv_options *o, struct buf *out)
{
    AUTO(csv) struct csv *c = NULL;
    const struct csv_row *row;
    struct err err;
    enum rc rc;

    buf_clear(out);
    faults_init(&f->faults, f->a);
    rc = csv_open(&c, path, "t.csv", o, f->a, &f->faults, &err);
    if (rc)
        return rc;
    for (size_t i = 0; i < csv_columns(c); i++)
        buf_fmt(out, "[%s]", csv_column(c, i).p);
    while ((rc = csv_next(c, &row, &err)) == RC_OK && row) {
        buf_fmt(out, " %llu:", (unsigned long long)row->line);
        for (size_t i = 0; i < row->n; i++) {
            buf_addc(out, '[');
            buf_add(out, row->field[i]);
            buf_addc(out, ']');
        }
    }
    return rc;
}

struct sample {
    const char *bytes;
    size_t n;
    const char *rows, *faults;
};
#define SAMPLE(bytes, rows, faults)            \
    {                                          \
        bytes, sizeof(bytes) - 1, rows, faults \
    }

static const struct sample samples[] = {
    SAMPLE("a,b\n1,2\n3,4\n", "[a][b] 2:[1][2] 3:[3][4]", ""),
    SAMPLE("a,b\n1,2\n3,4", "[a][b] 2:[1][2] 3:[3][4]", ""),
    SAMPLE("a,b\r\n1,2\r\n3,4\r\n", "[a][b] 2:[1][2] 3:[3][4]", ""),
    SAMPLE("a,b\r\n1,2\n3,4\r", "[a][b] 2:[1][2] 3:[3][4]", ""),
    SAMPLE("a,b\r1,2\r3,4\r", "[a][b] 2:[1][2] 3:[3][4]", ""),
    SAMPLE("\xEF\xBB\xBF"
           "a,b\n1,2\n",
           "[a][b] 2:[1][2]", ""),
    SAMPLE("\xEF\xBB\xBF\"a,x\",b\n1,2\n", "[a,x][b] 2:[1][2]", ""),
    SAMPLE("\xFF\xFE"
           "a\0,\0b\0\n\0\xE9\0,\0\x3D\xD8\x00\xDE\n\0",
           "[a][b] 2:[é][😀]", ""),
    SAMPLE("\xFE\xFF"
           "\0a\0,\0b\0\n\0\xE9\0,\xD8\x3D\xDE\x00\0\n",
           "[a][b] 2:[é][😀]", ""),
    SAMPLE(" a ,\tb\n 1 , 2\n", "[a][b] 2:[ 1 ][ 2]", ""),
    SAMPLE("a;b\n1,5;2\n", "[a][b] 2:[1,5][2]", ""),
    SAMPLE("a\tb\n1,5\t2\n", "[a][b] 2:[1,5][2]", ""),
    SAMPLE("a|b\n1|2\n", "[a][b] 2:[1][2]", ""),
    SAMPLE("area;count, persons\nx;1\n", "[area][count, persons] 2:[x][1]", ""),
    SAMPLE("area;a, b, c\nx;1\ny;2\n", "[area][a, b, c] 2:[x][1] 3:[y][2]", ""),
    SAMPLE("a\n1\n2\n", "[a] 2:[1] 3:[2]", ""),
    SAMPLE("a,b\n\"1,1\",\"2\"\"2\"\n", "[a][b] 2:[1,1][2\"2]", ""),
    SAMPLE("a,b\n\"x\ny\r\nz\",2\n3,4\n", "[a][b] 2:[x\ny\r\nz][2] 5:[3][4]",
           ""),
    SAMPLE("a,b\n\"\",\"\"\"\"\n", "[a][b] 2:[][\"]", ""),
    SAMPLE("a,b\n\"x\"\r\n\"y\",\"z\"\r\n", "[a][b] 3:[y][z]",
           "field-count 2:0"),
    SAMPLE("a,b\n5\" pipe,2\n", "[a][b] 2:[5\" pipe][2]", ""),
    SAMPLE("a,b\n1,2\n\n\r\n,\n3,4\n\n", "[a][b] 2:[1][2] 6:[3][4]", ""),
    SAMPLE("a,b\n,,,,\n\"\",\"\",\"\"\n1,2\n", "[a][b] 4:[1][2]", ""),
    SAMPLE("\n\na,b\n1,2\n", "[a][b] 4:[1][2]", ""),
    SAMPLE("a,b\n1\n1,2\n1,2,3\n", "[a][b] 3:[1][2]",
           "field-count 2:0|field-count 4:0"),
    SAMPLE("a,b\n1,\"2\nx,y\n", "[a][b]", "quote-open 2:2"),
    SAMPLE("a,b\n\"p\nq\",\"2\nx,y\n", "[a][b]", "quote-open 3:2"),
    SAMPLE("a,b\n\"1\"x,2\n3,4\n", "[a][b] 3:[3][4]", "quote-stray 2:1"),
    SAMPLE("a,b\n\"1\" ,2\n3,4\n", "[a][b] 3:[3][4]", "quote-stray 2:1"),
    SAMPLE("a,b\n1,\xE9t\xE9\n3,4\n", "[a][b] 3:[3][4]", "encoding-bad 2:2"),
    SAMPLE("a,b\n1,2\0\n3,4\n", "[a][b] 3:[3][4]", "binary 2:2"),
    SAMPLE("a,b\n", "[a][b]", ""),
    SAMPLE("a,b", "[a][b]", ""),
};

static void test_samples_at_every_block_size(void **state)
{
    struct fixture *f = *state;
    AUTO(buf) struct buf got, faults;

    buf_init(&got, BUF_CEILING);
    buf_init(&faults, BUF_CEILING);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const struct sample *s = &samples[i];
        const char *path = put(f, s->bytes, s->n);

        for (size_t block = 0; block <= s->n + 1; block++) {
            struct csv_options o = {.block = block};

            assert_int_equal(read_all(f, path, &o, &got), RC_OK);
            faults_text(f, &faults);
            assert_string_equal(buf_cstr(&got), s->rows);
            assert_string_equal(buf_cstr(&faults), s->faults);
        }
    }
}

static void test_nothing_to_read(void **state)
{
    static const struct {
        const char *bytes, *encoding, *fault;
    } cases[] = {
        {"", NULL, "file-empty 0:0"},
        {"\n\n\n", NULL, "file-empty 0:0"},
        {"\xEF\xBB\xBF", NULL, "file-empty 0:0"},
        {"\"a,b\n1,2\n", NULL, "quote-open 1:1"},
        {"a\xFF,b\n1,2\n", NULL, "encoding-bad 1:1"},
        {"a,b\n", "no-such-encoding", "encoding-unknown 0:0"},
    };
    struct fixture *f = *state;
    AUTO(buf) struct buf got, faults;
    struct csv *c = NULL;
    struct err err;

    buf_init(&got, BUF_CEILING);
    buf_init(&faults, BUF_CEILING);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct csv_options o = {.encoding = cases[i].encoding};
        const char *path = put(f, cases[i].bytes, strlen(cases[i].bytes));

        assert_int_equal(read_all(f, path, &o, &got), RC_INVALID);
        faults_text(f, &faults);
        assert_string_equal(buf_cstr(&faults), cases[i].fault);
    }
    assert_int_equal(
        csv_open(&c, "/nowhere/table", "t", NULL, f->a, &f->faults, &err),
        RC_NOT_FOUND);
    assert_null(c);
}

static void test_encodings(void **state)
{
    static const struct {
        const char *encoding, *bytes, *rows, *faults;
    } cases[] = {
        {"utf-8", "n\né€\n", "[n] 2:[é€]", ""},
        {"UTF-8", "n\n\xE9\n", "[n]", "encoding-bad 2:1"},
        {"iso-8859-1", "n\n\xE9\x80\n", "[n] 2:[é\xC2\x80]", ""},
        {"latin1", "n\n\xFF\n", "[n] 2:[ÿ]", ""},
        {"windows-1252", "n\n\x80\x9F\xE9\n", "[n] 2:[€Ÿé]", ""},
        {"cp1252", "n\nok\n\x81\n", "[n] 2:[ok]", "encoding-bad 3:1"},
        {"windows-1256", "n\n\xE3\xCF\xED\xE4\xC9\n", "[n] 2:[مدينة]", ""},
        {"iso-8859-15", "n\n\xA4\n", "[n] 2:[€]", ""},
        {"shift_jis", "n\n\x93\x8C\x8B\x9E\n", "[n] 2:[東京]", ""},
        {"iso-8859-1", "\xEF\xBB\xBFn\né\n", "[n] 2:[é]", ""},
    };
    struct fixture *f = *state;
    AUTO(buf) struct buf got, faults;

    buf_init(&got, BUF_CEILING);
    buf_init(&faults, BUF_CEILING);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *path = put(f, cases[i].bytes, strlen(cases[i].bytes));

        for (size_t block = 0; block < 8; block++) {
            struct csv_options o = {.encoding = cases[i].encoding,
                                    .block = block};

            assert_int_equal(read_all(f, path, &o, &got), RC_OK);
            faults_text(f, &faults);
            assert_string_equal(buf_cstr(&got), cases[i].rows);
            assert_string_equal(buf_cstr(&faults), cases[i].faults);
        }
    }
}

/* A table longer than every buffer, to be packed and to be converted. */
static void long_table(struct buf *csv, struct buf *rows, size_t n)
{
    buf_adds(csv, "id,name\n");
    buf_adds(rows, "[id][name]");
    for (size_t i = 0; i < n; i++) {
        buf_fmt(csv, "%zu,name %zu\n", i, i * 7919);
        buf_fmt(rows, " %zu:[%zu][name %zu]", i + 2, i, i * 7919);
    }
}

static size_t gzip(const char *from, size_t n, char *to, size_t room)
{
    z_stream z = {.next_in = (unsigned char *)from,
                  .avail_in = (uInt)n,
                  .next_out = (unsigned char *)to,
                  .avail_out = (uInt)room};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static size_t zstd(const char *from, size_t n, char *to, size_t room)
{
    ZSTD_CCtx *z = ZSTD_createCCtx(); /* with a checksum, as zstd(1) writes */
    size_t r;

    assert_non_null(z);
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    r = ZSTD_compress2(z, to, room, from, n);
    assert_false(ZSTD_isError(r));
    ZSTD_freeCCtx(z);
    return r;
}

static void test_packed(void **state)
{
    size_t (*const pack[])(const char *, size_t, char *, size_t) = {gzip, zstd};
    enum { ROOM = 4 << 20 };
    struct fixture *f = *state;
    AUTO(buf) struct buf csv, rows, got, faults;
    AUTO(mem) char *packed = malloc(ROOM);

    buf_init(&csv, BUF_CEILING);
    buf_init(&rows, BUF_CEILING);
    buf_init(&got, BUF_CEILING);
    buf_init(&faults, BUF_CEILING);
    long_table(&csv, &rows, 30000);
    for (size_t i = 0; i < ARRAY_LEN(pack); i++) {
        size_t half = csv.n / 2, n = pack[i](csv.p, csv.n, packed, ROOM);

        assert_int_equal(read_all(f, put(f, packed, n), NULL, &got), RC_OK);
        assert_string_equal(buf_cstr(&got), buf_cstr(&rows));
        assert_int_equal(f->faults.n, 0);

        /* cut off: what came before the cut is there, and a fault */
        assert_int_equal(read_all(f, put(f, packed, n - 9), NULL, &got), RC_OK);
        faults_text(f, &faults);
        assert_non_null(strstr(buf_cstr(&faults), "compression-bad 0:0"));
        assert_int_equal(f->faults.count[FAULT_COMPRESSION_BAD], 1);

        /* two members, one behind the other */
        n = pack[i](csv.p, half, packed, ROOM);
        n += pack[i](csv.p + half, csv.n - half, packed + n, ROOM - n);
        assert_int_equal(read_all(f, put(f, packed, n), NULL, &got), RC_OK);
        assert_string_equal(buf_cstr(&got), buf_cstr(&rows));
        assert_int_equal(f->faults.n, 0);

        /* damaged in the middle */
        memset(packed + n / 4, 0x5A, 64);
        assert_int_equal(read_all(f, put(f, packed, n), NULL, &got), RC_OK);
        assert_int_equal(f->faults.count[FAULT_COMPRESSION_BAD], 1);
    }
}

static void test_long_rows_are_refused(void **state)
{
    enum { LIMIT = 100 };
    struct fixture *f = *state;
    AUTO(buf) struct buf got, faults;
    char bytes[400];

    buf_init(&got, BUF_CEILING);
    buf_init(&faults, BUF_CEILING);
    for (size_t n = LIMIT - 20; n < LIMIT + 20; n++) {
        for (size_t block = 1; block < 250; block += 1 + block / 9) {
            struct csv_options o = {.row_max = LIMIT, .block = block};
            size_t at = 0;
            const char *expected = n + 3 <= LIMIT ? "" : "line-too-long 3:0";

            memcpy(bytes, "a,b\n1,2\n", 8);
            at = 8;
            memset(bytes + at, 'x', n);
            memcpy(bytes + at + n, ",y\n3,4\n", 7);
            assert_int_equal(read_all(f, put(f, bytes, at + n + 7), &o, &got),
                             RC_OK);
            faults_text(f, &faults);
            assert_string_equal(buf_cstr(&faults), expected);
            assert_int_equal(strstr(buf_cstr(&got), "2:[1][2]") != NULL, true);
            assert_int_equal(strstr(buf_cstr(&got), "4:[3][4]") != NULL,
                             n + 3 <= LIMIT);
        }
    }
}

static void test_without_header(void **state)
{
    struct fixture *f = *state;
    struct csv_options o = {.no_header = true};
    AUTO(buf) struct buf got;

    buf_init(&got, BUF_CEILING);
    assert_int_equal(read_all(f, put(f, "\nx,y\n1,2\n", 9), &o, &got), RC_OK);
    assert_string_equal(buf_cstr(&got), "[1][2] 2:[x][y] 3:[1][2]");
}

/* The two ways of finding delimiters agree, wherever they stand. */
static void test_scan_like_a_loop(void **state)
{
    static const char letters[] = "ab,;\n\r\"\xC3\xA9";
    char text[512 + BLOCK_PAD] = {0};
    uint32_t at[512 + BLOCK_PAD];
    uint64_t seed = 1;

    (void)state;
    for (size_t n = 0; n < 512; n++) {
        struct scan s = {.at = at};
        size_t k = 0;
        bool high = false, zero = false;

        for (size_t i = 0; i < n; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = letters[(seed >> 33) % sizeof letters];
            high |= (unsigned char)text[i] > 127;
            zero |= text[i] == 0;
        }
        memset(text + n, ',', BLOCK_PAD);
        csv_scan(text, n, ',', &s);
        for (size_t i = 0; i < n; i++)
            if (text[i] == ',' || text[i] == '\n')
                assert_int_equal(at[k++], i);
        assert_int_equal(s.n, k);
        assert_int_equal(s.high, high);
        assert_int_equal(s.zero, zero);
    }
}

/* Whole rows end where the splitter says that rows end. */
static void test_whole_rows_agree_with_rows(void **state)
{
    static const char letters[] = {'a', ',', '\n', '"', '"', '\n', ','};
    char text[40], scratch[80];
    struct str fields[64];
    uint64_t seed = 7;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        size_t n = 1 + (size_t)round % sizeof text, at = 0, whole = 0;

        for (size_t i = 0; i < n; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = letters[(seed >> 33) % sizeof letters];
        }
        while (at < n) {
            struct split s = {.field = fields, .cap = 64, .text = scratch};

            if (csv_split_row(text + at, n - at, ',', '"', &s) == SPLIT_OPEN)
                break;
            at += s.length;
            if (text[at - 1] == '\n')
                whole = at;
        }
        assert_int_equal(csv_whole_rows(text, n, ',', '"'), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_samples_at_every_block_size,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_to_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_encodings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_packed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_rows_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_without_header, set_up, tear_down),
        cmocka_unit_test(test_scan_like_a_loop),
        cmocka_unit_test(test_whole_rows_agree_with_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
