/* What a column is likely to be, by its name and its values. */
#include "cli/describe_roles.h"
#include "text/fold.h"
#include "text/lang.h"

#include <ctype.h>
#include <stdio.h>

/* ---- names ---- */

/* Folded words; a column's name holds one of them, or is one of them. */
static const char *const words[ROLES_] = {
    [ROLE_PERIOD] =
        " period year date time jahr stichtag annee periode ano "
        "any data_referencia anno السنه سنه التاريخ الفتره ",
    [ROLE_SEX] =
        " sex gender sexe genre geschlecht sexo genere sesso الجنس "
        "النوع ",
    [ROLE_AGE] =
        " age alter edad edat eta alter_gruppe agegroup age_group "
        "tranche_age العمر السن ",
    [ROLE_ORIGIN] =
        " origin region origine nationality nationalite nationalitat "
        "nacionalidad nacionalitat citizenship country pays "
        "country_of_birth pays_de_naissance herkunft birthplace "
        "staatsangehorigkeit staatsangehoerigkeit land origen "
        "الاصل الجنسيه البلد بلد ",
    [ROLE_AREA] =
        " area zone district quartier quarter neighbourhood "
        "neighborhood commune arrondissement secteur section bezirk "
        "stadtteil ortsteil planungsraum barri barrio distrito "
        "sector codi_barri raumid sub_district الحي المنطقه حي "
        "منطقه المقاطعه ",
    [ROLE_COUNT] =
        " count n number persons people population residents "
        "effectif effectifs nombre habitants pop anzahl "
        "bevolkerung einwohner insgesamt valor poblacion poblacio "
        "nombre_habitants value total العدد عدد السكان ",
    [ROLE_LONGITUDE] = " longitude lon lng long x خط_الطول ",
    [ROLE_LATITUDE] = " latitude lat y خط_العرض ",
    [ROLE_NAME] =
        " name nom nombre_barrio bezeichnung nombre libelle label "
        "nom_barri titre title الاسم اسم ",
    [ROLE_KIND] =
        " kind type category categorie art categoria tipo typ "
        "النوع_الخدمه الفئه ",
};

static const char *folded(struct str s, struct arena *a)
{
    AUTO(buf) struct buf out = {.ceiling = 1 << 12};
    char *text;

    text_fold(s, &out);
    text = arena_strdup(a, buf_cstr(&out));
    for (char *p = text; *p; p++)
        if (*p == ' ' || *p == '-' || *p == '.' || *p == '/')
            *p = '_';
    return text;
}

int role_name_score(const char *name, enum role role, struct arena *a)
{
    const char *f = folded(str_of(name), a), *p = words[role] + 1;
    size_t n = strlen(f);
    int best = 0;

    while (n > 1 && isdigit((unsigned char)f[n - 1])) /* "age5" */
        n--;

    while (*p) {
        size_t m = strcspn(p, " ");

        if (m == n && strncmp(p, f, n) == 0)
            return 3;
        if (m >= 3 && n > m &&
            ((strncmp(p, f, m) == 0 && f[m] == '_') ||
             (strncmp(p, f + n - m, m) == 0 && f[n - m - 1] == '_')))
            best = 2;
        p += m + 1;
    }
    return best;
}

/* ---- values ---- */

static bool is_period(struct str s)
{
    if (s.n < 4 || s.n > 10 || (s.p[0] != '1' && s.p[0] != '2'))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (i == 4 || i == 7 ? s.p[i] != '-' : !isdigit((unsigned char)s.p[i]))
            return false;
    return (s.n == 4 || s.n == 7 || s.n == 10) &&
           (strncmp(s.p, "19", 2) == 0 || strncmp(s.p, "20", 2) == 0);
}

