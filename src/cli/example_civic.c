/* Governance and actors: the invented law and institutions of Thalassia. */
#include "cli/example.h"

static void csv_row(struct buf *out, const char *const *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_addc(out, ',');
        buf_csv(out, str_of(cells[i]));
    }
    buf_adds(out, "\r\n");
}

#define ROW(...)                                     \
    csv_row(out, (const char *const[]){__VA_ARGS__}, \
            ARRAY_LEN(((const char *const[]){__VA_ARGS__})));

void example_governance(const struct town *t, struct buf *out)
{
    buf_adds(out, "sector,level,role,law\r\n");
#define COMPETENCE(sector, level, role, law) ROW(sector, level, role, law)
#define ACTOR(name, type, level, does)
#include "cli/example_civic.def"
#undef COMPETENCE
#undef ACTOR
}

void example_actors(const struct town *t, struct buf *out)
{
    buf_adds(out, "name,type,level,competences\r\n");
#define COMPETENCE(sector, level, role, law)
#define ACTOR(name, type, level, does) ROW(name, type, level, does)
#include "cli/example_civic.def"
#undef COMPETENCE
#undef ACTOR
}
