#!/bin/bash
# The example network, its server, and tables taken into it.
. "$(dirname "$0")/lib.sh"
export no_proxy=localhost

exits 0 "a network to try" "$P" demo "$T/net"
says "/sign-in/link/"
cp "$T/out" "$T/links"
is "six roles" test "$(grep -c /sign-in/link/ "$T/links")" = 6
is "the key is for its owner alone" \
    test "$(stat -c %a "$T/net/passerelle.key")" = 600
exits 7 "not over what is there" "$P" demo "$T/net"
says "is not empty"
exits 0 "its configuration" "$P" config --config "$T/net/passerelle.conf"

# Any table, with a look before.
S=$T/net/passerelle.db
cat >"$T/towns.csv" <<'END'
Name;Country;Type;Population
Fez;MA;city;1112072
Nador;Maroc;Ville;161726
END
plan=(--record territory --key name_en,kind,country --mapping name_en=Name
    --mapping country=Country --mapping kind=Type
    --mapping residents=Population --value "country:Maroc=MA")
exits 0 "a preview" "$P" import "$S" "$T/towns.csv" "${plan[@]}"
says "~ 2  Fez"
says "residents: ∅ → 1112072"
says "+ 3  Nador"
says "New: 1. Changed: 1. As they were: 0."
says "Nothing was written"
exits 0 "the preview again: nothing was written" \
    "$P" import "$S" "$T/towns.csv" "${plan[@]}" --format json
says '"applied": false'
says '"kind": "new"'
exits 0 "written" "$P" import "$S" "$T/towns.csv" "${plan[@]}" --apply
exits 0 "a second time" "$P" import "$S" "$T/towns.csv" "${plan[@]}" --apply
says "New: 0. Changed: 0. As they were: 2."

printf 'name_en,kind,country,parent\nA,city,MA,Nowhere\nB,town,MA,\n' \
    >"$T/bad.csv"
exits 3 "faults" "$P" import "$S" "$T/bad.csv" --record territory --apply
says "bad.csv:2:4: parent: there is no 'Nowhere'"
says "bad.csv:3:2: kind: 'town' is not one of the choices"
says "nothing was written"
exits 3 "faults in French" "$P" --ui-lang fr import "$S" "$T/bad.csv" \
    --record territory
exits 2 "a record there is not" "$P" import "$S" "$T/bad.csv" --record town
says "focal_point"
exits 2 "a mapping that is none" "$P" import "$S" "$T/bad.csv" \
    --record territory --mapping name_en
exits 4 "a store that is not there" "$P" import "$T/none.db" "$T/bad.csv" \
    --record territory
is "and is not made" test ! -e "$T/none.db"

# Somebody else is invited from here.
C=$T/net/passerelle.conf
exits 0 "an invitation" "$P" invite new@example.org --name N --config "$C"
says "/invitation/"
exits 0 "and once more" "$P" invite new@example.org --role reader --config "$C"
exits 3 "an address that is none" "$P" invite nobody --config "$C"
exits 2 "a role of a city" "$P" invite a@example.org --role focal_point \
    --config "$C"

# The server shows it; a link signs in, once.
port=$(sed -n 's/^port = //p' "$T/net/passerelle.conf")
"$P" serve --config "$T/net/passerelle.conf" >"$T/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server; rm -rf "$T"' EXIT
for _ in $(seq 100); do
    grep -q http "$T/log" && break
    sleep 0.1
done
page() { curl -sS -m 20 -b "$T/jar" -c "$T/jar" "$@"; }
at=http://localhost:$port
is "the cities" sh -c "curl -sS -m 20 $at/cities | grep -q Marsa"
link=$(sed -n '/secretariat@/{n;s/ *//p}' "$T/links")
page "$link" >"$T/form.html"
token=$(sed -n 's/.*name="csrf"[^>]*value="\([^"]*\)".*/\1/p' "$T/form.html" |
    head -n 1)
is "the link has a form" test -n "$token"
page -o /dev/null -w '%{http_code}\n' -H "Origin: $at" \
    --data-urlencode "csrf=$token" "$link" >"$T/out"
says 303
page -o "$T/people.html" -w '%{http_code}\n' "$at/records/person" >"$T/out"
says 200
is "people are seen by the secretariat" grep -q "Karim Benali" "$T/people.html"
# Leïla Mansour (focal point 1) hands over to Nadia Haddad (person 2).
next=$at/records/focal_point/1/handover
is "a focal point offers to hand over" sh -c \
    "curl -sS -b $T/jar $at/records/focal_point/1 | grep -q /1/handover"
page "$next" >"$T/form.html"
token=$(sed -n 's/.*name="csrf"[^>]*value="\([^"]*\)".*/\1/p' "$T/form.html" |
    head -n 1)
person=$(sed -n 's/.*value="\([0-9]*\)">Nadia Haddad.*/\1/p' "$T/form.html")
page -o /dev/null -w '%{http_code}\n' -H "Origin: $at" -d "csrf=$token" \
    -d "person=$person" -d from=2023 "$next" >"$T/out"
says 422
page -o /dev/null -w '%{http_code}\n' -H "Origin: $at" -d "csrf=$token" \
    -d "person=$person" -d from=2026-03 "$next" >"$T/out"
says 303
page "$at/records/focal_point/1.json" >"$T/out"
says '"to":"2026-02"'
says '"successor":3'
exits 0 "a visitor may not" sh -c "curl -sS -o /dev/null -w '%{http_code}' $next"
grep -q 200 "$T/out" && fail "a visitor sees the form" || pass "no form"
is "and not by visitors" sh -c \
    "! curl -sS -m 20 $at/records/person | grep -q 'Karim Benali'"
finish
