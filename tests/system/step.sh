#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# step.sh: a machine that is stepped through says what happens, and counts what it counts unstepped.
set -u
. tests/system/verdict.sh

# stepped KIND: obeys $work/script; the output is in $work/out, the result in $work/KIND.step.
xen="$B/hv/hv.elf --module $B/guestos/kernel-xen.elf"
stepped() {
    case $1 in
    xen) timeout 300 "$xenolith" step $xen "init=/sbin/init -- sleep 1 ; xl list" \
        --module "$B/workloads/domain0.cpio" "" --timing full --cpus 2 \
        --script "$work/script" --json "$work/xen.step" >"$work/out" 2>"$work/err" ;;
    native) timeout 300 "$xenolith" step "$B/guestos/kernel-native.elf" "init=/sbin/init -- repeat 1 /bin/cint --start 0 ; wait" \
        --module "$B/workloads/native.cpio" "" \
        --script "$work/script" --json "$work/native.step" >"$work/out" 2>"$work/err" ;;
    esac
}

# says NAME PATTERN: a line of the output matches.
says() {
    expect "$1" grep -Eq -- "$2" "$work/out"
}

# refuses NAME LINE PATTERN: a script of this line ends with 2, and the sentence.
refuses() {
    echo "$2" >"$work/script"
    stepped native
    if [ $? -eq 2 ] && grep -Eq "$3" "$work/err"; then
        pass "$1"
    else
        fail "$1" "$(tail -n 1 "$work/err")"
    fi
}

cat >"$work/script" <<'END'
to dom0_build
next hypercall mmu_update
registers
crossing
next update
step
disassemble 2
walk 0xc0100000
next syscall
crossing
step 1000
next crossing
next switch
step 7
to time 500ms
next event
next crossing
counters
step 100001
break do_sched_op
run
clear do_sched_op
domains
run
END
expect "a script is obeyed" stepped xen
says "a symbol is run to" '^arrived at dom0_build, ring 0, boot$'
says "a hypercall is told with its arguments and its caller" \
    '^ring 1 to ring 0: hypercall mmu_update, [0-9]+ updates, from [a-z_]+\+0x[0-9a-f]+ to hypercall_entry, domain 0$'
says "changed registers are marked" '^eax +00000001\*'
says "the gate is shown" '^  gate 0x82: interrupt gate, selector e008, offset fe[0-9a-f]{6}, DPL 1, present$'
says "the frame on the stack is shown" '^  fe[0-9a-f]{6} old cs     0000e019$'
says "a page-table update is met" '^page-table update: at (update_at|update_va|l1_entry_update), ring 0, domain 0$'
says "an instruction is a step" '^1 instruction on: at update_at\+0x[0-9a-f], ring 0, domain 0$'
says "code is shown with names" '^  fe[0-9a-f]{6} update_at\+0x[0-9a-f] +[0-9a-f]+ +[a-z]+ '
says "the walk knows the root's type" '^         frame [0-9a-f]+: of domain 0, type L3, .* pinned, validated$'
says "and a table's" '^         frame [0-9a-f]+: of domain 0, type L1, [1-9][0-9]* uses as it, [1-9][0-9]* in all, validated'
says "a system call is told by name" '^ring 3 to ring 1: system call [a-z0-9_]+\(0x'
says "a switch is told" '^processor 0 switches from domain 0 to idle: at '
says "events are delivered" '^ring 0 to ring 1: events are delivered, by iret, from [a-z_]+\+0x[0-9a-f]+ to upcall, domain 0$'
says "a breakpoint stops" '^breakpoint at do_sched_op, ring 0, domain 0$'
says "a time is run to" '^every clock has reached [0-9]+: '
says "counters are shown" '^  instructions +[1-9][0-9]* +[1-9][0-9]*$'
says "the end is told" '^the machine was switched off, exit value 0$'

# The same machine, unstepped.
timeout 300 "$xenolith" boot $xen "init=/sbin/init -- sleep 1 ; xl list" \
    --module "$B/workloads/domain0.cpio" "" --timing full --cpus 2 --json "$work/xen.boot" \
    >"$work/console" 2>&1
for kind in step boot; do
    jq 'del(.command, .configuration.command_line)' "$work/xen.$kind" >"$work/$kind.counts"
done
expect "stepping changes no count" cmp "$work/step.counts" "$work/boot.counts"

