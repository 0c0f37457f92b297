/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched.c - domains on processors
 *
 * A domain stays on the processor it was placed on. Each processor has a run queue (bvt.c) of the
 * domains that could run: runnable, not paused. Whoever changes that holds the queue's lock.
 *
 * The hypervisor has one stack a processor and is not preempted. A switch happens only on the way
 * out to a guest: the frame at the top of the stack is exchanged. "Block" therefore only says so,
 * and the way out acts on it.
 *
 * While no domain can run the processor halts, still in the address space of the last one: when
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

nanoseconds sched_ctx_allow = BVT_DEFAULT_CTX_ALLOW;

static bool can_run(const struct domain *domain)
{
    return domain->state == DOMAIN_RUNNABLE && !domain->paused && domain->started;
}

void sched_init(void)
{
    for (unsigned i = 0; i < MAX_CPUS; i++) {
        cpus[i].id = i;
        bvt_queue_init(&cpus[i].queue);
    }
}

void sched_place(struct domain *domain)
{
    static unsigned next;

    if (domain->id == 0)
        domain->cpu = 0;
    else
        domain->cpu = (uint8_t)(next++ % cpu_count);
    lock(&cpus[domain->cpu].queue_lock);
    bvt_entity_init(&cpus[domain->cpu].queue, &domain->bvt);
    unlock(&cpus[domain->cpu].queue_lock);
    domain->runstate.state = RUNSTATE_offline;
    domain->runstate.state_entry_time = now();
}

bool sched_end(struct domain *domain, enum domain_state state)
{
    struct cpu *cpu = &cpus[domain->cpu];
    bool ends;

    lock(&cpu->queue_lock);
    ends = domain->state < state;
    if (ends) {
        domain->state = state;
        bvt_sleep(&cpu->queue, &domain->bvt);
    }
    unlock(&cpu->queue_lock);
    return ends;
}

void runstate_change(struct domain *domain, int state)
{
    nanoseconds time = now();

    /* Another processor's clock may have been a little ahead. */
    time = MAX(time, domain->runstate.state_entry_time);
    domain->runstate.time[domain->runstate.state] += time - domain->runstate.state_entry_time;
    domain->runstate.state = state;
    domain->runstate.state_entry_time = time;
}

void runstate_publish(const struct domain *domain)
{
    if (domain->runstate_area)
        copy_to_guest(domain->runstate_area, &domain->runstate, sizeof(domain->runstate));
}

/* The queue has got a domain that the current one may have to give way to. Needs the lock. */
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
static void enqueue_and_unlock(struct cpu *cpu, struct domain *domain)
{
    bool woken = can_run(domain) && !domain->bvt.next;

    if (woken) {
        bvt_wake(&cpu->queue, &domain->bvt, now());
        if (!domain->running)
            runstate_change(domain, RUNSTATE_runnable);
        consider_preemption(cpu);
    }
    unlock(&cpu->queue_lock);
    if (woken && cpu == this_cpu())
        timers_program();
}

void sched_wake(struct domain *domain)
{
    struct cpu *cpu = &cpus[domain->cpu];

    lock(&cpu->queue_lock);
    if (domain->state == DOMAIN_BLOCKED)
        domain->state = DOMAIN_RUNNABLE;
    enqueue_and_unlock(cpu, domain);
}

