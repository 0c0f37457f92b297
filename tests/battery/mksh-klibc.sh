# SPDX-License-Identifier: GPL-2.0-only
# mksh with the C library klibc, by itself: emulation loses its children.
mksh-klibc -c 'f() { typeset n=$1; ((n > 0)) && { print $n; f $((n - 1)); }; }; f 3
for d in 1 2 3; do print "line $d" >f$d; done
print f? *3; while read n; do print "got $n"; done <f2
set -A a x y z; print ${a[2]} ${#a[*]}; [[ -f f1 && ! -e f9 ]] && print there
typeset -Z5 z=42; print $z; print -r -- "${a[0]}\\n"; exit 5'
echo $?
