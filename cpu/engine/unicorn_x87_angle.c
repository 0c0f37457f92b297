/* SPDX-License-Identifier: GPL-2.0-only */
/* unicorn_x87_angle.c - x87: sine, cosine, tangent, and fxtract: what has two results */
#include "cpu/engine/unicorn_x87.h"
#include "cpu/float/arithmetic.h"
#include "cpu/float/transcendental.h"

#define X87(type, name, ...) INTERPOSE(type, helper_##name##_x86_64, void *env, ##__VA_ARGS__)

/* Stores two results, the second one on top. Neither if there is no room and that is not masked. */
static void store_two(void *env, struct fp_context *c, struct fp_exact below, struct fp_exact top)
{
    struct fp_extended first = {0, 0}, second = {0, 0};

    if (!*x87_empty(env, 7)) {
        if (x87_stack_fault(env, true)) {
            x87_set(env, 0, X87_INDEFINITE);
            x87_push(env, X87_INDEFINITE);
        }
        return;
    }
    if (!fp_stopped(c)) {
        first = fp_to80(c, below);
        second = fp_to80(c, top);
    }
    if (!x87_computed(env, c))
        return;
    bool up = *x87_status(env) & X87_C1;

    x87_set(env, 0, first);
    x87_push(env, second);
    x87_set_c1(env, up);
}

enum angle { SINE, COSINE, BOTH, TANGENT };

/* What is no normal number has the same answer in both places, but for zero. */
static bool angle_special(struct fp_context *c, enum angle which, struct fp_number a,
                          struct fp_exact *out, struct fp_exact *top)
{
    struct fp_exact one = fp_normal(false, 0, (fp_wide)1 << 127);

    *top = one;
    if (fp_propagate(c, a, a, out)) {
        *top = *out;
    } else if (a.kind == FP_INFINITE) {
        *out = *top = fp_invalid(c);
    } else if (a.kind == FP_ZERO) {
        *out = which == COSINE ? one : fp_exactly(a);
    } else {
        fp_note_denormals(c, a, a);
        return false;
    }
    return true;
}

static void angle(void *env, enum angle which, uintptr_t ra)
{
    struct fp_number a = x87_number(env, 0);
    struct fp_exact out, top;
    struct fp_context c;

    x87_begin(env, ra);
    x87_set_c1(env, false);
    c = x87_context(env);
    if (*x87_empty(env, 0)) {
        x87_underflow(env, 0);
        if (!lib_cpu->x87.kept && which >= BOTH)
            x87_push(env, X87_INDEFINITE);
        return;
    }
    if (a.kind == FP_NORMAL && a.exponent >= 63) {
        *x87_status(env) |= X87_C2;
        return;
    }
    *x87_status(env) &= (uint16_t)~X87_C2;
    if (!angle_special(&c, which, a, &out, &top)) {
        struct fp_sines both = fp_sine_cosine(a);

        out = which == TANGENT ? fp_tangent(a) : which == COSINE ? both.cosine : both.sine;
        top = which == BOTH ? both.cosine : top;
    }
    if (which >= BOTH)
        store_two(env, &c, out, top);
    else
        x87_store(env, 0, &c, out);
}

X87(void, fsin)
{
    angle(env, SINE, CALLER());
}

X87(void, fcos)
{
    angle(env, COSINE, CALLER());
}

X87(void, fsincos)
{
    angle(env, BOTH, CALLER());
}

X87(void, fptan)
{
    angle(env, TANGENT, CALLER());
}

/* ST0 becomes its exponent; its significand is pushed. */
X87(void, fxtract)
{
    struct fp_number a = x87_number(env, 0), significand = a;
    struct fp_context c = x87_context(env);
    struct fp_exact exponent, same;

    x87_begin(env, CALLER());
    x87_set_c1(env, false);
    if (*x87_empty(env, 0)) {
        x87_underflow(env, 0);
        if (!lib_cpu->x87.kept)
            x87_push(env, X87_INDEFINITE);
        return;
    }
    if (fp_propagate(&c, a, a, &same)) {
        exponent = same;
        significand = same.number;
    } else if (a.kind == FP_ZERO) {
        c.flags |= FP_ZE;
        exponent = fp_exactly(fp_infinity(true));
    } else if (a.kind == FP_INFINITE) {
        exponent = fp_exactly(fp_infinity(false));
    } else {
        fp_note_denormals(&c, a, a);
        exponent = fp_exactly(fp_from_integer(a.exponent));
        significand.exponent = 0;
    }
    store_two(env, &c, exponent, fp_exactly(significand));
}
