# SPDX-License-Identifier: GPL-2.0-only
# Sparse files, dd, truncation.
dd if=/dev/zero of=z bs=1000 count=10 2>/dev/null; wc -c <z
printf 'mark' | dd of=z bs=1 seek=5000 conv=notrunc 2>/dev/null
dd if=z bs=1 skip=4998 count=8 2>/dev/null | od -c
truncate -s 100 z; wc -c <z; truncate -s 1M z; wc -c <z; tail -c 4 z | od -x
seq 1 100 | dd bs=10 skip=2 count=3 2>/dev/null
dd if=/dev/zero bs=1k count=64 2>/dev/null | md5sum
printf abc | dd conv=ucase 2>/dev/null; echo
echo hello >h; dd if=h of=h2 bs=2 conv=swab 2>/dev/null; cat h2
