# SPDX-License-Identifier: GPL-2.0-only
# Formats.
printf '%d %i %o %x %X %c %s %%\n' 42 -42 8 255 255 abc string
printf '%5d|%-5d|%05d|%+d\n' 42 42 42 42
printf '%.3f %e %g\n' 3.14159 31415.9 0.0001
printf '%s-%s\n' a b c d e
printf '%b\n' 'a\tb\0101'
printf '%10.3s|\n' abcdef
printf '\x41\102\n'
echo -e 'a\tb\nc'; echo -n no newline; echo
