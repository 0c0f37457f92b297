# SPDX-License-Identifier: GPL-2.0-only
#
# The processors. A program that links them uses $(CPU_OBJS), $(CPU_LDFLAGS) and $(CPU_LIBS).

# Functions of libunicorn that the full model stands in for.
CPU_MODEL_WRAPPED := $(addsuffix _x86_64, \
    tcg_gen_qemu_ld_i32 tcg_gen_qemu_ld_i64 tcg_gen_qemu_st_i32 tcg_gen_qemu_st_i64 \
    tcg_gen_atomic_add_fetch_i64 tcg_gen_atomic_and_fetch_i64 tcg_gen_atomic_or_fetch_i64 \
    tcg_gen_atomic_xor_fetch_i64 tcg_gen_atomic_fetch_add_i64 tcg_gen_atomic_fetch_and_i64 \
    tcg_gen_atomic_fetch_or_i64 tcg_gen_atomic_fetch_xor_i64 tcg_gen_atomic_xchg_i64 \
    tcg_gen_atomic_cmpxchg_i64 helper_ret_ldub_mmu helper_le_lduw_mmu helper_le_ldul_mmu \
    helper_le_ldq_mmu helper_ret_stb_mmu helper_le_stw_mmu helper_le_stl_mmu helper_le_stq_mmu \
    cpu_ldub_data_ra cpu_lduw_data_ra cpu_ldsw_data_ra cpu_ldl_data_ra cpu_ldq_data_ra \
    cpu_stb_data_ra cpu_stw_data_ra cpu_stl_data_ra cpu_stq_data_ra)

# Its helpers of x87 and SSE instructions (unicorn_x87*.c, unicorn_sse.c).
CPU_FLOAT_WRAPPED := $(patsubst %,helper_%_x86_64, \
    addpd addps addsd addss cmpeqpd cmpeqps cmpeqsd cmpeqss cmplepd cmpleps cmplesd cmpless \
    cmpltpd cmpltps cmpltsd cmpltss cmpneqpd cmpneqps cmpneqsd cmpneqss cmpnlepd cmpnleps \
    cmpnlesd cmpnless cmpnltpd cmpnltps cmpnltsd cmpnltss cmpordpd cmpordps cmpordsd cmpordss \
    cmpunordpd cmpunordps cmpunordsd cmpunordss comisd comiss cvtdq2pd cvtdq2ps cvtpd2dq \
    cvtpd2pi cvtpd2ps cvtpi2pd cvtpi2ps cvtps2dq cvtps2pd cvtps2pi cvtsd2si cvtsd2ss cvtsi2sd \
    cvtsi2ss cvtss2sd cvtss2si cvttpd2dq cvttpd2pi cvttps2dq cvttps2pi cvttsd2si cvttss2si \
    divpd divps divsd divss f2xm1 fabs_ST0 fadd_ST0_FT0 fadd_STN_ST0 fbld_ST0 fbst_ST0 fchs_ST0 \
    fcom_ST0_FT0 fcomi_ST0_FT0 fcos fdecstp fdiv_ST0_FT0 fdiv_STN_ST0 fdivr_ST0_FT0 \
    fdivr_STN_ST0 ffree_STN fildl_FT0 fildl_ST0 fildll_ST0 fincstp fist_ST0 fistl_ST0 \
    fistll_ST0 fistt_ST0 fisttl_ST0 fisttll_ST0 fld1_ST0 fldcw fldenv fldl2e_ST0 fldl2t_ST0 \
    fldl_FT0 fldl_ST0 fldlg2_ST0 fldln2_ST0 fldpi_ST0 flds_FT0 flds_ST0 fldt_ST0 fldz_FT0 \
    fldz_ST0 fmov_FT0_STN fmov_ST0_STN fmov_STN_ST0 fmul_ST0_FT0 fmul_STN_ST0 fpatan fpop fprem \
    fprem1 fptan fpush frndint frstor fsave fscale fsin fsincos fsqrt fstenv fstl_ST0 fsts_ST0 \
    fstt_ST0 fsub_ST0_FT0 fsub_STN_ST0 fsubr_ST0_FT0 fsubr_STN_ST0 fucom_ST0_FT0 fucomi_ST0_FT0 \
    fxam_ST0 fxchg_ST0_STN fxrstor fxsave fxtract fyl2x fyl2xp1 ldmxcsr maxpd maxps maxsd maxss \
    minpd minps minsd minss mulpd mulps mulsd mulss rcpps rcpss rsqrtps rsqrtss sqrtpd sqrtps \
    sqrtsd sqrtss subpd subps subsd subss ucomisd ucomiss)

