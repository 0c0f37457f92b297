/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arithmetic.c - add, multiply, divide, root, remainder, compare, integers
 *
 * Each operation is exact to 127 bits and a sticky one, so that rounding once to any format is
 * right. Of exceptions before the computation the first of this list is raised alone (SDM vol. 1,
 * 4.9.2): IE for a signalling NaN; nothing for a quiet one; other IE, and ZE; DE.
 */
#include "cpu/float/arithmetic.h"

struct fp_exact fp_invalid(struct fp_context *c)
{
    c->flags |= FP_IE;
    return fp_exactly(fp_indefinite());
}

static struct fp_number quieted(struct fp_number n)
{
    n.kind = FP_QUIET;
    n.significand |= FP_QUIET_BIT;
    return n;
}

/*
 * Of two NaNs, SSE takes the first. x87 takes a quiet one before a signalling one, else the one of
 * the greater significand, else the positive one (SDM vol. 1, table 4-7).
 */
static struct fp_number choose(const struct fp_context *c, struct fp_number a, struct fp_number b)
{
    if (!fp_is_nan(b))
        return a;
    if (!fp_is_nan(a))
        return b;
    if (!c->x87)
        return a;
    if (a.kind != b.kind)
        return a.kind == FP_QUIET ? a : b;
    if (a.significand != b.significand)
        return a.significand > b.significand ? a : b;
    return a.negative ? b : a;
}

bool fp_propagate(struct fp_context *c, struct fp_number a, struct fp_number b,
                  struct fp_exact *out)
{
    if (__builtin_expect(a.kind < FP_QUIET && b.kind < FP_QUIET, 1))
        return false;
    if (a.kind == FP_UNSUPPORTED || b.kind == FP_UNSUPPORTED) {
        *out = fp_invalid(c);
        return true;
    }
    if (a.kind == FP_SIGNALLING || b.kind == FP_SIGNALLING)
        c->flags |= FP_IE;
    *out = fp_exactly(quieted(choose(c, a, b)));
    return true;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static struct fp_exact add_normal(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) {
        struct fp_number swapped = a;

        a = b;
        b = swapped;
    }
    fp_wide x = (fp_wide)a.significand << 63;
    fp_wide y = fp_shift_sticky((fp_wide)b.significand << 63, (unsigned)(a.exponent - b.exponent));
    fp_wide sum = a.negative == b.negative ? x + y : x - y;

    if (!sum)
        return fp_exactly(fp_zero(c->rounding == FP_DOWN));
    return fp_normal(a.negative, a.exponent + 1, sum);
}

struct fp_exact fp_add(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    struct fp_exact out;

    if (a.kind == FP_NORMAL && b.kind == FP_NORMAL) {
        fp_note_denormals(c, a, b);
        return add_normal(c, a, b);
    }
    if (fp_propagate(c, a, b, &out))
        return out;
    if (a.kind == FP_INFINITE && b.kind == FP_INFINITE && a.negative != b.negative)
        return fp_invalid(c);
    fp_note_denormals(c, a, b);
    if (a.kind == FP_ZERO && b.kind == FP_ZERO)
        return fp_exactly(fp_zero(a.negative == b.negative ? a.negative : c->rounding == FP_DOWN));
    return fp_exactly(a.kind == FP_INFINITE || b.kind == FP_ZERO ? a : b);
}

struct fp_exact fp_subtract(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    if (!fp_is_nan(b))
        b.negative = !b.negative;
    return fp_add(c, a, b);
}

/* ---- products, quotients, roots -------------------------------------------------------------- */

struct fp_exact fp_multiply(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    bool negative = a.negative != b.negative;
    struct fp_exact out;

    if (a.kind == FP_NORMAL && b.kind == FP_NORMAL) {
        fp_note_denormals(c, a, b);
        return fp_normal(negative, a.exponent + b.exponent + 1,
                         (fp_wide)a.significand * b.significand);
    }
    if (fp_propagate(c, a, b, &out))
        return out;
    if ((a.kind == FP_INFINITE && b.kind == FP_ZERO) ||
        (a.kind == FP_ZERO && b.kind == FP_INFINITE))
        return fp_invalid(c);
    fp_note_denormals(c, a, b);
    return fp_exactly(a.kind == FP_INFINITE || b.kind == FP_INFINITE ? fp_infinity(negative)
                                                                     : fp_zero(negative));
}

static struct fp_exact divide_normal(bool negative, struct fp_number a, struct fp_number b)
{
    bool less = a.significand < b.significand;
    fp_wide top = (fp_wide)a.significand << (less ? 64 : 63);
    fp_wide high = top / b.significand;
    fp_wide rest = (top % b.significand) << 64;
    fp_wide low = rest / b.significand;

