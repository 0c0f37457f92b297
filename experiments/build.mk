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
	@mkdir -p $(B)/results/table5-files
	@B=$(B) experiments/table5-files >$(B)/results/table5-files/log
	@mv $(B)/results/table5-files/log $(B)/results/table5-files/table5-files.txt
	@cat $(B)/results/table5-files/table5-files.txt

# Section 4.4 in small: two domains at work beside a memory hog and a fork bomb.
.PHONY: isolation
isolation: deps $(EXPERIMENT_NEEDS) $(B)/workloads/isolation.cpio
	@tests/install-packages jq
	@mkdir -p $(B)/results/isolation
	@B=$(B) experiments/isolation.sh >$(B)/results/isolation/log
	@mv $(B)/results/isolation/log $(B)/results/isolation/isolation.txt
	@cat $(B)/results/isolation/isolation.txt

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

# The whole paper: what has no results yet is run, one after the other; what fails is absent on the
# page, which says so. Then the page, and the same as PDF by Chromium. QUICK=1: two points of Figure
# 6 and two rows of the tables, to see what it looks like. PAPER='figure6 ...': these alone.
#
#: make paper             every figure and table of the paper, rerun, on one page; QUICK=1
REPORT := $(B)/report
PAPER  ?= $(if $(QUICK),,figure6 tables table5-files table6 figure4 figure5 isolation figure-working-set)

.PHONY: paper paper-page paper-quick
paper: deps $(if $(QUICK),paper-quick)
	@for part in $(PAPER); do \
	    name=$$part; [ $$part != figure-working-set ] || name=working-set; \
	    [ ! -e $(B)/results/$$name/$$name.csv ] && [ ! -e $(B)/results/$$name/$$name.txt ] || continue; \
	    echo "== $$part"; $(MAKE) --no-print-directory $$part || echo "$$part has failed"; \
	done
	@$(MAKE) --no-print-directory paper-page

paper-quick: $(LATENCY_NEEDS)
	$(B)/xenolith lab experiments/figure6.ini --points 1,2 --out $(B)/results/figure6
	@tests/install-packages perl
	@mkdir -p $(B)/results/tables
	@experiments/tables.pl $(B) $(B)/results/tables 'null call' stat
	$(call draw_figure,figure6,$(B)/results/figure6/figure6.csv)
	$(call draw_figure,tables,$(B)/results/tables/tables.csv)

paper-page: deps $(B)/xenolith
	@tests/install-packages perl chromium
	@mkdir -p $(REPORT)
	@rm -f $(REPORT)/results.db
	@for result in $(B)/results/figure6/*.json; do \
	    [ ! -e "$$result" ] || $(B)/xenolith db $(REPORT)/results.db add "$$result" >/dev/null; done
	@experiments/paper.pl $(B) $(REPORT)
	@chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer --print-to-pdf=$(REPORT)/paper.pdf \
	    "file://$(abspath $(REPORT))/index.html" 2>$(REPORT)/pdf.log
	@echo "written: $(REPORT)/index.html $(REPORT)/paper.pdf $(REPORT)/results.db"

# Its page in a real browser. Not in `make test`: the browser is large.
.PHONY: test-paper
test-paper: paper
	@tests/install-packages chromium chromium-driver
	@node tests/web/report.mjs $(REPORT)
