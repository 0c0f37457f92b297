# SPDX-License-Identifier: GPL-2.0-only
# Scripts that edit files in place.
printf 'alpha\nbeta\ngamma\n' >t
printf '2d\nw\nq\n' | ed t 2>/dev/null; cat t
printf '1a\nnew\n.\n,s/a/A/g\nw\nq\n' | ed -s t; cat t
sed -i 's/new/old/' t; cat t
awk '{ print > FILENAME ".out" }' t; cat t.out
