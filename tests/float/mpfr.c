/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mpfr.c - cpu/float's transcendental functions against MPFR's
 *
 *     mpfr SEED OPERANDS
 *
 * Each result is compared with MPFR's of 320 bits. The error is told in units of the last of 64
 * bits; it must be below 1, and with one rounding to nearest is a half.
 */
#include <stdio.h>
#include <stdlib.h>

#include <mpfr.h>

#include "cpu/float/transcendental.h"
#include "operands.h"

enum { BITS = 320 };

/* A significand of any kind and an exponent in a range. */
static struct fp_number random_number(int least, int most)
{
    int exponent = least + (int)(random64() % (uint64_t)(most - least + 1));

    return (struct fp_number){.kind = FP_NORMAL,
                              .negative = random64() & 1,
                              .significand = random_fraction() | FP_INTEGER_BIT,
                              .exponent = exponent};
}

static void number_to(mpfr_t out, struct fp_number n)
{
    mpfr_set_ui_2exp(out, n.significand, n.exponent - 63, MPFR_RNDN);
    if (n.negative)
        mpfr_neg(out, out, MPFR_RNDN);
}

static void extended_to(mpfr_t out, struct fp_extended x)
{
    mpfr_set_ui_2exp(out, x.significand, (x.top & 0x7fff) - 16383 - 63, MPFR_RNDN);
    if (x.top >> 15)
        mpfr_neg(out, out, MPFR_RNDN);
}

struct arguments {
    struct fp_number x, y;
};

static struct arguments angle(void)
{
    return (struct arguments){random_number(random64() % 2 ? -70 : -3, 62), {0}};
}

static struct arguments any_two(void)
{
    int middle = (int)(random64() % 8000) - 4000;

    return (struct arguments){random_number(middle - 70, middle + 70),
                              random_number(middle - 70, middle + 70)};
}

static struct arguments below_1(void)
{
    return (struct arguments){random_number(-70, -1), {0}};
}

static struct arguments logarithm(void)
{
    struct arguments a = {random_number(-1, 0), random_number(-100, 100)};

    if (random64() % 2)
        a.x = random_number(-16000, 16000);
    a.x.negative = false;
    return a;
}

static struct arguments logarithm_plus1(void)
{
    struct arguments a = {random_number(-80, -2), random_number(-100, 100)};

    if (a.x.exponent == -2) /* less than 1 - 1/sqrt 2 */
        a.x.significand = FP_INTEGER_BIT | a.x.significand >> 4;
    return a;
}

#define OWN(name, expression)                                                                      \
    static struct fp_exact own_##name(struct arguments a)                                          \
    {                                                                                              \
        return expression;                                                                         \
    }

OWN(sin, fp_sine_cosine(a.x).sine)
OWN(cos, fp_sine_cosine(a.x).cosine)
OWN(tan, fp_tangent(a.x))
OWN(atan2, fp_arctangent(a.y, a.x))
OWN(exp2m1, fp_power2_less1(a.x))
OWN(ylog2, fp_y_log2(a.y, a.x))
OWN(ylog2p1, fp_y_log2_plus1(a.y, a.x))

#define THEIRS(name, statements)                                                                   \
    static void their_##name(mpfr_t out, mpfr_t x, mpfr_t y)                                       \
    {                                                                                              \
        (void)y;                                                                                   \
        statements;                                                                                \
    }

THEIRS(sin, mpfr_sin(out, x, MPFR_RNDN))
THEIRS(cos, mpfr_cos(out, x, MPFR_RNDN))
THEIRS(tan, mpfr_tan(out, x, MPFR_RNDN))
THEIRS(atan2, mpfr_atan2(out, y, x, MPFR_RNDN))
THEIRS(exp2m1, {
    mpfr_const_log2(out, MPFR_RNDN);
    mpfr_mul(out, out, x, MPFR_RNDN);
    mpfr_expm1(out, out, MPFR_RNDN);
})
THEIRS(ylog2, {
    mpfr_log2(out, x, MPFR_RNDN);
    mpfr_mul(out, out, y, MPFR_RNDN);
})
THEIRS(ylog2p1, {
    mpfr_t ln2;

    mpfr_init2(ln2, BITS);
    mpfr_const_log2(ln2, MPFR_RNDN);
    mpfr_log1p(out, x, MPFR_RNDN);
    mpfr_div(out, out, ln2, MPFR_RNDN);
    mpfr_mul(out, out, y, MPFR_RNDN);
    mpfr_clear(ln2);
})

static const struct {
    const char *name;
    struct arguments (*arguments)(void);
    struct fp_exact (*own)(struct arguments);
    void (*theirs)(mpfr_t out, mpfr_t x, mpfr_t y);
} functions[] = {
    {"fsin", angle, own_sin, their_sin},
    {"fcos", angle, own_cos, their_cos},
    {"fptan", angle, own_tan, their_tan},
    {"fpatan", any_two, own_atan2, their_atan2},
    {"f2xm1", below_1, own_exp2m1, their_exp2m1},
    {"fyl2x", logarithm, own_ylog2, their_ylog2},
    {"fyl2xp1", logarithm_plus1, own_ylog2p1, their_ylog2p1},
};

int main(int argc, char **argv)
{
    unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 2000;
    bool failed = false;
    mpfr_t x, y, right, got;

    random_state = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    printf("seed %llu, %lu operands a function\n", (unsigned long long)random_state, count);
    mpfr_inits2(BITS, x, y, right, got, (mpfr_ptr)NULL);
    for (unsigned f = 0; f < sizeof(functions) / sizeof(*functions); f++) {
        double worst = 0;

        for (unsigned long n = 0; n < count; n++) {
            struct fp_context c = {.precision = 64, .masked = FP_ALL, .x87 = true};
            struct arguments a = functions[f].arguments();

            number_to(x, a.x);
            number_to(y, a.y);
            functions[f].theirs(right, x, y);
            extended_to(got, fp_to80(&c, functions[f].own(a)));
            if (mpfr_zero_p(right)) {
                worst = mpfr_zero_p(got) ? worst : 1e9;
                continue;
            }
            mpfr_sub(got, got, right, MPFR_RNDN);
            mpfr_mul_2si(got, got, 64 - mpfr_get_exp(right), MPFR_RNDN);
            double error = mpfr_get_d(got, MPFR_RNDA);

            error = error < 0 ? -error : error;
            if (error > worst) {
                worst = error;
                if (error >= 1)
                    mpfr_printf("x %.25Rg, y %.25Rg: off by %g\n", x, y, error);
            }
        }
        printf("%s %s: at most %.6f units\n", worst < 1 ? "PASS" : "FAIL", functions[f].name,
               worst);
        failed = failed || !(worst < 1);
    }
    mpfr_clears(x, y, right, got, (mpfr_ptr)NULL);
    return failed;
}
