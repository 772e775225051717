# lib.sh: what the tests of the command line share. Sourced with the program as
# first argument; prints TAP. $T is a folder that goes away at the end.
set -u
export LC_ALL=C
# what the font library keeps until the end is no leak of ours
export LSAN_OPTIONS="${LSAN_OPTIONS:-suppressions=$PASSERELLE_SOURCE/tests/support/leaks.txt:print_suppressions=0}"
P=$(realpath "$1")
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
SMALL=$PASSERELLE_SOURCE/tests/broken/base # four areas
tests=0

pass() { tests=$((tests + 1)); printf 'ok %d - %s\n' "$tests" "$1"; }
fail() {
    tests=$((tests + 1))
    printf 'not ok %d - %s\n' "$tests" "$1"
    [ -s "$T/err" ] && sed 's/^/# /' "$T/err" | head -n 20
    return 0
}
# is NAME COMMAND ...: the command must succeed.
is() {
    local name=$1
    shift
    if "$@" >"$T/out" 2>"$T/err"; then pass "$name"; else fail "$name"; fi
}
# exits STATUS NAME COMMAND ...
exits() {
    local want=$1 name=$2 got
    shift 2
    "$@" >"$T/out" 2>"$T/err" </dev/null
    got=$?
    if [ "$got" = "$want" ]; then
        pass "$name: exit status $want"
    else
        fail "$name: exit status $got, not $want"
    fi
}
# says TEXT: the last command of `exits` or `is` said it, on either channel.
says() {
    if grep -qF -- "$1" "$T/out" "$T/err"; then
        pass "says: $1"
    else
        fail "does not say: $1"
    fi
}
sum() { (cd "$1" && find . -type f | LC_ALL=C sort | xargs -d '\n' sha256sum); }
same() {
    if [ "$(sum "$2")" = "$(sum "$3")" ]; then pass "$1"; else fail "$1"; fi
}
parts() { find "$1" -name '*.part-*' | wc -l; }
finish() { printf '1..%d\n' "$tests"; }