# Three steps are one of three.
printf 'next syscall\nstep\nstep\nstep\nwhere\nregisters\n' >"$work/script"
expect "the bare kernel is stepped" stepped native
says "its system calls are told" '^ring 3 to ring 0: system call '
sed -n '/where/,$p' "$work/out" | tr '*' ' ' >"$work/singly"
printf 'next syscall\nstep 3\nwhere\nregisters\n' >"$work/script"
stepped native
sed -n '/where/,$p' "$work/out" | tr '*' ' ' >"$work/at-once"
expect "three steps are a step of three" cmp "$work/singly" "$work/at-once"

refuses "an unknown command" "dance" '^xenolith: line 1 of the script: there is no command dance$'
refuses "an unknown symbol" "to nowhere_at_all" 'neither an address nor a symbol: nowhere_at_all'
refuses "an unknown call" "next hypercall nonsense" 'there is no call of the name nonsense'
refuses "too many words" "run 3" 'too few words, or too many, behind run'
refuses "a bad count" "step many" 'no such count: many'
expect "a script that is not there" sh -c \
    "! $xenolith step $B/hv/hv.elf --script $work/absent 2>&1 >/dev/null | grep -v 'cannot read'"
# Counters: grown, reached, and back; what stops says what the view of counters says.
cat >"$work/script" <<'END'
to dom0_build
next counter page_walks
counters
next counter page_walks
back counter page_walks
next counter page_walks 60
run
END
stepped xen
says "a counter grows" '^page_walks is [1-9][0-9]*: at '
walks() {
    sed -n "s/^page_walks is \([0-9]*\): .*/\1/p" "$work/out" | sed -n "$1p"
}
expect "the view says the same" grep -Eq "^  page_walks +[1-9][0-9]* +$(walks 1)\$" "$work/out"
expect "it grows again" test "$(walks 2)" -gt "$(walks 1)"
expect "and back" test "$(walks 3)" -eq "$(walks 1)"
expect "a counter reaches a value" test "$(walks 4)" -ge 60
mv "$work/xen.step" "$work/counted.json"
refuses "an unknown counter" "next counter nonsense" 'there is no counter of the name nonsense'
refuses "a counter without a name" "next counter" 'there is no counter of the name'
refuses "a value of what has none" "next syscall write 3" 'no value of a counter: 3'
# Watches and conditions: where they stop, and that nothing is counted otherwise.
cat >"$work/script" <<'END'
to dom0_build
watch flush_clock 8 reads
run
unwatch flush_clock
break hypercall_entry domain 0 if eax is 1
run
registers
clear hypercall_entry
break hypercall_entry domain 77
break hypercall_entry if eax is 0xffff
within 4000000 run
clear hypercall_entry
break hypercall_entry domain 0 if eax > 0x10
run
registers
clear hypercall_entry
break hypercall_entry if eax < 2
run
registers
clear hypercall_entry
break hypercall_entry if eax > 0xfffe
within 4000000 run
clear hypercall_entry
run
END
stepped xen
says "a watch stops behind an access" '^watch: [0-9a-f]{8} was (read|written), now at '
says "a breakpoint with a condition" '^breakpoint at hypercall_entry, ring 0, domain 0$'
says "its register holds what it names" '^eax +00000001'
expect "those whose conditions never hold" test "$(grep -c '^not yet: ' "$work/out")" -eq 2
# eax_of N: that register, as the Nth view of the registers has it.
eax_of() {
    grep -o '^eax *[0-9a-f]*' "$work/out" | sed -n "$1s/^eax */0x/p"
}
expect "one above a value" test $(($(eax_of 2))) -gt 16
expect "one below a value" test $(($(eax_of 3))) -lt 2
mv "$work/xen.step" "$work/watched.json"
echo run >"$work/script"
stepped xen
for result in "$work/watched.json" "$work/counted.json" "$work/xen.step"; do
    jq 'del(.configuration.command_line)' "$result" >"$result.plain"
done
expect "nothing is counted otherwise" cmp "$work/watched.json.plain" "$work/xen.step.plain"
expect "nor by looking at a counter" cmp "$work/counted.json.plain" "$work/xen.step.plain"
refuses "a watch of nothing" 'watch 0x1000 0' 'no room for a watch'
refuses "a condition of no kind" 'break 0x1000 if eax near 1' 'a register is, isnt, < or > a value: near'
refuses "a condition on no register" 'break 0x1000 if rip is 1' 'no such register: rip'
verdict
