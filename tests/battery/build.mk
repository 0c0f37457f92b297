# SPDX-License-Identifier: GPL-2.0-only
#
# The battery: scripts on Debian's i386 programs, host against machine. It needs `make root`.
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

.PHONY: battery
battery: $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf $(B)/guestos/kernel-native.elf $(B)/workloads/bin/xl \
        $(B)/workloads/kernel-xen.elf $(B)/workloads/domain0.cpio $(ROOT)/root.img $(BATTERY)/bin
	@status=0; for system in $(BATTERY_SYSTEMS); do B=$(B) tests/battery/run $$system || status=1; done; exit $$status
