#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# compare.sh [NAME]...: real Xen as the judge. Boots each guest test (all without names, and then
# the project's own guest kernel) as Domain 0 of real Xen on QEMU and of our hypervisor on the
# simulator, and compares the verdicts, the console text of the domain, and how often each hypercall
# was made, by number.
#
# Real Xen counts a hypercall when it returns, so the two at the end of a run (the one that prints
# the counters, and the shutdown) are not in its counts and are taken from ours. A domain that is
# ended by a crash prints no counters. Tests in only-ours.txt are left out. KEEP=1 takes what real
# Xen said in an earlier run, as long as the tests are the same. Needs B, the build folder, with
# B/oracle/xen/xen-pv32 in it.
set -u
. tests/guest/judge.sh
B=${B:-build}
xen=$B/oracle/xen/xen-pv32
out=$B/oracle/results
mkdir -p "$out"
guest_kernel=
if [ $# -eq 0 ]; then
    set -- $(ls tests/guest/*/main.c | cut -d/ -f3)
    guest_kernel=yes
fi

# domain_text FILE: the lines of the domain. All others are the hypervisor's: they begin with
# "(XEN)", but for real Xen's banner at the very start.
domain_text() {
    tr -d '\r' <"$1" | awk '/^\(XEN\)/ { started = 1; next } started && /./'
}

# real_counts FILE, our_counts FILE: lines "number count", none with count 0.
real_counts() {
    tr -d '\r' <"$1" | awk '
        /^\(XEN\) hypercalls +TOTAL/ { inside = 1; next }
        inside && !/ARR/ { exit }
        inside {
            while (match($0, /ARR[0-9]+\[ *[0-9]+\]/)) {
                split(substr($0, RSTART + 3, RLENGTH - 4), part, /\[ */)
                if (part[2] + 0) print part[1] + 0, part[2] + 0
                $0 = substr($0, RSTART + RLENGTH)
            }
        }'
}
our_counts() { # the result names the calls as the public header does
    awk '
        NR == FNR { if ($2 ~ /^__HYPERVISOR_/ && $3 ~ /^[0-9]+$/) number[substr($2, 14)] = $3; next }
        /^ "reasons": / { inside = 1; next }
        /^ "/ { inside = 0 }
        inside && /"hypercall\./ { name = $1; gsub(/^"hypercall\.|":$/, "", name) }
        inside && name != "" && /"entries"/ {
            count = $2 + 0
            if (name == "sched_op" || name == "sysctl") count--
            if (count) print number[name], count
            name = ""
        }' /usr/include/xen/xen.h "$1"
}

boot_ours() { # OUTPUT KERNEL ARGUMENTS [RAMDISK]
    timeout 300 "$B/xenolith" boot "$B/hv/hv.elf" --module "$2" "$3" ${4:+--module "$4"} \
        --mem 256M --timing unit --json "$1.json" >"$1" 2>"$1.notes" </dev/null
}

# counts_differ REAL OURS: prints "number: real, ours" for each hypercall whose counts differ. Real
# Xen gives the processor away in the middle of a long call when one of its timers is due, and also
# between taking a table out and freeing it, or while it takes a domain apart, and comes back by
# making the call again; ours does so too, at other moments. Up to twice as many of those calls, and
# a few, are no difference, but are named at the end of the report.
preemptible="0 1 12 13 18 20 26 36"
counts_differ() {
    awk -v preemptible=" $preemptible " '
        NR == FNR { real[$1] = $2; seen[$1] = 1; next }
        { ours[$1] = $2; seen[$1] = 1 }
        END {
            for (n in seen) {
                more = real[n] - ours[n]
                few = more > 0 ? ours[n] : real[n]
                if (more && (more > 0 ? more : -more) <= few + 8 && few && index(preemptible, " " n " ")) print "again", n, more
                else if (more) print n ": " real[n] + 0 ", " ours[n] + 0
            }
        }' "$1" "$2"
}

# explained NAME WHAT: what explanations.txt says about a difference; fails when it says nothing.
explained() {
    sed -n "s/^$1 $2: //p" tests/oracle/explanations.txt | grep .
}

