# SPDX-License-Identifier: GPL-2.0-only
# The guest tests: every folder here with a main.c is one PV kernel, $(B)/tests/guest/NAME.elf.
#
#: make coverage          which operations of the interface the guest tests exercise
GUEST_TESTS    := $(sort $(patsubst tests/guest/%/main.c,%,$(wildcard tests/guest/*/main.c)))
GUEST_KERNELS  := $(GUEST_TESTS:%=$(B)/tests/guest/%.elf)
GUEST_FREESTANDING := $(patsubst include/freestanding/%.c,$(B)/tests/guest/kit/%.o,$(FREESTANDING))
GUEST_KIT_OBJS := $(patsubst %.c,$(B)/%.o,$(sort $(filter-out %/verdict.c,$(wildcard tests/guest/kit/*.c)))) \
                  $(B)/tests/guest/kit/entry.o $(GUEST_FREESTANDING)
# The public headers live among the system's, which a kernel must otherwise not see.
GUEST_CFLAGS   := $(KCFLAGS) -D__XEN_INTERFACE_VERSION__=0x00040e00 -include tests/guest/kit/types.h \
                  -idirafter /usr/include -fno-strict-aliasing -fno-tree-loop-distribute-patterns

$(GUEST_FREESTANDING): $(B)/tests/guest/kit/%.o: include/freestanding/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -c -o $@ $<

$(filter-out $(GUEST_FREESTANDING) %/entry.o,$(GUEST_KIT_OBJS)): $(B)/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -c -o $@ $<

# The notes in the kernel, the kit's or those of the test's own folder.
guest_notes = $(if $(wildcard tests/guest/$(1)/notes.S),$(B)/tests/guest/$(1)/notes.o,$(B)/tests/guest/kit/notes.o)

$(B)/tests/guest/%.o: tests/guest/%.S | deps
	@mkdir -p $(@D)
	$(CC) -m32 -D__ASSEMBLY__ -D__XEN_INTERFACE_VERSION__=0x00040e00 -idirafter /usr/include -c -o $@ $<

$(B)/tests/guest/%/main.o: tests/guest/%/main.c | deps
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -c -o $@ $<

$(B)/tests/guest/%/verdict.o: tests/guest/kit/verdict.c | deps
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -DTEST_NAME='"$*"' -c -o $@ $<

$(GUEST_KERNELS): $(B)/tests/guest/%.elf: $(B)/tests/guest/%/main.o $(B)/tests/guest/%/verdict.o \
        $(GUEST_KIT_OBJS) $$(call guest_notes,$$*) tests/guest/kit/kernel.lds
	$(CC) $(KLDFLAGS) -T tests/guest/kit/kernel.lds -o $@ $(filter %.o,$^)

.PHONY: guest-kernels
guest-kernels: $(GUEST_KERNELS)
ALL += $(GUEST_KERNELS)

# The disk of tests of block rings: 2 MB, the beginning known.
$(B)/tests/guest/block.img:
	@mkdir -p $(@D)
	seq 1 20000 > $@.part && truncate -s 2097152 $@.part && mv $@.part $@
ALL += $(B)/tests/guest/block.img

# The list of operations against the public headers.
.PHONY: test-operations
test-operations: deps
	@tests/guest/check-operations
TESTS += test-operations

.PHONY: test-guest
test-guest: all deps-test
	@echo "== guest tests"
	@rm -rf $(B)/coverage/first
	@B=$(B) JSON=$(B)/coverage/first tests/guest/run.sh
TESTS += test-guest test-guest-created test-coverage

# The same kernels as ordinary domains, created by Domain 0.
.PHONY: test-guest-created
test-guest-created: all deps-test
	@echo "== guest tests, created by Domain 0"
	@rm -rf $(B)/coverage/created
	@B=$(B) JSON=$(B)/coverage/created tests/guest/run-created.sh

# Random operations on block and network rings, beside a neighbour; a million take half an hour.
OPERATIONS ?= 1000000
.PHONY: fuzz-rings
fuzz-rings: all deps-test
	@B=$(B) tests/guest/fuzz-rings.sh $(OPERATIONS) $(SEEDS)

# Which operations of the interface the guest tests exercise, by the hypervisor's own counters: all
# that there are.
.PHONY: test-coverage coverage
test-coverage: test-guest test-guest-created
	@B=$(B) tests/guest/check-coverage $(B)/coverage/first/*.json $(B)/coverage/created/*.json

coverage: test-guest test-guest-created
	$(B)/xenolith coverage $(B)/coverage/first/*.json $(B)/coverage/created/*.json
