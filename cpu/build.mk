# SPDX-License-Identifier: GPL-2.0-only
#
# The processors. A program that links them uses $(CPU_OBJS), $(CPU_LDFLAGS) and $(CPU_LIBS).
include cpu/timing.mk

# Functions of libunicorn that ours stand in for; see cpu/unicorn.c. The suffix is the library's.
UNICORN_WRAPPED := memory_mapping gettimeofday \
    $(addsuffix _x86_64, \
        cpu_check_watchpoint cpu_ldl_mmuidx_ra cpu_loop_exit_noexc cpu_lduw_mmuidx_ra cpu_restore_state \
        cpu_stl_mmuidx_ra cpu_stw_mmuidx_ra gen_intermediate_code get_page_addr_code helper_cpuid helper_inb helper_inl helper_into \
        helper_invlpg helper_inw helper_iret_protected helper_lcall_protected \
        helper_ljmp_protected helper_load_seg helper_lret_protected helper_monitor helper_mwait \
        helper_outb helper_outl helper_outw helper_pause helper_raise_interrupt helper_rdmsr helper_rdpmc \
        helper_rdtsc helper_rdtscp helper_set_dr helper_syscall helper_sysenter helper_sysexit helper_sysret \
        helper_write_crN helper_wrmsr raise_exception_err_ra tb_gen_code \
        tb_invalidate_phys_page_fast tcg_exec_init tcg_region_reset_all tlb_flush \
        tlb_protect_code tlb_unprotect_code uc_add_inline_hook x86_cpu_exec_interrupt \
        x86_cpu_tlb_fill) \
    $(TIMING_WRAPPED)

# A comma that make does not take for an argument separator.
, := ,

CPU_OBJS := $(TIMING_OBJECTS) \
    $(addprefix $(B)/cpu/,breakpoint.o control.o cpu.o deliver.o full.o mmu.o segment.o task.o twins.o unicorn.o \
        unicorn_check.o unicorn_code.o unicorn_emit.o unicorn_filter.o unicorn_helpers.o unicorn_hooks.o unicorn_tlb.o)
CPU_LDFLAGS := $(addprefix -Wl$(,)--wrap=,$(UNICORN_WRAPPED))
CPU_LIBS := -Wl,-Bstatic -lunicorn -Wl,-Bdynamic $(TIMING_LIBS) -lpthread -lm

-include $(CPU_OBJS:.o=.d)

# ---- tests
CPU_TESTS := $(B)/tests/cpu
CPU_TEST_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/cpu_*.c))

$(CPU_TESTS): $(CPU_TEST_OBJS) $(CPU_OBJS) | deps-test
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(CPU_LDFLAGS) -o $@ $^ $(CPU_LIBS) -lcriterion

.PHONY: test-cpu
test-cpu: $(CPU_TESTS)
	$< --quiet

# Counted time against QEMU's, on images that use integers, memory, gates, faults and CR3.
.PHONY: test-icount
test-icount: $(B)/xenolith $$(BENCH_IMAGES) | deps-test
	tests/oracle/same-count $^

TESTS += test-cpu test-icount
-include $(CPU_TEST_OBJS:.o=.d)
