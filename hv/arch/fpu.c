/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fpu.c - floating point registers, saved only when somebody used them
 *
 * After a switch CR0.TS is set. The first floating point instruction traps (#NM) and loads the
 * vcpu's registers; only then there is something to save at the next switch. A guest does the
 * same for its processes with fpu_taskswitch, whose TS is a bit of ours beside the processor's.
 *
 * Sources: SDM vol. 1, 8.1.10 (image of FSAVE) and 10.5.1 (of FXSAVE).
 */
#include "hv/include/lib.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/traps.h"

#define CPUID_FXSR  (1u << 24)
#define FNSAVE_TAGS 8 /* two bits a register, both set: empty */

static bool have_fxsr;

void fpu_init(void)
{
    uint32_t a, b, c, d;

    cpuid(1, &a, &b, &c, &d);
    have_fxsr = d & CPUID_FXSR;
    if (have_fxsr)
        write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT);
    write_cr0((read_cr0() & ~0x4u) | CR0_MP | CR0_NE | CR0_TS); /* EM off */
}

static void save(struct vcpu *vcpu)
{
    if (have_fxsr)
        __asm__ volatile("fxsave %0" : "=m"(vcpu->fpu));
    else
        __asm__ volatile("fnsave %0" : "=m"(vcpu->fpu));
    vcpu->fpu_dirty = false;
}

/*
 * The state after FNINIT with all registers zero, as an image: FNINIT itself leaves in the
 * registers what the vcpu before had there.
 */
static void initial_image(struct vcpu *vcpu)
{
    static const uint32_t control = 0x037f, mxcsr = 0x1f80;

    memset(vcpu->fpu, 0, sizeof(vcpu->fpu));
    memcpy(vcpu->fpu, &control, sizeof(control));
    if (have_fxsr)
        memcpy(vcpu->fpu + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
    else
        memset(vcpu->fpu + FNSAVE_TAGS, 0xff, 2);
    vcpu->fpu_initialised = true;
}

static void restore(struct vcpu *vcpu)
{
    clear_ts();
    if (!vcpu->fpu_initialised)
        initial_image(vcpu);
    if (have_fxsr)
        __asm__ volatile("fxrstor %0" : : "m"(vcpu->fpu));
    else
        __asm__ volatile("frstor %0" : : "m"(vcpu->fpu));
    vcpu->fpu_dirty = true;
    perfc_count(fpu_restores);
}

void fpu_device_not_available(cpu_regs *regs)
{
    struct vcpu *vcpu = current_vcpu();

    if (vcpu->fpu_dirty)
        clear_ts();
    else
        restore(vcpu);
    if (vcpu->virtual_ts) {
        vcpu->virtual_ts = false;
        guest_exception(regs, TRAP_NO_DEVICE, false, 0);
    }
}

void fpu_set_virtual_ts(struct vcpu *vcpu, bool set)
{
    vcpu->virtual_ts = set;
    if (set)
        set_ts();
    else if (vcpu->fpu_dirty)
        clear_ts();
}

void fpu_switch(struct cpu *cpu, struct vcpu *from)
{
    (void)cpu;
    if (from && from->fpu_dirty) {
        clear_ts();
        save(from);
    }
    set_ts();
}
