# SPDX-License-Identifier: GPL-2.0-only
# A ring of filters and a named pipe.
mkfifo p; (seq 1 5 >p) & cat p; wait
mkfifo q; (tr a-z A-Z <q >out) & echo through the pipe >q; wait; cat out
a() { sed s/x/y/; }; b() { sed s/y/z/; }
echo x | a | b | a | b
seq 1 200 | while read l; do echo $l | cat; done | tail -n 1
head -c 300000 /dev/zero | tee a.out b.out | wc -c; cmp a.out b.out && echo same
(sleep 0.2; echo late) | cat
