# SPDX-License-Identifier: GPL-2.0-only
# gzip and bzip2 with shared libraries.
seq 1 50000 >t
gnu-gzip -9 -n -c t | md5sum
gnu-gzip -n -c t | gnu-gzip -dc | cmp - t && echo same
gnu-gzip -n -1 -c t | gunzip | md5sum
gnu-bzip2 -c t | md5sum
gnu-bzip2 -c t | bunzip2 | tail -n 1
