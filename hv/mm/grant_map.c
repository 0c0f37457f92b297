/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant_map.c - grants in page tables
 *
 * A granted frame is mapped by an ordinary L1 entry of the mapper's own table, named by the
 * address that it translates or, with GNTMAP_contains_pte, by its own machine address. The entry
 * takes the counts that any entry takes, only that the frame is the granter's. "Mapping for a
 * device" maps nothing; it takes the same counts, so that the frame stays what it is while a device
 * uses it.
 *
 * Unmapping by handle checks that the entry still shows the granted frame with the granted rights,
 * and only then removes it: an address that is not the mapping's is refused. The flush waits for
 * the end of the hypercall, before which the guest does not run.
 */
#include "hv/include/errors.h"
#include "hv/include/grant.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

#define HANDLES_A_PIECE 1024 /* of a domain's end */

/* Where an L1 entry is. */
struct place {
    mfn table;
    unsigned slot;
};

/* The entry of an address, or at a machine address, in a table of the domain's own. */
static bool find_place(const struct domain *self, uint64_t address, bool contains_pte,
                       struct place *place)
{
    const struct frame *frame;

    if (!contains_pte) {
        if (address >> 32)
            return false;
        return find_l1(&self->vcpu[0], (uint32_t)address, &place->table, &place->slot);
    }
    if ((address & (sizeof(pte) - 1)) || address >> 44)
        return false;
    place->table = (mfn)(address >> PAGE_SHIFT);
    place->slot = (unsigned)(address & (PAGE_SIZE - 1)) / sizeof(pte);
    frame = frame_of(place->table);
    return frame && frame->owner == self->id && frame_is_valid(frame, FRAME_L1);
}

static pte read_place(const struct place *place)
{
    const pte *table = map_frame(place->table);
    pte entry = table[place->slot];

    unmap_frame(table);
    return entry;
}

static void write_place(const struct place *place, pte entry)
{
    pte *table = map_frame(place->table);

    write_pte(&table[place->slot], entry);
    unmap_frame(table);
}

static pte grant_pte(mfn frame, uint32_t flags)
{
    pte bits = PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY;

    if (!(flags & GNTMAP_readonly))
        bits |= PTE_RW;
    if (flags & GNTMAP_application_map)
        bits |= PTE_USER;
    bits |= (pte)(flags >> _GNTMAP_guest_avail0) << 9 & PTE_AVAIL;
    return MAKE_PTE(frame, bits);
}

/*
 * --- mapping -----------------------------------------------------------------------------------
 */

static grant_status map_for_device(const struct domain *granter, mfn frame, uint32_t flags)
{
    bool failed = flags & GNTMAP_readonly ? frame_get(frame, granter->id)
                                          : frame_get_with_type(frame, granter->id, FRAME_WRITABLE);

    return failed ? GNTST_general_error : GNTST_okay;
}

static void unmap_for_device(mfn frame, uint32_t flags)
{
    if (flags & GNTMAP_readonly)
        frame_put(frame);
    else
        frame_put_with_type(frame);
}

static grant_status map_for_host(const struct domain *self, const struct domain *granter, mfn frame,
                                 const struct gnttab_map_grant_ref *op)
{
    pte old, entry = grant_pte(frame, op->flags);
    struct place place;

    if (!find_place(self, op->host_addr, op->flags & GNTMAP_contains_pte, &place) ||
        l1_entry_get(entry, granter->id, false))
        return GNTST_general_error;
    old = read_place(&place);
    write_place(&place, entry);
    l1_entry_put(old);
    return GNTST_okay;
}

/* Takes the pins that the flags ask for. */
static grant_status pin(const struct domain *self, const struct domain *granter,
                        const struct gnttab_map_grant_ref *op, mfn *frame)
{
    grant_status result = GNTST_okay;

    if (op->flags & GNTMAP_host_map)
        result = grant_pin(granter, op->ref, self->id, GRANT_HOST(op->flags), true, frame);
    if (!result && (op->flags & GNTMAP_device_map)) {
        result = grant_pin(granter, op->ref, self->id, GRANT_DEVICE(op->flags), true, frame);
        if (result && (op->flags & GNTMAP_host_map))
            grant_unpin(granter, op->ref, GRANT_HOST(op->flags));
    }
    return result;
}

static void unpin(const struct domain *granter, grant_ref_t ref, uint32_t flags)
{
    if (flags & GNTMAP_host_map)
        grant_unpin(granter, ref, GRANT_HOST(flags));
    if (flags & GNTMAP_device_map)
        grant_unpin(granter, ref, GRANT_DEVICE(flags));
}

static grant_status map_pinned(const struct domain *self, const struct domain *granter, mfn frame,
                               const struct gnttab_map_grant_ref *op)
{
    grant_status result = GNTST_okay;

    if (op->flags & GNTMAP_device_map)
        result = map_for_device(granter, frame, op->flags);
    if (!result && (op->flags & GNTMAP_host_map)) {
        result = map_for_host(self, granter, frame, op);
        if (result && (op->flags & GNTMAP_device_map))
            unmap_for_device(frame, op->flags);
    }
    return result;
}

