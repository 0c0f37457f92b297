/* SPDX-License-Identifier: GPL-2.0-only */
/* vcpu.c - a virtual processor's beginning and end, and its state as the control program sees it */
#include "hv/include/vcpu.h"
#include "hv/include/domain.h"
#include "hv/include/event.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/sched.h"
#include "hv/include/time.h"
#include "hv/include/arch/traps.h"

/* Reserved bits would be a #GP of the FXRSTOR in ring 0 (SDM vol. 1, 10.2.3 and 10.5.1). */
#define MXCSR_VALID 0xffbfu

#define DEFAULT_PERIOD MILLISECONDS(10) /* the ticker that a kernel finds running, 100 Hz */

static void oneshot_fired(struct timer *timer)
{
    event_virq(container_of(timer, struct vcpu, oneshot), VIRQ_TIMER);
}

static void poll_timed_out(struct timer *timer)
{
    struct vcpu *vcpu = container_of(timer, struct vcpu, poll_timer);

    /* It may have come back earlier, and sleep for another reason by now. */
    if (vcpu->polling)
        sched_wake(vcpu);
}

void vcpu_init(struct vcpu *vcpu, struct domain *domain)
{
    vcpu->domain = domain;
    vcpu->vcpu_info = &domain->shared->vcpu_info[0];
    vcpu->vcpu_info->evtchn_upcall_mask = 1;
    vcpu->oneshot.fire = oneshot_fired;
    vcpu->poll_timer.fire = poll_timed_out;
    vcpu->period = timer_events ? timer_events : DEFAULT_PERIOD;
    sched_place(vcpu);
    time_publish(vcpu);
}

void vcpu_stop_for_good(struct vcpu *vcpu)
{
    timer_cancel(vcpu, &vcpu->oneshot);
    timer_cancel(vcpu, &vcpu->poll_timer);
    sched_unload_vcpu(vcpu);
}

void vcpu_release(struct vcpu *vcpu)
{
    descriptors_release(vcpu);
    if (vcpu->root) {
        frame_put_with_type(vcpu->root);
        vcpu->root = 0;
    }
}

static uint16_t guest_selector(uint16_t selector)
{
    return selector & 3 ? selector : selector | 1;
}

static status check_context(const struct vcpu_guest_context *context)
{
    if (context->gdt_ents > GUEST_GDT_PAGES * (PAGE_SIZE / 8) || context->ldt_ents > 8192 ||
        (context->ldt_base & (PAGE_SIZE - 1)))
        return -EINVAL;
    return 0;
}

/* Root and descriptor tables: all of them or none; or AGAIN. Needs mm_lock. */
static status set_tables(struct vcpu *vcpu, const struct vcpu_guest_context *context)
{
    mfn root = xen_cr3_to_pfn(context->ctrlreg[3]), frames[GUEST_GDT_PAGES];
    uint16_t owner = vcpu->domain->id;
    status result = tree_get(vcpu->domain, root);

    if (result)
        return result;
    for (unsigned i = 0; i < GUEST_GDT_PAGES; i++)
        frames[i] = (mfn)context->gdt_frames[i];
    result = gdt_get(frames, context->gdt_ents, owner);
    if (result) {
        frame_put_with_type(root);
        return result;
    }
    commit_gdt(vcpu, frames, context->gdt_ents);
    commit_ldt(vcpu, context->ldt_base, context->ldt_ents);
    commit_root(vcpu, root);
    return 0;
}

/* Whether the context names another root or other descriptor tables than it has. */
static bool changes_tables(const struct vcpu *vcpu, const struct vcpu_guest_context *context)
{
    bool changes = vcpu->root != xen_cr3_to_pfn(context->ctrlreg[3]) ||
                   vcpu->gdt_entries != context->gdt_ents || vcpu->ldt_base != context->ldt_base ||
                   vcpu->ldt_entries != context->ldt_ents;

    for (unsigned i = 0; i < GUEST_GDT_PAGES; i++)
        changes |= vcpu->gdt_frame[i] != context->gdt_frames[i];
    return changes;
}

