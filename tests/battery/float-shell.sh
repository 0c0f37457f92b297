# SPDX-License-Identifier: GPL-2.0-only
# Floating point in many programs at once.
for i in 1 2 3 4; do awk -v k=$i 'BEGIN { for (i = 1; i < 60000; i++) s += k / i; printf "%.10f\n", s }' >f$i & done
wait
cat f1 f2 f3 f4
sqlite :memory: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000) SELECT printf('%.8f', sum(1.0 / x)) FROM c"
echo 'scale=15; 4*a(1)' | bc -l
printf '%.12f\n' 2.718281828459045
