# SPDX-License-Identifier: GPL-2.0-only
# judge.sh - sourced: what a guest test's console text amounts to
#
# judge NAME FILE: prints one line, `PASS name` or `FAIL name: reason`, and returns accordingly.
# FILE is the serial line's text, the hypervisor's own lines (they begin with "(XEN)") included. A
# test that announces its own end (`DIES name: how`) passes if the hypervisor says after that that
# the domain crashed.
judge() {
    last=$(tr -d '\r' <"$2" | grep -aE "^(PASS|FAIL|DIES) $1(:|\$)" | tail -n 1)
    case $last in
    "PASS $1" | "FAIL $1:"*)
        echo "$last" ;;
    "DIES $1:"*)
        if sed -n "/^DIES $1:/,\$p" "$2" | grep -aqE '^\(XEN\).*(Dom0 crashed|d0: shut down, crash)'; then
            echo "PASS $1 (ended: ${last#*: })"
        else
            echo "FAIL $1: the hypervisor reported no crash"
        fi ;;
    *)
        echo "FAIL $1: no verdict; $(tr -d '\r' <"$2" | grep -av '^$' | tail -n 1)" ;;
    esac | tee "$2.verdict"
    grep -q '^PASS' "$2.verdict"
}

# soon RESULT: prints nothing if no processor was without a chance to take an interrupt for longer
# than a millisecond, boot and the machine's end not counted; or else what was.
soon() {
    jq -r '.masked as $m | range($m.longest_cycles | length) | select($m.longest_cycles[.] > 2400000) |
        "interrupts waited \($m.longest_cycles[.]) cycles for \($m.reasons[.])"' "$1" 2>&1 || echo "no result"
}
