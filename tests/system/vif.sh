#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# vif.sh [DESTROYED]: networks of Domain 0 and of ordinary domains, on the simulator and on QEMU:
# pings to the machine's network, to Domain 0 and from domain to domain, a file by TCP, by exchange
# of pages and by copy; interfaces listed, taken and given by xl; filters; twice the same bytes on
# the wire. Then so many domains (10) are destroyed while they send, and nothing of them is left.
set -u
. tests/system/verdict.sh

mkdir -p "$work/tree/bin" "$work/tree/sbin" "$work/tree/tmp" "$work/tree/proc"
cp "$B/root/tree/bin/busybox" "$work/tree/bin/busybox"
for name in sh ping nc seq sleep md5sum cat echo ifconfig; do
    ln -s busybox "$work/tree/bin/$name"
done
cat >"$work/tree/sbin/init" <<'END'
#!/bin/sh
# What a domain does: answers pings for ever; takes a file; pings all and sends a file; sends pings
# for ever.
case $1 in
wait) sleep 1000 ;;
take) nc -l -p 5000 >/tmp/file; md5sum </tmp/file | nc -l -p 5001; sleep 1000 ;;
send)
    sleep 0.3
    IFS=,
    for address in $3; do
        ping -c 5 -i 0.05 -s 1000 -W 1 "$address" | while read -r line; do
            case $line in *received*) echo "to $address: $line" ;; esac
        done
    done
    seq 1 100000 | nc "$2" 5000 && echo "gave $(seq 1 100000 | md5sum)"
    sleep 0.3
    echo "took $(nc "$2" 5001)" ;;
hot)
    until ifconfig eth0 10.0.2.18 netmask 255.255.255.0 2>/dev/null; do sleep 0.05; done
    sleep 1000 ;;
flood) ping -c 1000000 -i 0 -s 1400 "$2" >/dev/null ;;
esac
END
chmod 755 "$work/tree/sbin/init"
(cd "$work/tree" && find . -mindepth 1 | sort | cpio --quiet -o -H newc --owner=+0:+0) >"$work/shell.cpio"
workloads/make-image "$work/xl.cpio" "sbin/init=$B/workloads/bin/init" "sbin/xl=$B/workloads/bin/xl" \
    "sbin/xend=$B/workloads/bin/xend" "bin/ping=$B/root/tree/bin/busybox" "boot/kernel=$B/workloads/kernel-xen.elf" "boot/root=$work/shell.cpio"

# create NAME ADDRESS VIF KERNEL_WORD WORD...: the xl command for a domain that does this
create() {
    echo "xl create ${foreground:-} name=$1 memory=12 kernel=/boot/kernel ramdisk=/boot/root vif=$3 extra=$4 extra=quiet \
extra=ip=$2:::255.255.255.0 extra=init=/sbin/init extra=-- $(shift 4; printf 'extra=%s ' "$@");"
}

# machine COMMANDS OPTION...: Domain 0 has 10.0.2.15
machine() {
    commands=$1
    shift
    timeout 100 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=64M audit" --module "$B/guestos/kernel-xen.elf" \
        "quiet ${word:-} ip=10.0.2.15:::255.255.255.0 init=/sbin/init -- xend ; $commands" --module "$work/xl.cpio" --mem 200M \
        "$@" </dev/null 2>"$work/log" | tr -d '\r'
}

# said NAME PATTERN
said() {
    grep -Eq "$2" "$work/out" && pass "$1" ||
        fail "$1" "nothing matches $2; last: $(tail -n 4 "$work/out" | tr '\n' ' ')"
}

all=10.0.2.2,10.0.2.15,10.0.2.16
sum=$(seq 1 100000 | md5sum | cut -d" " -f1)
for way in exchange copy; do
    [ $way = copy ] && word=rx=copy || word=rx=flip
    pair="$(create taker 10.0.2.16 ip=10.0.2.16 $word take) \
$(foreground=-F create sender 10.0.2.17 mac=00:16:3e:01:02:03,ip=10.0.2.17 $word send 10.0.2.16 $all)"
    machine "$pair xl network-list taker" --net host --json "$work/$way.json" >"$work/out"
    for address in $(echo $all | tr , ' '); do
        said "$way: pings to $address" "^to $address: 5 packets transmitted, 5 packets received"
    done
    said "$way: a file is sent" "^gave $sum"
    said "$way: and has come whole" "^took $sum"
    said "$way: a list" '^0 +00:16:3e:00:00:01 +10.0.2.16 +4 '
    said "$way: the audit" '^\(XEN\) audit: 0 '
