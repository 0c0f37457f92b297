/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_x87.c - x87: the stack, loads, stores, moves
 *
 * The library's own helpers compute with the host's libm or raise nothing. Ours take the place of
 * all that touch values; the essay is in unicorn_x87.h.
 */
#include "cpu/engine/unicorn_x87.h"
#include "cpu/engine/engine_calls.h"
#include "cpu/float/arithmetic.h"
#include "cpu/x86/registers.h"
#include "cpu/x86/vectors.h"

/* Begins a helper that takes the place of the library's. */
#define X87(type, name, ...) INTERPOSE(type, helper_##name##_x86_64, void *env, ##__VA_ARGS__)

bool x87_stack_fault(void *env, bool overflow)
{
    x87_raise(env, FP_IE | X87_SF);
    x87_set_c1(env, overflow);
    return FIELD(uint16_t, env, ENV_FPU_CONTROL) & FP_IE;
}

struct fp_context x87_context(void *env)
{
    uint16_t control = FIELD(uint16_t, env, ENV_FPU_CONTROL);

    return (struct fp_context){
        .rounding = control >> 10 & 3, .precision = 64, .masked = control & FP_ALL, .x87 = true};
}

/* Without CR0.NE the processor would signal FERR to the interrupt controller; nobody listens. */
void x87_begin(void *env, uintptr_t ra)
{
    struct cpu *cpu = lib_cpu;

    cpu->x87.kept = false;
    if (__builtin_expect(*x87_status(env) & X87_ES, 0) && (lib_cr(cpu)[0] & CR0_NE)) {
        cpu->helper.return_address = ra;
        lib_raise(cpu, VECTOR_MF, 0);
    }
}

bool x87_computed(void *env, const struct fp_context *c)
{
    bool stopped = fp_stopped(c);

    if (c->flags)
        x87_raise(env, c->flags);
    x87_set_c1(env, !stopped && c->rounded_up);
    lib_cpu->x87.kept = stopped;
    return !stopped;
}

bool x87_push(void *env, struct fp_extended value)
{
    bool over = !*x87_empty(env, 7);

    x87_set_c1(env, false);
    if (over) {
        if (!x87_stack_fault(env, true))
            return false;
        value = X87_INDEFINITE;
    }
    FIELD(uint32_t, env, ENV_FPU_TOP) = x87_index(env, 7);
    x87_set(env, 0, value);
    return true;
}

void x87_pop(void *env)
{
    *x87_empty(env, 0) = 1;
    FIELD(uint32_t, env, ENV_FPU_TOP) = x87_index(env, 1);
}

X87(void, fpop)
{
    if (!lib_cpu->x87.kept)
        x87_pop(env);
}

/* ---- the second operand ---------------------------------------------------------------------- */

static void set_operand(void *env, struct fp_number n, bool empty, uintptr_t ra)
{
    x87_begin(env, ra);
    lib_cpu->x87.operand = n;
    lib_cpu->x87.operand_empty = empty;
}

static const struct fp_context plain;

X87(void, flds_FT0, uint32_t bits)
{
    set_operand(env, fp_from32(&plain, bits), false, CALLER());
}

X87(void, fldl_FT0, uint64_t bits)
{
    set_operand(env, fp_from64(&plain, bits), false, CALLER());
}

X87(void, fildl_FT0, int32_t value)
{
    set_operand(env, fp_from_integer(value), false, CALLER());
}

X87(void, fldz_FT0)
{
    set_operand(env, fp_zero(false), false, CALLER());
}

X87(void, fmov_FT0_STN, int i)
{
    set_operand(env, fp_from80(*x87_st(env, (unsigned)i)), *x87_empty(env, (unsigned)i), CALLER());
}

/* ---- loads ----------------------------------------------------------------------------------- */

static void load(void *env, struct fp_number n, uintptr_t ra)
{
    struct fp_context c;

    x87_begin(env, ra);
    c = x87_context(env);
    if (!*x87_empty(env, 7)) {
        x87_push(env, X87_INDEFINITE);
        return;
    }
    struct fp_exact value = fp_convert(&c, n);

    if (x87_computed(env, &c))
        x87_push(env, fp_to80(&c, value));
}

X87(void, flds_ST0, uint32_t bits)
{
    load(env, fp_from32(&plain, bits), CALLER());
}

