#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# installed.sh: the program below a prefix, moved, with a space in its name, called by a link and as
# somebody who may write nowhere; its help; completions; the packages that a build asks for.
set -u
. tests/system/verdict.sh

prefix="$work/a prefix/usr"
expect "make install" ${MAKE:-make} -s install DEPS=no DESTDIR="$work/staged" PREFIX=/usr
mkdir -p "$work/a prefix" "$work/here"
mv "$work/staged/usr" "$work/a prefix/"
program="$prefix/bin/xenolith"
ln -s "$program" "$work/link"
top=$PWD
cd "$work/here" || exit 1
unset XENOLITH_HOME

expect "domains, by a link from elsewhere" "$work/link" run --domains 2 --for 20ms --json run.json
expect "the result is read again" "$program" explain run.json
expect "an experiment by its name" sh -c '"$1" lab figure6 --points 1 --jobs 2 >table 2>log' sh "$program"
grep -Eq '^ +1 +1\.000 +1\.000' table && [ -s results/figure6/figure6.csv ] &&
    pass "beside the paper's points, in the current folder" ||
    fail "beside the paper's points, in the current folder" "$(head -n 5 table log)"
[ "$(grep -c 'points after' log)" -eq 3 ] && pass "a line for each point without a terminal" ||
    fail "a line for each point without a terminal" "$(tr '\n' ' ' <log)"
expect "a guest" "$program" guest "$prefix/lib/xenolith/workloads/kernel-xen.elf" \
    --ramdisk "$prefix/lib/xenolith/workloads/guest.cpio" --extra "init=/sbin/init -- sleep 0" --for 5s
mkdir -p home/hv && cp "$prefix/lib/xenolith/hv/hv.elf" home/hv/ && mv "$prefix/lib/xenolith/hv" "$work/hv"
expect "images below XENOLITH_HOME" env XENOLITH_HOME="$PWD/home" "$program" run --for 20ms
"$program" run --for 20ms >/dev/null 2>absent
[ $? -eq 2 ] && grep -q 'hv/hv.elf' absent && pass "what is missing is named" ||
    fail "what is missing is named" "$(cat absent)"
mv "$work/hv" "$prefix/lib/xenolith/hv"
printf '#include <xenolith/announce.h>\nint main(void) { announce_begin("x"); return 0; }\n' >own.c
expect "a program with the installed headers" gcc -m32 -static -I"$prefix/include" -o own own.c
for page in xenolith.1 xl.xenolith.1; do
    [ -s "$prefix/share/man/man1/$page" ] && pass "$page" || fail "$page" "absent"
done

# ---- help ----
for word in version -V --version; do
    "$program" $word >"$work/version" && grep -q '^revision ' "$work/version" &&
        grep -q 'libunicorn [0-9.]*, Capstone' "$work/version" && pass "xenolith $word" ||
        fail "xenolith $word" "$(cat "$work/version")"
done
commands=$("$program" --help | awk '/^  xenolith [a-z]+ / && $2 !~ /help|version/ {print $2}')
{
    "$program" --help
    "$program" version
    for command in $commands; do
        "$program" "$command" -h && "$program" "$command" --help >"$work/long" &&
            "$program" help "$command" | cmp - "$work/long" || echo "$command has no -h" >&2
    done
} >"$work/help" 2>"$work/errors"
[ "$(echo $commands | wc -w)" -ge 10 ] && [ ! -s "$work/errors" ] && pass "-h of every command" ||
    fail "-h of every command" "$commands: $(cat "$work/errors")"
awk 'length > 80' "$work/help" >"$work/wide"
[ ! -s "$work/wide" ] && pass "help has 80 columns" || fail "help has 80 columns" "$(head -n 2 "$work/wide")"
"$program" run --domains 3 -h | grep -q -e '--domains N' && pass "-h after other options" ||
    fail "-h after other options" "none"
"$program" run --domains -h >/dev/null 2>&1
[ $? -eq 2 ] && pass "-h as an option's value is no question" || fail "-h as an option's value is no question" "taken"

# ---- completions ----
# completed WORD...: what bash offers for the last word.
completed() {
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _xenolith
        printf "%s\n" "${COMPREPLY[@]}"' bash "$prefix/share/bash-completion/completions/xenolith" "$@" | sort | tr '\n' ' '
}
# offers WORDS OFFERED
offers() {
    got=$(completed $1)
    [ "$got" = "$2 " ] && pass "completes $1" || fail "completes $1" "$got"
}
offers "xenolith ex" explain
offers "xenolith run --domains" --domains
offers "xenolith run --dom" "--domain --domains"
offers "xenolith run --timing f" "fast full"
offers "xenolith boot --dom" ""
offers "xenolith boot own" "own own.c"
if command -v zsh >/dev/null; then
    expect "zsh reads its own" zsh -n "$prefix/share/zsh/site-functions/_xenolith"
fi

# ---- packages ----
cd "$top" || exit 1
mkdir -p "$work/bin"
for tool in apt-get id dpkg-query sleep mktemp cat rm grep env; do
    ln -s "$(command -v $tool)" "$work/bin/$tool"
done
printf '#!/bin/sh\necho 1000\n' >"$work/id"
chmod 755 "$work/id"
rm "$work/bin/id" && cp "$work/id" "$work/bin/id"
# packages PATH-PREFIX WORDS...: what install-packages says with only these programs.
packages() {
    PATH=$work/bin /bin/sh tests/install-packages "$@" >"$work/said" 2>&1
}
packages coreutils
[ $? -eq 0 ] && [ ! -s "$work/said" ] && pass "nothing missing, nothing asked of nobody" ||
    fail "nothing missing, nothing asked of nobody" "$(cat "$work/said")"
packages coreutils no-such-package
[ $? -eq 1 ] && grep -q 'apt-get install no-such-package$' "$work/said" &&
    pass "somebody without sudo gets the list" || fail "somebody without sudo gets the list" "$(cat "$work/said")"
DEPS=no packages coreutils no-such-package
[ $? -eq 0 ] && grep -q 'no-such-package' "$work/said" && pass "DEPS=no names them and goes on" ||
    fail "DEPS=no names them and goes on" "$(cat "$work/said")"
# A package manager whose lock is held twice, and then is not.
cat >"$work/apt-get" <<END
#!/bin/sh
echo x >>"$work/calls"
[ \$(wc -l <"$work/calls") -gt 2 ] || { echo "E: Could not get lock /var/lib/dpkg/lock-frontend." >&2; exit 100; }
END
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
printf '#!/bin/sh\n:\n' >"$work/bin/sleep.new"
rm "$work/bin/apt-get" "$work/bin/sleep"
mv "$work/bin/sleep.new" "$work/bin/sleep"
cp "$work/apt-get" "$work/bin/apt-get"
ln -s "$(command -v wc)" "$work/bin/wc"
chmod 755 "$work/bin/sudo" "$work/bin/sleep" "$work/bin/apt-get"
packages no-such-package
[ $? -eq 0 ] && grep -q waiting "$work/said" && [ "$(wc -l <"$work/calls")" -eq 3 ] &&
    pass "a held lock is waited for" || fail "a held lock is waited for" "$(cat "$work/said")"
verdict
