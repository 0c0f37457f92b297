/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * number.h - binary floating point, in integers
 *
 * The three formats of x86 (SDM vol. 1, 4.2 and 4.8) are unpacked into one kind of number, worked
 * on, and rounded once when they are packed. Nothing asks the host's floating-point units or its
 * libm, so that results are the same on every host.
 *
 *     value = significand / 2^63 * 2^exponent     bit 63 of a normal number's significand is set
 *
 * What an instruction raises collects in the context as the bits that MXCSR and the x87 status word
 * have in common. Exceptions before the computation (IE, DE, ZE) that are not masked end it: the
 * caller then has no result to store.
 */
#ifndef XENOLITH_CPU_FLOAT_NUMBER_H
#define XENOLITH_CPU_FLOAT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 fp_wide;

enum fp_flag { FP_IE = 1, FP_DE = 2, FP_ZE = 4, FP_OE = 8, FP_UE = 16, FP_PE = 32 };
enum { FP_BEFORE = FP_IE | FP_DE | FP_ZE, FP_ALL = 63 };

/* As control words encode it. */
enum fp_rounding { FP_NEAREST, FP_DOWN, FP_UP, FP_CHOP };

enum fp_kind { FP_ZERO, FP_NORMAL, FP_INFINITE, FP_QUIET, FP_SIGNALLING, FP_UNSUPPORTED };

struct fp_number {
    uint64_t significand; /* of NaNs: bit 63, the quiet bit, the payload */
    int32_t exponent;
    uint8_t kind;
    uint8_t negative, denormal; /* 0 or 1 */
};

struct fp_context {
    uint8_t rounding;    /* enum fp_rounding */
    uint8_t precision;   /* significant bits of results in the extended format: 24, 53, 64 */
    uint8_t masked;      /* exceptions that are not reported, enum fp_flag */
    uint8_t flags;       /* raised so far */
    bool zero_denormals; /* MXCSR.DAZ */
    bool flush_to_zero;  /* MXCSR.FTZ */
    bool x87;            /* rules for NaNs, and what unmasked exceptions leave */
    bool rounded_up;     /* the last result is greater in magnitude than the exact one */
};

/* The extended format, 80 bits. */
struct fp_extended {
    uint64_t significand;
    uint16_t top; /* sign and exponent */
};

#define FP_INTEGER_BIT (UINT64_C(1) << 63)
#define FP_QUIET_BIT   (UINT64_C(1) << 62)

struct fp_number fp_from32(const struct fp_context *c, uint32_t bits);
struct fp_number fp_from64(const struct fp_context *c, uint64_t bits);
struct fp_number fp_from80(struct fp_extended x);
struct fp_number fp_from_integer(int64_t value);

/* What an operation gives before it is rounded. Normal numbers have a significand of 128 bits: bit
 * 127 is set, and bit 0 may stand for all that is smaller. */
struct fp_exact {
    struct fp_number number;
    fp_wide significand;
};

/* Round to a format; raise OE, UE, PE. */
uint32_t fp_to32(struct fp_context *c, struct fp_exact x);
uint64_t fp_to64(struct fp_context *c, struct fp_exact x);
struct fp_extended fp_to80(struct fp_context *c, struct fp_exact x);

static inline struct fp_exact fp_exactly(struct fp_number n)
{
    return (struct fp_exact){n, (fp_wide)n.significand << 64};
}

/* The normal number significand / 2^127 * 2^exponent; the significand is not 0. */
struct fp_exact fp_normal(bool negative, int exponent, fp_wide significand);

struct fp_number fp_zero(bool negative);
struct fp_number fp_infinity(bool negative);
struct fp_number fp_indefinite(void); /* the NaN that masked invalid operations give */

static inline bool fp_is_nan(struct fp_number n)
{
    return n.kind >= FP_QUIET;
}

/* Whether an exception before the computation ended it. */
static inline bool fp_stopped(const struct fp_context *c)
{
    return (c->flags & ~c->masked & FP_BEFORE) != 0;
}

/* Marks what denormal operands raise. */
static inline void fp_note_denormals(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    if (a.denormal || b.denormal)
        c->flags |= FP_DE;
}

static inline int fp_leading_zeros(fp_wide v)
{
    uint64_t high = (uint64_t)(v >> 64);

    return high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)v);
}

/* Shifts right; what is lost sets bit 0. */
static inline fp_wide fp_shift_sticky(fp_wide v, unsigned by)
{
    if (by == 0)
        return v;
    if (by > 127)
        return v != 0;
    return v >> by | ((v << (128 - by)) != 0);
}

#endif
