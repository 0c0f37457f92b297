# SPDX-License-Identifier: GPL-2.0-only
#
# A machine that writes is cut off: a few instants in `make test`, many in `make cut`.
CUT := $(B)/cut

$(CUT)/disk.img: $(ROOT)/root.cpio tests/cut/build.mk | deps-test
	rm -rf $(CUT)
	mkdir -p $(CUT)/tree/bin $(CUT)/tree/sbin
	cp $(ROOT)/tree/bin/busybox $(CUT)/tree/bin
	for name in sh mkdir seq mv ln rm sync; do ln -s busybox $(CUT)/tree/bin/$$name; done
	cp $(ROOT)/tree/sbin/init $(CUT)/tree/sbin
	$(MKE2FS3) -b 1024 -J size=1 -d $(CUT)/tree $@.part 8000k
	mv $@.part $@

.PHONY: test-cut cut
test-cut cut: $(CUT)/disk.img $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf $(B)/guestos/kernel-native.elf \
        $(B)/workloads/bin/xl $(B)/workloads/kernel-xen.elf
test-cut:
	@B=$(B) tests/cut/run native 15000 3313 9
	@B=$(B) tests/cut/run xen 60000 5119 3
cut:
	@B=$(B) tests/cut/run native 15000 1013 100
	@B=$(B) tests/cut/run xen 50000 1513 40

TESTS += test-cut