X87(void, fldl_ST0, uint64_t bits)
{
    load(env, fp_from64(&plain, bits), CALLER());
}

X87(void, fildl_ST0, int32_t value)
{
    load(env, fp_from_integer(value), CALLER());
}

X87(void, fildll_ST0, int64_t value)
{
    load(env, fp_from_integer(value), CALLER());
}

X87(void, fldt_ST0, uint64_t at)
{
    uintptr_t ra = CALLER();
    struct fp_extended value;

    x87_begin(env, ra);
    value.significand = cpu_ldq_data_ra_x86_64(env, at, ra);
    value.top = (uint16_t)cpu_lduw_data_ra_x86_64(env, (uint32_t)(at + 8), ra);
    x87_push(env, value);
}

/* The first half of a load: the value follows. */
X87(void, fpush)
{
    x87_begin(env, CALLER());
    bool over = !*x87_empty(env, 7);

    x87_push(env, X87_INDEFINITE);
    lib_cpu->x87.push = over ? X87_PUSH_REFUSED : X87_PUSHED;
}

static void load_constant(void *env, struct fp_extended value)
{
    if (lib_cpu->x87.push == X87_PUSHED)
        x87_set(env, 0, value);
    lib_cpu->x87.push = X87_NO_PUSH;
}

/* What lies below the rounded 64 bits is above or below a half; up is away from 0. */
static void load_rounded(void *env, struct fp_extended low, bool above_half)
{
    unsigned rounding = FIELD(uint16_t, env, ENV_FPU_CONTROL) >> 10 & 3;

    low.significand += rounding == FP_UP || (rounding == FP_NEAREST && above_half);
    load_constant(env, low);
}

X87(void, fld1_ST0)
{
    load_constant(env, (struct fp_extended){FP_INTEGER_BIT, 0x3fff});
}

X87(void, fldz_ST0)
{
    load_constant(env, (struct fp_extended){0, 0});
}

X87(void, fldl2t_ST0)
{
    load_rounded(env, (struct fp_extended){0xd49a784bcd1b8afe, 0x4000}, false);
}

X87(void, fldl2e_ST0)
{
    load_rounded(env, (struct fp_extended){0xb8aa3b295c17f0bb, 0x3fff}, true);
}

X87(void, fldpi_ST0)
{
    load_rounded(env, (struct fp_extended){0xc90fdaa22168c234, 0x4000}, true);
}

X87(void, fldlg2_ST0)
{
    load_rounded(env, (struct fp_extended){0x9a209a84fbcff798, 0x3ffd}, true);
}

X87(void, fldln2_ST0)
{
    load_rounded(env, (struct fp_extended){0xb17217f7d1cf79ab, 0x3ffe}, true);
}

/* ---- moves ----------------------------------------------------------------------------------- */

/* The second half of fld st(i), or all of fcmov. */
X87(void, fmov_ST0_STN, int i)
{
    uint8_t push = lib_cpu->x87.push;

    lib_cpu->x87.push = X87_NO_PUSH;
    if (push == X87_PUSH_REFUSED)
        return;
    if (push == X87_NO_PUSH) {
        x87_begin(env, CALLER());
        x87_set_c1(env, false);
    }
    if (!*x87_empty(env, (unsigned)i) && !*x87_empty(env, 0))
        x87_set(env, 0, *x87_st(env, (unsigned)i));
    else if (x87_stack_fault(env, false))
        x87_set(env, 0, X87_INDEFINITE);
    else if (push == X87_PUSHED)
        x87_pop(env);
}

X87(void, fmov_STN_ST0, int i)
{
    x87_begin(env, CALLER());
    x87_set_c1(env, false);
    if (!*x87_empty(env, 0))
        x87_set(env, (unsigned)i, *x87_st(env, 0));
    else if (x87_stack_fault(env, false))
        x87_set(env, (unsigned)i, X87_INDEFINITE);
    else
        lib_cpu->x87.kept = true;
}

X87(void, fxchg_ST0_STN, int i)
{
    x87_begin(env, CALLER());
    x87_set_c1(env, false);
    struct fp_extended a = *x87_st(env, 0), b = *x87_st(env, (unsigned)i);

    if (*x87_empty(env, 0) || *x87_empty(env, (unsigned)i)) {
        if (!x87_stack_fault(env, false))
            return;
        a = *x87_empty(env, 0) ? X87_INDEFINITE : a;
        b = *x87_empty(env, (unsigned)i) ? X87_INDEFINITE : b;
    }
    x87_set(env, (unsigned)i, a);
    x87_set(env, 0, b);
}

