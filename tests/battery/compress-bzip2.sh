# SPDX-License-Identifier: GPL-2.0-only
# bzip2: half a megabyte there and back.
seq 1 80000 >t
bzip2 -c t >t.bz2; wc -c <t.bz2; bunzip2 -c t.bz2 | cmp - t && echo same
bzip2 -9 -c t | md5sum
bzcat t.bz2 | tail -n 1
bzip2 t; ls
