# SPDX-License-Identifier: GPL-2.0-only
#
# The guest kernel: one source, two images.
#
# make guestos WITHOUT="ipc event journal" leaves out any of these parts, for who reads the rest: no
# System V objects and message queues; no epoll, inotify and their kind; no journal of ext3. Images
# and objects are in $(B)/without/... Nothing outside a part calls it: kernel/hooks.h.
WITHOUT ?=
GUESTOS_PARTS := ipc event journal
ifneq ($(filter-out $(GUESTOS_PARTS),$(WITHOUT)),)
$(error WITHOUT names any of: $(GUESTOS_PARTS); not '$(filter-out $(GUESTOS_PARTS),$(WITHOUT))')
endif
GUESTOS_LEFT_OUT := $(filter $(WITHOUT),$(GUESTOS_PARTS))
guestos_empty :=
guestos_space := $(guestos_empty) $(guestos_empty)
GUESTOS_B := $(B)$(if $(GUESTOS_LEFT_OUT),/without/$(subst $(guestos_space),-,$(GUESTOS_LEFT_OUT)))/guestos
GUESTOS_FILES_journal := guestos/fs/ext2/journal.c guestos/fs/ext2/recover.c
GUESTOS_FOLDERS_IN := $(filter-out $(WITHOUT),kernel process time signal sys mm fs fs/proc fs/sysfs fs/ext2 block trace \
                        event ipc drivers net net/ip arch/x86)
