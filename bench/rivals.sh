#!/bin/bash
# The packages researchers use today beside ours, on the same synthetic city:
# PySAL segregation (pip), R segregation, OasisR and seg (R). For anyone who has
# them; not part of the tests. Times are inside each process, reading left out
# for the packages; ours is the whole command, reading and start-up included.
#
#     bench/rivals.sh PROGRAM [UNITS [GROUPS]]     2500 and 10 without more
#
# pip install segregation; Rscript -e 'install.packages(c("segregation", "OasisR", "seg"))'
set -eu
program=${1:?the passerelle program}
units=${2:-2500}
groups=${3:-10}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Squares on a 20 km city; each group has a centre of its own.
awk -v n="$units" -v groups="$groups" 'BEGIN {
    srand(1); side = int(sqrt(n)); step = 20000 / side
    printf "unit,x,y,m2"; for (g = 0; g < groups; g++) printf ",g%d", g; print ""
    for (g = 0; g < groups; g++) { cx[g] = rand() * 20000; cy[g] = rand() * 20000 }
    for (i = 0; i < side * side; i++) {
        x = (i % side + 0.5) * step; y = (int(i / side) + 0.5) * step
        printf "%d,%.3f,%.3f,%.3f", i, x, y, step * step
        for (g = 0; g < groups; g++) {
            d = ((x - cx[g]) ^ 2 + (y - cy[g]) ^ 2) / 3e7
            printf ",%d", 5 + int(400 * exp(-d) * rand() / (g + 1))
        }
        print ""
    } }' >"$folder/city.csv"
names=$(seq -s, -f 'g%.0f' 0 $((groups - 1)))

seconds() { # NAME COMMAND ...
    local name=$1 from to
    shift
    from=$(date +%s.%N)
    "$@" >/dev/null
    to=$(date +%s.%N)
    awk -v a="$from" -v b="$to" -v n="$name" \
        'BEGIN { printf "%-52s %9.3f s\n", n, b - a }'
}
ours() {
    local name=$1
    shift
    seconds "ours: $name" "$program" measure "$folder/city.csv" --unit unit \
        --groups "$names" --quiet --format csv "$@"
}
ours "D, Gini, isolation of every group" --measures dissimilarity,gini,isolation
ours "M and H" --measures mutual_information,information_theory
ours "spatial D and H, 1 km biweight" --x x --y y --area-col m2 --scope city \
    --measures dissimilarity,information_theory --kernel biweight:1000
ours "500 draws of M and H, evenness" --measures \
    mutual_information,information_theory --scope city --null evenness
ours "500 draws of D, one group, evenness" --measures dissimilarity --group g0 \
    --null evenness
ours "exposure of all pairs" --measures interaction --scope pair

if python3 -c 'import segregation' 2>/dev/null; then
    python3 - "$folder/city.csv" "$names" <<'END'
import sys, time, warnings
warnings.filterwarnings('ignore')
import geopandas, pandas
from shapely.geometry import box
from segregation.singlegroup import Dissim, Gini, Isolation
from segregation.multigroup import MultiInfoTheory, MultiDivergence, MultiDissim
from segregation.inference import SingleValueTest
t = pandas.read_csv(sys.argv[1])
names = sys.argv[2].split(',')
t['all'] = t[names].sum(axis=1)
half = t['m2'] ** 0.5 / 2
t = geopandas.GeoDataFrame(t, crs=32633, geometry=[
    box(x - h, y - h, x + h, y + h) for x, y, h in zip(t.x, t.y, half)])

def say(name, work):
    start = time.perf_counter()
    work()
    print('%-52s %9.3f s' % ('PySAL: ' + name, time.perf_counter() - start))

say('D, Gini, isolation of every group', lambda: [
    k(t, group_pop_var=g, total_pop_var='all')
    for k in (Dissim, Gini, Isolation) for g in names])
say('M and H', lambda: [k(t, groups=names)
                        for k in (MultiDivergence, MultiInfoTheory)])
say('spatial D and H, 1 km triangular', lambda: [
    k(t, groups=names, distance=1000)
    for k in (MultiDissim, MultiInfoTheory)])
say('500 draws of D, one group, evenness', lambda: SingleValueTest(
    Dissim(t, group_pop_var=names[0], total_pop_var='all'),
    iterations_under_null=500, null_approach='evenness'))
say('500 draws of H, evenness', lambda: SingleValueTest(
    MultiInfoTheory(t, groups=names), iterations_under_null=500,
    null_approach='evenness'))
END
else
    echo "PySAL segregation is not installed: pip install segregation"
fi

if command -v Rscript >/dev/null; then
    Rscript - "$folder/city.csv" "$names" <<'END'
given <- commandArgs(trailingOnly = TRUE)
t <- read.csv(given[1])
names <- strsplit(given[2], ",")[[1]]
say <- function(name, work) {
  s <- system.time(work())[["elapsed"]]
  cat(sprintf("%-52s %9.3f s\n", name, s))
}
has <- function(p) {
  if (requireNamespace(p, quietly = TRUE)) return(TRUE)
  cat(sprintf("R %s is not installed\n", p))
  FALSE
}
if (has("segregation")) {
  long <- data.frame(unit = rep(t$unit, length(names)),
                     group = rep(names, each = nrow(t)),
                     n = unlist(t[names], use.names = FALSE))
  say("R segregation: M and H", function()
    segregation::mutual_total(long, "group", "unit", weight = "n"))
  say("R segregation: 500 draws of M and H, expected", function()
    segregation::mutual_total_expected(long, "group", "unit", weight = "n",
                                       n_bootstrap = 500))
  say("R segregation: exposure of all pairs", function()
    segregation::exposure(long, "group", "unit", weight = "n"))
}
if (has("OasisR")) {
  x <- as.matrix(t[names])
  say("OasisR: D, Gini, isolation of every group", function() {
    OasisR::ISDuncan(x); OasisR::Gini(x); OasisR::xPx(x)
  })
}
if (has("seg"))
  say("R seg: spatial D and H, 1 km biweight", function()
    seg::spseg(as.matrix(t[c("x", "y")]), data = as.matrix(t[names]),
               method = c("diversity", "information", "dissimilarity"),
               smoothing = "none", maxdist = 1000))
END
else
    echo "R is not installed"
fi
