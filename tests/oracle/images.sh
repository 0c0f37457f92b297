#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# images.sh [NAME]...: which kernels Xen takes (tests/images/cases.c). Real Xen on QEMU says it of
# Domain 0, the library of Xen's tools of other domains. KEEP=1 takes what real Xen said in an
# earlier run. Needs B, the build folder, with B/oracle/xen/xen-pv32 in it.
set -u
B=${B:-build}
out=$B/oracle/images
mkdir -p "$out"
"$B/tests/images/judge" "$out" >"$out/judged" 2>"$out/library" || exit 1
agree=0 differ=0
while read -r name domain0 other library; do
    [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    if [ -z "${KEEP-}" ] || [ ! -s "$out/$name.xen" ]; then
        tests/oracle/run-real-xen "$B/oracle/xen/xen-pv32" "$out/$name.elf" 60 >"$out/$name.xen" 2>/dev/null
    fi
    taken=0
    ! grep -aq '^image ran' "$out/$name.xen" || taken=1
    if [ "$domain0 $other" = "$taken $library" ]; then
        agree=$((agree + 1))
    else
        differ=$((differ + 1))
        echo "image $name: DIFFERENT: we say $domain0 $other, Xen $taken $library (Domain 0, others)"
    fi
done <"$out/judged"
echo "images: $agree agree, $differ different"
[ "$differ" -eq 0 ] && [ "$agree" -gt 0 ]
