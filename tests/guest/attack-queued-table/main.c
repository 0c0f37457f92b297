/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A large tree is unpinned, and events come while its tables lose their uses piece by piece. Each
 * time the handler writes, by an ordinary instruction under the assist for writable page tables,
 * into the table that waits longest: an entry that maps the table itself writable. As long as it
 * is a page table that is illegal; when it is none any more, it is a page that is mapped
 * read-only. So every write is the guest's page fault, and the frame behind the old entry keeps
 * its counts.
 */
#include "tests/guest/kit/kit.h"

#define DUE     (MS / 10)
#define APART   (MS / 20)
#define ENTRIES 64

static unsigned port, heard, carried_out;
static uint64_t *victim, value;
static volatile bool over;

static void write_entry(void *unused)
{
    (void)unused;
    uint64_t old = *(volatile uint64_t *)victim;
    asm volatile("lock cmpxchg8b %0"
                 : "+m"(*victim), "+A"(old)
                 : "b"((uint32_t)value), "c"((uint32_t)(value >> 32))
                 : "cc", "memory");
}

static void arm(uint64_t after)
{
    uint64_t when = now() + after;

    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
}

static bool in_the_middle(struct trap_frame *frame)
{
    (void)frame;
    event_clear(port);
    heard++;
    carried_out += !trapped(write_entry, NULL);
    if (!over)
        arm(APART);
    return true;
}

void test(void)
{
    struct large_tree tree;
    uint64_t *entries = page_alloc(), *witness = page_alloc();
    uint64_t writable = MFN_PTE(mfn_of(witness), PTE_P | PTE_W | PTE_A | PTE_D);

    large_tree_build(&tree, LARGE_TREE_MOST, ENTRIES);
    if (tree.tables == 0)
        return;
    entries[0] = writable;
    large_tree_fill(large_tree_table(0), entries);
    victim = page_unmapped();
    expect(map(victim, MFN_PTE(large_tree_table(0), PTE_P | PTE_A)), 0);
    value = MFN_PTE(large_tree_table(0), PTE_P | PTE_W | PTE_A | PTE_D);
    expect(HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    event_hook = in_the_middle;

    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(tree.root), 0), 0);
    arm(DUE);
    events_on();
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(tree.root), 0), 0);
    over = true;
    events_off();
    check(heard > 1, "%u events came while the tree was unpinned", heard);
    expect(carried_out, 0);
    expect(*victim, writable);
    /* The witness is mapped writable once more, by the kernel: it can become no table now. */
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(witness), 0), -EINVAL);
    make_readonly(witness);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(witness), 0), 0);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(witness), 0), 0);
    make_writable(witness);
    expect(map(victim, 0), 0);
    large_tree_unbuild(&tree);
}
