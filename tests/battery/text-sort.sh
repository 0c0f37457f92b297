# SPDX-License-Identifier: GPL-2.0-only
# Sorting by keys, numbers, reversed, unique.
cat >t <<END
pear 10 x
apple 9 y
fig 100 x
apple 10 z
banana 2 y
END
sort t
sort -k2n t
sort -k3,3 -k2,2nr t
sort -r -u -k1,1 t
seq 1 3000 | sort -r | head -n 4
seq 1 3000 | sort -n -r | tail -n 2
printf '1.5\n-2\n1e1\n0\n' | sort -g
printf 'b\na\n' | sort -c 2>/dev/null || echo unsorted
