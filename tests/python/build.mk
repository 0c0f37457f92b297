# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's i386 python3 and its own tests of numbers, fetched as the root file system is.
#
#: make python            Debian's python3 and its tests of numbers, on both systems
PYTHON := $(B)/python
PYTHON_PACKAGES := python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libpython3.11-testsuite \
                   libc6 zlib1g libexpat1

# A folder of its tests has files that make would take for lists of what depends on what.
$(PYTHON)/fetched: workloads/root/fetch tests/python/build.mk
	@mkdir -p $(@D)
	workloads/root/fetch $(PYTHON) $(PYTHON_PACKAGES)
	rm -rf $(PYTHON)/unpacked/libpython3.11-testsuite/usr/lib/python3.11/test/dtracedata
	@touch $@

$(PYTHON)/root.cpio: tests/python/make-tree workloads/root/pack $(PYTHON)/fetched $(WORKLOAD_BIN)/init
	tests/python/make-tree $(PYTHON)/tree $(PYTHON)/unpacked $(WORKLOAD_BIN)/init
	workloads/root/pack $(PYTHON)/tree $@

# Two minutes.
.PHONY: python
python: $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-native.elf $(B)/guestos/kernel-xen.elf $(PYTHON)/root.cpio
	@B=$(B) tests/python/run.sh
