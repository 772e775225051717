/* The provider over HTTP: bounded in bytes and time, no redirects. */
#include "network/oidc.h"

#include <curl/curl.h>

enum { REPLY_MOST = 1 << 20, CONNECT_S = 5, WHOLE_S = 10 };

static size_t take(char *p, size_t size, size_t n, void *ctx)
{
    struct buf *out = ctx;

    buf_add(out, (struct str){p, size * n});
    return out->failed ? 0 : size * n;
}

static void set_options(CURL *h, const char *url, const char *form,
                        struct buf *reply)
{
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(h, CURLOPT_TIMEOUT, (long)WHOLE_S);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, reply);
    if (form)
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, form);
}

/* client_secret_basic: both percent-encoded first (RFC 6749, 2.3.1). */
static void set_user(CURL *h, const char *user, const char *password)
{
    AUTO(buf) struct buf u = {.ceiling = 4096};
    AUTO(buf) struct buf p = {.ceiling = 4096};

    buf_url(&u, str_of(user));
    buf_url(&p, str_of(password));
    curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(h, CURLOPT_USERNAME, buf_cstr(&u));
    curl_easy_setopt(h, CURLOPT_PASSWORD, buf_cstr(&p));
}

enum rc oidc_fetch(const char *url, const char *form, const char *user,
                   const char *password, struct arena *a, struct str *out,
                   struct err *err)
{
    AUTO(buf) struct buf reply = {.ceiling = REPLY_MOST};
    CURL *h = curl_easy_init();
    long status = 0;
    CURLcode done = CURLE_OUT_OF_MEMORY;

    if (h) {
        set_options(h, url, form, &reply);
        if (user)
            set_user(h, user, password);
        done = curl_easy_perform(h);
        curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_cleanup(h);
    }
    if (done != CURLE_OK || status != 200)
        return err_set(err, RC_UNAVAILABLE,
                       N_("your directory does not answer as it should"));
    *out = (struct str){arena_str(a, buf_str(&reply)), reply.n};
    return RC_OK;
}
