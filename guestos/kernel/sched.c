/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched.c - who runs
 *
 * The policy is that of the paper's Linux 2.4. Time goes in rounds. Each thread has a counter of
 * ticks it may still use in this round; the running one loses one a tick. Among the runnable, the
 * one with the highest "goodness" runs: its counter, plus a little for staying in the address space
 * that is loaded, plus much for staying on the processor whose caches it has warmed. When every
 * runnable thread has used up its counter, a new round begins: everybody, sleepers included, gets
 * half of what was left plus a full share (6 ticks, 60 ms, for who is not nice). So who sleeps
 * often has more when he wakes, at most twice the share; who computes runs 60 ms at a time.
 *
 * One list of runnable threads serves both processors, under the kernel's lock. A thread that runs
 * stays in the list, marked on_processor.
 *
 * Real-time threads (SCHED_FIFO, SCHED_RR) come before all others, by priority; of one priority the
 * first in the list. Who becomes runnable or yields goes to its end, who is only preempted keeps
 * its place; SCHED_RR goes to the end when its counter is used up, too. Nothing limits them.
 *
 * Sleeping: every sleep may have a deadline; sleepers with one are in a list sorted by time, and
 * the port is asked for a timer interrupt not later than the first of them. If more threads are
 * runnable than processors exist, or an alarm or limit depends on it, the next tick is asked for
 * too; a processor with one runnable thread and no sleeper asks for nothing.
 *
 * Who runs at a tick's time is charged for it, later where no interrupt came then: before another
 * thread runs, and before somebody is told.
 */
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/load.h"
#include "guestos/process/process.h"
#include "guestos/time/alarm.h"
#include "guestos/time/timer.h"
#include "guestos/mm/space.h"

#define SAME_PROCESSOR   15 /* goodness of warm caches */
#define SAME_SPACE       1
#define REAL_TIME        1000 /* goodness beyond any of time sharing */
#define TICK_NANOSECONDS (1000000000u / TICK_HZ)

static struct {
    struct thread *idle, *current;
    bool reschedule;
    uint64_t ticked; /* arch_clock() time up to which its ticks have been charged */
    struct processor_time time;
} processors[CPU_LIMIT];

static struct thread *runnable; /* all THREAD_RUNNABLE but the idle ones */
static uint32_t runnable_count;
static struct thread *timed; /* sleepers with a deadline, earliest first */

struct process idle_process;

/* ---- choosing -------------------------------------------------------------------------------- */

static uint32_t goodness(const struct thread *thread, unsigned processor, const struct space *space)
{
    if (policy_is_real_time(thread->policy))
        return REAL_TIME + thread->priority;
    if (!thread->counter)
        return 0;
    return thread->counter + (thread->processor == processor ? SAME_PROCESSOR : 0) +
           (thread_space(thread) == space ? SAME_SPACE : 0);
}

static void new_round(void)
{
    for (struct process *p = all_processes; p; p = p->next)
        FOR_EACH_THREAD (t, p)
            t->counter = t->counter / 2 + t->nice_ticks;
}

/* The best runnable thread that no other processor runs; idle if there is none. */
static struct thread *choose(unsigned processor)
{
    const struct space *space = thread_space(processors[processor].current);

    for (;;) {
        struct thread *best = NULL;
        uint32_t best_goodness = 0;
        bool exhausted = false;

        for (struct thread *p = runnable; p; p = p->next_runnable) {
            if ((p->on_processor && p != processors[processor].current) ||
                !(p->processors & 1u << processor))
                continue;
            uint32_t g = goodness(p, processor, space);
            if (g > best_goodness) {
                best = p;
                best_goodness = g;
            }
            exhausted = exhausted || !g;
        }
        if (best)
            return best;
        if (!exhausted)
            return processors[processor].idle;
        new_round();
    }
}

static bool needs_ticks(const struct thread *running)
{
    const struct process *process = running->process;

    return process->cpu_alarm[0].left || process->cpu_alarm[1].left ||
           (process->limits[LIMIT_CPU].now != UNLIMITED && running->process->space);
}

void scheduler_request_timer(void)
{
    uint64_t deadline =
        MIN(MIN(timed ? timed->wake_at : NO_DEADLINE, alarms_first()), timers_first());

    if (runnable_count > arch_processors() ||
        needs_ticks(processors[arch_this_processor()].current))
        deadline = MIN(deadline, arch_clock() + TICK_NANOSECONDS);
    arch_timer_request(deadline);
}

/* ---- whose the time was ---------------------------------------------------------------------- */

static void add_runnable_last(struct thread *thread)
{
    struct thread **link = &runnable;

    while (*link)
        link = &(*link)->next_runnable;
    thread->next_runnable = NULL;
    *link = thread;
}

static void take_runnable(const struct thread *thread)
{
    struct thread **link = &runnable;

    while (*link != thread)
        link = &(*link)->next_runnable;
    *link = thread->next_runnable;
}

