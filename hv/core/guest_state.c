/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_state.c - hypercalls that set a guest's own processor state
 *
 * Traps, callbacks, stacks, descriptors, TS, debug registers, iret.
 */
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"

/* Handlers run in ring 1 or further out. */
static uint16_t fixed_selector(uint16_t selector)
{
    return selector & 3 ? selector : selector | 1;
}

long do_set_trap_table(const unsigned long *args)
{
    struct vcpu *vcpu = current_vcpu();
    const struct trap_info *list = (const void *)args[0];
    long result = 0;

    if (!list) {
        memset(vcpu->traps, 0, sizeof(vcpu->traps));
        gates_load_direct(this_cpu(), vcpu);
        return 0;
    }
    /* Vectors may repeat, but a table is never longer than this. */
    for (unsigned i = 0; i <= 256; i++) {
        struct trap_info trap;

        if (copy_from_guest(&trap, &list[i], sizeof(trap))) {
            result = -EFAULT;
            break;
        }
        if (trap.address == 0)
            break;
        if (trap.address >= HV_VIRT_START) {
            result = -EINVAL;
            break;
        }
        trap.cs = fixed_selector(trap.cs);
        if (!handler_selector_allowed(trap.cs)) {
            result = -EPERM;
            break;
        }
        vcpu->traps[trap.vector] = trap;
    }
    gates_load_direct(this_cpu(), vcpu);
    return result;
}

long do_set_gdt(const unsigned long *args)
{
    unsigned long entries = args[1];
    unsigned pages = (unsigned)((entries + 511) / 512);
    xen_pfn_t frames[GUEST_GDT_PAGES];
    mfn numbers[GUEST_GDT_PAGES];
    long result;

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    if (copy_from_guest(frames, (void *)args[0], pages * sizeof(frames[0])))
        return -EFAULT;
    for (unsigned i = 0; i < pages; i++)
        numbers[i] = (mfn)frames[i];
    lock(&mm_lock);
    result = gdt_get(numbers, (unsigned)entries, current_domain()->id);
    if (!result)
        commit_gdt(current_vcpu(), numbers, (unsigned)entries);
    unlock(&mm_lock);
    this_cpu()->flush_deferred = true;
    return result;
}

long do_update_descriptor(const unsigned long *args)
{
    uint64_t address = args[0] | (uint64_t)args[1] << 32;
    struct descriptor d = {args[2], args[3]};
    mfn number = (mfn)(address >> PAGE_SHIFT);
    struct vcpu *vcpu = current_vcpu();
    struct frame *frame;
    long result;

    if ((address & 7) || address >> 44 || !descriptor_cut(&d))
        return -EINVAL;
    lock(&mm_lock);
    result = frame_get(number, vcpu->domain->id);
    if (!result) {
        frame = &frame_table[number]; /* RAM of ours: a count was taken */
        /* A descriptor table, or what could be mapped writable. */
        if (frame->type_count > 0 && frame->type == FRAME_SEGDESC)
            result = frame_get_type(number, FRAME_SEGDESC);
        else
            result = frame_get_type(number, FRAME_WRITABLE);
        if (!result) {
            char *page = map_frame(number);

            *(volatile struct descriptor *)(page + (address & (PAGE_SIZE - 1))) = d;
            unmap_frame(page);
            frame_put_type(number);
        }
        frame_put(number);
    }
    unlock(&mm_lock);
    return result;
}

long do_stack_switch(const unsigned long *args)
{
    struct cpu *cpu = this_cpu();
    struct vcpu *vcpu = cpu->current;

    vcpu->kernel_ss = fixed_selector((uint16_t)args[0]);
    vcpu->kernel_sp = (uint32_t)args[1];
    cpu->tss.ss1 = vcpu->kernel_ss;
    cpu->tss.esp1 = vcpu->kernel_sp;
    return 0;
}

long do_set_callbacks(const unsigned long *args)
{
    struct vcpu *vcpu = current_vcpu();

    vcpu->event_callback =
        (struct callback){.cs = fixed_selector((uint16_t)args[0]), .eip = (uint32_t)args[1]};
    vcpu->failsafe_callback =
        (struct callback){.cs = fixed_selector((uint16_t)args[2]), .eip = (uint32_t)args[3]};
    return 0;
}