void sched_resume(struct domain *domain)
{
    struct cpu *cpu = &cpus[domain->cpu];

    lock(&cpu->queue_lock);
    if (domain->state == DOMAIN_SHUTDOWN) {
        domain->state = DOMAIN_RUNNABLE;
        domain->shutdown_reason = 0;
    }
    enqueue_and_unlock(cpu, domain);
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

nanoseconds sched_cpu_time(const struct domain *domain)
{
    struct cpu *cpu = &cpus[domain->cpu];
    nanoseconds time;

    lock(&cpu->queue_lock);
    time = domain->cpu_time + (domain->running ? time_since(domain->scheduled_at) : 0);
    unlock(&cpu->queue_lock);
    return time;
}

void sched_block(void)
{
    struct domain *domain = current_domain();
    struct vcpu_info *info = domain->vcpu_info;
    struct cpu *cpu = this_cpu();

    info->evtchn_upcall_mask = 0;
    lock(&cpu->queue_lock);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (domain->state == DOMAIN_RUNNABLE)
        domain->state = DOMAIN_BLOCKED;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    /* An event that came in between saw a runnable domain and did not wake it. */
    if (info->evtchn_upcall_pending && domain->state == DOMAIN_BLOCKED)
        domain->state = DOMAIN_RUNNABLE;
    unlock(&cpu->queue_lock);
    cpu->reschedule = true;
}

void sched_pause(struct domain *domain)
{
    struct cpu *cpu = &cpus[domain->cpu];

    lock(&cpu->queue_lock);
    domain->paused = true;
    bvt_sleep(&cpu->queue, &domain->bvt);
    unlock(&cpu->queue_lock);
    if (domain == this_cpu()->current) {
        cpu->reschedule = true;
        return;
    }
    kick_processor(cpu->id);
    while (domain->running) {
        serve_cross_calls();
        pause();
    }
}

void sched_unpause(struct domain *domain)
{
    struct cpu *cpu = &cpus[domain->cpu];

    lock(&cpu->queue_lock);
    domain->paused = false; /* one that waits for an event goes on waiting */
    enqueue_and_unlock(cpu, domain);
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

static void load(struct cpu *cpu, struct domain *domain)
{
    fpu_switch(cpu, cpu->loaded);
    debug_registers_load(cpu->loaded, domain);
    control_registers_load(cpu->loaded, domain);
    cpu->tss.ss1 = domain->kernel_ss;
    cpu->tss.esp1 = domain->kernel_sp;
    gates_load_direct(cpu, domain);
    descriptors_load(cpu, domain);
    cpu->entering = domain;
    tables_load(domain->root << PAGE_SHIFT);
    cpu->loaded = domain; /* from here on nothing of the one before is left */
    perfc_count(context_switches);
}

/*
 * The current domain gives way. What others read of it is complete when `running` falls. Needs the
 * lock.
 */
static void leave(struct cpu *cpu, const cpu_regs *regs, nanoseconds time)
{
    struct domain *previous = cpu->current;

    previous->regs = *regs;
    previous->regs.fs = (uint16_t)read_fs();
    previous->regs.gs = (uint16_t)read_gs();
    previous->cpu_time += time - previous->scheduled_at;
    runstate_change(previous, can_run(previous)                   ? RUNSTATE_runnable
                              : previous->state == DOMAIN_BLOCKED ? RUNSTATE_blocked
                                                                  : RUNSTATE_offline);
    cpu->current = NULL;
    barrier();
    previous->running = false;
}

/* A domain is chosen: from here on, whoever pauses it waits. Needs the lock. */
static void choose(struct cpu *cpu, struct domain *next, nanoseconds time)
{
    next->poll_ports = 0; /* whatever it polled for, it goes on */
    next->polling = false;
    if (next == cpu->current)
        return;
    next->scheduled_at = time;
    next->running = true;
}

/* The chosen domain takes the processor that its predecessor has left. */
static void enter(struct cpu *cpu, struct domain *next, cpu_regs *regs)
{
    if (cpu->current == next)
        return;
    if (cpu->loaded != next)
        load(cpu, next);
    *regs = next->regs;
    barrier();
    cpu->current = next;
    runstate_change(next, RUNSTATE_running);
    time_publish(next);
    announce_context(next->id);
    runstate_publish(next);
    /*
     * As for DS and ES on the way out: what cannot be loaded is the failsafe callback's business.
     */
    if (!load_fs_gs(next->regs.fs, next->regs.gs))
        guest_failsafe(regs);
}

void schedule(cpu_regs *regs)
{
    struct cpu *cpu = this_cpu();

    perfc_count(schedules);
    for (;;) {
        struct bvt_entity *ran = NULL, *chosen;
        struct domain *next;
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
        next = chosen ? container_of(chosen, struct domain, bvt) : NULL;
        if (next)
            choose(cpu, next, time);
        else
            cpu->idle_since = time;
        if (cpu->current && cpu->current != next)
            leave(cpu, regs, time);
        unlock(&cpu->queue_lock);

        if (next) {
            enter(cpu, next, regs);
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
        struct domain *domain;

        if (cpu->reschedule)
            schedule(regs);
        if (cpu->flush_deferred)
            flush_local();
        domain = cpu->current;
        if (domain->nmi_pending && !domain->in_nmi) {
            guest_nmi(regs);
            if (!cpu->reschedule)
                continue;
        }
        info = domain->vcpu_info;
        if (!info->evtchn_upcall_pending || info->evtchn_upcall_mask)
            return;
        perfc_count(upcalls);
        guest_bounce(regs, domain->event_callback.cs, domain->event_callback.eip, BOUNCE_MASK, 0);
        if (!cpu->reschedule)
            return;
    }
}
