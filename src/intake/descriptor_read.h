/*
 * descriptor_read.h: what the files that read the descriptor share.
 *
 * Internal to descriptor*.c. A `struct at` is the path to a value, on the
 * stack; its JSON pointer is made only when a fault needs it.
 */
#ifndef PASSERELLE_DESCRIPTOR_READ_H
#define PASSERELLE_DESCRIPTOR_READ_H

#include "intake/descriptor.h"

#include <jansson.h>

struct at {
    const struct at *up;
    const char *key; /* NULL: index */
    size_t index;
};

struct dr {
    struct str json;
    struct arena *a;
    struct faults *faults;
    bool memory; /* the arena is full */
};

struct place dr_place(struct dr *d, const struct at *at);
/* Without memory what was read is no longer what stands there: say nothing. */
#define DR_FAULT(d, at, kind, ...)                                           \
    ((d)->memory ? (void)0                                                   \
                 : fault_add((d)->faults, FAULT_##kind, dr_place((d), (at)), \
                             __VA_ARGS__))

/* Arena copies; "" and d->memory when it is full. */
const char *dr_copy(struct dr *d, const char *s, size_t n);
void *dr_array(struct dr *d, size_t n, size_t size);

/* `allowed` ends in NULL. Outside our own keys (`ours` false) other keys are
 * free, and only a near miss is told. */
void dr_keys(struct dr *d, const struct at *at, const json_t *object,
             const char *const *allowed, bool ours);

/*
 * The value of a key, of the type wanted, or NULL. A wrong type is a fault; so
 * is absence when `example` is given.
 */
enum dr_type { DR_TEXT, DR_NUMBER, DR_INTEGER, DR_BOOL, DR_LIST, DR_OBJECT };
const json_t *dr_get(struct dr *d, const struct at *at, const json_t *object,
                     const char *key, enum dr_type type, const char *example);
bool dr_is(struct dr *d, const struct at *at, const json_t *v,
           enum dr_type type, const char *example);
/* Texts that are not empty; NULL when absent (with `example`: a fault). */
const char *dr_text(struct dr *d, const struct at *at, const json_t *object,
                    const char *key, const char *example);
/* One of a list (NULL-terminated); its index, or -1 after a fault. */
int dr_choice(struct dr *d, const struct at *at, const char *text,
              const char *const *allowed);
/* A text, number or truth value as a table writes it; NULL after a fault. */
const char *dr_scalar(struct dr *d, const struct at *at, const json_t *v);
/* A list of scalars, or one of them. */
size_t dr_list(struct dr *d, const struct at *at, const json_t *object,
               const char *key, const char ***out);
void dr_pairs(struct dr *d, const struct at *at, const json_t *object,
              const char *key, struct pairs *out);
/* {"en": "...", ...} or a plain text (language "en"). */
void dr_names(struct dr *d, const struct at *at, const json_t *v,
              struct names *out);
size_t dr_named(struct dr *d, const struct at *at, const json_t *object,
                const char *key, struct named_code **out);

void dr_resources(struct dr *d, const struct at *at, const json_t *root,
                  struct descriptor *out);
void dr_protection(struct dr *d, const struct at *at, const json_t *ours,
                   struct protection_rule *out);

/* "did you mean": the nearest of a NULL-terminated list, or NULL. */
const char *nearest(const char *text, const char *const *allowed);
const char *join_list(struct arena *a, const char *const *items);

#endif
