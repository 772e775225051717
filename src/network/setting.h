/*
 * setting.h: what the secretariat sets in the pages, a text a name.
 *
 * settings.def declares them. A change is in the audit log.
 */
#ifndef PASSERELLE_NETWORK_SETTING_H
#define PASSERELLE_NETWORK_SETTING_H

#include "store/store.h"

enum setting {
#define SETTING(NAME, name, most, label, hint) SETTING_##NAME,
#include "network/settings.def"
#undef SETTING
    SETTINGS
};
struct setting_row {
    const char *name, *label, *hint; /* message ids */
    size_t most;                     /* bytes */
};
extern const struct setting_row setting_rows[SETTINGS];

/* "" when it is not set. */
enum rc setting_get(struct store *s, enum setting which, struct arena *a,
                    const char **out, struct err *err) MUST_USE;
enum rc setting_put(struct store *s, enum setting which, const char *value,
                    int64_t by, int64_t now, struct err *err) MUST_USE;

#endif
