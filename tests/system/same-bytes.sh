#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# same-bytes.sh: root file systems are the same bytes whoever builds them, with which umask, in
# which locale and folder, and when.
set -u
. tests/system/verdict.sh

bin=$B/workloads/bin
umask 077
export LC_ALL=C.UTF-8 TZ=Asia/Kathmandu
expect "a tree with another umask and locale" workloads/root/make-root "$work/tree" "$B/root/unpacked" \
    sbin/init="$bin/init" bin/sqlite="$bin/sqlite" bin/mark="$bin/mark"
expect "its archive" workloads/root/pack "$work/tree" "$work/root.cpio"
expect "is the same" cmp "$work/root.cpio" "$B/root/root.cpio"
# Owners can be changed by root alone; the times of change are others in any case.
[ "$(id -u)" -ne 0 ] || chown -hR 1234:5678 "$work/tree"
expect "its disk" workloads/root/pack-disk "$work/tree" "$work/root.img" 48000k
expect "is the same" cmp "$work/root.img" "$B/root/root.img"
expect "and sound" env PATH="$PATH:/sbin:/usr/sbin" e2fsck -fn "$work/root.img"

verdict
