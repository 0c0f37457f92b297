# SPDX-License-Identifier: GPL-2.0-only
# verdict.sh - sourced by the whole-machine tests: PASS and FAIL lines, a count, a scratch folder
#
# A test sources this file, calls pass or fail for each case, and ends with verdict. B is the build
# folder, as in the Makefile. Awk and sort follow the locale, so it is one for all.
export LC_ALL=C.UTF-8

B=${B:-build}
xenolith=$B/xenolith
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

pass() {
    passed=$((passed + 1))
    echo "PASS $1"
}

# fail NAME REASON
fail() {
    failed=$((failed + 1))
    echo "FAIL $1: $2"
}

# expect NAME COMMAND...: the command must succeed; its last lines are the reason if it does not.
expect() {
    name=$1
    shift
    if "$@" >"$work/expect" 2>&1; then
        pass "$name"
    else
        fail "$name" "$(tail -n 3 "$work/expect" | tr '\n' ' ')"
    fi
}

verdict() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
