# SPDX-License-Identifier: GPL-2.0-only
# Descriptors: opened, copied, closed.
exec 3>three 4>&1
echo to three >&3
echo to one >&4
{ echo out; echo err >&2; } 2>errors
cat three errors
exec 3>&-
echo again 2>/dev/null >&3 || echo closed
echo line1 >f; echo line2 >>f; cat <f
exec 5<f; read a <&5; read b <&5; echo "$b $a"; exec 5<&-
ls /nowhere 2>&1 >/dev/null | wc -l
: >empty; test -s empty || echo empty
set -C; echo x 2>/dev/null >f || echo kept; cat f
