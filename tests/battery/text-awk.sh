# SPDX-License-Identifier: GPL-2.0-only
# awk: fields, arrays, functions.
cat >t <<END
alice 30 12.5
bob 25 7.25
carol 35 99.125
bob 5 1
END
awk '{ s += $3; n[$1] += $2 } END { printf "%.3f\n", s; for (k in n) print k, n[k] | "sort" }' t
awk 'NR % 2 { print NR ": " $1, NF }' t
awk -F'[ .]' '{ print $NF }' t
awk 'function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } BEGIN { print f(15) }'
awk 'BEGIN { print length("hello"), substr("hello", 2, 3), index("hello", "l"), toupper("x"), sprintf("%05.1f|%-5s|%x", 3.14159, "ab", 255) }'
awk '{ gsub(/[aeiou]/, "#"); print }' t
awk 'BEGIN { while (("echo a; echo b" | getline x) > 0) print "got", x }'
awk 'BEGIN { print 1e6, 1e300 * 10, 0.1 + 0.2, int(-3.7), 2 ^ 10, sqrt(2), exp(1), atan2(0, -1) }'
