#include "network/setting.h"
#include "network/secret.h"

const struct setting_row setting_rows[SETTINGS] = {
#define SETTING(NAME, name, most, label, hint) {#name, label, hint, most},
#include "network/settings.def"
#undef SETTING
};

enum rc setting_get(struct store *s, enum setting which, struct arena *a,
                    const char **out, struct err *err)
{
    char *value = NULL;
    enum rc rc;

    REQUIRE(which < SETTINGS);
    rc = store_text(s, "SELECT value FROM setting WHERE name = :name",
                    PARAMS(P_TEXT("name", setting_rows[which].name)), a, &value,
                    err);
    *out = !rc && value ? value : "";
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

struct setting_change {
    struct store *s;
    const struct setting_row *row;
    const char *value;
    int64_t by, now;
};

static enum rc put_inside(void *ctx, struct err *err)
{
    struct setting_change *c = ctx;
    enum rc rc = store_exec(
        c->s,
        "INSERT INTO setting (name, value) VALUES (:name, :value)"
        " ON CONFLICT (name) DO UPDATE SET value = :value",
        PARAMS(P_TEXT("name", c->row->name), P_TEXT("value", c->value)), NULL,
        err);

    return rc ? rc
              : audit_row(c->s, c->by, "setting", c->row->name, "", c->now,
                          err);
}

enum rc setting_put(struct store *s, enum setting which, const char *value,
                    int64_t by, int64_t now, struct err *err)
{
    struct setting_change c = {s, &setting_rows[which], value, by, now};

    REQUIRE(which < SETTINGS);
    if (strlen(value) > c.row->most || !str_utf8_valid(str_of(value), NULL))
        return err_set(err, RC_INVALID, N_("this text is too long"));
    return in_transaction(s, put_inside, &c, err);
}
