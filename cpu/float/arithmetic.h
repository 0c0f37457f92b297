/* SPDX-License-Identifier: GPL-2.0-only */
/* arithmetic.h - the basic operations on unpacked numbers; see arithmetic.c */
#ifndef XENOLITH_CPU_FLOAT_ARITHMETIC_H
#define XENOLITH_CPU_FLOAT_ARITHMETIC_H

#include "cpu/float/number.h"

/* Raise IE, DE, ZE. If fp_stopped() then, the result means nothing. */
struct fp_exact fp_add(struct fp_context *c, struct fp_number a, struct fp_number b);
struct fp_exact fp_subtract(struct fp_context *c, struct fp_number a, struct fp_number b);
struct fp_exact fp_multiply(struct fp_context *c, struct fp_number a, struct fp_number b);
struct fp_exact fp_divide(struct fp_context *c, struct fp_number a, struct fp_number b);
struct fp_exact fp_root(struct fp_context *c, struct fp_number a);

/* From one format to another: signalling NaNs become quiet. */
struct fp_exact fp_convert(struct fp_context *c, struct fp_number a);

/* The integer in the context's rounding mode, as a number. */
struct fp_exact fp_round_to_integer(struct fp_context *c, struct fp_number a);

/*
 * The same as an integer of 16, 32 or 64 bits with a sign. Out of range, infinite and NaN: IE and
 * the integer indefinite, whose top bit alone is set.
 */
int64_t fp_to_integer(struct fp_context *c, struct fp_number a, unsigned bits);

enum fp_order { FP_LESS, FP_EQUAL, FP_GREATER, FP_UNORDERED };

/* IE for signalling NaNs; unless `quiet`, for all NaNs. */
enum fp_order fp_compare(struct fp_context *c, struct fp_number a, struct fp_number b, bool quiet);

/*
 * a - q * b, with q truncated (fprem) or rounded to nearest (fprem1, `nearest`). Done in one step
 * if the exponents differ by less than 64; else *partial is set and the difference is less by
 * 63 at most. *quotient receives the low bits of q. SDM vol. 2, FPREM.
 */
struct fp_exact fp_remainder(struct fp_context *c, struct fp_number a, struct fp_number b,
                             bool nearest, bool *partial, unsigned *quotient);

/* If an operand is a NaN or is not supported: raises what is to be raised and sets *out. */
bool fp_propagate(struct fp_context *c, struct fp_number a, struct fp_number b,
                  struct fp_exact *out);

/* IE and the default NaN. */
struct fp_exact fp_invalid(struct fp_context *c);

#endif
