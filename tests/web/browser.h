/*
 * browser.h: a small browser for tests: cookies, forms, the CSRF token of the
 * page before. Requests go to server_handle, without a network.
 */
#ifndef TESTS_WEB_BROWSER_H
#define TESTS_WEB_BROWSER_H

#include "network/account.h"
#include "web/server.h"

struct browser {
    struct server *server;
    struct store *store;
    struct arena *arena; /* of the whole test */
    struct pairs cookies;
    const char *csrf, *bearer, *accept, *lang;
    const char *origin;      /* the Origin header; NULL: none */
    const char *json;        /* body of the next request of browser_ask */
    const char *etag;        /* of the copy it has, or NULL */
    struct http_reply reply; /* of the last request */
    const char *body, *location;
};

/* A server on a new SQLite file in `dir`, listening at a free port. */
struct server *test_server(struct arena *a, const char *dir,
                           struct config *config);
struct browser browser_new(struct server *s, struct arena *a);
void browser_close(struct browser *b);
/* "a=b&c=d" is the form of a POST; the CSRF token is added. */
unsigned browser_get(struct browser *b, const char *path);
unsigned browser_post(struct browser *b, const char *path, const char *form);
/* Any method; `form` may be NULL. The CSRF token is added to a form. */
unsigned browser_ask(struct browser *b, enum method m, const char *path,
                     const char *form);
/* Signs in as this account, with a second factor. */
void browser_sign_in(struct browser *b, int64_t account);
/* Files of a form, as a browser sends them (multipart/form-data). */
struct browser_file {
    const char *name;
    struct str bytes;
};
unsigned browser_upload(struct browser *b, const char *path,
                        const struct browser_file *files, size_t n);
/* A form with one file in that field. */
unsigned browser_send(struct browser *b, const char *path, const char *form,
                      const char *field, const struct browser_file *file);
bool browser_sees(const struct browser *b, const char *text);

/* An account with a password; its id. `role` may be ROLES for none. */
int64_t test_account(struct browser *b, const char *email, const char *password,
                     enum role role, int64_t city);

#endif
