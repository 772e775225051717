/*
 * types.h: the structs of all records, made from records/all.def.
 */
#ifndef PASSERELLE_RECORD_TYPES_H
#define PASSERELLE_RECORD_TYPES_H

#include "record/record.h"

#define BEGIN(name, label, many) \
    struct name {                \
        struct record_head head;
#define FIELD(name, type, flags, low, high, label) C_##type name;
#define CHOICE(name, flags, list, label) const char *name;
#define CHOICES(name, flags, list, label) struct texts name;
#define REF(name, flags, record, label) int64_t name;
#define REFS(name, flags, record, label) struct ids name;
#define END(name) \
    }             \
    ;
#include "records/all.def"
#undef BEGIN
#undef FIELD
#undef CHOICE
#undef CHOICES
#undef REF
#undef REFS
#undef END

#define BEGIN(name, label, many) extern const struct record_type type_##name;
#define FIELD(...)
#define CHOICE(...)
#define CHOICES(...)
#define REF(...)
#define REFS(...)
#define END(name)
#include "records/all.def"
#undef BEGIN
#undef FIELD
#undef CHOICE
#undef CHOICES
#undef REF
#undef REFS
#undef END

#endif
