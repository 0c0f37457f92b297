/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * writable_tables.c - the assist "writable page tables"
 *
 * A guest that asked for it, and Domain 0 without asking, may write L1 entries with ordinary
 * instructions, though it maps its tables read-only: the write faults, the instruction is carried
 * out here, and the new entry goes through the same check and commit as an update by hypercall.
 * What does not conform stays the guest's page fault. Tables of higher levels are not written this
 * way.
 *
 * The faulting address is that of the operand; what the instruction does to it is
 * arch/guest_write.c's.
 *
 * An entry is eight bytes and many instructions write four. An upper half that makes no sense yet
 * with the old lower one is taken with the present bit cleared: the guest will write the other half
 * next.
 *
 * Source: xen/xen.h, VMASST_TYPE_writable_pagetables.
 */
#include "hv/include/arch/guest_write.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"

#define INSTRUCTION_BYTES 15 /* at the most */

/* Carries the write out on an entry of a table that has been found. */
static bool write_entry(cpu_regs *regs, const struct guest_write *w, uint32_t address, mfn table)
{
    struct domain *domain = current_domain();
    pte *l1 = map_frame(table), *entry = &l1[(address & (PAGE_SIZE - 1)) / sizeof(pte)];
    unsigned at = address & (sizeof(pte) - 1);
    pte old = *entry, updated;
    bool done = true, written = guest_write_result(regs, w, old, at, &updated);

    if (written && l1_entry_update(entry, updated, domain->id)) {
        done = at == 4 && w->bytes == 4 && w->action == WRITE_SET && (updated & PTE_PRESENT) &&
               !l1_entry_update(entry, updated & ~PTE_PRESENT, domain->id);
    }
    unmap_frame(l1);
    if (done)
        guest_write_finish(regs, w, old, at, written);
    return done;
}

bool writable_table_fault(cpu_regs *regs, uint32_t address)
{
    struct domain *domain = current_domain();
    uint8_t code[MAX_INSTRUCTION] = {0};
    struct guest_write w;
    unsigned slot;
    bool done = false;
    mfn map, table = 0;

    for (unsigned i = 0; i < INSTRUCTION_BYTES; i++) {
        if (copy_from_guest(&code[i], (char *)(uintptr_t)regs->eip + i, 1))
            break;
    }
    if (!guest_write_decode(regs, code, &w) || (address & (w.bytes - 1)))
        return false;
    lock(&mm_lock);
    if (find_l1(&domain->vcpu[0], address, &map, &slot)) {
        const pte *l1 = map_frame(map);

        table = l1[slot] & PTE_PRESENT ? PTE_MFN(l1[slot]) : 0;
        unmap_frame(l1);
    }
    if (table && frame_of(table) && frame_table[table].owner == domain->id &&
        frame_is_valid(&frame_table[table], FRAME_L1))
        done = write_entry(regs, &w, address, table);
    unlock(&mm_lock);
    return done;
}
