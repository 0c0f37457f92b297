# SPDX-License-Identifier: GPL-2.0-only
#
# Experiments. `make run` is the main job, five points of Figure 6; `make figure6` all nine.
#
#: make tables            Tables 3 to 5 of the paper, row by row
#: make table6            bandwidth by ttcp, of the bare kernel and of a domain (Table 6)
#: make sensitivity       which numbers hang on which parameter of the machine
#: make figure4           1 to 16 web servers of Debian's under SPEC WEB99's load (Figure 4)
#: make figure5           1 to 8 PostgreSQL servers of Debian's, one a domain (Figure 5)
#: make table5-files      creating and deleting files on ext3 on a disk (Table 5)
#: make isolation         domains at work beside a memory hog and a fork bomb
EXPERIMENT_NEEDS := $(B)/xenolith $(B)/hv/hv.elf $(B)/guestos/kernel-xen.elf \
                    $(B)/guestos/kernel-native.elf $(B)/workloads/domain0.cpio \
                    $(B)/workloads/native.cpio

MAIN_POINTS := 1,2,8,32,128

run: deps $(EXPERIMENT_NEEDS)
	$(B)/xenolith lab experiments/figure6.ini --points $(MAIN_POINTS) --out $(B)/results/run
	$(call draw_figure,figure6,$(B)/results/run/figure6.csv)

figure6: deps $(EXPERIMENT_NEEDS)
	$(B)/xenolith lab experiments/figure6.ini --out $(B)/results/figure6
	$(call draw_figure,figure6,$(B)/results/figure6/figure6.csv)

.PHONY: table5-files
table5-files: deps deps-test $(EXPERIMENT_NEEDS) $(WORKLOAD_BIN)/latency $(ROOT)/root.cpio
	@B=$(B) experiments/table5-files

# Section 4.4 in small: two domains at work beside a memory hog and a fork bomb.
.PHONY: isolation
isolation: deps $(EXPERIMENT_NEEDS) $(B)/workloads/isolation.cpio
	@tests/install-packages jq
	@B=$(B) experiments/isolation.sh

# Tables 3 to 5 by a suite of our own, beside the paper's: text, JSON, a picture of the ratios.
LATENCY_NEEDS := $(EXPERIMENT_NEEDS) $(WORKLOAD_BIN)/latency $(LATENCY_FILES)/bin/hello

.PHONY: tables test-tables
tables: deps $(LATENCY_NEEDS)
	@tests/install-packages perl
	@mkdir -p $(B)/results/tables
	@experiments/tables.pl $(B) $(B)/results/tables
	$(call draw_figure,tables,$(B)/results/tables/tables.csv)

test-tables: $(LATENCY_NEEDS) | deps-test
	@tests/install-packages perl
	@B=$(B) sh tests/system/tables.sh

TESTS += test-tables

# Miss ratios, CPI and the like of cint's programs, on the bare kernel alone.
.PHONY: profile
profile: deps $(EXPERIMENT_NEEDS) $(CINT_EXES)
	@tests/install-packages perl
	@mkdir -p $(B)/results/profile
	@experiments/profile.pl $(B) $(B)/results/profile

# What slices cost by the size of what a domain works on.
.PHONY: figure-working-set
figure-working-set: deps $(EXPERIMENT_NEEDS)
	@tests/install-packages perl
	@mkdir -p $(B)/results/working-set
	@experiments/working-set.pl $(B) $(B)/results/working-set
	$(call draw_figure,working-set,$(B)/results/working-set/working-set.csv)

# Which numbers hang on which parameter of the machine. WORDS="cost. memory." takes those alone.
.PHONY: sensitivity
sensitivity: deps $(LATENCY_NEEDS)
	@tests/install-packages perl
	@mkdir -p $(B)/results/sensitivity
	@experiments/sensitivity.pl $(B) $(B)/results/sensitivity $(WORDS)
	$(call draw_figure,sensitivity,$(B)/results/sensitivity/sensitivity.csv)

# TCP's bandwidth, and web servers under load.
.PHONY: table6 figure4
table6: deps $(EXPERIMENT_NEEDS) $(WORKLOAD_BIN)/ttcp $(WORKLOAD_BIN)/xend $(ROOT)/root.cpio
	@tests/install-packages perl
	@mkdir -p $(B)/results/table6
	@experiments/table6.pl $(B) $(B)/results/table6
	$(call draw_figure,table6,$(B)/results/table6/table6.csv)

figure4: deps $(EXPERIMENT_NEEDS) $(WORKLOAD_BIN)/xl $(WORKLOAD_BIN)/xend $(B)/workloads/kernel-xen.elf $(WEB_ROOT)/web.cpio
	@tests/install-packages perl
	@mkdir -p $(B)/results/figure4
	@experiments/figure4.pl $(B) $(B)/results/figure4
	$(call draw_figure,figure4,$(B)/results/figure4/figure4.csv)

.PHONY: figure5
figure5: deps $(EXPERIMENT_NEEDS) $(WORKLOAD_BIN)/xl $(WORKLOAD_BIN)/xend $(B)/workloads/kernel-xen.elf $(OSDB)/osdb.img
	@tests/install-packages perl
	@mkdir -p $(B)/results/figure5
	@experiments/figure5.pl $(B) $(B)/results/figure5
	$(call draw_figure,figure5,$(B)/results/figure5/figure5.csv)
