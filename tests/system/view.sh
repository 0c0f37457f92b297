#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# view.sh: the window and the terminal of a stepped machine: real keys and clicks on a virtual
# screen, in a virtual terminal, and pictures without either; what is counted stays the same.
set -u
. tests/system/verdict.sh

set -- "$B/guestos/kernel-native.elf" "init=/sbin/init -- repeat 2 /bin/cint --start 0 ; wait" \
    --module "$B/workloads/native.cpio" "" --timing full --mem 64M
here=$PWD

# ---- pictures ------------------------------------------------------------------------------------
SDL_VIDEODRIVER=none expect "a picture without a display" timeout 120 "$xenolith" view "$@" --screenshot "$work/dark.png" --at 60ms
expect "light" timeout 120 "$xenolith" view "$@" --light --screenshot "$work/light.png" --at 60ms
expect "dark again" timeout 120 "$xenolith" view "$@" --screenshot "$work/again.png" --at 60ms
expect "the same picture" cmp "$work/dark.png" "$work/again.png"
printf 'next syscall\nregisters\ncrossing\n' >"$work/script"
expect "where a script leads" timeout 120 "$xenolith" view "$@" --script "$work/script" --screenshot "$work/script.png"
expect "another picture" sh -c '! cmp -s "$1" "$2"' sh "$work/dark.png" "$work/script.png"
# The colours of ring 0 and of ring 3 are where the program has run, on either ground.
colours() {
    python3 - "$1" <<'END'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n"
at, packed = 8, b""
while at < len(data):
    length, kind = struct.unpack(">I4s", data[at:at + 8])
    body = data[at + 8:at + 8 + length]
    if kind == b"IHDR":
        width, height, depth, colour = struct.unpack(">IIBB", body[:10])
    if kind == b"IDAT":
        packed += body
    at += 12 + length
assert depth == 8 and colour in (2, 6)
pixel = 3 if colour == 2 else 4
raw, stride = zlib.decompress(packed), width * pixel
line, seen = bytearray(stride), {}
for y in range(height):
    kind, new = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
    for i in range(stride):
        a = new[i - pixel] if i >= pixel else 0
        b, c = line[i], line[i - pixel] if i >= pixel else 0
        p = a + b - c
        paeth = a if abs(p - a) <= abs(p - b) and abs(p - a) <= abs(p - c) else b if abs(p - b) <= abs(p - c) else c
        new[i] = (new[i] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
    line = new
    for x in range(0, stride, pixel):
        key = bytes(line[x:x + 3]).hex()
        seen[key] = seen.get(key, 0) + 1
print(width, height, *(f"{k}:{v}" for k, v in seen.items() if v > 400))
END
}
colours "$work/dark.png" >"$work/colours"
expect "its size, its ground, rings 0 and 3" grep -Eq '^1360 860 .*121418:.*' "$work/colours"
expect "ring 3 has run" grep -q ' 00b282:' "$work/colours"
expect "ring 0 has run" grep -q ' e69f00:' "$work/colours"
colours "$work/light.png" >"$work/colours"
expect "the light ones" grep -Eq ' f4f5f7:.* 008a64:| 008a64:.* f4f5f7:' "$work/colours"

# refuses NAME STATUS PATTERN WORD...
refuses() {
    name=$1 status=$2 pattern=$3
    shift 3
    timeout 120 "$xenolith" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ $got -eq "$status" ] && grep -Eq "$pattern" "$work/err"; then
        pass "$name"
    else
        fail "$name" "$got: $(tail -n 1 "$work/err")"
    fi
}
echo nonsense >"$work/script"
refuses "a script that means nothing" 2 'no command nonsense' view "$@" --script "$work/script" --screenshot "$work/x.png"
refuses "a picture at no time" 2 'screenshot and --at go together' view "$@" --screenshot "$work/x.png"
refuses "a picture nowhere" 2 'cannot write .*/none/x.png' view "$@" --screenshot "$work/none/x.png" --at 1ms
refuses "a picture on a full disk" 2 'cannot write /dev/full' view "$@" --screenshot /dev/full --at 1ms
DISPLAY= WAYLAND_DISPLAY= refuses "a window without a display" 2 'there can be no window' view "$@"
refuses "a terminal that is none" 2 'step needs a terminal, a --script, or --gdb' step "$@"

