/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_x87_state.c - x87, MMX and SSE: control words, saving and restoring, decimals
 *
 * Layouts: SDM vol. 1, 8.1.10 (FSTENV, FSAVE) and vol. 2, FXSAVE.
 */
#include "cpu/engine/unicorn_x87.h"
#include "cpu/engine/engine_calls.h"
#include "cpu/float/arithmetic.h"
#include "cpu/x86/registers.h"
#include "cpu/x86/vectors.h"

#define X87(type, name, ...) INTERPOSE(type, helper_##name##_x86_64, void *env, ##__VA_ARGS__)

enum { MXCSR_MASK = 0xffff, DECIMAL_BYTES = 9, FXSAVE_BYTES = 512 };
enum { FXSAVE_REGISTERS = 32, FXSAVE_XMM = 160, FXSAVE_MXCSR = 24, REGISTERS = 8 };

/* Another control or status word may leave something pending, or nothing. */
static void settle(void *env)
{
    *x87_status(env) &= (uint16_t) ~(X87_ES | X87_B);
    x87_raise(env, 0);
}

X87(void, fldcw, uint32_t value)
{
    x87_begin(env, CALLER());
    REAL(helper_fldcw_x86_64)(env, (value & ~0x80u) | 0x40);
    settle(env);
}

/* What the 32-bit layout reserves is stored as ones. */
static void store_reserved(void *env, uint32_t at, int wide, uintptr_t ra)
{
    static const uint8_t upper[] = {2, 6, 10, 26};

    for (unsigned i = 0; wide && i < sizeof(upper); i++)
        cpu_stw_data_ra_x86_64(env, at + upper[i], 0xffff, ra);
}

X87(void, fstenv, uint64_t at, int wide)
{
    lib_cpu->helper.return_address = CALLER();
    x87_probe_store(env, (uint32_t)at + (wide ? 27 : 13), CALLER());
    REAL(helper_fstenv_x86_64)(env, at, wide);
    store_reserved(env, (uint32_t)at, wide, CALLER());
    FIELD(uint16_t, env, ENV_FPU_CONTROL) |= FP_ALL;
    settle(env);
    lib_cpu->helper.return_address = 0;
}

X87(void, fsave, uint64_t at, int wide)
{
    lib_cpu->helper.return_address = CALLER();
    x87_probe_store(env, (uint32_t)at + (wide ? 107 : 93), CALLER());
    REAL(helper_fsave_x86_64)(env, at, wide);
    store_reserved(env, (uint32_t)at, wide, CALLER());
    lib_cpu->helper.return_address = 0;
}

X87(void, fldenv, uint64_t at, int wide)
{
    x87_begin(env, CALLER());
    lib_cpu->helper.return_address = CALLER();
    cpu_ldub_data_ra_x86_64(env, (uint32_t)at + (wide ? 27 : 13), CALLER());
    REAL(helper_fldenv_x86_64)(env, at, wide);
    settle(env);
    lib_cpu->helper.return_address = 0;
}

X87(void, frstor, uint64_t at, int wide)
{
    x87_begin(env, CALLER());
    lib_cpu->helper.return_address = CALLER();
    cpu_ldub_data_ra_x86_64(env, (uint32_t)at + (wide ? 107 : 93), CALLER());
    REAL(helper_frstor_x86_64)(env, at, wide);
    settle(env);
    lib_cpu->helper.return_address = 0;
}

X87(void, ldmxcsr, uint32_t value)
{
    if (value & ~(uint32_t)MXCSR_MASK) {
        lib_cpu->helper.return_address = CALLER();
        lib_raise(lib_cpu, VECTOR_GP, 0);
    }
    FIELD(uint32_t, env, ENV_MXCSR) = value;
}

/* ---- fxsave, fxrstor ------------------------------------------------------------------------- */

static void begin_fx(uint64_t at, uintptr_t ra)
{
    lib_cpu->helper.return_address = ra;
    if (at & 15)
        lib_raise(lib_cpu, VECTOR_GP, 0);
}

/* The XMM registers count only with CR4.OSFXSR, as far as the manual binds a processor. */
static bool with_xmm(void)
{
    return lib_cr(lib_cpu)[4] & CR4_OSFXSR;
}

