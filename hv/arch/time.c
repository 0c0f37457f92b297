/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * time.c - the clock, timers, and what guests see of time
 *
 * System time is nanoseconds since boot: the TSC, scaled. Its rate and the local APIC timer's are
 * measured (include/pc/clock_rate.h). Guests get a time stamp and the scale factors and do the same
 * sum themselves.
 *
 * Each processor has one list of timers, sorted, and programs its APIC for the first of them or
 * for the end of the slice.
 */
#include "hv/include/time.h"
#include "hv/dev/pc.h"
#include "hv/include/event.h"
#include "hv/include/lib.h"
#include "include/freestanding/divide.h"
#include "include/pc/clock_rate.h"
#include "include/pc/port.h"
#include "hv/include/mm.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/sched.h"
#include "hv/include/arch/smp.h"
#include "hv/include/arch/uaccess.h"

#define CMOS_CENTURY 0x32 /* on most PCs; what makes no sense is not believed */

static uint64_t tsc_at_boot;
static struct clock_rates rates;
static struct clock_scale tsc_to_ns;
static uint64_t wall_seconds; /* at boot, since 1970 */
static uint32_t wall_nanoseconds;

uint32_t tsc_khz(void)
{
    return (uint32_t)divide(rates.tsc_hz + 500, 1000, NULL);
}

static nanoseconds scale_tsc(uint64_t delta)
{
    return clock_nanoseconds(&tsc_to_ns, delta);
}

void tsc_scale(uint64_t *offset, uint32_t *mul, int8_t *shift)
{
    *offset = 0 - scale_tsc(tsc_at_boot);
    *mul = tsc_to_ns.mul;
    *shift = tsc_to_ns.shift;
}

nanoseconds now(void)
{
    return scale_tsc(read_tsc() - tsc_at_boot);
}

void delay(nanoseconds time)
{
    nanoseconds begin = now();

    while (now() - begin < time)
        pause();
}

static uint8_t cmos(uint8_t index)
{
    out8(CMOS_INDEX, index);
    return in8(CMOS_DATA);
}

static unsigned from_bcd(uint8_t value, bool binary)
{
    return binary ? value : (value >> 4) * 10u + (value & 15u);
}

/* Seconds since 1970 of a Gregorian date; days counted from March so that leap days come last. */
static uint64_t seconds_since_1970(unsigned year, unsigned month, unsigned day, unsigned seconds)
{
    unsigned y = month <= 2 ? year - 1 : year;
    unsigned m = month <= 2 ? month + 9 : month - 3;
    unsigned days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1;

    return (days - 719468) * 86400ull + seconds;
}

static void read_wall_clock(void)
{
    bool binary = cmos(0x0b) & 4;
    unsigned second, minute, hour, day, month, year, century;

    while (cmos(0x0a) & 0x80)
        pause();
    second = from_bcd(cmos(0), binary);
    minute = from_bcd(cmos(2), binary);
    hour = from_bcd(cmos(4) & 0x7f, binary);
    day = from_bcd(cmos(7), binary);
    month = from_bcd(cmos(8), binary);
    century = from_bcd(cmos(CMOS_CENTURY), binary);
    year = from_bcd(cmos(9), binary) + (century >= 19 && century <= 21 ? century * 100 : 2000);
    wall_seconds = seconds_since_1970(year, month, day, hour * 3600 + minute * 60 + second);
}

void time_init(void)
{
    const struct clock_access clocks = {pc_access(), read_tsc, apic_timer_left};

    apic_timer_set(0xffffffff);
    if (!clock_rates_measure(&clocks, &rates))
        panic("the TSC, the APIC timer or the 8254 does not count");
    apic_timer_set(0);
    tsc_to_ns = clock_scale_of(rates.tsc_hz);
    tsc_at_boot = read_tsc();
    read_wall_clock();
    print("TSC %u kHz, APIC timer %u kHz\n", tsc_khz(), rates.timer_hz / 1000);
}

void time_publish(struct vcpu *vcpu)
{
    struct vcpu_time_info *info = &vcpu->vcpu_info->time;
    uint64_t tsc = read_tsc();

    info->version++;
    barrier();
    info->tsc_timestamp = tsc;
    info->system_time = scale_tsc(tsc - tsc_at_boot);
    info->tsc_to_system_mul = tsc_to_ns.mul;
    info->tsc_shift = tsc_to_ns.shift;
    barrier();
    info->version++;
    vcpu->published = info->system_time;
    /*
     * The guest's own copy lies in its address space, if that is the one here; it reads none
     * meanwhile.
     */
    if (vcpu->time_area && vcpu == this_cpu()->loaded)
        copy_to_guest(vcpu->time_area, info, sizeof(*info));
}

