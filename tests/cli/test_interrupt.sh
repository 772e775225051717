#!/bin/bash
# A run stopped anywhere leaves the old profile byte for byte.
. "$(dirname "$0")/lib.sh"

is "the example" "$P" example "$T/marsa" -q
is "a profile" "$P" profile "$T/marsa" -o "$T/old" -q --lang en,fr
cp -a "$T/old" "$T/copy"

# stop SIGNAL DELAY: a run with another seed, stopped after so long.
stop() {
    local pid
    "$P" profile "$T/marsa" -o "$T/old" -q --lang fr --seed 9 \
        >"$T/out" 2>"$T/err" &
    pid=$!
    # until the program has begun and catches SIGTERM (bit 14 of SigCgt)
    while kill -0 "$pid" 2>/dev/null &&
        ! { grep -q passerelle "/proc/$pid/comm" &&
            grep -qE '^SigCgt:.*[4567c-f][0-9a-f]{3}$' "/proc/$pid/status"; }
    do
        sleep 0.01
    done
    sleep "$2"
    kill -"$1" "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
}

whole=$(date +%s%N)
is "a whole run" "$P" profile "$T/marsa" -o "$T/other" -q --lang fr --seed 9
whole=$(($(date +%s%N) - whole))
for signal in INT TERM KILL; do
    stopped=0
    for part in 1 2 4 6 8 9; do
        delay=$(awk "BEGIN { print $whole * $part / 1e10 }")
        stop "$signal" "$delay"
        status=$?
        if [ "$status" = 0 ]; then # it was quicker: both states are right
            if [ "$(sum "$T/old")" = "$(sum "$T/other")" ]; then
                pass "$signal after $delay s: whole"
            else
                fail "$signal after $delay s: neither old nor new"
            fi
            rm -rf "$T/old"
            cp -a "$T/copy" "$T/old"
            continue
        fi
        stopped=$((stopped + 1))
        if [ "$signal" = KILL ] &&
            [ "$(sum "$T/old")" = "$(sum "$T/other")" ]; then
            pass "$signal after $delay s: the new profile is in place, whole"
            rm -rf "$T/old"
            cp -a "$T/copy" "$T/old"
            continue
        fi
        same "$signal after $delay s: the old profile is as it was" \
            "$T/old" "$T/copy"
        if [ "$signal" != KILL ]; then # the next run sweeps after a KILL
            [ "$status" = 130 ] && pass "exit status 130" ||
                fail "exit status $status, not 130"
            is "no part folder is left" test "$(parts "$T")" = 0
        fi
    done
    is "$signal stopped at least two runs" test "$stopped" -ge 2
done
is "a run after all that" "$P" profile "$T/marsa" -o "$T/old" -q --lang fr
is "it has swept what the killed ones left" test "$(parts "$T")" = 0
finish
