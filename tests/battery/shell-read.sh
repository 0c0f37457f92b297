# SPDX-License-Identifier: GPL-2.0-only
# Reading words and lines.
printf 'one two  three\nfour\n  lead trail  \nback\\slash\nlast' >f
while read a b c; do echo "<$a><$b><$c>"; done <f
while IFS= read -r line || [ -n "$line" ]; do echo "[$line]"; done <f
printf 'a:b:c\n' | { IFS=: read x y z; echo $z $y $x; }
printf 'abc' | { read -n 2 k; echo "$k"; }
