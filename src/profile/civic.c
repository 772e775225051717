/*
 * civic.c: who does what: levels of government by sector, and actors.
 */
#include <string.h>

#include "profile/part.h"

static const char *const level_codes[] = {
    [LEVEL_LOCAL] = "local",
    [LEVEL_REGIONAL] = "regional",
    [LEVEL_NATIONAL] = "national",
    [LEVEL_OTHER] = "other",
};
static const char *const level_names[] = {
    [LEVEL_LOCAL] = N_("Local"),
    [LEVEL_REGIONAL] = N_("Regional"),
    [LEVEL_NATIONAL] = N_("National"),
    [LEVEL_OTHER] = N_("Other level"),
};

/* The package's names for its own code, else the code as it is. */
static struct node *code_node(struct doc *d, const char *resource,
                              const char *code)
{
    const struct names *given = package_names(d->p, resource, code);

    if (given)
        return names_given(d, given, NULL);
    return code && code[0] ? node_text(d->arena, code) : NULL;
}

static const char *competence_text(struct doc *d, const struct competence *c,
                                   const char *before)
{
    bool law = c->law && c->law[0];

    return arena_printf(d->arena, "%s%s%s%s%s%s", before ? before : "",
                        before ? "; " : "", c->role ? c->role : "",
                        law ? " (" : "", law ? c->law : "", law ? ")" : "");
}

void part_governance(struct doc *d)
{
    const struct package *p = d->p;
    struct dict sectors;
    const char *(*cells)[4];
    struct sheet t;

    if (p->n_competences == 0) {
        node_set(d->root, "governance",
                 part_absent(d, N_("The package does not say who is competent "
                                   "for what; a table of sectors by level of "
                                   "government would show it.")));
        return;
    }
    dict_init(&sectors, d->arena);
    for (size_t i = 0; i < p->n_competences; i++)
        dict_intern(&sectors, str_of(p->competences[i].sector));
    cells = arena_alloc(d->arena, sectors.n * sizeof(*cells));
    for (size_t i = 0; i < p->n_competences; i++) {
        const struct competence *c = &p->competences[i];
        uint32_t s = dict_find(&sectors, str_of(c->sector));

        cells[s][c->level] = competence_text(d, c, cells[s][c->level]);
    }
    t = sheet_new(d, "governance",
                  names_of(d, N_("Competences by sector and level")), "none",
                  NULL, "governance");
    sheet_column(&t, "sector", names_of(d, N_("Sector")), "text", NULL);
    for (size_t l = 0; l < 4; l++)
        sheet_column(&t, level_codes[l], names_of(d, level_names[l]), "text",
                     NULL);
    for (uint32_t s = 0; s < sectors.n; s++) {
        struct node *row = sheet_row(&t);

        row_node(row, code_node(d, "governance", dict_cstr(&sectors, s)));
        for (size_t l = 0; l < 4; l++)
            row_say(&t, row, cells[s][l]);
    }
    node_set(node_set(d->root, "governance", node_object(d->arena)), "table",
             t.node);
}

void part_actors(struct doc *d)
{
    const struct package *p = d->p;
    struct sheet t;

    if (p->n_actors == 0) {
        node_set(d->root, "actors",
                 part_absent(d, N_("The package names no actors; a table of "
                                   "organisations and what they can do would "
                                   "show them.")));
        return;
    }
    t = sheet_new(d, "actors", names_of(d, N_("Actors")), "none", NULL,
                  "actors");
    sheet_column(&t, "name", names_of(d, N_("Name")), "text", NULL);
    sheet_column(&t, "type", names_of(d, N_("Type")), "text", NULL);
    sheet_column(&t, "level", names_of(d, N_("Level")), "term", NULL);
    sheet_column(&t, "competences", names_of(d, N_("Competences")), "text",
                 NULL);
    for (size_t l = 0; l < 4; l++)
        sheet_term(&t, level_codes[l], names_of(d, level_names[l]));
    for (size_t i = 0; i < p->n_actors; i++) {
        const struct actor *a = &p->actors[i];
        struct node *row = sheet_row(&t);
        char *competences = arena_strdup(d->arena, a->competences);
        AUTO(buf) struct buf b;

        row_say(&t, row, a->name);
        row_node(row, code_node(d, "actors", a->type));
        row_say(&t, row, level_codes[a->level]);
        buf_init(&b, BUF_CEILING);
        for (const char *c = competences; *c; c++) {
            buf_addc(&b, *c);
            if (*c == ';' && c[1] != ' ')
                buf_addc(&b, ' ');
        }
        row_say(&t, row, buf_cstr(&b));
    }
    node_set(node_set(d->root, "actors", node_object(d->arena)), "table",
             t.node);
}
