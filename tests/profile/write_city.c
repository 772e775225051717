/* write_city PACKAGE: its document on the standard output. */
#include <stdio.h>

#include "profile/profile.h"

int main(int argc, char **argv)
{
    struct release_options ro = {.seed = 1, .threads = 1};
    struct profile_options po = {.seed = 1, .version = "0"};
    AUTO(arena) struct arena *a = arena_new(0);
    struct intake in = {0};
    struct release *r;
    struct faults faults;
    struct node *doc;
    struct err err = {0};
    AUTO(buf) struct buf b;
    bool done;

    if (argc != 2)
        return 2;
    faults_init(&faults, a);
    buf_init(&b, (size_t)256 << 20);
    done = package_read(argv[1], 0, NULL, a, &faults, &in, &err) == RC_OK &&
           release_make(&in, &ro, NULL, a, &r, &err) == RC_OK &&
           profile_build(in.package, in.geography, r, &po, a, &faults, &doc,
                         &err) == RC_OK;
    if (done) {
        node_write(doc, true, &b);
        fputs(buf_cstr(&b), stdout);
    } else {
        faults_write_text(&faults, NULL, NULL, &b);
        if (err.message)
            err_render(&err, err.message, &b);
        fprintf(stderr, "%s\n", buf_cstr(&b));
    }
    intake_release(&in);
    return !done;
}