# ---- the window ----------------------------------------------------------------------------------
# What a script counts that goes where the window will go.
cat >"$work/script" <<'END'
to time 60ms
next syscall
END
timeout 120 "$xenolith" step "$@" --script "$work/script" --json "$work/script.json" >/dev/null 2>&1
plain() {
    jq 'del(.configuration.command_line, .command)' "$1" >"$1.plain"
}
plain "$work/script.json"

Xvfb -displayfd 3 -screen 0 1400x900x24 3>"$work/display" >"$work/xvfb" 2>&1 &
screen=$!
# until SECONDS COMMAND...
until_it() {
    tries=$(($1 * 5))
    shift
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.2
    done
}
until_it 30 test -s "$work/display"
DISPLAY=:$(cat "$work/display")
export DISPLAY
timeout 240 "$xenolith" view "$@" --json "$work/window.json" >"$work/out" 2>"$work/err" &
viewer=$!
until_it 30 xdotool search --name '^Xenolith$'
expect "a window opens" sh -c 'xdotool search --name "^Xenolith$" || { cat "$1"; exit 1; }' sh "$work/err"
window=$(xdotool search --name '^Xenolith$' | head -n 1)
xdotool windowfocus --sync "$window"
xdotool type --delay 40 ':to time 60ms'
xdotool key Return
sleep 4
xdotool type y
sleep 1
xdotool type C
sleep 1
xdotool type y
# A wheel, a drag and a click on the lanes; light and dark; the tabs; then end.
xdotool mousemove 400 260 click 4 click 4 click 5
xdotool mousedown 1 mousemove_relative 60 0 mouseup 1
xdotool type l
xdotool type 45231
xdotool windowsize "$window" 900 600
sleep 1
xdotool type q
wait $viewer
status=$?
if [ $status -eq 0 ]; then pass "it ends by its key"; else fail "it ends by its key" "$status: $(tail -n 1 "$work/err")"; fi
plain "$work/window.json"
expect "keys, back and forth, counted as the script" cmp "$work/script.json.plain" "$work/window.json.plain"

timeout 240 "$xenolith" view "$@" >"$work/out" 2>"$work/err" &
viewer=$!
until_it 30 xdotool search --name '^Xenolith$'
xdotool search --name '^Xenolith$' windowkill
wait $viewer
sleep 1
expect "a window that is killed leaves no process" sh -c "! pgrep -f -- 'xenolith(-view)? .*$work'"
kill $screen
wait $screen 2>/dev/null

# ---- the terminal --------------------------------------------------------------------------------
export TMUX_TMPDIR="$work"
unset TMUX
tmux -f /dev/null new-session -d -s step -x 80 -y 24 "cd '$here'; sh"
keys() {
    tmux send-keys -t step "$@"
}
shows() {
    tmux capture-pane -t step -p | grep -Eq -- "$1"
}
line="$xenolith step $B/guestos/kernel-native.elf 'init=/sbin/init -- repeat 2 /bin/cint --start 0 ; wait' --module $B/workloads/native.cpio '' --timing full --mem 64M --json $work/terminal.json; echo ended \$?; stty -a >$work/after"
keys "stty -a >$work/before; $line" Enter
expect "a terminal shows the machine" until_it 30 shows 'ring 0: the hypervisor'
keys : 'to time 60ms' Enter
expect "it runs to a time" until_it 60 shows 'every clock has reached'
keys y
expect "to a system call" until_it 30 shows 'ring 3 to ring 0: system call'
keys 4
expect "a pane by its number" until_it 10 shows '^. domains '
keys '?'
expect "help" until_it 10 shows 'CAPITALS|to the last one'
keys x
keys :
keys nonsense Enter
expect "what means nothing is said" until_it 10 shows 'there is no command nonsense'
tmux resize-window -t step -x 150 -y 40
expect "a wider terminal has the pane beside" until_it 10 shows '^eax .* domains '
tmux resize-window -t step -x 40 -y 10
expect "one that is too small says so" until_it 10 shows 'too small'
tmux resize-window -t step -x 80 -y 24
keys q
expect "it ends by its key, the terminal restored" until_it 30 shows '^ended 0'
until_it 5 test -s "$work/after"
tmux kill-server
grep -v '^speed' "$work/before" >"$work/before.cut"
grep -v '^speed' "$work/after" >"$work/after.cut"
expect "the terminal is as it was" cmp "$work/before.cut" "$work/after.cut"
plain "$work/terminal.json"
expect "counted as the script" cmp "$work/script.json.plain" "$work/terminal.json.plain"
verdict
