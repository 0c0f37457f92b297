/* SPDX-License-Identifier: GPL-2.0-only */
/* transcendental.h - what x87 computes beyond roots, to more than 100 bits; see transcendental.c */
#ifndef XENOLITH_CPU_FLOAT_TRANSCENDENTAL_H
#define XENOLITH_CPU_FLOAT_TRANSCENDENTAL_H

#include "cpu/float/number.h"

/* All take normal numbers. */

struct fp_sines {
    struct fp_exact sine, cosine;
};
struct fp_sines fp_sine_cosine(struct fp_number x); /* |x| < 2^63 */
struct fp_exact fp_tangent(struct fp_number x);     /* |x| < 2^63 */
struct fp_exact fp_arctangent(struct fp_number y, struct fp_number x);
struct fp_exact fp_power2_less1(struct fp_number x);                     /* |x| <= 1 */
struct fp_exact fp_y_log2(struct fp_number y, struct fp_number x);       /* x > 0 */
struct fp_exact fp_y_log2_plus1(struct fp_number y, struct fp_number x); /* x > -1 */

/* pi in quarters: 1 to 4 of them, with a sign. */
struct fp_exact fp_quarters_of_pi(bool negative, unsigned quarters);

#endif
