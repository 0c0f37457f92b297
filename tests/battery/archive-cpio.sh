# SPDX-License-Identifier: GPL-2.0-only
# cpio archives.
mkdir d; seq 1 10 >d/a; echo b >d/b; ln -s a d/l
find d | sort | cpio -o -H newc >c.cpio 2>/dev/null
cpio -t <c.cpio 2>/dev/null
mkdir x; (cd x && cpio -id <../c.cpio 2>/dev/null); diff -r d x/d && echo same
readlink x/d/l
