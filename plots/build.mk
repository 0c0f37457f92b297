# SPDX-License-Identifier: GPL-2.0-only
#
# Pictures. `$(call draw_figure,figure6,RESULTS.csv)` draws one as SVG and PNG into $(B)/figures,
# from the results and the paper's points of the same name.
define draw_figure
@mkdir -p $(B)/figures
LC_ALL=C.UTF-8 gnuplot -c plots/$(1).gp $(2) paper/$(1).csv $(B)/figures/$(1).svg
LC_ALL=C.UTF-8 gnuplot -c plots/$(1).gp $(2) paper/$(1).csv $(B)/figures/$(1).png
@echo "drawn: $(B)/figures/$(1).svg $(B)/figures/$(1).png"
endef

# Every script must draw: the paper's own points stand in for results, or else docs/pictures'.
.PHONY: test-plots
test-plots: | deps
	@mkdir -p $(B)/tests/plots
	@for figure in $(patsubst plots/%.gp,%,$(filter-out plots/style.gp,$(wildcard plots/*.gp))); do \
	    points=paper/$$figure.csv; [ -e $$points ] || points=docs/pictures/$$figure.csv; \
	    for kind in svg png; do \
	        out=$(B)/tests/plots/$$figure.$$kind; rm -f $$out; \
	        LC_ALL=C.UTF-8 gnuplot -c plots/$$figure.gp $$points $$points $$out && \
	        test -s $$out || { echo "FAIL plots/$$figure.gp: no $$kind"; exit 1; }; \
	    done; \
	done; echo "PASS plots"

TESTS += test-plots
