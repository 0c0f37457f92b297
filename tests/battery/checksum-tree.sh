# SPDX-License-Identifier: GPL-2.0-only
# Sums of a whole tree agree after a round trip.
mkdir -p t/a/b; for i in 1 2 3 4 5 6 7 8 9; do seq $i $((i * 500)) >t/f$i; cp t/f$i t/a/g$i; mv t/a/g$i t/a/b/; done
(cd t && find . -type f | sort | xargs sha256sum) >sums
wc -l <sums
tar cf - t | gzip >t.tgz; mkdir u; tar xzf t.tgz -C u
(cd u/t && sha256sum -c ../../sums) | grep -c OK
echo changed >>u/t/f5
(cd u/t && sha256sum -c ../../sums 2>/dev/null) | grep -v OK