# Functions of libunicorn that ours stand in for; see cpu/engine/unicorn.c. The suffix is the
# library's.
UNICORN_WRAPPED := memory_mapping gettimeofday \
    $(addsuffix _x86_64, \
        cpu_check_watchpoint cpu_ldl_code cpu_ldl_mmuidx_ra cpu_ldub_code cpu_lduw_code cpu_lduw_mmuidx_ra \
        cpu_loop_exit_noexc cpu_restore_state \
        cpu_stl_mmuidx_ra cpu_stw_mmuidx_ra gen_intermediate_code get_page_addr_code helper_check_iob helper_cli \
        helper_cmpxchg8b_unlocked helper_cpuid helper_emms helper_enter_mmx helper_inb helper_inl helper_into \
        helper_invlpg helper_inw helper_iret_protected helper_lcall_protected \
        helper_ljmp_protected helper_load_seg helper_lret_protected helper_monitor helper_mwait \
        helper_outb helper_outl helper_outw helper_pause helper_raise_interrupt helper_rdmsr helper_rdpmc \
        helper_rclb helper_rcll helper_rclw helper_rcrb helper_rcrl helper_rcrw helper_rdtsc helper_rdtscp helper_set_dr helper_sti helper_syscall helper_sysenter helper_sysexit helper_sysret \
        helper_write_crN helper_write_eflags helper_wrmsr raise_exception_err_ra tb_gen_code \
        tb_invalidate_phys_page_fast tcg_exec_init tcg_region_reset_all tlb_flush tlb_reset_dirty_by_vaddr \
        tlb_protect_code tlb_unprotect_code uc_add_inline_hook x86_cpu_exec_interrupt \
        x86_cpu_tlb_fill) \
    $(CPU_MODEL_WRAPPED) $(CPU_FLOAT_WRAPPED)

# A comma that make does not take for an argument separator.
, := ,

