/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op.c - how much memory a domain has
 *
 * Source: xen/memory.h.
 */
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/uaccess.h"

#define MAX_EXTENT_ORDER 10
#define OP_MASK          63ul /* the operation; above it, extents done before a continuation */
#define START_SHIFT      6
#define M2P_EXTENT       (2 * MB)

typedef struct xen_memory_reservation reservation;

static long one_extent_in(struct domain *domain, const reservation *r, xen_pfn_t *extent,
                          bool physmap)
{
    xen_pfn_t guest_frame = 0, first;

    if (physmap && copy_from_guest(&guest_frame, extent, sizeof(guest_frame)))
        return -EFAULT;
    first = frames_alloc(domain, r->extent_order);
    if (!first)
        return -ENOMEM;
    if (physmap) {
        for (unsigned i = 0; i < 1u << r->extent_order; i++)
            m2p[first + i] = guest_frame + i;
    }
    /* Only populating must say where; increase may leave the list out. */
    if ((physmap || extent) && copy_to_guest(extent, &first, sizeof(first)))
        return -EFAULT;
    return 0;
}

static long one_extent_out(struct domain *domain, const reservation *r, const xen_pfn_t *extent)
{
    xen_pfn_t first;
    long result = 0;

    if (copy_from_guest(&first, extent, sizeof(first)))
        return -EFAULT;
    lock(&mm_lock);
    for (xen_pfn_t n = first; n < first + (1ul << r->extent_order) && !result; n++) {
        struct frame *frame = frame_of((mfn)n);

        if (!frame || frame->owner != domain->id || !(frame->flags & FRAME_ALLOCATED)) {
            result = -EINVAL;
            break;
        }
        if (frame->flags & FRAME_PINNED)
            frame_unpin((mfn)n, domain->id);
        frame->flags &= ~FRAME_ALLOCATED;
        m2p[n] = M2P_INVALID;
        frame_put((mfn)n);
    }
    unlock(&mm_lock);
    return result;
}

/* Works through a list of extents. Returns how many were done, as the interface wants it. */
static long change_reservation(unsigned long op, unsigned long start, const unsigned long *args)
{
    struct domain *self = current_domain(), *domain;
    reservation r;
    unsigned long i;

    if (copy_from_guest(&r, (void *)args[1], sizeof(r)))
        return (long)start;
    domain = domain_by_id(self, r.domid);
    if (!domain || (domain != self && !self->privileged) || r.extent_order > MAX_EXTENT_ORDER ||
        r.nr_extents > HV_VIRT_START / sizeof(xen_pfn_t) || start > r.nr_extents)
        return (long)start;
    for (i = start; i < r.nr_extents; i++) {
        xen_pfn_t *extent = r.extent_start.p ? r.extent_start.p + i : NULL;
        long result;

        if (i > start && hypercall_should_yield()) {
            unsigned long rest[2] = {op | i << START_SHIFT, args[1]};

            return hypercall_continue(rest, 2);
        }
        if (op == XENMEM_decrease_reservation)
            result = one_extent_out(domain, &r, extent);
        else
            result = one_extent_in(domain, &r, extent, op == XENMEM_populate_physmap);
        if (result)
            break;
    }
    return (long)i;
}

static long reservation_of(unsigned long op, void *guest)
{
    const struct domain *self = current_domain(), *domain;
    domid_t id;

    if (copy_from_guest(&id, guest, sizeof(id)))
        return -EFAULT;
    domain = domain_by_id(self, id);
    if (!domain)
        return -ESRCH;
    if (domain != self && !self->privileged)
        return -EPERM;
    return (long)(op == XENMEM_current_reservation ? domain->pages : domain->max_pages);
}

static long machphys_mapping(void *guest)
{
    struct xen_machphys_mapping mapping = {
        .v_start = M2P_VIRT_START, .v_end = M2P_VIRT_END, .max_mfn = max_frame() - 1};

    return copy_to_guest(guest, &mapping, sizeof(mapping)) ? -EFAULT : 0;
}

/* The frames that hold the table, for whoever wants to map it by DOMID_XEN. */
static long machphys_list(void *guest)
{
    struct xen_machphys_mfn_list list;
    unsigned extents = (max_frame() * 4 + M2P_EXTENT - 1) / M2P_EXTENT;

    if (copy_from_guest(&list, guest, sizeof(list)))
        return -EFAULT;
    for (list.nr_extents = 0; list.nr_extents < MIN(extents, list.max_extents); list.nr_extents++) {
        xen_pfn_t first = heap_first_frame + list.nr_extents * (M2P_EXTENT / PAGE_SIZE);

        if (copy_to_guest(list.extent_start.p + list.nr_extents, &first, sizeof(first)))
            return -EFAULT;
    }
    return copy_to_guest(guest, &list, sizeof(list)) ? -EFAULT : 0;
}

/* An E820 map as a domain sees it: one piece of RAM, from 0. */
static long memory_map(void *guest)
{
    struct xen_memory_map map;
    struct PACKED {
        uint64_t start, size;
        uint32_t type;
    } entry = {.size = (uint64_t)current_domain()->max_pages << PAGE_SHIFT, .type = 1};

    if (copy_from_guest(&map, guest, sizeof(map)))
        return -EFAULT;
    if (map.nr_entries < 1)
        return -EINVAL;
    map.nr_entries = 1;
    if (copy_to_guest(map.buffer.p, &entry, sizeof(entry)) ||
        copy_to_guest(guest, &map, sizeof(map)))
        return -EFAULT;
    return 0;
}

long do_memory_op(const unsigned long *args)
{
    unsigned long op = args[0] & OP_MASK, start = args[0] >> START_SHIFT;
    void *guest = (void *)args[1];

    switch (op) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return change_reservation(op, start, args);
    case XENMEM_maximum_ram_page:
        return (long)max_frame() - 1;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
        return reservation_of(op, guest);
    case XENMEM_machphys_mfn_list:
        return machphys_list(guest);
    case XENMEM_machphys_mapping:
        return machphys_mapping(guest);
    case XENMEM_memory_map:
        return memory_map(guest);
    default:
        return not_implemented();
    }
}
