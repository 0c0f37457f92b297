/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * validate.c - page tables and descriptor tables against the rules of frame.c
 *
 *   L1 entry   names a frame of the owner's, or of the domain that the hypercall names (Domain 0
 *              only), or what is not RAM (Domain 0 only). A writable mapping takes a use of type
 *              "writable". Not GLOBAL: the translation would survive the switch to another domain.
 *              Not PAT.
 *   L2 entry   names an L1 table of the owner's, or is a linear map. Not a large page, not GLOBAL.
 *   L3 entry   names an L2 table of the owner's; the fourth one that of the top quarter, a type of
 *              its own, as the hypervisor's entries are part of it. RW, USER, ACCESSED and DIRTY
 *              are dropped: a kernel that writes all levels alike sets them, and the processor
 *              wants them clear in a PAE root.
 *
 * A linear map: an L2 entry may name, read-only, (a) its own L2, at no cost of type; (b) another L2
 * that is validated, is not the top quarter's, and maps no L2 but itself. A mapped L2 may not map a
 * third. The top quarter's L2 may not name itself: the hypervisor's frames would be seen through
 * it. Hence no cycles, and releasing one recurses at most twice.
 *
 * In the top quarter's L2 the slots from HV_VIRT_START on are the hypervisor's: validation writes
 * them, whatever the guest left there.
 *
 * A table is validated entry by entry; if one does not conform, the uses taken so far are returned
 * and the table is as it was.
 */
#include "hv/include/errors.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/public_headers.h"
#include "hv/include/arch/traps.h"

/* Bits that an entry may have set. */
#define L1_ALLOWED                                                                                 \
    (PTE_PRESENT | PTE_RW | PTE_USER | PTE_PWT | PTE_PCD | PTE_ACCESSED | PTE_DIRTY | PTE_AVAIL |  \
     PTE_NX | PTE_MFN_MASK)
#define L2_ALLOWED                                                                                 \
    (PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY | PTE_AVAIL | PTE_MFN_MASK)
#define L3_DROPPED (PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY)
#define L3_ALLOWED (PTE_PRESENT | PTE_PWT | PTE_PCD | L3_DROPPED | PTE_AVAIL | PTE_MFN_MASK)

/* Frame numbers are 32 bits here; no machine of ours has more. */
#define PTE_TOO_HIGH 0x000ff00000000000ull

#define APIC_FRAME   0xfee00u
#define IOAPIC_FRAME 0xfec00u
#define LOW_FRAMES   256u /* the PC's first megabyte */

static bool is_io(mfn number)
{
    return (number < LOW_FRAMES && !frame_of(number)) ||
           (number >= max_frame() && number < 0x100000 && number != APIC_FRAME &&
            number != IOAPIC_FRAME);
}

status check_l1_bits(pte entry)
{
    if (entry & ~L1_ALLOWED)
        return -EINVAL;
    return entry & PTE_TOO_HIGH ? -EPERM : 0;
}

status l1_entry_get(pte entry, uint16_t owner, bool may_map_io)
{
    mfn number = PTE_MFN(entry);
    status result;

    if (!(entry & PTE_PRESENT))
        return 0;
    result = check_l1_bits(entry);
    if (result)
        return result;
    if (!frame_of(number))
        return may_map_io && is_io(number) ? 0 : -EPERM;
    if (frame_get(number, owner))
        return -EBUSY; /* somebody else's: it may be the owner's later */
    if (!(entry & PTE_RW))
        return 0;
    if (frame_get_type(number, FRAME_WRITABLE)) {
        frame_put(number);
        return -EBUSY; /* it is a table now, and may be writable later */
    }
    return 0;
}

void l1_entry_put(pte entry)
{
    mfn number = PTE_MFN(entry);

    if (!(entry & PTE_PRESENT) || !frame_of(number))
        return;
    if (entry & PTE_RW)
        frame_put_with_type(number);
    else
        frame_put(number);
}

/* Whether an L2 maps another one. */
static bool maps_another(mfn table)
{
    const pte *entries = map_frame(table);
    bool found = false;

    for (unsigned i = 0; i < TABLE_ENTRIES && !found; i++)
        found = (entries[i] & PTE_PRESENT) && PTE_MFN(entries[i]) != table &&
                frame_table[PTE_MFN(entries[i])].type == FRAME_L2;
    unmap_frame(entries);
    return found;
}

/* Takes a use of another L2, to map it in `table`. */
static status linear_get(mfn number, uint16_t owner, mfn table)
{
    const struct frame *frame = frame_of(number);
    status result;

    if (!frame || !frame_is_valid(frame, FRAME_L2) || (frame_table[table].flags & FRAME_LINEAR) ||
        maps_another(number))
        return -EINVAL;
    result = frame_get_with_type(number, owner, FRAME_L2);
    if (!result)
        frame_table[number].flags |= FRAME_LINEAR;
    return result;
}

status l2_entry_get(pte entry, uint16_t owner, mfn table)
{
    status result;

    if (!(entry & PTE_PRESENT))
        return 0;
    if ((entry & ~L2_ALLOWED) || (entry & PTE_TOO_HIGH))
        return -EINVAL;
    if (PTE_MFN(entry) == table) {
        if ((entry & PTE_RW) || frame_table[table].type == FRAME_L2_TOP)
            return -EINVAL;
        return frame_get(table, owner);
    }
    /* An L1 table is assumed; if it is none, a linear map of another L2. */
    result = frame_get_with_type(PTE_MFN(entry), owner, FRAME_L1);
    if (result && !(entry & PTE_RW) && !linear_get(PTE_MFN(entry), owner, table))
        return 0;
    return result;
}

