# SPDX-License-Identifier: GPL-2.0-only
# find over a tree, its sizes sorted.
for d in a b c d e; do for s in 1 2 3; do mkdir -p $d/$s; i=0; while [ $i -lt 8 ]; do head -c $((i * 100 + s)) /dev/zero >$d/$s/f$i; i=$((i + 1)); done; done; done
find . -type f | wc -l
find . -type f -name 'f[0-2]' | sort | head -n 4
find . -type f -size -2 | wc -l
find a b -type f -exec wc -c {} + | sort -k1n -k2 | tail -n 4
find . -path './c/2/*' | sort | tail -n 2
find . -mindepth 2 -maxdepth 2 -type d | sort | tail -n 3
find . -name f7 -delete; find . -type f | wc -l
find . -type f ! -name 'f[1-6]' | sort | sed -n 3p
