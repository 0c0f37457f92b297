/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pagetable.c - page-table hooks of the bare machine: a store changes an entry
 *
 * What has to be done is forgetting translations: addresses whose present entries changed are
 * noted and forgotten by port_flush(), one by one, or all at once when there are many.
 *
 * The other processor may run a thread in the same space. Then it is told by an interrupt and
 * waited for. It obeys where it comes to rest on its way into the kernel, which is where it waits
 * for the kernel's lock (arch_relax()): the lock is held here until it has.
 */
#include "guestos/arch/native/native.h"
#include "guestos/arch/x86/port.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

#define STALE_LIMIT 16

extern uint64_t kernel_directory[512], kernel_root[512];

struct pagetable kernel_pagetable;

static uint32_t stale[STALE_LIMIT], stale_count; /* more than STALE_LIMIT: all */
static uint32_t used_root[CPU_LIMIT];            /* the table that each processor runs on */
static bool forget_wanted[CPU_LIMIT];

uint64_t port_frame(uint32_t pfn)
{
    return pfn;
}

uint32_t port_pfn(uint64_t frame)
{
    return (uint32_t)frame;
}

int port_root(uint64_t *root)
{
    root[3] = kernel_root[3];
    return 0;
}

void port_root_free(uint64_t *root)
{
    (void)root;
}

void port_store(uint64_t *entry, uint64_t value, uint32_t address)
{
    count(COUNT_pt_updates);
    if (*entry & PTE_PRESENT) {
        if (stale_count < STALE_LIMIT)
            stale[stale_count] = address;
        stale_count++;
    }
    /* Not present in between: a half-written entry must never be used. */
    volatile uint32_t *half = (volatile uint32_t *)entry;
    half[0] = 0;
    half[1] = (uint32_t)(value >> 32);
    half[0] = (uint32_t)value;
}

static void reload_root(void)
{
    uint32_t root;

    __asm__ volatile("movl %%cr3, %0\n\tmovl %0, %%cr3" : "=r"(root) : : "memory");
}

void arch_relax(void)
{
    bool *wanted = &forget_wanted[arch_this_processor()];

    __asm__ volatile("pause");
    if (__atomic_load_n(wanted, __ATOMIC_ACQUIRE)) {
        reload_root();
        __atomic_store_n(wanted, false, __ATOMIC_RELEASE);
    }
}

/* Every other processor that runs on this table forgets what it knows of it. */
static void forget_elsewhere(uint32_t root)
{
    unsigned me = arch_this_processor();

    for (unsigned i = 0; i < arch_processors(); i++) {
        if (i == me || used_root[i] != root)
            continue;
        __atomic_store_n(&forget_wanted[i], true, __ATOMIC_RELEASE);
        arch_kick(i);
        while (__atomic_load_n(&forget_wanted[i], __ATOMIC_ACQUIRE))
            __asm__ volatile("pause");
        count(COUNT_shootdowns);
    }
}

void port_link(uint64_t *entry, uint64_t value, uint32_t table, bool root)
{
    (void)table;
    *(volatile uint64_t *)entry = value;
    if (root) { /* the processor keeps copies of the root's entries (SDM 3A 4.4.1) */
        reload_root();
        forget_elsewhere(used_root[arch_this_processor()]);
    }
}

void port_flush(const struct pagetable *table)
{
    if (stale_count)
        forget_elsewhere(table->root);
    if (stale_count > STALE_LIMIT)
        reload_root();
    else
        for (uint32_t i = 0; i < stale_count; i++)
            __asm__ volatile("invlpg (%0)" : : "r"(stale[i]) : "memory");
    stale_count = 0;
}

void port_activate(struct pagetable *table)
{
    (void)table;
}

void port_deactivate(struct pagetable *table)
{
    (void)table;
}

void pagetable_use(const struct pagetable *table)
{
    uint32_t root = table->root << PAGE_SHIFT;

    used_root[arch_this_processor()] = table->root;
    __asm__ volatile("movl %0, %%cr3" : : "r"(root) : "memory");
}
