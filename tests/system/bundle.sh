#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# bundle.sh: a result with all that it came from in one archive, and run again to the same bytes;
# what is refused; and several results side by side (explain).
set -u
. tests/system/verdict.sh
start=$(pwd)
mkdir "$work/here"
cd "$work/here" || exit 1
xenolith="$start/$B/xenolith"
cat >p.c <<'END'
int main(void) { volatile int sum = 0; for (int i = 0; i < 100000; i++) sum += i; return 0; }
END
gcc -m32 -static -O1 -o p p.c || exit 1
mkdir files && echo text >files/it
run() {
    timeout 300 "$xenolith" run --timing fast --program ./p --files files "$@" >out 2>err
}
for system in xen native; do
    expect "$system: runs" run --system $system --domains 2 --json $system.json
    expect "$system: is packed" "$xenolith" bundle $system.json $system.tar.gz
    mkdir -p $system.elsewhere
    cp $system.tar.gz $system.elsewhere/
    (cd $system.elsewhere && "$xenolith" replay $system.tar.gz >said 2>err) && grep -q 'the same bytes' $system.elsewhere/said &&
        pass "$system: runs again elsewhere" || fail "$system: runs again elsewhere" "$(cat $system.elsewhere/said $system.elsewhere/err)"
done
"$xenolith" bundle native.json again.tar.gz 2>err
cmp -s native.tar.gz again.tar.gz && pass "the same archive twice" || fail "the same archive twice" "$(cat err)"

# repacked COMMAND: an archive whose files the command has changed.
repacked() {
    rm -rf open && mkdir open && tar -xzf native.tar.gz -C open && sh -c "$1" && tar -czf changed.tar.gz -C open .
}
repacked "sed -i 's/\"cycles_issue\": \\[[0-9]*/&1/' open/result.json"
"$xenolith" replay changed.tar.gz >out 2>err
[ $? -eq 1 ] && grep -q 'cycles_issue\|issue' out && pass "a changed number is seen" || fail "a changed number is seen" "$(cat out err)"

# refused NAME SENTENCE ARGUMENT...
refused() {
    name=$1 sentence=$2
    shift 2
    "$xenolith" "$@" >out 2>err
    status=$?
    if [ $status -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "$sentence" err; then
        pass "refused: $name"
    else
        fail "refused: $name" "status $status: $(cat out err)"
    fi
}
refused "an archive that is there" "is there already" bundle native.json native.tar.gz
refused "no result" "is not" bundle p.c x.tar.gz
refused "one word" "needs a result" bundle native.json
refused "no archive" "is not an archive" replay p.c
refused "an absent archive" "cannot read" replay absent.tar.gz
jq '.configuration.command_line += ["--disk=/etc/passwd"]' native.json >absolute.json
refused "a path from the root" "outside of where it ran" bundle absolute.json x.tar.gz
jq '.configuration.command_line += ["--files=files/../../x"]' native.json >up.json
refused "a path upwards" "outside of where it ran" bundle up.json x.tar.gz
repacked "cp absolute.json open/result.json"
refused "an archive that names what is outside" "outside of where it ran" replay changed.tar.gz
jq '.configuration.command_line[0] = "lab"' native.json >lab.json
refused "another command" "is not a result of run" bundle lab.json x.tar.gz
jq '.work.units = 7' native.json >other.json
refused "a result that it does not give" "differs from it" bundle other.json x.tar.gz
[ ! -e x.tar.gz ] && pass "nothing was made" || fail "nothing was made" ""
ls -d /tmp/xenolith-bundle-* >/dev/null 2>&1 && fail "nothing is left" "$(ls -d /tmp/xenolith-bundle-*)" || pass "nothing is left"

# ---- explain ----
"$xenolith" explain xen.json native.json --top 0 >out 2>err
[ $? -eq 0 ] && grep -q '^domain 1, ring 3: issue ' out && pass "side by side" || fail "side by side" "$(cat err)"
for command in "explain xen.json" "explain xen.json --by hypercall" "explain xen.json native.json"; do
    [ "$("$xenolith" $command | wc -L)" -le 80 ] && pass "$command: 80 columns" || fail "$command: 80 columns" "$("$xenolith" $command | wc -L)"
done
cycles=$(jq '[.events | to_entries[] | select((.key | startswith("cycles_")) and .value) | .value | add] | add' xen.json)
[ "$("$xenolith" explain xen.json --format csv --top 0 | tail -n +2 | sed 's/.*",//' | paste -sd+ | bc)" = "$cycles" ] &&
    pass "rows make all cycles" || fail "rows make all cycles" "$cycles"
expect "JSON is JSON" sh -c "'$xenolith' explain xen.json native.json --format json | jq -e '.rows | length > 5'"
[ "$("$xenolith" explain xen.json --format markdown --top 3 --sort name | wc -l)" = 5 ] && pass "three rows" || fail "three rows" ""
jq '.contexts[0].name = "\u001b[2Jx\u009b"' xen.json >steers.json
"$xenolith" explain steers.json >out; "$xenolith" explain steers.json xen.json >>out
LC_ALL=C grep -q "$(printf '\033')\|$(printf '\302\233')" out && fail "no control bytes" "" || pass "no control bytes"
refused "explain: a form" "must be text" explain xen.json --format pdf
refused "explain: an order" "must be cycles or name" explain xen.json --sort size
refused "explain: five files as text" "fit side by side" explain xen.json xen.json xen.json xen.json xen.json
refused "explain: no result among several" "p.c" explain xen.json p.c
verdict
