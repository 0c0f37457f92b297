/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush.c - stale translations
 *
 * Guests flush for themselves; the hypervisor flushes only where a stale translation would break a
 * rule of frame.c: a frame takes another type, or leaves its owner. A clock counts flushes. A frame
 * notes the clock when its last use of a type ends; if every processor that may have used the
 * translation has flushed since, nothing needs to be done.
 *
 * A flush on this processor is put off to the end of the hypercall, since the guest does not run
 * before, or to the next copy to or from the guest's memory, since that goes by the guest's own
 * translations (uaccess.h); the other processor is asked and waited for.
 */
#include "hv/include/frame.h"
#include "hv/include/mm.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/smp.h"

volatile uint32_t flush_clock = 1;

uint32_t flush_clock_now(void)
{
    return flush_clock;
}

void flush_local(void)
{
    struct cpu *cpu = this_cpu();

    cpu->last_flush = __atomic_add_fetch(&flush_clock, 1, __ATOMIC_SEQ_CST);
    cpu->flush_deferred = false;
    write_cr3(read_cr3());
    perfc_count(tlb_flushes);
}

void flush_other(unsigned cpu)
{
    if (cpu < cpu_count)
        cross_call(cpu, CROSS_FLUSH);
}

void flush_domain(const struct domain *domain)
{
    if (domain->cpu == this_cpu()->id)
        this_cpu()->flush_deferred = true;
    else if (cpus[domain->cpu].loaded == domain)
        flush_other(domain->cpu);
}

void flush_all(void)
{
    this_cpu()->flush_deferred = true;
    for (unsigned i = 0; i < cpu_count; i++) {
        if (i != this_cpu()->id)
            flush_other(i);
    }
}

void flush_users(const struct frame *frame)
{
    if (frame->flags & FRAME_FOREIGN)
        flush_all();
    else
        flush_domain(domains[frame->owner]);
}

/* Signed difference: the clock may wrap. */
static bool flushed_since(unsigned cpu, uint32_t stamp)
{
    return (int32_t)(cpus[cpu].last_flush - stamp) > 0;
}

void flush_needed_since(const struct frame *frame)
{
    const struct domain *owner = frame->owner < MAX_DOMAINS ? domains[frame->owner] : NULL;

    if (frame->flags & FRAME_FOREIGN) {
        for (unsigned i = 0; i < cpu_count; i++) {
            if (flushed_since(i, frame->stamp))
                continue;
            if (i == this_cpu()->id)
                this_cpu()->flush_deferred = true;
            else
                flush_other(i);
        }
    } else if (owner && !flushed_since(owner->cpu, frame->stamp)) {
        flush_domain(owner);
    }
}
