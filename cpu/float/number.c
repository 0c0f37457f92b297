/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * number.c - unpacking and rounding
 *
 * A result is tiny if it would be below the smallest normal number when rounded with an unbounded
 * exponent (SDM vol. 1, 4.9.1.5): x86 looks after rounding. A tiny result raises UE if it is also
 * inexact; with UE unmasked it raises UE in any case.
 *
 * x87 delivers a result with an unmasked OE or UE all the same: its exponent is moved by 24576 into
 * the range (SDM vol. 1, 8.5.4 and 8.5.5). SSE delivers none.
 */
#include "cpu/float/number.h"

enum { EXTENDED_MOVE = 24576 };

/* A rounded result; the exponent with its bias, 0: zero or denormal. */
struct fp_result {
    uint64_t significand;
    int32_t exponent;
};

struct format {
    unsigned bits;          /* of the significand, the leading one included */
    int smallest, greatest; /* exponents of normal numbers */
};

static const struct format single = {24, -126, 127};
static const struct format twofold = {53, -1022, 1023};
static const struct format extended = {64, -16382, 16383};

struct fp_number fp_zero(bool negative)
{
    return (struct fp_number){.kind = FP_ZERO, .negative = negative};
}

struct fp_number fp_infinity(bool negative)
{
    return (struct fp_number){
        .kind = FP_INFINITE, .negative = negative, .significand = FP_INTEGER_BIT};
}

struct fp_number fp_indefinite(void)
{
    return (struct fp_number){
        .kind = FP_QUIET, .negative = true, .significand = FP_INTEGER_BIT | FP_QUIET_BIT};
}

struct fp_exact fp_normal(bool negative, int exponent, fp_wide significand)
{
    int zeros = fp_leading_zeros(significand);
    fp_wide whole = significand << zeros;

    return (struct fp_exact){{.kind = FP_NORMAL,
                              .negative = negative,
                              .exponent = exponent - zeros,
                              .significand = (uint64_t)(whole >> 64)},
                             whole};
}

/* ---- unpacking ------------------------------------------------------------------------------- */

/* `fraction` is aligned so that its first bit is bit 62. */
static inline struct fp_number unpack(const struct fp_context *c, const struct format *format,
                                      bool negative, int biased, uint64_t fraction)
{
    struct fp_number n = {.negative = negative, .kind = FP_NORMAL};

    if (biased == 2 * format->greatest + 1) {
        n.significand = fraction | FP_INTEGER_BIT;
        n.kind = !fraction ? FP_INFINITE : fraction & FP_QUIET_BIT ? FP_QUIET : FP_SIGNALLING;
    } else if (biased) {
        n.significand = fraction | FP_INTEGER_BIT;
        n.exponent = biased - format->greatest;
    } else if (!fraction || c->zero_denormals) {
        n.kind = FP_ZERO;
    } else {
        int zeros = __builtin_clzll(fraction);

        n.significand = fraction << zeros;
        n.exponent = format->smallest - zeros;
        n.denormal = true;
    }
    return n;
}

struct fp_number fp_from32(const struct fp_context *c, uint32_t bits)
{
    return unpack(c, &single, bits >> 31, bits >> 23 & 0xff, (uint64_t)(bits & 0x7fffff) << 40);
}

struct fp_number fp_from64(const struct fp_context *c, uint64_t bits)
{
    return unpack(c, &twofold, bits >> 63, (int)(bits >> 52 & 0x7ff),
                  (bits & 0xfffffffffffff) << 11);
}

/* Encodings without the integer bit that are no denormals are not supported since the 387; with it,
 * the exponent 0 counts as 1 (SDM vol. 1, table 4-3 and 8.2.2). */
struct fp_number fp_from80(struct fp_extended x)
{
    struct fp_number n = {.negative = x.top >> 15, .kind = FP_NORMAL, .significand = x.significand};
    int biased = x.top & 0x7fff;

    if (!biased) {
        if (!x.significand)
            return fp_zero(n.negative);
        int zeros = __builtin_clzll(x.significand);

        n.significand <<= zeros;
        n.exponent = extended.smallest - zeros;
        n.denormal = true;
    } else if (!(x.significand & FP_INTEGER_BIT)) {
        n.kind = FP_UNSUPPORTED;
    } else if (biased == 0x7fff) {
        n.kind = x.significand == FP_INTEGER_BIT ? FP_INFINITE
                 : x.significand & FP_QUIET_BIT  ? FP_QUIET
                                                 : FP_SIGNALLING;
    } else {
        n.exponent = biased - extended.greatest;
    }
    return n;
}

struct fp_number fp_from_integer(int64_t value)
{
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

    if (!value)
        return fp_zero(false);
    int zeros = __builtin_clzll(magnitude);

    return (struct fp_number){.kind = FP_NORMAL,
                              .negative = value < 0,
                              .significand = magnitude << zeros,
                              .exponent = 63 - zeros};
}