/* A runnable thread stands behind its equals. */
static void move_last(struct thread *thread)
{
    take_runnable(thread);
    add_runnable_last(thread);
}

static void charge(unsigned me, uint64_t now, bool user)
{
    static uint32_t were_runnable;
    struct thread *running = processors[me].current;

    load_sample(now, were_runnable);
    were_runnable = runnable_count;
    if (now - processors[me].ticked < TICK_NANOSECONDS)
        return;
    uint32_t ticks = (uint32_t)divide(now - processors[me].ticked, TICK_NANOSECONDS, NULL);
    processors[me].ticked += (uint64_t)ticks * TICK_NANOSECONDS;
    if (!(ticks = load_stolen(arch_stolen(me), ticks, &processors[me].time)))
        return;
    if (running == processors[me].idle) {
        processors[me].time.idle += ticks;
        return;
    }
    *(user ? &processors[me].time.user : &processors[me].time.kernel) += ticks;
    *(user ? &running->ticks_user : &running->ticks_kernel) += ticks;
    *(user ? &running->process->all_user : &running->process->all_kernel) += ticks;
    alarms_charge(running->process, ticks, user);
    running->counter -= MIN(running->counter, ticks);
    if (running->counter)
        return;
    processors[me].reschedule = true;
    if (running->policy == POLICY_ROUND_ROBIN && running->state == THREAD_RUNNABLE) {
        running->counter = running->nice_ticks;
        move_last(running);
    }
}

struct processor_time processor_time(unsigned processor)
{
    return processors[processor].time;
}

/* Ticks of which no interrupt told were the program's: a system call is short. */
void scheduler_charge(void)
{
    charge(arch_this_processor(), arch_clock(), true);
}

void scheduler_charge_all(void)
{
    uint64_t now = arch_clock();

    for (unsigned i = 0; i < arch_processors(); i++)
        charge(i, now, true);
}

void schedule(void)
{
    unsigned me = arch_this_processor();

    scheduler_charge();
    struct thread *prev = processors[me].current, *next = choose(me);
    processors[me].reschedule = false;
    if (next == prev) {
        scheduler_request_timer();
        return;
    }
    prev->on_processor = false;
    next->on_processor = true;
    next->processor = me;
    processors[me].current = next;
    scheduler_request_timer();
    count(COUNT_context_switches);
    arch_announce_context(next->process->space ? next->process->pid : ANNOUNCE_CONTEXT_IDLE);
    arch_switch(prev, next);
}

bool reschedule_needed(void)
{
    return processors[arch_this_processor()].reschedule;
}

bool breathe(void)
{
    arch_accept_interrupts();
    if (kernel_lock_wanted()) {
        kernel_unlock();
        kernel_lock();
    }
    if (reschedule_needed())
        schedule();
    return signal_waiting(current_thread());
}

void scheduler_request(void)
{
    processors[arch_this_processor()].reschedule = true;
}

static void ask(unsigned processor)
{
    if (processors[processor].reschedule)
        return;
    processors[processor].reschedule = true;
    if (processor != arch_this_processor()) {
        count(COUNT_kicks);
        arch_kick(processor);
    }
}

/* Finds a processor for a thread that has just become runnable: its last one if idle, another idle
 * one, or the one whose thread it beats by most. */
static void place(const struct thread *thread)
{
    unsigned last = thread->processor, n = arch_processors();

    for (unsigned i = 0; i < n; i++) {
        unsigned candidate = (last + i) % n;

        if (thread->processors & 1u << candidate &&
            processors[candidate].current == processors[candidate].idle &&
            !processors[candidate].reschedule) {
            ask(candidate);
            return;
        }
    }
    uint32_t best_gain = 0;
    unsigned best = 0;
    for (unsigned i = 0; i < n; i++) {
        const struct thread *running = processors[i].current;
        const struct space *space = thread_space(running);
        uint32_t theirs = goodness(running, i, space), ours = goodness(thread, i, space);

        if (thread->processors & 1u << i && running != processors[i].idle && ours > theirs &&
            ours - theirs > best_gain) {
            best_gain = ours - theirs;
            best = i;
        }
    }
    if (best_gain)
        ask(best);
}

/* ---- runnable and sleeping ------------------------------------------------------------------- */

static void make_runnable(struct thread *thread)
{
    thread->state = THREAD_RUNNABLE;
    if (policy_is_real_time(thread->policy)) {
        add_runnable_last(thread);
    } else {
        thread->next_runnable = runnable;
        runnable = thread;
    }
    runnable_count++;
    place(thread);
    scheduler_request_timer();
}

static void remove_runnable(const struct thread *thread)
{
    take_runnable(thread);
    runnable_count--;
}

static void remove_timed(struct thread *thread)
{
    if (thread->wake_at == NO_DEADLINE)
        return;
    struct thread **link = &timed;
    while (*link != thread)
        link = &(*link)->next_timed;
    *link = thread->next_timed;
    thread->wake_at = NO_DEADLINE;
}