void l2_entry_put(pte entry, mfn table)
{
    if (!(entry & PTE_PRESENT))
        return;
    if (PTE_MFN(entry) == table)
        frame_put(table);
    else
        frame_put_with_type(PTE_MFN(entry));
}

status l3_entry_get(pte entry, uint16_t owner, unsigned slot)
{
    if (!(entry & PTE_PRESENT))
        return 0;
    if ((entry & ~L3_ALLOWED) || (entry & PTE_TOO_HIGH))
        return -EINVAL;
    return frame_get_with_type(PTE_MFN(entry), owner,
                               slot == TOP_ROOT_SLOT ? FRAME_L2_TOP : FRAME_L2);
}

pte l3_entry_clean(pte entry)
{
    return entry & PTE_PRESENT ? entry & ~L3_DROPPED : entry;
}

void l3_entry_put(pte entry)
{
    if (entry & PTE_PRESENT)
        frame_put_with_type(PTE_MFN(entry));
}

unsigned guest_slots(enum frame_type type)
{
    switch (type) {
    case FRAME_L2_TOP:
        return HV_L2_SLOT;
    case FRAME_L3:
        return ROOT_ENTRIES;
    default:
        return TABLE_ENTRIES;
    }
}

static status entry_get(pte entry, enum frame_type type, unsigned slot, mfn table)
{
    uint16_t owner = frame_table[table].owner;

    switch (type) {
    case FRAME_L1:
        return l1_entry_get(entry, owner, owner == 0);
    case FRAME_L3:
        return l3_entry_get(entry, owner, slot);
    default:
        return l2_entry_get(entry, owner, table);
    }
}

static void entry_put(pte entry, enum frame_type type, mfn table)
{
    switch (type) {
    case FRAME_L1:
        l1_entry_put(entry);
        break;
    case FRAME_L3:
        l3_entry_put(entry);
        break;
    default:
        l2_entry_put(entry, table);
        break;
    }
}

#define SLOTS_A_LINE 8

/* The lower half of an entry, which says whether it is present. */
static uint32_t low(const pte *entry)
{
    return (uint32_t)*entry;
}

static bool line_empty(const pte *line)
{
    uint32_t any = low(line) | low(line + 1) | low(line + 2) | low(line + 3) | low(line + 4) |
                   low(line + 5) | low(line + 6) | low(line + 7);

    return !(any & (uint32_t)PTE_PRESENT);
}

/* The first slot from `slot` on that is present, or `slots`. Most cache lines are empty. */
static unsigned next_present(const pte *table, unsigned slot, unsigned slots)
{
    while (slot < slots) {
        if (slot % SLOTS_A_LINE == 0 && slots - slot >= SLOTS_A_LINE && line_empty(&table[slot]))
            slot += SLOTS_A_LINE;
        else if (low(&table[slot]) & (uint32_t)PTE_PRESENT)
            break;
        else
            slot++;
    }
    return slot;
}

static status page_table_validate(mfn number, enum frame_type type)
{
    unsigned slots = guest_slots(type), i;
    pte *table = map_frame(number);
    status result = 0;

    /* The processor loads a root from the top quarter too: it must hold the hypervisor. */
    if (type == FRAME_L3 && !(table[TOP_ROOT_SLOT] & PTE_PRESENT))
        result = -EINVAL;
    i = next_present(table, 0, slots);
    while (i < slots && !result) {
        result = entry_get(table[i], type, i, number);
        if (!result)
            i = next_present(table, i + 1, slots);
    }
    if (result) {
        while (i-- > 0)
            entry_put(table[i], type, number);
    } else if (type == FRAME_L3) {
        for (i = 0; i < ROOT_ENTRIES; i++)
            table[i] = l3_entry_clean(table[i]);
    } else if (type == FRAME_L2_TOP) {
        memcpy(&table[HV_L2_SLOT], &hv_top_l2[HV_L2_SLOT],
               (TABLE_ENTRIES - HV_L2_SLOT) * sizeof(pte));
    }
    unmap_frame(table);
    return result;
}

unsigned validation_budget;

static status validate_l1(mfn number)
{
    if (validation_budget && --validation_budget == 0) {
        validation_budget = 1; /* for all that follow, too */
        return -EAGAIN;
    }
    perfc_count(validated_l1);
    return page_table_validate(number, FRAME_L1);
}

static status validate(mfn number, enum frame_type type)
{
    switch (type) {
    case FRAME_L1:
        return validate_l1(number);
    case FRAME_L2:
    case FRAME_L2_TOP:
        perfc_count(validated_l2);
        break;
    case FRAME_L3:
        perfc_count(validated_l3);
        break;
    default:
        return descriptor_table_validate(number);
    }
    return page_table_validate(number, type);
}

void table_return_uses(mfn number, enum frame_type type)
{
    unsigned slots = guest_slots(type);
    pte *table = map_frame(number);

    for (unsigned i = next_present(table, 0, slots); i < slots;
         i = next_present(table, i + 1, slots))
        entry_put(table[i], type, number);
    /* What is ours does not stay behind in a page that the guest will be able to write. */
    if (type == FRAME_L2_TOP)
        memset(&table[HV_L2_SLOT], 0, (TABLE_ENTRIES - HV_L2_SLOT) * sizeof(pte));
    unmap_frame(table);
}

const struct frame_validator page_table_validator = {
    .validate = validate,
    .release = table_release,
    .keep = table_keep,
    .settle = table_settle,
    .freed = frame_free,
};
