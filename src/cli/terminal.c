/* How wide a text is on a terminal, and lines no wider than it. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* UTF-8 characters, not bytes; marks that stand on Arabic letters, and what
 * only turns the direction, take no column. */
int text_width(const char *s)
{
    int n = 0;

    for (; *s; s++) {
        unsigned char c = (unsigned char)*s, next = (unsigned char)s[1];
        bool mark = c == 0xD9 && next >= 0x8B && next <= 0x9F;
        bool isolate = c == 0xE2 && next == 0x81; /* U+2066 .. U+2069 */

        n += (c & 0xC0) != 0x80 && !mark && !isolate;
    }
    return n;
}

size_t terminal_columns(void)
{
    const char *said = getenv("COLUMNS");
    struct winsize w;
    int64_t n;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 40)
        return w.ws_col;
    return said && str_i64(str_of(said), &n) && n >= 40 && n < 1000 ? (size_t)n
                                                                    : 80;
}

/* Columns of the first n bytes. */
static int word_width(const char *text, size_t n)
{
    char word[400];

    snprintf(word, sizeof word, "%.*s", (int)MIN(n, sizeof word - 1), text);
    return text_width(word);
}

void text_wrapped(const char *text, int first, int indent, struct buf *out)
{
    int columns = (int)terminal_columns(), at = first;
    bool empty = true; /* nothing on this line yet */

    while (*text) {
        size_t n = strcspn(text, " ");
        int wide = word_width(text, n);

        if (!empty && at + 1 + wide > columns) {
            buf_fmt(out, "\n%*s", indent, "");
            at = indent;
            empty = true;
        }
        if (!empty)
            buf_addc(out, ' ');
        buf_add(out, (struct str){text, n});
        at += wide + !empty;
        empty = false;
        text += n;
        text += strspn(text, " ");
    }
    buf_addc(out, '\n');
}
