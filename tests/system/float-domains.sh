#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# float-domains.sh: two domains and Domain 0 sum the same series in floating point at the same time,
# two processes in each; whoever got another's registers once would print another sum.
set -u
. tests/system/verdict.sh

sum='BEGIN { for (k = 1; k < 20000; k++) s += 1 / k; printf "sum %.12f\n", s }'
wanted=$(awk "$sum")
mkdir -p "$work/tree/bin" "$work/tree/sbin"
cp "$B/root/tree/bin/busybox" "$work/tree/bin/busybox"
for name in sh awk; do
    ln -s busybox "$work/tree/bin/$name"
done
cat >"$work/tree/sbin/init" <<END
#!/bin/sh
for i in 1 2 3; do
    awk '$sum' & awk '$sum'
    wait
done
END
chmod 755 "$work/tree/sbin/init"
(cd "$work/tree" && find . -mindepth 1 | sort | cpio --quiet -o -H newc --owner=+0:+0) >"$work/float.cpio"

"$xenolith" shell --system xen --memory 128M --timing unit --for 60s --console --add "$work/float.cpio" --command "
for n in a b; do
    xl create name=\$n memory=16 kernel=/boot/kernel-xen.elf ramdisk=/float.cpio extra=init=/sbin/init
done
for i in 1 2 3; do awk '$sum' & awk '$sum'; wait; done
sleep 5" >"$work/out" 2>"$work/log" </dev/null
status=$?
cat "$work/out" "$work/log" | tr -d '\r' >"$work/all"
[ $status -eq 0 ] && pass "it runs" || fail "it runs" "$(tail -n 3 "$work/all")"
for who in '(d1) ' '(d2) ' ''; do
    right=$(grep -c "^${who}$wanted\$" "$work/all")
    any=$(grep -c "^${who}sum" "$work/all")
    if [ "$right" -ge 6 ] && [ "$right" -eq "$any" ]; then
        pass "${who:-Domain 0: }$right sums are right"
    else
        fail "${who:-Domain 0: }sums" "$right of $any are right"
    fi
done
verdict