# real_boot NAME OUTPUT. Real Xen runs in host time, and a host that is busy can have each of its
# calls interrupted or the boot not done in time. So what does not pass, without an explanation, is
# tried again, and what passes then is named at the end.
real_boot() {
    for attempt in 1 2 3; do
        tests/oracle/run-real-xen "$xen" "$B/tests/guest/$1.elf" 120 counts >"$2" 2>/dev/null
        judge "$1" "$2" >/dev/null && break
        [ -z "$(explained "$1" "verdict of real Xen")" ] || break
    done
    [ "$attempt" -eq 1 ] || echo "$1 $attempt" >>"$out/repeated"
}

: >"$out/preempted"
: >"$out/repeated"
same=0 different=0 known=0
# differs NAME WHAT DETAIL
differs() {
    if reason=$(explained "$1" "$2"); then
        known=$((known + 1))
        echo "  $1, $2: explained: $reason"
    else
        different=$((different + 1))
        echo "  $1, $2: DIFFERENT: $3"
    fi
}
agrees() {
    same=$((same + 1))
}

for name; do
    if why=$(sed -n "s/^$name //p" tests/oracle/only-ours.txt | grep .); then
        echo "not compared: $name: $why"
        continue
    fi
    ours=$out/$name.ours real=$out/$name.xen
    rm -f "$ours.json"
    if [ -z "${KEEP-}" ] || [ ! -s "$real" ]; then
        real_boot "$name" "$real"
    fi
    boot_ours "$ours" "$B/tests/guest/$name.elf" counts
    verdict=$(judge "$name" "$real")
    echo "real Xen: $verdict"
    case $verdict in PASS*) agrees ;; *) differs "$name" "verdict of real Xen" "$verdict" ;; esac
    verdict=$(judge "$name" "$ours")
    case $verdict in PASS*) agrees ;; *) differs "$name" verdict "$verdict" ;; esac
    domain_text "$real" >"$real.text"
    domain_text "$ours" >"$ours.text"
    if cmp -s "$real.text" "$ours.text"; then
        agrees
    else
        differs "$name" text "$(diff "$real.text" "$ours.text" | sed -n 2p)"
    fi
    real_counts "$real" >"$real.counts"
    our_counts "$ours.json" >"$ours.counts"
    if grep -q '^DIES' "$real.text"; then
        continue
    fi
    counts_differ "$real.counts" "$ours.counts" >"$out/counts"
    grep '^again' "$out/counts" | sed "s/^again/$name/" >>"$out/preempted"
    if grep -qv '^again' "$out/counts"; then
        differs "$name" counts "$(grep -v '^again' "$out/counts" | tr '\n' ';')"
    else
        agrees
    fi
done

# The project's own kernel with a workload: the same text, but for what depends on clocks and sizes.
plain() {
    domain_text "$1" | sed -E '/clock|kHz|timer|memory|kB|MB|MIPS|ms|us/s/\b[0-9a-f]*[0-9][0-9a-f]*\b/N/g'
}
if [ -n "$guest_kernel" ]; then
    kernel=$B/guestos/kernel-xen.elf root=$B/workloads/guest.cpio arguments="init=/bin/cint -- four --rounds 2"
    tests/oracle/run-real-xen "$xen" "$kernel" 120 "$arguments" "$root" >"$out/guestos.xen" 2>/dev/null
    boot_ours "$out/guestos.ours" "$kernel" "$arguments" "$root"
    plain "$out/guestos.xen" >"$out/guestos.xen.text"
    plain "$out/guestos.ours" >"$out/guestos.ours.text"
    if [ -s "$out/guestos.xen.text" ] && cmp -s "$out/guestos.xen.text" "$out/guestos.ours.text"; then
        agrees
        echo "guest kernel: $(wc -l <"$out/guestos.xen.text") equal lines"
    else
        differs guestos text "$(diff "$out/guestos.xen.text" "$out/guestos.ours.text" | head -n 3 | tr '\n' ' ')"
    fi
fi

if [ -s "$out/preempted" ]; then
    echo "calls that real Xen interrupted and made again (test, number, times):"
    sed 's/^/  /' "$out/preempted"
fi
if [ -s "$out/repeated" ]; then
    echo "tests that real Xen was booted for more than once (test, times):"
    sed 's/^/  /' "$out/repeated"
fi
echo "$same agree, $known differ as explained, $different differ"
[ "$different" -eq 0 ] && [ "$same" -gt 0 ]
