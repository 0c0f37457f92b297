#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tcp.sh: the bare kernel's TCP to the host at the far end of the wire: at wire speed, over a wire
# that loses frames and brings them late, and as a web server for its clients. An argument: how many
# bytes are compared (make test-io). Needs the root file system (make root).
set -u
. tests/system/verdict.sh

ttcp=$B/workloads/bin/ttcp
bytes=${1:-2000000}
memory=$((64 + bytes / 500000))M # the file is in memory

# ours NET COMMAND OPTION...
ours() {
    net=$1 command=$2
    shift 2
    timeout 900 "$xenolith" shell --system native --timing full --net "$net" --memory "$memory" \
        --add "$ttcp=/ttcp" --command "$command" "$@" </dev/null
}

# fast NAME LINE: the Nth rate is at least 890 Mb/s.
fast() {
    rate=$(sed -n "$2s/.*: \([0-9]*\)\.[0-9]* Mb.*/\1/p" "$work/out")
    [ "${rate:-0}" -ge 890 ] && pass "$1: $rate Mb/s" || fail "$1" "$(sed -n "$2p" "$work/out")"
}
ours host '/ttcp -t 10.0.2.2 9 10000000; /ttcp -f 10.0.2.2 19 10000000' >"$work/out" 2>"$work/log"
fast "frames of 1500 bytes out" 1
fast "frames of 1500 bytes in" 2

# ---- a bad wire ----
for seed in 1 2 3; do
    ours "host,loss=1%,late=1%,seed=$seed" \
        "dd if=/dev/urandom of=/f bs=$((bytes / 10)) count=10 2>/dev/null; md5sum </f; nc 10.0.2.2 7 </f | md5sum" \
        --json "$work/$seed.json" --pcap "$work/$seed.pcap" >"$work/out" 2>"$work/log"
    [ "$(wc -l <"$work/out")" -eq 2 ] && [ "$(uniq "$work/out" | wc -l)" -eq 1 ] &&
        pass "$bytes bytes there and back, 1 % lost and 1 % late, seed $seed" ||
        fail "$bytes bytes there and back, seed $seed" "$(tail -n 2 "$work/out" "$work/log" | tr '\n' ' ')"
done
ours "host,loss=1%,late=1%,seed=3" \
    "dd if=/dev/urandom of=/f bs=$((bytes / 10)) count=10 2>/dev/null; md5sum </f; nc 10.0.2.2 7 </f | md5sum" \
    --json "$work/again.json" --pcap "$work/again.pcap" >"$work/out" 2>"$work/log"
expect "twice the same" cmp "$work/3.json" "$work/again.json"
expect "and the same capture" cmp "$work/3.pcap" "$work/again.pcap"

# ---- a web server, and clients ----
seq 1 20000 >"$work/page"
seq 2 20001 >"$work/other"
ours host 'httpd -h /; sleep 3' --add "$work/page=/page" \
    --get "http://10.0.2.15/page,from=2s,every=2ms,count=50,is=$work/page" \
    --get "http://10.0.2.15/page,from=2s,is=$work/other" \
    --get "http://10.0.2.15/none,from=2s" --get "http://10.0.2.15:81/,from=2s" >"$work/out" 2>"$work/log"
# counts NAME PATTERN
counts() {
    grep -q "$2" "$work/log" && pass "$1" || fail "$1" "$(grep client "$work/log" | tr '\n' ' ')"
}
counts "pages for clients" "client of /page: 50 requests, 50 answered (5444700 bytes.* 0 wrong, 0 failed"
counts "a page that is another" "client of /page: 1 requests, 0 answered.* 1 wrong, 0 failed"
counts "a page that is not there" "client of /none: .* 1 wrong, 0 failed"
counts "a port where nobody listens" "client of /: .* 0 wrong, 1 failed"

# ---- several hosts behind a switch ----
ours host,hosts=3,rate=100,latency=5us 'ping -c 1 10.0.2.4; httpd -h /; sleep 3' --add "$work/page=/page" \
    --get "http://10.0.2.15/page,from=2s,every=50ms,count=10,by=2,is=$work/page" \
    --get "http://10.0.2.15/page,from=2s,every=50ms,count=5,by=3,is=$work/page" --json "$work/hosts.json" >"$work/out" 2>"$work/log"
[ "$(jq -c '[.clients[] | [.host, .requests, .answered]]' "$work/hosts.json")" = "[[1,10,10],[2,5,5]]" ] &&
    [ "$(jq '[.ports[].lost] | add' "$work/hosts.json")" = 0 ] && grep -q "1 packets received" "$work/out" &&
    pass "three hosts behind a switch" || fail "three hosts behind a switch" "$(jq -c '[.clients, .ports]' "$work/hosts.json")"
# A page's 109 kB at 100 Mbit/s.
waits=$(jq '.clients[0] | .waited_ns / .answered / 1e6 | floor' "$work/hosts.json")
[ "$waits" -ge 8 ] && [ "$waits" -le 12 ] && pass "at 100 Mbit/s: $waits ms a page" || fail "at 100 Mbit/s" "$waits ms"
timeout 200 "$xenolith" shell --system xen --guest --net host,hosts=2 --command 'ping -c 2 10.0.2.3' </dev/null >"$work/out" 2>&1
grep -q "2 packets received" "$work/out" && pass "a domain has the wire" || fail "a domain has the wire" "$(tail -n 3 "$work/out")"

verdict
