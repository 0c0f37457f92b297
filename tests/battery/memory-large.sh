# SPDX-License-Identifier: GPL-2.0-only
# Programs with many megabytes.
awk 'BEGIN { for (i = 0; i < 60000; i++) a[i] = i " value"; n = 0; for (i in a) n++; print n, a[59999] }'
head -c 3000000 /dev/zero | tr '\0' x >x; wc -c <x; sort x | wc -c
x=$(seq 1 20000); echo ${#x}
bash -c 's=x; for i in {1..18}; do s=$s$s; done; echo ${#s}'
