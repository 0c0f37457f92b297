#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh: kernels as ordinary domains by `xenolith guest`: what comes out, what goes in, how it
# ends.
set -u
. tests/system/verdict.sh

# guest NAME STATUS LINE ARGUMENT...: the command ends with the status; its last line is LINE, and
# (LINE apart from "*") nothing else comes out.
guest() {
    name=$1 status=$2 line=$3
    shift 3
    timeout 120 "$xenolith" guest "$@" >"$work/out" 2>"$work/err" <"${input:-/dev/null}"
    got=$?
    last=$(tail -n 1 "$work/out")
    if [ $got -ne "$status" ]; then
        fail "$name" "exit status $got instead of $status: $(tail -n 1 "$work/err")"
    elif [ "$line" != "*" ] && [ "$last" != "$line" ]; then
        fail "$name" "it says '$last' instead of '$line'"
    else
        pass "$name"
    fi
}

# says NAME TEXT: standard output is exactly the text.
says() {
    printf "$2" >"$work/wanted"
    if cmp -s "$work/wanted" "$work/out"; then
        pass "$1"
    else
        fail "$1" "$(tail -n 3 "$work/out" | tr '\n' '|')"
    fi
}

# complains NAME PATTERN: one sentence on standard error.
complains() {
    if [ "$(grep -Ec "$2" "$work/err")" -eq 1 ]; then
        pass "$1"
    else
        fail "$1" "it says: $(tail -n 2 "$work/err" | tr '\n' '|')"
    fi
}

kernel=$B/guestos/kernel-xen.elf
tests=$B/tests/guest
cint="quiet init=/bin/cint -- four --rounds 1"

guest "a kernel with notes" 0 "PASS start-info" "$tests/start-info.elf"
says "only its own text" "PASS start-info\n"
guest "a kernel with a __xen_guest section" 0 "PASS boot-string" "$tests/boot-string.elf"
guest "a kernel without a hypercall page" 0 "PASS boot-inline" "$tests/boot-inline.elf"
gzip -c "$tests/boot-string.elf" >"$work/kernel.gz"
guest "a compressed kernel" 0 "PASS boot-string" "$work/kernel.gz"
# domain0 NAME PATTERN KERNEL: the kernel as Domain 0; a line of the serial console matches.
domain0() {
    timeout 60 "$xenolith" boot "$B/hv/hv.elf" --module "$3" "" --mem 64M >"$work/out" 2>"$work/err" </dev/null
    if grep -aqE "$2" "$work/out"; then
        pass "$1, as Domain 0"
    else
        fail "$1, as Domain 0" "$(tail -n 1 "$work/out") $(tail -n 1 "$work/err")"
    fi
}

# Older kernels: physical addresses that are virtual ones, and no word about it.
objcopy --change-section-lma '*+0xC0000000' "$tests/boot-string.elf" "$work/kernel"
sed 's/ELF_PADDR_OFFSET=/XLF_PADDR_OFFSET=/' "$work/kernel" >"$work/older"
guest "a kernel whose physical addresses are virtual" 0 "PASS boot-string" "$work/older"
domain0 "a kernel whose physical addresses are virtual" '^PASS boot-string' "$work/older"
sed 's/XEN_VER=xen-3.0/XEN_VER=xen-2.0/' "$tests/boot-string.elf" >"$work/other"
guest "a kernel of another interface" 1 "" "$work/other"
domain0 "a kernel of another interface" "panic: Domain 0's kernel was not made for interface xen-3.0" "$work/other"
sed 's/PAE=yes/PAE=non/' "$tests/boot-string.elf" >"$work/other"
guest "a kernel without PAE" 1 "" "$work/other"
domain0 "a kernel without PAE" "panic: Domain 0's kernel does not use PAE page tables" "$work/other"
sed 's/LOADER=generic/LOADER=special/' "$tests/boot-string.elf" >"$work/other"
guest "a kernel of another loader" 1 "" "$work/other"
domain0 "a kernel of another loader" "panic: Domain 0's kernel is neither for the generic loader nor Linux" "$work/other"
sed 's/HYPERCALL_PAGE=0x100/HYPERCALL_PAGE=99999/' "$tests/boot-string.elf" >"$work/other"
guest "a hypercall page nowhere" 1 "" "$work/other"
domain0 "a hypercall page nowhere" "panic: Domain 0's kernel has a hypercall page outside" "$work/other"
guest "symbols that a text asks for" 0 "PASS boot-symbols-text" "$tests/boot-symbols-text.elf"