done
# Every count agrees; the same run has the same bytes, captures included.
holds=$(jq -r '[.checks[] | select(.name | startswith("nic_") or startswith("vif_")) | .holds] | unique | map(tostring) | join(" ")' \
    "$work/exchange.json" "$work/copy.json" | sort -u)
[ "$holds" = true ] && pass "counts of the card, the switch and the guests agree" ||
    fail "counts of the card, the switch and the guests agree" "$holds"
machine "$pair xl network-list taker" --net host --json "$work/a.json" --pcap "$work/a.pcap" >"$work/out"
machine "$pair xl network-list taker" --net host --json "$work/b.json" --pcap "$work/b.pcap" >"$work/out"
cmp -s "$work/a.json" "$work/b.json" && cmp -s "$work/a.pcap" "$work/b.pcap" && pass "twice the same bytes" ||
    fail "twice the same bytes" "$(cmp "$work/a.json" "$work/b.json" 2>&1)"

# On QEMU, whose card is another one's work. It receives nothing in its first second.
timeout 100 qemu-system-i386 -accel tcg -m 200 -display none -no-reboot -monitor none -serial stdio \
    -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel "$B/hv/hv.elf" -append "dom0_mem=64M audit" \
    -initrd "$B/guestos/kernel-xen.elf quiet ip=10.0.2.15:::255.255.255.0 init=/sbin/init -- xend ; \
$(create taker 10.0.2.16 ip=10.0.2.16 quiet take) sleep 2 ; \
$(foreground=-F create sender 10.0.2.17 ip=10.0.2.17 quiet send 10.0.2.16 10.0.2.2),$work/xl.cpio" \
    -nic user,model=e1000 </dev/null 2>"$work/log" | tr -d '\r' >"$work/out"
said "QEMU: pings to the host" '^to 10.0.2.2: 5 packets transmitted, 5 packets received'
said "QEMU: a file is sent" "^gave $sum"
said "QEMU: and has come whole" "^took $sum"
said "QEMU: the audit" '^\(XEN\) audit: 0 '

# Given while its domain runs, taken away, given again as another one.
machine "$(create hot 10.0.2.18 '' quiet hot | sed 's/vif= //; s/extra=ip=[^ ]*//') sleep 1 ; xl network-list hot ; xl network-attach hot ; \
sleep 1 ; ping -c 3 -i 0.1 10.0.2.18 ; xl network-list hot ; xl network-detach hot 0 ; xl network-list hot ; \
xl network-attach hot mac=00:16:3e:77:77:77 ; sleep 1 ; xl network-list hot" --net host >"$work/out"
said "an interface comes while its domain runs" '^3 packets transmitted, 3 packets received'
said "and is listed" '^0 +00:16:3e:00:00:01 +- +4 '
[ "$(grep -c '00:16:3e:00:00:01' "$work/out")" = 1 ] && pass "goes again" || fail "goes again" "it is listed again"
said "comes as another one" '^0 +00:16:3e:77:77:77 +- +4 '
said "the audit, with interfaces that go" '^\(XEN\) audit: 0 '

# Destroyed in the middle of sending: no frame, no grant, no packet of others is lost.
timeout 3000 "$xenolith" boot "$B/hv/hv.elf" "dom0_mem=64M audit" --module "$B/guestos/kernel-xen.elf" \
    "quiet ip=10.0.2.15:::255.255.255.0 init=/sbin/init -- ${1:-10} network" --module "$B/guestos/destroy.cpio" --mem 160M \
    --net host --json "$work/destroy.json" </dev/null >"$work/out" 2>"$work/log"
grep -q '^destroy: all passed' "$work/out" && grep -q '^(XEN) audit: 0 ' "$work/out" &&
    [ "$(jq '.supervisor["vif.to_wire"] > 100' "$work/destroy.json")" = true ] &&
    [ "$(jq '[.checks[].holds] | all' "$work/destroy.json")" = true ] &&
    pass "${1:-10} domains destroyed while they sent" ||
    fail "${1:-10} domains destroyed while they sent" "$(tail -n 3 "$work/out" | tr '\n' ' ')"

verdict
