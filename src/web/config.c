#include "base/file.h"
#include "web/server.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONFIG_BYTES = 1 << 20 };
enum kind { KIND_TEXT, KIND_UNSIGNED, KIND_SIZE, KIND_BOOL };

static const struct key {
    const char *name;
    enum kind kind;
    size_t offset;
    int64_t low, high;
} keys[] = {
#define TEXT(n)                                         \
    {                                                   \
#n, KIND_TEXT, offsetof(struct config, n), 0, 0 \
    }
#define NUMBER(n, low, high)                                     \
    {                                                            \
#n, KIND_UNSIGNED, offsetof(struct config, n), low, high \
    }
#define SIZE(n, low, high)                                   \
    {                                                        \
#n, KIND_SIZE, offsetof(struct config, n), low, high \
    }
#define BOOL(n)                                         \
    {                                                   \
#n, KIND_BOOL, offsetof(struct config, n), 0, 1 \
    }
    TEXT(store),
    TEXT(files),
    TEXT(key_file),
    TEXT(host),
    TEXT(listen),
    NUMBER(port, 0, 65535),
    NUMBER(threads, 1, 256),
    TEXT(certificate),
    TEXT(key),
    TEXT(proxy),
    SIZE(body_bytes, 1024, INT64_C(1) << 30),
    SIZE(upload_bytes, 1024, INT64_C(1) << 36),
    NUMBER(connections, 1, 1000000),
    NUMBER(idle_s, 1, 3600),
    NUMBER(rate_per_minute, 0, 1000000000),
    NUMBER(rate_per_account, 0, 1000000000),
    NUMBER(busy_most, 1, 1000000),
    TEXT(smtp),
    TEXT(sender),
    TEXT(oidc_issuer),
    TEXT(oidc_client),
    TEXT(oidc_secret_file),
    BOOL(log_requests),
    BOOL(sandbox),
};

void config_default(struct config *c)
{
    *c = (struct config){
        .store = "sqlite:passerelle.db",
        .files = "files",
        .key_file = "passerelle.key",
        .host = "localhost",
        .listen = "127.0.0.1",
        .port = 8080,
        .threads = 2,
        .body_bytes = (size_t)1 << 20,
        .upload_bytes = (size_t)256 << 20,
        .connections = 10000,
        .idle_s = 30,
        .rate_per_minute = 600,
        .rate_per_account = 600,
        .sandbox = true,
        .busy_most = 256,
    };
}

static const struct key *find_key(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_is(name, keys[i].name))
            return &keys[i];
    return NULL;
}

static const char *nearest(struct str name)
{
    const char *best = keys[0].name;
    unsigned least = UINT32_MAX;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        unsigned d = str_distance(name, str_of(keys[i].name), 20);

        if (d < least) {
            least = d;
            best = keys[i].name;
        }
    }
    return best;
}

static bool set_key(struct config *c, const struct key *k, struct str value,
                    struct arena *a)
{
    char *p = (char *)c + k->offset;
    int64_t v;

    if (k->kind == KIND_TEXT) {
        *(const char **)p = value.n ? arena_str(a, value) : NULL;
        return true;
    }
    if (k->kind == KIND_BOOL) {
        *(bool *)p = str_is(value, "yes");
        return str_is(value, "yes") || str_is(value, "no");
    }
    if (!str_i64(value, &v) || v < k->low || v > k->high)
        return false;
    if (k->kind == KIND_SIZE)
        *(size_t *)p = (size_t)v;
    else
        *(unsigned *)p = (unsigned)v;
    return true;
}

void config_write(const struct config *c, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const char *p = (const char *)c + keys[i].offset;
        const char *text = NULL;

        if (keys[i].kind == KIND_TEXT) {
            text = *(const char *const *)p;
            buf_fmt(out, "%s = %s\n", keys[i].name, text ? text : "");
        } else if (keys[i].kind == KIND_BOOL) {
            buf_fmt(out, "%s = %s\n", keys[i].name,
                    *(const bool *)p ? "yes" : "no");
        } else if (keys[i].kind == KIND_SIZE) {
            buf_fmt(out, "%s = %zu\n", keys[i].name, *(const size_t *)p);
        } else {
            buf_fmt(out, "%s = %u\n", keys[i].name, *(const unsigned *)p);
        }
    }
}

