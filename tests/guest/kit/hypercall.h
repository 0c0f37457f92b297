/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls as a 32-bit PV kernel makes them: the number in EAX, arguments in EBX, ECX, EDX, ESI,
 * EDI, the result in EAX. The hypervisor may destroy the argument registers, so each is an output
 * too. hypercall() goes through the hypercall page, hypercall_inline() issues int $0x82 itself.
 */
#ifndef TESTS_GUEST_KIT_HYPERCALL_H
#define TESTS_GUEST_KIT_HYPERCALL_H

#include "tests/guest/kit/types.h"

extern char hypercall_page[];

static inline long hypercall(unsigned number, unsigned long a, unsigned long b, unsigned long c,
                             unsigned long d, unsigned long e)
{
    long result;

    asm volatile("call *%%eax"
                 : "=a"(result), "+b"(a), "+c"(b), "+d"(c), "+S"(d), "+D"(e)
                 : "0"(hypercall_page + number * 32)
                 : "memory");
    return result;
}

static inline long hypercall_inline(unsigned number, unsigned long a, unsigned long b,
                                    unsigned long c, unsigned long d, unsigned long e)
{
    long result;

    asm volatile("int $0x82"
                 : "=a"(result), "+b"(a), "+c"(b), "+d"(c), "+S"(d), "+D"(e)
                 : "0"(number)
                 : "memory");
    return result;
}

/* Calls __HYPERVISOR_name with up to five arguments of any integer or pointer type. */
#define HYPERCALL(name, ...)                                                                       \
    HYPERCALL_PAD(__HYPERVISOR_##name, __VA_ARGS__ __VA_OPT__(, ) 0, 0, 0, 0, 0)
#define HYPERCALL_PAD(number, a, b, c, d, e, ...)                                                  \
    hypercall(number, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c),                  \
              (unsigned long)(d), (unsigned long)(e))

#endif