/* A guest that does not read the TSC sees time pass by this: as often as there (1 s). */
void time_refresh(struct vcpu *vcpu)
{
    if (now() - vcpu->published >= SECONDS(1))
        time_publish(vcpu);
}

void wall_clock_publish(struct domain *domain)
{
    struct shared_info *shared = domain->shared;
    uint64_t seconds = wall_seconds + (uint64_t)domain->time_offset;

    shared->wc_version++;
    barrier();
    shared->wc_sec = (uint32_t)seconds;
    shared->wc_nsec = wall_nanoseconds;
    shared->arch.wc_sec_hi = (uint32_t)(seconds >> 32);
    barrier();
    shared->wc_version++;
}

void wall_clock_set(uint64_t seconds, uint32_t nanoseconds_more, nanoseconds when)
{
    wall_seconds = divide(seconds * SECONDS(1) + nanoseconds_more - when, (uint32_t)SECONDS(1),
                          &wall_nanoseconds);
    lock(&mm_lock);
    for (unsigned id = 0; id < MAX_DOMAINS; id++) {
        if (domains[id])
            wall_clock_publish(domains[id]);
    }
    unlock(&mm_lock);
}

/* --- timers ---------------------------------------------------------------------------------- */

static void take_out(struct cpu *cpu, struct timer *timer)
{
    for (struct timer **link = &cpu->timers; *link; link = &(*link)->next) {
        if (*link == timer) {
            *link = timer->next;
            return;
        }
    }
}

void timer_set(struct vcpu *vcpu, struct timer *timer, nanoseconds due)
{
    struct cpu *cpu = &cpus[vcpu->cpu];
    struct timer **link;

    lock(&cpu->timer_lock);
    if (timer->due)
        take_out(cpu, timer);
    timer->due = due;
    if (due) {
        for (link = &cpu->timers; *link && (*link)->due <= due; link = &(*link)->next)
            ;
        timer->next = *link;
        *link = timer;
    }
    unlock(&cpu->timer_lock);
    if (cpu == this_cpu())
        timers_program();
    else if (due)
        poke_processor(cpu->id);
}

void timer_cancel(struct vcpu *vcpu, struct timer *timer)
{
    timer_set(vcpu, timer, 0);
    while (cpus[vcpu->cpu].firing == timer)
        serve_cross_calls();
}

nanoseconds timer_events;

/* When the current vcpu's periodic timer is due; it ticks only while its vcpu runs. */
static nanoseconds periodic_due(const struct cpu *cpu)
{
    const struct vcpu *vcpu = cpu->current;

    return vcpu && vcpu->period ? vcpu->last_tick + vcpu->period : ~0ull;
}

/* Without the lock: at worst a timer that is just being moved is seen too early or too late. */
bool timers_due(nanoseconds time)
{
    const struct cpu *cpu = this_cpu();
    const struct timer *first = cpu->timers;

    return (first && first->due <= time) || (cpu->slice_end && cpu->slice_end <= time) ||
           periodic_due(cpu) <= time;
}

void timers_run(void)
{
    struct cpu *cpu = this_cpu();

    for (;;) {
        struct timer *timer;

        lock(&cpu->timer_lock);
        timer = cpu->timers;
        if (!timer || timer->due > now()) {
            unlock(&cpu->timer_lock);
            break;
        }
        cpu->timers = timer->next;
        timer->due = 0;
        cpu->firing = timer;
        unlock(&cpu->timer_lock);
        timer->fire(timer);
        cpu->firing = NULL;
    }
    if (cpu->slice_end && cpu->slice_end <= now())
        cpu->reschedule = true;
    if (periodic_due(cpu) <= now()) {
        cpu->current->last_tick = now();
        event_virq(cpu->current, VIRQ_TIMER);
    }
}

void timers_program(void)
{
    struct cpu *cpu = this_cpu();
    nanoseconds due, time = now();
    uint32_t rest;
    uint64_t ticks;

    /* A slice that has ended is the scheduler's next business, which comes back here. */
    if (cpu->reschedule)
        return;
    due = cpu->slice_end ? cpu->slice_end : ~0ull;
    lock(&cpu->timer_lock);
    if (cpu->timers && cpu->timers->due < due)
        due = cpu->timers->due;
    unlock(&cpu->timer_lock);
    if (periodic_due(cpu) < due)
        due = periodic_due(cpu);
    if (due == ~0ull) {
        apic_timer_set(0);
        return;
    }
    /* Late by up to a tick rather than early, so that what was waited for is due; at most 1 s. */
    ticks = due > time ? MIN(due - time, SECONDS(1)) : 0;
    ticks = divide(ticks * rates.timer_hz, (uint32_t)SECONDS(1), &rest) + 1;
    apic_timer_set(ticks > 0xffffffffu ? 0xffffffffu : (uint32_t)ticks);
}
