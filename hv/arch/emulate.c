/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * emulate.c - privileged instructions of a guest kernel
 *
 * A paravirtual kernel calls the hypervisor; a few instructions are kept working for code that is
 * not worth changing: CLTS, debug registers, control registers (only CR0.TS can be written), HLT, which blocks, CLI
 * and STI, which do nothing, and WBINVD. Byte port I/O works for Domain 0 once it has asked for it
 * with set_iopl. All else is the guest's own #GP.
 */
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/traps.h"
#include "hv/include/uaccess.h"

static uint32_t *general_register(cpu_regs *regs, unsigned number)
{
    uint32_t *const registers[8] = {&regs->eax, &regs->ecx, &regs->edx, &regs->ebx,
                                    &regs->esp, &regs->ebp, &regs->esi, &regs->edi};
    return registers[number & 7];
}

static uint32_t control_register(const struct domain *domain, unsigned number)
{
    switch (number) {
    case 0:
        return CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE | (domain->virtual_ts ? CR0_TS : 0);
    case 2:
        return domain->shared->vcpu_info[0].arch.cr2;
    case 3:
        return xen_pfn_to_cr3(domain->root);
    default:
        return read_cr4() & ~CR4_PGE;
    }
}

/* 0F xx */
static bool emulate_two_byte(cpu_regs *regs, uint8_t opcode, uint8_t modrm)
{
    struct domain *domain = current_domain();
    unsigned number = modrm >> 3 & 7;

    switch (opcode) {
    case 0x06: /* clts */
        domain->virtual_ts = false;
        regs->eip += 2;
        return true;
    case 0x08: /* invd */
    case 0x09: /* wbinvd */
        regs->eip += 2;
        return true;
    case 0x20: /* mov %crN, %r32 */
        if ((modrm & 0xc0) != 0xc0 || (number != 0 && number != 2 && number != 3 && number != 4))
            return false;
        *general_register(regs, modrm) = control_register(domain, number);
        regs->eip += 3;
        return true;
    case 0x21: /* mov %drN, %r32 */
        if ((modrm & 0xc0) != 0xc0)
            return false;
        *general_register(regs, modrm) = (uint32_t)debug_register_get(domain, number);
        regs->eip += 3;
        return true;
    case 0x23: /* mov %r32, %drN */
        if ((modrm & 0xc0) != 0xc0 ||
            debug_register_set(domain, number, *general_register(regs, modrm)))
            return false;
        regs->eip += 3;
        return true;
    case 0x22: /* mov %r32, %crN: only CR0.TS has a meaning */
        if ((modrm & 0xc0) != 0xc0 || number != 0)
            return false;
        domain->virtual_ts = *general_register(regs, modrm) & CR0_TS;
        regs->eip += 3;
        return true;
    default:
        return false;
    }
}

static bool emulate_port(cpu_regs *regs, uint8_t opcode, uint8_t immediate)
{
    const struct domain *domain = current_domain();
    uint16_t port = opcode & 0x08 ? (uint16_t)regs->edx : immediate;

    if (!domain->privileged || domain->iopl < 1)
        return false;
    if (opcode & 0x02)
        outb(port, (uint8_t)regs->eax);
    else
        regs->eax = (regs->eax & ~0xffu) | inb(port);
    regs->eip += opcode & 0x08 ? 1 : 2;
    return true;
}

bool emulate_privileged(cpu_regs *regs)
{
    uint8_t code[3] = {0};

    for (unsigned i = 0; i < sizeof(code); i++) {
        if (copy_from_guest(&code[i], (char *)(uintptr_t)regs->eip + i, 1))
            break;
    }
    switch (code[0]) {
    case 0x0f:
        return emulate_two_byte(regs, code[1], code[2]);
    case 0xe4: /* in/out of a byte: immediate port, port in dx */
    case 0xe6:
    case 0xec:
    case 0xee:
        return emulate_port(regs, code[0], code[1]);
    case 0xf4: /* hlt */
        regs->eip++;
        sched_block();
        return true;
    case 0xfa: /* cli, sti */
    case 0xfb:
        regs->eip++;
        return true;
    default:
        return false;
    }
}

#define CPUID_SIGNATURE 0x40000000u /* arch-x86/cpuid.h */
#define CPUID_VERSION   0x40000001u
#define CPUID_LAST      0x40000001u
#define FEATURE_PSE     (1u << 3) /* leaf 1, EDX: what a guest's page tables cannot have */
#define FEATURE_PGE     (1u << 13)
#define FEATURE_PSE36   (1u << 17)

bool emulate_prefixed_cpuid(cpu_regs *regs)
{
    static const uint8_t prefix[] = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2};
    uint8_t code[sizeof(prefix)];
    uint32_t leaf = regs->eax, a, b, c, d;

    if (copy_from_guest(code, (void *)(uintptr_t)regs->eip, sizeof(code)) ||
        memcmp(code, prefix, sizeof(code)) != 0)
        return false;
    a = b = c = d = 0;
    if (leaf == CPUID_SIGNATURE) {
        a = CPUID_LAST;
        b = 0x566e6558; /* XenVMMXenVMM */
        c = 0x65584d4d;
        d = 0x4d4d566e;
    } else if (leaf == CPUID_VERSION) {
        a = INTERFACE_VERSION;
    } else if (leaf >> 28 != 4) {
        __asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(leaf), "2"(regs->ecx));
        if (leaf == 1)
            d &= ~(FEATURE_PSE | FEATURE_PGE | FEATURE_PSE36);
    }
    regs->eax = a;
    regs->ebx = b;
    regs->ecx = c;
    regs->edx = d;
    regs->eip += sizeof(code);
    return true;
}
