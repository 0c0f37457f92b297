# SPDX-License-Identifier: GPL-2.0-only
# xz and lzma are unpacked, lzop goes both ways.
seq 1 20000 >t
lzop -c t 2>/dev/null | md5sum
lzop -c t | lzop -dc | cmp - t && echo same
printf '\375\067zXZ\000\000\004' | xz -dc 2>/dev/null; echo $?
