/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.c - cpu/float against the host's own x87 and SSE: results and flags, bit for bit
 *
 *     host SEED OPERANDS
 *
 * What the host does with basic operations is fixed by IEEE 754 and the SDM, and so the same on all
 * x86 processors. x87 runs with random masks, too: an unmasked exception stays pending here, since
 * only instructions that do not wait follow until it is cleared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/float/arithmetic.h"
#include "operands.h"

enum { SHOWN = 8 };
enum { STATUS_C1 = 1 << 9, STATUS_C2 = 1 << 10 };

static unsigned long failures;

static bool differs(const char *name, bool different)
{
    if (different && ++failures <= SHOWN)
        printf("FAIL %s: ", name);
    return different && failures <= SHOWN;
}

/* ---- x87 ------------------------------------------------------------------------------------- */

typedef struct fp_exact binary(struct fp_context *c, struct fp_number a, struct fp_number b);

#define X87_RUN(instruction)                                                                       \
    __asm__ volatile("fldt %2\n\tfldt %3\n\tfldcw %4\n\t" instruction                              \
                     "\n\tfnstsw %%ax\n\tfnclex\n\tfldcw %5\n\tfstpt %0\n\tfninit"                 \
                     : "=m"(*r), "=a"(status)                                                      \
                     : "m"(*a), "m"(*b), "m"(control), "m"(quiet)                                  \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)",        \
                       "memory")

static const uint16_t quiet = 0x37f;

/* fp_extended has 16 bytes; fldt takes ten. */
#define X87_HOST(name, instruction)                                                                \
    static uint16_t host_##name(const struct fp_extended *a, const struct fp_extended *b,          \
                                struct fp_extended *r, uint16_t control)                           \
    {                                                                                              \
        uint16_t status;                                                                           \
                                                                                                   \
        X87_RUN(instruction);                                                                      \
        return status;                                                                             \
    }

/* ST0 = b, ST1 = a */
X87_HOST(add, "fadd %%st(1), %%st")
X87_HOST(subtract, "fsub %%st(1), %%st")
X87_HOST(multiply, "fmul %%st(1), %%st")
X87_HOST(divide, "fdiv %%st(1), %%st")
X87_HOST(root, "fsqrt")
X87_HOST(integer, "frndint")
X87_HOST(prem, "fprem")
X87_HOST(prem1, "fprem1")

static struct fp_exact own_root(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    (void)b;
    return fp_root(c, a);
}

static struct fp_exact own_integer(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    (void)b;
    return fp_round_to_integer(c, a);
}

static bool partial;
static unsigned quotient;

static struct fp_exact own_prem(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    return fp_remainder(c, a, b, false, &partial, &quotient);
}

static struct fp_exact own_prem1(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    return fp_remainder(c, a, b, true, &partial, &quotient);
}

static const struct x87 {
    const char *name;
    uint16_t (*host)(const struct fp_extended *, const struct fp_extended *, struct fp_extended *,
                     uint16_t);
    binary *own;
    bool exact, remainder;
} x87[] = {
    {"fadd", host_add, fp_add, false, false},
    {"fsub", host_subtract, fp_subtract, false, false},
    {"fmul", host_multiply, fp_multiply, false, false},
    {"fdiv", host_divide, fp_divide, false, false},
    {"fsqrt", host_root, own_root, false, false},
    {"frndint", host_integer, own_integer, true, false},
    {"fprem", host_prem, own_prem, true, true},
    {"fprem1", host_prem1, own_prem1, true, true},
};

static struct fp_context context_of(uint16_t control)
{
    static const uint8_t precisions[] = {24, 64, 53, 64};

    return (struct fp_context){.rounding = control >> 10 & 3,
                               .precision = precisions[control >> 8 & 3],
                               .masked = control & FP_ALL,
                               .x87 = true};
}

