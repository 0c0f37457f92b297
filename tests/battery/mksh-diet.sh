# SPDX-License-Identifier: GPL-2.0-only
# mksh with the C library diet.
mksh-diet -c 'x=abcdef; print ${x:2:3} ${#x} ${x#abc}
f() { typeset l=local; print $l $1; }; f 1; f 2
for i in 3 1 2; do print $i; done | sort
print $((2 ** 10)) $((5 % 3)); (exit 4); print $?
cat <<E
here $x
E'
