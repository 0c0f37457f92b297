/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traps.c - exceptions and interrupts, once entry.S has saved the registers
 *
 * From a guest: most exceptions are the guest kernel's business and are handed on unchanged. Ours
 * are the lazily loaded floating point registers and LDT pages, `int n` of a vector that the guest
 * allows (the processor reports it as #GP, since our gates are for ring 0), and the few privileged
 * instructions that the interface promises.
 *
 * From ring 0 an exception is legal in four places only: copying a guest's memory (the exception
 * table; or a guest's breakpoint on it), leaving for a guest with the segments and frame that it
 * chose (exit_fault), and interrupts while idle or where a long operation looks for them. Anything
 * else is a bug and ends in panic.
 */
#include "hv/dev/ioapic.h"
#include "hv/include/console.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/arch/smp.h"
#include "hv/include/time.h"
#include "hv/include/arch/traps.h"

_Static_assert(offsetof(cpu_regs, eax) == R_EAX, "layout.h");
_Static_assert(offsetof(cpu_regs, error_code) == R_ERROR, "layout.h");
_Static_assert(offsetof(cpu_regs, eip) == R_EIP, "layout.h");
_Static_assert(offsetof(cpu_regs, es) == R_ES, "layout.h");
_Static_assert(offsetof(cpu_regs, gs) == R_GS, "layout.h");
_Static_assert(sizeof(cpu_regs) == R_SIZE, "layout.h");

#define PF_CODE            0x1f /* page-fault error code: a write to a present, read-only page */
#define PF_WRITE_PROTECTED 0x03 /* (SDM vol. 3, 4.7) */
#define ERROR_CODE_LDT     4    /* it names a selector of the LDT */
#define ERROR_CODE_IDT     2    /* the error code names a gate (SDM vol. 3, 6.13) */

static bool has_error_code(unsigned vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

/* Whether a fault on a selector was only a page of the LDT that has not been loaded yet. */
static bool ldt_selector_fault(unsigned vector, uint32_t error_code)
{
    return vector == TRAP_GP && (error_code & 7) == ERROR_CODE_LDT &&
           ldt_page_fault(current_vcpu(), error_code & ~7u);
}

/*
 * A fault between exit_restore and exit_iret. The guest's frame is at its place at the stack's top,
 * but where registers had been popped already this fault's own frame lies over it; they are the
 * same registers. Segments that cannot be loaded are the failsafe callback's business; a frame that
 * IRET refuses is an exception of the guest's, at the place it wanted to go. Handlers that cannot
 * be entered fill the guest's stack with frames until it ends, and the domain with it. That stack
 * may be gigabytes of the same page, and interrupts are off all the while: so they are taken here.
 */
static void exit_fault(const cpu_regs *fault)
{
    cpu_regs *guest = guest_regs();
    unsigned vector = fault->entry_vector;
    uint32_t error_code = fault->error_code;
    bool at_iret = fault->eip == (uint32_t)(uintptr_t)exit_iret;

    if (at_iret) {
        uint32_t general[R_ERROR / 4];

        memcpy(general, fault, sizeof(general));
        memcpy(guest, general, sizeof(general));
    }
    take_interrupts();
    serve_cross_calls();
    timers_run();
    if (ldt_selector_fault(vector, error_code))
        leave_to_guest(guest);
    if (at_iret)
        guest_exception(guest, vector, has_error_code(vector), error_code);
    else
        guest_failsafe(guest);
    leave_to_guest(guest);
}

static void exception_in_hypervisor(cpu_regs *regs)
{
    uint32_t eip = regs->eip;

    for (const uint32_t(*entry)[2] = ex_table_start; entry < ex_table_end; entry++) {
        if ((*entry)[0] == eip) {
            regs->eip = (*entry)[1];
            return;
        }
    }
    if (eip >= (uint32_t)(uintptr_t)exit_restore && eip <= (uint32_t)(uintptr_t)exit_iret)
        exit_fault(regs);
    panic_at(regs, "exception in the hypervisor");
}

static void page_fault(cpu_regs *regs)
{
    struct vcpu *vcpu = current_vcpu();
    uint32_t address = read_cr2();
    uint32_t ldt = DESC_VIRT_START + this_cpu()->id * DESC_AREA_SIZE + LDT_AREA_OFFSET;

    if (address >= ldt && address < ldt + LDT_PAGES * PAGE_SIZE &&
        ldt_page_fault(vcpu, address - ldt))
        return;
    if ((vcpu->domain->privileged ||
         vcpu->domain->vm_assist & 1ul << VMASST_TYPE_writable_pagetables) &&
        RING_OF(regs) == 1 && (regs->error_code & PF_CODE) == PF_WRITE_PROTECTED &&
        writable_table_fault(regs, address))
        return;
    vcpu->vcpu_info->arch.cr2 = address;
    perfc_count(page_faults_forwarded);
    guest_exception(regs, TRAP_PAGE_FAULT, true, regs->error_code);
}

/*
 * #GP: `int n` from a guest, if its error code names a gate of the IDT and the guest's own trap
 * table lets this ring use it; a privileged instruction; or the guest's own fault.
 */
static void general_protection(cpu_regs *regs)
{
    struct vcpu *vcpu = current_vcpu();

    if ((regs->error_code & 7) == ERROR_CODE_IDT) {
        unsigned vector = regs->error_code >> 3;
        const struct trap_info *trap = &vcpu->traps[vector & 255];

        if (trap->address && TI_GET_DPL(trap) >= RING_OF(regs)) {
            regs->eip += 2;
            guest_exception(regs, vector & 255, false, 0);
            return;
        }
    } else {
        if (ldt_selector_fault(TRAP_GP, regs->error_code))
            return;
        if (emulate_privileged(regs))
            return;
    }
    guest_exception(regs, TRAP_GP, true, regs->error_code);
}

void exception(cpu_regs *regs)
{
    unsigned vector = regs->entry_vector;

    if (vector == TRAP_PAGE_FAULT)
        perfc_count(page_faults);
    if (vector == TRAP_NMI || vector == TRAP_MACHINE) {
        panic_at(regs, vector == TRAP_NMI ? "NMI" : "machine check");
    }
    if (RING_OF(regs) == 0) {
        /* A guest's doing: it watches its own memory, which we copy, or SYSENTER has kept its
         * TF. */
        if (vector == TRAP_DEBUG)
            debug_exception_ignore();
        else
            exception_in_hypervisor(regs);
        return;
    }
    switch (vector) {
    case TRAP_PAGE_FAULT:
        page_fault(regs);
        break;
    case TRAP_GP:
        general_protection(regs);
        break;
    case TRAP_INVALID_OP:
        if (emulate_prefixed_cpuid(regs))
            break;
        guest_exception(regs, vector, false, 0);
        break;
    case TRAP_DEBUG:
        debug_exception(regs);
        break;
    case TRAP_NO_DEVICE:
        fpu_device_not_available(regs);
        break;
    case TRAP_SPURIOUS:
        break;
    default:
        guest_exception(regs, vector, has_error_code(vector), regs->error_code);
        break;
    }
}

/* The guest's callback for SYSENTER; without one it is a #GP, from that frame of zeros. */
void sysenter(cpu_regs *regs)
{
    const struct callback *callback = &current_vcpu()->sysenter_callback;

    regs->eflags |= EFLAGS_IF; /* cleared on the way in */
    if (callback->eip) {
        guest_bounce(regs, callback->cs, callback->eip, callback->mask_events ? BOUNCE_MASK : 0, 0);
        return;
    }
    guest_exception(regs, TRAP_GP, true, 0);
}

void interrupt(cpu_regs *regs)
{
    perfc_count(interrupts);
    switch (regs->entry_vector) {
    case VECTOR_TIMER:
        perfc_count(timer_interrupts);
        apic_end_of_interrupt();
        timers_run();
        timers_program();
        if (RING_OF(regs) > 0)
            time_refresh(current_vcpu());
        break;
    case VECTOR_CROSS_CALL:
        apic_end_of_interrupt();
        serve_cross_calls();
        timers_run();
        timers_program();
        break;
    case VECTOR_SPURIOUS:
        break;
    default:
        if (!ioapic_interrupt(regs->entry_vector))
            print("unexpected interrupt %x\n", regs->entry_vector);
        break;
    }
}
