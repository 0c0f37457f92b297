# SPDX-License-Identifier: GPL-2.0-only
# The cost model's objects and tests; included by cpu/build.mk.
TIMING_OBJECTS := $(addprefix $(B)/cpu/,costs.o timing.o decode.o tlb.o l2.o data.o filter.o fetch.o \
                    hierarchy.o)
TIMING_LIBS    := -lcapstone -linih

TIMING_TESTS := $(addprefix $(B)/tests/unit/,timing-model timing-engine timing-costs)

$(B)/tests/unit/timing-model: $(addprefix $(B)/tests/unit/,timing_model.o timing_reference.o) \
                              $(TIMING_OBJECTS) | deps-test
	$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(TIMING_LIBS)

$(B)/tests/unit/timing-costs: $(B)/tests/unit/timing_costs.o $(TIMING_OBJECTS) | deps-test
	$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(TIMING_LIBS)

$(B)/tests/unit/timing-engine: $(B)/tests/unit/timing_engine.o $$(CPU_OBJS) | deps-test
	$(CC) $(LDFLAGS) $(CPU_LDFLAGS) -o $@ $^ $(CPU_LIBS) -lcriterion

.PHONY: test-timing
test-timing: $(TIMING_TESTS)
	@for test in $^; do $$test --quiet || exit 1; done

TESTS += test-timing
-include $(wildcard $(B)/tests/unit/timing_*.d)

# Functions of libunicorn that the full model stands in for.
TIMING_WRAPPED := $(addsuffix _x86_64, \
    tcg_gen_qemu_ld_i32 tcg_gen_qemu_ld_i64 tcg_gen_qemu_st_i32 tcg_gen_qemu_st_i64 \
    tcg_gen_atomic_add_fetch_i64 tcg_gen_atomic_and_fetch_i64 tcg_gen_atomic_or_fetch_i64 \
    tcg_gen_atomic_xor_fetch_i64 tcg_gen_atomic_fetch_add_i64 tcg_gen_atomic_fetch_and_i64 \
    tcg_gen_atomic_fetch_or_i64 tcg_gen_atomic_fetch_xor_i64 tcg_gen_atomic_xchg_i64 \
    tcg_gen_atomic_cmpxchg_i64 helper_ret_ldub_mmu helper_le_lduw_mmu helper_le_ldul_mmu \
    helper_le_ldq_mmu helper_ret_stb_mmu helper_le_stw_mmu helper_le_stl_mmu helper_le_stq_mmu \
    cpu_ldub_data_ra cpu_lduw_data_ra cpu_ldsw_data_ra cpu_ldl_data_ra cpu_ldq_data_ra \
    cpu_stb_data_ra cpu_stw_data_ra cpu_stl_data_ra cpu_stq_data_ra)
