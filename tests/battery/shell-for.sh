# SPDX-License-Identifier: GPL-2.0-only
# Loops, nested and left early.
for i in 1 2 3; do
    for j in a b c d; do
        [ $j = c ] && continue 1
        [ $i$j = 3b ] && break 2
        echo $i$j
    done
done
i=0
while [ $i -lt 5 ]; do i=$((i + 1)); [ $i = 3 ] && continue; echo "while $i"; done
until [ $i -eq 0 ]; do i=$((i - 1)); done
echo $i
