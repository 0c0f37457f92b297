/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * transcendental.c - sine, cosine, tangent, arctangent, powers and logarithms
 *
 * Everything is done in integers of 128 bits. An argument is reduced to a range where its Taylor
 * series ends after about 20 terms; the series is evaluated from its end (Horner) as a fixed-point
 * factor p near 1, and the result is argument * p, so that small results keep all their bits.
 *
 *     sin x  =  x (1 - x^2/2*3 (1 - x^2/4*5 (...)))                |x| <= pi/4
 *     cos x  =  1 - x^2/1*2 (1 - x^2/3*4 (...))
 *     atan x =  x (1 - x^2 (1/3 - x^2 (1/5 - ...)))                |x| <= 1/8, about k/4
 *     e^x-1  =  x (1 + x/2 (1 + x/3 (...)))                        |x| <= ln 2
 *     ln x   =  2 s (1 + s^2 (1/3 + s^2 (...))), s = (x-1)/(x+1)   1/sqrt 2 <= x <= sqrt 2
 *
 * Angles are reduced by a pi of 256 bits. Processors of this family use one of 66 bits and are off
 * by much more than a unit near multiples of pi; we do not copy that.
 *
 * Fixed point: "whole" has 127 bits behind the point (1 is bit 127), "wide" has 126. The results
 * are not exact, unless it is said, and have bit 0 set to say so.
 */
#include "cpu/float/transcendental.h"

#define WORDS(high, low) ((fp_wide)UINT64_C(high) << 64 | UINT64_C(low))
#define ONE              ((fp_wide)1 << 127)
#define WIDE_ONE         ((fp_wide)1 << 126)

/* Normalized: bit 127 is set. */
#define PI         WORDS(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1) /* / 2^126 */
#define LN2        WORDS(0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af) /* / 2^128 */
#define LOG2_E     WORDS(0xb8aa3b295c17f0bb, 0xbe87fed0691d3e89) /* / 2^127 */
#define ROOT2_HIGH UINT64_C(0xb504f333f9de6484)                  /* / 2^63 */

/* 2/pi, 256 bits behind the point, low words first. */
static const uint64_t two_over_pi[] = {0xfe5163abdebbc562, 0xdb6295993c439041, 0xfc2757d1f534ddc0,
                                       0xa2f9836e4e441529};

/* atan k/4, wide. */
static const fp_wide arctangents[] = {
    0, WORDS(0x0fadbafc96406eb1, 0x56dc79ef5f7a217e), WORDS(0x1dac670561bb4f68, 0xadfc88bd978751a0),
    WORDS(0x292f1f464d3dc249, 0x066a1fca915f6b28), WORDS(0x3243f6a8885a308d, 0x313198a2e0370734)};

/* ---- arithmetic of 128 bits ------------------------------------------------------------------ */

/* The high half of the product. */
static fp_wide multiply_high(fp_wide a, fp_wide b)
{
    uint64_t ah = (uint64_t)(a >> 64), al = (uint64_t)a, bh = (uint64_t)(b >> 64), bl = (uint64_t)b;
    fp_wide middle = (fp_wide)ah * bl, other = (fp_wide)al * bh;
    fp_wide low = ((fp_wide)al * bl >> 64) + (uint64_t)middle + (uint64_t)other;

    return (fp_wide)ah * bh + (middle >> 64) + (other >> 64) + (low >> 64);
}

static fp_wide multiply_whole(fp_wide a, fp_wide b)
{
    return multiply_high(a, b) << 1;
}

static struct fp_exact inexact(struct fp_exact x)
{
    x.significand |= 1;
    return x;
}

static struct fp_exact times(struct fp_exact a, struct fp_exact b)
{
    return fp_normal(a.number.negative != b.number.negative,
                     a.number.exponent + b.number.exponent + 1,
                     multiply_high(a.significand, b.significand));
}

/* a * p, p in fixed point. */
static struct fp_exact scaled(struct fp_exact a, fp_wide p)
{
    return fp_normal(a.number.negative, a.number.exponent + 1, multiply_high(a.significand, p));
}

/* Bit by bit: 127 bits of the quotient. */
static struct fp_exact divide(struct fp_exact a, struct fp_exact b)
{
    fp_wide rest = a.significand, quotient = 0;
    bool carry = false;

    for (unsigned i = 0; i < 128; i++) {
        bool fits = carry || rest >= b.significand;

        rest -= fits ? b.significand : 0;
        quotient = quotient << 1 | fits;
        carry = rest >> 127;
        rest <<= 1;
    }
    return fp_normal(a.number.negative != b.number.negative, a.number.exponent - b.number.exponent,
                     quotient);
}

/* A number below 2 as a fixed-point one with `point` bits behind the point; truncates. */
static fp_wide fixed(struct fp_exact x, int point)
{
    int shift = 127 - point - x.number.exponent;

    return shift > 127 ? 0 : x.significand >> shift;
}

/* ---- sine, cosine, tangent ------------------------------------------------------------------- */

