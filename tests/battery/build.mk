# SPDX-License-Identifier: GPL-2.0-only
#
# The battery: scripts on Debian's i386 programs, host against machine. It needs `make root`.
#
#: make battery           scripts on Debian's programs against the host's results
BATTERY := $(B)/battery

$(BATTERY)/launch: tests/battery/launch.c | deps-test
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -O2 $(WARNINGS) "-DEMULATOR=\"$$(command -v qemu-i386)\"" -o $@ $<

$(BATTERY)/execfd.so: tests/battery/execfd.c | deps
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -O2 $(WARNINGS) -fPIC -shared -o $@ $<

# A name for every program of the root file system.
$(BATTERY)/bin: $(BATTERY)/launch $(BATTERY)/execfd.so $(ROOT)/root.cpio
	@mkdir -p $@
	@for program in $(ROOT)/tree/bin/* $(ROOT)/tree/sbin/* $(ROOT)/tree/usr/bin/*; do \
	    ln -sf ../launch "$@/$${program##*/}"; \
	done
	@touch $@

BATTERY_SYSTEMS := native xen

# A few of each subject in `make test`; all of them in `make battery`.
BATTERY_FEW := shell-quoting shell-subshell shell-trap bash-arrays bash-process dash-dynamic mksh-musl text-sed text-sort \
               text-awk text-grep find-tree files-tree files-links archive-tar archive-cpio compress-gzip compress-bzip2 \
               sqlite-crash sqlite-schema sqlite-dynamic signal-handlers signal-stop jobs-control jobs-groups \
               process-pipes load-dbench load-tbench web-static web-cgi memory-large

.PHONY: battery test-battery
test-battery: BATTERY_NAMES = $(BATTERY_FEW)
battery test-battery: $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf $(B)/guestos/kernel-native.elf $(B)/workloads/bin/xl \
        $(B)/workloads/kernel-xen.elf $(B)/workloads/domain0.cpio $(ROOT)/root.img $(BATTERY)/bin
	@status=0; for system in $(BATTERY_SYSTEMS); do B=$(B) tests/battery/run $$system $(BATTERY_NAMES) || status=1; done; exit $$status

TESTS += test-battery
