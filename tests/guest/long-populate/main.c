/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extents of 4 MB, and as many single frames, come cleared, and interrupts do not wait for that:
 * by populate_physmap, increase_reservation and XENMEM_exchange. Upcalls in between ask for memory
 * of another size, or of the same: each call has what it asked for, and no frame is lost or won.
 */
#include "tests/guest/kit/kit.h"

#define ORDER 10
#define MANY  (1u << ORDER)
#define SPARE (2 * MANY) /* the last frames beyond these are mapped nowhere */

static xen_pfn_t single[MANY], extent, pfns[MANY];
static domid_t self = DOMID_SELF;
static unsigned between; /* upcalls that have asked for memory */

static long held(void)
{
    return HYPERCALL(memory_op, XENMEM_current_reservation, &self);
}

static long reserve(unsigned op, xen_pfn_t *list, unsigned count, unsigned order)
{
    struct xen_memory_reservation r = {
        .nr_extents = count, .extent_order = order, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, list);
    return HYPERCALL(memory_op, op, &r);
}

static long exchange(unsigned in, unsigned out)
{
    struct xen_memory_exchange op = {
        .in = {.nr_extents = MANY >> in, .extent_order = in, .domid = DOMID_SELF},
        .out = {.nr_extents = MANY >> out, .extent_order = out, .domid = DOMID_SELF},
    };

    set_xen_guest_handle(op.in.extent_start, in ? &extent : single);
    set_xen_guest_handle(op.out.extent_start, out ? &extent : single);
    return HYPERCALL(memory_op, XENMEM_exchange, &op);
}

/* Whether each frame is zero and known as the pfn that it was asked for; then it is soiled. */
static void look_at(xen_pfn_t first, unsigned count, xen_pfn_t pfn, bool named)
{
    static uint32_t *window;

    if (!window)
        window = page_unmapped();
    for (unsigned i = 0; i < count; i++) {
        uint32_t all = 0;

        if (named)
            check(machine_to_phys_mapping[first + i] == pfn + i,
                  "frame %lx is known as %lx, not %lx", first + i,
                  machine_to_phys_mapping[first + i], pfn + i);
        if (map(window, MFN_PTE(first + i, PTE_P | PTE_W | PTE_A | PTE_D)))
            give_up("frame %lx is not ours", first + i);
        for (unsigned word = 0; word < PAGE_SIZE / 4; word += 16)
            all |= window[word];
        check(all == 0, "frame %lx was not cleared", first + i);
        for (unsigned word = 0; word < PAGE_SIZE / 4; word += 16)
            window[word] = 0x12345678;
    }
    map(window, 0);
}

/* As the kernel's timer handler: it wants memory itself, and gives it back. */
static bool want_memory(struct trap_frame *frame)
{
    static const uint8_t orders[] = {4, 9, 10, 0};
    xen_pfn_t number = start->nr_pages;
    unsigned order = orders[between++ % sizeof(orders)];

    (void)frame;
    if (reserve(XENMEM_populate_physmap, &number, 1, order) == 1)
        expect(reserve(XENMEM_decrease_reservation, &number, 1, order), 1);
    if (between % 8)
        HYPERCALL(set_timer_op, (uint32_t)(now() + MS / 5), (uint32_t)((now() + MS / 5) >> 32));
    return true;
}

static void disturb(void)
{
    uint64_t soon = now() + MS / 2;

    between++;
    HYPERCALL(set_timer_op, (uint32_t)soon, (uint32_t)(soon >> 32));
}

/* All ways to an extent of this many frames, from `single` back to `single`. */
static void all_ways(bool disturbed)
{
    long before = held();

    extent = pfns[0];
    if (disturbed)
        disturb();
    if (!expect(exchange(0, ORDER), 0))
        return;
    look_at(extent, MANY, pfns[0], true);
    expect(held(), before);
    expect(reserve(XENMEM_decrease_reservation, &extent, 1, ORDER), 1);
    expect(held(), before - (long)MANY);

    extent = pfns[0];
    if (disturbed)
        disturb();
    if (!expect(reserve(XENMEM_populate_physmap, &extent, 1, ORDER), 1))
        return;
    look_at(extent, MANY, pfns[0], true);
    expect(reserve(XENMEM_decrease_reservation, &extent, 1, ORDER), 1);
    if (disturbed)
        disturb();
    if (!expect(reserve(XENMEM_increase_reservation, &extent, 1, ORDER), 1))
        return;
    look_at(extent, MANY, 0, false);
    expect(held(), before);

    memcpy(single, pfns, sizeof(single));
    if (disturbed)
        disturb();
    expect(exchange(ORDER, 0), 0);
    for (unsigned i = 0; i < MANY; i++)
        look_at(single[i], 1, pfns[i], true);
    expect(held(), before);
}

void test(void)
{
    if (start->nr_pages < SPARE + MANY)
        return (void)check(true, "too small");
    for (unsigned i = 0; i < MANY; i++) {
        uint64_t *place = l1_entry(VIRT_BASE + (start->nr_pages - MANY + i) * PAGE_SIZE);

        pfns[i] = start->nr_pages - MANY + i;
        single[i] = p2m[pfns[i]];
        if (place && *place)
            give_up("the kernel maps its last frames");
    }
    all_ways(false);
    event_mask_set(bind_virq(VIRQ_TIMER), false);
    event_hook = want_memory;
    events_on();
    all_ways(true);
    events_off();
    check(between > 4, "only %u upcalls came in between", between);
}
