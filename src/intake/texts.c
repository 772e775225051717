/* The chapters that people write: texts/<chapter>.<language>.md. */
#include "base/file.h"
#include "intake/job.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TEXT_KB = 1024, TEXTS_MAX = 2000 };

static bool code_ok(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
            !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return s.n > 0;
}

/* "synopsis.fr.md" -> synopsis, fr. */
static bool split_name(const char *name, struct str *code, struct str *lang)
{
    struct str s = {name, strlen(name) - 3};
    size_t dot = s.n;

    while (dot > 0 && s.p[dot - 1] != '.')
        dot--;
    if (dot == 0)
        return false;
    *code = (struct str){s.p, dot - 1};
    *lang = (struct str){s.p + dot, s.n - dot};
    return code_ok(*code) && language_code(*lang);
}

static bool language_wanted(const struct package *p, struct str lang)
{
    for (size_t i = 0; i < p->n_languages; i++)
        if (str_is(lang, p->languages[i]))
            return true;
    return p->n_languages == 0;
}

static void take_text(struct job *j, const char *file, struct str code,
                      struct str lang, struct str bytes, size_t *cap)
{
    struct package *p = j->package;
    struct place at = {.file = file};
    size_t bad = 0;

    if (!str_utf8_valid(bytes, &bad)) {
        const char *start = bytes.p;

        at.line = 1;
        for (size_t i = 0; i < bad; i++)
            if (bytes.p[i] == '\n') {
                at.line++;
                start = bytes.p + i + 1;
            }
        at.column = (uint64_t)(bytes.p + bad - start) + 1;
        fault_add(j->faults, FAULT_TEXT_ENCODING, at, "");
        return;
    }
    if (str_starts(bytes, "\xEF\xBB\xBF")) {
        bytes.p += 3;
        bytes.n -= 3;
    }
    if (str_trim(bytes).n == 0)
        fault_add(j->faults, FAULT_TEXT_EMPTY, at, "");
    VEC_PUSH(j->a, p->texts, p->n_texts, *cap) =
        (struct chapter_text){.code = arena_str(j->a, code),
                              .lang = arena_str(j->a, lang),
                              .file = file,
                              .markdown = bytes};
}

static enum rc read_text(struct job *j, const char *name, size_t *cap,
                         struct err *err)
{
    const char *file = arena_printf(j->a, "texts/%s", name);
    struct place at = {.file = file};
    struct str code, lang, bytes;
    struct stat st;
    char *path;
    enum rc rc = path_inside(j->scratch, j->dir, file, &path, NULL);

    if (rc) {
        fault_add(j->faults, FAULT_PATH_OUTSIDE, at, file);
        return RC_OK;
    }
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return RC_OK;
    if (!split_name(name, &code, &lang)) {
        fault_add(j->faults, FAULT_TEXT_NAME, at, "");
        return RC_OK;
    }
    if (!language_wanted(j->package, lang))
        fault_add(j->faults, FAULT_TEXT_LANGUAGE, at,
                  arena_str(j->scratch, lang));
    rc = file_read(j->a, path, (size_t)TEXT_KB << 10, &bytes, err);
    if (rc == RC_LIMIT) {
        fault_add(j->faults, FAULT_TEXT_TOO_LARGE, at, (int)TEXT_KB);
        return RC_OK;
    }
    if (rc)
        return rc;
    take_text(j, file, code, lang, bytes, cap);
    return RC_OK;
}

static int name_compare(const void *pa, const void *pb)
{
    return strcmp(*(char *const *)pa, *(char *const *)pb);
}

enum rc read_texts(struct job *j, struct err *err)
{
    char *path;
    char **names = NULL;
    size_t n = 0, cap = 0, cap_texts = 0;
    struct dirent *e;
    enum rc rc = path_inside(j->scratch, j->dir, "texts", &path, NULL);
    AUTO(dir) DIR *dir = rc ? NULL : opendir(path);

    if (rc == RC_INVALID)
        fault_add(j->faults, FAULT_PATH_OUTSIDE,
                  (struct place){.file = "texts"}, "texts");
    if (!dir)
        return RC_OK;
    while ((e = readdir(dir)) && n < TEXTS_MAX)
        if (e->d_name[0] != '.' && str_ends(str_of(e->d_name), ".md"))
            VEC_PUSH(j->scratch, names, n, cap) =
                arena_strdup(j->scratch, e->d_name);
    if (n)
        qsort(names, n, sizeof *names, name_compare);
    rc = RC_OK;
    for (size_t i = 0; !rc && i < n; i++)
        rc = read_text(j, names[i], &cap_texts, err);
    return rc;
}
