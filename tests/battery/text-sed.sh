# SPDX-License-Identifier: GPL-2.0-only
# Stream editing.
seq 1 10 >t
sed -n '3,5p;$p' t
sed '/[02468]$/d;s/.*/<&>/' t
sed -e '1!G;h;$!d' t | tr '\n' ' '; echo
sed 's/\([0-9]\)\([0-9]\)/\2\1/;4q' t
printf 'key=value\nx=y\n' | sed -E 's/(\w+)=(\w+)/\2: \1/'
sed -i '2a\
inserted' t; head -n 4 t
sed -n '/^4/,/^6/{=;p}' t
echo aaa | sed 's/a/b/2'
printf 'one\\\ntwo\nthree\n' | sed -e ':a;/\\$/{N;s/\\\n//;ba}'
