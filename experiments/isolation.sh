#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# isolation.sh: section 4.4 of the paper in small. Two domains do verified work (cint), one on each
# of two processors, each with one neighbour on its processor: none; one that works as they do; and,
# in one domain a memory hog, in the other a fork bomb. What counts is work finished in the same
# simulated time. A hostile neighbour has the same share as an honest one, so it may cost no more
# than that. (There is no disk: the paper's disk hog and its files are absent.) Every run is the
# same each time. Needs B, the build folder.
set -eu
B=${B:-build}
out=$B/results/isolation
window=${WINDOW:-1500ms}
mkdir -p "$out"

worker='memory=8 kernel=/boot/kernel-xen.elf ramdisk=/boot/guest.cpio extra=init=/bin/cint extra=-- extra=four'
hostile='memory=16 kernel=/boot/kernel-xen.elf ramdisk=/boot/hostile.cpio'

# measure NAME COMMANDS: domains 1 and 2 work, the commands create 3 and 4; results in
# $out/NAME.json.
measure() {
    "$B/xenolith" boot "$B/hv/hv.elf" "ctx_allow=5ms audit" --module "$B/guestos/kernel-xen.elf" \
        "init=/sbin/init -- xl create -p -n 2 name=work $worker extra=--start extra=0 ; $2 xl unpause all ; sleep 1000" \
        --module "$B/workloads/isolation.cpio" --cpus 2 --mem 512M --timing full --for "$window" \
        --json "$out/$1.json" >"$out/$1.console" 2>"$out/$1.log" </dev/null
}

measure alone ""
measure honest "xl create -p -n 2 name=third $worker extra=--start extra=0 ;"
measure hostile "xl create -p name=hog $hostile extra=init=/bin/hog ; xl create -p name=bomb $hostile extra=init=/bin/bomb ;"

# units NAME DOMAIN: verified units of work that a domain has finished.
units() {
    jq --arg name "domain $2" '[.contexts[] | select(.name == $name) | .units] | add // 0' "$out/$1.json"
}

# below A B: by how many per cent A lies below B.
below() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", 100 * (b - a) / b }'
}

printf '%-34s%12s%12s%12s\n' "units of work in $window" "domain 1" "domain 2" together
for name in alone honest hostile; do
    one=$(units $name 1) two=$(units $name 2)
    printf '%-34s%12s%12s%12s\n' "$name neighbours" "$one" "$two" $((one + two))
done | sed 's/alone neighbours/no neighbours   /'
honest=$(($(units honest 1) + $(units honest 2)))
hostile=$(($(units hostile 1) + $(units hostile 2)))
printf '\n%-34s%11s%%\n' "below the honest case: domain 1" "$(below "$(units hostile 1)" "$(units honest 1)")"
printf '%-34s%11s%%\n' "                       domain 2" "$(below "$(units hostile 2)" "$(units honest 2)")"
printf '%-34s%11s%%\n' "                       together" "$(below $hostile $honest)"
grep -v '^#' paper/isolation.csv | tail -n +2 | while IFS=, read -r benchmark percent; do
    printf '%-34s%11s%%\n' "the paper, section 4.4: $benchmark" "$percent"
done