X87(void, ffree_STN, int i)
{
    x87_begin(env, CALLER());
    *x87_empty(env, (unsigned)i) = 1;
}

X87(void, fdecstp)
{
    x87_begin(env, CALLER());
    FIELD(uint32_t, env, ENV_FPU_TOP) = x87_index(env, 7);
    x87_set_c1(env, false);
}

X87(void, fincstp)
{
    x87_begin(env, CALLER());
    FIELD(uint32_t, env, ENV_FPU_TOP) = x87_index(env, 1);
    x87_set_c1(env, false);
}

/* ---- stores ---------------------------------------------------------------------------------- */

/* Begins a store of ST0. True: it is empty and the indefinite value is stored. */
static bool store_indefinite(void *env, uintptr_t ra)
{
    x87_begin(env, ra);
    if (!*x87_empty(env, 0))
        return false;
    if (!x87_stack_fault(env, false)) {
        lib_cpu->helper.return_address = ra;
        lib_skip(lib_cpu);
    }
    return true;
}

/* Memory keeps its value if the conversion raised something that is not masked, but for PE. */
static void stored(void *env, struct fp_context *c, uintptr_t ra)
{
    x87_computed(env, c);
    if (c->flags & ~c->masked & FP_ALL & ~FP_PE) {
        lib_cpu->helper.return_address = ra;
        lib_skip(lib_cpu);
    }
}

/* A denormal of the extended format is no exception here. */
static struct fp_number st0_to_store(void *env)
{
    struct fp_number n = fp_from80(*x87_st(env, 0));

    n.denormal = false;
    return n;
}

X87(uint32_t, fsts_ST0)
{
    uintptr_t ra = CALLER();

    if (store_indefinite(env, ra))
        return 0xffc00000;
    struct fp_context c = x87_context(env);
    uint32_t bits = fp_to32(&c, fp_convert(&c, st0_to_store(env)));

    stored(env, &c, ra);
    return bits;
}

X87(uint64_t, fstl_ST0)
{
    uintptr_t ra = CALLER();

    if (store_indefinite(env, ra))
        return UINT64_C(0xfff8) << 48;
    struct fp_context c = x87_context(env);
    uint64_t bits = fp_to64(&c, fp_convert(&c, st0_to_store(env)));

    stored(env, &c, ra);
    return bits;
}

static int64_t store_integer(void *env, unsigned bits, uintptr_t ra)
{
    if (store_indefinite(env, ra))
        return -(int64_t)((UINT64_C(1) << (bits - 1)) - 1) - 1;
    struct fp_context c = x87_context(env);
    int64_t value = fp_to_integer(&c, fp_from80(*x87_st(env, 0)), bits);

    stored(env, &c, ra);
    return value;
}

X87(int32_t, fist_ST0)
{
    return (int32_t)store_integer(env, 16, CALLER());
}

X87(int32_t, fistl_ST0)
{
    return (int32_t)store_integer(env, 32, CALLER());
}

X87(int64_t, fistll_ST0)
{
    return store_integer(env, 64, CALLER());
}

void x87_probe_store(void *env, uint32_t linear, uintptr_t ra)
{
    static const enum access_mode modes[] = {ACCESS_RING0, ACCESS_RING12, ACCESS_RING12,
                                             ACCESS_RING3};

    probe_access_x86_64(env, linear, 1, ACCESS_WRITE, modes[lib_ring(lib_cpu)], ra);
}

X87(void, fstt_ST0, uint64_t at)
{
    uintptr_t ra = CALLER();
    struct fp_extended value = store_indefinite(env, ra) ? X87_INDEFINITE : *x87_st(env, 0);

    if (!*x87_empty(env, 0))
        x87_set_c1(env, false);
    x87_probe_store(env, (uint32_t)(at + 9), ra); /* nothing is stored if the end faults */
    cpu_stq_data_ra_x86_64(env, at, value.significand, ra);
    cpu_stw_data_ra_x86_64(env, (uint32_t)(at + 8), value.top, ra);
}
