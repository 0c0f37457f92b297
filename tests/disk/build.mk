# SPDX-License-Identifier: GPL-2.0-only
# The disk image: a kernel that drives an IDE controller (tests/system/disk.sh).
DISK_IMAGE := $(B)/tests/disk/disk.elf

$(B)/tests/disk/disk.o: tests/disk/disk.c tests/bench/bench.h tests/bench/ports.h | deps
	@mkdir -p $(@D)
	$(CC) $(KCFLAGS) -c -o $@ $<

$(DISK_IMAGE): $(BENCH_KERNEL) $(B)/tests/disk/disk.o tests/bench/image.lds
	$(CC) $(KLDFLAGS) -T tests/bench/image.lds -o $@ $(BENCH_KERNEL) $(B)/tests/disk/disk.o

ALL += $(DISK_IMAGE)
