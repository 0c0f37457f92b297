/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pagetable.c - page tables that the hypervisor guards
 *
 * A frame in use as a page table may be mapped read-only only, and every change is checked by the
 * hypervisor. Hypercalls cost much, so:
 *
 *   - A tree that is being built is ordinary memory; port_activate() makes all its pages read-only
 *     in one batch and pins the root, by which the whole tree is validated at once.
 *   - Changes of a live tree are queued and go as one mmu_update() batch. If translations became
 *     stale, the batch travels in a multicall with the flush. A single change of a leaf is one
 *     update_va_mapping().
 *   - A tree that ends is unpinned first; then its pages are plain memory again and are read, not
 *     written, to find what they mapped.
 *
 * The root's entry 3 leads to a directory of each tree's own (the hypervisor keeps private entries
 * in it), whose entries below its hole are copies of the boot tree's: the kernel's tables are
 * shared.
 */
#include "guestos/arch/x86/port.h"
#include "guestos/arch/xen/domain.h"
#include "guestos/kernel/errno.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"

#define QUEUE_ENTRIES  256
#define STALE_LIMIT    8
#define KERNEL_ENTRIES ((KERNEL_TOP - KERNEL_BASE) >> 21)
#define KERNEL_PAGE    (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)

static struct mmu_update queue[QUEUE_ENTRIES];
static uint32_t queued;
static uint32_t stale[STALE_LIMIT], stale_count;
static uint32_t single_address; /* of the only queued change, if it is a leaf of the current tree */
static bool single;

/* ---- the queue ------------------------------------------------------------------------------- */

static void must(int result, const char *what)
{
    if (result < 0)
        panic("the hypervisor refuses %s: error %d", what, -result);
}

static void set_call(struct multicall_entry *call, uint32_t op, uint32_t a, uint32_t b, uint32_t c,
                     uint32_t d)
{
    *call = (struct multicall_entry){.op = op, .args = {a, b, c, d}};
}

static void run_calls(struct multicall_entry *calls, uint32_t n, const char *what)
{
    must(HYPERCALL_2(multicall, calls, n), what);
    for (uint32_t i = 0; i < n; i++)
        must((int)calls[i].result, what);
}

static void send(const struct mmuext_op *ops, uint32_t op_count)
{
    if (queued)
        count(COUNT_mmu_batches);
    if (queued && op_count) {
        struct multicall_entry calls[2];

        set_call(&calls[0], __HYPERVISOR_mmu_update, (uint32_t)queue, queued, 0, DOMID_SELF);
        set_call(&calls[1], __HYPERVISOR_mmuext_op, (uint32_t)ops, op_count, 0, DOMID_SELF);
        run_calls(calls, 2, "a batch of page-table updates");
    } else if (queued) {
        must(HYPERCALL_4(mmu_update, queue, queued, 0, DOMID_SELF), "page-table updates");
    } else if (op_count) {
        must(HYPERCALL_4(mmuext_op, ops, op_count, 0, DOMID_SELF), "a flush");
    }
    queued = stale_count = 0;
    single = false;
}

void queue_flush(void)
{
    struct mmuext_op ops[STALE_LIMIT] = {0};
    uint32_t n = MIN(stale_count, (uint32_t)STALE_LIMIT);

    if (single && queued == 1) {
        uint64_t value = queue[0].val;

        count(COUNT_mmu_batches);
        must(HYPERCALL_4(update_va_mapping, single_address, value, value >> 32,
                         stale_count ? UVMF_INVLPG : UVMF_NONE),
             "a page-table update");
        queued = stale_count = 0;
        single = false;
        return;
    }
    if (stale_count > STALE_LIMIT) {
        ops[0].cmd = MMUEXT_TLB_FLUSH_LOCAL;
        n = 1;
    } else {
        for (uint32_t i = 0; i < n; i++) {
            ops[i].cmd = MMUEXT_INVLPG_LOCAL;
            ops[i].arg1.linear_addr = stale[i];
        }
    }
    if (queued || n)
        send(ops, n);
}

void queue_update(uint64_t entry_address, uint64_t value)
{
    if (queued == QUEUE_ENTRIES)
        queue_flush();
    queue[queued].ptr = entry_address | MMU_NORMAL_PT_UPDATE;
    queue[queued++].val = value;
    count(COUNT_pt_updates);
    single = false;
}

/* ---- the linear map -------------------------------------------------------------------------- */

void queue_protect(uint32_t pfn, bool read_only)
{
    const uint64_t *root = page_address(kernel_pagetable.root),
                   *top = page_address(pte_pfn(root[3]));
    const uint64_t *table = page_address(pte_pfn(top[pfn >> 9]));

    queue_update(machine_address(&table[pfn & 511]),
                 pte_make(pfn, read_only ? KERNEL_PAGE & ~PTE_WRITE : KERNEL_PAGE));
}

