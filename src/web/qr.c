#include "web/account_page.h"

#include <qrencode.h>

enum { QUIET = 4 }; /* modules of white around: ISO/IEC 18004 */

/* Runs of dark modules of a row, as rectangles one unit high. */
static void add_row(const QRcode *q, int y, struct buf *out)
{
    for (int x = 0; x < q->width; x++) {
        int from = x;

        while (x < q->width && (q->data[y * q->width + x] & 1))
            x++;
        if (x > from)
            buf_fmt(out, "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET, x - from,
                    x - from);
    }
}

struct node *qr_node(struct arena *a, const char *text)
{
    AUTO(buf) struct buf path = {.ceiling = 1 << 20};
    QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    struct node *out;

    if (!q)
        return NULL;
    for (int y = 0; y < q->width; y++)
        add_row(q, y, &path);
    out = node_object(a);
    node_set_int(out, "size", q->width + 2 * QUIET);
    node_set_text(out, "path", buf_cstr(&path));
    QRcode_free(q);
    return out;
}
