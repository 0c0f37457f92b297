# SPDX-License-Identifier: GPL-2.0-only
#
# Under fire: whatever reads files or hears guests, fed with what nobody should write.
#
#: make fuzz              hostile guests; fuzz-code: bytes; fuzz-files: files
FIRE := $(B)/tests/fire

# Each harness fuzz_NAME.c and the sources that it tries.
FIRE_NAMES      := loader cpio machine experiment options result console xl_config kernel_image guest_elf ext2 \
                   store rings kernel_file gdb state
FIRE_loader     := sim/load/elf.c sim/load/multiboot.c
FIRE_cpio       := sim/load/cpio.c guestos/fs/cpio.c
FIRE_machine    := cpu/costs/costs.c cpu/costs/parameter.c sim/machine/description.c
FIRE_experiment := sim/load/file.c sim/lab/experiment.c sim/lab/sections.c
FIRE_options    := sim/load/file.c sim/cli/options.c sim/cli/setup.c sim/load/places.c $(FIRE_machine)
FIRE_result     := sim/load/file.c sim/lab/beside.c sim/lab/compare.c sim/cli/command_explain.c sim/cli/options.c sim/cli/setup.c sim/load/places.c sim/account/sums.c $(FIRE_machine)
FIRE_console    := sim/cli/session.c
FIRE_xl_config  := workloads/dom0/xl/config.c $(addprefix workloads/dom0/xl/devices/,disks.c list.c vifs.c) workloads/dom0/config/statement.c
FIRE_kernel_image := $(IMAGE) workloads/dom0/xl/boot_layout.c
FIRE_guest_elf  := guestos/process/elf.c guestos/kernel/options.c
FIRE_ext2       := $(filter-out %/vfs.c %/cached.c %/mount.c,$(wildcard guestos/fs/ext2/*.c)) guestos/block/buffer.c guestos/block/block.c
FIRE_store      := $(wildcard workloads/dom0/xend/store/*.c)
FIRE_rings      := $(FIRE_store) workloads/dom0/xend/console_ring.c
FIRE_kernel_file := sim/load/kernel_file.c sim/load/expand.c
FIRE_gdb        := sim/gdb/packet.c
# A saved state is a whole machine.
FIRE_state      := $(filter-out cpu/model/make_shape.c,$(sort $(wildcard cpu/*.c cpu/*/*.c))) \
    $(filter-out %/command_boot.c %/command_guest.c %/command_shell.c %/main.c sim/net/user.c,$(sort $(wildcard sim/machine/*.c sim/dev/*.c sim/dev/*/*.c sim/net/*.c sim/state/*.c sim/load/*.c))) \
    $(filter-out %/request.c,$(sort $(wildcard sim/account/*.c))) sim/cli/options.c sim/cli/setup.c $(TCP) $(WEB99)
FIRE_LDFLAGS_state := $(CPU_LDFLAGS)
FIRE_LIBS_state    := $(CPU_LIBS) -lxxhash
FIRE_LIBS       := -ljansson -linih -lz -llzma -lbz2 -lzstd -llz4

FIRE_CFLAGS := -std=gnu17 -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -DXENOLITH_VERSION='"fuzz"' -ffunction-sections

fire_objects = $(patsubst %.c,$(FIRE)/$(1)/%.o,tests/fire/fuzz_$(2).c tests/fire/support.c $(FIRE_$(2)))

# The model's shape is made before it is compiled.
$(foreach c,gcc clang,$(addprefix $(FIRE)/$(c)/cpu/model/,data.o fetch.o hierarchy.o l2.o)): $(USUAL_SHAPE)

# ---- replaying what was found: gcc, part of `make test` -----------------------------------------
$(FIRE)/gcc/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(FIRE_CFLAGS) $(WARNINGS) -fsanitize=address,undefined -MMD -MP -c -o $@ $<

$(FIRE_NAMES:%=$(FIRE)/replay-%): $(FIRE)/replay-%: $$(call fire_objects,gcc,$$*) $(FIRE)/gcc/tests/fire/replay.o
	$(CC) -fsanitize=address,undefined -Wl,--gc-sections $(FIRE_LDFLAGS_$*) -o $@ $^ $(FIRE_LIBS_$*) $(FIRE_LIBS)

.PHONY: test-fire
test-fire: $(FIRE_NAMES:%=$(FIRE)/replay-%)
	@B=$(B) tests/fire/replay.sh $(FIRE_NAMES)
TESTS += test-fire

# ---- finding more: clang's libFuzzer, `make fuzz-files SECONDS=600` -----------------------------
PACKAGES_FIRE := clang e2fsprogs xz-utils bzip2 zstd lz4
SECONDS       ?= 60

$(FIRE)/clang/%.o: %.c | deps
	@mkdir -p $(@D)
	clang $(CPPFLAGS) $(FIRE_CFLAGS) -w -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

$(FIRE_NAMES:%=$(FIRE)/fuzz-%): $(FIRE)/fuzz-%: $$(call fire_objects,clang,$$*)
	clang -fsanitize=fuzzer,address,undefined -Wl,--gc-sections $(FIRE_LDFLAGS_$*) -o $@ $^ $(FIRE_LIBS_$*) $(FIRE_LIBS)

.PHONY: fuzz-files fuzz-files-build
fuzz-files: all
	@tests/install-packages $(PACKAGES_FIRE)
	@$(MAKE) fuzz-files-build
	@B=$(B) tests/fire/fuzz-files.sh $(SECONDS) $(or $(ONLY),$(FIRE_NAMES))
fuzz-files-build: $(FIRE_NAMES:%=$(FIRE)/fuzz-%)

# ---- hypercalls: a fuzzing kernel beside a well-behaved neighbour -------------------------------
FIRE_KERNELS := fuzz neighbour
FIRE_fuzz    := fuzz values arena memory operations
FIRE_neighbour := neighbour

$(FIRE)/guest/%.o: tests/fire/guest/%.c | deps
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -c -o $@ $<

$(FIRE)/guest/verdict-%.o: tests/guest/kit/verdict.c | deps
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -DTEST_NAME='"$*"' -c -o $@ $<

$(FIRE_KERNELS:%=$(FIRE)/%.elf): $(FIRE)/%.elf: $$(addprefix $(FIRE)/guest/,$$(addsuffix .o,$$(FIRE_$$*))) \
        $(FIRE)/guest/verdict-%.o $(GUEST_KIT_OBJS) $(B)/tests/guest/kit/notes.o tests/guest/kit/kernel.lds
	$(CC) $(KLDFLAGS) -s -T tests/guest/kit/kernel.lds -o $@ $(filter %.o,$^)

# Domain 0's part.
$(FIRE)/fire: $(wildcard tests/fire/control/*.c) $(wildcard tests/fire/control/*.h) $(patsubst %,$(B)/workloads/dom0/xl/%.o,$(filter-out main,$(XL_PARTS))) $(B)/workloads/dom0/config/names.o $(B)/workloads/dom0/config/statement.o $(IMAGE:%.c=$(B)/workloads/%.o)
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. $(WORKLOAD_LDFLAGS) -o $@ $(filter %.c %.o,$^)

$(FIRE)/fire.cpio: $(FIRE)/fire $(FIRE_KERNELS:%=$(FIRE)/%.elf) $(WORKLOAD_BIN)/init $(WORKLOAD_BIN)/xl
	workloads/make-image $@ sbin/init=$(WORKLOAD_BIN)/init sbin/xl=$(WORKLOAD_BIN)/xl \
	    sbin/fire=$(FIRE)/fire $(foreach k,$(FIRE_KERNELS),boot/$(k)=$(FIRE)/$(k).elf)
ALL += $(FIRE)/fire.cpio

# make fuzz CALLS=10000000 SEED=1; in `make test` a short one.
CALLS ?= 10000000
SEED  ?= 1
.PHONY: fuzz test-fuzz
fuzz: all
	@B=$(B) tests/fire/fuzz.sh $(CALLS) $(SEED) 2
	@B=$(B) tests/fire/fuzz.sh $(CALLS) $(SEED) 1
test-fuzz: all
	@echo "== hypercalls under fire"
	@B=$(B) tests/fire/fuzz.sh 150000 1000 2
	@B=$(B) tests/fire/fuzz.sh 150000 2000 1
TESTS += test-fuzz

# ---- instruction bytes: in ring 3 on both systems, in ring 1 as a guest kernel -------------------
$(FIRE)/insn/ring3: tests/fire/insn/ring3.c tests/fire/insn/generate.c tests/fire/insn/generate.h | deps
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -fno-stack-protector -I. $(WORKLOAD_LDFLAGS) -o $@ $(filter %.c,$^)

$(FIRE)/insn.cpio: $(FIRE)/insn/ring3 workloads/make-image
	workloads/make-image $@ sbin/init=$<

$(FIRE)/insn/%.o: tests/fire/insn/%.c tests/fire/insn/generate.h | deps
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -I. -c -o $@ $<

$(FIRE)/insn-ring1.elf: $(FIRE)/insn/ring1.o $(FIRE)/insn/generate.o $(FIRE)/guest/verdict-insn.o \
        $(GUEST_KIT_OBJS) $(B)/tests/guest/kit/notes.o tests/guest/kit/kernel.lds
	$(CC) $(KLDFLAGS) -s -T tests/guest/kit/kernel.lds -o $@ $(filter %.o,$^)
ALL += $(FIRE)/insn.cpio $(FIRE)/insn-ring1.elf

# make fuzz-code INSNS=10000000, with a new seed each time unless SEED is given; in `make test` a
# short one.
INSNS ?= 10000000
.PHONY: fuzz-code test-fuzz-code
CODE_SEED = $(if $(filter command environment,$(origin SEED)),$(SEED),$$(date +%s))
fuzz-code: all
	@B=$(B) tests/fire/insn.sh $(INSNS) $(CODE_SEED)
test-fuzz-code: all
	@echo "== instruction bytes"
	@B=$(B) tests/fire/insn.sh 10000 $(CODE_SEED)
TESTS += test-fuzz-code
