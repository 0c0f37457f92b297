# SPDX-License-Identifier: GPL-2.0-only
#
# Volumes of many kinds: a few in `make test`, all in `make volumes`.
#
#: make volumes           volumes of many kinds
VOLUMES := $(B)/volumes
VOLUMES_PROGRAMS := sh mkdir seq mv ln rm cat ls dd find sort stat readlink touch tr tail wc md5sum

$(VOLUMES)/tree: $(ROOT)/root.cpio tests/volumes/build.mk
	rm -rf $@
	mkdir -p $@/bin $@/sbin
	cp $(ROOT)/tree/bin/busybox $@/bin
	for name in $(VOLUMES_PROGRAMS); do ln -s busybox $@/bin/$$name; done
	cp $(ROOT)/tree/sbin/init $@/sbin
	touch $@

.PHONY: test-volumes volumes
test-volumes volumes: $(VOLUMES)/tree $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf $(B)/guestos/kernel-native.elf \
        $(B)/workloads/bin/xl $(B)/workloads/kernel-xen.elf | deps-test
test-volumes:
	@B=$(B) tests/volumes/run native 3
	@B=$(B) tests/volumes/run xen 1
volumes:
	@B=$(B) tests/volumes/run native 100
	@B=$(B) tests/volumes/run xen 100

TESTS += test-volumes
