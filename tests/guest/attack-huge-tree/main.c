/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tree of page tables as large as can be made of the domain's memory, pinned, loaded and unpinned
 * by one call each. That may take long, but not without a pause: an event that comes meanwhile is
 * heard soon. The time for which other domains had the processor does not count.
 */
#include "tests/guest/kit/kit.h"

#define LONGEST                                                                                    \
    (5 * MS) /* that an event may wait, or a quarter of the call's time on a slow machine */
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

void test(void)
{
    struct large_tree tree;
    uint64_t *entries = page_alloc();
    unsigned long root;

    large_tree_build(&tree, LARGE_TREE_MOST, 512);
    root = mfn_of(tree.root);
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    event_hook = note;

    in_time("to load it by an instruction", LOAD_CR3, root, 0);
    in_time("to leave it by an instruction", LOAD_CR3, mfn_of(base_table()), 0);
    in_time("to pin it", MMUEXT_PIN_L3_TABLE, root, 0);
    in_time("to unpin it", MMUEXT_UNPIN_TABLE, root, 0);
    in_time("to load it", MMUEXT_NEW_BASEPTR, root, 0);
    in_time("to leave it", MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0);
    other = mfn_of(address_space_build());
    in_time("to pin it beside another", MMUEXT_PIN_L3_TABLE, root, 0);
    in_time("to unpin it beside another", MMUEXT_UNPIN_TABLE, root, 0);
    if (tree.tables == 0)
        return;
    /* The last entry is not legal: nothing has happened, and every table may be written again. */
    entries[511] = MFN_PTE(mfn_of(base_table()), PTE_P | PTE_W);
    large_tree_fill(large_tree_table(tree.tables - 1), entries);
    in_time("to refuse it", MMUEXT_PIN_L3_TABLE, root, -EBUSY);
    large_tree_unbuild(&tree);
}
