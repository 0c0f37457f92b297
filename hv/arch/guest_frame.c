/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_frame.c - frames on a guest kernel's stack
 *
 * A guest kernel meets exceptions and upcalls as a bare kernel meets them: with a frame on its
 * stack as the processor would have pushed it, in ring 1. From ring 1 the frame goes on the stack
 * in use; from outer rings on the stack that stack_switch named, with the old SS and ESP in it:
 *
 *     [gs fs es ds]  failsafe callback only, ds at the lowest address
 *     error code     exceptions that have one
 *     eip
 *     cs             upper half: the upcall mask as it was
 *     eflags         IF shows the opposite of that mask
 *     esp, ss        from outer rings
 *
 * The stack must be flat (base 0), as the interface's own segments are. A stack that cannot take
 * the frame leaves the guest without any way on: the domain is ended, and no other.
 *
 * Source: the paper 3.3.1; paper/mechanism.md, "CPU and traps" and "Events".
 */
#include "hv/include/lib.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"

/* Whether the guest sees and sets its IOPL in EFLAGS. */
static bool architectural_iopl(const struct vcpu *vcpu)
{
    return vcpu->domain->vm_assist & 1ul << VMASST_TYPE_architectural_iopl;
}

bool guest_bounce(cpu_regs *regs, uint16_t cs, uint32_t eip, unsigned flags, uint32_t error_code)
{
    struct vcpu *vcpu = current_vcpu();
    struct vcpu_info *info = vcpu->vcpu_info;
    uint32_t frame[10], *next = frame, sp, bytes;
    uint8_t mask = info->evtchn_upcall_mask;

    if (eip == 0 || (cs & 3) == 0) {
        domain_crash(vcpu->domain, "no handler for a callback or an exception");
        return false;
    }
    if (flags & BOUNCE_FAILSAFE) {
        *next++ = regs->ds;
        *next++ = regs->es;
        *next++ = read_fs();
        *next++ = read_gs();
    }
    if (flags & BOUNCE_ERROR_CODE)
        *next++ = error_code;
    *next++ = regs->eip;
    *next++ = regs->cs | (uint32_t)mask << 16;
    *next++ = (regs->eflags & ~(EFLAGS_IF | EFLAGS_IOPL)) | (mask ? 0 : EFLAGS_IF) |
              (architectural_iopl(vcpu) ? (uint32_t)vcpu->iopl << EFLAGS_IOPL_SHIFT : 0);
    if (RING_OF(regs) != 1) {
        *next++ = regs->esp;
        *next++ = regs->ss;
    }

    bytes = (uint32_t)((char *)next - (char *)frame);
    sp = (RING_OF(regs) == 1 ? regs->esp : vcpu->kernel_sp) - bytes;
    if (copy_to_guest((void *)(uintptr_t)sp, frame, bytes)) {
        domain_crash(vcpu->domain, "no room for a frame on the kernel stack");
        return false;
    }
    if (RING_OF(regs) != 1)
        regs->ss = vcpu->kernel_ss;
    regs->esp = sp;
    regs->cs = cs;
    regs->eip = eip;
    regs->eflags &= ~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC);
    if (flags & BOUNCE_FAILSAFE) {
        regs->ds = regs->es = 0;
        load_fs_gs(0, 0);
    }
    if (flags & BOUNCE_MASK)
        info->evtchn_upcall_mask = 1;
    return true;
}

void guest_exception(cpu_regs *regs, unsigned vector, bool has_code, uint32_t error_code)
{
    const struct trap_info *trap = &current_vcpu()->traps[vector];

    perfc_count(exceptions_forwarded);
    if (!trap->address) {
        print("d%u: exception %u (error code %x) at %x:%x, no handler\n", current_domain()->id,
              vector, error_code, regs->cs, (unsigned)regs->eip);
        domain_crash(current_domain(), "exception without a handler");
        return;
    }
    guest_bounce(regs, trap->cs, trap->address,
                 (has_code ? BOUNCE_ERROR_CODE : 0) | (TI_GET_IF(trap) ? BOUNCE_MASK : 0),
                 error_code);
}

void guest_nmi(cpu_regs *regs)
{
    struct vcpu *vcpu = current_vcpu();
    const struct trap_info *trap = &vcpu->traps[TRAP_NMI];

    vcpu->nmi_pending = false;
    if (!trap->address)
        return; /* one that nobody takes is lost */
    vcpu->in_nmi = true;
    guest_bounce(regs, trap->cs, trap->address, TI_GET_IF(trap) ? BOUNCE_MASK : 0, 0);
}

void guest_failsafe(cpu_regs *regs)
{
    struct vcpu *vcpu = current_vcpu();
    const struct callback *callback = &vcpu->failsafe_callback;

    if (regs->cs == callback->cs && regs->eip == callback->eip)
        domain_crash(vcpu->domain, "fault on the way into the failsafe callback");
    else
        guest_bounce(regs, callback->cs, callback->eip,
                     BOUNCE_FAILSAFE | (callback->mask_events ? BOUNCE_MASK : 0), 0);
}

void guest_iret(cpu_regs *regs)
{
    struct vcpu *vcpu = current_vcpu();
    uint32_t frame[6]; /* eax, eip, cs, eflags, and from outer rings esp, ss */
    uint32_t eflags;
    bool outer;

    if (copy_from_guest(frame, (void *)(uintptr_t)regs->esp, 16) || (frame[2] & 3) == 0) {
        domain_crash(vcpu->domain, "iret with a bad frame");
        return;
    }
    outer = (frame[2] & 3) > 1;
    if (outer && copy_from_guest(frame + 4, (char *)(uintptr_t)regs->esp + 16, 8)) {
        domain_crash(vcpu->domain, "iret with a bad frame");
        return;
    }
    eflags = frame[3];
    regs->eax = frame[0];
    regs->eip = frame[1];
    regs->cs = (uint16_t)frame[2];
    regs->eflags =
        (eflags & ~(EFLAGS_IOPL | EFLAGS_VM | EFLAGS_VIF | EFLAGS_VIP)) | EFLAGS_IF | EFLAGS_MBS;
    if (outer) {
        regs->esp = frame[4];
        regs->ss = (uint16_t)frame[5];
    } else {
        regs->esp += 16;
    }
    if (architectural_iopl(vcpu))
        vcpu->iopl = (uint8_t)((eflags & EFLAGS_IOPL) >> EFLAGS_IOPL_SHIFT);
    vcpu->in_nmi = false;
    vcpu->vcpu_info->evtchn_upcall_mask = !(eflags & EFLAGS_IF);
}