void grant_map(struct domain *self, struct gnttab_map_grant_ref *op)
{
    const struct domain *granter = op->dom < MAX_DOMAINS ? domains[op->dom] : NULL;
    uint32_t handle;
    mfn frame = 0;

    if (!(op->flags & (GNTMAP_host_map | GNTMAP_device_map))) {
        op->status = GNTST_bad_gntref;
        return;
    }
    if (!granter) {
        op->status = GNTST_bad_domain;
        return;
    }
    if (!grant_handle_get(self, &handle)) {
        op->status = GNTST_no_space;
        return;
    }
    op->status = pin(self, granter, op, &frame);
    if (!op->status) {
        op->status = map_pinned(self, granter, frame, op);
        if (op->status)
            unpin(granter, op->ref, op->flags);
    }
    if (op->status) {
        grant_handle_put(self, handle);
        return;
    }
    if (granter != self)
        frame_table[frame].flags |= FRAME_FOREIGN;
    *grant_mapping(self, handle) = (struct grant_mapping){
        .ref = op->ref,
        .domain = granter->id,
        .flags = (uint16_t)(op->flags & (GNTMAP_device_map | GNTMAP_host_map | GNTMAP_readonly |
                                         GNTMAP_contains_pte))};
    grant_handle_names(granter->id, 1);
    op->handle = handle;
    op->dev_bus_addr = (uint64_t)frame << PAGE_SHIFT;
}

/*
 * --- unmapping ---------------------------------------------------------------------------------
 */

/*
 * What takes the mapping's place: nothing, or the entry of another address, which is emptied. The
 * uses that it stands for move with it.
 */
static bool find_replacement(const struct domain *self, const struct grant_unmap *op,
                             bool contains_pte, const struct place *host, struct place *from)
{
    if (contains_pte || !find_place(self, op->new_addr, false, from))
        return false;
    return from->table != host->table || from->slot != host->slot;
}

/* Empties or replaces the entry, and tells what it was: its uses are still to be returned. */
static grant_status unmap_from_host(const struct domain *self, mfn frame, uint32_t flags,
                                    const struct grant_unmap *op, pte *old)
{
    pte entry_back = 0, granted = grant_pte(frame, flags);
    struct place place, from;

    if (!find_place(self, op->host_addr, flags & GNTMAP_contains_pte, &place))
        return GNTST_general_error;
    *old = read_place(&place);
    if (PTE_MFN(*old) != frame || ((*old ^ granted) & (PTE_PRESENT | PTE_RW)))
        return GNTST_general_error;
    if (op->new_addr) {
        if (!find_replacement(self, op, flags & GNTMAP_contains_pte, &place, &from))
            return GNTST_general_error;
        entry_back = read_place(&from);
        write_place(&from, 0);
    }
    write_place(&place, entry_back);
    flush_domain(self);
    return GNTST_okay;
}

static void drop_handle(struct domain *self, uint32_t handle)
{
    grant_handle_names(grant_mapping(self, handle)->domain, -1);
    grant_handle_put(self, handle);
}

grant_status grant_unmap(struct domain *self, const struct grant_unmap *op)
{
    struct grant_mapping *mapping = grant_mapping(self, op->handle);
    uint16_t flags = mapping ? mapping->flags : 0, done = 0;
    const struct domain *granter;
    pte old = 0;
    mfn frame;

    if (!flags)
        return GNTST_bad_handle;
    granter = domains[mapping->domain];
    if (!granter) { /* it has gone, and its table with it */
        drop_handle(self, op->handle);
        return GNTST_bad_handle;
    }
    frame = grant_active(granter, mapping->ref)->frame;
    if (op->device_addr && (flags & GNTMAP_device_map)) {
        if (op->device_addr != (uint64_t)frame << PAGE_SHIFT)
            return GNTST_bad_dev_addr;
        done |= GNTMAP_device_map;
    }
    if (op->host_addr && (flags & GNTMAP_host_map)) {
        grant_status result = unmap_from_host(self, frame, flags, op, &old);

        if (result)
            return result;
        done |= GNTMAP_host_map;
    }
    unpin(granter, mapping->ref, done | (flags & GNTMAP_readonly));
    mapping->flags &= ~done;
    if (!(mapping->flags & (GNTMAP_device_map | GNTMAP_host_map)))
        drop_handle(self, op->handle);
    /* Last: with the last count of its last frame a dying granter's table goes. */
    if (done & GNTMAP_device_map)
        unmap_for_device(frame, flags);
    l1_entry_put(old);
    return GNTST_okay;
}

bool grants_release(struct domain *domain)
{
    uint32_t handles = domain->grants ? domain->grants->handles : 0;
    uint32_t end = MIN(handles, domain->ending.handle + HANDLES_A_PIECE);

    while (domain->ending.handle < end) {
        uint32_t handle = domain->ending.handle++;
        struct grant_mapping mapping = *grant_mapping(domain, handle);
        const struct domain *granter;
        mfn frame;

        if (!(mapping.flags & (GNTMAP_device_map | GNTMAP_host_map)))
            continue;
        granter = domains[mapping.domain];
        drop_handle(domain, handle);
        if (!granter)
            continue;
        frame = grant_active(granter, mapping.ref)->frame;
        unpin(granter, mapping.ref, mapping.flags);
        if (mapping.flags & GNTMAP_device_map)
            unmap_for_device(frame, mapping.flags);
    }
    return end == handles;
}
