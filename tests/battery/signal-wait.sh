# SPDX-License-Identifier: GPL-2.0-only
# Children waited for in any order.
for i in 3 1 2; do (sleep 0.$i; exit $i) & eval p$i=$!; done
wait $p2; echo $?; wait $p3; echo $?; wait $p1; echo $?
(exit 5) & wait $!; echo $?
wait; echo $?
f() { sleep 0.2; echo background; }
f & echo foreground; wait
bash -c 'sleep 0.1 & sleep 0.2 & wait -n; echo first; wait; echo all; jobs | wc -l'
