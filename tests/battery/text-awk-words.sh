# SPDX-License-Identifier: GPL-2.0-only
# awk: word frequencies of a generated text.
awk 'BEGIN { srand(1); s = 12345; for (i = 0; i < 4000; i++) { s = (s * 1103515245 + 12345) % 2147483648; printf "w%d%s", s / 65536 % 50, i % 10 == 9 ? "\n" : " " } }' >t
wc t
tr ' ' '\n' <t | sort | uniq -c | sort -k1nr -k2 | head -n 5
awk '{ for (i = 1; i <= NF; i++) c[$i]++ } END { for (w in c) if (c[w] > 95) print c[w], w }' t | sort
md5sum <t
