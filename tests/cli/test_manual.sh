#!/bin/bash
# Man pages, completion and --help come from one table and agree.
. "$(dirname "$0")/lib.sh"

commands=$("$P" --help | sed -n "s/^  \([a-z][a-z]*\) .*/\1/p")
is "there are commands" test "$(echo "$commands" | wc -w)" -ge 3
for page in "" $commands; do
    is "man page ${page:-of the program}" sh -c \
        '"$1" --dump man $2 >"$3"' - "$P" "$page" "$T/page.1"
    if command -v groff >/dev/null; then
        groff -man -Tutf8 -ww -z "$T/page.1" 2>"$T/err"
        is "man page ${page:-of the program} without warnings" test ! -s "$T/err"
    fi
    for option in $("$P" $page --help | grep -o -- '--[a-z-]*' | sort -u); do
        is "${page:-the program}: $option is in the man page" \
            grep -qF -- "$(printf '%s' "$option" | sed 's/-/\\-/g')" "$T/page.1"
    done
done
"$P" --dump bash >"$T/completion.bash"
complete_with() { # the words that bash offers after these
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _passerelle; printf "%s\n" "${COMPREPLY[@]}"' - \
        "$T/completion.bash" "$@"
}
is "completion loads in bash" bash -n "$T/completion.bash"
complete_with passerelle ex >"$T/out"
says "example"
complete_with passerelle profile --ti >"$T/out"
says "--timings"
complete_with passerelle check --fo >"$T/out"
says "--format"
is "zsh completion" sh -c '"$1" --dump zsh | grep -q "^#compdef passerelle"' - "$P"
is "fish completion" sh -c '"$1" --dump fish | grep -q "complete -c passerelle"' - "$P"
exits 2 "a dump there is not" "$P" --dump tarot
finish