static void commit_context(struct vcpu *vcpu, const struct vcpu_guest_context *context)
{
    vcpu->regs = context->user_regs;
    vcpu->regs.cs = guest_selector(vcpu->regs.cs);
    vcpu->regs.ss = guest_selector(vcpu->regs.ss);
    vcpu->regs.eflags &= ~(EFLAGS_IOPL | EFLAGS_VM | EFLAGS_NT | EFLAGS_VIF | EFLAGS_VIP);
    vcpu->regs.eflags |= EFLAGS_IF | EFLAGS_MBS;
    memcpy(vcpu->traps, context->trap_ctxt, sizeof(vcpu->traps));
    for (unsigned i = 0; i < 256; i++)
        vcpu->traps[i].cs = guest_selector(vcpu->traps[i].cs);
    vcpu->kernel_ss = guest_selector((uint16_t)context->kernel_ss);
    vcpu->kernel_sp = context->kernel_sp;
    vcpu->event_callback =
        (struct callback){.eip = context->event_callback_eip,
                          .cs = guest_selector((uint16_t)context->event_callback_cs)};
    vcpu->failsafe_callback =
        (struct callback){.eip = context->failsafe_callback_eip,
                          .cs = guest_selector((uint16_t)context->failsafe_callback_cs),
                          .mask_events = context->flags & VGCF_failsafe_disables_events};
    vcpu->domain->vm_assist = context->vm_assist;
    if (context->flags & VGCF_I387_VALID) {
        memcpy(vcpu->fpu, &context->fpu_ctxt, sizeof(vcpu->fpu));
        *(uint32_t *)(vcpu->fpu + FXSAVE_MXCSR) &= MXCSR_VALID;
        vcpu->fpu_initialised = true;
    }
    vcpu->started = true;
}

status vcpu_set_context(struct vcpu *vcpu, const struct vcpu_guest_context *context)
{
    status result = check_context(context);

    if (result)
        return result;
    if (vcpu->root && changes_tables(vcpu, context))
        return -EOPNOTSUPP;
    sched_unload_vcpu(vcpu);
    if (!vcpu->root) {
        lock(&mm_lock);
        result = set_tables(vcpu, context);
        unlock(&mm_lock);
    }
    if (!result)
        commit_context(vcpu, context);
    return result;
}

void vcpu_get_context(struct vcpu *vcpu, struct vcpu_guest_context *context)
{
    sched_unload_vcpu(vcpu); /* its floating-point registers may still be in the processor */
    memset(context, 0, sizeof(*context));
    memcpy(&context->fpu_ctxt, vcpu->fpu, sizeof(vcpu->fpu));
    context->flags = (vcpu->fpu_initialised ? VGCF_I387_VALID : 0) | VGCF_online |
                     (RING_OF(&vcpu->regs) == 1 ? VGCF_IN_KERNEL : 0);
    context->user_regs = vcpu->regs;
    memcpy(context->trap_ctxt, vcpu->traps, sizeof(vcpu->traps));
    context->ldt_base = vcpu->ldt_base;
    context->ldt_ents = vcpu->ldt_entries;
    for (unsigned i = 0; i < GUEST_GDT_PAGES; i++)
        context->gdt_frames[i] = vcpu->gdt_frame[i];
    context->gdt_ents = vcpu->gdt_entries;
    context->kernel_ss = vcpu->kernel_ss;
    context->kernel_sp = vcpu->kernel_sp;
    context->ctrlreg[0] = CR0_PE | CR0_PG | CR0_WP | (vcpu->virtual_ts ? CR0_TS : 0);
    context->ctrlreg[3] = xen_pfn_to_cr3(vcpu->root);
    context->event_callback_cs = vcpu->event_callback.cs;
    context->event_callback_eip = vcpu->event_callback.eip;
    context->failsafe_callback_cs = vcpu->failsafe_callback.cs;
    context->failsafe_callback_eip = vcpu->failsafe_callback.eip;
    context->vm_assist = vcpu->domain->vm_assist;
}
