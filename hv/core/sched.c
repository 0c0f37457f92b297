/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched.c - vcpus on processors
 *
 * A vcpu stays on the processor it was placed on. Each processor has a run queue (bvt.c) of the
 * vcpus that could run: not blocked, of domains that are alive and not paused. A change of
 * that needs the queue's lock.
 *
 * The hypervisor has one stack a processor and is not preempted. A switch happens only on the way
 * out to a guest: the frame at the top of the stack is exchanged. "Block" therefore only says so,
 * and the way out acts on it.
 *
 * While no vcpu can run the processor halts, still in the address space of the last one: when
 * that one continues nothing has to be loaded. Its end is announced by a cross call (sched_unload).
 */
#include "hv/include/sched.h"
#include "hv/include/event.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/smp.h"
#include "hv/include/time.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"
#include "include/xenolith/announce.h"

#define SHORTEST_RUN MICROSECONDS(10)

nanoseconds sched_ctx_allow = BVT_DEFAULT_CTX_ALLOW;

static bool can_run(const struct vcpu *vcpu)
{
    return vcpu->domain->state == DOMAIN_ALIVE && !vcpu->blocked && !vcpu->domain->paused &&
           vcpu->started;
}

void sched_init(void)
{
    for (unsigned i = 0; i < MAX_CPUS; i++) {
        cpus[i].id = i;
        bvt_queue_init(&cpus[i].queue);
    }
}

void sched_place(struct vcpu *vcpu)
{
    static unsigned next;

    if (vcpu->domain->id == 0)
        vcpu->cpu = 0;
    else
        vcpu->cpu = (uint8_t)(next++ % cpu_count);
    lock(&cpus[vcpu->cpu].queue_lock);
    bvt_entity_init(&cpus[vcpu->cpu].queue, &vcpu->bvt);
    unlock(&cpus[vcpu->cpu].queue_lock);
    vcpu->runstate.state = RUNSTATE_offline;
    vcpu->runstate.state_entry_time = now();
}

/*
 * Accounts the time since the last change to the vcpu's present run state. Who leaves a processor
 * and who comes take the same time, so that what a switch costs is somebody's. Needs the lock.
 */
static void runstate_change(struct vcpu *vcpu, int state, nanoseconds time)
{
    /* Another processor's clock may have been a little ahead. */
    time = MAX(time, vcpu->runstate.state_entry_time);
    vcpu->runstate.time[vcpu->runstate.state] += time - vcpu->runstate.state_entry_time;
    vcpu->runstate.state = state;
    vcpu->runstate.state_entry_time = time;
}

/* RUNSTATE_* of a vcpu that is not on its processor. */
static int state_off_processor(const struct vcpu *vcpu)
{
    if (can_run(vcpu))
        return RUNSTATE_runnable;
    return vcpu->blocked ? RUNSTATE_blocked : RUNSTATE_offline;
}

/* The same of one whose domain, or what it waits for, has changed. Needs the lock. */
static void runstate_settle(struct vcpu *vcpu)
{
    int state = state_off_processor(vcpu);

    if (!vcpu->running && vcpu->runstate.state != state)
        runstate_change(vcpu, state, now());
}

bool sched_end(struct domain *domain, enum domain_state state)
{
    struct vcpu *vcpu = &domain->vcpu[0];
    struct cpu *cpu = &cpus[vcpu->cpu];
    bool ends;

    lock(&cpu->queue_lock);
    ends = domain->state < state;
    if (ends) {
        domain->state = state;
        vcpu->blocked = false;
        bvt_sleep(&cpu->queue, &vcpu->bvt);
        runstate_settle(vcpu);
    }
    unlock(&cpu->queue_lock);
    return ends;
}

void runstate_publish(const struct vcpu *vcpu)
{
    if (vcpu->runstate_area)
        copy_to_guest(vcpu->runstate_area, &vcpu->runstate, sizeof(vcpu->runstate));
}

