# SPDX-License-Identifier: GPL-2.0-only
# ar, unzip lists, shell archives.
echo one >1; echo two >2
ar r a.a 1 2 2>/dev/null || echo "no writing"
head -c 8 a.a 2>/dev/null
{ echo 'cat >unpacked <<"EOT"'; cat 1 2; echo EOT; } >shar; sh shar; cat unpacked
