#!/bin/bash
# What `passerelle measure` does when a test, an interval or a comparison fails:
# it never leaves it out without a word. The program is linked with calls that
# fail when they are told to.
. "$(dirname "$0")/lib.sh"
M="$P measure"

cat >"$T/two.csv" <<'END'
unit,year,here,abroad
a,2010,90,10
b,2010,60,40
c,2010,20,80
a,2020,80,20
b,2020,50,50
c,2020,30,70
END
sed -n 1,4p "$T/two.csv" >"$T/one.csv"
W="--unit unit --groups here,abroad --draws 20 --threads 1"
CODES="--measures dissimilarity,gini"
no_results() {
    if [ -s "$T/out" ]; then fail "$1: there is output"; else pass "$1"; fi
}
count() { # NAME TEXT NUMBER: lines of the results
    local n
    n=$(grep -c -- "$2" "$T/out")
    if [ "$n" = "$3" ]; then pass "$1"; else fail "$1: $n lines, not $3"; fi
}

for call in test bootstrap compare change; do
    case $call in
    test) ask="$T/one.csv $W $CODES --null evenness" ;;
    bootstrap) ask="$T/one.csv $W $CODES --interval bootstrap" ;;
    compare) ask="$T/two.csv $W $CODES --period year --compare 2010,2020" ;;
    change) ask="$T/two.csv $W --measures decomposition_change --period year --compare 2010,2020" ;;
    esac
    exits 10 "$call without memory" env PASSERELLE_FAILS=$call=10 $M $ask
    says "not enough memory"
    no_results "$call without memory: nothing that looks whole"
done

exits 11 "no test can be made" env PASSERELLE_FAILS=test=11 $M "$T/one.csv" $W $CODES --null evenness --format json
says '"null_why":"not defined in most of the draws"'
says "no value could be tested"
count "every value is there all the same" '"value":0' 6
exits 0 "intervals where tests fail" env PASSERELLE_FAILS=test=11 $M "$T/one.csv" $W $CODES --null evenness --interval bootstrap --format json
count "each says that the test is missing" null_why 6
count "each has its interval" '"low":' 6
says "6 values, tests or intervals could not be had"
exits 0 "tests where intervals fail" env PASSERELLE_FAILS=bootstrap=3 $M "$T/one.csv" $W $CODES --null evenness --interval bootstrap --format csv
count "the reason is a column" "the data are not valid for it" 6
exits 0 "one index cannot be drawn" env PASSERELLE_FAILS=test-many=2 $M "$T/one.csv" $W $CODES --null evenness --format json
count "then each is drawn by itself" '"p":' 6

exits 0 "a comparison fails" env PASSERELLE_FAILS=compare=11 $M "$T/two.csv" $W $CODES --period year --compare 2010,2020 --format json
count "the difference is there without a test" '"interval_why":"not defined in most of the draws"' 6
exits 0 "the parts of a change fail" env PASSERELLE_FAILS=change=11 $M "$T/two.csv" $W --measures decomposition_change --period year --compare 2010,2020
says "not defined for these data"
says "3 values, tests or intervals could not be had"

exits 11 "a model that says nothing of the index" $M "$T/one.csv" $W $CODES --null areas
says "Moving whole areas about"
exits 11 "draws of values of areas" $M "$T/one.csv" $W --measures shannon_diversity --scope area --null evenness
finish