/*
 * Where callbacks of this type are kept; NULL if the interface has none. SYSCALL's is kept but
 * never called: in this mode only other makers' processors have that instruction.
 */
static struct callback *callback_of_type(struct vcpu *vcpu, unsigned type)
{
    switch (type) {
    case CALLBACKTYPE_event:
        return &vcpu->event_callback;
    case CALLBACKTYPE_failsafe:
        return &vcpu->failsafe_callback;
    case CALLBACKTYPE_sysenter:
        return &vcpu->sysenter_callback;
    case CALLBACKTYPE_syscall32:
        return &vcpu->syscall_callback;
    default:
        return NULL;
    }
}

/*
 * The NMI's callback is its entry of the trap table: in the flat segment, with events masked. 0:
 * none.
 */
static void set_nmi_callback(struct vcpu *vcpu, uint32_t address)
{
    struct trap_info *nmi = &vcpu->traps[TRAP_NMI];

    *nmi = (struct trap_info){0};
    if (!address)
        return;
    *nmi = (struct trap_info){.vector = TRAP_NMI, .cs = SEL_RING1_CODE, .address = address};
    TI_SET_IF(nmi, 1);
}

/* Source: xen/callback.h. */
static status callback_register(struct vcpu *vcpu, const struct callback_register *op)
{
    struct callback *callback = callback_of_type(vcpu, op->type);

    if (callback) {
        *callback = (struct callback){.cs = fixed_selector((uint16_t)op->address.cs),
                                      .eip = op->address.eip,
                                      .mask_events = op->type != CALLBACKTYPE_event &&
                                                     (op->flags & CALLBACKF_mask_events)};
        return 0;
    }
    if (op->type != CALLBACKTYPE_nmi)
        return not_implemented();
    set_nmi_callback(vcpu, (uint32_t)op->address.eip);
    return 0;
}

static status callback_unregister(struct vcpu *vcpu, unsigned type)
{
    if (callback_of_type(vcpu, type))
        return -EINVAL; /* these can only be replaced */
    if (type != CALLBACKTYPE_nmi)
        return not_implemented();
    set_nmi_callback(vcpu, 0);
    return 0;
}

long do_callback_op(const unsigned long *args)
{
    struct callback_register op;
    struct callback_unregister undo;

    operation_begin(__HYPERVISOR_callback_op, args[0]);
    switch (args[0]) {
    case CALLBACKOP_register:
        if (copy_from_guest(&op, (void *)args[1], sizeof(op)))
            return -EFAULT;
        return callback_register(current_vcpu(), &op);
    case CALLBACKOP_unregister:
        if (copy_from_guest(&undo, (void *)args[1], sizeof(undo)))
            return -EFAULT;
        return callback_unregister(current_vcpu(), undo.type);
    default:
        return -EINVAL;
    }
}

/* The older way to say where NMIs go. Source: xen/nmi.h. */
long do_nmi_op(const unsigned long *args)
{
    struct xennmi_callback op;

    if (!operation_begin(__HYPERVISOR_nmi_op, args[0]))
        return not_implemented();
    switch (args[0]) {
    case XENNMI_register_callback:
        if (copy_from_guest(&op, (void *)args[1], sizeof(op)))
            return -EFAULT;
        set_nmi_callback(current_vcpu(), (uint32_t)op.handler_address);
        return 0;
    case XENNMI_unregister_callback:
        set_nmi_callback(current_vcpu(), 0);
        return 0;
    default:
        return not_implemented();
    }
}

long do_fpu_taskswitch(const unsigned long *args)
{
    fpu_set_virtual_ts(current_vcpu(), args[0] != 0);
    return 0;
}

long do_set_debugreg(const unsigned long *args)
{
    return debug_register_set(current_vcpu(), (unsigned)args[0], (uint32_t)args[1]);
}

long do_get_debugreg(const unsigned long *args)
{
    uint32_t value;

    if (!debug_register_read(current_vcpu(), (unsigned)args[0], &value))
        return -ENODEV;
    return (long)value;
}

long do_iret(const unsigned long *args)
{
    (void)args;
    guest_iret(guest_regs());
    return HYPERCALL_RESUMED;
}
