#!/bin/bash
# Man pages of the library: rendered without a warning, and every public
# function is on one of them.
#     test_manual.sh SOURCE
tests=0
say() { # STATUS NAME
    tests=$((tests + 1))
    if [ "$1" = 0 ]; then echo "ok $tests - $2"; else echo "not ok $tests - $2"; fi
}
for page in "$1"/docs/man/*.3; do
    name=$(basename "$page")
    if command -v groff >/dev/null; then
        warnings=$(groff -man -Tutf8 -ww -z "$page" 2>&1)
        [ -z "$warnings" ]
        say $? "$name renders without warnings"
        [ -z "$warnings" ] || printf '%s\n' "$warnings" | sed 's/^/# /'
    fi
    grep -q '^\.SH CONVENTIONS' "$page"
    say $? "$name says which program uses which convention"
done
for name in $(sed -n 's/^ *\([a-z_]*\);$/\1/p' "$1/src/measure/measure.map"); do
    grep -qw -- "$name" "$1"/docs/man/*.3 ||
        grep -qw -- "$name" <(sed 's/\\-/-/g' "$1"/docs/man/*.3)
    say $? "$name has a man page"
done
[ $tests -gt 40 ]
say $? "there are pages and functions"
echo "1..$tests"
