#include "record/record.h"

static bool digits(struct str s, size_t from, size_t n, int *out)
{
    int v = 0;

    for (size_t i = from; i < from + n; i++) {
        if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

static int month_days(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

bool day_parse(struct str text, struct day *out)
{
    int year, month = 0, day = 0;

    if (!digits(text, 0, 4, &year) || year < 1000)
        return false;
    if (text.n > 4 && (text.p[4] != '-' || !digits(text, 5, 2, &month) ||
                       month < 1 || month > 12))
        return false;
    if (text.n > 7 && (text.p[7] != '-' || !digits(text, 8, 2, &day) ||
                       day < 1 || day > month_days(year, month)))
        return false;
    if (text.n != 4 && text.n != 7 && text.n != 10)
        return false;
    *out = (struct day){(int16_t)year, (int8_t)month, (int8_t)day};
    return true;
}

void day_write(struct day d, struct buf *out)
{
    if (!d.year)
        return;
    buf_fmt(out, "%04d", d.year);
    if (d.month)
        buf_fmt(out, "-%02d", d.month);
    if (d.month && d.day)
        buf_fmt(out, "-%02d", d.day);
}

static int order(struct day d)
{
    return d.year * 10000 + MAX(d.month, 1) * 100 + MAX(d.day, 1);
}

int day_compare(struct day a, struct day b)
{
    return (order(a) > order(b)) - (order(a) < order(b));
}