/* Every fault of the file in one text, a line each. */
static void take_line(struct config *c, struct str line, size_t number,
                      const char *path, struct arena *a, struct buf *faults)
{
    const char *equals;
    struct str name, value;
    const struct key *k;

    line = str_trim(line);
    if (!line.n || line.p[0] == '#')
        return;
    equals = memchr(line.p, '=', line.n);
    name = str_trim(
        (struct str){line.p, equals ? (size_t)(equals - line.p) : line.n});
    value = str_trim(
        (struct str){equals ? equals + 1 : "",
                     equals ? line.n - (size_t)(equals - line.p) - 1 : 0});
    k = find_key(name);
    if (!equals)
        buf_fmt(faults, "\n%s:%zu: a line is KEY = VALUE", path, number);
    else if (!k)
        buf_fmt(faults, "\n%s:%zu: unknown key '%.*s'; did you mean '%s'?",
                path, number, (int)name.n, name.p, nearest(name));
    else if (!set_key(c, k, value, a) && k->kind == KIND_BOOL)
        buf_fmt(faults, "\n%s:%zu: '%s' is yes or no, not '%.*s'", path, number,
                k->name, (int)value.n, value.p);
    else if (!set_key(c, k, value, a))
        buf_fmt(faults,
                "\n%s:%zu: '%s' takes a whole number from %lld to %lld, not "
                "'%.*s'",
                path, number, k->name, (long long)k->low, (long long)k->high,
                (int)value.n, value.p);
}

static void take_environment(struct config *c, struct arena *a,
                             struct buf *faults)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        char name[64] = "PASSERELLE_";
        const char *value;
        size_t n = strlen(name);

        for (const char *p = keys[i].name; *p; p++)
            name[n++] = (char)toupper((unsigned char)*p);
        value = getenv(name);
        if (value && !set_key(c, &keys[i], str_of(value), a))
            buf_fmt(faults, "\n%s: '%s' is not a value that it takes", name,
                    value);
    }
}

static void check_whole(const struct config *c, struct buf *faults)
{
    if (!c->store)
        buf_adds(faults, "\n'store' is empty");
    if (!c->host || strchr(c->host, '/'))
        buf_adds(faults,
                 "\n'host' is the name of this site alone, without "
                 "https:// and without a path");
    if (!c->certificate != !c->key)
        buf_adds(faults, "\n'certificate' and 'key' belong together");
    if (!c->smtp != !c->sender)
        buf_adds(faults, "\n'smtp' and 'sender' belong together");
    if (c->oidc_issuer && (!c->oidc_client || !c->oidc_secret_file))
        buf_adds(faults,
                 "\n'oidc_issuer' needs 'oidc_client' and "
                 "'oidc_secret_file'");
}

enum rc config_read(struct config *c, const char *path, struct arena *a,
                    struct err *err)
{
    AUTO(buf) struct buf faults = {.ceiling = 1 << 16};
    struct str text = {0};
    size_t number = 1;

    c->path = path ? arena_strdup(a, path) : NULL;
    if (path) {
        enum rc rc = file_read(a, path, CONFIG_BYTES, &text, err);

        if (rc)
            return rc;
    }
    for (size_t from = 0; from < text.n; number++) {
        const char *end = memchr(text.p + from, '\n', text.n - from);
        size_t n = end ? (size_t)(end - text.p) - from : text.n - from;

        take_line(c, (struct str){text.p + from, n}, number, path, a, &faults);
        from += n + 1;
    }
    take_environment(c, a, &faults);
    check_whole(c, &faults);
    if (faults.n)
        return err_set(err, RC_INVALID, N_("the configuration has faults:%s"),
                       buf_cstr(&faults));
    return RC_OK;
}
