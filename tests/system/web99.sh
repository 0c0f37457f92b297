#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# web99.sh: Debian's lighttpd, unmodified, under the web load: on the bare kernel, and in a domain;
# and Debian's apache2. Needs the servers' roots (build/web99/web.cpio, build/apache/web.cpio).
set -u
. tests/system/verdict.sh

# served NAME FILE: every answer was right, of all kinds, and everybody was served fast enough.
served() {
    [ "$(jq -c '.clients[0] | [.connections - .conforming, .wrong, .failed, .requests > 50, .by_program > 10]' "$2")" = "[0,0,0,true,true]" ] &&
        pass "$1: $(jq -c '.clients[0] | [.conforming, .requests, .bytes]' "$2")" || fail "$1" "$(jq -c '.clients[0]' "$2")"
}

# native JSON CONNECTIONS OPTION...
native() {
    json=$1 connections=$2
    shift 2
    timeout 100 "$xenolith" boot "$B/guestos/kernel-native.elf" \
        "quiet ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off init=/sbin/init -- /bin/serve 80 1" --module "$B/web99/web.cpio" "" \
        --net host --mem 96M --for 3s --load-web "http://10.0.2.15,connections=$connections,from=1s,warm=500ms,for=1s" --json "$json" \
        "$@" >"$work/out" 2>&1 </dev/null
}
native "$work/native.json" 20
served "native" "$work/native.json"
native "$work/again.json" 20
expect "twice the same" cmp "$work/native.json" "$work/again.json"

# Saved and loaded among connections: a client beside the users, a switch, a bad wire.
export work B
expect "the same after a save and a load" env PCAP=yes tests/system/states/same boot 1030ms 1250ms -- "$B/guestos/kernel-native.elf" \
    "quiet ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off init=/sbin/init -- /bin/serve 80 1" --module "$B/web99/web.cpio" "" \
    --net host,hosts=2,loss=1%,late=1% --mem 96M --for 2s --load-web http://10.0.2.15,connections=20,from=1s,warm=300ms,for=500ms,by=2 \
    --get http://10.0.2.15/file_set/dir00000/class1_3,from=1s,every=20ms,count=40

# More than the wire carries: 900 users would need 320 Mbit/s.
native "$work/many.json" 900 --timing full --set nic.rate=100
conforms=$(jq '.clients[0] | .conforming' "$work/many.json")
[ "$conforms" -lt 500 ] && [ "$(jq '.clients[0] | .wrong + .failed' "$work/many.json")" = 0 ] &&
    pass "a wire of 100 Mbit/s has no room for 900: $conforms conform" || fail "a full wire" "$(jq -c .clients "$work/many.json")"

workloads/make-image "$work/xl.cpio" "sbin/init=$B/workloads/bin/init" "sbin/xl=$B/workloads/bin/xl" \
    "sbin/xend=$B/workloads/bin/xend" "boot/kernel=$B/workloads/kernel-xen.elf" "boot/root=$B/web99/web.cpio"
timeout 100 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=80M" --module "$B/guestos/kernel-xen.elf" \
    "quiet init=/sbin/init -- xend ; xl create name=web memory=64 kernel=/boot/kernel ramdisk=/boot/root vif=ip=10.0.2.16 \
extra=quiet extra=ip=10.0.2.16:::255.255.255.0 extra=init=/sbin/init extra=-- extra=/bin/serve extra=80 extra=1 ; sleep 100" \
    --module "$work/xl.cpio" --mem 256M --net host --for 5s \
    --load-web http://10.0.2.16,connections=20,from=3s,warm=500ms,for=1s --json "$work/xen.json" >"$work/out" 2>&1 </dev/null
served "in a domain" "$work/xen.json"
[ "$(jq '[.checks[] | select(.name | startswith("nic_") or startswith("vif_")) | .holds] | all' "$work/xen.json")" = true ] &&
    pass "counts agree" || fail "counts agree" "$(jq -c '.checks[] | select(.holds == false)' "$work/xen.json")"

# Debian's apache2 too: prefork, with CGI for all that is dynamic.
timeout 100 "$xenolith" boot "$B/guestos/kernel-native.elf" \
    "quiet ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off init=/sbin/init -- /bin/serve 80" --module "$B/apache/web.cpio" "" \
    --net host --mem 128M --for 4s --load-web http://10.0.2.15,connections=20,from=2s,warm=500ms,for=1s --json "$work/apache.json" \
    >"$work/out" 2>&1 </dev/null
served "apache2" "$work/apache.json"

verdict
