# SPDX-License-Identifier: GPL-2.0-only
# The bench images: one Multiboot kernel for each kind of work.
#
#: make bench             speed beside QEMU and Bochs; bench-quick, bench-compare
BENCH_NAMES  := integer stores memory code crossing fault switch
BENCH_IMAGES := $(BENCH_NAMES:%=$(B)/tests/bench/%.elf)
BENCH_KERNEL := $(B)/tests/bench/boot.o $(B)/tests/bench/kernel.o
BENCH_COMMON := $(BENCH_KERNEL) $(B)/tests/bench/main.o

$(B)/tests/bench/code.elf: $(B)/tests/bench/code_functions.o

$(BENCH_COMMON) $(B)/tests/bench/code_functions.o $(BENCH_NAMES:%=$(B)/tests/bench/%.o): $(B)/tests/bench/%.o: \
        $$(wildcard tests/bench/$$*.c tests/bench/$$*.S) tests/bench/bench.h | deps
	@mkdir -p $(@D)
	$(CC) $(KCFLAGS) -c -o $@ $<

$(BENCH_IMAGES): $(B)/tests/bench/%.elf: $(BENCH_COMMON) $(B)/tests/bench/%.o tests/bench/image.lds
	$(CC) $(KLDFLAGS) -T tests/bench/image.lds -o $@ $(filter %.o,$^)

ALL += $(BENCH_IMAGES)

# ---- side by side with QEMU and Bochs ----------------------------------------------------------
PACKAGES_BENCH := qemu-system-x86 bochs bochsbios vgabios grub-common grub-pc-bin xorriso mtools jq

$(B)/tests/bench/compare $(B)/tests/bench/scale: %: %.o
	$(CC) $(LDFLAGS) -o $@ $^ -ljansson

# `make bench-quick IMAGES=stores` measures only that image, once.
.PHONY: bench bench-quick bench-compare bench-scale
bench: BENCH_FLAGS :=
bench-quick: BENCH_FLAGS := --quick
bench bench-quick: all $(B)/tests/bench/compare
	@tests/install-packages $(PACKAGES_BENCH)
	$(B)/tests/bench/compare $(B)/tests/bench $(B)/xenolith $(B)/bench.json $(BENCH_FLAGS) $(IMAGES)
	@jq -r '(.images | to_entries) as $$rows | ["xenolith-fast", "xenolith-full", "qemu-tcg", "qemu-icount", "bochs"] as $$names | (["image"] + $$names), ($$rows[] | [.key] + [.value[$$names[]].mips]) | @tsv' $(B)/bench.json >$(B)/bench.tsv
	@mkdir -p $(B)/figures
	LC_ALL=C.UTF-8 gnuplot -c tests/bench/bench.gp $(B)/bench.tsv $(B)/figures/bench.svg
	@echo "drawn: $(B)/figures/bench.svg"

# Time and memory by the number of domains; `make bench-scale BENCH_FLAGS=--quick` runs each once.
bench-scale: all $(B)/tests/bench/scale
	$(B)/tests/bench/scale $(B)/xenolith $(B)/bench-scale.json $(BENCH_FLAGS)

bench: bench-scale

# The baseline is a run somebody kept: `cp build/bench.json tests/bench/baseline.json`.
bench-compare: bench
	tests/bench/against-baseline.sh $(B)/bench.json tests/bench/baseline.json
