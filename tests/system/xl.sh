#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xl.sh: the control program as users of Xen's know it: what it shows, names, descriptions in files,
# what it asks of domains through the store, its help.
set -u
. tests/system/verdict.sh

# in_domain0 COMMANDS [WORD...]: a shell of Domain 0 runs them; what they say is in $work/out.
in_domain0() {
    commands=$1
    shift
    timeout 300 "$xenolith" shell --memory 128M "$@" --command "$commands" >"$work/out" 2>&1 </dev/null
}

# says NAME COUNT PATTERN: COUNT lines match.
says() {
    count=$(grep -Ec -e "$3" "$work/out")
    if [ "$count" -eq "$2" ]; then
        pass "$1"
    else
        fail "$1" "$count lines instead of $2 match $3; last: $(tail -n 2 "$work/out" | tr '\n' ' ')"
    fi
}
kernel=kernel=/boot/kernel-xen.elf

in_domain0 "xend >/dev/null 2>&1
xl info; xl create -p name=one $kernel memory=0x10
xl create -p -n 3 name=box $kernel; xl list; xl vcpu-list; xl uptime; xl top -b -i 2 -d 1"
says "info names the interface and the scheduler" 2 '^xen_caps +: .*xen-3.0-x86_32p|^xen_scheduler +: bvt$'
says "and the memory" 2 '^(total|free)_memory +: [0-9]+$'
says "hexadecimal memory" 2 '^(xl: created 1 domain of 16 MB|one +1 +16 .*--p---.*)$'
says "a virtual processor each" 5 '^(Domain-0|one|box-[1-3]) +[0-4] +0 +0 +(r|-)-- +[0-9.]+ +0 / all$'
says "uptimes" 5 '^(Domain-0|one|box-[1-3]) +[0-4] +0:[0-9]{2}:[0-9]{2}$'
says "top shows each twice" 8 '^(one|box-[1-3]) +--p--- +0 +0\.0 +(16384|8192) +[0-9.]+ +1$'
says "top counts them" 2 '^5 domains: 1 running, 4 paused$'

in_domain0 "xend >/dev/null 2>&1
xl create -p name=one $kernel; xl create -p -n 2 name=box $kernel
for name in one ../x Domain-0 7 all -a 'a b' sixteen-letters-x; do xl create -p \"name=\$name\" $kernel; done
xl create -p name=box-2 $kernel; xl create -p -n 2 name=box $kernel
xl rename one web; xl rename web box-1; xl rename web a/b; xl rename 0 x; xl rename nobody x
echo \"id \$(xl domid web), name \$(xl domname 1)\"; xl list web; xl list web 2; xl list nobody; xl list -v; xl list -l"
says "one name, one domain" 4 "^xl: there is a domain '(one|box-1|box-2)' already\$"
says "strange names are refused" 8 "^xl: the name '.*' (has|is|means|begins)"
says "renamed" 1 '^id 1, name web$'
says "listed by name" 5 '^(web +1|box-1 +2) +8 '
says "nobody is refused" 2 "^xl: there is no domain 'nobody'\$"
says "Domain 0 keeps its name" 1 '^xl: Domain 0 keeps its name$'
says "three UUIDs of version 8" 3 '^(web|box-.) .* [0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12} +-$'
[ "$(grep -o '[0-9a-f]*-[0-9a-f]*-8[0-9a-f]*-[0-9a-f]*-[0-9a-f]*' "$work/out" | sort | uniq | wc -l)" -eq 3 ] &&
    pass "each its own" || fail "each its own" "they are not three"
sed -n '/^\[$/,/^\]$/p' "$work/out" | jq -e 'length == 4 and .[1].config.c_info.name == "web" and
    .[1].config.b_info.target_memkb == 8192 and .[0].domid == 0' >/dev/null &&
    pass "list -l is JSON" || fail "list -l is JSON" "$(sed -n '/^\[$/,$p' "$work/out" | head -n 4 | tr '\n' ' ')"

