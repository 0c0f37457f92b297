# SPDX-License-Identifier: GPL-2.0-only
# Beginnings and ends.
seq 1 50 >t
head -n 3 t; tail -n 3 t; head -c 10 t; echo; tail -c 6 t
tail -n +48 t; head -n -47 t
split -l 20 t part-; wc -l part-*
cat part-* | cmp - t && echo whole
nl t | head -n 2
cat -n t | tail -n 1
