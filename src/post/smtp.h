/*
 * smtp.h: one message to one address over SMTP (libcurl); inner to post.
 *
 * TLS is asked of every server but one on this machine; smtps:// has it from
 * the first byte. A reply of 5xx to the address or the message is for ever;
 * anything else may be tried again.
 */
#ifndef PASSERELLE_POST_SMTP_H
#define PASSERELLE_POST_SMTP_H

#include "base/str.h"

struct smtp_answer {
    bool sent, for_ever;
    char fault[160]; /* without the address */
};

void smtp_begin(void); /* once, before threads use libcurl */
void smtp_send(const char *url, const char *sender, const char *address,
               struct str message, struct smtp_answer *out);

#endif
