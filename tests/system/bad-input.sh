#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# bad-input.sh: what a user may get wrong gives one sentence, exit status 2 and no output file.
# Output that is lost gives one sentence and a status that is not 0.
set -u
. tests/system/verdict.sh

hv=$B/hv/hv.elf
kernel=$B/guestos/kernel-xen.elf
root=$B/workloads/domain0.cpio

# refused NAME COMMAND...: the command writes to $work/out.json if it wrongly goes on.
refused() {
    name=$1
    shift
    rm -f "$work/out.json"
    timeout 60 "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
    status=$?
    lines=$(wc -l <"$work/stderr")
    if [ "$status" -ne 2 ]; then
        fail "$name" "exit status $status: $(head -n 2 "$work/stderr")"
    elif [ "$lines" -ne 1 ] || [ -s "$work/stdout" ]; then
        fail "$name" "$lines lines: $(head -n 3 "$work/stderr")"
    elif [ -e "$work/out.json" ]; then
        fail "$name" "left an output file"
    else
        pass "$name: $(cat "$work/stderr")"
    fi
}

run() {
    refused "$1" "$xenolith" run --system xen --domains "${domains-1}" --for 1ms --json "$work/out.json" \
        $2
}

echo "this is text" >"$work/text"
printf '\177ELF' >"$work/elf-head"
head -c 3000 "$kernel" >"$work/truncated-kernel"
head -c 5000 "$hv" >"$work/truncated-hv"
head -c 40000 "$root" >"$work/truncated-root"
mkdir "$work/folder"

refused "boot: no such file" "$xenolith" boot "$work/absent"
refused "boot: not ELF" "$xenolith" boot "$work/text"
refused "boot: ELF cut short in its header" "$xenolith" boot "$work/elf-head"
refused "boot: not Multiboot" "$xenolith" boot "$kernel"
refused "boot: truncated image" "$xenolith" boot "$work/truncated-hv"
refused "boot: absent module" "$xenolith" boot "$hv" --module "$work/absent"
refused "boot: a folder" "$xenolith" boot "$work/folder"
refused "boot: no image named" "$xenolith" boot
refused "boot: modules beyond memory" "$xenolith" boot "$hv" --mem 4M --module "$root" \
    --module "$root" --module "$root" --module "$root" --module "$root" --module "$root"
refused "boot: unknown timing" "$xenolith" boot "$hv" --timing slow
refused "boot: nine processors" "$xenolith" boot "$hv" --cpus 9
refused "boot: unknown option" "$xenolith" boot "$hv" --bogus
refused "boot: unwritable output" "$xenolith" boot "$hv" --json "$work/absent/out.json"
refused "boot: unwritable table" "$xenolith" boot "$hv" --json "$work/out.json" --csv "$work/absent/out.csv"
refused "boot: two results in one file" "$xenolith" boot "$hv" --json "$work/out.json" --csv "$work/../${work##*/}/out.json"
refused "boot: unknown parameter" "$xenolith" boot "$hv" --set cache.l9.size=1
refused "boot: parameter out of range" "$xenolith" boot "$hv" --set cost.cr3_load=-1
refused "boot: unknown machine" "$xenolith" boot "$hv" --machine pdp-11
refused "boot: a day that there is not" "$xenolith" boot "$hv" --date 2003-02-30
refused "boot: a year that the clock cannot hold" "$xenolith" boot "$hv" --date 9999999-01-01
refused "unknown command" "$xenolith" fly

# A kernel's beginning and 32 MB of zeros, some hundred kB long, for 8 MB: refused within little
# memory.
confined="prlimit --as=67108864"
case $B in *asan) confined= ;; esac # which has its own memory beside
for packer in gzip xz 'xz --format=lzma' bzip2 'zstd -q' 'lz4 -l -q'; do
    { cat "$hv"; head -c 32M /dev/zero; } | $packer -c >"$work/bomb"
    refused "boot: a bomb by $packer" $confined "$xenolith" boot "$work/bomb" --mem 8M
    { cat "$kernel"; head -c 32M /dev/zero; } | $packer -c >"$work/bomb"
    refused "boot: a module that is a bomb by $packer" $confined "$xenolith" boot "$hv" --module "$work/bomb" --mem 8M
    refused "guest: a bomb by $packer" $confined "$xenolith" guest "$work/bomb" --memory 8M
    grep -q 'expands to more than fits into the memory$' "$work/stderr" || fail "its sentence" "another one"
done
# What holds no kernel is expanded no further, however much memory there is.
head -c 128M /dev/zero | gzip -c >"$work/bomb"
refused "boot: a bomb without a kernel" $confined "$xenolith" boot "$work/bomb"
refused "guest: a bomb without a kernel" $confined "$xenolith" guest "$work/bomb"

run "run: kernel is not ELF" "--kernel $work/text"
run "run: kernel without Xen notes" "--kernel $B/guestos/kernel-native.elf"
run "run: truncated kernel" "--kernel $work/truncated-kernel"
run "run: hypervisor is not Multiboot" "--hv $kernel"
run "run: truncated root image" "--ramdisk $work/truncated-root"
run "run: slice of zero" "--slice 0ms"
run "run: negative slice" "--slice -5ms"
run "run: slice without unit" "--slice 5"
run "run: unknown workload" "--workload doom"
run "run: window of zero" "--for 0ms"
run "run: unknown system" "--system vmware"
domains=0 run "run: no domains" ""
domains=-3 run "run: fewer than no domains" ""
domains=512 run "run: more domains than the hypervisor holds" ""
grep -q 'from 1 to 511' "$work/stderr" && pass "it says how many" || fail "it says how many" "$(cat "$work/stderr")"
domains=511 run "run: more domains than memory holds" "--mem 1G"
domains=4 run "run: domains larger than memory" "--memory 1G"
refused "run: output in an absent folder" "$xenolith" run --domains 1 --for 1ms --json "$work/absent/out.json"
refused "run: output is a folder" "$xenolith" run --domains 1 --for 1ms --json "$work/folder"
refused "lab: absent description" "$xenolith" lab "$work/absent.ini"
refused "lab: not a description" "$xenolith" lab "$work/text"
refused "explain: absent file" "$xenolith" explain "$work/absent.json"
refused "explain: not a result" "$xenolith" explain "$work/text"

# lost NAME STATUS COMMAND...: output that cannot be written gives one sentence and this status.
lost() {
    name=$1 wanted=$2
    shift 2
    "$@" >/dev/full 2>"$work/stderr" </dev/null
    status=$?
    if [ "$status" -eq "$wanted" ] && grep -q '^xenolith: cannot write all of the output' "$work/stderr"; then
        pass "$name"
    else
        fail "$name" "exit status $status: $(tail -n 1 "$work/stderr")"
    fi
}

lost "help on a full disk" 1 "$xenolith" help counters
lost "boot on a full disk" 1 "$xenolith" boot "$B/guestos/kernel-native.elf" --for 60ms
"$xenolith" run --system native --domains 1 --for 1ms --json "$work/result.json" >"$work/stdout" 2>&1
lost "explain on a full disk" 1 "$xenolith" explain "$work/result.json"

verdict