/* ---- rounding -------------------------------------------------------------------------------- */

/* Whether the last kept bit grows by one; `rest` is what follows it, its first bit at the top. */
static inline bool grows(const struct fp_context *c, bool negative, bool odd, fp_wide rest)
{
    const fp_wide half = (fp_wide)1 << 127;

    switch (c->rounding) {
    case FP_NEAREST:
        return rest > half || (rest == half && odd);
    case FP_DOWN:
        return negative && rest;
    case FP_UP:
        return !negative && rest;
    default:
        return false;
    }
}

/* What a masked overflow gives: infinity, or the greatest number if the mode rounds towards it. */
static struct fp_result overflow(struct fp_context *c, const struct format *format, unsigned bits,
                                 bool negative)
{
    bool infinite = c->rounding == FP_NEAREST || c->rounding == (negative ? FP_DOWN : FP_UP);

    c->flags |= FP_PE;
    c->rounded_up = infinite;
    if (infinite)
        return (struct fp_result){FP_INTEGER_BIT, 2 * format->greatest + 1};
    return (struct fp_result){~UINT64_C(0) << (64 - bits), 2 * format->greatest};
}

/* The smaller the number, the fewer bits of it are kept. */
static struct fp_result denormal(struct fp_context *c, const struct format *format, unsigned bits,
                                 bool negative, int exponent, fp_wide significand)
{
    if (c->flush_to_zero) {
        c->flags |= FP_UE | FP_PE;
        return (struct fp_result){0, 0};
    }
    fp_wide shifted = fp_shift_sticky(significand, (unsigned)(format->smallest - exponent));
    fp_wide rest = shifted << bits;
    uint64_t kept = (uint64_t)(shifted >> (128 - bits));

    c->rounded_up = grows(c, negative, kept & 1, rest);
    if (rest)
        c->flags |= FP_UE | FP_PE;
    kept = (kept + c->rounded_up) << (64 - bits);
    return (struct fp_result){kept, kept & FP_INTEGER_BIT ? 1 : 0};
}

static inline __attribute__((always_inline)) struct fp_result
round_to(struct fp_context *c, const struct format *format, unsigned bits, bool negative,
         int exponent, fp_wide significand)
{
    fp_wide rest = significand << bits;
    uint64_t kept = (uint64_t)(significand >> (128 - bits));
    bool up = grows(c, negative, kept & 1, rest);
    uint64_t grown = (kept << (64 - bits)) + ((uint64_t)up << (64 - bits));
    int rounded = exponent;

    if (grown < FP_INTEGER_BIT) { /* the carry left it */
        grown = FP_INTEGER_BIT;
        rounded++;
    }
    c->rounded_up = up;
    if (__builtin_expect(rounded < format->smallest, 0)) {
        if (c->masked & FP_UE)
            return denormal(c, format, bits, negative, exponent, significand);
        c->flags |= FP_UE;
        rounded += EXTENDED_MOVE;
    } else if (__builtin_expect(rounded > format->greatest, 0)) {
        c->flags |= FP_OE;
        if (c->masked & FP_OE)
            return overflow(c, format, bits, negative);
        rounded -= EXTENDED_MOVE;
    }
    if (rest)
        c->flags |= FP_PE;
    return (struct fp_result){grown, rounded + format->greatest};
}

/* Zeros and what is no number need no rounding. */
static inline __attribute__((always_inline)) struct fp_result
pack(struct fp_context *c, const struct format *format, unsigned bits, struct fp_exact x)
{
    if (x.number.kind == FP_NORMAL)
        return round_to(c, format, bits, x.number.negative, x.number.exponent, x.significand);
    c->rounded_up = false;
    if (x.number.kind == FP_ZERO)
        return (struct fp_result){0, 0};
    return (struct fp_result){x.number.significand, 2 * format->greatest + 1};
}

uint32_t fp_to32(struct fp_context *c, struct fp_exact x)
{
    struct fp_result r = pack(c, &single, single.bits, x);

    return (uint32_t)x.number.negative << 31 | (uint32_t)r.exponent << 23 |
           ((uint32_t)(r.significand >> 40) & 0x7fffff);
}

uint64_t fp_to64(struct fp_context *c, struct fp_exact x)
{
    struct fp_result r = pack(c, &twofold, twofold.bits, x);

    return (uint64_t)x.number.negative << 63 | (uint64_t)r.exponent << 52 |
           (r.significand >> 11 & 0xfffffffffffff);
}

struct fp_extended fp_to80(struct fp_context *c, struct fp_exact x)
{
    struct fp_result r = pack(c, &extended, c->precision, x);

    return (struct fp_extended){
        r.significand, (uint16_t)((unsigned)x.number.negative << 15 | (r.exponent & 0x7fff))};
}
