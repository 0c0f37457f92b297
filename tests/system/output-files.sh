#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# output-files.sh: where results go, whatever stands there; what an interrupted run leaves; files
# and words that are no input. A symbolic link is followed, a signal leaves nothing half-written.
set -u
. tests/system/verdict.sh

kernel=$B/guestos/kernel-native.elf
cint="init=/bin/cint --module $B/workloads/native.cpio"
boot="$xenolith boot $kernel $cint --for 20ms"

# refused NAME COMMAND...: one sentence without control bytes, status 2, nothing on standard output.
refused() {
    name=$1
    shift
    timeout 20 "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
    status=$?
    if [ "$status" -ne 2 ] || [ "$(wc -l <"$work/stderr")" -ne 1 ] || [ -s "$work/stdout" ]; then
        fail "$name" "exit status $status: $(head -n 2 "$work/stderr" | tr -c '[:print:]\n' '?')"
    elif LC_ALL=C grep -q '[[:cntrl:]]' "$work/stderr"; then
        fail "$name" "control bytes in the sentence"
    else
        pass "$name: $(cat "$work/stderr")"
    fi
}

# ---- links, standard output ----
ln -s real.json "$work/link.json"
echo old >"$work/real.json"
expect "a link to a file" $boot --json "$work/link.json"
if [ -L "$work/link.json" ] && grep -q xenolith-result "$work/real.json"; then
    pass "it is still a link, and the file is written"
else
    fail "it is still a link, and the file is written" "$(ls -l "$work")"
fi
mkdir "$work/elsewhere"
ln -s "$work/elsewhere" "$work/folder"
expect "through a link to a folder" $boot --json "$work/folder/new.json"
[ -f "$work/elsewhere/new.json" ] && pass "a new file there" || fail "a new file there" "none"
ln -s absent.json "$work/dangling"
refused "a link that leads nowhere" $boot --json "$work/dangling"
refused "a device" $boot --json /dev/null
$boot --json /dev/stdout </dev/null 2>"$work/stderr" | cat >"$work/piped"
grep -q 'no regular file' "$work/stderr" && [ -L /dev/stdout ] && pass "/dev/stdout stays" ||
    fail "/dev/stdout stays" "$(cat "$work/stderr")"
$boot --json - </dev/null 2>/dev/null >"$work/mixed"
grep -q '"schema": *"xenolith-result/1"' "$work/mixed" && pass "- is standard output" ||
    fail "- is standard output" "$(head -c 200 "$work/mixed")"
expect "a file called - is not made" test ! -e -

# ---- signals ----
for number in INT TERM HUP; do
    for command in "boot $kernel $cint" "run --system native --domains 2 --for 100s"; do
        rm -f "$work"/cut.json*
        # A shell has background jobs ignore INT, and its caller may HUP; these ask for them again.
        perl -e '@SIG{qw(INT HUP)} = ("DEFAULT") x 2; exec @ARGV' "$xenolith" $command --timing fast --json "$work/cut.json" \
            >/dev/null 2>&1 </dev/null &
        pid=$!
        tries=0
        until ls "$work"/cut.json.part* >/dev/null 2>&1 || [ $tries -ge 100 ]; do
            tries=$((tries + 1))
            sleep 0.05
        done
        kill -$number $pid
        wait $pid
        status=$?
        if ls "$work"/cut.json.part* >/dev/null 2>&1 || [ $tries -ge 100 ] || [ $status -lt 128 ]; then
            fail "${command%% *} ended by $number" "status $status: $(ls "$work")"
        else
            pass "${command%% *} ended by $number leaves no half file, status $status"
        fi
    done
done

# ---- input ----
mkfifo "$work/fifo"
head -c 3000 "$kernel" >"$work/binary"
printf 'a = \033[31m\n' >"$work/escape"
refused "boot: a FIFO" "$xenolith" boot "$work/fifo"
refused "boot: a FIFO to type" "$xenolith" boot "$kernel" --input "$work/fifo"
refused "boot: a machine that is a FIFO" "$xenolith" boot "$kernel" --machine "$work/fifo"
refused "boot: a machine that is an image" "$xenolith" boot "$kernel" --machine "$work/binary"
refused "boot: a disk that is a FIFO" "$xenolith" boot "$kernel" --disk "$work/fifo"
refused "run: a program that is a FIFO" "$xenolith" run --program "$work/fifo"
refused "lab: a FIFO" "$xenolith" lab "$work/fifo"
refused "lab: an image" "$xenolith" lab "$work/binary"
refused "explain: a FIFO" "$xenolith" explain "$work/fifo"
refused "explain: an image" "$xenolith" explain "$work/binary"
"$xenolith" compare "$work/binary" "$work/binary" >"$work/stdout" 2>"$work/stderr"
status=$?
[ $status -eq 2 ] && grep -q 'is not text$' "$work/stderr" &&
    ! cat "$work/stdout" "$work/stderr" | LC_ALL=C grep -q '[[:cntrl:]]' && pass "compare: an image" ||
    fail "compare: an image" "status $status: $(head -c 300 "$work/stderr")"
refused "a machine with an escape in it" "$xenolith" boot "$kernel" --machine "$work/escape"
refused "a name with an escape in it" "$xenolith" boot "$(printf 'a\033[31mb\302\233c')"
refused "an option with an escape in it" "$xenolith" boot "$(printf -- '--\033[31m')"
for option in --json --csv --input --for --mem --machine --disk; do
    refused "an empty $option" $boot "$option" ""
done
expect "an empty command line is one" test "$("$xenolith" guest "$work/binary" --extra "" 2>&1 | grep -c empty)" = 0

verdict
