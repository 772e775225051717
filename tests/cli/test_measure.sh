#!/bin/bash
# `passerelle measure` on small tables of our own: what it refuses and how, the
# shape of its JSON, and that threads change nothing.
. "$(dirname "$0")/lib.sh"
M="$P measure"

cat >"$T/wide.csv" <<'END'
unit,part,year,here,abroad,all,x,y,m2,perimeter
a,north,2010,90,10,110,0,0,10000,400
b,north,2010,60,40,100,100,0,10000,400
c,south,2010,20,80,105,200,0,10000,400
d,south,2010,75,25,100,300,0,10000,400
a,north,2020,80,20,110,0,0,10000,400
b,north,2020,50,50,100,100,0,10000,400
c,south,2020,30,70,105,200,0,10000,400
d,south,2020,70,30,100,300,0,10000,400
END
sed -n '1,5p' "$T/wide.csv" >"$T/one.csv"
cat >"$T/long.csv" <<'END'
unit,group,n
a,here,90
a,abroad,10
b,here,60
b,abroad,40
c,here,20
c,abroad,80
d,here,75
d,abroad,25
END
WIDE="--unit unit --groups here,abroad"
LONG="--unit unit --group-col group --count-col n"
PLACES="--x x --y y --area-col m2 --perimeter-col perimeter"
value() { # CODE GROUP: the value in the last output (CSV)
    awk -F, -v c="$1" -v g="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $at["code"] == c && (g == "" || $at["group"] == g) {
            print $at["value"]; exit }' "$T/out"
}
equals() { # NAME GOT WANTED
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1: $2, not $3"; fi
}

exits 0 "a wide table" $M "$T/one.csv" $WIDE --measures dissimilarity --format csv
# here: 90 60 20 75 of 245; abroad: 10 40 80 25 of 155; half the differences
equals "D by hand" "$(value dissimilarity here | cut -c1-8)" 0.447662
cp "$T/out" "$T/first"
exits 0 "a long table" $M "$T/long.csv" $LONG --measures dissimilarity --format csv
cp "$T/out" "$T/kept"
is "wide and long give the same" cmp "$T/kept" "$T/first"