GUESTOS_COMMON := $(filter-out $(foreach part,$(GUESTOS_LEFT_OUT),$(GUESTOS_FILES_$(part))), \
                    $(sort $(wildcard $(GUESTOS_FOLDERS_IN:%=guestos/%/*.c)))) $(FREESTANDING) $(TCP)
GUESTOS_NATIVE := $(GUESTOS_COMMON) $(sort $(wildcard guestos/arch/native/*.[cS])) $(PC)
GUESTOS_XEN    := $(GUESTOS_COMMON) $(sort $(wildcard guestos/arch/xen/*.[cS]))

guestos_objects = $(patsubst %.S,$(GUESTOS_B)/$(1)/%.o,$(patsubst %.c,$(GUESTOS_B)/$(1)/%.o,$(2)))
GUESTOS_NATIVE_O := $(call guestos_objects,native,$(GUESTOS_NATIVE))
GUESTOS_XEN_O    := $(call guestos_objects,xen,$(GUESTOS_XEN))

# memcpy() and its kind must not be compiled into calls of themselves; page-table entries are read
# as 64 bits and written as two halves.
GUESTOS_DEFINES_ipc := -DWITHOUT_IPC
GUESTOS_DEFINES_event := -DWITHOUT_EVENT
GUESTOS_DEFINES_journal := -DWITHOUT_JOURNAL
GUESTOS_FLAGS := $(KCFLAGS) $(foreach part,$(GUESTOS_LEFT_OUT),$(GUESTOS_DEFINES_$(part))) \
                 -fno-strict-aliasing -fno-tree-loop-distribute-patterns

# Xen's public headers, which compile for 32 bits with a few types of our own.
GUESTOS_XEN_FLAGS := -idirafter /usr/include -D__XEN_INTERFACE_VERSION__=0x00040e00

$(GUESTOS_B)/native/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(GUESTOS_FLAGS) -c -o $@ $<
$(GUESTOS_B)/native/%.o: %.S | deps
	@mkdir -p $(@D)
	$(CC) $(GUESTOS_FLAGS) -c -o $@ $<
$(GUESTOS_B)/xen/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(GUESTOS_FLAGS) $(GUESTOS_XEN_FLAGS) -c -o $@ $<
$(GUESTOS_B)/xen/%.o: %.S | deps
	@mkdir -p $(@D)
	$(CC) $(GUESTOS_FLAGS) $(GUESTOS_XEN_FLAGS) -c -o $@ $<

# The listing beside each image is for reading and for addresses in messages.
$(GUESTOS_B)/kernel-native.elf: $(GUESTOS_NATIVE_O) guestos/arch/native/kernel.ld guestos/kernel/hooks.ld
	$(CC) $(KLDFLAGS) -T guestos/arch/native/kernel.ld -o $@ $(GUESTOS_NATIVE_O)
	objdump -d $@ > $(@:.elf=.lst)
$(GUESTOS_B)/kernel-xen.elf: $(GUESTOS_XEN_O) guestos/arch/xen/kernel.ld guestos/kernel/hooks.ld
	$(CC) $(KLDFLAGS) -T guestos/arch/xen/kernel.ld -o $@ $(GUESTOS_XEN_O)
	objdump -d $@ > $(@:.elf=.lst)

.PHONY: guestos
guestos: $(GUESTOS_B)/kernel-native.elf $(GUESTOS_B)/kernel-xen.elf
ALL += $(GUESTOS_B)/kernel-native.elf $(GUESTOS_B)/kernel-xen.elf

# ---- tests -------------------------------------------------------------------------------------
# Each test program is an ordinary static program with Debian's C library, and init of its machine;
# large ones are a folder. The battery uses SSE2 on purpose.
GUESTOS_PROGRAMS := battery files names network terminals events messages ipc fuzz forks absent disk destroy
GUESTOS_FOLDERS  := battery files network events
GUESTOS_PROGRAM_CC = $(CC) -m32 -static -fno-pie -no-pie -O1 -msse2 -std=gnu17 $(WARNINGS) -pthread -I. -D_GNU_SOURCE
$(patsubst %,$(B)/guestos/%,$(filter-out $(GUESTOS_FOLDERS),$(GUESTOS_PROGRAMS))): $(B)/guestos/%: \
        tests/guestos/%.c tests/guestos/verdict.h | deps
	@mkdir -p $(@D)
	$(GUESTOS_PROGRAM_CC) -o $@ $<
$(GUESTOS_FOLDERS:%=$(B)/guestos/%): $(B)/guestos/%: $$(wildcard tests/guestos/$$*/*) tests/guestos/verdict.h | deps
	@mkdir -p $(@D)
	$(GUESTOS_PROGRAM_CC) -o $@ $(filter %.c,$^)
$(filter-out %/files.cpio %/absent.cpio %/destroy.cpio,$(GUESTOS_PROGRAMS:%=$(B)/guestos/%.cpio)): $(B)/guestos/%.cpio: $(B)/guestos/% \
        workloads/make-image
	workloads/make-image $@ sbin/init=$<
# Disks: an empty one in the image of the tests of files, and one with the battery to boot from.
MKE2FS := PATH=$$PATH:/sbin:/usr/sbin mke2fs -q -F -t ext2
$(B)/guestos/disk.img: | deps-test
	@mkdir -p $(@D)
	rm -f $@
	$(MKE2FS) -b 1024 -N 400 $@ 1000k >$@.log
$(B)/guestos/files.cpio: $(B)/guestos/files $(B)/guestos/disk.img workloads/make-image
	workloads/make-image $@ sbin/init=$< disk.img=$(B)/guestos/disk.img
$(B)/guestos/journal.img: | deps-test
	@mkdir -p $(@D)
	rm -f $@
	$(MKE2FS) -b 1024 -N 400 -j -J size=1 $@ 4000k >$@.log
$(B)/guestos/absent.cpio: $(B)/guestos/absent $(B)/guestos/journal.img workloads/make-image
	workloads/make-image $@ sbin/init=$< journal.img=$(B)/guestos/journal.img
$(B)/guestos/battery.img: $(B)/guestos/battery | deps-test
	rm -rf $@ $@.tree
	mkdir -p $@.tree/sbin
	cp $< $@.tree/sbin/init
	$(MKE2FS) -b 4096 -d $@.tree $@ 4000k >$@.log

$(B)/guestos/flood.cpio: $(B)/guestos/destroy workloads/make-image
	workloads/make-image $@ sbin/init=$<
# Domain 0's image of the test that destroys domains.
$(B)/guestos/destroy.cpio: $(B)/guestos/destroy $(B)/guestos/disk.cpio $(B)/workloads/bin/xl $(B)/workloads/bin/xend \
        $(B)/workloads/kernel-xen.elf $(B)/guestos/flood.cpio workloads/make-image
	workloads/make-image $@ sbin/init=$< sbin/xl=$(B)/workloads/bin/xl sbin/xend=$(B)/workloads/bin/xend \
	    boot/kernel-xen.elf=$(B)/workloads/kernel-xen.elf boot/disk.cpio=$(B)/guestos/disk.cpio boot/flood.cpio=$(B)/guestos/flood.cpio

GUESTOS_PLACES := native-1 native-2 native-disk xen xen-8M sim-native sim-xen
GUESTOS_FILES_PLACES := native-1 xen-8M
GUESTOS_NAMES_PLACES := native-1 xen
GUESTOS_NETWORK_PLACES := native-2 xen-8M
GUESTOS_TERMINALS_PLACES := native-1 xen-8M
GUESTOS_EVENTS_PLACES := native-2 sim-native sim-xen
GUESTOS_MESSAGES_PLACES := native-2 sim-xen
GUESTOS_IPC_PLACES := native-2 xen-8M
GUESTOS_FUZZ_PLACES := sim-native xen
GUESTOS_FORKS_PLACES := native-2 xen-8M

.PHONY: test-guestos test-unit-guestos test-guestos-small
# The kernel without the parts that may be left out: refuses what they did, and does the rest.
GUESTOS_SMALL := ipc event journal
GUESTOS_SMALL_B := $(B)/without/$(subst $(guestos_space),-,$(GUESTOS_SMALL))/guestos
GUESTOS_SMALL_RUNS := absent-native-1 absent-xen files-sim-native network-sim-xen forks-native-2 terminals-xen-8M
test-guestos-small: $(GUESTOS_PROGRAMS:%=$(B)/guestos/%.cpio) $(B)/hv/hv.elf $(B)/xenolith | deps-test
	@$(MAKE) guestos WITHOUT="$(GUESTOS_SMALL)"
	@for run in $(GUESTOS_SMALL_RUNS); do \
	    KERNELS=$(GUESTOS_SMALL_B) tests/guestos/run-battery $(B) $${run#*-} $${run%%-*} || exit 1; done
test-guestos: $(GUESTOS_PROGRAMS:%=$(B)/guestos/%.cpio) $(B)/guestos/battery.img $(B)/guestos/kernel-native.elf \
        $(B)/guestos/kernel-xen.elf $(B)/hv/hv.elf $(B)/xenolith | deps-test
	@for place in $(GUESTOS_PLACES); do tests/guestos/run-battery $(B) $$place || exit 1; done
	@for place in $(GUESTOS_FILES_PLACES); do tests/guestos/run-battery $(B) $$place files || exit 1; done
	@for place in $(GUESTOS_NAMES_PLACES); do tests/guestos/run-battery $(B) $$place names || exit 1; done
	@for place in $(GUESTOS_NETWORK_PLACES); do tests/guestos/run-battery $(B) $$place network || exit 1; done
	@for place in $(GUESTOS_TERMINALS_PLACES); do tests/guestos/run-battery $(B) $$place terminals || exit 1; done
	@for place in $(GUESTOS_EVENTS_PLACES); do tests/guestos/run-battery $(B) $$place events || exit 1; done
	@for place in $(GUESTOS_MESSAGES_PLACES); do tests/guestos/run-battery $(B) $$place messages || exit 1; done
	@for place in $(GUESTOS_IPC_PLACES); do tests/guestos/run-battery $(B) $$place ipc || exit 1; done
	@for place in $(GUESTOS_FORKS_PLACES); do tests/guestos/run-battery $(B) $$place forks || exit 1; done
	@for place in $(GUESTOS_FUZZ_PLACES); do tests/guestos/run-battery $(B) $$place fuzz || exit 1; done

test-system-kernel-counters: $(B)/guestos/forks.cpio

# A million processes, one after the other; half an hour.
.PHONY: million
million: $(B)/guestos/forks.cpio $(B)/guestos/kernel-native.elf $(B)/guestos/kernel-xen.elf $(B)/hv/hv.elf $(B)/xenolith
	$(B)/xenolith boot $(B)/guestos/kernel-native.elf "init=/sbin/init -- 1000000" --module $(B)/guestos/forks.cpio \
	    --mem 32M --timing unit
	$(B)/xenolith boot $(B)/hv/hv.elf console=com1 --module $(B)/guestos/kernel-xen.elf "init=/sbin/init -- 1000000" \
	    --module $(B)/guestos/forks.cpio --mem 96M --timing unit

# The pure parts, compiled for the host.
GUESTOS_UNIT_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/guestos_*.c)) \
                     $(patsubst %,$(B)/guestos/%.o,mm/pages fs/cpio process/elf kernel/options kernel/load \
                       block/block block/buffer block/partition block/queue fs/ext2/volume fs/ext2/bitmap fs/ext2/record fs/ext2/map fs/ext2/directory \
                       fs/ext2/journal fs/ext2/recover \
                       drivers/line) $(TCP:%.c=$(B)/%.o)
$(GUESTOS_UNIT_OBJS): | deps-test
$(B)/tests/unit/guestos: $(GUESTOS_UNIT_OBJS)
	$(CC) $(LDFLAGS) -o $@ $^ -lcriterion -lm
test-unit-guestos: $(B)/tests/unit/guestos
	@$<

TESTS += test-unit-guestos test-guestos test-guestos-small

-include $(GUESTOS_UNIT_OBJS:.o=.d) $(GUESTOS_NATIVE_O:.o=.d) $(GUESTOS_XEN_O:.o=.d)