# ---- descriptions in files ----
cat >"$work/good.cfg" <<'END'
# All that xl.cfg has is read, comments behind statements too.
name = "replaced" # by the next
name = "file"; memory = 0xc   ; kernel = "/boot/kernel-xen.elf"  # Xen
extra = "init=/bin/true ; quoted"
on_crash = 'preserve'
vcpus = 2
END
printf 'kernel = "/boot/kernel-xen.elf"\nmemroy = 8\n' >"$work/key.cfg"
printf 'kernel = "/boot/kernel-xen.elf\n' >"$work/quote.cfg"
printf '\n\nmemory = much # MB\n' >"$work/number.cfg"
in_domain0 "for f in good key quote number; do xl create -p /\$f.cfg; echo \"\$f \$?\"; done; xl list
xl create -p $kernel memory=1; xl create -p $kernel type=hvm; xl create -p $kernel maxmem=64 name=warned" \
    $(for f in good key quote number; do echo "--add $work/$f.cfg=/$f.cfg"; done)
says "a file is read" 2 '^(good 0|file +1 +12 .*--p---.*)$'
says "idle keys are named with their line" 2 '^xl: warning: /good.cfg:[56]: (on_crash means nothing here|vcpus = 2: a domain has one)'
says "an unknown key, with line and text" 1 '^xl: /key.cfg:2: memroy = 8: has a key that nothing is known by$'
says "quotes" 1 '^xl: /quote.cfg:1: kernel = "/boot/kernel-xen.elf: its quotes are not closed in this line$'
says "a number that is none" 1 '^xl: /number.cfg:3: memory = much # MB: is not a number of MB from 1 to 3072$'
says "these make no domain" 3 '^(key|quote|number) 1$'
says "too little memory: how much it takes" 1 '^xl: .* needs more memory .*: 1 MB, and its kernel and ramdisk take [2-9]$'
says "words too" 2 "^xl: 'type=hvm' is not pv|^xl: warning: maxmem: "

# ---- asking ----
in_domain0 "xl create -p name=deaf $kernel; xl shutdown deaf; xl destroy deaf; xend >/dev/null 2>&1
xl create -p name=deaf $kernel; xl shutdown deaf; echo \"down \$?\"; xl sysrq deaf h; xl reboot 0; echo \"zero \$?\"
xl mem-set deaf 6; xl mem-set deaf 1x; xl list -l deaf | grep kb; xl unpause deaf; sleep 1; xl shutdown deaf; xl shutdown -a; echo \"all \$?\""
says "without xend nobody is asked" 1 '^xl: domain 1 cannot be asked, which needs xend: '
says "who does not watch is named" 2 '^xl: domain [12] has not taken notice of it; .*watch control/(shutdown|sysrq)$'
says "statuses" 3 '^(down 1|zero 1|all 0)$'
says "a target, and a bound" 3 '"(max|target)_memkb": 6144|^xl: .1x. is no amount'
says "an ended domain is no more asked" 2 '^xl: domain [12] has ended already'

# ---- help ----
in_domain0 "xl; echo \"none \$?\"; xl help; echo \"help \$?\"; xl help list; xl rename -h; xl frob; echo \"frob \$?\"; xl migrate; xl list -x; echo \"x \$?\""
says "commands with what they do" 2 '^  uptime +shows how long'
says "words of one" 3 '^usage: xl (list \[-l\]|rename DOMAIN NAME)'
says "statuses of help" 4 '^(none 2|help 0|frob 2|x 2)$'
says "unknown, and absent" 2 "^xl: (there is no command 'frob'|Xen's command migrate is absent here)"
awk 'length > 80' "$work/out" >"$work/wide"
[ ! -s "$work/wide" ] && pass "80 columns" || fail "80 columns" "$(head -n 1 "$work/wide")"
verdict
