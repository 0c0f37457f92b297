# SPDX-License-Identifier: GPL-2.0-only
#
#: make test-system-NAME  one test of whole machines: tests/system/NAME.sh
#: make test-units        host code alone, also with MODE=asan
#: make lint, make format the analysers, and clang-format over the tree
include tests/battery/build.mk
include tests/bench/build.mk
include tests/calibrate/build.mk
include tests/cut/build.mk
include tests/debian/build.mk
include tests/disk/build.mk
include tests/nic/build.mk
include tests/gate/build.mk
include tests/guest/build.mk
include tests/fire/build.mk
include tests/foreign/build.mk
include tests/io/build.mk
include tests/lab/build.mk
include tests/oracle/build.mk
include tests/python/build.mk
include tests/stress/build.mk
include tests/terminal/build.mk
include tests/volumes/build.mk

# Whole machines: the command as its users call it, and the same images on QEMU.
SYSTEM_TESTS := $(patsubst tests/system/%.sh,test-system-%,$(filter-out %/verdict.sh,$(wildcard tests/system/*.sh)))

.PHONY: $(SYSTEM_TESTS)
$(SYSTEM_TESTS): test-system-%: all deps-test
	@echo "== $*"
	@B=$(B) tests/system/$*.sh

# Debian's shell.
test-system-small-domain test-system-float-domains test-system-shell-commands test-system-stolen-time \
    test-system-xl test-system-network test-system-outside test-system-tcp test-system-volumes test-system-states \
    test-system-clocks: $(ROOT)/root.cpio
test-system-web99: $(WEB_ROOT)/web.cpio $(APACHE_ROOT)/web.cpio
test-system-host-processors: $(ROOT)/root.cpio
test-system-same-bytes: $(ROOT)/root.cpio $(ROOT)/root.img

# An image with numbers to report.
test-system-locales: $(B)/tests/calibrate/calibrate.elf

# Two processes that switch.
$(B)/tests/pingpong: tests/system/pingpong.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) $(WORKLOAD_LDFLAGS) -o $@ $<

test-system-context-switch: $(B)/tests/pingpong

# What a program sees of time.
$(B)/tests/clocks: tests/system/clocks.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) $(WORKLOAD_LDFLAGS) -o $@ $<

test-system-clocks: $(B)/tests/clocks

# A program with symbols.
$(B)/tests/callers: tests/system/callers.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -g -fno-optimize-sibling-calls $(filter-out -s,$(WORKLOAD_LDFLAGS)) -o $@ $<

test-system-profile test-system-gdb: $(B)/tests/callers

# A machine without the command around it.
$(B)/tests/unobserved: $(B)/tests/system/unobserved.o $(SIM_TESTED) $(CPU_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(CPU_LDFLAGS) -o $@ $^ $(CPU_LIBS) $(SIM_LIBS)

test-system-unobserved: $(B)/tests/unobserved $(B)/tests/guest/attack-hypervisor-range.elf
test-system-lessons: $(B)/tests/guest/attack-reserved-bits.elf $(B)/guestos/disk.cpio

# A kernel that flushes nothing.
$(B)/tests/system/stale.elf: tests/system/states/stale.S | deps
	@mkdir -p $(@D)
	$(CC) -m32 -c -o $(@:.elf=.o) $<
	$(CC) $(KLDFLAGS) -Wl,-N -Wl,-Ttext=0x100000 -o $@ $(@:.elf=.o)

test-system-states test-inspect-states: $(B)/tests/system/stale.elf

# Saved and loaded at many cycles, back and forth in every mode: minutes.
.PHONY: test-inspect-back
test-inspect-back: all deps-test
	@B=$(B) tests/system/back.sh long

TESTS_INSPECT += test-inspect-back

.PHONY: test-inspect-states
test-inspect-states: all deps-test
	@B=$(B) tests/system/states.sh long

TESTS_INSPECT += test-inspect-states

TESTS += $(SYSTEM_TESTS)