/* The queue has got a vcpu that the current one may have to give way to. Needs the lock. */
static void consider_preemption(struct cpu *cpu)
{
    nanoseconds time = now(), at;

    if (!cpu->current) {
        kick_processor(cpu->id);
        return;
    }
    at = bvt_preempt_at(&cpu->current->bvt, sched_ctx_allow, cpu->slice_end, time);
    if (at <= time) {
        kick_processor(cpu->id);
    } else if (at < cpu->slice_end) {
        cpu->slice_end = at;
        if (cpu != this_cpu())
            poke_processor(cpu->id);
    }
}

/* Puts it on its queue, if it can run and is not there. Needs the lock, which it gives up. */
static void enqueue_and_unlock(struct cpu *cpu, struct vcpu *vcpu)
{
    bool woken = can_run(vcpu) && !vcpu->bvt.next;

    if (woken) {
        bvt_wake(&cpu->queue, &vcpu->bvt, now());
        consider_preemption(cpu);
    }
    runstate_settle(vcpu);
    unlock(&cpu->queue_lock);
    if (woken && cpu == this_cpu())
        timers_program();
}

void sched_wake(struct vcpu *vcpu)
{
    struct cpu *cpu = &cpus[vcpu->cpu];

    lock(&cpu->queue_lock);
    vcpu->blocked = false;
    enqueue_and_unlock(cpu, vcpu);
}

void sched_resume(struct domain *domain)
{
    struct vcpu *vcpu = &domain->vcpu[0];
    struct cpu *cpu = &cpus[vcpu->cpu];

    lock(&cpu->queue_lock);
    if (domain->state == DOMAIN_SHUTDOWN) {
        domain->state = DOMAIN_ALIVE;
        domain->shutdown_reason = 0;
    }
    enqueue_and_unlock(cpu, vcpu);
}

/* Another processor's clock may be a little ahead. */
static nanoseconds time_since(nanoseconds begin)
{
    nanoseconds time = now();

    return time > begin ? time - begin : 0;
}

nanoseconds sched_idle_time(unsigned number)
{
    struct cpu *cpu = &cpus[number];
    nanoseconds time;

    lock(&cpu->queue_lock);
    time = cpu->idle_time + (cpu->idle_since ? time_since(cpu->idle_since) : 0);
    unlock(&cpu->queue_lock);
    return time;
}

nanoseconds sched_cpu_time(const struct vcpu *vcpu)
{
    struct cpu *cpu = &cpus[vcpu->cpu];
    nanoseconds time;

    lock(&cpu->queue_lock);
    time = vcpu->cpu_time + (vcpu->running ? time_since(vcpu->scheduled_at) : 0);
    unlock(&cpu->queue_lock);
    return time;
}

/* Its own processor's queue is the one that it is on. */
static void bill(struct vcpu *vcpu, nanoseconds time)
{
    struct cpu *cpu = &cpus[vcpu->cpu];

    lock(&cpu->queue_lock);
    vcpu->cpu_time += time;
    bvt_bill(&vcpu->bvt, time);
    unlock(&cpu->queue_lock);
}

/* The same time was nobody's who has the processor, and the processor was not idle. */
static void forgive(struct cpu *cpu, nanoseconds time)
{
    lock(&cpu->queue_lock);
    if (cpu->current) {
        cpu->current->bvt.started += time;
        cpu->current->scheduled_at += time;
    } else if (cpu->idle_since) {
        cpu->idle_since += time;
    }
    unlock(&cpu->queue_lock);
}

void sched_work_for(struct domain *domain)
{
    struct cpu *cpu = this_cpu();
    struct vcpu *vcpu = domain ? &domain->vcpu[0] : NULL;
    nanoseconds time;

    if (vcpu == cpu->current || (domain && domain->state == DOMAIN_DYING))
        vcpu = NULL;
    if (vcpu == cpu->works_for)
        return;
    time = now();
    if (cpu->works_for && time > cpu->works_since) {
        bill(cpu->works_for, time - cpu->works_since);
        forgive(cpu, time - cpu->works_since);
    }
    cpu->works_for = vcpu;
    cpu->works_since = time;
    announce_context(vcpu           ? vcpu->domain->id
                     : cpu->current ? cpu->current->domain->id
                                    : ANNOUNCE_CONTEXT_IDLE);
}

