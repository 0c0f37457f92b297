/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * emulate_cpuid.c - CPUID behind the interface's prefix
 *
 * Guests' CPUID is the processor's own, for it does not trap. A kernel that wants the hypervisor's
 * answer puts the prefix (an invalid opcode and "xen") before it. Then leaves from 0x40000000 on
 * are the interface's, and the processor's features are without those that page tables of a guest
 * cannot have.
 *
 * Source: arch-x86/cpuid.h, which counts leaves from 1. Kernels look for at least the third of
 * them.
 */
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/time.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"

#include <xen/arch-x86/cpuid.h>

enum leaf { SIGNATURE, VERSION, HYPERCALLS, TIME, HVM, PV, LEAVES };

#define FIRST_LEAF    0x40000000u
#define FEATURE_PSE   (1u << 3) /* leaf 1, EDX: what a guest's page tables cannot have */
#define FEATURE_PGE   (1u << 13)
#define FEATURE_PSE36 (1u << 17)
#define TSC_RELIABLE  (1u << 1)
#define ADDRESS_BITS  32 /* no frame of a guest lies above */

struct answer {
    uint32_t a, b, c, d;
};

static void time_leaf(uint32_t which, struct answer *answer)
{
    uint64_t offset;
    uint32_t mul;
    int8_t shift;

    switch (which) {
    case 0: /* the processor's counter is the guest's; it never moved to another machine */
        answer->a = TSC_RELIABLE;
        answer->c = tsc_khz();
        break;
    case 1:
        tsc_scale(&offset, &mul, &shift);
        *answer = (struct answer){(uint32_t)offset, (uint32_t)(offset >> 32), mul, (uint8_t)shift};
        break;
    case 2:
        answer->a = tsc_khz();
        break;
    default:
        break;
    }
}

static void interface_leaf(uint32_t leaf, uint32_t which, struct answer *answer)
{
    switch (leaf) {
    case SIGNATURE:
        *answer = (struct answer){FIRST_LEAF + LEAVES - 1, XEN_CPUID_SIGNATURE_EBX,
                                  XEN_CPUID_SIGNATURE_ECX, XEN_CPUID_SIGNATURE_EDX};
        break;
    case VERSION:
        answer->a = INTERFACE_VERSION;
        break;
    case HYPERCALLS:
        answer->a = 1;
        answer->b = MSR_HYPERCALL_PAGE;
        answer->c = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
        break;
    case TIME:
        time_leaf(which, answer);
        break;
    case PV:
        if (which == 0)
            answer->b = ADDRESS_BITS;
        break;
    default:
        break;
    }
}

bool emulate_prefixed_cpuid(cpu_regs *regs)
{
    static const uint8_t prefix[] = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2};
    uint8_t code[sizeof(prefix)];
    struct answer answer = {0};

    if (copy_from_guest(code, (void *)(uintptr_t)regs->eip, sizeof(code)) ||
        memcmp(code, prefix, sizeof(code)) != 0)
        return false;
    if (regs->eax >> 28 == FIRST_LEAF >> 28)
        interface_leaf(regs->eax - FIRST_LEAF, regs->ecx, &answer);
    else
        __asm__ volatile("cpuid"
                         : "=a"(answer.a), "=b"(answer.b), "=c"(answer.c), "=d"(answer.d)
                         : "0"(regs->eax), "2"(regs->ecx));
    if (regs->eax == 1)
        answer.d &= ~(FEATURE_PSE | FEATURE_PGE | FEATURE_PSE36);
    regs->eax = answer.a;
    regs->ebx = answer.b;
    regs->ecx = answer.c;
    regs->edx = answer.d;
    regs->eip += sizeof(code);
    return true;
}
