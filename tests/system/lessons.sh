#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# lessons.sh: each lesson of docs/lessons is what happens: its commands are typed, and what it shows
# comes below each of them, in this order; "..." stands for anything.
set -u
. tests/system/verdict.sh

kernel=$B/guestos/kernel-xen.elf
truncate -s 4M "$work/disk.img"
machine() {
    case $1 in
    4-*) set -- "$B/tests/guest/attack-reserved-bits.elf" ;;
    8-*) set -- "$kernel" "init=/sbin/init -- hda" --module "$B/guestos/disk.cpio" "" \
        --disk "$work/disk.img" ;;
    *) set -- "$kernel" "init=/sbin/init -- xl create -n 2 /etc/xen/check.cfg ; sleep 1 ; xl list" \
        --module "$B/workloads/domain0.cpio" "" ;;
    esac
    timeout 300 "$xenolith" step "$B/hv/hv.elf" dom0_mem=64M --module "$@" --script "$work/script" \
        >"$work/out" 2>"$work/err" </dev/null
}

cat >"$work/compare.py" <<'END'
import re, sys
wanted = [line.rstrip('\n') for line in open(sys.argv[1])]
shown = [line.rstrip('\n') for line in open(sys.argv[2])]
at = 0
for line in wanted:
    if line == '...':
        continue
    pattern = re.compile('.*'.join(re.escape(part) for part in line.split('...')) + '$')
    while at < len(shown) and not pattern.match(shown[at]):
        if not line.startswith('> ') and shown[at].startswith('> '):
            sys.exit('not shown: ' + line)
        at += 1
    if at == len(shown):
        sys.exit('not shown: ' + line)
    at += 1
END

for lesson in docs/lessons/[0-9]*.md; do
    name=$(basename "$lesson" .md)
    sed -n '/^```session$/,/^```$/p' "$lesson" | sed '1d;$d' >"$work/wanted"
    sed -n 's/^> //p' "$work/wanted" >"$work/script"
    commands=$(wc -l <"$work/script")
    [ "$commands" -ge 3 ] && machine "$name" &&
        python3 "$work/compare.py" "$work/wanted" "$work/out" 2>"$work/differs" &&
        pass "$name: $commands commands" ||
        fail "$name" "$(cat "$work/differs" 2>/dev/null) $(tail -n 1 "$work/err")"
    grep -q "($name.md)" docs/lessons/README.md || fail "$name is in the list" "absent"
done
verdict
