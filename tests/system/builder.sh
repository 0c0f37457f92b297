#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# builder.sh: the domain builder as a Domain 0 of its own (tests/oracle/builder), on our hypervisor,
# in the simulator and on QEMU. It builds, runs and destroys three domains, and is refused a fourth.
set -u
. tests/system/verdict.sh

kernel=$B/tests/oracle/builder/kernel.elf

check() {
    if [ "$(tr -d '\r' <"$work/out" | grep -Ec '^PASS builder$|^\(d[1-3]\) guest is well$')" -eq 4 ]; then
        pass "$1"
    else
        fail "$1" "$(tail -n 3 "$work/out" | tr '\n' ' ')"
    fi
}

timeout 60 "$xenolith" boot "$B/hv/hv.elf" --module "$kernel" domain0 --module "$kernel" \
    --mem 512M --cpus 2 >"$work/out" 2>&1 </dev/null
check "in the simulator, two processors"
timeout 60 qemu-system-i386 -accel tcg -m 512 -display none -no-reboot -monitor none -serial stdio \
    -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel "$B/hv/hv.elf" \
    -initrd "$kernel domain0,$kernel" >"$work/out" 2>&1 </dev/null
check "on QEMU"

verdict
