# SPDX-License-Identifier: GPL-2.0-only
# Functions, recursion, local variables, return statuses.
factorial() {
    local n=$1
    [ "$n" -le 1 ] && { echo 1; return; }
    echo $((n * $(factorial $((n - 1)))))
}
factorial 10
status() { return $1; }
for s in 0 1 42 255; do status $s; echo $?; done
hanoi() { [ $1 -eq 0 ] && return; hanoi $(($1 - 1)) $2 $4 $3; echo "$2 -> $3"; hanoi $(($1 - 1)) $4 $3 $2; }
hanoi 5 a b c | wc -l
hanoi 3 a b c
