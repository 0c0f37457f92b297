/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_x87.h - the x87 state, and the order in which an instruction may touch it
 *
 * Rules (SDM vol. 1, 8.1 and 8.5)
 *   - An instruction that waits begins with x87_begin(): a pending exception that is not masked is
 *     #MF there, before anything else happens.
 *   - An exception sets its bit in the status word; one that is not masked sets ES and B, too.
 *   - An empty operand, or a push onto a register that is not empty, is a stack fault: IE and SF,
 *     with C1 clear or set. The masked answer is the indefinite NaN.
 *   - IE, DE and ZE, unmasked, leave registers, memory and the stack as they are.
 *   - C1 says otherwise whether the result was rounded up.
 *
 * The library makes one instruction of several helpers: operand, operation, pop. What one leaves
 * for the next is in struct x87.
 */
#ifndef XENOLITH_CPU_UNICORN_X87_H
#define XENOLITH_CPU_UNICORN_X87_H

#include "cpu/engine/unicorn_private.h"
#include "cpu/float/number.h"

enum x87_push { X87_NO_PUSH, X87_PUSHED, X87_PUSH_REFUSED };

enum {
    X87_SF = 1 << 6,
    X87_ES = 1 << 7,
    X87_C0 = 1 << 8,
    X87_C1 = 1 << 9,
    X87_C2 = 1 << 10,
    X87_C3 = 1 << 14,
    X87_B = 1 << 15,
    X87_CODES = X87_C0 | X87_C1 | X87_C2 | X87_C3,
};

#define X87_INDEFINITE ((struct fp_extended){FP_INTEGER_BIT | FP_QUIET_BIT, 0xffff})

static inline uint16_t *x87_status(void *env)
{
    return &FIELD(uint16_t, env, ENV_FPU_STATUS);
}

static inline unsigned x87_index(void *env, unsigned i)
{
    return (FIELD(uint32_t, env, ENV_FPU_TOP) + i) & 7;
}

/* Whether ST(i) is empty. */
static inline uint8_t *x87_empty(void *env, unsigned i)
{
    return &FIELD(uint8_t, env, ENV_FPU_EMPTY + x87_index(env, i));
}

static inline struct fp_extended *x87_st(void *env, unsigned i)
{
    return &FIELD(struct fp_extended, env, ENV_FPU_REGISTERS + 16 * x87_index(env, i));
}

static inline void x87_set(void *env, unsigned i, struct fp_extended value)
{
    struct fp_extended *to = x87_st(env, i);

    to->significand = value.significand;
    to->top = value.top;
    *x87_empty(env, i) = 0;
}

/* ES and B follow from the flags and the masks. */
static inline void x87_raise(void *env, unsigned flags)
{
    uint16_t *status = x87_status(env);

    *status |= (uint16_t)flags;
    if (*status & ~FIELD(uint16_t, env, ENV_FPU_CONTROL) & FP_ALL)
        *status |= X87_ES | X87_B;
}

static inline void x87_set_c1(void *env, bool set)
{
    uint16_t *status = x87_status(env);

    *status = (uint16_t)((*status & ~X87_C1) | (set ? X87_C1 : 0));
}

/* A stack fault; true: masked, the answer is the indefinite NaN. */
bool x87_stack_fault(void *env, bool overflow);

/* Rounding and masks as the control word says; results have 64 bits. */
struct fp_context x87_context(void *env);

/* A waiting instruction begins, whose helper returns to `ra`. */
void x87_begin(void *env, uintptr_t ra);

/* What the computation raised. True: there is a result, C1 is set by it. */
bool x87_computed(void *env, const struct fp_context *c);

static inline struct fp_number x87_number(void *env, unsigned i)
{
    return fp_from80(*x87_st(env, i));
}

/* An operand is empty: ST(to) becomes the indefinite NaN, or nothing is done. */
void x87_underflow(void *env, unsigned to);

/* Notes what was raised and stores the rounded result in ST(to), if there is one. */
void x87_store(void *env, unsigned to, struct fp_context *c, struct fp_exact value);

/* Pushes; false: overflow that is not masked. With a masked one the indefinite NaN is pushed. */
bool x87_push(void *env, struct fp_extended value);
void x87_pop(void *env);

/* Faults if a byte cannot be stored to. */
void x87_probe_store(void *env, uint32_t linear, uintptr_t ra);

#endif
