# SPDX-License-Identifier: GPL-2.0-only
# mksh with the C library klibc.
mksh-klibc -c 'for d in 1 2 3; do mkdir -p t/$d; print $d >t/$d/f; done
cat t/*/f | while read n; do print "got $n"; done
f() { typeset n=$1; ((n > 0)) && { print $n; f $((n - 1)); }; }; f 3
(exit 3); print $?; rm -r t; [[ -d t ]] || print gone'
