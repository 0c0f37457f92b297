/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush.c - stale translations
 *
 * Guests flush for themselves; the hypervisor flushes only where a stale translation would break a
 * rule of frame.c: a frame takes another type, or leaves its owner. A clock counts flushes. A frame
 * notes the clock when its last use of a type ends; if every processor that may have used the
 * translation has flushed since, nothing needs to be done.
 *
 * What a processor says of itself is true when another one reads it (tables_load): its flush takes
 * a time from the clock first, and tells it last. So a time that is later than a stamp stands for a
 * flush that began after the stamp was taken and has ended. The same holds for whose tables a
 * processor walks: a vcpu is `entering` before CR3 is loaded, and `loaded` until CR3 names
 * another root. Who changes a table and then meets neither knows that the processor will walk the
 * changed one.
 *
 * A flush on this processor is put off to the end of the hypercall, since the guest does not run
 * before, or to the next copy to or from the guest's memory, since that goes by the guest's own
 * translations (uaccess.h); other processors are asked and waited for.
 */
#include "hv/include/frame.h"
#include "hv/include/mm.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/smp.h"

static volatile uint32_t flush_clock = 1;

/* The entry's change must be seen by all before the clock is read: with one processor it is. */
uint32_t flush_clock_now(void)
{
    if (cpu_count > 1)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return flush_clock;
}

void tables_load(uint32_t cr3)
{
    struct cpu *cpu = this_cpu();
    uint32_t time = __atomic_add_fetch(&flush_clock, 1, __ATOMIC_SEQ_CST);

    write_cr3(cr3);
    cpu->last_flush = time;
    cpu->flush_deferred = false;
}

void flush_local(void)
{
    tables_load(read_cr3());
    perfc_count(tlb_flushes);
}

void flush_other(unsigned cpu)
{
    if (cpu < cpu_count)
        cross_call(cpu, CROSS_FLUSH);
}

void flush_domain(const struct domain *domain)
{
    const struct vcpu *vcpu = &domain->vcpu[0];
    const struct cpu *cpu = &cpus[vcpu->cpu];

    if (cpu == this_cpu()) {
        this_cpu()->flush_deferred = true;
        return;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (cpu->loaded == vcpu || cpu->entering == vcpu)
        flush_other(vcpu->cpu);
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
bool flushed_since(unsigned cpu, uint32_t stamp)
{
    return (int32_t)(cpus[cpu].last_flush - stamp) > 0;
}

unsigned users_of(const struct frame *frame)
{
    const struct domain *owner = frame->owner < MAX_DOMAINS ? domains[frame->owner] : NULL;

    if (frame->flags & FRAME_FOREIGN)
        return (1u << cpu_count) - 1;
    return owner ? 1u << owner->vcpu[0].cpu : 0;
}

void flush_before_reuse(unsigned users, uint32_t stamp)
{
    for (unsigned i = 0; i < cpu_count; i++) {
        if (!(users >> i & 1) || flushed_since(i, stamp))
            continue;
        if (i == this_cpu()->id)
            this_cpu()->flush_deferred = true;
        else
            flush_other(i);
    }
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
    } else if (owner && !flushed_since(owner->vcpu[0].cpu, frame->stamp)) {
        flush_domain(owner);
    }
}
