# SPDX-License-Identifier: GPL-2.0-only
#
# A machine that writes is cut off: a few instants in `make test`, many in `make cut`.
#
#: make cut               a machine that writes is cut off at many instants
CUT := $(B)/cut

$(CUT)/disk.img: $(ROOT)/root.cpio tests/cut/build.mk $(wildcard tests/cut/*.sh) | deps-test
	rm -rf $(CUT)
	mkdir -p $(CUT)/tree/bin $(CUT)/tree/sbin
	cp $(ROOT)/tree/bin/busybox $(ROOT)/tree/bin/sqlite $(CUT)/tree/bin
	for name in sh mkdir seq mv ln rm sync tr; do ln -s busybox $(CUT)/tree/bin/$$name; done
	cp $(ROOT)/tree/sbin/init $(CUT)/tree/sbin
	mkdir $(CUT)/tree/cut
	cp tests/cut/files.sh tests/cut/database.sh $(CUT)/tree/cut
	workloads/root/pack-disk $(CUT)/tree $@ 12000k

.PHONY: test-cut cut
test-cut cut: $(CUT)/disk.img $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf $(B)/guestos/kernel-native.elf \
        $(B)/workloads/bin/xl $(B)/workloads/kernel-xen.elf $(B)/workloads/domain0.cpio
test-cut:
	@B=$(B) tests/cut/run native files 25000 3313 9
	@B=$(B) tests/cut/run xen files 60000 5119 3
	@B=$(B) tests/cut/run native database 50000 9137 3
	@B=$(B) tests/cut/run ide files 600000 203131 3
	@B=$(B) tests/cut/run vbd files 600000 303131 3
cut:
	@B=$(B) tests/cut/run native files 25000 1013 100
	@B=$(B) tests/cut/run xen files 50000 1513 40
	@B=$(B) tests/cut/run native database 50000 2113 60
	@B=$(B) tests/cut/run xen database 80000 4111 20
	@B=$(B) tests/cut/run ide files 100000 31013 60
	@B=$(B) tests/cut/run vbd files 300000 41513 60
	@B=$(B) tests/cut/run ide database 3000000 91113 30
	@B=$(B) tests/cut/run vbd database 3000000 91117 30

TESTS += test-cut
