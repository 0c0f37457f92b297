/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_x87_compute.c - x87: arithmetic, comparison, powers, logarithms
 *
 * Each operation looks for empty operands, computes, notes what was raised, and stores. What NaNs,
 * infinities and zeros give is in tables of SDM vol. 2 at each instruction.
 */
#include "cpu/engine/unicorn_x87.h"
#include "cpu/float/arithmetic.h"
#include "cpu/float/transcendental.h"

#define X87(type, name, ...) INTERPOSE(type, helper_##name##_x86_64, void *env, ##__VA_ARGS__)

typedef struct fp_exact binary(struct fp_context *c, struct fp_number a, struct fp_number b);

static void set_codes(void *env, unsigned codes)
{
    uint16_t *status = x87_status(env);

    *status = (uint16_t)((*status & (uint16_t)~X87_CODES) | codes);
}

void x87_underflow(void *env, unsigned to)
{
    if (x87_stack_fault(env, false))
        x87_set(env, to, X87_INDEFINITE);
    else
        lib_cpu->x87.kept = true;
}

void x87_store(void *env, unsigned to, struct fp_context *c, struct fp_exact value)
{
    struct fp_extended packed = {0, 0};

    c->rounded_up = false;
    if (!fp_stopped(c))
        packed = fp_to80(c, value);
    if (x87_computed(env, c))
        x87_set(env, to, packed);
}

/* ---- basic operations ------------------------------------------------------------------------ */

/* Results have the precision of the control word (SDM vol. 1, 8.1.5.2). */
static struct fp_context arithmetic_context(void *env)
{
    static const uint8_t bits[] = {24, 64, 53, 64};
    struct fp_context c = x87_context(env);

    c.precision = bits[FIELD(uint16_t, env, ENV_FPU_CONTROL) >> 8 & 3];
    return c;
}

static void with_operand(void *env, binary *operation, bool reversed)
{
    const struct x87 *x87 = &lib_cpu->x87;

    if (*x87_empty(env, 0) || x87->operand_empty) {
        x87_underflow(env, 0);
        return;
    }
    struct fp_context c = arithmetic_context(env);
    struct fp_number a = x87_number(env, 0), b = x87->operand;

    x87_store(env, 0, &c, reversed ? operation(&c, b, a) : operation(&c, a, b));
}

static void with_register(void *env, unsigned i, binary *operation, bool reversed, uintptr_t ra)
{
    x87_begin(env, ra);
    if (*x87_empty(env, 0) || *x87_empty(env, i)) {
        x87_underflow(env, i);
        return;
    }
    struct fp_context c = arithmetic_context(env);
    struct fp_number a = x87_number(env, i), b = x87_number(env, 0);

    x87_store(env, i, &c, reversed ? operation(&c, b, a) : operation(&c, a, b));
}