static void check_x87(const struct x87 *op)
{
    static const unsigned precision[] = {0, 2, 3};
    struct fp_extended a = random80bits(), b = random80bits(), host, own;
    unsigned masks = random64() % 4 ? FP_ALL : (unsigned)random64() & FP_ALL;
    uint16_t control =
        (uint16_t)(masks | 0x40 | (random64() & 3) << 10 | precision[random64() % 3] << 8);
    struct fp_context c = context_of(control);
    uint16_t status = op->host(&a, &b, &host, control), mine;

    if (op->exact)
        c.precision = 64;
    struct fp_exact exact = op->own(&c, fp_from80(b), fp_from80(a));
    bool up = c.rounded_up && op->exact && !op->remainder;

    if (fp_stopped(&c)) {
        own = b;
        up = false;
    } else {
        own = fp_to80(&c, exact);
        up = op->exact ? up : c.rounded_up;
    }
    mine = (uint16_t)(c.flags | (up ? STATUS_C1 : 0));
    if (op->remainder && !fp_stopped(&c))
        mine |= (uint16_t)((quotient & 1) << 9 | (quotient & 2) << 13 | (quotient & 4) << 6 |
                           (partial ? STATUS_C2 : 0));
    uint16_t looked = op->remainder ? 0x473f | 0x4000 : 0x23f;

    if (differs(op->name, own.significand != host.significand || own.top != host.top ||
                              ((status ^ mine) & looked)))
        printf("%04x:%016llx with %04x:%016llx control %x: host %04x:%016llx %x, own "
               "%04x:%016llx %x\n",
               b.top, (unsigned long long)b.significand, a.top, (unsigned long long)a.significand,
               control, host.top, (unsigned long long)host.significand, status & looked, own.top,
               (unsigned long long)own.significand, mine);
}

/* ---- x87: memory ----------------------------------------------------------------------------- */

