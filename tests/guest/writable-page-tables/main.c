/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The writable_pagetables assist: a plain write to a level-1 entry in use, though the page is
 * mapped read-only, is taken over, validated and made; an illegal one faults and changes nothing.
 * The privileged domain has the assist without asking.
 */
#include "tests/guest/kit/kit.h"

static uint64_t *entry;
static uint64_t value;

static void write_entry(void *unused)
{
    (void)unused;
    uint64_t old = *(volatile uint64_t *)entry;
    asm volatile("lock cmpxchg8b %0"
                 : "+m"(*entry), "+A"(old)
                 : "b"((uint32_t)value), "c"((uint32_t)(value >> 32))
                 : "cc", "memory");
}

static void write_low_word(void *unused)
{
    (void)unused;
    *(volatile uint32_t *)entry = value;
}

void test(void)
{
    volatile uint32_t *window = page_alloc(), *other = page_alloc();

    *window = 1;
    *other = 2;
    entry = l1_entry((unsigned long)window);
    uint64_t before = *entry;
    /* Without the assist the write is carried out for the privileged domain alone. */
    value = MFN_PTE(mfn_of((void *)other), PTE_P | PTE_W | PTE_A | PTE_D);
    check(trapped(write_entry, NULL) == !privileged, "without the assist: the other answer");
    check(*entry == (privileged ? value : before), "without the assist the entry is %llx", *entry);
    mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)window, 0);
    expect(*window, privileged ? 2 : 1);
    expect(pte_write(machine_of(entry), before), 0);
    mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)window, 0);
    expect(HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    value = MFN_PTE(mfn_of((void *)other), PTE_P | PTE_W | PTE_A | PTE_D);
    check(!trapped(write_entry, NULL), "with the assist: vector %u error %x", trap.vector,
          trap.error);
    check(*entry == value, "the entry is %llx, not %llx", *entry, value);
    mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)window, 0);
    expect(*window, 2);
    value = before;
    check(!trapped(write_low_word, NULL), "a 4-byte write: vector %u", trap.vector);
    mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)window, 0);
    expect(*window, 1);

    value = MFN_PTE(mfn_of(base_table()), PTE_P | PTE_W);
    check(trapped(write_entry, NULL) && trap.vector == 14, "an illegal entry was written");
    expect(trap_cr2, entry);
    check((*entry & ~(PTE_A | PTE_D)) == (before & ~(PTE_A | PTE_D)), "the entry is %llx", *entry);
    expect(*window, 1);
}
