// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tree of page tables as large as can be made of the domain's memory, pinned, loaded and unpinned by one
 * call each. That may take long, but not without a pause: an event that comes meanwhile is heard soon. The time for
 * which other domains had the processor does not count.
 */
#include "tests/guest/kit/kit.h"

#define LONGEST                                                                                    \
    (5 * MS) /* that an event may wait, or a quarter of the call's time on a slow machine */
#define SPARE    1024 /* pages that the kernel keeps */
#define DUE      (1 * MS)
#define LOAD_CR3 0x100 /* the instruction, among the commands */

static unsigned port;
static volatile uint64_t heard, others_then;
static unsigned long other; /* the root of a small tree; 0: not to be used */

/* For how long others had the processor, since this domain began. */
static uint64_t time_of_others(void)
{
    struct vcpu_runstate_info info;

    expect(HYPERCALL(vcpu_op, VCPUOP_get_runstate_info, 0, &info), 0);
    return info.time[RUNSTATE_runnable];
}

/* In the middle of the call, perhaps with another operation of the same kind. */
static bool note(struct trap_frame *frame)
{
    (void)frame;
    heard = now();
    others_then = time_of_others();
    event_clear(port);
    if (other) {
        expect(mmuext(MMUEXT_PIN_L3_TABLE, other, 0), 0);
        expect(mmuext(MMUEXT_UNPIN_TABLE, other, 0), 0);
    }
    return true;
}

/* Does it, and looks how late an event was heard that was due in its first moments. */
static void in_time(const char *what, unsigned command, unsigned long frame, long wanted)
{
    uint64_t others = time_of_others(), begin = now(), when = begin + DUE;

    heard = 0;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    events_on();
    long result = 0;

    if (command == LOAD_CR3)
        asm volatile("mov %0, %%cr3" : : "r"(xen_pfn_to_cr3(frame)) : "memory");
    else
        result = mmuext(command, frame, 0);
    uint64_t end = now();

    while (!heard && now() < end + 1000 * MS)
        ;
    events_off();
    check(result == wanted, "%s: %d", what, (int)result);
    uint64_t late = heard - when, lost = others_then - others;

    late = late > lost ? late - lost : 0;
    check(heard && (late < LONGEST || late * 4 < end - begin), "%s took %u ns, an event waited %u",
          what, (unsigned)(end - begin), (unsigned)late);
}

/* Writes a table into a frame of ours that is mapped nowhere, through a window. */
static void fill(uint64_t *window, unsigned long frame, const uint64_t *entries)
{
    if (map(window, MFN_PTE(frame, PTE_P | PTE_W | PTE_A | PTE_D)))
        give_up("a frame cannot be filled");
    memcpy(window, entries, PAGE_SIZE);
    map(window, 0);
}

void test(void)
{
    uint64_t *root = address_space_build(), *window = page_unmapped(), *l2[3];
    uint64_t *entries = page_alloc();
    unsigned long pages = start->nr_pages;
    unsigned tables = pages > 2 * SPARE ? (unsigned)(pages - 2 * SPARE) : 0, used = 0;

    if (tables > 3 * 512)
        tables = 3 * 512;
    make_writable(root);
    /* The last frames of the domain, which nothing maps, each a table of 512 entries on other frames. */
    for (unsigned i = 0; i < tables; i++) {
        unsigned long frame = p2m[pages - 1 - i];
        uint64_t *place = l1_entry(VIRT_BASE + (pages - 1 - i) * PAGE_SIZE);

        if (place && *place)
            give_up("the kernel maps its last frames");
        for (unsigned e = 0; e < 512; e++)
            entries[e] = MFN_PTE(p2m[SPARE + (i * 37 + e * 101) % (pages - SPARE - tables)],
                                 PTE_P | PTE_A | PTE_D);
        fill(window, frame, entries);
    }
    for (unsigned quarter = 0; quarter < 3; quarter++) {
        l2[quarter] = page_alloc();
        for (unsigned i = 0; i < 512 && used < tables; i++, used++)
            l2[quarter][i] = MFN_PTE(p2m[pages - 1 - used], PTE_P | PTE_W | PTE_A);
        make_readonly(l2[quarter]);
        root[quarter] = MFN_PTE(mfn_of(l2[quarter]), PTE_P);
    }
    make_readonly(root);
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    event_hook = note;

    in_time("to load it by an instruction", LOAD_CR3, mfn_of(root), 0);
    in_time("to leave it by an instruction", LOAD_CR3, mfn_of(base_table()), 0);
    in_time("to pin it", MMUEXT_PIN_L3_TABLE, mfn_of(root), 0);
    in_time("to unpin it", MMUEXT_UNPIN_TABLE, mfn_of(root), 0);
    in_time("to load it", MMUEXT_NEW_BASEPTR, mfn_of(root), 0);
    in_time("to leave it", MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0);
    other = mfn_of(address_space_build());
    in_time("to pin it beside another", MMUEXT_PIN_L3_TABLE, mfn_of(root), 0);
    in_time("to unpin it beside another", MMUEXT_UNPIN_TABLE, mfn_of(root), 0);
    if (tables == 0)
        return;
    /* The last entry is not legal: nothing has happened, and every table may be written again. */
    entries[511] = MFN_PTE(mfn_of(base_table()), PTE_P | PTE_W);
    fill(window, p2m[pages - tables], entries);
    in_time("to refuse it", MMUEXT_PIN_L3_TABLE, mfn_of(root), -EBUSY);
    for (unsigned i = 0; i < tables; i++)
        fill(window, p2m[pages - 1 - i], entries);
    for (unsigned quarter = 0; quarter < 3; quarter++)
        make_writable(l2[quarter]);
}