#define X87_STORE(name, type, instruction)                                                         \
    static uint16_t host_##name(struct fp_extended a, uint16_t control, type *r)                   \
    {                                                                                              \
        uint16_t status;                                                                           \
                                                                                                   \
        __asm__ volatile("fldt %2\n\tfldcw %3\n\t" instruction " %0\n\tfnstsw %%ax\n\tfninit"      \
                         : "=m"(*r), "=a"(status)                                                  \
                         : "m"(a), "m"(control)                                                    \
                         : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");   \
        return status;                                                                             \
    }

X87_STORE(fst32, uint32_t, "fstps")
X87_STORE(fst64, uint64_t, "fstpl")
X87_STORE(fist16, uint16_t, "fistps")
X87_STORE(fist32, uint32_t, "fistpl")
X87_STORE(fist64, uint64_t, "fistpll")

static void compare_store(const char *name, struct fp_extended a, uint16_t control, uint64_t host,
                          uint16_t status, uint64_t own, const struct fp_context *c)
{
    uint16_t mine = (uint16_t)(c->flags | (c->rounded_up ? STATUS_C1 : 0));

    if (differs(name, host != own || ((status ^ mine) & 0x23f)))
        printf("%04x:%016llx control %x: host %llx %x, own %llx %x\n", a.top,
               (unsigned long long)a.significand, control, (unsigned long long)host, status & 0x23f,
               (unsigned long long)own, mine);
}

/* A denormal operand is no exception when it is stored. */
static struct fp_exact stored(struct fp_context *c, struct fp_extended a)
{
    struct fp_number n = fp_from80(a);

    n.denormal = false;
    return fp_convert(c, n);
}

static void check_stores(void)
{
    struct fp_extended a = random80bits();
    uint16_t control = (uint16_t)(0x37f | (random64() & 3) << 10), narrow, status;
    uint32_t single;
    uint64_t twofold;
    struct fp_context c;

    status = host_fst32(a, control, &single);
    c = context_of(control);
    compare_store("fst m32", a, control, single, status, fp_to32(&c, stored(&c, a)), &c);
    status = host_fst64(a, control, &twofold);
    c = context_of(control);
    compare_store("fst m64", a, control, twofold, status, fp_to64(&c, stored(&c, a)), &c);
    status = host_fist16(a, control, &narrow);
    c = context_of(control);
    compare_store("fist m16", a, control, narrow, status,
                  (uint16_t)fp_to_integer(&c, fp_from80(a), 16), &c);
    status = host_fist32(a, control, &single);
    c = context_of(control);
    compare_store("fist m32", a, control, single, status,
                  (uint32_t)fp_to_integer(&c, fp_from80(a), 32), &c);
    status = host_fist64(a, control, &twofold);
    c = context_of(control);
    compare_store("fist m64", a, control, twofold, status,
                  (uint64_t)fp_to_integer(&c, fp_from80(a), 64), &c);
}

#define X87_LOAD(name, type, instruction)                                                          \
    static uint16_t host_##name(type a, struct fp_extended *r)                                     \
    {                                                                                              \
        uint16_t status;                                                                           \
                                                                                                   \
        __asm__ volatile("fninit\n\t" instruction " %2\n\tfnstsw %%ax\n\tfstpt %0\n\tfninit"       \
                         : "=m"(*r), "=a"(status)                                                  \
                         : "m"(a)                                                                  \
                         : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");   \
        return status;                                                                             \
    }

X87_LOAD(fld32, uint32_t, "flds")
X87_LOAD(fld64, uint64_t, "fldl")

static void check_loads(void)
{
    struct fp_context plain = context_of(quiet), c = plain;
    struct fp_extended host, own;
    uint32_t narrow = random32bits();
    uint64_t wide = random64bits();
    uint16_t status = host_fld32(narrow, &host);

    own = fp_to80(&c, fp_convert(&c, fp_from32(&c, narrow)));
    if (differs("fld m32", host.significand != own.significand || host.top != own.top ||
                               (status & FP_ALL) != c.flags))
        printf("%08x: %x, own %x\n", narrow, status, c.flags);
    status = host_fld64(wide, &host);
    c = plain;
    own = fp_to80(&c, fp_convert(&c, fp_from64(&c, wide)));
    if (differs("fld m64", host.significand != own.significand || host.top != own.top ||
                               (status & FP_ALL) != c.flags))
        printf("%016llx: %x, own %x\n", (unsigned long long)wide, status, c.flags);
}

static uint16_t host_compare(struct fp_extended a, struct fp_extended b, bool calm)
{
    uint16_t status;

    if (calm)
        __asm__ volatile("fninit\n\tfldt %1\n\tfldt %2\n\tfucom\n\tfnstsw %%ax\n\tfninit"
                         : "=a"(status)
                         : "m"(b), "m"(a)
                         : "st", "st(1)");
    else
        __asm__ volatile("fninit\n\tfldt %1\n\tfldt %2\n\tfcom\n\tfnstsw %%ax\n\tfninit"
                         : "=a"(status)
                         : "m"(b), "m"(a)
                         : "st", "st(1)");
    return status;
}

static void check_compare(void)
{
    static const uint16_t codes[] = {0x100, 0x4000, 0, 0x4500};
    struct fp_extended a = random80bits(), b = random64() % 4 ? random80bits() : a;
    bool calm = random64() & 1;
    struct fp_context c = context_of(quiet);
    uint16_t mine = codes[fp_compare(&c, fp_from80(a), fp_from80(b), calm)];
    uint16_t status = host_compare(a, b, calm);

    mine |= c.flags;
    if (differs("fcom", (mine ^ status) & 0x453f))
        printf("%04x:%016llx with %04x:%016llx: %x, own %x\n", a.top,
               (unsigned long long)a.significand, b.top, (unsigned long long)b.significand,
               status & 0x453f, mine);
}

/* ---- SSE ------------------------------------------------------------------------------------- */

#define SSE_HOST(name, type, instruction)                                                          \
    static uint32_t host_##name(type a, type b, type *r, uint32_t mxcsr)                           \
    {                                                                                              \
        typedef type vector __attribute__((vector_size(16)));                                      \
        vector x = {a}, y = {b};                                                                   \
        uint32_t before;                                                                           \
                                                                                                   \
        __asm__ volatile("stmxcsr %1\n\tldmxcsr %2\n\t" instruction                                \
                         " %3, %0\n\tstmxcsr %2\n\tldmxcsr %1"                                     \
                         : "+x"(x), "=m"(before), "+m"(mxcsr)                                      \
                         : "x"(y));                                                                \
        *r = x[0];                                                                                 \
        return mxcsr;                                                                              \
    }

#define SSE_HOSTS(name)                                                                            \
    SSE_HOST(name##ss, uint32_t, #name "ss")                                                       \
    SSE_HOST(name##sd, uint64_t, #name "sd")

SSE_HOSTS(add)
SSE_HOSTS(sub)
SSE_HOSTS(mul)
SSE_HOSTS(div)
SSE_HOSTS(sqrt)

static struct fp_exact own_sqrt(struct fp_context *c, struct fp_number a, struct fp_number b)
{
    (void)a;
    return fp_root(c, b);
}

static const struct sse {
    const char *name;
    uint32_t (*host32)(uint32_t, uint32_t, uint32_t *, uint32_t);
    uint32_t (*host64)(uint64_t, uint64_t, uint64_t *, uint32_t);
    binary *own;
} sse[] = {
    {"add", host_addss, host_addsd, fp_add},      {"sub", host_subss, host_subsd, fp_subtract},
    {"mul", host_mulss, host_mulsd, fp_multiply}, {"div", host_divss, host_divsd, fp_divide},
    {"sqrt", host_sqrtss, host_sqrtsd, own_sqrt},
};

static struct fp_context context_of_sse(uint32_t mxcsr)
{
    return (struct fp_context){.rounding = mxcsr >> 13 & 3,
                               .masked = FP_ALL,
                               .zero_denormals = mxcsr >> 6 & 1,
                               .flush_to_zero = mxcsr >> 15};
}

static void check_sse(const struct sse *op)
{
    uint32_t mxcsr = (uint32_t)(0x1f80 | (random64() & 7) << 13 | (random64() & 1) << 6), status;
    uint32_t a = random32bits(), b = random32bits(), host, own;
    uint64_t p = random64bits(), q = random64bits(), wide, mine;
    struct fp_context c = context_of_sse(mxcsr);

    status = op->host32(a, b, &host, mxcsr);
    own = fp_to32(&c, op->own(&c, fp_from32(&c, a), fp_from32(&c, b)));
    if (differs(op->name, own != host || (status & FP_ALL) != c.flags))
        printf("ss %08x with %08x mxcsr %x: host %08x %x, own %08x %x\n", a, b, mxcsr, host,
               status & FP_ALL, own, c.flags);
    c = context_of_sse(mxcsr);
    status = op->host64(p, q, &wide, mxcsr);
    mine = fp_to64(&c, op->own(&c, fp_from64(&c, p), fp_from64(&c, q)));
    if (differs(op->name, mine != wide || (status & FP_ALL) != c.flags))
        printf("sd %016llx with %016llx mxcsr %x: host %016llx %x, own %016llx %x\n",
               (unsigned long long)p, (unsigned long long)q, mxcsr, (unsigned long long)wide,
               status & FP_ALL, (unsigned long long)mine, c.flags);
}

/* ---- main ------------------------------------------------------------------------------------ */

static void report(const char *name)
{
    printf("%s %s\n", failures ? "FAIL" : "PASS", name);
}

int main(int argc, char **argv)
{
    unsigned long total = 0, count = argc > 2 ? strtoul(argv[2], NULL, 0) : 20000;

    random_state = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    printf("seed %llu, %lu operands an operation\n", (unsigned long long)random_state, count);
    for (unsigned i = 0; i < sizeof(x87) / sizeof(*x87); i++, total += failures, failures = 0) {
        for (unsigned long n = 0; n < count; n++)
            check_x87(&x87[i]);
        report(x87[i].name);
    }
    static const struct {
        const char *name;
        void (*check)(void);
    } others[] = {{"stores", check_stores}, {"loads", check_loads}, {"compare", check_compare}};

    for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
        for (unsigned long n = 0; n < count; n++)
            others[i].check();
        report(others[i].name);
        total += failures;
        failures = 0;
    }
    for (unsigned i = 0; i < sizeof(sse) / sizeof(*sse); i++, total += failures, failures = 0) {
        for (unsigned long n = 0; n < count; n++)
            check_sse(&sse[i]);
        report(sse[i].name);
    }
    return total != 0;
}
