#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# gdb.sh: gdb attaches to hypervisor, kernel and program; stops change nothing; whatever else comes
# to the port, or leaves it, gets one sentence.
set -u
. tests/system/verdict.sh

xen="$B/hv/hv.elf dom0_mem=64M --module $B/guestos/kernel-xen.elf"
boot="init=/sbin/init -- xl list ; sleep 1"

# start WORD...: a machine that waits for gdb; its port is in $port.
start() {
    : >"$work/err"
    timeout 300 "$xenolith" step $xen "$boot" --module "$B/workloads/domain0.cpio" "" --cpus 2 \
        --gdb 0 "$@" >"$work/console" 2>"$work/err" &
    machine=$!
    await_port
}
await_port() {
    port=
    for try in $(seq 100); do
        port=$(sed -n 's/^xenolith: waiting for gdb: target remote 127\.0\.0\.1:\([0-9]*\)$/\1/p' "$work/err")
        [ -n "$port" ] && return
        sleep 0.1
    done
}

# debug COMMAND...: gdb obeys these; what it says is in $work/gdb.
debug() {
    {
        printf '%s\n' 'set pagination off' 'set confirm off' 'set architecture i386' \
            "file $B/hv/hv.elf" "add-symbol-file $B/guestos/kernel-xen.elf" \
            "target remote 127.0.0.1:$port"
        printf '%s\n' "$@"
    } >"$work/commands"
    timeout 120 gdb -nx -batch -x "$work/commands" >"$work/gdb" 2>&1
}
says() {
    expect "$1" grep -Eq -- "$2" "$work/gdb"
}

mkdir -p "$work/root/bin" "$work/root/dev"
cp "$B/tests/callers" "$work/root/bin"
(cd "$work/root" && find . | cpio -o -H newc --quiet) >"$work/callers.cpio"

start --json "$work/gdb.json"
debug 'info threads' 'watch frame_table_size' 'continue' 'delete' 'break do_mmu_update' 'continue' 'backtrace' 'info registers ring domain cycle' \
    'delete' 'stepi' 'break sys_write' 'continue' 'backtrace' 'p $ring' 'monitor where' \
    'monitor walk 0xc0100000' 'monitor dance' 'p/x $cr0' 'x/2xb 0xd0000000'
wait $machine
expect "the run ends as it should" test $? -eq 0
says "a processor is a thread" '^  2 +Thread 2 \(processor 1, ring 0, boot\)'
says "a watchpoint" 'Thread 1 hit Hardware watchpoint 1: frame_table_size'
says "a breakpoint in the hypervisor" 'Thread 1 hit Breakpoint 2, do_mmu_update'
says "its callers" '^#1 .* in call .* at hv/core/hypercall\.c:'
says "registers of ours" '^domain +0x0 '
says "one in the kernel" 'Thread 1 hit Breakpoint 3, (0x[0-9a-f]+ in )?sys_write'
says "in ring 1" '^\$1 = 1$'
says "views by monitor" '^instruction [0-9]+, cycle [0-9]+, processor 0, ring 1, domain 0, sys_write'
says "a page walk" '^  L1 at [0-9a-f]+: .*, writable, supervisor'
says "words for monitor that are none" '^domain N: breakpoints stop in domain N'
says "memory that is not there" 'Cannot access memory at address 0x'
says "control registers" '^\$2 = 0x8[0-9a-f]{7}$'
"$xenolith" boot $xen "$boot" --module "$B/workloads/domain0.cpio" "" --cpus 2 \
    --json "$work/boot.json" >"$work/console" 2>&1
for kind in gdb boot; do
    jq 'del(.command, .configuration.command_line)' "$work/$kind.json" >"$work/$kind.counts"
done
expect "stops change no count" cmp "$work/gdb.counts" "$work/boot.counts"

# A program by its own symbols, in a domain of its own; registers and memory are written.
: >"$work/err" # an old port is none of this machine
timeout 300 "$xenolith" step $xen "init=/bin/callers" --module "$work/callers.cpio" "" --gdb 0 \
    >"$work/console" 2>"$work/err" &
machine=$!
await_port
debug "add-symbol-file $B/tests/callers" 'break leaf' 'continue' 'backtrace' 'p $ring' 'p value' \
    'set $eax = 5' 'p $eax' 'p/x *(int *)$sp' 'set *(int *)($sp - 64) = 77' 'p *(int *)($sp - 64)' 'delete' \
    'finish' 'kill'
