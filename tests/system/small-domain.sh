#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# small-domain.sh: the paper's smallest domain is 6.2 MB (section 4.5). A domain that is created
# with 6 MB, page tables, root image and all, boots to Debian's own shell and runs pipelines in it;
# so does Domain 0 when its kernel is told to use 6349 kB (6.2 MB) alone.
set -u
. tests/system/verdict.sh

cat >"$work/init" <<'END'
#!/bin/sh
mount -t proc proc /proc 2>/dev/null
echo "total $(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
echo "six times seven is $((6 * 7))" | tr a-z A-Z
seq 1 200 | sort -r | head -n 1
i=0; while [ $i -lt 20 ]; do i=$((i + 1)); cat /proc/uptime >/dev/null; done; echo "$i programs more"
END
chmod 755 "$work/init"
# One file under many names: links, as the archive keeps them.
mkdir -p "$work/tree/bin" "$work/tree/sbin"
cp "$B/root/tree/bin/busybox" "$work/tree/bin/busybox"
cp "$work/init" "$work/tree/sbin/init"
for name in sh sed tr seq sort head cat mount; do
    ln -s busybox "$work/tree/bin/$name"
done
(cd "$work/tree" && find . -mindepth 1 | sort | cpio --quiet -o -H newc --owner=+0:+0) >"$work/shell.cpio"

# says NAME PATTERN: the console has a line that matches.
says() {
    if tr -d '\r' <"$work/out" | grep -Eq "$2"; then
        pass "$1"
    else
        fail "$1" "nothing matches $2; last: $(tail -n 3 "$work/out" | tr '\n' ' ')"
    fi
}

timeout 120 "$xenolith" boot "$B/hv/hv.elf" console=com1 --module "$B/guestos/kernel-xen.elf" "mem=6349K init=/sbin/init" \
    --module "$work/shell.cpio" --mem 64M --timing unit >"$work/out" 2>"$work/log" </dev/null
says "a kernel of 6.2 MB boots to a shell" 'SIX TIMES SEVEN IS 42$'
says "which runs pipelines" '^99$'
says "and goes on" '20 programs more$'

workloads/make-image "$work/domain0.cpio" sbin/init="$B/workloads/bin/init" sbin/xl="$B/workloads/bin/xl" \
    boot/kernel-xen.elf="$B/workloads/kernel-xen.elf" boot/shell.cpio="$work/shell.cpio"
timeout 120 "$xenolith" boot "$B/hv/hv.elf" console=com1 --module "$B/guestos/kernel-xen.elf" \
    "init=/sbin/init -- xl create name=small memory=6 kernel=/boot/kernel-xen.elf ramdisk=/boot/shell.cpio extra=init=/sbin/init ; sleep 3 ; xl list" \
    --module "$work/domain0.cpio" --mem 128M --timing unit >"$work/out" 2>"$work/log" </dev/null
says "a created domain of 6 MB boots to a shell" '^\(d1\) SIX TIMES SEVEN IS 42$'
says "which runs pipelines too" '^\(d1\) 99$'
says "goes on" '^\(d1\) 20 programs more$'
says "and has no more memory than that" '^\(d1\) total +[345][0-9]{3} kB$'
grep -a 'total ' "$work/out" | tr -d '\r'

verdict