bool describe_age(struct str text, char out[16])
{
    unsigned numbers[2] = {0, 0}, n = 0;
    bool open = false, words_ = false;

    for (size_t i = 0; i < text.n;) {
        if (isdigit((unsigned char)text.p[i])) {
            unsigned v = 0;

            for (; i < text.n && isdigit((unsigned char)text.p[i]); i++)
                v = MIN(v * 10 + (unsigned)(text.p[i] - '0'), 1000u);
            if (n == 2 || v > 130)
                return false;
            numbers[n++] = v;
            continue;
        }
        open |= text.p[i] == '+' || text.p[i] == '>';
        words_ |= isalpha((unsigned char)text.p[i]) ||
                  (unsigned char)text.p[i] >= 0x80;
        i++;
    }
    if (!n || (n == 2 && numbers[1] < numbers[0]))
        return false;
    open |= memmem(text.p, text.n, "plus", 4) ||
            memmem(text.p, text.n, "over", 4) ||
            memmem(text.p, text.n, "older", 5) ||
            memmem(text.p, text.n, "more", 4) ||
            memmem(text.p, text.n, "mehr", 4) ||
            memmem(text.p, text.n, "فأكثر", strlen("فأكثر")) ||
            memmem(text.p, text.n, "فما فوق", strlen("فما فوق"));
    if (n == 2)
        snprintf(out, 16, "%u-%u", numbers[0], numbers[1]);
    else
        snprintf(out, 16, open ? "%u+" : "%u", numbers[0]);
    return n == 2 || open || !words_ || text.n < 12;
}

const char *describe_sex(struct str text)
{
    static const char *const rows[][2] = {
        {"female",
         " f female females femme femmes feminin w weiblich frauen "
         "mujer mujeres dona dones woman women انثي اناث نساء "
         "femminile girls "},
        {"male",
         " m male males homme hommes masculin mannlich maennlich "
         "manner hombre hombres home homes man men ذكر ذكور رجال "
         "maschile boys h "},
        {"other", " other autre autres divers x diverse اخر "},
    };
    AUTO(arena) struct arena *a = arena_new(0);
    const char *wanted = arena_printf(a, " %s ", folded(str_trim(text), a));

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strstr(rows[i][1], wanted))
            return rows[i][0];
    return NULL;
}

bool text_is_country(struct str s)
{
    AUTO(buf) struct buf name = {.ceiling = 4096};
    char code[4] = "";

    if (s.n < 2 || s.n > 3 || !isupper((unsigned char)s.p[0]) ||
        !isupper((unsigned char)s.p[1]))
        return false;
    memcpy(code, s.p, s.n);
    return lang_country(lang_find("en"), code, &name);
}

/* Share of the different values that are like that. */
static double share_of(const struct described_column *c,
                       bool (*like)(struct str s))
{
    size_t n = 0;

    for (size_t i = 0; i < c->values.n; i++)
        n += like(dict_text(&c->values, (uint32_t)i));
    return c->values.n ? (double)n / (double)c->values.n : 0;
}

static bool like_age(struct str s)
{
    char out[16];

    return describe_age(s, out);
}

static bool like_sex(struct str s)
{
    return describe_sex(s) != NULL;
}

bool column_is_numbers(const struct described_column *c)
{
    return c->filled && c->numbers * 10 >= c->filled * 9;
}

double column_share_in(const struct described_column *c,
                       const struct described_column *ids)
{
    size_t n = 0;

    for (size_t i = 0; i < c->values.n; i++)
        n += dict_find(&ids->values, dict_text(&c->values, (uint32_t)i)) !=
             DICT_NONE;
    return c->values.n ? (double)n / (double)c->values.n : 0;
}

bool column_is_counts(const struct described_column *c)
{
    return column_is_numbers(c) && !c->negatives;
}

bool text_is_group(const char *name, struct arena *a)
{
    /* unions of states; then "national", "foreign", "the rest" */
    static const char groups[] =
        " eu ue eea ewr eee efta eu15 eu25 eu27 eu28 non_eu noneu "
        "third_country "
        "third_countries tcn drittstaaten drittstaat hors_ue "
        "national nationals inland inlander deutsche osterreicher espanoles "
        "espanols espanyols francais nationaux "
        "foreign foreigner foreigners for ausland auslander auslandisch "
        "etranger etrangers extranjero extranjeros estranger estrangers "
        "rest other others autre autres ubrige sonstige otros altres "
        "stateless staatenlos apatrides unknown unbekannt inconnu "
        "مواطنون اجانب الاجانب اخري ";

    if (text_is_country(str_of(name)))
        return true;
    return strstr(groups, arena_printf(a, " %s ", folded(str_of(name), a)));
}

