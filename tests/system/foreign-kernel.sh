#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# foreign-kernel.sh: a paravirtual kernel that knows nothing of us: GRUB's 32-bit Xen image as
# Debian ships it, with its own drivers for the console ring, the store and disks. It has
# virtual base 0, no hypercall page of the usual kind, and a note that claims more than there is.
# Its package is unpacked below the build folder, not installed.
set -u
. tests/system/verdict.sh
package=grub-xen-host
cache=${B:-build}/tests/foreign
image=$cache/root/usr/lib/grub-xen/grub-i386-xen.bin

fetch() {
    mkdir -p "$cache" && (cd "$cache" && apt-get download -qq "$package" 2>/dev/null &&
        dpkg -x "$package"_*.deb root && rm -f "$package"_*.deb)
}

[ -f "$image" ] || fetch
if [ ! -f "$image" ]; then
    echo "NOT RUN: Debian's package $package cannot be downloaded"
    exit 0
fi

printf 'xen_ls console\nxen_cat memory/target\nhalt\n' | timeout 120 "$xenolith" guest "$image" --memory 64M >"$work/out" 2>"$work/err"
status=$?
if [ $status -ne 0 ]; then
    fail "ends by its command halt" "exit status $status: $(tail -n 1 "$work/err")"
else
    pass "ends by its command halt"
fi
for text in 'GNU GRUB' 'ring-ref' '65536'; do
    if grep -aqF "$text" "$work/out"; then
        pass "says $text"
    else
        fail "says $text" "$(tail -c 200 "$work/out")"
    fi
done
printf 'echo typed and read\nreboot\n' | timeout 120 "$xenolith" guest "$image" >"$work/out" 2>"$work/err"
status=$?
if [ $status -eq 0 ] && [ "$(grep -ac 'typed and read' "$work/out")" -ge 1 ]; then
    pass "ends by its command reboot"
else
    fail "ends by its command reboot" "exit status $status: $(tail -n 1 "$work/err")"
fi

# Its own driver of the block ring reads a file from a disk.
mkdir "$work/tree" && echo 'echo words of a file; halt' >"$work/tree/hello"
PATH=$PATH:/sbin:/usr/sbin mke2fs -q -F -t ext3 -b 4096 -d "$work/tree" "$work/disk.img" 8192k >/dev/null 2>&1
printf 'source (xen/xvda)/hello\n' |
    timeout 120 "$xenolith" guest "$image" --disk "$work/disk.img" >"$work/out" 2>"$work/err"
status=$?
if [ $status -eq 0 ] && grep -aq 'words of a file' "$work/out"; then
    pass "reads a file from a virtual disk"
else
    fail "reads a file from a virtual disk" "exit status $status: $(tail -n 1 "$work/err")"
fi

# As Domain 0 it has no ring to speak by, and waits; it must not end the machine in another way.
timeout 120 "$xenolith" boot "$B/hv/hv.elf" --module "$image" "" --mem 192M --for 300ms >"$work/out" 2>"$work/err" </dev/null
status=$?
if [ $status -eq 0 ] && ! grep -aq 'crash\|panic' "$work/out"; then
    pass "starts as Domain 0"
else
    fail "starts as Domain 0" "exit status $status: $(tail -n 1 "$work/out")"
fi
verdict
