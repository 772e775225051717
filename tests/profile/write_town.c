/* write_town: the document of the town on the standard output. */
#include <stdio.h>
#include <string.h>

#include "profile/profile.h"
#include "town.h"

int main(int argc, char **argv)
{
    bool plain = argc > 1 && strcmp(argv[1], "plain") == 0;
    struct town_options o = {
        .seed = 1,
        .rule = {.stated = true,
                 .method = PROTECT_SUPPRESS,
                 .below = 5,
                 .secondary = true},
        .publisher_withholds = argc > 1 && strcmp(argv[1], "withheld") == 0,
        .parts = !plain,
        .compare = !plain,
        .ages = !plain,
    };
    struct release_options ro = {.seed = 1, .threads = 1, .measure_from = 200};
    struct profile_options po = {.seed = 1, .version = "0"};
    AUTO(arena) struct arena *a = arena_new(0);
    struct release *r;
    struct intake in;
    struct faults faults;
    struct node *doc;
    struct err err;
    AUTO(buf) struct buf b;
    bool done;

    if (plain)
        o.rule = (struct protection_rule){.stated = false};
    town_make(&o, a, &in);
    faults_init(&faults, a);
    buf_init(&b, BUF_CEILING);
    done = release_make(&in, &ro, NULL, a, &r, &err) == RC_OK &&
           profile_build(in.package, in.geography, r, &po, a, &faults, &doc,
                         &err) == RC_OK;
    if (done) {
        node_write(doc, true, &b);
        fputs(buf_cstr(&b), stdout);
    } else {
        err_render(&err, err.message, &b);
        fprintf(stderr, "%s\n", buf_cstr(&b));
    }
    cube_free(in.cube);
    return !done;
}
