#include "text/mo.h"

#include "text/plural.h"

enum { MO_MAGIC = 0x950412de, MO_HEADER = 28, MO_ENTRY = 8 };

static uint32_t word_at(const struct mo *m, size_t offset)
{
    const unsigned char *b = m->bytes + offset;
    uint32_t little = (uint32_t)b[0] | (uint32_t)b[1] << 8 |
                      (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;

    return m->swapped ? __builtin_bswap32(little) : little;
}

static bool table_fits(const struct mo *m, uint32_t offset)
{
    return offset <= m->n_bytes && m->count <= (m->n_bytes - offset) / MO_ENTRY;
}

bool mo_open(struct mo *m, const unsigned char *bytes, size_t n)
{
    uint32_t magic;

    *m = (struct mo){.bytes = bytes, .n_bytes = n};
    if (n < MO_HEADER)
        return false;
    magic = word_at(m, 0);
    m->swapped = magic == __builtin_bswap32((uint32_t)MO_MAGIC);
    if (!m->swapped && magic != (uint32_t)MO_MAGIC)
        return false;
    if (word_at(m, 4) >> 16 != 0) /* major revision */
        return false;
    m->count = word_at(m, 8);
    m->originals = word_at(m, 12);
    m->translations = word_at(m, 16);
    return table_fits(m, m->originals) && table_fits(m, m->translations);
}

static bool text_at(const struct mo *m, uint32_t table, uint32_t i,
                    struct str *out)
{
    size_t entry = table + (size_t)i * MO_ENTRY;
    uint32_t length = word_at(m, entry), offset = word_at(m, entry + 4);

    if (offset >= m->n_bytes || length >= m->n_bytes - offset ||
        m->bytes[(size_t)offset + length] != 0)
        return false;
    *out = (struct str){(const char *)m->bytes + offset, length};
    return true;
}

bool mo_at(const struct mo *m, uint32_t i, struct str *message,
           struct str *translation)
{
    return i < m->count && text_at(m, m->originals, i, message) &&
           text_at(m, m->translations, i, translation);
}

bool mo_find(const struct mo *m, const char *message, struct str *out)
{
    uint32_t low = 0, high = m->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct str found;
        int order;

        if (!text_at(m, m->originals, middle, &found))
            return false;
        order = strcmp(message, found.p); /* a plural's first form */
        if (order == 0)
            return text_at(m, m->translations, middle, out);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

const char *mo_plural(const struct mo *m, const char *one, uint64_t n)
{
    struct str header, forms;
    unsigned form;
    const char *p, *end;

    if (!mo_find(m, "", &header) || !mo_find(m, one, &forms) ||
        !plural_form(header, n, &form))
        return NULL;
    p = forms.p;
    end = forms.p + forms.n;
    for (; form > 0; form--) {
        p += strlen(p) + 1;
        if (p > end)
            return NULL;
    }
    return p;
}