struct angle {
    struct fp_exact rest; /* |rest| <= pi/4 */
    unsigned quadrant;    /* x = quadrant * pi/2 + rest */
    bool zero;
};

/*
 * x * 2/pi = words / 2^320, after a shift: words[5] is its integer part. The fraction loses at most
 * 63 + 64 + 2 leading bits, which leaves more than 120.
 */
static struct angle reduce(struct fp_number x)
{
    struct angle angle = {.rest = fp_exactly(x)};
    uint64_t words[6] = {0};
    fp_wide carry = 0;

    if (x.exponent < -1)
        return angle;
    for (unsigned i = 0; i < 4; i++, carry >>= 64) {
        carry += (fp_wide)two_over_pi[i] * x.significand;
        words[i] = (uint64_t)carry;
    }
    words[4] = (uint64_t)carry;
    unsigned shift = (unsigned)(x.exponent + 1);

    for (unsigned i = 5; shift && i > 0; i--)
        words[i] = words[i] << shift | words[i - 1] >> (64 - shift);
    words[0] <<= shift;
    bool negative = words[4] >> 63; /* above a half: the next quadrant, less something */

    angle.quadrant = (unsigned)(words[5] + negative) & 3;
    for (unsigned i = 0, borrow = 1; negative && i < 5; i++) {
        words[i] = ~words[i] + borrow;
        borrow = borrow && !words[i];
    }
    unsigned top = 4;

    while (top > 2 && !words[top])
        top--;
    int zeros = words[top] ? __builtin_clzll(words[top]) : 0;
    fp_wide fraction = (fp_wide)words[top] << 64 | words[top - 1];

    if (zeros)
        fraction = fraction << zeros | words[top - 2] >> (64 - zeros);
    angle.rest = fp_normal(negative, (int)top * 64 - 257 - zeros + 1, multiply_high(fraction, PI));
    return angle;
}

/* With a small z the factor is less than 1 all the same. */
static fp_wide sine_factor(fp_wide z)
{
    fp_wide p = ONE;

    for (unsigned n = 31; n >= 3; n -= 2)
        p = ONE - 1 - multiply_whole(z, p) / (n * (n - 1));
    return p;
}

static fp_wide cosine_factor(fp_wide z)
{
    fp_wide p = ONE;

    for (unsigned n = 32; n >= 2; n -= 2)
        p = ONE - 1 - multiply_whole(z, p) / (n * (n - 1));
    return p;
}

/* Swaps and signs by the quadrant; an angle that was negative changes the sine's sign. */
struct fp_sines fp_sine_cosine(struct fp_number x)
{
    bool negative = x.negative;

    x.negative = false;
    struct angle angle = reduce(x);
    fp_wide fraction = fixed(angle.rest, 127), z = multiply_whole(fraction, fraction);
    struct fp_exact sine = inexact(scaled(angle.rest, sine_factor(z)));
    struct fp_exact cosine = inexact(fp_normal(false, 0, cosine_factor(z)));
    struct fp_sines out =
        angle.quadrant & 1 ? (struct fp_sines){cosine, sine} : (struct fp_sines){sine, cosine};

    if (angle.quadrant == 1 || angle.quadrant == 2)
        out.cosine.number.negative = !out.cosine.number.negative;
    if (angle.quadrant == 2 || angle.quadrant == 3)
        out.sine.number.negative = !out.sine.number.negative;
    if (negative)
        out.sine.number.negative = !out.sine.number.negative;
    return out;
}

struct fp_exact fp_tangent(struct fp_number x)
{
    struct fp_sines both = fp_sine_cosine(x);

    return inexact(divide(both.sine, both.cosine));
}

/* ---- arctangent ------------------------------------------------------------------------------ */

/* t (1 - t^2/3 + ...), 0 < t <= 1/8 */
static struct fp_exact arctangent_near0(struct fp_exact t)
{
    fp_wide fraction = fixed(t, 127), z = multiply_whole(fraction, fraction), p = 0;

    for (int n = 41; n > 0; n -= 2)
        p = (ONE - 1) / (unsigned)n - multiply_whole(z, p);
    return scaled(t, p);
}

/* atan t = atan c + atan ((t - c) / (1 + t c)), with c the nearest quarter; 0 < t <= 1. */
static struct fp_exact arctangent(struct fp_exact t)
{
    fp_wide wide = fixed(t, 126);
    unsigned k = (unsigned)((wide + WIDE_ONE / 8) / (WIDE_ONE / 4));
    fp_wide c = WIDE_ONE / 4 * k;

    if (k == 0)
        return arctangent_near0(t);
    bool below = wide < c;
    fp_wide difference = below ? c - wide : wide - c, result = arctangents[k];

    if (difference) {
        struct fp_exact rest = divide(fp_normal(false, 1, difference),
                                      fp_normal(false, 1, WIDE_ONE + (wide >> 2) * k));
        fp_wide small = fixed(arctangent_near0(rest), 126);

        result = below ? result - small : result + small;
    }
    return fp_normal(false, 1, result);
}

