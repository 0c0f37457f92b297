#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh: the instructions of cases.h in ring 3 of a domain. expected.txt has a real processor's
# answers; excused.txt names the rows in which this machine has to differ, with the reason. A row
# that is excused and does not differ is out of date. The console cuts lines off; what is left of
# one is compared.
set -u
. tests/system/verdict.sh

gcc -m32 -static -O1 -fno-pie -no-pie -o "$work/insn" tests/insn/insn.c || exit 1
"$B/xenolith" run --program "$work/insn" --system xen --domains 1 --timing fast --console 2>&1 |
    tr -d '\r' | sed -n 's/.*(d1) //p' >"$work/out"
awk -v cut=115 '
    function plain(line) { gsub(/esp[0-9][0-9][0-9][0-9][0-9]+/, "esp", line); return substr(line, 1, cut) }
    FILENAME ~ /excused/ { sub(/:.*/, ""); excused[$0] = 1; next }
    FILENAME ~ /expected/ { row[$1] = plain($0); next }
    $1 in row { seen[$1] = 1; same[$1] = plain($0) == row[$1]; got[$1] = $0 }
    END {
        for (name in row) {
            if (!(name in excused) && !same[name]) print "FAIL " name ": " got[name]
            if (name in excused && same[name]) print "FAIL " name ": is excused, but does not differ"
            if (!(name in excused) && same[name]) passed++
        }
        print "rows " passed + 0
    }' tests/insn/excused.txt tests/insn/expected.txt "$work/out" >"$work/verdict"
grep '^FAIL' "$work/verdict"
rows=$(sed -n 's/^rows //p' "$work/verdict")
if ! grep -q '^FAIL' "$work/verdict" && [ "$rows" -gt 280 ]; then
    pass "instructions: $rows rows are those of a real processor"
else
    fail "instructions" "$rows rows are right"
fi

# The same program on the host is the judge: libm is linked into it.
gcc -m32 -static -O1 -fno-builtin -o "$work/fenv" tests/insn/fenv.c -lm || exit 1
"$work/fenv" | cut -c1-110 >"$work/host"
"$B/xenolith" run --program "$work/fenv" --system xen --domains 1 --timing fast --console 2>&1 |
    tr -d '\r' | sed -n 's/.*(d1) //p' | cut -c1-110 | grep -v '^xenolith guestos' >"$work/out"
expect "libm and its exceptions" diff "$work/out" "$work/host"

# So it is for alignment, and for segments. Ones that expand down our kernel does not give.
for program in alignment segments; do
    gcc -m32 -static -O1 -msse2 -fno-pie -no-pie -o "$work/$program" tests/insn/$program.c || exit 1
    "$work/$program" | grep -v '^down' >"$work/host"
    for system in native xen; do
        "$B/xenolith" run --program "$work/$program" --system $system --timing fast --console 2>&1 |
            tr -d '\r' | sed 's/.*(d1) //' | grep ': trap' >"$work/out"
        expect "$program, $system" diff "$work/out" "$work/host"
    done
done

# And for integer instructions by chance, with another SEED each time and CASES of each form.
seed=${SEED:-$(date +%s)} cases=${CASES:-100}
gcc -m32 -static -O1 -fno-pie -no-pie -o "$work/random" tests/insn/random.c || exit 1
"$work/random" "$seed" "$cases" >"$work/host"
for system in native xen; do
    "$B/xenolith" run --program "$work/random" --args "$seed $cases" --system $system --timing fast --console 2>&1 |
        tr -d '\r' | sed 's/.*(d1) //' | grep '^form ' >"$work/out"
    expect "$(wc -l <"$work/host") forms by chance, seed $seed, $system" diff "$work/host" "$work/out"
done
verdict