# The costs and the model are a part of their own: their tests link them without the engine.
CPU_MODEL_OBJS := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard cpu/costs/*.c)) \
                      $(filter-out cpu/model/full.c cpu/model/make_shape.c,$(sort $(wildcard cpu/model/*.c))))
CPU_MODEL_LIBS := -lcapstone -linih
CPU_OBJS := $(CPU_MODEL_OBJS) \
    $(patsubst %.c,$(B)/%.o,$(sort $(wildcard cpu/*.c)) cpu/model/full.c $(sort $(wildcard cpu/x86/*.c cpu/engine/*.c cpu/float/*.c cpu/saved/*.c)))
CPU_LDFLAGS := $(addprefix -Wl$(,)--wrap=,$(UNICORN_WRAPPED))
CPU_LIBS := -Wl,-Bstatic -lunicorn -Wl,-Bdynamic $(CPU_MODEL_LIBS) -lpthread -lm

-include $(CPU_OBJS:.o=.d)

# The shape that is constant in the model's code, from the machine that the experiments use.
USUAL_MACHINE := machines/xeon-2400.ini
USUAL_SHAPE := $(B)/cpu/model/usual_shape.h

$(B)/cpu/make-shape: $(addprefix $(B)/cpu/,model/make_shape.o model/shape.o costs/costs.o costs/parameter.o)
	$(CC) $(LDFLAGS) -o $@ $^ -linih

$(USUAL_SHAPE): $(B)/cpu/make-shape $(USUAL_MACHINE)
	$< $(USUAL_MACHINE) > $@

$(foreach folder,$(B) $(B)/analysed,$(addprefix $(folder)/cpu/model/,data.o fetch.o hierarchy.o l2.o)): \
    $(USUAL_SHAPE)

# ---- tests
CPU_TESTS := $(B)/tests/cpu
CPU_TEST_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/cpu_*.c))

$(CPU_TESTS): $(CPU_TEST_OBJS) $(CPU_OBJS) | deps-test
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(CPU_LDFLAGS) -o $@ $^ $(CPU_LIBS) -lcriterion

.PHONY: test-cpu
test-cpu: $(CPU_TESTS)
	$< --quiet
	@LAB_STEPS=3 $< --quiet --filter '@(cpu_basic|cpu_delivery|cpu_paging|cpu_rings)/*'

# The same stopped after every instruction and every third: minutes.
.PHONY: test-inspect-cpu
test-inspect-cpu: $(CPU_TESTS) $(B)/tests/unit/timing-engine
	@for n in 1 3; do for t in $^; do LAB_STEPS=$$n $$t --quiet || exit 1; done; done

TESTS_INSPECT += test-inspect-cpu

# Counted time against QEMU's, on images that use integers, memory, gates, faults and CR3.
.PHONY: test-icount
test-icount: $(B)/xenolith $$(BENCH_IMAGES) | deps-test
	tests/oracle/same-count $^

# Floating point against the host's own, and the functions beyond roots against MPFR. One seed's
# sample is a test; the operands of `make float` are another seed's each time, which it prints.
FLOAT_OBJS := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard cpu/float/*.c)))
FLOAT_TESTS := $(addprefix $(B)/tests/float/,host mpfr)

$(B)/tests/float/host: $(B)/tests/float/host.o $(FLOAT_OBJS)
	$(CC) $(LDFLAGS) -o $@ $^

$(B)/tests/float/mpfr: $(B)/tests/float/mpfr.o $(FLOAT_OBJS) | deps-test
	$(CC) $(LDFLAGS) -o $@ $^ -lmpfr -lgmp

$(B)/tests/float/mpfr.o: | deps-test

.PHONY: test-float float
test-float: $(FLOAT_TESTS)
	$(B)/tests/float/host 1 100000
	$(B)/tests/float/mpfr 1 5000

float: FLOAT_SEED ?= $(shell date +%s)
float: $(FLOAT_TESTS)
	$(B)/tests/float/host $(FLOAT_SEED) 10000000
	$(B)/tests/float/mpfr $(FLOAT_SEED) 1000000

# Instructions in ring 3 against a real processor's answers; what libm and fenv say of exceptions.
.PHONY: test-insn
test-insn: all | deps-test
	B=$(B) tests/insn/run.sh

TESTS += test-cpu test-icount test-float test-insn
-include $(wildcard $(B)/tests/float/*.d)
-include $(CPU_TEST_OBJS:.o=.d)

# ---- tests of the costs and the model
TIMING_TESTS := $(addprefix $(B)/tests/unit/,timing-model timing-engine timing-costs)

$(B)/tests/unit/timing-model: $(addprefix $(B)/tests/unit/,timing_model.o timing_reference.o) \
                              $(CPU_MODEL_OBJS) | deps-test
	$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(CPU_MODEL_LIBS)

# A machine file is read as a whole there, with what devices cost.
$(B)/tests/unit/timing-costs: $(addprefix $(B)/,tests/unit/timing_costs.o sim/machine/description.o) \
                              $(CPU_MODEL_OBJS) | deps-test
	$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(CPU_MODEL_LIBS)

$(B)/tests/unit/timing-engine: $(B)/tests/unit/timing_engine.o $$(CPU_OBJS) | deps-test
	$(CC) $(LDFLAGS) $(CPU_LDFLAGS) -o $@ $^ $(CPU_LIBS) -lcriterion

.PHONY: test-timing
test-timing: $(TIMING_TESTS)
	@for test in $^; do $$test --quiet || exit 1; done
	@LAB_STEPS=7 $(B)/tests/unit/timing-engine --quiet --filter '*/components*'

TESTS += test-timing
-include $(wildcard $(B)/tests/unit/timing_*.d)
