# SPDX-License-Identifier: GPL-2.0-only
# Data of three kinds and a few megabytes.
head -c 2000000 /dev/zero >zeros
seq 1 150000 >numbers
awk 'BEGIN { s = 1; for (i = 0; i < 120000; i++) { s = (s * 1664525 + 1013904223) % 4294967296; printf "%c", 33 + int(s / 16777216) % 94 } }' >noise
for f in zeros numbers noise; do wc -c <$f; gzip -c $f >$f.gz; gunzip <$f.gz | cmp - $f && echo $f; done
cat zeros.gz numbers.gz | gunzip | wc -c
tar cf - zeros numbers noise | gzip | gunzip | tar tf -
