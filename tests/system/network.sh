#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# network.sh: the bare kernel's own driver of the 82540EM, under Debian's busybox: addresses and
# routes by the usual tools, pings, a capture that is whole; on QEMU an address by DHCP and files
# from a server of this host, the same kernel. Needs the root file system (make root).
set -u
. tests/system/verdict.sh

busybox=$B/root/tree/bin/busybox

# says NAME WORD...: the output has each of these lines.
says() {
    name=$1
    shift
    for line in "$@"; do
        grep -q -e "$line" "$work/out" && continue
        fail "$name" "no line $line: $(tail -n 3 "$work/out" "$work/log" | tr '\n' ' ')"
        return
    done
    pass "$name"
}

cat >"$work/tools" <<'END'
ifconfig eth0 0.0.0.0 down
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
route add default gw 10.0.2.2
ping -c 3 10.0.2.2
ping -c 1 -s 1472 10.0.2.2
ping -c 1 10.0.2.15
ping -c 1 -W 4 10.0.2.77
arp -an
route -n
ifconfig eth0
ifconfig eth0 down
ping -c 1 10.0.2.2
cat /proc/net/dev
END
ours() {
    timeout 60 "$xenolith" shell --system native --net host --add "$work/tools=/tools" \
        --command 'sh /tools 2>&1' "$@" </dev/null
}
ours --json "$work/a.json" --pcap "$work/a.pcap" >"$work/out" 2>"$work/log"
says "pings of the host" '^3 packets transmitted, 3 packets received' '^1480 bytes from 10.0.2.2: seq=0'
says "a ping of oneself" '^64 bytes from 10.0.2.15'
says "a ping of nobody" '^1 packets transmitted, 0 packets received'
says "who is who" '(10.0.2.2) at 52:55:0a:00:02:02' 'inet addr:10.0.2.15  Bcast:10.0.2.255'
says "where packets go" '^0.0.0.0 *10.0.2.2 *0.0.0.0 *UG ' '^10.0.2.0 *0.0.0.0 *255.255.255.0 *U '
says "an interface that is down" 'Network is unreachable'
ours --json "$work/b.json" --pcap "$work/b.pcap" >"$work/again" 2>"$work/log"
expect "twice the same" cmp "$work/a.json" "$work/b.json"
expect "and the same capture" cmp "$work/a.pcap" "$work/b.pcap"

# ---- the same kernel on QEMU, with its user network ----
cat >"$work/init" <<'END'
#!/bin/busybox sh
B=/bin/busybox
$B udhcpc -i eth0 -n -q -s /dhcp 2>&1
$B ping -c 2 10.0.2.2
$B wget -q -O /page http://10.0.2.2:PORT/page && $B md5sum /page
$B wget -q -O - http://10.0.2.2:PORT/none 2>&1
$B echo finished
$B poweroff -f
END
cat >"$work/dhcp" <<'END'
#!/bin/busybox sh
[ "$1" = deconfig ] && exec /bin/busybox ifconfig $interface up
[ "$1" = bound ] || exit 0
/bin/busybox ifconfig $interface $ip netmask $subnet
/bin/busybox route add default gw $router
echo "bound to $ip, gateway $router"
END
seq 1 300000 >"$work/page"
(cd "$work" && exec python3 -u -m http.server --bind 127.0.0.1 0 >"$work/server" 2>&1) &
server=$!
for _ in $(seq 50); do
    port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$work/server")
    [ "$port" ] && break
    sleep 0.1
done
sed -i "s/PORT/$port/" "$work/init"
chmod 755 "$work/init" "$work/dhcp"
workloads/make-image "$work/image" bin/busybox="$busybox" sbin/init="$work/init" dhcp="$work/dhcp"
timeout 60 qemu-system-i386 -accel tcg -m 64 -display none -no-reboot -monitor none -serial stdio \
    -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel "$B/guestos/kernel-native.elf" \
    -initrd "$work/image" -nic user,model=e1000 </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"
kill "$server"
says "QEMU: an address by DHCP" '^bound to 10.0.2.15, gateway 10.0.2.2$'
says "QEMU: pings" '^2 packets transmitted, 2 packets received'
says "QEMU: a file of $(wc -c <"$work/page") bytes" "^$(md5sum <"$work/page" | cut -d ' ' -f 1) "
says "QEMU: a file that is not there" 'server returned error: HTTP/1.. 404'

verdict
