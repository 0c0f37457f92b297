# SPDX-License-Identifier: GPL-2.0-only
#
# Under fire: whatever reads files or hears guests, fed with what nobody should write.
FIRE := $(B)/tests/fire

# Each harness fuzz_NAME.c and the sources that it tries.
FIRE_NAMES      := loader cpio machine experiment options result console xl_config xl_kernel hv_elf guest_elf ext2
FIRE_loader     := sim/machine/elf.c sim/machine/multiboot.c
FIRE_cpio       := sim/machine/cpio.c guestos/fs/cpio.c
FIRE_machine    := cpu/costs.c
FIRE_experiment := sim/lab/experiment.c
FIRE_options    := sim/options.c sim/setup.c cpu/costs.c
FIRE_result     := sim/command_explain.c sim/options.c sim/setup.c sim/account/sums.c cpu/costs.c
FIRE_console    := sim/session.c
FIRE_xl_config  := workloads/xl/config.c
FIRE_xl_kernel  := workloads/xl/kernel_image.c workloads/xl/boot_layout.c
FIRE_hv_elf     := hv/core/elf_image.c hv/lib/number.c
FIRE_guest_elf  := guestos/kernel/elf.c guestos/kernel/options.c
FIRE_ext2       := $(filter-out %/vfs.c,$(wildcard guestos/fs/ext2/*.c)) guestos/fs/buffer.c
FIRE_LIBS       := -ljansson -linih

FIRE_CFLAGS := -std=gnu17 -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -DXENOLITH_VERSION='"fuzz"' -ffunction-sections

fire_objects = $(patsubst %.c,$(FIRE)/$(1)/%.o,tests/fire/fuzz_$(2).c tests/fire/support.c $(FIRE_$(2)))

# ---- replaying what was found: gcc, part of `make test` -----------------------------------------
$(FIRE)/gcc/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(FIRE_CFLAGS) $(WARNINGS) -fsanitize=address,undefined -MMD -MP -c -o $@ $<

$(FIRE_NAMES:%=$(FIRE)/replay-%): $(FIRE)/replay-%: $$(call fire_objects,gcc,$$*) $(FIRE)/gcc/tests/fire/replay.o
	$(CC) -fsanitize=address,undefined -Wl,--gc-sections -o $@ $^ $(FIRE_LIBS)

.PHONY: test-fire
test-fire: $(FIRE_NAMES:%=$(FIRE)/replay-%)
	@B=$(B) tests/fire/replay.sh $(FIRE_NAMES)
TESTS += test-fire

# ---- finding more: clang's libFuzzer, `make fuzz-files SECONDS=600` -----------------------------
PACKAGES_FIRE := clang e2fsprogs
SECONDS       ?= 60

$(FIRE)/clang/%.o: %.c | deps
	@mkdir -p $(@D)
	clang $(CPPFLAGS) $(FIRE_CFLAGS) -w -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

$(FIRE_NAMES:%=$(FIRE)/fuzz-%): $(FIRE)/fuzz-%: $$(call fire_objects,clang,$$*)
	clang -fsanitize=fuzzer,address,undefined -Wl,--gc-sections -o $@ $^ $(FIRE_LIBS)

.PHONY: fuzz-files fuzz-files-build
fuzz-files: all
	@tests/install-packages $(PACKAGES_FIRE)
	@$(MAKE) fuzz-files-build
	@B=$(B) tests/fire/fuzz-files.sh $(SECONDS) $(or $(ONLY),$(FIRE_NAMES))
fuzz-files-build: $(FIRE_NAMES:%=$(FIRE)/fuzz-%)
