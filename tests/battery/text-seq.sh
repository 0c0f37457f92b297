# SPDX-License-Identifier: GPL-2.0-only
# Sequences and factors.
seq 3; seq 2 3 14; seq -w 8 11; seq 5 -2 1; seq -s, 5
factor 60 97 1001 65537
expr 3 + 4 \* 2; expr length abcdef; expr abc : 'a\(.*\)'; expr 5 \> 3
basename /a/b/c.txt .txt; dirname /a/b/c.txt
test 3 -lt 5 && [ abc != abd ] && echo compared
