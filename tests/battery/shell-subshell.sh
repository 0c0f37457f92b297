# SPDX-License-Identifier: GPL-2.0-only
# Subshells keep their changes.
x=1
(x=2; cd /; echo $x)
echo $x
{ x=3; }
echo $x
y=$(x=9; echo in $x)
echo "$y, out $x"
(exit 7); echo $?
echo $(echo $(echo $(echo deep)))
a=$(printf 'ends in newlines\n\n\n'); echo "[$a]"
