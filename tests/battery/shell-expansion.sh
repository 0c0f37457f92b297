# SPDX-License-Identifier: GPL-2.0-only
# Parameters: defaults, lengths, prefixes, suffixes.
path=/usr/local/lib/libfoo.so.1.2
echo ${path##*/} ${path%/*} ${path%%.*} ${path#/*/} ${#path}
unset nothing
echo ${nothing:-default} ${nothing:=set} $nothing ${nothing:+other}
set -- one "two words" three
echo $# "$2" "$*"
for a in "$@"; do echo "<$a>"; done
IFS=:
set -- a:b:c
echo $1
echo "$(unset x; echo ${x?is not there} 2>&1)"
echo $?
