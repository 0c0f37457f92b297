#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# outside.sh: the network of this host: curl fetches a page from a web server in a domain, through a
# forwarded port; the log of that run gives the same bytes again; what is wrong gets one sentence.
# Needs the root file system (make root).
set -u
. tests/system/verdict.sh

seq 1 20000 >"$work/page"
# serve NET NAME: a web server in ring 3 of a domain, for some seconds
serve() {
    timeout 100 "$xenolith" shell --system xen --guest --net "$1" --add "$work/page=/page" \
        --command 'httpd -h /; sleep 4' --pcap "$work/$2.pcap" --json "$work/$2.json" </dev/null >"$work/$2.out" 2>&1
}

port=$((20000 + $$ % 20000))
serve "user,hostfwd=$port-10.0.2.15:80,log=$work/log" first &
running=$!
tries=0
until curl -s -m 5 "http://127.0.0.1:$port/page" >"$work/got" 2>/dev/null || [ $tries -ge 40 ]; do
    tries=$((tries + 1))
    sleep 0.2
done
expect "curl has the page of a domain's web server" cmp "$work/page" "$work/got"
code=$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/none")
[ "$code" = 404 ] && pass "and hears of one that is not there" || fail "a page that is not there" "$code"
timeout 20 "$xenolith" shell --system native --net "user,hostfwd=$port-10.0.2.15:80" --command true </dev/null >"$work/out" 2>&1
grep -q "port $port of this host cannot be forwarded" "$work/out" && pass "a port that is taken" || fail "a port that is taken" "$(cat "$work/out")"
wait $running
serve "replay:$work/log" again
expect "replayed: the same frames" cmp "$work/first.pcap" "$work/again.pcap"
for run in first again; do
    jq 'del(.configuration.command_line)' "$work/$run.json" >"$work/$run.rest"
done
expect "and the same result" cmp "$work/first.rest" "$work/again.rest"

# What is damaged, or is another file, ends with a sentence and no signal.
head -c 3000 "$work/log" >"$work/short"
serve "replay:$work/short" short
grep -q 'damaged, or not whole' "$work/short.out" && pass "a log that is cut" || fail "a log that is cut" "$(tail -n 1 "$work/short.out")"
serve "replay:$work/page" other
grep -q 'damaged, or not whole' "$work/other.out" && pass "a file that is no log" || fail "a file that is no log" "$(tail -n 1 "$work/other.out")"
timeout 20 "$xenolith" boot "$B/guestos/kernel-native.elf" --net user </dev/null >"$work/out" 2>&1
[ $? -eq 2 ] && grep -q 'for shell and guest' "$work/out" && pass "not for measured runs" || fail "not for measured runs" "$(cat "$work/out")"

# Others read the capture: no frame is malformed, every sum is right.
if tests/install-packages tshark >"$work/log" 2>&1; then
    tshark -r "$work/first.pcap" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
        -Y '_ws.malformed || tcp.checksum.status == "Bad" || ip.checksum.status == "Bad"' >"$work/bad" 2>"$work/log"
    [ $? -eq 0 ] && [ ! -s "$work/bad" ] && [ "$(tshark -r "$work/first.pcap" 2>/dev/null | wc -l)" -gt 50 ] &&
        pass "tshark reads the capture" || fail "tshark reads the capture" "$(head -n 2 "$work/bad" "$work/log")"
fi

verdict
