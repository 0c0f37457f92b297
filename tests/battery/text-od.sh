# SPDX-License-Identifier: GPL-2.0-only
# Dumps.
printf 'Hello\n\000\001\376\377World' >t
od t
od -A x -t x1z t
hexdump -C t
xxd t
xxd -p t
od -An -tu2 t
strings t
