#!/bin/bash
# From a package to its profile: what is written, what stays, same bytes.
. "$(dirname "$0")/lib.sh"

is "the example is written" "$P" example "$T/marsa" -q
is "the example is sound" "$P" check "$T/marsa"
says "sound"
is "the example again" "$P" example "$T/marsa2" -q
same "the same seed gives the same bytes" "$T/marsa" "$T/marsa2"
is "another seed" "$P" example "$T/marsa3" -q --seed 2
if [ "$(sum "$T/marsa")" = "$(sum "$T/marsa3")" ]; then
    fail "another seed gives another city"
else
    pass "another seed gives another city"
fi
is "another city is sound too" "$P" check "$T/marsa3"
exits 7 "an example over a package" "$P" example "$T/marsa"
same "the package stayed as it was" "$T/marsa" "$T/marsa2"

is "its profile" "$P" profile "$T/marsa" -o "$T/one" --threads 1 --seed 3
says "profile.en.html"
is "its profile, by two threads" \
    "$P" profile "$T/marsa" -o "$T/two" --threads 2 --seed 3 -q
same "one or two threads: the same bytes" "$T/one" "$T/two"
is "over the first" "$P" profile "$T/marsa" -o "$T/two" --seed 3 -q
same "again the same bytes" "$T/one" "$T/two"
for f in profile.json profile.en.html profile.fr.html profile.ar.html \
    data/datapackage.json figures/map-migrants.fr.svg; do
    is "$f is there" test -s "$T/one/$f"
done
is "profile.json follows its schema" \
    python3 "$PASSERELLE_SOURCE/tools/validate" \
    "$PASSERELLE_SOURCE/docs/profile.schema.json" "$T/one/profile.json"
for l in en fr ar; do
    is "profile.$l.html is under 600 kB" \
        test "$(stat -c %s "$T/one/profile.$l.html")" -lt 614400
    if grep -qE "(src|href)=.(https?:)?//" <(sed 's/<a [^>]*>//g' \
        "$T/one/profile.$l.html"); then
        fail "profile.$l.html loads nothing"
    else
        pass "profile.$l.html loads nothing"
    fi
done
# once behind the pyramids, once in the section
is "the table behind the pyramids has their numbers" \
    test "$(grep -c "Share of the group" "$T/one/profile.en.html")" = 2
is "the profile says that the city is fictional" \
    grep -q '"fictional": true' "$T/one/profile.json"

is "formats" "$P" profile "$SMALL" -o "$T/json" --format json -q
is "only the document" test -f "$T/json/profile.json"
exits 1 "no page" test -e "$T/json/profile.en.html"
exits 1 "no figures" test -e "$T/json/figures"
is "page and PNG" "$P" profile "$SMALL" -o "$T/page" --format html,png -q
is "the page" test -f "$T/page/profile.en.html"
is "a PNG" sh -c 'ls "$1"/figures/*.png' - "$T/page"
exits 1 "no document" test -e "$T/page/profile.json"
is "one language" "$P" profile "$SMALL" -o "$T/fr" --lang fr -q
is "the French page" test -f "$T/fr/profile.fr.html"
exits 1 "no English page" test -e "$T/fr/profile.en.html"

is "without -o" sh -c 'cd "$1" && "$2" profile "$3" -q' - "$T" "$P" "$SMALL"
is "the folder is named after the package" test -f "$T/port-2024-profile/profile.json"

mkdir "$T/mine"
echo precious >"$T/mine/thesis.txt"
exits 7 "a folder of other things" "$P" profile "$SMALL" -o "$T/mine" -q
is "they are still there" grep -q precious "$T/mine/thesis.txt"
exits 7 "a file in the place" "$P" profile "$SMALL" -o "$T/mine/thesis.txt" -q

cp -r "$SMALL" "$T/faulty"
chmod -R u+w "$T/faulty"
sed -i '2s/[0-9]*$/-5/' "$T/faulty/population.csv"
cp -r "$T/one" "$T/before"
exits 3 "a faulty package" "$P" profile "$T/faulty" -o "$T/one"
says "Nothing was written"
same "the old profile is untouched" "$T/one" "$T/before"
exits 3 "a faulty package, nothing before" "$P" profile "$T/faulty" -o "$T/new"
exits 1 "nothing was written" test -e "$T/new"
cp -r "$SMALL" "$T/text"
chmod -R u+w "$T/text"
echo 'There are {{value:population.totl}} of us.' >"$T/text/texts/about.en.md"
exits 3 "a chapter that names no value" "$P" check "$T/text"
says "population.totl"
is "no part folder is left" test "$(parts "$T")" = 0
finish
