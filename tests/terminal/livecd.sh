#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# livecd.sh: the CD boots in QEMU, with one processor and with two, and does what its user types on
# the serial line. The machine ends by the debug port, whose value 0 QEMU turns into status 1.
set -u
B=${B:-build}
status=0
for processors in 1 2; do
    if "$B/tests/terminal/type" 25 80 tests/terminal/livecd.script qemu-system-i386 -m 512 \
        -cpu max,-smap,-smep -smp "$processors,sockets=$processors" -cdrom "$B/xenolith.iso" \
        -display none -serial stdio -monitor none -no-reboot -nic none \
        -device isa-debug-exit,iobase=0xf4,iosize=1; then
        echo "PASS the CD in QEMU, processors: $processors"
    else
        echo "FAIL the CD in QEMU, processors: $processors"
        status=1
    fi
done

# screen SCRIPT PROCESSORS MEMORY: the same by screen and keyboard alone. Nothing but ACPI and the
# keyboard controller end this machine.
screen() {
    if "$B/tests/terminal/press" "tests/terminal/$1.script" qemu-system-i386 -m "$3" \
        -cpu max,-smap,-smep -smp "$2,sockets=$2" -cdrom "$B/xenolith.iso" \
        -serial null -no-reboot -nic none; then
        echo "PASS the CD by $1, processors: $2, memory: $3"
    else
        echo "FAIL the CD by $1, processors: $2, memory: $3"
        status=1
    fi
}
screen screen 1 512
screen screen 2 3G
screen native-screen 2 128
exit $status
