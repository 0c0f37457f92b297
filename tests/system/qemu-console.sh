#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# qemu-console.sh: the hypervisor and both kernels are ordinary kernels: QEMU boots the same images
# to the same console text, one processor, one domain. Lines that tell a measured clock rate are
# compared without their numbers: the two machines' clocks differ.
set -u
. tests/system/verdict.sh

memory=256
qemu() {
    timeout 120 qemu-system-i386 -accel tcg -cpu max,-smap,-smep -m $memory -display none -nic none \
        -no-reboot -monitor none -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=1 "$@" </dev/null
}

# The emulator's carriage returns go; so do the numbers of lines about clocks, timers and memory,
# which differ between firmwares.
plain() {
    tr -d '\r' <"$1" | sed -E '/clock|kHz|timer|memory|kB|MB/s/\b[0-9a-f]*[0-9][0-9a-f]*\b/N/g'
}

same() {
    plain "$work/qemu" >"$work/qemu.plain"
    plain "$work/ours" >"$work/ours.plain"
    if [ ! -s "$work/ours.plain" ]; then
        fail "$1" "no console text"
    elif cmp -s "$work/qemu.plain" "$work/ours.plain"; then
        pass "$1: $(wc -l <"$work/ours.plain") lines"
    else
        fail "$1" "$(diff "$work/qemu.plain" "$work/ours.plain" | head -n 4 | tr '\n' ' ')"
    fi
}

arguments="init=/bin/cint -- four --rounds 20"
root=$B/workloads/native.cpio
qemu -kernel "$B/guestos/kernel-native.elf" -append "$arguments" -initrd "$root" >"$work/qemu" 2>/dev/null
timeout 120 "$xenolith" boot "$B/guestos/kernel-native.elf" "$arguments" --module "$root" \
    --mem ${memory}M >"$work/ours" 2>/dev/null
same "native kernel"

arguments="init=/bin/cint -- four --rounds 20"
root=$B/workloads/guest.cpio
qemu -kernel "$B/hv/hv.elf" -initrd "$B/guestos/kernel-xen.elf $arguments,$root" >"$work/qemu" 2>/dev/null
timeout 120 "$xenolith" boot "$B/hv/hv.elf" --module "$B/guestos/kernel-xen.elf" "$arguments" \
    --module "$root" --mem ${memory}M >"$work/ours" 2>/dev/null
same "hypervisor with one domain"

verdict