struct fp_exact fp_quarters_of_pi(bool negative, unsigned quarters)
{
    return inexact(fp_normal(negative, 1, (PI >> 2) * quarters));
}

struct fp_exact fp_arctangent(struct fp_number y, struct fp_number x)
{
    bool negative = y.negative, behind = x.negative;
    bool steep =
        y.exponent > x.exponent || (y.exponent == x.exponent && y.significand > x.significand);
    struct fp_exact over, under;

    y.negative = x.negative = false;
    over = fp_exactly(steep ? x : y);
    under = fp_exactly(steep ? y : x);
    struct fp_exact angle = arctangent(divide(over, under));

    if (steep || behind) {
        fp_wide wide = fixed(angle, 126);

        if (steep)
            wide = behind ? PI / 2 + wide : PI / 2 - wide;
        else
            wide = PI - wide;
        angle = fp_normal(false, 1, wide);
    }
    angle.number.negative = negative;
    return inexact(angle);
}

/* ---- powers ---------------------------------------------------------------------------------- */

struct fp_exact fp_power2_less1(struct fp_number x)
{
    struct fp_exact ln2 = {{.kind = FP_NORMAL, .exponent = -1}, LN2};

    if (x.exponent >= 0) /* 1 or -1; what is beyond has no result */
        return x.negative ? fp_normal(true, -1, ONE) : fp_exactly(x);
    struct fp_exact t = times(fp_exactly(x), ln2);
    fp_wide fraction = fixed(t, 127), p = ONE;

    for (unsigned n = 36; n >= 2; n--) {
        fp_wide term = multiply_whole(fraction, p) / n;

        p = x.negative ? ONE - term : ONE + term;
    }
    return inexact(scaled(t, p));
}

/* ---- logarithms ------------------------------------------------------------------------------ */

/* log2 of (1 + s) / (1 - s), |s| < 0.18 */
static struct fp_exact log2_ratio(struct fp_exact s)
{
    struct fp_exact twice_log2_e = {{.kind = FP_NORMAL, .exponent = 1}, LOG2_E};
    fp_wide fraction = fixed(s, 127), z = multiply_whole(fraction, fraction), p = 0;

    for (int n = 51; n > 0; n -= 2)
        p = ONE / (unsigned)n + multiply_whole(z, p);
    return times(scaled(s, p), twice_log2_e);
}

/* log2 of a number of 128 bits; false: it is 0. */
static bool log2_of(struct fp_exact x, struct fp_exact *out)
{
    bool above = (uint64_t)(x.significand >> 64) >= ROOT2_HIGH;
    int k = x.number.exponent + above;
    fp_wide m = x.significand >> (2 + above); /* 125 bits behind the point */
    const fp_wide one = (fp_wide)1 << 125;
    bool negative = m < one;

    if (m == one) {
        if (k)
            *out = fp_exactly(fp_from_integer(k));
        return k != 0;
    }
    struct fp_exact s =
        divide(fp_normal(negative, 2, negative ? one - m : m - one), fp_normal(false, 2, one + m));

    *out = log2_ratio(s);
    if (k) { /* |k| >= 1 and |log2 m| <= 1/2: 110 bits behind the point */
        fp_wide whole = (fp_wide)(k < 0 ? -k : k) << 110, small = fixed(*out, 110);

        *out = fp_normal(k < 0, 17, (k < 0) == negative ? whole + small : whole - small);
    }
    *out = inexact(*out);
    return true;
}

/* Products of 64 and 64 bits are exact; longer ones are not exact to begin with. */
static struct fp_exact y_times(struct fp_number y, struct fp_exact logarithm)
{
    bool sticky = logarithm.significand & 1;
    struct fp_exact out = times(fp_exactly(y), logarithm);

    return sticky ? inexact(out) : out;
}

struct fp_exact fp_y_log2(struct fp_number y, struct fp_number x)
{
    struct fp_exact logarithm;

    if (!log2_of(fp_exactly(x), &logarithm))
        return fp_exactly(fp_zero(y.negative));
    return y_times(y, logarithm);
}

struct fp_exact fp_y_log2_plus1(struct fp_number y, struct fp_number x)
{
    struct fp_exact value = fp_exactly(x), logarithm;

    if (x.exponent < -1) { /* s = x / (2 + x) */
        fp_wide small = fixed(value, 125), two = (fp_wide)1 << 126;

        logarithm = inexact(
            log2_ratio(divide(value, fp_normal(false, 2, x.negative ? two - small : two + small))));
        return y_times(y, logarithm);
    }
    if (x.exponent > 62) /* 1 does not show */
        return fp_y_log2(y, x);
    /* Exact: 64 bits before the point, 64 behind it. */
    const fp_wide one = (fp_wide)1 << 64;
    fp_wide magnitude = value.significand >> (63 - x.exponent);

    magnitude = x.negative ? one - magnitude : one + magnitude;
    if (!log2_of(fp_normal(false, 63, magnitude), &logarithm))
        return fp_exactly(fp_zero(y.negative));
    return y_times(y, logarithm);
}
