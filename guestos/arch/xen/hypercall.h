/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hypercall.h - asking the hypervisor
 *
 * The hypercall page, which the domain builder filled, holds 32 bytes of code for each number;
 * arguments go in ebx, ecx, edx, esi, edi and come back clobbered (arch-x86/xen-x86_32.h).
 * Results are 0 or more, or -Exxx from the interface's list.
 */
#ifndef GUESTOS_HYPERCALL_H
#define GUESTOS_HYPERCALL_H

#include "guestos/kernel/counters.h"
#include "guestos/kernel/types.h"

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

extern char hypercall_page[];

static inline int hypercall(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                            uint32_t e)
{
    int result;

    count(COUNT_hypercalls);
    __asm__ volatile("call *%%eax"
                     : "=a"(result), "+b"(a), "+c"(b), "+d"(c), "+S"(d), "+D"(e)
                     : "0"(hypercall_page + number * 32)
                     : "memory");
    return result;
}

#define HYPERCALL_1(name, a) hypercall(__HYPERVISOR_##name, (uint32_t)(a), 0, 0, 0, 0)
#define HYPERCALL_2(name, a, b)                                                                    \
    hypercall(__HYPERVISOR_##name, (uint32_t)(a), (uint32_t)(b), 0, 0, 0)
#define HYPERCALL_3(name, a, b, c)                                                                 \
    hypercall(__HYPERVISOR_##name, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c), 0, 0)
#define HYPERCALL_4(name, a, b, c, d)                                                              \
    hypercall(__HYPERVISOR_##name, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c), (uint32_t)(d), 0)

/* Selectors in the hypervisor's part of the GDT. */
#define XEN_KERNEL_CS FLAT_RING1_CS
#define XEN_KERNEL_SS FLAT_RING1_SS
#define XEN_USER_CS   FLAT_RING3_CS
#define XEN_USER_DS   FLAT_RING3_DS

#endif