#define ARITHMETIC(name, operation, reversed)                                                      \
    X87(void, name##_ST0_FT0)                                                                      \
    {                                                                                              \
        with_operand(env, operation, reversed);                                                    \
    }                                                                                              \
    X87(void, name##_STN_ST0, int i)                                                               \
    {                                                                                              \
        with_register(env, (unsigned)i, operation, reversed, CALLER());                            \
    }

ARITHMETIC(fadd, fp_add, false)
ARITHMETIC(fmul, fp_multiply, false)
ARITHMETIC(fsub, fp_subtract, false)
ARITHMETIC(fsubr, fp_subtract, true)
ARITHMETIC(fdiv, fp_divide, false)
ARITHMETIC(fdivr, fp_divide, true)

/* ---- comparison ------------------------------------------------------------------------------ */

/* False: nothing comes of it. */
static bool compare(void *env, bool quiet, enum fp_order *order)
{
    const struct x87 *x87 = &lib_cpu->x87;
    struct fp_context c = x87_context(env);

    *order = FP_UNORDERED;
    x87_set_c1(env, false);
    if (*x87_empty(env, 0) || x87->operand_empty) {
        lib_cpu->x87.kept = !x87_stack_fault(env, false);
        return !lib_cpu->x87.kept;
    }
    *order = fp_compare(&c, x87_number(env, 0), x87->operand, quiet);
    return x87_computed(env, &c);
}

static void compare_codes(void *env, bool quiet)
{
    static const uint16_t codes[] = {X87_C0, X87_C3, 0, X87_C0 | X87_C2 | X87_C3};
    enum fp_order order;

    if (compare(env, quiet, &order))
        set_codes(env, codes[order]);
}

/* The library takes the flags from the place where arithmetic leaves its result. */
static void compare_flags(void *env, bool quiet)
{
    static const uint8_t flags[] = {1, 0x40, 0, 0x45}; /* CF, ZF, none, all with PF */
    uint32_t before = cpu_cc_compute_all_x86_64(env, FIELD(int, env, ENV_CC_OP));
    enum fp_order order;

    if (compare(env, quiet, &order))
        before = flags[order];
    FIELD(uint64_t, env, ENV_CC_SRC) = before;
}

X87(void, fcom_ST0_FT0)
{
    compare_codes(env, false);
}

X87(void, fucom_ST0_FT0)
{
    compare_codes(env, true);
}

X87(void, fcomi_ST0_FT0)
{
    compare_flags(env, false);
}

X87(void, fucomi_ST0_FT0)
{
    compare_flags(env, true);
}

X87(void, fxam_ST0)
{
    static const uint16_t codes[] = {
        [FP_ZERO] = X87_C3,  [FP_NORMAL] = X87_C2,     [FP_INFINITE] = X87_C0 | X87_C2,
        [FP_QUIET] = X87_C0, [FP_SIGNALLING] = X87_C0, [FP_UNSUPPORTED] = 0};
    struct fp_number n = x87_number(env, 0);
    unsigned code = n.denormal ? X87_C2 | X87_C3 : codes[n.kind];

    x87_begin(env, CALLER());
    if (*x87_empty(env, 0))
        code = X87_C0 | X87_C3;
    set_codes(env, code | (x87_st(env, 0)->top >> 15 ? X87_C1 : 0));
}

/* ---- one operand ----------------------------------------------------------------------------- */

typedef struct fp_exact unary(struct fp_context *c, struct fp_number a);

static void of_top(void *env, unary *operation, uintptr_t ra)
{
    x87_begin(env, ra);
    if (*x87_empty(env, 0)) {
        x87_underflow(env, 0);
        return;
    }
    struct fp_context c = operation == fp_root ? arithmetic_context(env) : x87_context(env);
    struct fp_exact value = operation(&c, x87_number(env, 0));
    bool up = operation == fp_round_to_integer && c.rounded_up;

    x87_store(env, 0, &c, value);
    if (up && !lib_cpu->x87.kept)
        x87_set_c1(env, true);
}

X87(void, fsqrt)
{
    of_top(env, fp_root, CALLER());
}

X87(void, frndint)
{
    of_top(env, fp_round_to_integer, CALLER());
}

static void change_sign(void *env, bool keep, uintptr_t ra)
{
    x87_begin(env, ra);
    x87_set_c1(env, false);
    if (*x87_empty(env, 0))
        x87_underflow(env, 0);
    else
        x87_st(env, 0)->top =
            (uint16_t)(keep ? x87_st(env, 0)->top ^ 0x8000 : x87_st(env, 0)->top & 0x7fff);
}

X87(void, fchs_ST0)
{
    change_sign(env, true, CALLER());
}

X87(void, fabs_ST0)
{
    change_sign(env, false, CALLER());
}

static struct fp_exact power(struct fp_context *c, struct fp_number a)
{
    struct fp_exact out;

    if (fp_propagate(c, a, a, &out))
        return out;
    fp_note_denormals(c, a, a);
    if (a.kind == FP_INFINITE && a.negative)
        return fp_normal(true, 0, (fp_wide)1 << 127);
    return a.kind == FP_NORMAL ? fp_power2_less1(a) : fp_exactly(a);
}

X87(void, f2xm1)
{
    of_top(env, power, CALLER());
}

/* ---- two operands, ST1 and ST0 --------------------------------------------------------------- */

/* ST1 := operation(ST1, ST0), then a pop. */
static void of_two(void *env, binary *operation, uintptr_t ra)
{
    x87_begin(env, ra);
    if (*x87_empty(env, 0) || *x87_empty(env, 1)) {
        x87_underflow(env, 1);
    } else {
        struct fp_context c = x87_context(env);
        struct fp_exact value = operation(&c, x87_number(env, 1), x87_number(env, 0));

        x87_store(env, 1, &c, value);
    }
    if (!lib_cpu->x87.kept)
        x87_pop(env);
}

static struct fp_exact arctangent(struct fp_context *c, struct fp_number y, struct fp_number x)
{
    struct fp_exact out;

    if (fp_propagate(c, y, x, &out))
        return out;
    fp_note_denormals(c, y, x);
    if (y.kind == FP_INFINITE)
        return fp_quarters_of_pi(y.negative, x.kind != FP_INFINITE ? 2 : x.negative ? 3 : 1);
    if (y.kind == FP_ZERO || x.kind == FP_INFINITE)
        return x.negative ? fp_quarters_of_pi(y.negative, 4) : fp_exactly(fp_zero(y.negative));
    return x.kind == FP_ZERO ? fp_quarters_of_pi(y.negative, 2) : fp_arctangent(y, x);
}

X87(void, fpatan)
{
    of_two(env, arctangent, CALLER());
}

/* y times a logarithm that is infinite, or zero, or whose sign alone matters. */
static struct fp_exact y_times(struct fp_context *c, struct fp_number y, enum fp_kind logarithm,
                               bool negative)
{
    if ((y.kind == FP_ZERO && logarithm == FP_INFINITE) ||
        (y.kind == FP_INFINITE && logarithm == FP_ZERO))
        return fp_invalid(c);
    negative = negative != y.negative;
    return fp_exactly(y.kind == FP_INFINITE || logarithm == FP_INFINITE ? fp_infinity(negative)
                                                                        : fp_zero(negative));
}

static struct fp_exact logarithm(struct fp_context *c, struct fp_number y, struct fp_number x)
{
    struct fp_exact out;

    if (fp_propagate(c, y, x, &out))
        return out;
    if (x.negative && x.kind != FP_ZERO)
        return fp_invalid(c);
    if (x.kind == FP_ZERO && y.kind == FP_NORMAL) {
        c->flags |= FP_ZE;
        return fp_exactly(fp_infinity(!y.negative));
    }
    bool one = x.kind == FP_NORMAL && x.exponent == 0 && x.significand == FP_INTEGER_BIT;

    if (x.kind == FP_NORMAL && y.kind == FP_NORMAL && !one) {
        fp_note_denormals(c, y, x);
        return fp_y_log2(y, x);
    }
    out = y_times(c, y,
                  one                   ? FP_ZERO
                  : x.kind == FP_NORMAL ? FP_NORMAL
                                        : FP_INFINITE,
                  x.kind == FP_ZERO || (x.kind == FP_NORMAL && x.exponent < 0));
    if (!(c->flags & FP_IE))
        fp_note_denormals(c, y, x);
    return out;
}

X87(void, fyl2x)
{
    of_two(env, logarithm, CALLER());
}

/* Below -1 there is no logarithm; the manual leaves open what comes. */
static struct fp_exact logarithm_plus1(struct fp_context *c, struct fp_number y, struct fp_number x)
{
    struct fp_exact out;

    if (fp_propagate(c, y, x, &out))
        return out;
    if (x.negative && x.kind != FP_ZERO && (x.kind == FP_INFINITE || x.exponent >= 0))
        return fp_invalid(c);
    if (x.kind == FP_NORMAL && y.kind == FP_NORMAL) {
        fp_note_denormals(c, y, x);
        return fp_y_log2_plus1(y, x);
    }
    out = y_times(c, y, x.kind, x.negative);
    if (!(c->flags & FP_IE))
        fp_note_denormals(c, y, x);
    return out;
}

X87(void, fyl2xp1)
{
    of_two(env, logarithm_plus1, CALLER());
}

static struct fp_exact scale(struct fp_context *c, struct fp_number a, struct fp_number by)
{
    struct fp_exact out;

    if (fp_propagate(c, a, by, &out))
        return out;
    if (by.kind == FP_INFINITE && a.kind == (by.negative ? FP_INFINITE : FP_ZERO))
        return fp_invalid(c);
    fp_note_denormals(c, a, by);
    if (by.kind == FP_INFINITE)
        return fp_exactly(by.negative ? fp_zero(a.negative) : fp_infinity(a.negative));
    if (a.kind == FP_NORMAL && by.kind == FP_NORMAL && by.exponent >= 0) {
        int n = by.exponent > 16 ? 1 << 17 : (int)(by.significand >> (63 - by.exponent));

        a.exponent += by.negative ? -n : n;
    }
    return fp_exactly(a);
}

X87(void, fscale)
{
    x87_begin(env, CALLER());
    if (*x87_empty(env, 0) || *x87_empty(env, 1)) {
        x87_underflow(env, 0);
        return;
    }
    struct fp_context c = x87_context(env);
    struct fp_exact value = scale(&c, x87_number(env, 0), x87_number(env, 1));

    x87_store(env, 0, &c, value);
}

static void remainder_of(void *env, bool nearest, uintptr_t ra)
{
    bool partial = false;
    unsigned q = 0;

    x87_begin(env, ra);
    set_codes(env, *x87_status(env) & X87_CODES & ~X87_C1);
    if (*x87_empty(env, 0) || *x87_empty(env, 1)) {
        x87_underflow(env, 0);
        return;
    }
    struct fp_context c = x87_context(env);
    struct fp_exact value =
        fp_remainder(&c, x87_number(env, 0), x87_number(env, 1), nearest, &partial, &q);

    x87_store(env, 0, &c, value);
    if (!lib_cpu->x87.kept)
        set_codes(env, (q & 1 ? X87_C1 : 0) | (q & 2 ? X87_C3 : 0) | (q & 4 ? X87_C0 : 0) |
                           (partial ? X87_C2 : 0));
}

X87(void, fprem)
{
    remainder_of(env, false, CALLER());
}

X87(void, fprem1)
{
    remainder_of(env, true, CALLER());
}