/* Whole numbers without a gap; *first, and their number or 0. */
static size_t numbered(const struct described_column *c, int64_t *first)
{
    int64_t low = INT64_MAX, high = INT64_MIN;

    if (c->many || !c->values.n)
        return 0;
    for (size_t i = 0; i < c->values.n; i++) {
        int64_t v;

        if (!str_i64(dict_text(&c->values, (uint32_t)i), &v))
            return 0;
        low = MIN(low, v);
        high = MAX(high, v);
    }
    *first = low;
    return low >= 0 && high - low + 1 == (int64_t)c->values.n ? c->values.n : 0;
}

int column_five_years(const struct described_column *c, struct arena *a)
{
    const char *name = folded(str_of(c->name), a);
    size_t n = strlen(name);
    int64_t first = 0;
    size_t classes = numbered(c, &first);
    bool says = strstr(name, "quinq") || strstr(name, "five") ||
                (n > 2 && (strcmp(name + n - 2, "_q") == 0 ||
                           (name[n - 1] == '5' && !isdigit(name[n - 2]))));

    /* up to 75+ at least, up to 100+ at most */
    return says && first <= 1 && classes >= 15 && classes <= 22 ? (int)first
                                                                : -1;
}

bool column_is_iso_sex(const struct described_column *c)
{
    bool both = dict_find(&c->values, STR("1")) != DICT_NONE &&
                dict_find(&c->values, STR("2")) != DICT_NONE;

    for (size_t i = 0; both && i < c->values.n; i++) {
        struct str v = dict_text(&c->values, (uint32_t)i);

        both = v.n == 1 && strchr("0129", v.p[0]);
    }
    return both && !c->many;
}

/* How likely a column plays a role: by its name, by its values. */
static double role_score(const struct described_column *c, enum role role,
                         const struct described_column *ids, struct arena *a)
{
    double name = role_name_score(c->name, role, a);

    switch (role) {
    case ROLE_PERIOD:
        return c->many ? 0 : share_of(c, is_period) >= 0.9 ? name + 2 : 0;
    case ROLE_SEX:
        return c->values.n <= 6 && !c->many && share_of(c, like_sex) >= 0.6
                   ? name + 2
                   : name * (c->values.n <= 6 && !c->many);
    case ROLE_AGE:
        return c->many ? 0
                       : name + (name > 0 && share_of(c, like_age) >= 0.8) +
                             (share_of(c, like_age) >= 0.9 &&
                              !column_is_numbers(c));
    case ROLE_ORIGIN:
        return name +
               (share_of(c, text_is_country) >= 0.6 && c->values.n > 2 ? 2 : 0);
    case ROLE_AREA:
        return name / 2 + (ids && column_share_in(c, ids) >= 0.8
                               ? 4 + (strcasecmp(c->name, ids->name) == 0)
                               : 0);
    case ROLE_COUNT:
        return column_is_counts(c) ? name + 0.5 : 0;
    case ROLE_LONGITUDE:
    case ROLE_LATITUDE:
        return column_is_numbers(c) ? name + 0.5 : 0;
    default:
        return name;
    }
}

/* ---- tables ---- */

/* How well each column plays each role, row by row of columns. */
static double *role_scores(const struct described_file *f,
                           const struct described_column *ids, struct arena *a)
{
    double *scores = arena_array(a, double, f->n *ROLES_ + 1);

    for (size_t i = 0; i < f->n; i++)
        for (int k = 0; k < ROLES_; k++)
            scores[i * ROLES_ + (size_t)k] =
                role_score(&f->columns[i], (enum role)k, ids, a);
    return scores;
}

bool roles_taken(const struct roles *r, size_t column)
{
    for (int k = 0; k < ROLES_; k++)
        if (r->column[k] == (int)column)
            return true;
    return false;
}

struct roles roles_assign(const struct described_file *f,
                          const struct described_column *ids, struct arena *a)
{
    const double *scores = role_scores(f, ids, a);
    struct roles r = {0};

    for (int k = 0; k < ROLES_; k++)
        r.column[k] = -1;
    for (int round = 0; round < ROLES_; round++) {
        double best = 0.9;
        int role = -1, column = -1;

        for (int k = 0; k < ROLES_; k++) {
            for (size_t i = 0; i < f->n && r.column[k] < 0; i++) {
                double s = scores[i * ROLES_ + (size_t)k];

                if (s > best && !roles_taken(&r, i)) {
                    best = s;
                    role = k;
                    column = (int)i;
                }
            }
        }
        if (role < 0)
            break;
        r.column[role] = column;
        r.score[role] = best;
    }
    return r;
}