static void add_timed(struct thread *thread, uint64_t deadline)
{
    thread->wake_at = deadline;
    if (deadline == NO_DEADLINE)
        return;
    struct thread **link = &timed;
    while (*link && (*link)->wake_at <= deadline)
        link = &(*link)->next_timed;
    thread->next_timed = *link;
    *link = thread;
}

void scheduler_add(struct thread *thread)
{
    thread->wake_at = NO_DEADLINE;
    thread->processor = arch_this_processor();
    scheduler_set_nice(thread, thread->nice);
    if (!thread->processors)
        thread->processors = ~0u;
    make_runnable(thread);
}

/* Linux 2.4's scale, at 100 ticks a second: from 11 to 1. */
void scheduler_set_nice(struct thread *thread, int nice)
{
    thread->nice = (int8_t)nice;
    thread->nice_ticks = (uint32_t)(20 - nice) / 4 + 1;
}

void scheduler_set_policy(struct thread *thread, unsigned policy, unsigned priority)
{
    thread->policy = (uint8_t)policy;
    thread->priority = (uint8_t)priority;
    if (thread->state != THREAD_RUNNABLE)
        return;
    move_last(thread);
    if (thread->on_processor)
        ask(thread->processor);
    else
        place(thread);
}

void scheduler_set_processors(struct thread *thread, uint32_t mask)
{
    thread->processors = mask;
    if (thread->on_processor && !(mask & 1u << thread->processor))
        ask(thread->processor);
    else if (thread->state == THREAD_RUNNABLE && !thread->on_processor)
        place(thread);
}

void wake_thread(struct thread *thread)
{
    if (thread->state != THREAD_SLEEPING)
        return;
    if (thread->waits_in) {
        struct thread **link = &thread->waits_in->first;

        while (*link != thread)
            link = &(*link)->next_waiting;
        *link = thread->next_waiting;
        thread->waits_in = NULL;
    }
    remove_timed(thread);
    make_runnable(thread);
}

void scheduler_interrupt(struct thread *thread)
{
    if (thread->state == THREAD_SLEEPING)
        wake_thread(thread);
    else if (thread->on_processor && thread->processor != arch_this_processor())
        ask(thread->processor);
}

void wake_all(struct wait_queue *queue)
{
    while (queue->first)
        wake_thread(queue->first);
}

static void sleep_in(struct wait_queue *queue, uint64_t deadline)
{
    struct thread *me = current_thread();

    me->state = THREAD_SLEEPING;
    me->waits_in = queue;
    if (queue) {
        me->next_waiting = queue->first;
        queue->first = me;
    }
    add_timed(me, deadline);
    remove_runnable(me);
    schedule();
}

int wait_in(struct wait_queue *queue, uint64_t deadline)
{
    const struct thread *me = current_thread();

    if (signal_waiting(me))
        return -EINTR;
    if (deadline != NO_DEADLINE && arch_clock() >= deadline)
        return -EAGAIN;
    sleep_in(queue, deadline);
    return 0;
}

void wait_regardless(struct wait_queue *queue)
{
    sleep_in(queue, NO_DEADLINE);
}

uint64_t wait_deadline(uint64_t deadline)
{
    struct thread *me = current_thread();

    if (!me->restarting)
        me->wait_until = deadline;
    return me->wait_until;
}

void yield(void)
{
    /* The others first: a yielding thread waits for the next round unless nobody else wants. */
    struct thread *me = current_thread();

    if (policy_is_real_time(me->policy))
        move_last(me);
    else
        me->counter = 0;
    schedule();
}

void schedule_dead(void)
{
    struct thread *me = current_thread();

    me->state = THREAD_ZOMBIE;
    remove_runnable(me);
    schedule();
    panic("thread %u ran after its end", me->tid);
}

/* ---- time ------------------------------------------------------------------------------------ */

void scheduler_tick(uint64_t now, bool user)
{
    while (timed && timed->wake_at <= now)
        wake_thread(timed);
    alarms_ring(now);
    timers_run(now);
    charge(arch_this_processor(), now, user);
    scheduler_request_timer();
}

/* ---- processors ------------------------------------------------------------------------------ */

void scheduler_add_processor(unsigned processor, struct thread *idle)
{
    idle->process = &idle_process;
    idle->processor = processor;
    idle->on_processor = true;
    copy_string(idle->name, "idle", sizeof(idle->name));
    processors[processor].idle = processors[processor].current = idle;
}

void scheduler_run(void)
{
    arch_announce_context(ANNOUNCE_CONTEXT_IDLE);
    for (;;) {
        schedule();
        threads_bury();
        RUN_HOOKS(idle, );
        kernel_unlock();
        if (!reschedule_needed())
            arch_idle();
        kernel_lock();
    }
}
