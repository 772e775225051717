#!/bin/bash
# The packages researchers use today beside ours, on the same synthetic city in
# one run: PySAL segregation (pip), R segregation, OasisR and seg (R). For anyone
# who has them; not part of the tests. A package that is not there is said and
# left out.
#
#     bench/rivals.sh PROGRAM [UNITS [GROUPS]]     2500 and 10 without more
#
#     pip install segregation
#     Rscript -e 'install.packages(c("segregation", "OasisR", "seg"))'
#
# PYTHON and RSCRIPT name other interpreters. Times are processor seconds on one
# thread: of the packages those of the work alone, reading left out. Ours is the
# whole command, start, reading and writing included, the median of five; and
# "work" is that less the same command asked for shares alone. What takes a
# millisecond or so is asked of fifty copies of the table, as periods, and
# divided. The neighbours of D(adj) are read and found by us inside the work, by
# PySAL from boundaries in memory. Where packages and we measure the same thing
# the values are compared; a difference ends the run with status 1.
set -eu
export LC_ALL=C OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1
program=${1:?the passerelle program}
units=${2:-2500}
groups=${3:-10}
python=${PYTHON:-python3}
rscript=${RSCRIPT:-Rscript}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Squares on a 20 km city; each group has a centre of its own.
city() { # GROUPS FILE
    awk -v n="$units" -v groups="$1" 'BEGIN {
        srand(1); side = int(sqrt(n)); step = 20000 / side
        printf "unit,x,y,m2,perimeter"; for (g = 0; g < groups; g++) printf ",g%d", g; print ""
        for (g = 0; g < groups; g++) { cx[g] = rand() * 20000; cy[g] = rand() * 20000 }
        for (i = 0; i < side * side; i++) {
            x = (i % side + 0.5) * step; y = (int(i / side) + 0.5) * step
            printf "%d,%.3f,%.3f,%.3f,%.3f", i, x, y, step * step, 4 * step
            for (g = 0; g < groups; g++) {
                d = ((x - cx[g]) ^ 2 + (y - cy[g]) ^ 2) / 3e7
                printf ",%d", 5 + int(400 * exp(-d) * rand() / (g % 10 + 1))
            }
            print ""
        } }' >"$2"
}
copies() { # FILE COPIES OUT: as periods of one table
    awk -v n="$2" 'NR == 1 { print "period," $0; next } { row[NR] = $0 }
        END { for (k = 1; k <= n; k++) for (i = 2; i <= NR; i++) print k "," row[i] }' "$1" >"$3"
}
names() { seq -s, -f 'g%.0f' 0 $(($1 - 1)); }
city "$groups" "$folder/city.csv"
city 200 "$folder/many.csv"
copies "$folder/city.csv" 50 "$folder/copies.csv"
awk -F, 'NR > 1 { h = sqrt($4) / 2
    printf "%s{\"type\":\"Feature\",\"properties\":{\"id\":\"%s\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.3f,%.3f],[%.3f,%.3f],[%.3f,%.3f],[%.3f,%.3f],[%.3f,%.3f]]]}}", (NR > 2 ? ",\n" : ""), $1,
        5e5 + $2 - h, 5e6 + $3 - h, 5e5 + $2 + h, 5e6 + $3 - h, 5e5 + $2 + h, 5e6 + $3 + h, 5e5 + $2 - h, 5e6 + $3 + h, 5e5 + $2 - h, 5e6 + $3 - h }
    BEGIN { print "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::32633\"}},\"features\":[" }
    END { print "]}" }' "$folder/city.csv" >"$folder/city.geojson"

TIMEFORMAT='%U %S'
median() { # COMMAND ...: processor seconds, median of five
    for _ in 1 2 3 4 5; do
        { time "$@" >"$folder/out" 2>"$folder/err"; } 2>&1 ||
            { cat "$folder/err" >&2; exit 1; }
    done | awk '{ print $1 + $2 }' | sort -n | sed -n 3p
}
measure() { # FILE GROUPS OPTION ...
    local file=$1 many=$2
    shift 2
    median "$program" measure "$file" --unit unit --groups "$(names "$many")" \
        --threads 1 --quiet --format csv "$@"
}
column() { # CODE SCOPE GROUP KERNEL: the value in the last output
    awk -F, -v c="$1" -v s="$2" -v g="$3" -v last="$4" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["code"] == c && $at["scope"] == s && (g == "" || $at["group"] == g) {
            v = $at["value"]; if (!last) exit }
        END { print v }' "$folder/out"
}
# ours WORK FILE GROUPS "OPTIONS OF PLACES" OPTION ...: works of a millisecond
# are taken fifty times.
ours() {
    local work=$1 file=$2 many=$3 places=$4 base whole all
    shift 4
    # shellcheck disable=SC2086
    base=$(measure "$file" "$many" ${places%%--areas*} --measures group_share --scope group)
    # shellcheck disable=SC2086
    whole=$(measure "$file" "$many" $places "$@")
    printf 'time\t%s\tours\t%s\t' "$work" "$whole"
    if awk -v a="$whole" -v b="$base" 'BEGIN { exit !(a - b < 0.03) }'; then
        # shellcheck disable=SC2086
        base=$(measure "$folder/copies.csv" "$many" --period period ${places%%--areas*} --measures group_share --scope group)
        # shellcheck disable=SC2086
        all=$(measure "$folder/copies.csv" "$many" --period period $places "$@")
        awk -v a="$all" -v b="$base" 'BEGIN { v = (a - b) / 50; printf "%.6f\n", v < 1e-5 ? 0 : v }'
    else
        awk -v a="$whole" -v b="$base" 'BEGIN { printf "%.6f\n", a - b }'
    fi
}
value() { printf 'value\t%s\tours\t%s\n' "$1" "$2"; }

