#include "post/smtp.h"

#include <curl/curl.h>
#include <stdio.h>

enum { CONNECT_S = 15, WHOLE_S = 60 };

void smtp_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t give(char *to, size_t size, size_t n, void *ctx)
{
    struct str *rest = ctx;
    size_t most = MIN(size * n, rest->n);

    if (most)
        memcpy(to, rest->p, most);
    rest->p += most;
    rest->n -= most;
    return most;
}

/* Is the server this machine itself? Then the wire is nobody else's. */
static bool is_here(const char *url)
{
    CURLU *u = curl_url();
    char *host = NULL;
    bool here = false;

    if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        here = strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
               strncmp(host, "127.", 4) == 0;
    curl_free(host);
    curl_url_cleanup(u);
    return here;
}

static void set_options(CURL *h, const char *url, const char *from,
                        struct curl_slist *to, struct str *rest)
{
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(h, CURLOPT_USE_SSL,
                     is_here(url) ? (long)CURLUSESSL_TRY
                                  : (long)CURLUSESSL_ALL);
    curl_easy_setopt(h, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(h, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(h, CURLOPT_READDATA, rest);
    curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(h, CURLOPT_TIMEOUT, (long)WHOLE_S);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
}

void smtp_send(const char *url, const char *sender, const char *address,
               struct str message, struct smtp_answer *out)
{
    CURL *h = curl_easy_init();
    struct curl_slist *to = NULL;
    char from[272], whom[272];
    long code = 0;
    CURLcode done = CURLE_OUT_OF_MEMORY;

    *out = (struct smtp_answer){0};
    snprintf(from, sizeof from, "<%s>", sender);
    snprintf(whom, sizeof whom, "<%s>", address);
    to = curl_slist_append(NULL, whom);
    if (h && to) {
        set_options(h, url, from, to, &message);
        done = curl_easy_perform(h);
        curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &code);
    }
    out->sent = done == CURLE_OK;
    out->for_ever = !out->sent && code >= 550 && code <= 554;
    if (!out->sent)
        snprintf(out->fault, sizeof out->fault, "%s (%ld)",
                 curl_easy_strerror(done), code);
    curl_slist_free_all(to);
    curl_easy_cleanup(h);
}