    return fp_normal(negative, a.exponent - b.exponent - less,
                     high << 64 | low | (rest % b.significand != 0));
}

struct fp_exact fp_divide(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    bool negative = a.negative != b.negative;
    struct fp_exact out;

    if (a.kind == FP_NORMAL && b.kind == FP_NORMAL) {
        fp_note_denormals(c, a, b);
        return divide_normal(negative, a, b);
    }
    if (fp_propagate(c, a, b, &out))
        return out;
    if (a.kind == b.kind)
        return fp_invalid(c);
    if (b.kind == FP_ZERO && a.kind == FP_NORMAL) {
        c->flags |= FP_ZE;
        return fp_exactly(fp_infinity(negative));
    }
    fp_note_denormals(c, a, b);
    return fp_exactly(a.kind == FP_INFINITE || b.kind == FP_ZERO ? fp_infinity(negative)
                                                                 : fp_zero(negative));
}

/* The root of `value`, at least 2^62, and what it leaves; digit by digit. */
static uint64_t root64(uint64_t value, uint64_t *left)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 62; bit; bit >>= 2) {
        bool fits = value >= root + bit;

        value -= fits ? root + bit : 0;
        root = root >> 1 | (fits ? bit : 0);
    }
    *left = value;
    return root;
}

/* The root of `value`, at least 2^126: its high half's root, then one step of division
 * (P. Zimmermann, Karatsuba Square Root, 1999). */
static uint64_t root128(fp_wide value, fp_wide *left)
{
    uint64_t rest, low = (uint64_t)value, high = root64((uint64_t)(value >> 64), &rest);
    fp_wide top = (fp_wide)rest << 32 | low >> 32;
    fp_wide quotient = top / (2 * high);
    fp_wide remainder = top % (2 * high);
    fp_wide root = ((fp_wide)high << 32) + quotient;
    __extension__ __int128 difference =
        (__int128)(remainder << 32 | (low & UINT32_MAX)) - (__int128)(quotient * quotient);

    while (difference < 0) {
        root--;
        difference += (__int128)(2 * root + 1);
    }
    *left = (fp_wide)difference;
    return (uint64_t)root;
}

struct fp_exact fp_root(struct fp_context *c, struct fp_number a)
{
    struct fp_exact out;
    fp_wide left;

    if (fp_propagate(c, a, a, &out))
        return out;
    if (a.negative && a.kind != FP_ZERO)
        return fp_invalid(c);
    fp_note_denormals(c, a, a);
    if (a.kind != FP_NORMAL)
        return fp_exactly(a);
    uint64_t root = root128((fp_wide)a.significand << (a.exponent & 1 ? 64 : 63), &left);
    /* Above the middle of two roots, or below it: it cannot be there. */
    fp_wide tail = left > root ? (fp_wide)3 << 62 : left != 0;

    return fp_normal(false, a.exponent >> 1, (fp_wide)root << 64 | tail);
}

/* ---- conversions ----------------------------------------------------------------------------- */

struct fp_exact fp_convert(struct fp_context *c, struct fp_number a)
{
    struct fp_exact out;

    if (fp_propagate(c, a, a, &out))
        return out;
    fp_note_denormals(c, a, a);
    return fp_exactly(a);
}

/* The magnitude as an integer, at most 2^64; *inexact: bits were lost. */
static fp_wide integer_magnitude(struct fp_context *c, struct fp_number a, bool *inexact)
{
    unsigned shift = (unsigned)(63 - a.exponent); /* of the significand, to the right */
    fp_wide wide = fp_shift_sticky((fp_wide)a.significand << 64, shift);
    uint64_t rest = (uint64_t)wide;
    fp_wide kept = wide >> 64;
    bool up = false;

    *inexact = rest != 0;
    if (c->rounding == FP_NEAREST)
        up = rest > FP_INTEGER_BIT || (rest == FP_INTEGER_BIT && (kept & 1));
    else if (c->rounding != FP_CHOP)
        up = rest && (c->rounding == FP_DOWN) == a.negative;
    c->rounded_up = up;
    return kept + up;
}

struct fp_exact fp_round_to_integer(struct fp_context *c, struct fp_number a)
{
    struct fp_exact out;
    bool inexact;

    if (fp_propagate(c, a, a, &out))
        return out;
    fp_note_denormals(c, a, a);
    if (fp_stopped(c) || a.kind != FP_NORMAL || a.exponent >= 63)
        return fp_exactly(a);
    fp_wide magnitude = integer_magnitude(c, a, &inexact);

