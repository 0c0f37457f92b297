#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# locales.sh: scripts that read numbers and names, and the simulator itself, say the same where a
# comma divides decimals and where letters have another order and other capitals.
set -u
. tests/system/verdict.sh

calibrate=$B/tests/calibrate/calibrate.elf
# said LOCALE: what the scripts and a result say there.
said() {
    export LC_ALL="$1"
    tests/guest/check-operations
    tests/calibrate/report.sh "$xenolith" "$calibrate"
    "$xenolith" boot "$calibrate" --mem 64M --timing full --json "$work/$1.json" 2>/dev/null
    sed '/"host_/d' "$work/$1.json"
}

(said C >"$work/C.text" 2>&1)
grep -q 'operations.def has' "$work/C.text" && pass "they say something" ||
    fail "they say something" "$(head -n 1 "$work/C.text")"
for locale in de_DE tr_TR; do
    expect "a locale $locale" localedef -i "$locale" -f UTF-8 "$work/$locale.UTF-8"
    export LOCPATH="$work"
    (said "$locale.UTF-8" >"$work/$locale.text" 2>&1)
    expect "$locale: the same as C" diff "$work/C.text" "$work/$locale.text"
done
expect "a comma divides decimals in de_DE" [ "$(LC_ALL=de_DE.UTF-8 locale decimal_point)" = , ]

verdict