static uint64_t *xmm(void *env, unsigned i)
{
    return &FIELD(uint64_t, env, ENV_XMM + i * ENV_XMM_BYTES);
}

X87(void, fxsave, uint64_t at)
{
    uintptr_t ra = CALLER();
    uint32_t to = (uint32_t)at, full = 0;

    begin_fx(at, ra);
    x87_probe_store(env, to + FXSAVE_BYTES - 1, ra);
    for (unsigned i = 0; i < REGISTERS; i++)
        full |= (FIELD(uint8_t, env, ENV_FPU_EMPTY + i) ? 0u : 1u) << i;
    cpu_stw_data_ra_x86_64(env, to, FIELD(uint16_t, env, ENV_FPU_CONTROL), ra);
    cpu_stw_data_ra_x86_64(env, to + 2, *x87_status(env) | x87_index(env, 0) << 11, ra);
    cpu_stl_data_ra_x86_64(env, to + 4, full, ra);
    cpu_stl_data_ra_x86_64(env, to + 8, FIELD(uint32_t, env, ENV_FPU_IP), ra);
    cpu_stl_data_ra_x86_64(env, to + 12, FIELD(uint16_t, env, ENV_FPU_CS), ra);
    cpu_stl_data_ra_x86_64(env, to + 16, FIELD(uint32_t, env, ENV_FPU_DP), ra);
    cpu_stl_data_ra_x86_64(env, to + 20, FIELD(uint16_t, env, ENV_FPU_DS), ra);
    for (unsigned i = 0; i < REGISTERS; i++) {
        cpu_stq_data_ra_x86_64(env, to + FXSAVE_REGISTERS + 16 * i, x87_st(env, i)->significand,
                               ra);
        cpu_stq_data_ra_x86_64(env, to + FXSAVE_REGISTERS + 16 * i + 8, x87_st(env, i)->top, ra);
    }
    cpu_stl_data_ra_x86_64(env, to + FXSAVE_MXCSR, FIELD(uint32_t, env, ENV_MXCSR), ra);
    cpu_stl_data_ra_x86_64(env, to + FXSAVE_MXCSR + 4, MXCSR_MASK, ra);
    for (unsigned i = 0; i < REGISTERS && with_xmm(); i++)
        for (unsigned half = 0; half < 2; half++)
            cpu_stq_data_ra_x86_64(env, to + FXSAVE_XMM + 16 * i + 8 * half, xmm(env, i)[half], ra);
    lib_cpu->helper.return_address = 0;
}

static void restore_xmm(void *env, uint32_t from, uintptr_t ra)
{
    FIELD(uint32_t, env, ENV_MXCSR) = cpu_ldl_data_ra_x86_64(env, from + FXSAVE_MXCSR, ra);
    for (unsigned i = 0; i < REGISTERS; i++)
        for (unsigned half = 0; half < 2; half++)
            xmm(env, i)[half] =
                cpu_ldq_data_ra_x86_64(env, from + FXSAVE_XMM + 16 * i + 8 * half, ra);
}

X87(void, fxrstor, uint64_t at)
{
    uintptr_t ra = CALLER();
    uint32_t from = (uint32_t)at;

    begin_fx(at, ra);
    cpu_ldub_data_ra_x86_64(env, from + FXSAVE_BYTES - 1, ra);
    if (with_xmm() &&
        (cpu_ldl_data_ra_x86_64(env, from + FXSAVE_MXCSR, ra) & ~(uint32_t)MXCSR_MASK))
        lib_raise(lib_cpu, VECTOR_GP, 0);
    uint32_t control = cpu_lduw_data_ra_x86_64(env, from, ra);
    uint32_t status = cpu_lduw_data_ra_x86_64(env, from + 2, ra);
    uint32_t full = cpu_ldub_data_ra_x86_64(env, from + 4, ra);

    REAL(helper_fldcw_x86_64)(env, (control & ~0xe080u) | 0x40);
    *x87_status(env) = (uint16_t)(status & ~0x3800u);
    FIELD(uint32_t, env, ENV_FPU_TOP) = status >> 11 & 7;
    FIELD(uint32_t, env, ENV_FPU_IP) = cpu_ldl_data_ra_x86_64(env, from + 8, ra);
    FIELD(uint16_t, env, ENV_FPU_CS) = (uint16_t)cpu_lduw_data_ra_x86_64(env, from + 12, ra);
    FIELD(uint32_t, env, ENV_FPU_DP) = cpu_ldl_data_ra_x86_64(env, from + 16, ra);
    FIELD(uint16_t, env, ENV_FPU_DS) = (uint16_t)cpu_lduw_data_ra_x86_64(env, from + 20, ra);
    for (unsigned i = 0; i < REGISTERS; i++) {
        struct fp_extended value;

        value.significand = cpu_ldq_data_ra_x86_64(env, from + FXSAVE_REGISTERS + 16 * i, ra);
        value.top =
            (uint16_t)cpu_lduw_data_ra_x86_64(env, from + FXSAVE_REGISTERS + 16 * i + 8, ra);
        x87_set(env, i, value);
    }
    for (unsigned i = 0; i < REGISTERS; i++)
        FIELD(uint8_t, env, ENV_FPU_EMPTY + i) = !(full >> i & 1);
    settle(env);
    if (with_xmm())
        restore_xmm(env, from, ra);
    lib_cpu->helper.return_address = 0;
}