wait $machine
says "a breakpoint in a program" 'Breakpoint 1, leaf .*at tests/system/callers\.c:'
says "its callers there" '^#1 .* in middle '
says "in ring 3" '^\$1 = 3$'
says "its variables" '^\$2 = 1$'
says "registers are written" '^\$3 = 5$'
says "and memory" '^\$5 = 77$'
says "a function is finished" '^Value returned is '

# An interrupt, and a gdb that goes away.
start --json "$work/cut.json"
cat >"$work/talk.py" <<'END'
import socket, sys, time
def connect(): return socket.create_connection(('127.0.0.1', int(sys.argv[1])))
def packet(body): return b'$' + body + b'#%02x' % (sum(body) & 255)
def answer(s):
    got = b''
    while got.count(b'#') < 1 or len(got) < got.index(b'#') + 3: got += s.recv(4096)
    return got
if sys.argv[2] == 'garbage':
    s = connect(); s.sendall(bytes(range(4, 256)).replace(b'$', b'') * 40)
    s.settimeout(10)
    try: print('closed' if s.recv(10) == b'' else 'answered')
    except ConnectionError: print('closed')
elif sys.argv[2] == 'nobody':
    connect().close(); print('closed')
elif sys.argv[2] == 'interrupt':
    s = connect(); s.sendall(packet(b'vCont;c')); time.sleep(0.5); s.sendall(b'\x03')
    print(answer(s).decode().lstrip('+')); s.sendall(packet(b'zz')); answer(s); s.close()
elif sys.argv[2] == 'nonsense':
    s = connect()
    for body in (b'', b'm', b'mffffffffffffffffff,4', b'm0,ffffffffffff', b'M0,4:zz', b'P99=0', b'P8', b'Z0', b'Z9,0,0',
                 b'vCont;', b'vCont;s:99', b'vCont;q', b'Hg99', b'qXfer:features:read:target.xml:9,', b'qRcmd,zz',
                 b'qThreadExtraInfo,', b'X0,5:ab', b'\x00', b'T', b'p', b'pffff', b'!'):
        s.sendall(packet(body)); answer(s)
    s.sendall(b'$m0,4#00'); assert b'-' in s.recv(10)
    s.sendall(b'$' + b'm' * 40000 + b'#00'); assert b'-' in s.recv(10)
    s.sendall(packet(b'qC')); print(answer(s).decode().lstrip('+'))
    s.sendall(packet(b'k')); s.close()
END
talk() { timeout 60 python3 "$work/talk.py" $port "$1" >"$work/talk" 2>&1; }
talk garbage
expect "garbage is turned away" grep -qx closed "$work/talk"
talk nobody
talk interrupt
expect "an interrupt stops" grep -q '^\$T02thread:[12];#' "$work/talk"
wait $machine
expect "a lost connection fails the run" test $? -eq 1
expect "with one sentence each" sh -c "grep -c '^xenolith: what connected was not gdb; waiting for another\$' $work/err | grep -qx 2 &&
    grep -qx 'xenolith: the connection to gdb was lost; the run ends here' $work/err"
expect "and a result" jq -e '.clock.cycles[0] > 0' "$work/cut.json"
start
talk nonsense
expect "nonsense is answered" grep -q '^\$QC1#' "$work/talk"
wait $machine
expect "and killing is an end" test $? -eq 0

# refuses NAME PATTERN WORD...
refuses() {
    name=$1
    pattern=$2
    shift 2
    timeout 60 "$xenolith" step $xen "$@" >"$work/out" 2>"$work/err"
    if [ $? -eq 2 ] && grep -Eq -e "$pattern" "$work/err" && [ "$(wc -l <"$work/err")" -eq 1 ]; then
        pass "$name"
    else
        fail "$name" "$(head -n 2 "$work/err" | tr '\n' ' ')"
    fi
}
refuses "no port" '--gdb x: must be a port' --gdb x
refuses "no address" '--gdb a.b:1: must be a port' --gdb a.b:1
refuses "a port that is taken" 'cannot wait for gdb on' --gdb 192.0.2.1:1
refuses "a script and gdb" 'a --script and --gdb: who is to step' --gdb 0 --script "$work/talk.py"
verdict