void sched_block(void)
{
    struct vcpu *vcpu = current_vcpu();
    struct vcpu_info *info = vcpu->vcpu_info;
    struct cpu *cpu = this_cpu();

    info->evtchn_upcall_mask = 0;
    lock(&cpu->queue_lock);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    /* It may have been shut down by another meanwhile. */
    vcpu->blocked = vcpu->domain->state == DOMAIN_ALIVE;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    /* An event that came in between saw a vcpu that was not blocked and did not wake it. */
    if (info->evtchn_upcall_pending)
        vcpu->blocked = false;
    unlock(&cpu->queue_lock);
    cpu->reschedule = true;
}

void sched_pause(struct domain *domain)
{
    struct vcpu *vcpu = &domain->vcpu[0];
    struct cpu *cpu = &cpus[vcpu->cpu];

    lock(&cpu->queue_lock);
    domain->paused = true;
    bvt_sleep(&cpu->queue, &vcpu->bvt);
    runstate_settle(vcpu);
    unlock(&cpu->queue_lock);
    if (vcpu == this_cpu()->current) {
        cpu->reschedule = true;
        return;
    }
    kick_processor(cpu->id);
    while (vcpu->running) {
        serve_cross_calls();
        pause();
    }
}

void sched_unpause(struct domain *domain)
{
    struct vcpu *vcpu = &domain->vcpu[0];
    struct cpu *cpu = &cpus[vcpu->cpu];

    lock(&cpu->queue_lock);
    domain->paused = false; /* one that waits for an event goes on waiting */
    enqueue_and_unlock(cpu, vcpu);
}

void sched_unload(void)
{
    struct cpu *cpu = this_cpu();

    if (!cpu->loaded || cpu->loaded == cpu->current)
        return;
    fpu_switch(cpu, cpu->loaded);
    debug_registers_load(cpu->loaded, NULL);
    control_registers_load(cpu->loaded, NULL);
    descriptors_unload(cpu);
    cpu->entering = NULL;
    tables_load(image_physical(hv_root));
    cpu->loaded = NULL;
}

void sched_unload_vcpu(struct vcpu *vcpu)
{
    if (cpus[vcpu->cpu].loaded != vcpu)
        return;
    if (vcpu->cpu == this_cpu()->id)
        sched_unload();
    else
        cross_call(vcpu->cpu, CROSS_UNLOAD);
}

static void load(struct cpu *cpu, struct vcpu *vcpu)
{
    fpu_switch(cpu, cpu->loaded);
    debug_registers_load(cpu->loaded, vcpu);
    control_registers_load(cpu->loaded, vcpu);
    cpu->tss.ss1 = vcpu->kernel_ss;
    cpu->tss.esp1 = vcpu->kernel_sp;
    gates_load_direct(cpu, vcpu);
    descriptors_load(cpu, vcpu);
    cpu->entering = vcpu;
    tables_load(vcpu->root << PAGE_SHIFT);
    cpu->loaded = vcpu; /* from here on nothing of the one before is left */
    perfc_count(context_switches);
}

/*
 * The current vcpu gives way. What others read of it is complete when `running` falls. Needs the
 * lock.
 */
static void leave(struct cpu *cpu, const cpu_regs *regs, nanoseconds time)
{
    struct vcpu *previous = cpu->current;

    previous->regs = *regs;
    previous->regs.fs = (uint16_t)read_fs();
    previous->regs.gs = (uint16_t)read_gs();
    previous->cpu_time += time - previous->scheduled_at;
    runstate_change(previous, state_off_processor(previous), time);
    cpu->current = NULL;
    barrier();
    previous->running = false;
}

