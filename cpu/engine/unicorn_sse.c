/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_sse.c - SSE and SSE2: arithmetic, comparison, conversion
 *
 * An instruction computes all its elements before it stores any. What they raised goes to MXCSR
 * together. If any raised IE, DE or ZE that is not masked, nothing is reported of what comes after
 * the computation; if anything is left that is not masked, nothing is stored and the instruction
 * ends in #XM, or #UD without CR4.OSXMMEXCPT (SDM vol. 1, 11.5).
 */
#include <string.h>

#include "cpu/engine/unicorn_private.h"
#include "cpu/float/arithmetic.h"
#include "cpu/x86/registers.h"
#include "cpu/x86/vectors.h"

enum { MXCSR_DAZ = 1 << 6, MXCSR_MASKS = 7, MXCSR_ROUNDING = 13, MXCSR_FTZ = 1 << 15 };

union xmm {
    uint32_t s[4];
    uint64_t d[2];
};

#define SSE(type, name, ...) INTERPOSE(type, helper_##name##_x86_64, void *env, __VA_ARGS__)

static struct fp_context begin(void *env)
{
    uint32_t mxcsr = FIELD(uint32_t, env, ENV_MXCSR);

    return (struct fp_context){.rounding = mxcsr >> MXCSR_ROUNDING & 3,
                               .masked = mxcsr >> MXCSR_MASKS & FP_ALL,
                               .zero_denormals = mxcsr & MXCSR_DAZ,
                               .flush_to_zero = mxcsr & MXCSR_FTZ};
}

