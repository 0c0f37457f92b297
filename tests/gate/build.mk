# SPDX-License-Identifier: GPL-2.0-only
#
#: make gate              benchmarks against baselines; gate-update REASON="..." makes new ones
#: make test-lab          slowed hypervisors are caught and their commits named
#
# What this project holds itself against. Baselines are kept for each compiler of the images; with
# one that has none `make gate` ends with status 2, and `make test` says that nothing was compared.
GATE       := tests/gate/xenolith.ini
GATE_NEEDS := all deps-test

.PHONY: gate gate-update test-gate
gate: $(GATE_NEEDS)
	$(B)/xenolith gate $(GATE)

gate-update: $(GATE_NEEDS)
	@test -n "$(REASON)" || { echo "make gate-update needs REASON=\"why the numbers moved\""; exit 2; }
	$(B)/xenolith gate $(GATE) --update "$(REASON)"

test-gate: $(GATE_NEEDS)
	@$(B)/xenolith gate $(GATE) >$(B)/gate.txt 2>&1; status=$$?; \
	if [ $$status -eq 2 ] && ! grep -q 'DIFFERS\|NOT MEASURED\|same:' $(B)/gate.txt; then \
	    echo "no baselines of this compiler: nothing was compared (make gate-update makes some)"; \
	else cat $(B)/gate.txt; exit $$status; fi

TESTS += test-gate

# Slowed hypervisors are caught, and their commits named: ten minutes.
.PHONY: test-lab
test-lab: all deps-test
	@B=$(B) tests/gate/slowed.sh