# bzimage PAYLOAD: a Linux image on standard output: one sector for real mode, an empty one, then
# the payload.
bzimage() {
    byte() { printf "\\$(printf %03o "$1")"; }
    number() { byte $(($1 & 255)); byte $(($1 >> 8 & 255)); byte $(($1 >> 16 & 255)); byte $(($1 >> 24)); }
    head -c 497 /dev/zero       # 0x1f1: sectors for real mode
    byte 1
    head -c 12 /dev/zero
    printf '\125\252'           # 0x1fe: the boot flag
    printf '\000\000HdrS\010\002' # 0x206: version 2.08
    head -c 64 /dev/zero
    number 16                   # 0x248: payload, from the end of the sectors
    number "$(wc -c <"$1")"
    head -c 448 /dev/zero
    cat "$1"
}
bzimage "$work/kernel.gz" >"$work/bzimage"
guest "a bzImage" 0 "PASS boot-string" "$work/bzimage"
domain0 "text with line ends of its own" '^PASS console-io' "$tests/console-io.elf"
if [ "$(tr -cd '\r' <"$work/out" | wc -c)" -eq "$(wc -l <"$work/out")" ]; then
    pass "each line ends with CR LF"
else
    fail "each line ends with CR LF" "$(tr -cd '\r' <"$work/out" | wc -c) CRs in $(wc -l <"$work/out") lines"
fi
domain0 "a bzImage" '^PASS boot-string' "$work/bzimage"
head -c 3000 "$work/bzimage" >"$work/short"
guest "a bzImage that is cut" 2 "" "$work/short"
complains "is said" ' is damaged$'
printf 'this is not gzip' >"$work/other"
bzimage "$work/other" >"$work/bzimage"
guest "a bzImage of another compression" 2 "" "$work/bzimage"
complains "is said" ' is a bzImage whose kernel is not compressed in a known way$'
guest "text by console_io, long lines too" 0 "PASS console-io" "$tests/console-io.elf"
if [ "$(sed -n 2p "$work/out" | tr -d '\n' | wc -c)" -eq 599 ]; then
    pass "a long line comes out whole"
else
    fail "a long line comes out whole" "$(sed -n 2p "$work/out" | wc -c) characters"
fi
guest "rings of a domain" 0 "PASS console-ring" "$tests/console-ring.elf"
says "a line said both ways comes once" "by the ring\nboth ways\nagain\nPASS console-ring\n"
guest "the store's ring" 0 "PASS store-ring" "$tests/store-ring.elf" --memory 16M

guest "a ramdisk and a command line" 0 "/bin/cint, medium size: 1 rounds, 4 units verified" \
    "$kernel" --ramdisk "$B/workloads/guest.cpio" --extra "$cint"
guest "the same again" 0 "*" "$kernel" --ramdisk "$B/workloads/guest.cpio" --extra "$cint" --json "$work/a.json"
guest "and again" 0 "*" "$kernel" --ramdisk "$B/workloads/guest.cpio" --extra "$cint" --json "$work/b.json"
if cmp -s "$work/a.json" "$work/b.json"; then
    pass "is the same to the last cycle"
else
    fail "is the same to the last cycle" "two results differ"
fi

guest "a crash by itself" 3 "DIES dies-crash: shutdown with reason crash" "$tests/dies-crash.elf"
guest "a crash by the hypervisor" 3 "*" "$tests/dies-bad-stack.elf"
complains "with its reason" '^xenolith: the guest was ended: '
guest "a panic" 3 "*" "$kernel" --extra "init=/nowhere" --memory 8M

printf 'one line\nanother\n' >"$work/typed"
input=$work/typed guest "what is typed" 0 "PASS console-ring" "$tests/console-ring.elf" --extra "echo=2"
says "comes to the ring" "by the ring\nboth ways\nagain\n<one line>\n<another>\nPASS console-ring\n"

guest "a guest that does not end" 1 "*" "$tests/console-ring.elf" --extra "echo=1" --for 200ms
complains "is said" '^xenolith: the guest did not end within 200ms of simulated time$'

guest "no kernel" 2 ""
complains "is said" '^xenolith: guest needs a kernel$'
guest "an absent kernel" 2 "" "$work/nowhere"
complains "is said" '^xenolith: cannot read '
guest "a file that is no kernel" 2 "" "$B/workloads/guest.cpio"
complains "is said" '^xenolith: .*/guest.cpio is not an ELF file$'
head -c 2000 "$work/kernel.gz" >"$work/damaged.gz"
guest "a damaged compressed kernel" 2 "" "$work/damaged.gz"
complains "is said" ' is damaged$'
guest "too little memory" 1 "" "$kernel" --memory 1M
complains "is said" "^xl: domain 'guest' needs more memory than the domain has: 1 MB, and its kernel and ramdisk take 2$"
guest "memory that is none" 2 "" "$kernel" --memory 7
complains "is said" '^xenolith: --memory 7: must be whole megabytes'
guest "too much memory" 2 "" "$kernel" --memory 3G

verdict
