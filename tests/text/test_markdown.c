#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/markdown.h"

static bool expand(void *ctx, const struct markdown_call *c, struct buf *out,
                   bool *is_html)
{
    if (str_is(c->name, "figure")) {
        *is_html = true;
        buf_adds(out, "<figure>");
        buf_add(out, c->code);
        buf_adds(out, "</figure>");
        return true;
    }
    if (!str_is(c->name, "value") || str_is(c->code, "none"))
        return false;
    buf_adds(out, "*12* & <3>");
    return true;
}

static void test_html(void **state)
{
    static const struct {
        const char *in, *want;
    } rows[] = {
        {"", ""},
        {"# Title", "<h3>Title</h3>\n"},
        {"##### Deep", "<h3>Deep</h3>\n"},
        {"## A\n#### B\n##### C\n#### D\n# E\n## F",
         "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>\n<h4>D</h4>\n<h3>E</h3>\n"
         "<h4>F</h4>\n"},
        {"# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6",
         "<h3>1</h3>\n<h4>2</h4>\n<h5>3</h5>\n<h6>4</h6>\n<h6>5</h6>\n"
         "<h6>6</h6>\n"},
        {"a {{value:x_y_z}} b", "<p>a *12* &amp; &lt;3&gt; b</p>\n"},
        {"**{{ value : x }}**",
         "<p><strong>*12* &amp; &lt;3&gt;</strong></p>\n"},
        {"`{{value:x}}`", "<p><code>{{value:x}}</code></p>\n"},
        {"    {{value:x}}", "<pre><code>{{value:x}}\n</code></pre>\n"},
        {"\\{{value:x}}", "<p>{{value:x}}</p>\n"},
        {"{{value:none}}", "<p>{{value:none}}</p>\n"},
        {"{{value:x", "<p>{{value:x</p>\n"},
        {"{{value}} {{:x}}", "<p>{{value}} {{:x}}</p>\n"},
        {"{{figure:map}}", "<figure>map</figure>\n"},
        {"one {{figure:map}} two", "<p>one  two</p>\n<figure>map</figure>\n"},
        {"{{figure:a}}\n{{figure:b}}\n\nend",
         "<figure>a</figure><figure>b</figure>\n<p>end</p>\n"},
        {"<script>alert(1)</script>",
         "<p>&lt;script&gt;alert(1)&lt;/script&gt;\n</p>\n"},
        {"a <b onclick=x>c</b>", "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>\n"},
        {"<!-- kept back -->", ""},
        {"[a](javascript:alert(1))", "<p>a</p>\n"},
        {"[a](JavaScript:alert(1))", "<p>a</p>\n"},
        {"[a](data:text/html,x)", "<p>a</p>\n"},
        {"[a](//evil.example)", "<p>a</p>\n"},
        {"[a](https://example.org/?a=1&b)",
         "<p><a href=\"https://example.org/?a=1&amp;b\">a</a></p>\n"},
        {"[a](mailto:x@example.org)",
         "<p><a href=\"mailto:x@example.org\">a</a></p>\n"},
        {"[a](data/x.csv#c:d)", "<p><a href=\"data/x.csv#c:d\">a</a></p>\n"},
        {"![map](https://example.org/m.png)",
         "<p><a href=\"https://example.org/m.png\">map</a></p>\n"},
        {"![map](file:///etc/passwd)", "<p>map</p>\n"},
        {"[![m](a.png)](b.html)", "<p><a href=\"b.html\">m</a></p>\n"},
        {"مدينة {{value:x}}", "<p>مدينة *12* &amp; &lt;3&gt;</p>\n"},
    };
    struct markdown_options o = {.heading_shift = 2, .expand = expand};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b;

        buf_init(&b, 1 << 16);
        assert_int_equal(markdown_html(str_of(rows[i].in), &o, &b, NULL),
                         RC_OK);
        assert_string_equal(buf_cstr(&b), rows[i].want);
    }
}

static void test_invalid_utf8(void **state)
{
    AUTO(buf) struct buf b;

    buf_init(&b, 4096);
    assert_int_equal(markdown_html(STR("a\xff\x62"), NULL, &b, NULL), RC_OK);
    assert_string_equal(buf_cstr(&b), "<p>a\xef\xbf\xbd\x62</p>\n");
}

static void test_limits(void **state)
{
    AUTO(buf) struct buf b;
    struct err err;

    buf_init(&b, 8);
    assert_int_equal(markdown_html(STR("a long paragraph"), NULL, &b, &err),
                     RC_LIMIT);
    assert_int_equal(
        markdown_html((struct str){"", (size_t)5 << 20}, NULL, &b, &err),
        RC_LIMIT);
}

struct seen {
    struct {
        uint64_t line, column;
        char code[16];
    } at[16];
    size_t n;
};

static void found(void *ctx, const struct markdown_call *c)
{
    struct seen *s = ctx;

    assert_true(s->n < ARRAY_LEN(s->at) && c->code.n < 16);
    s->at[s->n].line = c->line;
    s->at[s->n].column = c->column;
    memcpy(s->at[s->n].code, c->code.p, c->code.n);
    s->n++;
}

static void test_calls(void **state)
{
    static const struct {
        uint64_t line, column;
        const char *code;
    } want[] = {{1, 3, "a"}, {3, 15, "a"}, {3, 27, "b"},
                {5, 5, "c"}, {6, 3, "d"},  {10, 1, "e"}};
    struct seen s = {.n = 0};

    markdown_calls(STR("# {{value:a}}\n"
                       "\n"
                       "`{{value:a}}` {{value:a}} {{value:b}}\n"
                       "\n"
                       "- x {{value:c}}\n"
                       "  {{value:d}}\n"
                       "\n"
                       "      {{value:e}} and \\{{value:f}}\n"
                       "\n"
                       "{{figure:e}} \\{{value:f}}\n"),
                   found, &s);
    assert_int_equal(s.n, ARRAY_LEN(want));
    for (size_t i = 0; i < s.n; i++) {
        assert_int_equal(s.at[i].line, want[i].line);
        assert_int_equal(s.at[i].column, want[i].column);
        assert_string_equal(s.at[i].code, want[i].code);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_invalid_utf8),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_calls),
    };

    return cmocka_run_group_tests_name("text-markdown", tests, NULL, NULL);
}