exits 3 "an unknown column" $M "$T/one.csv" --unit unit --groups here,foreign
says 'no column named "foreign"'
says "unit, part, year, here, abroad, all"
exits 3 "an unknown unit column" $M "$T/one.csv" --unit quarter --groups here
says 'no column named "quarter"'
sed 's/^b,north,2010,60/b,north,2010,-60/' "$T/one.csv" >"$T/negative.csv"
exits 3 "a negative count" $M "$T/negative.csv" $WIDE
says "negative.csv, line 3, column 4 (here)"
says '"-60" is not a number of zero or more'
sed 's/^c,south,2010,20/c,south,2010,many/' "$T/one.csv" >"$T/words.csv"
exits 3 "a count that is no number" $M "$T/words.csv" $WIDE
says "words.csv, line 4, column 4 (here)"
sed 's/^c,south,2010,20,80,105,200/c,south,2010,20,80,105,east/' "$T/one.csv" >"$T/where.csv"
exits 3 "a coordinate that is no number" $M "$T/where.csv" $WIDE $PLACES
says "where.csv, line 4, column 7 (x)"
exits 3 "groups above the total" $M "$T/one.csv" --unit unit --groups here,abroad --total abroad
says "more than the total"
cat >"$T/areas.geojson" <<'END'
{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a"},"geometry":{"type":"Polygon","coordinates":[[[13,52],[13.01,52],[13.01,52.01],[13,52.01],[13,52]]]}}]}
END
exits 3 "units without an area" $M "$T/one.csv" $WIDE --areas "$T/areas.geojson"
says 'The unit "b" has no area'
exits 3 "a field the boundaries have not" $M "$T/one.csv" $WIDE --areas "$T/areas.geojson" --area-id code
says "code"
exits 2 "a mistyped measure" $M "$T/one.csv" $WIDE --measures dissimilarty
says "did you mean 'dissimilarity'"
exits 2 "a part of a name" $M "$T/one.csv" $WIDE --measures entropy_of_all
says "--list prints the catalogue"
exits 2 "a group there is not" $M "$T/one.csv" $WIDE --group others
says "it has: here, abroad"
exits 2 "a measure of space without places" $M "$T/one.csv" $WIDE --measures delta
says "--areas, or --x and --y"
exits 2 "a kernel without places" $M "$T/one.csv" $WIDE --kernel triangular:500
exits 2 "a kernel there is not" $M "$T/one.csv" $WIDE $PLACES --kernel square:500
exits 2 "x without y" $M "$T/one.csv" $WIDE --x x
exits 2 "half a long table" $M "$T/long.csv" --unit unit --group-col group
exits 2 "no counts named" $M "$T/one.csv" --unit unit
exits 2 "no file" $M $WIDE
exits 2 "a null model there is not" $M "$T/one.csv" $WIDE --null luck
exits 2 "periods there are not" $M "$T/wide.csv" $WIDE --period year --compare 2010,2030
exits 4 "no such file" $M "$T/none.csv" $WIDE
head -n 1 "$T/one.csv" >"$T/empty.csv"
exits 3 "a table without rows" $M "$T/empty.csv" $WIDE
says "no rows"

printf 'unit,group,n\na,g,many\n' >"$T/none-good.csv"
exits 3 "a long table without one good row" $M "$T/none-good.csv" $LONG
says "none-good.csv, line 2, column 3 (n)"

exits 0 "the catalogue" $M --list
says "dissimilarity"
says "morans_i"
exits 0 "the catalogue, explained" $M --list --explain
cp "$T/out" "$T/long"
$P measure --list >"$T/short"
equals "every measure is explained" "$(awk '/^[a-z]/ { if (n && n < 3) bad++; n = 0 } { n++ }
    END { print bad + 0 }' "$T/long")" 0
equals "the catalogue has two lines for each" "$(wc -l <"$T/short")" "$((2 * $(grep -c '^[a-z]' "$T/short")))"
equals "no line is longer than a terminal" "$(awk 'length > 80 && !/;/' "$T/long" | wc -l)" 0
exits 0 "an explanation" $M "$T/one.csv" $WIDE --measures isolation --explain
says "average member"

draws="--measures counts --null evenness --interval bootstrap --draws 50 --seed 3"
exits 0 "with draws, one thread" $M "$T/one.csv" $WIDE $draws --threads 1 --format json
cp "$T/out" "$T/one.json"
exits 0 "with draws, two threads" $M "$T/one.csv" $WIDE $draws --threads 2 --format json
cp "$T/out" "$T/kept"
is "threads change nothing" cmp "$T/kept" "$T/one.json"
exits 0 "places, one thread" $M "$T/one.csv" $WIDE $PLACES --kernel biweight:150 --threads 1 --format json
cp "$T/out" "$T/places.json"
exits 0 "places, two threads" $M "$T/one.csv" $WIDE $PLACES --kernel biweight:150 --threads 2 --format json
cp "$T/out" "$T/kept"
is "threads change nothing in space" cmp "$T/kept" "$T/places.json"
exits 0 "a kernel of 0 m" $M "$T/one.csv" $WIDE $PLACES --kernel uniform:0 --measures information_theory --scope city --format csv
equals "is the value without places" "$(sed -n 2p "$T/out" | cut -c1-36)" "$(sed -n 3p "$T/out" | cut -c1-36)"

if command -v python3 >/dev/null; then
    exits 0 "the shape of the JSON" python3 - "$T/one.json" <<'END'
import json, sys
doc = json.load(open(sys.argv[1]))
assert doc['schema'] == 'passerelle.measures/1'
assert doc['units'] == 4 and doc['groups'] == ['here', 'abroad']
assert doc['seed'] == 3
d = [r for r in doc['results'] if r['code'] == 'dissimilarity'
     and r.get('group') == 'abroad']
assert len(d) == 1
want = {'code', 'scope', 'group', 'against', 'value', 'expected', 'p', 'bias',
        'debiased', 'se', 'low', 'high', 'draws', 'null_model'}
assert want <= set(d[0]), want - set(d[0])
assert d[0]['against'] == 'rest' and d[0]['null_model'] == 'evenness'
assert 0 < d[0]['p'] <= 1 and d[0]['low'] <= d[0]['high']
assert not any(v is None for v in d[0].values())
city = [r for r in doc['results'] if r['scope'] == 'city']
assert city and not any('group' in r for r in city)
END
fi

exits 0 "levels above the unit" $M "$T/one.csv" $WIDE --within part --measures decomposition_within_between,mutual_information --format csv
parts=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    $at["part"] == "m" { s += $at["value"] } $at["code"] == "mutual_information" { m = $at["value"] }
    END { d = s - m; print (d < 1e-12 && d > -1e-12) ? "yes" : s " " m }' "$T/out")
equals "the levels of M add up to M" "$parts" yes
sed 's/^b,north,2020/b,south,2020/' "$T/wide.csv" >"$T/moved.csv"
exits 3 "a unit in two parts" $M "$T/moved.csv" $WIDE --period year --within part
says "moved.csv, line 7, column 2 (part)"

exits 0 "two periods" $M "$T/wide.csv" $WIDE --period year --compare 2010,2020 --draws 50 --format csv --measures dissimilarity,decomposition_change,decomposition_shapley
sums=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["code"] == "decomposition_change" {
        d = $at["additions"] + $at["removals"] + $at["group_marginal"] + $at["unit_marginal"] + $at["interaction"] + $at["structural"] - $at["value"]
        if (d > 1e-9 || d < -1e-9) bad++; n++ }
    $at["code"] == "decomposition_shapley" {
        d = $at["attribute"] + $at["spatial"] - $at["value"]
        if (d > 1e-12 || d < -1e-12) bad++; n++ }
    END { print n, bad + 0 }' "$T/out")
equals "the parts of a change add up" "$sums" "9 0"
exits 0 "counts fitted to other margins" $M "$T/wide.csv" $WIDE --period year --compare 2010,2020 --measures fitted_counts --format csv
equals "have those margins" "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { s[$at["group"]] += $at["value"] } END { printf "%.6f %.6f", s["here"], s["abroad"] }' "$T/out")" "230.000000 170.000000"
exits 0 "shares of the groups" $M "$T/one.csv" $WIDE --measures group_share --format csv
equals "by hand" "$(value group_share here)" 0.6125
exits 0 "units merged" $M "$T/one.csv" $WIDE --measures unit_compression --format csv
equals "until one is left" "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { printf "%s ", $at["units"] } END { print ($at["value"] < 1e-12) }' "$T/out")" "3 2 1 1"
printf 'here,abroad\n5,3\n2,6\n7,1\n4,4\n0,8\n6,2\n' >"$T/small.csv"
exits 0 "bounds of small units" $M "$T/small.csv" --groups here,abroad --group here --bounds --format csv --measures dissimilarity,information_theory,correlation_ratio,hutchens,small_unit_bounds,gini
equals "four indices have them, in order" "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["bound_low"] != "" { n++; if (!($at["bound_low"] <= $at["bound_likely"] + 1e-9 && $at["bound_likely"] <= $at["bound_high"] + 1e-9)) bad++ }
    $at["code"] == "small_unit_bounds" { small = $at["mean_size"] } END { print n, bad + 0, small }' "$T/out")" "4 0 8"
exits 0 "a warning of small units" $M "$T/small.csv" --groups here,abroad --group here --bounds --measures small_unit_bounds
says "units are too small to say much"

# what looks at all pairs of areas
awk 'BEGIN { print "unit,here,abroad,x,y,m2"
    for (i = 0; i < 160000; i++) printf "%d,%d,%d,%d,%d,100\n", i, i % 7 + 1, i % 5, i % 400 * 10, int(i / 400) * 10 }' >"$T/many.csv"