/* Returns if there is a result. */
static inline void end(void *env, const struct fp_context *c, uintptr_t ra)
{
    unsigned raised = fp_stopped(c) ? c->flags & FP_BEFORE : c->flags;

    if (!raised)
        return;
    FIELD(uint32_t, env, ENV_MXCSR) |= raised;
    if (__builtin_expect(raised & ~c->masked & FP_ALL, 0)) {
        lib_cpu->helper.return_address = ra;
        lib_raise(lib_cpu, lib_cr(lib_cpu)[4] & CR4_OSXMMEXCPT ? VECTOR_XM : VECTOR_UD, 0);
    }
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

#define ELEMENTS32(name, count, expression)                                                        \
    SSE(void, name, union xmm *d, const union xmm *s)                                              \
    {                                                                                              \
        struct fp_context c = begin(env);                                                          \
        uint32_t out[count];                                                                       \
                                                                                                   \
        for (unsigned i = 0; i < (count); i++) {                                                   \
            struct fp_number a = fp_from32(&c, d->s[i]), b = fp_from32(&c, s->s[i]);               \
                                                                                                   \
            (void)a;                                                                               \
            out[i] = fp_to32(&c, expression);                                                      \
        }                                                                                          \
        end(env, &c, CALLER());                                                                    \
        memcpy(d->s, out, sizeof(out));                                                            \
    }

#define ELEMENTS64(name, count, expression)                                                        \
    SSE(void, name, union xmm *d, const union xmm *s)                                              \
    {                                                                                              \
        struct fp_context c = begin(env);                                                          \
        uint64_t out[count];                                                                       \
                                                                                                   \
        for (unsigned i = 0; i < (count); i++) {                                                   \
            struct fp_number a = fp_from64(&c, d->d[i]), b = fp_from64(&c, s->d[i]);               \
                                                                                                   \
            (void)a;                                                                               \
            out[i] = fp_to64(&c, expression);                                                      \
        }                                                                                          \
        end(env, &c, CALLER());                                                                    \
        memcpy(d->d, out, sizeof(out));                                                            \
    }

#define ARITHMETIC(name, expression)                                                               \
    ELEMENTS32(name##ps, 4, expression)                                                            \
    ELEMENTS32(name##ss, 1, expression)                                                            \
    ELEMENTS64(name##pd, 2, expression)                                                            \
    ELEMENTS64(name##sd, 1, expression)

ARITHMETIC(add, fp_add(&c, a, b))
ARITHMETIC(sub, fp_subtract(&c, a, b))
ARITHMETIC(mul, fp_multiply(&c, a, b))
ARITHMETIC(div, fp_divide(&c, a, b))
ARITHMETIC(sqrt, fp_root(&c, b))

/* ---- choices by comparison ------------------------------------------------------------------- */

/* Every result is one of two values of the same width. */
#define CHOICE(name, count, part, type, from, chosen)                                              \
    SSE(void, name, union xmm *d, const union xmm *s)                                              \
    {                                                                                              \
        struct fp_context c = begin(env);                                                          \
        type out[count];                                                                           \
                                                                                                   \
        for (unsigned i = 0; i < (count); i++) {                                                   \
            type x = d->part[i], y = s->part[i];                                                   \
            struct fp_number a = from(&c, x), b = from(&c, y);                                     \
                                                                                                   \
            out[i] = chosen(type);                                                                 \
        }                                                                                          \
        end(env, &c, CALLER());                                                                    \
        memcpy(d->part, out, sizeof(out));                                                         \
    }

#define CHOICES(name, chosen)                                                                      \
    CHOICE(name##ps, 4, s, uint32_t, fp_from32, chosen)                                            \
    CHOICE(name##ss, 1, s, uint32_t, fp_from32, chosen)                                            \
    CHOICE(name##pd, 2, d, uint64_t, fp_from64, chosen)                                            \
    CHOICE(name##sd, 1, d, uint64_t, fp_from64, chosen)

/* With DAZ the denormal itself becomes a zero. */
#define SIGN_OF(type)          ((type)1 << (sizeof(type) * 8 - 1))
#define FLUSHED(n, bits, type) ((n).kind == FP_ZERO ? (bits)&SIGN_OF(type) : (bits))

#define LESSER(type)                                                                               \
    fp_compare(&c, a, b, false) == FP_LESS ? FLUSHED(a, x, type) : FLUSHED(b, y, type)
#define GREATER(type)                                                                              \
    fp_compare(&c, a, b, false) == FP_GREATER ? FLUSHED(a, x, type) : FLUSHED(b, y, type)

CHOICES(min, LESSER)
CHOICES(max, GREATER)

#define ALL_IF(condition, type) ((condition) ? ~(type)0 : 0)

#define IS_EQUAL(type)     ALL_IF(fp_compare(&c, a, b, true) == FP_EQUAL, type)
#define IS_LESS(type)      ALL_IF(fp_compare(&c, a, b, false) == FP_LESS, type)
#define IS_AT_MOST(type)   ALL_IF(fp_compare(&c, a, b, false) <= FP_EQUAL, type)
#define IS_UNORDERED(type) ALL_IF(fp_compare(&c, a, b, true) == FP_UNORDERED, type)
#define NOT_EQUAL(type)    ALL_IF(fp_compare(&c, a, b, true) != FP_EQUAL, type)
#define NOT_LESS(type)     ALL_IF(fp_compare(&c, a, b, false) != FP_LESS, type)
#define NOT_AT_MOST(type)  ALL_IF(fp_compare(&c, a, b, false) > FP_EQUAL, type)
#define IS_ORDERED(type)   ALL_IF(fp_compare(&c, a, b, true) != FP_UNORDERED, type)

CHOICES(cmpeq, IS_EQUAL)
CHOICES(cmplt, IS_LESS)
CHOICES(cmple, IS_AT_MOST)
CHOICES(cmpunord, IS_UNORDERED)
CHOICES(cmpneq, NOT_EQUAL)
CHOICES(cmpnlt, NOT_LESS)
CHOICES(cmpnle, NOT_AT_MOST)
CHOICES(cmpord, IS_ORDERED)

/* The library takes the flags from the place where arithmetic leaves its result. */
static void compare_flags(void *env, struct fp_context *c, struct fp_number a, struct fp_number b,
                          bool quiet, uintptr_t ra)
{
    static const uint8_t flags[] = {1, 0x40, 0, 0x45}; /* CF, ZF, none, all with PF */
    enum fp_order order = fp_compare(c, a, b, quiet);

    end(env, c, ra);
    FIELD(uint64_t, env, ENV_CC_SRC) = flags[order];
}

#define COMPARE(name, part, from, quiet)                                                           \
    SSE(void, name, const union xmm *d, const union xmm *s)                                        \
    {                                                                                              \
        struct fp_context c = begin(env);                                                          \
                                                                                                   \
        compare_flags(env, &c, from(&c, d->part[0]), from(&c, s->part[0]), quiet, CALLER());       \
    }

COMPARE(ucomiss, s, fp_from32, true)
COMPARE(comiss, s, fp_from32, false)
COMPARE(ucomisd, d, fp_from64, true)
COMPARE(comisd, d, fp_from64, false)

/* ---- conversions ----------------------------------------------------------------------------- */

/* `count` elements; `clears`: the upper half of the result becomes zero. */
#define CONVERT(name, count, to, type, clears, expression)                                         \
    SSE(void, name, union xmm *d, const union xmm *s)                                              \
    {                                                                                              \
        struct fp_context c = begin(env);                                                          \
        type out[count];                                                                           \
                                                                                                   \
        for (unsigned i = 0; i < (count); i++)                                                     \
            out[i] = expression;                                                                   \
        end(env, &c, CALLER());                                                                    \
        memcpy(d->to, out, sizeof(out));                                                           \
        if (clears)                                                                                \
            d->d[1] = 0;                                                                           \
    }

#define NARROW fp_to32(&c, fp_convert(&c, fp_from64(&c, s->d[i])))
#define WIDEN  fp_to64(&c, fp_convert(&c, fp_from32(&c, s->s[i])))
#define INT32  fp_exactly(fp_from_integer((int32_t)s->s[i]))

CONVERT(cvtps2pd, 2, d, uint64_t, false, WIDEN)
CONVERT(cvtss2sd, 1, d, uint64_t, false, WIDEN)
CONVERT(cvtpd2ps, 2, s, uint32_t, true, NARROW)
CONVERT(cvtsd2ss, 1, s, uint32_t, false, NARROW)
CONVERT(cvtdq2ps, 4, s, uint32_t, false, fp_to32(&c, INT32))
CONVERT(cvtdq2pd, 2, d, uint64_t, false, fp_to64(&c, INT32))
CONVERT(cvtpi2ps, 2, s, uint32_t, false, fp_to32(&c, INT32))
CONVERT(cvtpi2pd, 2, d, uint64_t, false, fp_to64(&c, INT32))

#define TO_INTEGER(number) (uint32_t) fp_to_integer(&c, number, 32)
#define CHOPPED(number)    (c.rounding = FP_CHOP, TO_INTEGER(number))

CONVERT(cvtps2dq, 4, s, uint32_t, false, TO_INTEGER(fp_from32(&c, s->s[i])))
CONVERT(cvttps2dq, 4, s, uint32_t, false, CHOPPED(fp_from32(&c, s->s[i])))
CONVERT(cvtpd2dq, 2, s, uint32_t, true, TO_INTEGER(fp_from64(&c, s->d[i])))
CONVERT(cvttpd2dq, 2, s, uint32_t, true, CHOPPED(fp_from64(&c, s->d[i])))
CONVERT(cvtps2pi, 2, s, uint32_t, false, TO_INTEGER(fp_from32(&c, s->s[i])))
CONVERT(cvttps2pi, 2, s, uint32_t, false, CHOPPED(fp_from32(&c, s->s[i])))
CONVERT(cvtpd2pi, 2, s, uint32_t, false, TO_INTEGER(fp_from64(&c, s->d[i])))
CONVERT(cvttpd2pi, 2, s, uint32_t, false, CHOPPED(fp_from64(&c, s->d[i])))

SSE(void, cvtsi2ss, union xmm *d, uint32_t value)
{
    struct fp_context c = begin(env);
    uint32_t out = fp_to32(&c, fp_exactly(fp_from_integer((int32_t)value)));

    end(env, &c, CALLER());
    d->s[0] = out;
}

SSE(void, cvtsi2sd, union xmm *d, uint32_t value)
{
    struct fp_context c = begin(env);

    d->d[0] = fp_to64(&c, fp_exactly(fp_from_integer((int32_t)value)));
}

#define TO_REGISTER(name, number)                                                                  \
    SSE(int32_t, name, const union xmm *s)                                                         \
    {                                                                                              \
        struct fp_context c = begin(env);                                                          \
        int32_t out = (int32_t)(number);                                                           \
                                                                                                   \
        end(env, &c, CALLER());                                                                    \
        return out;                                                                                \
    }

TO_REGISTER(cvtss2si, TO_INTEGER(fp_from32(&c, s->s[0])))
TO_REGISTER(cvttss2si, CHOPPED(fp_from32(&c, s->s[0])))
TO_REGISTER(cvtsd2si, TO_INTEGER(fp_from64(&c, s->d[0])))
TO_REGISTER(cvttsd2si, CHOPPED(fp_from64(&c, s->d[0])))

/* ---- approximations -------------------------------------------------------------------------- */

/*
 * The manual allows an error of 1.5 * 2^-12 and says nothing of the bits. Processors differ, so the
 * rule is ours: the nearest number of 24 bits. Denormals count as zeros, tiny results become zeros,
 * nothing is raised (SDM vol. 2, RCPPS and RSQRTPS).
 */
static uint32_t approximate(uint32_t bits, bool root)
{
    struct fp_context c = {.zero_denormals = true, .flush_to_zero = true, .masked = FP_ALL};
    struct fp_number a = fp_from32(&c, bits);

    if (root)
        a = fp_root(&c, a).number; /* its 64 bits are enough */
    return fp_to32(&c, fp_divide(&c, fp_from_integer(1), a));
}

#define APPROXIMATE(name, count, root)                                                             \
    SSE(void, name, union xmm *d, const union xmm *s)                                              \
    {                                                                                              \
        (void)env;                                                                                 \
        for (unsigned i = 0; i < (count); i++)                                                     \
            d->s[i] = approximate(s->s[i], root);                                                  \
    }

APPROXIMATE(rcpps, 4, false)
APPROXIMATE(rcpss, 1, false)
APPROXIMATE(rsqrtps, 4, true)
APPROXIMATE(rsqrtss, 1, true)
