# SPDX-License-Identifier: GPL-2.0-only
# Writers that share a file.
for i in 1 2 3 4; do (for j in 1 2 3 4 5; do echo "w$i $j" >>log; done) & done
wait
sort log
wc -l <log
(echo a; echo b; (echo c); echo d) >seq; cat seq
exec 3>>log; echo tail >&3; tail -n 1 log
