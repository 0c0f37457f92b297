# SPDX-License-Identifier: GPL-2.0-only
#
# Programs that run inside the machine, and the root images that carry them.

# ---- cint: the compute workload ----------------------------------------------------------------
# Static i386 Linux executables with Debian's C library; integers only, the same in every MODE.
WORKLOAD_CFLAGS  := -m32 -march=i686 -std=gnu17 -O2 -fno-pic -fno-pie $(WARNINGS) -MMD -MP -D_GNU_SOURCE
WORKLOAD_LDFLAGS := -m32 -static -no-pie -s -Wl,--build-id=none

# The first four are the mix that `cint four` still is.
CINT_PROGRAMS := pack netopt algebra othello anneal chess rays links
CINT_SHARED   := chess_tables rays_shapes links_words links_parse text
CINT_PARTS    := $(CINT_PROGRAMS) $(CINT_SHARED) announce_work
CINT_LIST     := $(CINT_PROGRAMS:%=&%_program,)
CINT_EXES     := $(CINT_PROGRAMS:%=$(B)/workloads/bin/%) $(B)/workloads/bin/cint

# The same source on the build host says what every unit must give.
$(B)/workloads/cint-expect: $(patsubst %,workloads/cint/%.c,$(CINT_PROGRAMS) $(CINT_SHARED) expect) \
        $(wildcard workloads/cint/*.h) LICENSE | deps
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O1 $(WARNINGS) -fno-pie -no-pie -I. -o $@ $(filter %.c,$^)

$(B)/workloads/cint/expected.h: $(B)/workloads/cint-expect
	@mkdir -p $(@D)
	$< > $@.part
	@mv $@.part $@

$(B)/workloads/cint/%.o: workloads/cint/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. -c -o $@ $<

$(B)/workloads/cint/text.o: LICENSE

$(B)/workloads/cint/main-%.o: workloads/cint/main.c $(B)/workloads/cint/expected.h | deps
	$(CC) $(WORKLOAD_CFLAGS) -I. -I$(B) '-DPROGRAM_LIST=$(if $(filter cint,$*),$(CINT_LIST),&$*_program)' \
	    -c -o $@ $<

$(CINT_PROGRAMS:%=$(B)/workloads/bin/%): $(B)/workloads/bin/%: $(B)/workloads/cint/main-%.o \
        $(B)/workloads/cint/%.o $(CINT_SHARED:%=$(B)/workloads/cint/%.o) $(B)/workloads/cint/announce_work.o
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -Wl,--gc-sections -o $@ $^

$(B)/workloads/bin/cint: $(B)/workloads/cint/main-cint.o $(CINT_PARTS:%=$(B)/workloads/cint/%.o)
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -o $@ $^

ALL += $(CINT_EXES)

# ---- init: no C library, as small as an executable gets ----------------------------------------
$(B)/workloads/dom0/init/%.o: workloads/dom0/init/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -ffreestanding -fno-stack-protector -fcf-protection=none \
	    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -mno-sse -I. -c -o $@ $<

$(B)/workloads/bin/init: $(addprefix $(B)/workloads/dom0/init/,copy.o init.o report.o)
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -nostdlib -Wl,-z,noexecstack -o $@ $^

ALL += $(B)/workloads/bin/init

# ---- mark: regions, from scripts; workset: a working set of so many bytes ----------------------
$(B)/workloads/bin/mark $(B)/workloads/bin/workset: $(B)/workloads/bin/%: workloads/%.c workloads/start.h include/xenolith/announce.h | deps
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(WORKLOAD_CFLAGS)) $(WORKLOAD_LDFLAGS) -ffreestanding -fno-stack-protector -nostdlib \
	    -fcf-protection=none -fno-asynchronous-unwind-tables -mno-sse -Wl,-z,noexecstack -I. -o $@ $<

ALL += $(B)/workloads/bin/mark $(B)/workloads/bin/workset

# ---- ttcp: how fast TCP is ---------------------------------------------------------------------
$(B)/workloads/bin/ttcp: workloads/ttcp.c | deps
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(WORKLOAD_CFLAGS)) $(WORKLOAD_LDFLAGS) -o $@ $<

ALL += $(B)/workloads/bin/ttcp

# ---- web99: the web load's file set, and the server's program ---------------------------------
WEB99_TOOL := $(B)/workloads/web99-files

$(B)/workloads/bin/web99: workloads/web99/program.c $(WEB99) include/web99/web99.h | deps
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(WORKLOAD_CFLAGS)) $(WORKLOAD_LDFLAGS) -I. -o $@ $(filter %.c,$^)

$(WEB99_TOOL): workloads/web99/make-files.c $(WEB99) include/web99/web99.h | deps
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O1 $(WARNINGS) -fno-pie -no-pie -I. -o $@ $(filter %.c,$^)

ALL += $(B)/workloads/bin/web99 $(WEB99_TOOL)

# ---- xl: Domain 0's control program ------------------------------------------------------------
XL_DEVICES := $(addprefix devices/,block device disks list network vifs)
XL_PARTS := $(XL_DEVICES) boot_layout builder config console create dmesg domains file hypercall introduce main sched store
XL_COMMANDS := $(patsubst %.c,%,$(sort $(wildcard workloads/dom0/commands/*.c workloads/dom0/config/*.c \
                   workloads/dom0/volumes/*.c)))

$(B)/workloads/dom0/xl/%.o: workloads/dom0/xl/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. -c -o $@ $<

$(XL_COMMANDS:%=$(B)/%.o): $(B)/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. -c -o $@ $<

$(B)/workloads/bin/xl: $(XL_PARTS:%=$(B)/workloads/dom0/xl/%.o) $(XL_COMMANDS:%=$(B)/%.o) $(IMAGE:%.c=$(B)/workloads/%.o)
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -o $@ $^

$(B)/docs/xl.1: docs/xl.1.scd | deps
	@mkdir -p $(@D)
	scdoc < $< > $@.part
	@mv $@.part $@

ALL += $(B)/workloads/bin/xl $(B)/docs/xl.1

# ---- xend: the store and the consoles, a daemon of Domain 0 ------------------------------------
STORE_PARTS := $(patsubst workloads/%.c,%,$(sort $(wildcard workloads/dom0/xend/store/*.c))) dom0/xend/console_ring
XEND_PARTS  := $(patsubst workloads/%.c,%,\
                   $(sort $(wildcard workloads/dom0/xend/*.c workloads/dom0/xend/store/*.c))) dom0/xl/hypercall dom0/volumes/pool dom0/volumes/table

$(B)/workloads/dom0/xend/%.o: workloads/dom0/xend/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. -c -o $@ $<

$(B)/workloads/bin/xend: $(XEND_PARTS:%=$(B)/workloads/%.o)
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -o $@ $^

ALL += $(B)/workloads/bin/xend

# ---- consoles: all of the machine's on one terminal --------------------------------------------
CONSOLES_PARTS := $(patsubst workloads/%.c,%,$(sort $(wildcard workloads/dom0/consoles/*.c))) dom0/config/names \
                  $(addprefix dom0/xl/,$(XL_DEVICES) console domains hypercall introduce store)

$(B)/workloads/dom0/consoles/%.o: workloads/dom0/consoles/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. -c -o $@ $<

$(B)/workloads/include/%.o: include/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. -c -o $@ $<

$(B)/workloads/bin/consoles: $(CONSOLES_PARTS:%=$(B)/workloads/%.o) $(B)/workloads/include/pc/screen.o \
        $(B)/workloads/include/freestanding/format.o
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -o $@ $^ -lutil

ALL += $(B)/workloads/bin/consoles

# ---- root images -------------------------------------------------------------------------------
# The native kernel and the domains get the same bytes.
WORKLOAD_BIN := $(B)/workloads/bin

$(B)/workloads/guest.cpio $(B)/workloads/native.cpio: workloads/make-image \
        $(WORKLOAD_BIN)/init $(WORKLOAD_BIN)/cint $(WORKLOAD_BIN)/mark $(WORKLOAD_BIN)/workset
	workloads/make-image $@ sbin/init=$(WORKLOAD_BIN)/init bin/cint=$(WORKLOAD_BIN)/cint bin/mark=$(WORKLOAD_BIN)/mark \
	    bin/workset=$(WORKLOAD_BIN)/workset

# Domain 0 carries the kernel and the root image of the others.
$(B)/workloads/kernel-xen.elf: $(B)/guestos/kernel-xen.elf
	@mkdir -p $(@D)
	objcopy --strip-all $< $@

$(B)/workloads/domain0.cpio: workloads/make-image $(WORKLOAD_BIN)/init $(WORKLOAD_BIN)/xl \
        $(WORKLOAD_BIN)/mark $(B)/workloads/kernel-xen.elf $(B)/workloads/guest.cpio workloads/etc/check.cfg
	workloads/make-image $@ sbin/init=$(WORKLOAD_BIN)/init sbin/xl=$(WORKLOAD_BIN)/xl bin/mark=$(WORKLOAD_BIN)/mark \
	    boot/kernel-xen.elf=$(B)/workloads/kernel-xen.elf boot/guest.cpio=$(B)/workloads/guest.cpio \
	    etc/xen/check.cfg=workloads/etc/check.cfg

ALL += $(B)/workloads/domain0.cpio $(B)/workloads/guest.cpio $(B)/workloads/native.cpio

# ---- latency: the rows of Tables 3 to 5 ---------------------------------------------------------
LATENCY_PARTS := calls processes files main
LATENCY_FILES := $(B)/workloads/latency/files

$(B)/workloads/latency/%.o: workloads/latency/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. -c -o $@ $<

$(WORKLOAD_BIN)/latency: $(LATENCY_PARTS:%=$(B)/workloads/latency/%.o)
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -o $@ $^

# What exec starts; and, where `make root` has been, Debian's shell for the row that needs one.
$(LATENCY_FILES)/bin/hello: $(B)/workloads/latency/hello.o
	@mkdir -p $(@D) $(LATENCY_FILES)/lib
	$(CC) $(WORKLOAD_LDFLAGS) -o $@ $^
	@tree=$(B)/root/tree; [ ! -e $$tree/usr/bin/dash ] || { cp $$tree/usr/bin/dash $(LATENCY_FILES)/bin/sh && \
	    mkdir -p $(LATENCY_FILES)/lib/i386-linux-gnu && \
	    cp $$tree/lib/i386-linux-gnu/ld-linux.so.2 $(LATENCY_FILES)/lib/ && \
	    cp $$tree/lib/i386-linux-gnu/libc.so.6 $(LATENCY_FILES)/lib/i386-linux-gnu/; }

ALL += $(WORKLOAD_BIN)/latency $(LATENCY_FILES)/bin/hello

# Of Debian's own executables.
include workloads/root/build.mk
include workloads/web99/build.mk
include workloads/osdb/build.mk

# A CD to try all of it on.
include workloads/livecd/build.mk

# ---- tests -------------------------------------------------------------------------------------
# The i386 executables run on any Linux host through user-mode emulation; they check themselves.
CINT_SIZES := small medium large

.PHONY: test-workloads test-unit-work
test-workloads: $(CINT_EXES) | deps-test
	@for program in $(CINT_PROGRAMS); do for size in $(CINT_SIZES); do \
	    qemu-i386 $(WORKLOAD_BIN)/$$program --size $$size --rounds 8 || exit 1; \
	done; done
	@qemu-i386 $(WORKLOAD_BIN)/cint four --rounds 16
	@qemu-i386 $(WORKLOAD_BIN)/cint --rounds 1 --start 5

WORK_UNIT_TEST := $(B)/tests/unit/work
WORK_UNIT_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/work_*.c)) \
                  $(patsubst %,$(B)/host/workloads/%.o,$(addprefix dom0/xl/,boot_layout config devices/disks devices/list devices/vifs) dom0/config/names dom0/config/statement dom0/volumes/table $(STORE_PARTS)) \
                  $(B)/host/workloads/cint/chess_tables.o \
                  $(IMAGE:%.c=$(B)/%.o) $(B)/tests/images/image.o $(B)/tests/images/cases.o

$(B)/host/workloads/%.o: workloads/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(WORK_UNIT_OBJS): | deps-test

$(WORK_UNIT_TEST): $(WORK_UNIT_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcriterion

test-unit-work: $(WORK_UNIT_TEST)
	@$<

# The builder's structures are those of i386, so its test is an i386 program.
$(B)/tests/i386/builder: tests/i386/builder.c $(B)/workloads/dom0/xl/builder.o $(B)/workloads/dom0/xl/boot_layout.o | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. -static -no-pie -o $@ $(filter %.c %.o,$^)

.PHONY: test-builder
test-builder: $(B)/tests/i386/builder | deps-test
	@qemu-i386 $<

# The same builder as a Domain 0 of its own, for hypervisors: ours and real Xen.
BUILDER_KERNEL := $(B)/tests/oracle/builder
BUILDER_OBJS   := $(patsubst %,$(BUILDER_KERNEL)/%.o,entry kernel builder boot_layout format string) \
                  $(patsubst include/image/%.c,$(BUILDER_KERNEL)/%.o,$(IMAGE))
BUILDER_CFLAGS := $(WORKLOAD_CFLAGS) -ffreestanding -fno-builtin -fno-stack-protector -fcf-protection=none -mno-sse

$(BUILDER_KERNEL)/%.o: tests/oracle/builder/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(BUILDER_CFLAGS) -I. -c -o $@ $<

$(BUILDER_KERNEL)/%.o: tests/oracle/builder/%.S | deps
	@mkdir -p $(@D)
	$(CC) -m32 -c -o $@ $<

$(BUILDER_KERNEL)/%.o: workloads/dom0/xl/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(BUILDER_CFLAGS) -I. -c -o $@ $<

$(BUILDER_KERNEL)/%.o: include/image/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(BUILDER_CFLAGS) -I. -c -o $@ $<

$(BUILDER_KERNEL)/%.o: include/freestanding/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(BUILDER_CFLAGS) -I. -c -o $@ $<

$(BUILDER_KERNEL)/kernel.elf: $(BUILDER_OBJS)
	$(CC) -m32 -nostdlib -static -no-pie -s -Wl,--build-id=none,-Ttext-segment=0xC0100000,-z,norelro \
	    -Wl,--no-warn-rwx-segments -o $@ $^ -lgcc

ALL += $(BUILDER_KERNEL)/kernel.elf

.PHONY: test-control
test-control: $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf $(B)/workloads/domain0.cpio \
        $(BUILDER_KERNEL)/kernel.elf | deps-test
	@B=$(B) sh tests/system/builder.sh
	@B=$(B) sh tests/system/control.sh

TESTS += test-unit-work test-builder test-workloads test-control

# ---- hostile programs, for the isolation experiment ---------------------------------------------
HOSTILE := hog bomb
$(HOSTILE:%=$(B)/workloads/bin/%): $(B)/workloads/bin/%: workloads/hostile/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) $(WORKLOAD_LDFLAGS) -o $@ $<

$(B)/workloads/hostile.cpio: workloads/make-image $(WORKLOAD_BIN)/init $(HOSTILE:%=$(WORKLOAD_BIN)/%)
	workloads/make-image $@ sbin/init=$(WORKLOAD_BIN)/init $(foreach p,$(HOSTILE),bin/$(p)=$(WORKLOAD_BIN)/$(p))

$(B)/workloads/isolation.cpio: workloads/make-image $(WORKLOAD_BIN)/init $(WORKLOAD_BIN)/xl \
        $(B)/workloads/kernel-xen.elf $(B)/workloads/guest.cpio $(B)/workloads/hostile.cpio
	workloads/make-image $@ sbin/init=$(WORKLOAD_BIN)/init sbin/xl=$(WORKLOAD_BIN)/xl \
	    boot/kernel-xen.elf=$(B)/workloads/kernel-xen.elf boot/guest.cpio=$(B)/workloads/guest.cpio \
	    boot/hostile.cpio=$(B)/workloads/hostile.cpio
