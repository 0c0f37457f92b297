# SPDX-License-Identifier: GPL-2.0-only
# Encodings and sums.
seq 1 500 >t
base64 t | head -n 2
base64 t | base64 -d | cmp - t && echo same
md5sum t; sha1sum t; sha256sum t; sha512sum t; cksum t; sum t
md5sum t >sums; md5sum -c sums
uuencode t x | head -n 3
uuencode t x | uudecode -o y && cmp t y && echo same
crc32 t
