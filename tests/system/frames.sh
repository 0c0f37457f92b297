#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# frames.sh: steps over calls, out of what runs, and by line of source; they change no count.
set -u
. tests/system/verdict.sh

xen="$B/hv/hv.elf --module $B/guestos/kernel-xen.elf"
root="$B/workloads/domain0.cpio"
# says NAME PATTERN: a line of the output matches.
says() {
    expect "$1" grep -Eq -- "$2" "$work/out"
}

{
    printf 'to dom0_build\ndisassemble 40\n'
    printf 'over\n%.0s' $(seq 26)
    cat <<'END'
to alloc_add
out
line
line
next hypercall mmu_update
out
out
next syscall write
line
out
over
back 5
line
run
END
} >"$work/script"
stepped() {
    timeout 300 "$xenolith" step $xen "init=/sbin/init -- xl list" --module "$root" "" --cpus 2 \
        --script "$work/script" --json "$work/step.json" >"$work/out" 2>"$work/err" </dev/null
}
expect "a script is obeyed" stepped
says "a call is a step" '^the call has returned: at dom0_build\+0x[0-9a-f]+, ring 0, '
sed -n '1,/^> to alloc_add/p' "$work/out" | grep '^[t1]' | grep -v ' at dom0_build' >"$work/elsewhere"
expect "and what it calls is not stepped through" test ! -s "$work/elsewhere"
says "lines stand between instructions" '^  hv/core/dom0\.c:[0-9]+$'
says "a line of source is a step" '^hv/[a-z/0-9_]+\.[cS]:[0-9]+: at [a-z0-9_]+(\+0x[0-9a-f]+)?, ring 0, '
says "the kernel's too" '^guestos/[a-z/0-9_]+\.[cS]:[0-9]+: at [a-z0-9_]+(\+0x[0-9a-f]+)?, ring 1, domain 0$'
says "a hypercall is run to its end" '^it has returned: at hypercall_page\+0x[0-9a-f]+, ring 1, domain 0$'
says "a system call is run to its end" '^it has returned: at [0-9a-f]{8}, ring 3, domain 0$'
timeout 300 "$xenolith" boot $xen "init=/sbin/init -- xl list" --module "$root" "" --cpus 2 \
    --json "$work/boot.json" >"$work/console" 2>&1 </dev/null
for kind in step boot; do
    jq 'del(.command, .configuration.command_line)' "$work/$kind.json" >"$work/$kind.counts"
done
expect "they change no count" cmp "$work/step.counts" "$work/boot.counts"
verdict
