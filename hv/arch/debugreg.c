/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * debugreg.c - a guest's breakpoints
 *
 * A domain has its own DR0-3, DR6 and DR7. They are in the processor only while its DR7 enables
 * something; so domains without breakpoints cost a switch nothing. A breakpoint at an address of
 * the hypervisor is refused: it would stop the hypervisor. So is general detect (DR7.GD). A breakpoint
 * on a guest's own data may be met by the hypervisor, when it copies an argument: that is ignored.
 *
 * Source: SDM vol. 3, 17.2; arch-x86/xen.h, set_debugreg.
 */
#include "hv/include/errors.h"
#include "hv/include/percpu.h"
#include "hv/include/traps.h"

#define DR6_FIXED    0xffff0ff0u /* read as ones */
#define DR6_WRITABLE 0x0000e00fu
#define DR7_FIXED    0x00000400u
#define DR7_ENABLES  0x000000ffu
#define DR7_RESERVED 0x0000dc00u /* written as zero, but for bit 10 */
#define DR7_DETECT   0x00002000u

#define READ_DR(n, value)  __asm__ volatile("mov %%dr" #n ", %0" : "=r"(value))
#define WRITE_DR(n, value) __asm__ volatile("mov %0, %%dr" #n : : "r"(value))

static bool active(const struct domain *domain)
{
    return domain && (domain->debugreg[7] & DR7_ENABLES);
}

void debug_registers_load(const struct domain *from, const struct domain *to)
{
    if (active(to)) {
        WRITE_DR(0, to->debugreg[0]);
        WRITE_DR(1, to->debugreg[1]);
        WRITE_DR(2, to->debugreg[2]);
        WRITE_DR(3, to->debugreg[3]);
        WRITE_DR(7, to->debugreg[7]);
    } else if (active(from)) {
        WRITE_DR(7, DR7_FIXED);
    }
}

void debug_exception(cpu_regs *regs)
{
    struct domain *domain = current_domain();
    uint32_t dr6;

    READ_DR(6, dr6);
    WRITE_DR(6, DR6_FIXED);
    domain->debugreg[6] |= dr6 & DR6_WRITABLE;
    guest_exception(regs, TRAP_DEBUG, false, 0);
}

/* In ring 0: a breakpoint on data has let the access happen; it is not reported (nor does Xen). */
void debug_exception_ignore(void)
{
    WRITE_DR(6, DR6_FIXED);
}

static bool address_allowed(uint32_t address)
{
    return address < HV_VIRT_START;
}

long debug_register_set(struct domain *domain, unsigned number, uint32_t value)
{
    const struct domain before = {.debugreg[7] = domain->debugreg[7]};

    switch (number) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (!address_allowed(value))
            return -EPERM;
        domain->debugreg[number] = value;
        break;
    case 4: /* other names of 6 and 7 */
    case 6:
        domain->debugreg[6] = value & DR6_WRITABLE;
        return 0;
    case 5:
    case 7:
        domain->debugreg[7] = value & ~(DR7_RESERVED | DR7_DETECT);
        break;
    default:
        return -ENODEV;
    }
    debug_registers_load(&before, domain);
    return 0;
}

long debug_register_get(const struct domain *domain, unsigned number)
{
    switch (number) {
    case 0:
    case 1:
    case 2:
    case 3:
        return (long)domain->debugreg[number];
    case 4:
    case 6:
        return (long)(domain->debugreg[6] | DR6_FIXED);
    case 5:
    case 7:
        return (long)(domain->debugreg[7] | DR7_FIXED);
    default:
        return -ENODEV;
    }
}
