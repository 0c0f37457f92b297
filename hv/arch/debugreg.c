/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * debugreg.c - a guest's breakpoints
 *
 * A vcpu has its own DR0-3, DR6 and DR7. They are in the processor only while its DR7 enables
 * something; so vcpus without breakpoints cost a switch nothing. A breakpoint at an address of
 * the hypervisor is refused: it would stop the hypervisor. So is general detect (DR7.GD). A
 * breakpoint on a guest's own data may be met by the hypervisor, when it copies an argument: that
 * is ignored.
 *
 * Breakpoints on ports never reach the processor, for a guest's port instructions do not either:
 * an emulation of one asks here. They are accepted while the guest's CR4.DE is set, as on the
 * processor; so are the names DR4 and DR5 of DR6 and DR7 while it is clear.
 *
 * Source: SDM vol. 3, 17.2; arch-x86/xen.h, set_debugreg.
 */
#include "hv/include/errors.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/arch/traps.h"

#define DR6_FIXED    0xffff0ff0u /* read as ones */
#define DR6_WRITABLE 0x0000e00fu
#define DR7_FIXED    0x00000400u
#define DR7_ENABLES  0x000000ffu
#define DR7_RESERVED 0x0000dc00u /* written as zero, but for bit 10 */
#define DR7_DETECT   0x00002000u

#define DR6_STEP      0x00004000u
#define DR7_KIND_PORT 2u

#define READ_DR(n, value)  __asm__ volatile("mov %%dr" #n ", %0" : "=r"(value))
#define WRITE_DR(n, value) __asm__ volatile("mov %0, %%dr" #n : : "r"(value))

static uint32_t enables(unsigned i)
{
    return 3u << (2 * i);
}

static bool on_port(uint32_t dr7, unsigned i)
{
    return (dr7 >> (16 + 4 * i) & 3) == DR7_KIND_PORT;
}

/* DR7 as the processor gets it: without what is emulated. */
static uint32_t processor_dr7(const struct vcpu *vcpu)
{
    uint32_t dr7 = vcpu->debugreg[7];

    for (unsigned i = 0; i < 4; i++)
        if (on_port(dr7, i))
            dr7 &= ~enables(i);
    return dr7;
}

static bool active(const struct vcpu *vcpu)
{
    return vcpu && (processor_dr7(vcpu) & DR7_ENABLES);
}

static void load(bool was_active, const struct vcpu *to)
{
    if (active(to)) {
        WRITE_DR(0, to->debugreg[0]);
        WRITE_DR(1, to->debugreg[1]);
        WRITE_DR(2, to->debugreg[2]);
        WRITE_DR(3, to->debugreg[3]);
        WRITE_DR(7, processor_dr7(to));
    } else if (was_active) {
        WRITE_DR(7, DR7_FIXED);
    }
}

void debug_registers_load(const struct vcpu *from, const struct vcpu *to)
{
    load(active(from), to);
}

void debug_exception(cpu_regs *regs)
{
    struct vcpu *vcpu = current_vcpu();
    uint32_t dr6;

    READ_DR(6, dr6);
    WRITE_DR(6, DR6_FIXED);
    vcpu->debugreg[6] |= dr6 & DR6_WRITABLE;
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

static status set_dr7(struct vcpu *vcpu, uint32_t value)
{
    bool was_active = active(vcpu);

    value &= ~DR7_RESERVED;
    if (value & DR7_DETECT)
        return -EPERM;
    if ((value & DR7_ENABLES) && !(vcpu->cr4 & CR4_DE))
        for (unsigned i = 0; i < 4; i++)
            if (on_port(value, i))
                return -EPERM;
    vcpu->debugreg[7] = value;
    load(was_active, vcpu);
    return 0;
}

/* Number 4 is another name of 6, and 5 of 7, unless CR4.DE is set: then there are none such. */
static unsigned register_named(const struct vcpu *vcpu, unsigned number)
{
    if ((number == 4 || number == 5) && !(vcpu->cr4 & CR4_DE))
        return number + 2;
    return number;
}

status debug_register_set(struct vcpu *vcpu, unsigned number, uint32_t value)
{
    number = register_named(vcpu, number);
    switch (number) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (!address_allowed(value))
            return -EPERM;
        vcpu->debugreg[number] = value;
        load(active(vcpu), vcpu);
        return 0;
    case 6:
        vcpu->debugreg[6] = value & DR6_WRITABLE;
        return 0;
    case 7:
        return set_dr7(vcpu, value);
    default:
        return -ENODEV;
    }
}

bool debug_register_read(const struct vcpu *vcpu, unsigned number, uint32_t *value)
{
    number = register_named(vcpu, number);
    switch (number) {
    case 0:
    case 1:
    case 2:
    case 3:
        *value = vcpu->debugreg[number];
        return true;
    case 6:
        *value = vcpu->debugreg[6] | DR6_FIXED;
        return true;
    case 7:
        *value = vcpu->debugreg[7] | DR7_FIXED;
        return true;
    default:
        return false;
    }
}

/* --- behind emulated instructions ------------------------------------------------------------ */

void debug_port_accessed(struct vcpu *vcpu, unsigned port, unsigned bytes)
{
    uint32_t dr7 = vcpu->debugreg[7];

    for (unsigned i = 0; i < 4; i++) {
        unsigned length = (dr7 >> (18 + 4 * i) & 3) + 1;
        uint32_t first = vcpu->debugreg[i] & ~(length - 1);

        if (on_port(dr7, i) && (dr7 & enables(i)) && first < port + bytes && port < first + length)
            vcpu->port_hits |= (uint8_t)(1u << i);
    }
}

void debug_emulated(cpu_regs *regs, bool stepped)
{
    struct vcpu *vcpu = current_vcpu();
    uint32_t what = vcpu->port_hits | (stepped ? DR6_STEP : 0);

    vcpu->port_hits = 0;
    if (!what)
        return;
    vcpu->debugreg[6] |= what;
    guest_exception(regs, TRAP_DEBUG, false, 0);
}
