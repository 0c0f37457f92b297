#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# fuzz-files.sh SECONDS NAME...: lets libFuzzer look for new findings in each harness for so long,
# from the corpus and from files that the build made. Findings stay in $B/tests/fire/found/NAME and
# fail the command; `make test` replays them once they lie in tests/fire/corpus/NAME. Needs B.
set -u
B=${B:-build}
seconds=$1
shift
failed=0

# seed NAME: starting points beyond the corpus, made of what the build has.
seed() {
    case $1 in
    loader) cp "$B"/tests/bench/switch.elf "$2" ;;
    kernel_image) cp "$B"/tests/guest/boot-string.elf "$B"/tests/guest/boot-inline.elf "$2" ;;
    kernel_file)
        seq 300 >"$2/plain"
        for program in gzip xz lzma bzip2 zstd 'lz4 -l'; do
            $program -c <"$2/plain" >"$2/${program%% *}"
        done ;;
    guest_elf) cp "$B"/workloads/bin/init "$2" ;;
    machine) cp machines/*.ini "$2" ;;
    experiment) cp experiments/*.ini "$2" ;;
    xl_config) cp workloads/etc/*.cfg "$2" ;;
    cpio) printf 'sbin/init\n' | (cd "$2" && mkdir -p sbin && echo hello >sbin/init &&
        cpio -o -H newc --quiet >seed.cpio && rm -r sbin) ;;
    ext2)
        mkdir "$2/tree" && mkdir "$2/tree/a" && echo hello >"$2/tree/a/b" && ln -s b "$2/tree/a/c"
        PATH=$PATH:/sbin:/usr/sbin mke2fs -q -F -t ext2 -b 1024 -N 16 -d "$2/tree" "$2/seed.img" 64k
        PATH=$PATH:/sbin:/usr/sbin mke2fs -q -F -t ext4 -O ^has_journal -b 1024 -N 16 "$2/refused.img" 64k
        rm -r "$2/tree" ;;
    esac
}

for name; do
    work=$B/tests/fire/work/$name found=$B/tests/fire/found/$name
    mkdir -p "$work" "$found" "$work.seed"
    seed "$name" "$work.seed" >/dev/null 2>&1
    log=$B/tests/fire/fuzz-$name.log
    if "$B/tests/fire/fuzz-$name" -max_total_time="$seconds" -timeout=60 -close_fd_mask=3 -rss_limit_mb=2048 -max_len=131072 \
        -print_final_stats=1 -artifact_prefix="$found/" "$work" "tests/fire/corpus/$name" "$work.seed" \
        >"$log" 2>&1; then
        echo "PASS $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, no finding"
    else
        echo "FAIL $name: $(grep -aE 'ERROR|runtime error' "$log" | head -n 1)"
        failed=$((failed + 1))
    fi
done
[ "$failed" -eq 0 ]
