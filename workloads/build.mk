# SPDX-License-Identifier: GPL-2.0-only
#
# Programs that run inside the machine, and the root images that carry them.

# ---- cint: the compute workload ----------------------------------------------------------------
# Static i386 Linux executables with Debian's C library; integers only, the same in every MODE.
WORKLOAD_CFLAGS  := -m32 -march=i686 -std=gnu17 -O2 -fno-pic -fno-pie $(WARNINGS) -MMD -MP -D_GNU_SOURCE
WORKLOAD_LDFLAGS := -m32 -static -no-pie -s -Wl,--build-id=none

CINT_PROGRAMS := pack netopt algebra othello
CINT_PARTS    := $(CINT_PROGRAMS) text announce_work
CINT_LIST     := $(CINT_PROGRAMS:%=&%_program,)
CINT_EXES     := $(CINT_PROGRAMS:%=$(B)/workloads/bin/%) $(B)/workloads/bin/cint

# The same source on the build host says what every unit must give.
$(B)/workloads/cint-expect: $(CINT_PROGRAMS:%=workloads/cint/%.c) workloads/cint/text.c \
        workloads/cint/expect.c workloads/cint/program.h workloads/cint/text.h LICENSE | deps
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
        $(B)/workloads/cint/%.o $(B)/workloads/cint/text.o $(B)/workloads/cint/announce_work.o
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -o $@ $^

$(B)/workloads/bin/cint: $(B)/workloads/cint/main-cint.o $(CINT_PARTS:%=$(B)/workloads/cint/%.o)
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -o $@ $^

ALL += $(CINT_EXES)

-include $(wildcard $(B)/workloads/cint/*.d)

# ---- init: no C library, as small as an executable gets ----------------------------------------
$(B)/workloads/init/%.o: workloads/init/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -ffreestanding -fno-stack-protector -fcf-protection=none \
	    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -mno-sse -I. -c -o $@ $<

$(B)/workloads/bin/init: $(B)/workloads/init/init.o
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_LDFLAGS) -nostdlib -Wl,-z,noexecstack -o $@ $<

ALL += $(B)/workloads/bin/init
-include $(wildcard $(B)/workloads/init/*.d)

# ---- root images -------------------------------------------------------------------------------
# The native kernel and the domains get the same bytes.
WORKLOAD_BIN := $(B)/workloads/bin

$(B)/workloads/guest.cpio $(B)/workloads/native.cpio: workloads/make-image \
        $(WORKLOAD_BIN)/init $(WORKLOAD_BIN)/cint
	workloads/make-image $@ sbin/init=$(WORKLOAD_BIN)/init bin/cint=$(WORKLOAD_BIN)/cint

ALL += $(B)/workloads/guest.cpio $(B)/workloads/native.cpio
