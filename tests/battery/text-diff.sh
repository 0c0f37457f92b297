# SPDX-License-Identifier: GPL-2.0-only
# Differences, and patches from them.
seq 1 20 >a
sed -e 3d -e 's/^10$/ten/' -e '15a\
new' a >b
diff a b
diff -u a b | tail -n +3
diff -u a b >p
patch a <p
cmp a b && echo same
diff a b; echo $?
printf 'x' >c; printf 'y' >d; cmp c d; echo $?