    if (inexact)
        c->flags |= FP_PE;
    return magnitude ? fp_normal(a.negative, 127, magnitude) : fp_exactly(fp_zero(a.negative));
}

int64_t fp_to_integer(struct fp_context *c, struct fp_number a, unsigned bits)
{
    const fp_wide limit = (fp_wide)1 << (bits - 1);
    bool inexact = false;
    fp_wide magnitude = 0;

    c->rounded_up = false;
    if (a.kind == FP_NORMAL && a.exponent < 64)
        magnitude = integer_magnitude(c, a, &inexact);
    else if (a.kind != FP_ZERO)
        magnitude = limit + 1;
    if (magnitude > limit - !a.negative) {
        c->flags |= FP_IE;
        c->rounded_up = false;
        return -(int64_t)(limit - 1) - 1;
    }
    if (inexact)
        c->flags |= FP_PE;
    return a.negative ? (int64_t) - (uint64_t)magnitude : (int64_t)magnitude;
}

/* ---- comparison ------------------------------------------------------------------------------ */

/* Ranks magnitudes. */
static int magnitude_order(struct fp_number a, struct fp_number b)
{
    if (a.kind != b.kind)
        return a.kind < b.kind ? -1 : 1;
    if (a.kind != FP_NORMAL)
        return 0;
    if (a.exponent != b.exponent)
        return a.exponent < b.exponent ? -1 : 1;
    return a.significand < b.significand ? -1 : a.significand > b.significand;
}

enum fp_order fp_compare(struct fp_context *c, struct fp_number a, struct fp_number b, bool quiet)
{
    int order;

    if (fp_is_nan(a) || fp_is_nan(b)) {
        if (!quiet || a.kind > FP_QUIET || b.kind > FP_QUIET)
            c->flags |= FP_IE;
        return FP_UNORDERED;
    }
    fp_note_denormals(c, a, b);
    if (a.negative != b.negative)
        order = a.kind == FP_ZERO && b.kind == FP_ZERO ? 0 : a.negative ? -1 : 1;
    else
        order = a.negative ? magnitude_order(b, a) : magnitude_order(a, b);
    return order < 0 ? FP_LESS : order > 0 ? FP_GREATER : FP_EQUAL;
}

/* ---- remainders ------------------------------------------------------------------------------ */

/* a mod b by shifts and subtractions, `steps` bits of the quotient after the first. */
static fp_wide reduce(fp_wide a, uint64_t b, int steps, uint64_t *quotient)
{
    *quotient = 0;
    for (int i = 0;; i++) {
        bool fits = a >= b;

        a -= fits ? b : 0;
        *quotient = *quotient << 1 | fits;
        if (i == steps)
            return a;
        a <<= 1;
    }
}

struct fp_exact fp_remainder(struct fp_context *c, struct fp_number a, struct fp_number b,
                             bool nearest, bool *partial, unsigned *quotient)
{
    struct fp_exact out;
    uint64_t q;

    *partial = false;
    *quotient = 0;
    if (fp_propagate(c, a, b, &out))
        return out;
    if (a.kind == FP_INFINITE || b.kind == FP_ZERO)
        return fp_invalid(c);
    fp_note_denormals(c, a, b);
    int difference = a.exponent - b.exponent;

    if (a.kind == FP_ZERO || b.kind == FP_INFINITE || difference < -1 ||
        (difference < 0 && !nearest))
        return fp_exactly(a);
    if (difference > 63) {
        /* Less by 32 to 63, as processors do it. */
        int steps = 32 + difference % 32;
        fp_wide rest = reduce(a.significand, b.significand, steps, &q);

        *partial = true;
        return rest ? fp_normal(a.negative, b.exponent + difference - steps + 64, rest)
                    : fp_exactly(fp_zero(a.negative));
    }
    if (difference < 0) { /* a is at least a quarter of b: below or above its half? */
        if (a.significand <= b.significand)
            return fp_exactly(a);
        *quotient = 1;
        return fp_normal(!a.negative, b.exponent + 63,
                         ((fp_wide)b.significand << 1) - a.significand);
    }
    fp_wide rest = reduce(a.significand, b.significand, difference, &q);
    bool negative = a.negative;

    if (nearest && (rest << 1 > b.significand || (rest << 1 == b.significand && (q & 1)))) {
        rest = b.significand - rest;
        negative = !negative;
        q++;
    }
    *quotient = (unsigned)q & 7;
    return rest ? fp_normal(negative, b.exponent + 64, rest) : fp_exactly(fp_zero(a.negative));
}