MANY="--unit unit --groups here,abroad --x x --y y --area-col m2 --scope city,area --format csv"
exits 0 "a measure of all pairs is left out" $M "$T/many.csv" $MANY --measures areas --scope city
says "Left out, for the pairs of 160000 areas"
says "distortion (12 min)"
! grep -q "^distortion" "$T/out"
is "and has no value" test $? = 0
exits 0 "draws of it are not made either" $M "$T/small.csv" --groups here,abroad --null evenness --measures counts --draws 50
says "it is simulated itself"
exits 0 "unless it was named" $M "$T/small.csv" --groups here,abroad --group here --null evenness --measures modified_dissimilarity --draws 50 --format csv
equals "then they are" "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["draws"] }' "$T/out")" 50

# what else is asked for changes no draw
exits 0 "an interval alone" $M "$T/one.csv" $WIDE --group here --measures gini --interval bootstrap --draws 50 --format csv
bounds() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["code"] == "gini" && $at["group"] == "here" { print $at["low"], $at["high"] }' "$T/out"
}
alone=$(bounds)
exits 0 "an interval among others" $M "$T/one.csv" $WIDE --measures counts --interval bootstrap --draws 50 --format csv
equals "is the same" "$(bounds)" "$alone"

exits 0 "values of areas" $M "$T/one.csv" $WIDE --measures location_quotient,shannon_diversity --scope area --format csv
equals "one a unit and group" "$(grep -c . "$T/out")" 13
exits 0 "as a table" $M "$T/wide.csv" $WIDE --period year --compare 2010,2020 --draws 50
says "2020 - 2010"
finish
