# SPDX-License-Identifier: GPL-2.0-only
# A small make of shell scripts.
cat >src.txt <<END
three
one
two
END
newer() { [ ! -e "$1" ] || [ "$2" -nt "$1" ]; }
rule() { if newer "$1" "$2"; then echo "making $1"; sh -c "$3"; else echo "$1 is new"; fi; }
rule sorted src.txt 'sort src.txt >sorted'
rule sorted src.txt 'sort src.txt >sorted'
cat sorted
rule numbered sorted 'nl sorted >numbered'
cat numbered
