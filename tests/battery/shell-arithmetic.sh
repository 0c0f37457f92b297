# SPDX-License-Identifier: GPL-2.0-only
# Integers of the shell.
echo $((7 * 6)) $((7 / 2)) $((-7 / 2)) $((-7 % 3)) $((1 << 20)) $((0xff ^ 0x0f)) $((~5))
echo $((2147483647 + 1)) $((9223372036854775807)) $((3 > 2 && 2 > 1)) $((1 ? 10 : 20))
x=5
echo $((x += 3)) $x $((x++)) $x $((--x))
fib=1 last=1
while [ $fib -lt 100000 ]; do t=$fib fib=$((fib + last)) last=$t; done
echo $fib
