# SPDX-License-Identifier: GPL-2.0-only
# dash with Debian's shared C library.
dash -c 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; echo $i
f() { echo "in f $1"; }; f x | cat
(exit 6) || echo $?
echo a b c | { read x y; echo "$y"; }
case abc in a*) echo yes;; esac'
hello
hello -t
hello -g 'greetings'
