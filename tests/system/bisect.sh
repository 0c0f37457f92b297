#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# bisect.sh: `xenolith bisect` names the commit that moved a benchmark. The repository holds a
# machine description; one of its commits, drawn by a printed seed, makes loads of CR3 dearer.
# Another cannot be measured. (make test-lab does the same with slowed hypervisors.)
set -u
. tests/system/verdict.sh
seed=${SEED:-7}
here=$(pwd)
repo=$work/repo
commit() {
    git -C "$repo" add -A
    git -C "$repo" -c user.name=tester -c user.email=tester@example.org commit -q -m "$1"
}

mkdir "$repo"
git -C "$repo" init -q -b main
cp machines/xeon-2400.ini "$repo/machine.ini"
commit "a machine"
git -C "$repo" tag good
slow=$((2 + seed % 8))
for i in 1 2 3 4 5 6 7 8 9 10; do
    echo "$i" >"$repo/notes"
    [ $i -ne $slow ] || sed -i 's/^\(cr3_load = \)[0-9]*/\1900/' "$repo/machine.ini"
    [ $i -ne 5 ] || [ $slow -eq 5 ] || [ $slow -eq 6 ] || echo "broken" >>"$repo/machine.ini"
    [ $i -ne 6 ] || sed -i '/^broken/d' "$repo/machine.ini"
    commit "change $i"
    [ $i -ne $slow ] || expected=$(git -C "$repo" rev-parse HEAD)
done
cat >"$work/g.ini" <<END
[switch]
command = boot
timing = full
mem = 64M
machine = ./machine.ini
words = $here/$B/tests/bench/switch.elf
tolerance = 0.1%
END
bisect() {
    "$xenolith" bisect --out "$work/out" --build "test -e notes || true" "$@" >"$work/said" 2>"$work/why"
}

echo "seed $seed: commit $slow is slow"
if bisect --repo "$repo" good main "$work/g.ini:switch" && grep -q "first differs at $expected" "$work/said"; then
    pass "the commit is named"
else
    fail "the commit is named" "$(tail -n 4 "$work/said" "$work/why")"
fi
expect "and what it moved" grep -q 'clock.cycles' "$work/said"
expect "the repository is as it was" sh -c "test -z \"\$(git -C '$repo' status --porcelain)\" && git -C '$repo' branch --show-current | grep -qx main"
expect "the copy is gone" sh -c "! ls '$work/out' | grep -q tree"

refused() {
    name=$1 sentence=$2
    shift 2
    bisect "$@"
    status=$?
    if [ $status -eq 2 ] && [ "$(wc -l <"$work/why")" -eq 1 ] && grep -q "$sentence" "$work/why"; then
        pass "refused: $name"
    else
        fail "refused: $name" "status $status: $(cat "$work/why")"
    fi
}
refused "nothing moved" "nothing to look for" --repo "$repo" good good "$work/g.ini:switch"
refused "no such commit" "is no commit of" --repo "$repo" good absent "$work/g.ini:switch"
refused "an option for git" "is no commit of" --repo "$repo" good -x "$work/g.ini:switch"
refused "the wrong way round" "does not precede" --repo "$repo" main good "$work/g.ini:switch"
refused "no repository" "is no git repository" --repo "$work/out" good main "$work/g.ini:switch"
refused "no such benchmark" "describes no benchmark" --repo "$repo" good main "$work/g.ini:stores"
refused "no description" "cannot read" --repo "$repo" good main "$work/absent.ini:switch"
refused "no benchmark" "bisect needs" --repo "$repo" good main "$work/g.ini"
refused "a commit that cannot be built" "cannot be built or measured" --repo "$repo" --build false good main "$work/g.ini:switch"
verdict
