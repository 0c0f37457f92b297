#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# mini-os.sh TREE: mini-os, which knows nothing of us, as a created domain. Its own test writes a
# disk through its own blkfront and compares what it reads back; its netfront says what arrives.
# Its sources are copied below the build folder and made there.
set -u
. tests/system/verdict.sh

tree=${1:-}
if [ -z "$tree" ]; then
    echo "NOT RUN: mini-os: no source tree is named (make foreign MINIOS=DIR)"
    exit 0
fi
made=$B/foreign/mini-os
rm -rf "$made" && mkdir -p "$made" && cp -R "$tree/." "$made" || exit 1

# What the test needs, and nothing that would wait for a back end which is not there.
{
    for word in PARAVIRT START_NETWORK SPARSE_BSS TEST BLKFRONT NETFRONT XENBUS; do
        echo "CONFIG_$word = y"
    done
    for word in QEMU_XS_ARGS PCIFRONT TPMFRONT TPM_TIS TPMBACK FBFRONT KBDFRONT CONSFRONT XC LWIP BALLOON; do
        echo "CONFIG_$word = n"
    done
    echo "DEF_CFLAGS += -DBLKTEST_WRITE"
} >"$made/foreign.config"
# It is made with -Werror, and newer compilers warn of more.
if ! make -C "$made" MINIOS_TARGET_ARCH=x86_32 MINIOS_CONFIG="$(realpath "$made")/foreign.config" CC='gcc -w' \
    MAKEFLAGS= MAKEOVERRIDES= >"$made/log" 2>&1; then
    fail "mini-os is made" "$(tail -n 2 "$made/log" | tr '\n' ' ')"
    verdict
    exit
fi
pass "mini-os is made"

# The pings are never answered, as this kernel has no IP: that they arrive is what it says.
printf '%s\n' '#!/bin/sh' '/bin/ping -c 3 -W 1 10.0.2.16' 'exit 0' >"$work/call"
chmod 755 "$work/call"
workloads/make-image "$work/xl.cpio" "sbin/init=$B/workloads/bin/init" "sbin/xl=$B/workloads/bin/xl" \
    "sbin/xend=$B/workloads/bin/xend" "bin/sh=$B/root/tree/bin/busybox" "bin/ping=$B/root/tree/bin/busybox" \
    "bin/call=$work/call" "boot/mini-os=$made/mini-os"
# Its test writes random sectors, dozens at once, and takes one that it wrote twice for a bad one:
# on a large disk none is. It needs no room on the host.
truncate -s 64G "$work/disk.img"
timeout 300 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=64M audit" --module "$B/guestos/kernel-xen.elf" \
    "quiet ip=10.0.2.15:::255.255.255.0 init=/sbin/init -- xend ; \
xl create name=mini memory=32 kernel=/boot/mini-os disk=hda,hda,w vif=mac=00:16:3e:01:02:03 ; sleep 2 ; \
call ; sleep 9 ; xl block-list mini ; xl network-list mini ; xl shutdown mini ; sleep 3 ; \
xl block-list mini ; xl network-list mini ; xl list" \
    --module "$work/xl.cpio" --mem 160M --net host --disk "$work/disk.img" </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"

# said NAME PATTERN
said() {
    grep -Eaq "$2" "$work/out" && pass "$1" ||
        fail "$1" "nothing matches $2; last: $(tail -n 3 "$work/out" "$work/log" | tr '\n' ' ')"
}
said "its disk is connected" '^hda  *hda  *w  *4 '
said "its interface is connected" '^0  *00:16:3e:01:02:03  .* 4  '
said "it reads and writes" '[1-9][0-9]* read, [1-9][0-9]* write'
said "it hears the network" '42 bytes incoming'
said "it ends when it is asked to" 'Shutting down|Shutdown requested'
said "its disk closes, and waits for a front end" '^hda  *hda  *w  *2 '
said "its interface too" '^0  *00:16:3e:01:02:03  .* 2  '
said "nothing is left" '^\(XEN\) audit: 0 '
if grep -aq 'bogus data\|got error' "$work/out"; then
    fail "what it reads is what it wrote" "$(grep -a -m 1 'bogus data\|got error' "$work/out")"
else
    pass "what it reads is what it wrote"
fi
verdict
