# SPDX-License-Identifier: GPL-2.0-only
# Two hundred processes, one after another and at once.
i=0
while [ $i -lt 100 ]; do busybox true || echo failed; i=$((i + 1)); done
echo $i
n=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do (sleep 0.2; echo $i >f$i) & done
wait
ls f* | wc -l
seq 1 30 | xargs -n 1 -P 4 sh -c 'echo $0' | sort -n | tail -n 1
