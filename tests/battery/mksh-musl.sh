# SPDX-License-Identifier: GPL-2.0-only
# mksh with the C library musl.
mksh-musl -c 'set -A a x y z; print ${a[1]} ${#a[@]}
typeset -i16 h=255; print $h
print -r -- "$(print sub)" | while read w; do print "<$w>"; done
integer i=0; while ((i < 5)); do ((i += 1)); print -n "$i "; done; print
[[ abc = a* ]] && print match; exit 3'
echo $?
