# SPDX-License-Identifier: GPL-2.0-only
# The network image: a kernel that drives an 82540EM (tests/system/nic.sh).
NIC_IMAGE := $(B)/tests/nic/nic.elf

$(B)/tests/nic/nic.o: tests/nic/nic.c tests/nic/bytes.h tests/bench/bench.h tests/bench/ports.h | deps
	@mkdir -p $(@D)
	$(CC) $(KCFLAGS) -c -o $@ $<

$(NIC_IMAGE): $(BENCH_KERNEL) $(B)/tests/nic/nic.o tests/bench/image.lds
	$(CC) $(KLDFLAGS) -T tests/bench/image.lds -o $@ $(BENCH_KERNEL) $(B)/tests/nic/nic.o

ALL += $(NIC_IMAGE)
