/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * audit.c - are the counts what the page tables say?
 *
 * Takes away from every frame's two counts each use that can be found: entries of validated tables,
 * base pointers, pins, places in a GDT or LDT, being allocated or lent, granted to a device. What
 * is left over must be nothing. Then the uses are given back. The frame table itself serves as the
 * scratch memory. The pins of grant tables are recounted in the same way from the mappings that
 * domains hold and from what virtual disks use; mappings in page tables are entries like any.
 *
 * Runs when the machine ends, if the hypervisor was started with `audit`.
 */
#include "hv/include/audit.h"
#include "hv/include/grant.h"
#include "hv/include/event_fifo.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/io/vbd.h"
#include "hv/io/vif.h"
#include "hv/include/arch/percpu.h"

#define REPORTED 8

/* One use more or less (sign) of a frame, and of its type. */
static void use(mfn number, int sign, bool typed)
{
    struct frame *frame = frame_of(number);

    if (!frame)
        return;
    frame->count += (uint32_t)sign;
    if (typed)
        frame->type_count += (uint32_t)sign;
}

static void table_uses(mfn number, enum frame_type type, int sign)
{
    unsigned slots = guest_slots(type);
    const pte *table = map_frame(number);

    for (unsigned i = 0; i < slots; i++) {
        pte entry = table[i];

        if (entry & PTE_PRESENT)
            use(PTE_MFN(entry), sign,
                type == FRAME_L1 ? (entry & PTE_RW) != 0 : PTE_MFN(entry) != number);
    }
    unmap_frame(table);
}

static void vcpu_uses(const struct vcpu *vcpu, int sign)
{
    if (vcpu->vcpu_info_frame)
        use(vcpu->vcpu_info_frame, sign, true);
    if (vcpu->root)
        use(vcpu->root, sign, true);
    for (unsigned i = 0; i < GUEST_GDT_PAGES; i++) {
        if (vcpu->gdt_frame[i])
            use(vcpu->gdt_frame[i], sign, true);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(vcpu->ldt_frame); i++) {
        if (vcpu->ldt_frame[i])
            use(vcpu->ldt_frame[i], sign, true);
    }
}

static void domain_uses(const struct domain *domain, int sign)
{
    mfn events[2], table;

    event_fifo_frames(domain, events);
    for (unsigned i = 0; i < ARRAY_SIZE(events); i++) {
        if (events[i])
            use(events[i], sign, true);
    }
    for (unsigned i = 0; large_tree_use(domain, i, &table); i++)
        use(table, sign, true);
    vcpu_uses(&domain->vcpu[0], sign);
}

/* The frames that are granted to devices, and the pins of every mapping. */
static void grant_uses(const struct domain *domain, int sign)
{
    for (uint32_t handle = 0; domain->grants && handle < domain->grants->handles; handle++) {
        const struct grant_mapping *mapping = grant_mapping(domain, handle);
        struct active_grant *active;

        if (!mapping->flags || !domains[mapping->domain])
            continue;
        active = grant_active(domains[mapping->domain], mapping->ref);
        if (mapping->flags & GNTMAP_device_map) {
            active->pins[GRANT_DEVICE(mapping->flags)] += (uint8_t)sign;
            use(active->frame, sign, !(mapping->flags & GNTMAP_readonly));
        }
        if (mapping->flags & GNTMAP_host_map)
            active->pins[GRANT_HOST(mapping->flags)] += (uint8_t)sign;
    }
}

/* A pin that a virtual disk or interface has, and the use of its frame. */
static void device_use(const struct domain *domain, grant_ref_t ref, enum grant_use pin, mfn frame,
                       int sign)
{
    grant_active(domain, ref)->pins[pin] += (uint8_t)sign;
    use(frame, sign, GRANT_WRITES(pin));
}

/* Entries with pins that no mapping accounts for. */
static unsigned wrong_grants(const struct domain *domain)
{
    unsigned wrong = 0;

    for (grant_ref_t ref = 0; domain->grants && ref < grant_entries(domain); ref++) {
        const struct active_grant *active = grant_active(domain, ref);

        if (active && grant_pinned(active) && wrong++ < REPORTED)
            print("audit: grant %u of d%u to d%u has pins without mappings\n", ref, domain->id,
                  active->domain);
    }
    return wrong;
}

/* The flag says that this frame is a validated table; counts move while we look. */
static void all_uses(int sign)
{
    for (mfn n = 0; n < frame_table_size; n++) {
        const struct frame *frame = &frame_table[n];

        if (!(frame->flags & FRAME_RAM))
            continue;
        if ((frame->flags & (FRAME_VALIDATED | FRAME_QUEUED)) && frame->type != FRAME_SEGDESC)
            table_uses(n, frame->type, sign);
        if (frame->flags & FRAME_QUEUED)
            use(n, sign, false);
        if (frame->flags & (FRAME_ALLOCATED | FRAME_HV))
            use(n, sign, frame->flags & FRAME_HV);
        if (frame->flags & FRAME_PINNED)
            use(n, sign, true);
    }
    for (unsigned id = 0; id < MAX_DOMAINS; id++) {
        if (!domains[id])
            continue;
        domain_uses(domains[id], sign);
        grant_uses(domains[id], sign);
    }
    vbds_pins(device_use, sign);
    vifs_pins(device_use, sign);
}

/* The type count of a table that waits for its release is a link. */
static bool untyped(const struct frame *frame)
{
    return frame->type_count == 0 || (frame->flags & FRAME_QUEUED);
}

unsigned audit_frames(void)
{
    unsigned wrong = 0;

    lock(&io_lock);
    lock(&net_lock);
    lock(&mm_lock);
    all_uses(-1);
    for (mfn n = 0; n < frame_table_size; n++) {
        const struct frame *frame = &frame_table[n];

        if (!(frame->flags & FRAME_RAM) || (frame->count == 0 && untyped(frame)))
            continue;
        if (wrong++ < REPORTED)
            print("audit: frame %x of d%u, type %u: %d uses and %d typed uses not found\n", n,
                  frame->owner, frame->type, (int)frame->count, (int)frame->type_count);
    }
    for (unsigned id = 0; id < MAX_DOMAINS; id++) {
        if (domains[id])
            wrong += wrong_grants(domains[id]);
    }
    all_uses(+1);
    unlock(&mm_lock);
    unlock(&net_lock);
    unlock(&io_lock);
    print("audit: %u frames or grants wrong\n", wrong);
    return wrong;
}