static void protect(uint32_t pfn)
{
    queue_protect(pfn, true);
}

static void unprotect(uint32_t pfn)
{
    queue_protect(pfn, false);
}

/* ---- hooks of arch/x86 ----------------------------------------------------------------------- */

int port_root(uint64_t *root)
{
    const uint64_t *boot_root = page_address(kernel_pagetable.root);
    uint32_t pfn = page_allocate_zeroed();

    if (pfn == PFN_NONE)
        return -ENOMEM;
    memcpy(page_address(pfn), page_address(pte_pfn(boot_root[3])), KERNEL_ENTRIES * sizeof(*root));
    root[3] = pte_make(pfn, PTE_PRESENT);
    return 0;
}

void port_root_free(uint64_t *root)
{
    page_release(pte_pfn(root[3]));
}

void port_store(uint64_t *entry, uint64_t value, uint32_t address)
{
    bool first = !queued;

    if (*entry & PTE_PRESENT) {
        if (stale_count < STALE_LIMIT)
            stale[stale_count] = address;
        stale_count++;
    }
    queue_update(machine_address(entry), value);
    single = first;
    single_address = address;
}

void port_link(uint64_t *entry, uint64_t value, uint32_t table, bool root)
{
    (void)root;
    protect(table);
    queue_update(machine_address(entry), value);
    queue_flush();
}

/*
 * update_va_mapping() speaks of the current table only; what other tables' translations were is
 * forgotten with every new base pointer.
 */
void port_flush(const struct pagetable *table)
{
    const struct space *space = current_process()->space;

    if (!space || table != &space->table)
        single = false;
    queue_flush();
}

static uint32_t kernel_directory(const struct pagetable *table)
{
    return pte_pfn(((const uint64_t *)page_address(table->root))[3]);
}

static void root_op(const struct pagetable *table, uint32_t command)
{
    struct mmuext_op op = {.cmd = command};

    op.arg1.mfn = (xen_pfn_t)port_frame(table->root);
    send(&op, 1);
}

void port_activate(struct pagetable *table)
{
    queue_flush();
    pagetable_each(table, protect);
    protect(kernel_directory(table));
    root_op(table, MMUEXT_PIN_L3_TABLE);
}

void port_deactivate(struct pagetable *table)
{
    struct mmuext_op flush = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};

    queue_flush();
    root_op(table, MMUEXT_UNPIN_TABLE);
    pagetable_each(table, unprotect);
    unprotect(kernel_directory(table));
    send(&flush, 1); /* they were read through read-only translations */
}

void pagetable_use(const struct pagetable *table)
{
    root_op(table, MMUEXT_NEW_BASEPTR);
}

/* ---- context switch: one multicall ----------------------------------------------------------- */

extern uint64_t gdt_page[];

/*
 * What the descriptors were last asked to be. What the table holds is no measure of that: the
 * hypervisor shortens segments that would reach it, so that theirs would always differ.
 */
static uint64_t tls_asked[TLS_ENTRIES];

static uint32_t tls_calls(struct multicall_entry *calls, const struct machine_thread *thread)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < TLS_ENTRIES; i++) {
        if (tls_asked[i] == thread->tls[i])
            continue;
        uint64_t at = machine_address(&gdt_page[TLS_FIRST + i]), value = thread->tls[i];
        set_call(&calls[n++], __HYPERVISOR_update_descriptor, (uint32_t)at, (uint32_t)(at >> 32),
                 (uint32_t)value, (uint32_t)(value >> 32));
        tls_asked[i] = value;
    }
    return n;
}

void port_switch(const struct thread *next, bool fpu_off)
{
    struct multicall_entry calls[3 + TLS_ENTRIES];
    const struct space *space = next->process->space;
    const struct pagetable *table = space ? &space->table : &kernel_pagetable;
    struct mmuext_op op = {.cmd = MMUEXT_NEW_BASEPTR};
    uint32_t n = 0;

    op.arg1.mfn = (xen_pfn_t)port_frame(table->root);
    set_call(&calls[n++], __HYPERVISOR_stack_switch, XEN_KERNEL_SS,
             next->machine.stack + KERNEL_STACK_BYTES, 0, 0);
    set_call(&calls[n++], __HYPERVISOR_mmuext_op, (uint32_t)&op, 1, 0, DOMID_SELF);
    if (fpu_off)
        set_call(&calls[n++], __HYPERVISOR_fpu_taskswitch, 1, 0, 0, 0);
    n += tls_calls(&calls[n], &next->machine);
    run_calls(calls, n, "a context switch");
}

void arch_load_tls(const struct machine_thread *thread)
{
    struct multicall_entry calls[TLS_ENTRIES];
    uint32_t n = tls_calls(calls, thread);

    if (n)
        run_calls(calls, n, "a TLS descriptor");
}
