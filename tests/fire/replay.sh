#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# replay.sh NAME...: feeds every file of tests/fire/corpus/NAME to harness NAME, built with the
# address and undefined behaviour sanitizers. Needs B, the build folder.
set -u
B=${B:-build}
failed=0 files=0
for name; do
    [ -d "tests/fire/corpus/$name" ] || { echo "FAIL $name: no corpus"; failed=$((failed + 1)); continue; }
    set -- tests/fire/corpus/"$name"/*
    files=$((files + $#))
    if ASAN_OPTIONS=detect_leaks=1 "$B/tests/fire/replay-$name" "$@" >"$B/tests/fire/$name.log" 2>&1; then
        echo "PASS $name: $# files"
    else
        echo "FAIL $name: $(grep -aE 'ERROR|runtime error|broken promise' "$B/tests/fire/$name.log" | head -n 1)"
        failed=$((failed + 1))
    fi
done
echo "$files files replayed, $failed harnesses failed"
[ "$failed" -eq 0 ] && [ "$files" -gt 0 ]