/* ---- packed decimals: 18 digits and a sign --------------------------------------------------- */

X87(void, fbld_ST0, uint64_t at)
{
    struct fp_context c = {.precision = 64, .masked = FP_ALL, .x87 = true};
    uintptr_t ra = CALLER();
    int64_t value = 0;

    x87_begin(env, ra);
    uint32_t sign = cpu_ldub_data_ra_x86_64(env, (uint32_t)at + DECIMAL_BYTES, ra);

    for (unsigned i = DECIMAL_BYTES; i-- > 0;) {
        uint32_t digits = cpu_ldub_data_ra_x86_64(env, (uint32_t)at + i, ra);

        value = value * 100 + (int64_t)((digits >> 4) * 10 + (digits & 15));
    }
    struct fp_number n = fp_from_integer(value);

    n.negative = sign >> 7;
    x87_push(env, fp_to80(&c, fp_exactly(n)));
}

static void store_decimal(void *env, uint32_t at, uint64_t value, bool negative, uintptr_t ra)
{
    x87_probe_store(env, at, ra);
    cpu_stb_data_ra_x86_64(env, at + DECIMAL_BYTES, negative ? 0x80 : 0, ra);
    for (unsigned i = 0; i < DECIMAL_BYTES; i++, value /= 100)
        cpu_stb_data_ra_x86_64(env, at + i, (uint32_t)(value / 10 % 10 << 4 | value % 10), ra);
}

X87(void, fbst_ST0, uint64_t at)
{
    static const uint8_t indefinite[] = {0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff};
    static const int64_t most = INT64_C(999999999999999999);
    struct fp_context c = x87_context(env);
    struct fp_number n = fp_from80(*x87_st(env, 0));
    uintptr_t ra = CALLER();

    x87_begin(env, ra);
    bool empty = *x87_empty(env, 0);
    int64_t value = empty ? 0 : fp_to_integer(&c, n, 64);

    if (empty || (c.flags & FP_IE) || value > most || value < -most) {
        if (empty ? !x87_stack_fault(env, false) : (c.flags = FP_IE, !x87_computed(env, &c))) {
            lib_cpu->helper.return_address = ra;
            lib_skip(lib_cpu);
        }
        x87_probe_store(env, (uint32_t)at, ra);
        for (unsigned i = sizeof(indefinite); i-- > 0;)
            cpu_stb_data_ra_x86_64(env, (uint32_t)at + i, indefinite[i], ra);
        return;
    }
    store_decimal(env, (uint32_t)at, (uint64_t)(value < 0 ? -value : value), n.negative, ra);
    x87_computed(env, &c);
}

/* ---- fisttp, which SSE3 brought -------------------------------------------------------------- */

static _Noreturn void refuse(uintptr_t ra)
{
    lib_cpu->helper.return_address = ra;
    lib_raise(lib_cpu, VECTOR_UD, 0);
}

X87(int32_t, fistt_ST0)
{
    (void)env;
    refuse(CALLER());
}

X87(int32_t, fisttl_ST0)
{
    (void)env;
    refuse(CALLER());
}

X87(int64_t, fisttll_ST0)
{
    (void)env;
    refuse(CALLER());
}
