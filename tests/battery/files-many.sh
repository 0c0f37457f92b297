# SPDX-License-Identifier: GPL-2.0-only
# Two thousand small files.
mkdir many
i=0
while [ $i -lt 2000 ]; do echo $i >many/f$i; i=$((i + 1)); done
ls many | wc -l
cat many/* | sort -n | tail -n 1
find many -name '*99' | sort | head -n 3
ls many | sort | sed -n '500p;1500p'
rm many/*5; ls many | wc -l
rm -r many; ls | wc -l
