# SPDX-License-Identifier: GPL-2.0-only
# Columns.
printf 'a:b:c\nd:e:f\nplain\n' >t
cut -d: -f2 t
cut -d: -f1,3 -s t
cut -c2-4 t
paste -d, t t
printf '1 2\n3 4\n' | tr ' ' '\t' | expand -t 4
printf 'k1 a\nk2 b\n' >l; printf 'k1 x\nk3 y\n' >r
comm l r | tr '\t' '>'
fold -w 5 <<END
a long line folded
END
