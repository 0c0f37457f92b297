# SPDX-License-Identifier: GPL-2.0-only
# Forty thousand lines sorted four ways.
awk 'BEGIN { s = 42; for (i = 0; i < 40000; i++) { s = (s * 1103515245 + 12345) % 2147483648; print s % 100000, s } }' >t
sort -n t | md5sum
sort -k2n t | head -n 3
sort -r t | tail -n 2
cut -d' ' -f1 t | sort -n | uniq | wc -l
sort -k1,1n -k2,2nr t | sed -n '1000p;20000p'
