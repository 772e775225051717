#!/bin/bash
# What the program says to words it does not know, and its exit statuses.
. "$(dirname "$0")/lib.sh"

exits 0 "--help" "$P" --help
says "profile PACKAGE"
says "example DIR"
exits 0 "--version" "$P" --version
says "passerelle "
exits 0 "profile --help" "$P" profile --help
says "--timings"
exits 0 "help in French" "$P" --ui-lang fr --help
grep -q "Usage:" "$T/out" && fail "help is in English" || pass "help is in French"
exits 0 "the environment's language" env LC_ALL=ar_TN.UTF-8 "$P" --help
grep -q "[ا-ي]" "$T/out" && pass "help is in Arabic" || fail "help is in English"
exits 0 "an unknown language" env LC_ALL=xx_YY "$P" --help
says "Commands:"

exits 2 "a mistyped command" "$P" porfile x
says "did you mean 'profile'"
exits 2 "an unknown command" "$P" frobnicate
says "--help lists the commands"
exits 2 "a mistyped option" "$P" profile x --quite
says "did you mean --quiet"
exits 2 "an option of another command" "$P" check x --timings
exits 2 "no package" "$P" profile
says "PACKAGE"
exits 2 "a word too many" "$P" check a b
exits 2 "an option without its value" "$P" profile x --seed
exits 2 "a seed that is no number" "$P" profile x --seed many
exits 2 "a format there is not" "$P" profile x --format pdff
says "pdff"
exits 2 "a language there is not" "$P" profile x --lang tlh
exits 2 "a check format there is not" "$P" check x --format xml
exits 2 "an interface language there is not" "$P" check x --ui-lang tlh
exits 3 "a package that is not there" "$P" check "$T/none"
says "none"
exits 3 "a package that is not there, as JSON" \
    "$P" check "$T/none" --format json
cp "$T/out" "$T/faults.json"
is "the JSON of faults is JSON" python3 -c \
    'import json,sys; json.load(open(sys.argv[1]))' "$T/faults.json"
finish
