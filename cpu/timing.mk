# SPDX-License-Identifier: GPL-2.0-only
# The cost model's objects and tests; included by cpu/build.mk.
TIMING_OBJECTS := $(addprefix $(B)/cpu/,costs.o timing.o decode.o tlb.o l2.o data.o filter.o fetch.o \
                    hierarchy.o)
TIMING_LIBS    := -lcapstone -linih

TIMING_TESTS := $(B)/tests/unit/timing-model

$(B)/tests/unit/timing-model: $(addprefix $(B)/tests/unit/,timing_model.o timing_reference.o) \
                              $(TIMING_OBJECTS) | deps-test
	$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(TIMING_LIBS)

.PHONY: test-timing
test-timing: $(TIMING_TESTS)
	@for test in $^; do $$test || exit 1; done

TESTS += test-timing
-include $(wildcard $(B)/tests/unit/timing_*.d)
