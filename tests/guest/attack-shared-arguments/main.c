/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arguments that another processor changes between check and use. Two domains run this kernel, as
 * "giver N" and "taker N" (run-created.sh): the giver grants a page, in which the taker puts its
 * arguments while the giver keeps exchanging them for worse ones: a writable mapping of the taker's
 * own page table, frames that are tables for a GDT, frames of nobody for an exchange. Whatever the
 * hypervisor reads, it must act on what it has checked. Alone there is nobody to do it.
 */
#include "tests/guest/kit/kit.h"

#define REF      8
#define PATIENCE (5000 * MS)
#define ROUNDS   150
#define REQUESTS 64
#define ENOUGH   100 /* changes */

enum { NOTHING, BEGIN, FINISHED };

/* The granted page. */
struct shared_page {
    volatile uint32_t state;
    volatile uint32_t flips;     /* by the giver */
    volatile uint64_t good, bad; /* what the giver puts into requests, in turn */
    volatile xen_pfn_t good_frame, bad_frame;
    struct mmu_update request[REQUESTS];
    volatile xen_pfn_t frame[14];
    volatile xen_pfn_t in, out;
};

/*
 * Both states of everything, all the time, and in no regular order: processors take turns of equal
 * length, and a taker that always comes after the same number of changes would always find the same
 * state.
 */
static void give(void)
{
    uint32_t order = 0x12345678;
    struct shared_page *page = page_alloc();

    grant_give(REF, peer, page, GTF_permit_access);
    for (uint64_t end = now() + PATIENCE; page->state == NOTHING;)
        if (now() > end)
            give_up("the other one does not begin");
    for (uint32_t flips = 0; page->state != FINISHED; page->flips = ++flips) {
        order ^= order << 13;
        order ^= order >> 17;
        order ^= order << 5;
        uint64_t value = order & 1 ? page->good : page->bad;
        xen_pfn_t frame = order & 1 ? page->good_frame : page->bad_frame;

        for (unsigned i = 0; i < REQUESTS; i++)
            *(volatile uint64_t *)&page->request[i].val = value;
        for (unsigned i = 0; i < 14; i++)
            page->frame[i] = frame;
        page->in = frame;
    }
    check(page->flips > ENOUGH, "only %u changes", page->flips);
}

static uint32_t refused, accepted;

static void count(long result)
{
    if (result < 0)
        refused++;
    else
        accepted++;
}

static void take(void)
{
    struct shared_page *page = page_unmapped();
    uint64_t *table = page_alloc(), before[4];
    uint8_t *data = page_alloc(), *spare = page_alloc();
    domid_t self = DOMID_SELF;

    pair_map(page, REF);
    unsigned long held = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    make_readonly(table);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(table), 0), 0);
    memcpy(before, base_table(), sizeof(before));
    for (unsigned i = 0; i < REQUESTS; i++)
        page->request[i] = (struct mmu_update){.ptr = machine_of(&table[i])};
    page->good = MFN_PTE(mfn_of(data), PTE_P | PTE_W | PTE_A | PTE_D);
    page->bad = MFN_PTE(mfn_of(table), PTE_P | PTE_W | PTE_A | PTE_D);
    page->good_frame = mfn_of(spare);
    page->bad_frame = mfn_of(table);
    page->state = BEGIN;
    /* The giver may share its processor with others. */
    uint64_t end = now() + PATIENCE;

    for (unsigned round = 0; round < ROUNDS || (page->flips <= ENOUGH && now() < end); round++) {
        count(HYPERCALL(mmu_update, page->request, REQUESTS, NULL, DOMID_SELF));
        for (unsigned i = 0; i < REQUESTS; i++)
            check(table[i] == 0 || table[i] == page->good, "entry %u is %llx", i, table[i]);

        map(spare, MFN_PTE(mfn_of(spare), PTE_P | PTE_A));
        count(HYPERCALL(set_gdt, page->frame, 14 * 512));
        HYPERCALL(set_gdt, NULL, 0);

        /* Not mapped, it may be exchanged; whatever comes, we have as much as before. */
        struct xen_memory_exchange exchange = {.in = {.nr_extents = 1, .domid = DOMID_SELF},
                                               .out = {.nr_extents = 1, .domid = DOMID_SELF}};
        set_xen_guest_handle(exchange.in.extent_start, (xen_pfn_t *)&page->in);
        set_xen_guest_handle(exchange.out.extent_start, (xen_pfn_t *)&page->out);
        page->out = pfn_of(spare);
        map(spare, 0);
        long result = HYPERCALL(memory_op, XENMEM_exchange, &exchange);
        count(result);
        if (result == 0)
            p2m[pfn_of(spare)] = page->good_frame = page->out;
    }
    page->state = FINISHED;
    check(memcmp(before, base_table(), sizeof(before)) == 0, "the root has changed");
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), held);
    check(accepted > 20 && refused > 20, "%u calls went well, %u were refused", accepted, refused);
}

void test(void)
{
    pair_run(give, take);
}
