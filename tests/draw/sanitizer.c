/*
 * sanitizer.c: what fontconfig and cairo keep until the process ends is not a
 * leak of ours.
 */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libcairo\n";
}