/* A vcpu is chosen: from here on, a caller that pauses it waits. Needs the lock. */
static void choose(struct cpu *cpu, struct vcpu *next, nanoseconds time)
{
    next->poll_ports = 0; /* whatever it polled for, it goes on */
    next->polling = false;
    if (next == cpu->current)
        return;
    next->scheduled_at = time;
    next->running = true;
    runstate_change(next, RUNSTATE_running, time);
}

/* The chosen vcpu takes the processor that its predecessor has left. */
static void enter(struct cpu *cpu, struct vcpu *next, cpu_regs *regs)
{
    if (cpu->current == next)
        return;
    if (cpu->loaded != next)
        load(cpu, next);
    *regs = next->regs;
    barrier();
    cpu->current = next;
    time_publish(next);
    announce_context(next->domain->id);
    runstate_publish(next);
    /*
     * As for DS and ES on the way out: what cannot be loaded is the failsafe callback's business.
     */
    if (!load_fs_gs(next->regs.fs, next->regs.gs))
        guest_failsafe(regs);
}

/* A switch may take longer than a slice. The chosen vcpu runs, or none ever would. */
static void lengthen_slice(struct cpu *cpu)
{
    lock(&cpu->queue_lock);
    cpu->slice_end = MAX(cpu->slice_end, now() + SHORTEST_RUN);
    unlock(&cpu->queue_lock);
}

void schedule(cpu_regs *regs)
{
    struct cpu *cpu = this_cpu();

    perfc_count(schedules);
    for (;;) {
        struct bvt_entity *ran = NULL, *chosen;
        struct vcpu *next;
        nanoseconds time, slice = 0;

        cpu->reschedule = false;
        lock(&cpu->queue_lock);
        time = now();
        if (cpu->idle_since)
            cpu->idle_time += time - cpu->idle_since;
        cpu->idle_since = 0;
        if (cpu->current) {
            ran = &cpu->current->bvt;
            bvt_charge(ran, time);
            if (!can_run(cpu->current))
                bvt_sleep(&cpu->queue, ran);
        }
        chosen = bvt_pick(&cpu->queue, ran, sched_ctx_allow, time, &slice);
        cpu->slice_end = chosen ? time + slice : 0;
        next = chosen ? container_of(chosen, struct vcpu, bvt) : NULL;
        if (next)
            choose(cpu, next, time);
        else
            cpu->idle_since = time;
        if (cpu->current && cpu->current != next)
            leave(cpu, regs, time);
        unlock(&cpu->queue_lock);

        if (next) {
            enter(cpu, next, regs);
            lengthen_slice(cpu);
            timers_run();
            timers_program();
            if (!cpu->reschedule)
                return;
            continue;
        }
        announce_context(ANNOUNCE_CONTEXT_IDLE);
        timers_program();
        while (!cpu->reschedule)
            wait_for_interrupt();
    }
}

void sched_start(void)
{
    cpu_regs *regs = guest_regs();

    memset(regs, 0, sizeof(*regs));
    announce_context(ANNOUNCE_CONTEXT_IDLE);
    this_cpu()->reschedule = true;
    leave_to_guest(regs);
}

void guest_exit(cpu_regs *regs)
{
    struct cpu *cpu = this_cpu();

    for (;;) {
        struct vcpu_info *info;
        struct vcpu *vcpu;

        if (cpu->reschedule)
            schedule(regs);
        if (cpu->flush_deferred)
            flush_local();
        vcpu = cpu->current;
        if (vcpu->nmi_pending && !vcpu->in_nmi) {
            guest_nmi(regs);
            if (!cpu->reschedule)
                continue;
        }
        info = vcpu->vcpu_info;
        if (!info->evtchn_upcall_pending || info->evtchn_upcall_mask)
            return;
        perfc_count(upcalls);
        guest_bounce(regs, vcpu->event_callback.cs, vcpu->event_callback.eip, BOUNCE_MASK, 0);
        if (!cpu->reschedule)
            return;
    }
}