C=$folder/city.csv
XY="--x x --y y --area-col m2 --perimeter-col perimeter"
{
    ours single "$C" "$groups" "" --group g0 --scope group --measures \
        dissimilarity,gini,information_theory,atkinson,concentration_profile,correlation_ratio,isolation,interaction,minmax
    value D "$(column dissimilarity group g0 "")"
    value Gini "$(column gini group g0 "")"
    value isolation "$(column isolation group g0 "")"
    value "H of a group" "$(column information_theory group g0 "")"
    ours single-d "$C" "$groups" "" --group g0 --scope group --measures dissimilarity
    ours groups "$C" "$groups" "" --scope group --measures dissimilarity,gini,isolation
    ours simulated "$C" "$groups" "" --group g0 --scope group --measures \
        modified_dissimilarity,modified_gini,bias_corrected_dissimilarity
    ours multi "$C" "$groups" "" --scope city --measures mutual_information,information_theory
    value M "$(column mutual_information city "" "")"
    value H "$(column information_theory city "" "")"
    ours spatial "$C" "$groups" "$XY" --scope city --measures dissimilarity,information_theory \
        --kernel triangular:1000 --density-kernel --local-counts
    value "D of environments" "$(column dissimilarity city "" last)"
    value "H of environments" "$(column information_theory city "" last)"
    ours spatial-seg "$C" "$groups" "$XY" --scope city --measures dissimilarity,information_theory \
        --kernel biweight:1000
    value "D of environments, biweight" "$(column dissimilarity city "" last)"
    value "H of environments, biweight" "$(column information_theory city "" last)"
    ours adjacency "$C" "$groups" "--areas $folder/city.geojson --area-id id --crs EPSG:32633" \
        --group g0 --scope group --measures spatial_dissimilarity
    value "D(adj)" "$(column spatial_dissimilarity group g0 "")"
    ours profile "$C" "$groups" "$XY" --scope city --measures segregation_profile \
        --bandwidths 1000,2000,3000,4000,5000
    ours draws "$C" "$groups" "" --group g0 --scope group --measures dissimilarity --null evenness
    ours draws-multi "$C" "$groups" "" --scope city --measures mutual_information,information_theory --null evenness
    ours bootstrap-multi "$C" "$groups" "" --scope city --measures mutual_information,information_theory \
        --interval bootstrap
    ours draws-spatial "$C" "$groups" "$XY" --group g0 --scope group --measures dissimilarity \
        --null evenness --kernel triangular:1000 --density-kernel --local-counts
    ours exposure "$folder/many.csv" 200 "" --scope pair --measures interaction
} >"$folder/lines"

rival() { # INTERPRETER SCRIPT
    if command -v "$1" >/dev/null; then
        "$1" "$2" "$C" "$(names "$groups")" "$folder/many.csv" "$(names 200)" \
            >>"$folder/lines" 2>"$folder/err" || { tail -n 3 "$folder/err" >&2; }
    else
        printf 'absent\t%s\tno interpreter of this name\n' "$1" >>"$folder/lines"
    fi
}
rival "$python" "$here/rivals.py"
rival "$rscript" "$here/rivals.R"

awk -F'\t' '
BEGIN {
    text["single"] = "nine indices of a group"; text["single-d"] = "D of a group"
    text["groups"] = "D, Gini, isolation of every group"
    text["simulated"] = "the three simulated indices, 500 draws"
    text["multi"] = "M and H"; text["spatial"] = "D and H of environments, triangular 1 km"
    text["spatial-seg"] = "D and H of environments, biweight 1 km"
    text["adjacency"] = "D(adj)"; text["profile"] = "profile of H, 5 bandwidths to 5 km"
    text["draws"] = "500 draws of D, evenness"
    text["draws-multi"] = "500 draws of M and H, evenness"
    text["bootstrap-multi"] = "500 draws of M and H, bootstrap"
    text["draws-spatial"] = "500 draws of D of environments"
    text["exposure"] = "exposure of all pairs, 200 groups"
    print "| work | package | its CPU s | ours: work | ours: whole command | times, work | times, whole |"
    print "| --- | --- | --: | --: | --: | --: | --: |" }
$1 == "absent" { missing = missing sprintf("%s is left out: %s\n", $2, $3) }
$1 == "failed" { missing = missing sprintf("%s, %s: failed: %s\n", $3, $2, $4) }
$1 == "time" && $3 == "ours" {
    whole[$2] = $4; work[$2] = $5 }
$1 == "time" && $3 != "ours" {
    known = work[$2] > 0 # else not told apart from start and reading
    printf "| %s | %s | %.3f | %s | %.3f | %s | %.1f |\n", text[$2], $3, $4,
        known ? sprintf("%.5f", work[$2]) : "not told apart", whole[$2],
        known ? sprintf("%.0f", $4 / work[$2]) : "", $4 / whole[$2]
    if (known) { n[$3]++; logs[$3] += log($4 / work[$2]) }
    n_whole[$3]++; whole_logs[$3] += log($4 / whole[$2]) }
$1 == "value" && $3 == "ours" { ours[$2] = $4 }
$1 == "value" && $3 != "ours" {
    d = $4 - ours[$2]; if (d < 0) d = -d; compared++
    if (!(d <= $5)) { wrong++; printf "%s of %s: %.12g, ours %.12g\n", $2, $3, $4, ours[$2] } }
END {
    print ""
    for (p in n) printf "%s: geometric mean of %d works: %.0f times (whole command: %.0f)\n", p, n[p],
        exp(logs[p] / n[p]), exp(whole_logs[p] / n_whole[p])
    printf "%d values compared, %d differ\n%s", compared, wrong, missing
    exit wrong > 0 }' "$folder/lines"
