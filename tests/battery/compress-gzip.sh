# SPDX-License-Identifier: GPL-2.0-only
# gzip: two megabytes there and back.
awk 'BEGIN { s = 7; for (i = 0; i < 40000; i++) { s = (s * 69069 + 1) % 4294967296; printf "%d line %d of text that repeats\n", s / 1024, i } }' >t
wc -c <t; md5sum <t
gzip -c t >t.gz; gunzip -c t.gz | md5sum
gzip -t t.gz && echo good
[ $(wc -c <t.gz) -lt 500000 ] && echo smaller
head -c 1000 t.gz >cut.gz; gunzip -c cut.gz 2>/dev/null | md5sum
zcat t.gz | tail -n 1; zgrep -c 'line 999 ' t.gz
gzip t; ls; gunzip t.gz; md5sum <t
