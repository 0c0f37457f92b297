/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op.c - how much memory a domain has
 *
 * Source: xen/memory.h.
 */
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/memory_map.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/uaccess.h"

#define MAX_EXTENT_ORDER 10
#define OP_MASK          63ul /* the operation; above it, extents done before a continuation */
#define START_SHIFT      6
#define M2P_EXTENT       (2 * MB)

typedef struct xen_memory_reservation reservation;

/*
 * An extent for a domain. AGAIN: it is not cleared yet. What is cleared in one go does not disturb
 * what the caller is having cleared: its interrupts' handlers may ask for that at any rate.
 */
static status extent_alloc(struct domain *domain, unsigned order, uint32_t pfn, mfn *first)
{
    struct domain *self = current_domain();
    status result;

    if (order <= FRESH_ORDER)
        return frames_alloc(domain, order, pfn, first);
    result = fresh_prepare(self, domain, order, 1, 0);
    if (!result)
        *first = fresh_give_out(self, pfn);
    return result;
}

static status one_extent_in(struct domain *domain, const reservation *r, xen_pfn_t *extent,
                            bool physmap)
{
    xen_pfn_t guest_frame = M2P_INVALID, first;
    status result;
    mfn frame;

    if (physmap && copy_from_guest(&guest_frame, extent, sizeof(guest_frame)))
        return -EFAULT;
    result = extent_alloc(domain, r->extent_order, (uint32_t)guest_frame, &frame);
    if (result)
        return result;
    first = frame;
    /* Only populating must say where; increase may leave the list out. */
    if ((physmap || extent) && copy_to_guest(extent, &first, sizeof(first)))
        return -EFAULT;
    return 0;
}

/* Whether a domain may give up a frame. Needs mm_lock. */
static bool may_leave(const struct domain *domain, xen_pfn_t number)
{
    const struct frame *frame = frame_of((mfn)number);

    return frame && frame->owner == domain->id && (frame->flags & FRAME_ALLOCATED);
}

/* Gives it up: it goes when its last use ends, and a pin is one. Needs mm_lock. */
static void leave(mfn number)
{
    frame_of(number)->flags &= ~FRAME_ALLOCATED;
    m2p[number] = M2P_INVALID;
    frame_put(number);
}

static status one_extent_out(struct domain *domain, const reservation *r, const xen_pfn_t *extent)
{
    xen_pfn_t first;
    status result = 0;

    if (copy_from_guest(&first, extent, sizeof(first)))
        return -EFAULT;
    lock(&mm_lock);
    for (unsigned i = 0; i < 1u << r->extent_order && !result; i++) {
        if (may_leave(domain, first + i))
            leave((mfn)(first + i));
        else
            result = -EINVAL;
    }
    unlock(&mm_lock);
    return result;
}

/* Releases some of the tables that frames were which the domain has given up; false: there are
 * none. */
static bool release_some(struct domain *domain)
{
    if (!tables_pending(domain))
        return false;
    lock(&mm_lock);
    tables_release(domain);
    unlock(&mm_lock);
    return true;
}

/* Works through a list of extents. Returns how many were done, as the interface wants it. */
static long change_extents(struct domain *domain, const reservation *r, unsigned long op,
                           unsigned long start, const unsigned long *args)
{
    unsigned long i = start;
    bool look = false;

    while (i < r->nr_extents || tables_pending(domain)) {
        xen_pfn_t *extent = r->extent_start.p ? r->extent_start.p + i : NULL;
        long result;

        if (look && hypercall_should_yield()) {
            unsigned long rest[2] = {op | i << START_SHIFT, args[1]};

            return hypercall_continue(rest, 2);
        }
        look = true;
        if (release_some(domain))
            continue;
        if (op == XENMEM_decrease_reservation)
            result = one_extent_out(domain, r, extent);
        else
            result = one_extent_in(domain, r, extent, op == XENMEM_populate_physmap);
        if (result == AGAIN)
            continue;
        if (result)
            break;
        i++;
    }
    return (long)i;
}

static long change_reservation(unsigned long op, unsigned long start, const unsigned long *args)
{
    struct domain *self = current_domain(), *domain;
    long result = (long)start;
    reservation r;

    if (copy_from_guest(&r, (void *)args[1], sizeof(r)))
        return result;
    domain = domain_hold(self, r.domid);
    if (domain && (domain == self || self->privileged) && r.extent_order <= MAX_EXTENT_ORDER &&
        r.nr_extents <= HV_VIRT_START / sizeof(xen_pfn_t) && start <= r.nr_extents)
        result = change_extents(domain, &r, op, start, args);
    domain_release(domain);
    return result;
}

/* The frames of one chunk of an exchange: of whole extents on both sides, 2^MAX_EXTENT_ORDER at
 * most. */
struct chunk {
    mfn frame[1 << MAX_EXTENT_ORDER];
};

_Static_assert(sizeof(struct chunk) <= PAGE_SIZE, "a chunk is kept in a page of the heap");

/*
 * Takes a chunk's old frames out of the domain: from then on nothing it does can use them, whatever
 * it writes over their list. They must have no use but being allocated. Needs mm_lock.
 */
static status chunk_take(struct domain *domain, const reservation *in, unsigned long first,
                         unsigned extents, struct chunk *old)
{
    unsigned size = 1u << in->extent_order, count = 0;
    status result = 0;

    for (unsigned i = 0; i < extents && !result; i++) {
        xen_pfn_t number;

        if (copy_from_guest(&number, in->extent_start.p + first + i, sizeof(number)))
            result = -EFAULT;
        for (unsigned n = 0; n < size && !result; n++) {
            if (frame_of((mfn)(number + n)))
                table_settle((mfn)(number + n));
            if (!may_leave(domain, number + n) || frame_of((mfn)(number + n))->count != 1) {
                result = -EINVAL;
                break;
            }
            frame_of((mfn)(number + n))->flags &= ~FRAME_ALLOCATED;
            old->frame[count++] = (mfn)(number + n);
        }
    }
    while (result && count > 0)
        frame_of(old->frame[--count])->flags |= FRAME_ALLOCATED;
    return result;
}

/* Frames of a chunk stay the domain's, or go when their last use ends. */
static void chunk_end(const struct chunk *chunk, unsigned count, bool stay)
{
    lock(&mm_lock);
    for (unsigned i = 0; i < count; i++) {
        struct frame *frame = frame_of(chunk->frame[i]);

        if (stay) {
            frame->flags |= FRAME_ALLOCATED;
            continue;
        }
        frame->flags &= ~FRAME_ALLOCATED;
        m2p[chunk->frame[i]] = M2P_INVALID;
        frame_put(chunk->frame[i]);
    }
    unlock(&mm_lock);
}

/* New extents for a chunk, which have been prepared; all of them, unless the list cannot be read
 * or written. */
static status chunk_fill(struct domain *self, const reservation *out, unsigned long first,
                         unsigned extents, struct chunk *fresh, unsigned *count)
{
    unsigned size = 1u << out->extent_order;

    for (unsigned i = 0; i < extents; i++) {
        xen_pfn_t *place = out->extent_start.p + first + i, guest_frame, number;

        if (copy_from_guest(&guest_frame, place, sizeof(guest_frame)))
            return -EFAULT;
        number = fresh_give_out(self, (uint32_t)guest_frame);
        for (unsigned n = 0; n < size; n++)
            fresh->frame[(*count)++] = (mfn)(number + n);
        if (copy_to_guest(place, &number, sizeof(number)))
            return -EFAULT;
    }
    return 0;
}

/*
 * One chunk of an exchange: as many whole extents of both sides as have the same size. It happens
 * whole or not at all: the domain never has more frames than before. AGAIN: those that come are not
 * all cleared yet, and those that go are still the domain's.
 */
static status exchange_chunk(struct domain *domain, const reservation *in, const reservation *out,
                             unsigned long at)
{
    unsigned order = MAX(in->extent_order, out->extent_order), count = 0;
    unsigned given = 1u << (order - in->extent_order), taken = 1u << (order - out->extent_order);
    struct domain *self = current_domain();
    struct chunk *old, *fresh;
    status result = fresh_prepare(self, domain, out->extent_order, taken, 1u << order);

    if (result)
        return result;
    old = heap_page();
    fresh = heap_page();
    result = old && fresh ? 0 : -ENOMEM;
    if (!result) {
        lock(&mm_lock);
        result = chunk_take(domain, in, at * given, given, old);
        unlock(&mm_lock);
        if (!result) {
            result = chunk_fill(self, out, at * taken, taken, fresh, &count);
            chunk_end(old, 1u << order, result != 0);
            if (result)
                chunk_end(fresh, count, false);
        }
    }
    heap_free(old);
    heap_free(fresh);
    lock(&mm_lock);
    fresh_drop(self, domain); /* nothing is left, unless it failed */
    unlock(&mm_lock);
    return result;
}

/* Works on the exchange until it is done, or ought to let go; counts in it what was exchanged. */
static status exchange_chunks(struct domain *domain, struct xen_memory_exchange *op)
{
    const reservation *in = &op->in, *out = &op->out;
    unsigned order, given;
    status result = 0;

    if (in->domid != out->domid || in->extent_order > MAX_EXTENT_ORDER ||
        out->extent_order > MAX_EXTENT_ORDER || in->nr_extents > max_frame() ||
        out->nr_extents > max_frame() ||
        in->nr_extents << in->extent_order != out->nr_extents << out->extent_order)
        return -EINVAL;
    order = MAX(in->extent_order, out->extent_order);
    given = 1u << (order - in->extent_order);
    if (in->nr_extents % given || op->nr_exchanged % given || op->nr_exchanged > in->nr_extents)
        return -EINVAL;
    while (op->nr_exchanged < in->nr_extents) {
        if (!release_some(domain)) { /* a frame that waits for its release has one use more */
            result = exchange_chunk(domain, in, out, op->nr_exchanged / given);
            if (result && result != AGAIN)
                return result;
            if (!result)
                op->nr_exchanged += given;
        }
        if (hypercall_should_yield())
            break;
    }
    return 0;
}

static long exchange(void *guest)
{
    struct xen_memory_exchange op;
    struct domain *domain;
    xen_ulong_t before;
    long result;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    result = domain_hold_named(op.in.domid, &domain);
    if (result)
        return result;
    before = op.nr_exchanged;
    result = exchange_chunks(domain, &op);
    domain_release(domain);
    if (op.nr_exchanged != before &&
        copy_to_guest(&((struct xen_memory_exchange *)guest)->nr_exchanged, &op.nr_exchanged,
                      sizeof(op.nr_exchanged)))
        return -EFAULT;
    if (!result && op.nr_exchanged < op.in.nr_extents) {
        unsigned long again[2] = {XENMEM_exchange, (unsigned long)guest};

        return hypercall_continue(again, 2);
    }
    return result;
}

static long reservation_of(unsigned long op, void *guest)
{
    struct domain *domain;
    domid_t id;
    long result;

    if (copy_from_guest(&id, guest, sizeof(id)))
        return -EFAULT;
    result = domain_hold_named(id, &domain);
    if (result)
        return result;
    switch (op) {
    case XENMEM_current_reservation:
        result = (long)domain->pages;
        break;
    case XENMEM_maximum_reservation:
        result = (long)domain->max_pages;
        break;
    default: /* maximum_gpfn: the domain itself says how many it has */
        result = (long)MAX(domain->shared->arch.max_pfn, 1ul) - 1;
        break;
    }
    domain_release(domain);
    return result;
}

static status machphys_mapping(void *guest)
{
    struct xen_machphys_mapping mapping = {
        .v_start = M2P_VIRT_START, .v_end = M2P_VIRT_END, .max_mfn = max_frame() - 1};

    return copy_to_guest(guest, &mapping, sizeof(mapping)) ? -EFAULT : 0;
}

/* The frames that hold the table, for domains that map it by DOMID_XEN. */
static status machphys_list(void *guest)
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

/*
 * What only guests have whose memory is translated by the hypervisor: for others each says so in
 * its own way, once it knows the domain and the caller's right to it.
 */
static status translated_only(unsigned long op, const void *guest)
{
    struct xen_add_to_physmap add;
    struct xen_remove_from_physmap removal;
    struct xen_pod_target target;
    struct xen_vnuma_topology_info topology;
    struct domain *domain;
    status answer = -EACCES, result;
    domid_t id;

    switch (op) {
    case XENMEM_add_to_physmap:
        if (copy_from_guest(&add, guest, sizeof(add)))
            return -EFAULT;
        if (add.space == XENMAPSPACE_gmfn_foreign)
            return -ENOSYS;
        id = add.domid;
        break;
    case XENMEM_remove_from_physmap:
        if (copy_from_guest(&removal, guest, sizeof(removal)))
            return -EFAULT;
        id = removal.domid;
        break;
    case XENMEM_get_vnumainfo:
        if (copy_from_guest(&topology, guest, sizeof(topology)))
            return -EFAULT;
        if (topology.pad)
            return -EINVAL;
        id = topology.domid;
        answer = -EOPNOTSUPP;
        break;
    default: /* populate on demand */
        if (copy_from_guest(&target, guest, sizeof(target)))
            return -EFAULT;
        id = target.domid;
        answer = current_domain()->privileged ? -EINVAL : -EPERM;
        break;
    }
    result = domain_hold_named(id, &domain);
    if (result)
        return result;
    domain_release(domain);
    return answer;
}

long do_memory_op(const unsigned long *args)
{
    unsigned long op = args[0] & OP_MASK, start = args[0] >> START_SHIFT;
    void *guest = (void *)args[1];

    if (!operation_begin(__HYPERVISOR_memory_op, op))
        return not_implemented();
    switch (op) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return change_reservation(op, start, args);
    case XENMEM_exchange:
        return exchange(guest);
    case XENMEM_maximum_ram_page:
        if (start)
            return -EINVAL;
        return (long)max_frame() - 1;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn:
        return start ? -EINVAL : reservation_of(op, guest);
    case XENMEM_machphys_mfn_list:
    case XENMEM_machphys_compat_mfn_list: /* the same where the hypervisor has no other table */
        return machphys_list(guest);
    case XENMEM_machphys_mapping:
        return machphys_mapping(guest);
    case XENMEM_memory_map:
        return memory_map(guest);
    case XENMEM_set_memory_map:
        return memory_map_set(guest);
    case XENMEM_machine_memory_map:
        return machine_memory_map(guest);
    case XENMEM_get_sharing_freed_pages: /* no page of a domain is another's too */
    case XENMEM_get_sharing_shared_pages:
        return 0;
    case XENMEM_add_to_physmap:
    case XENMEM_remove_from_physmap:
    case XENMEM_get_vnumainfo:
    case XENMEM_get_pod_target:
    case XENMEM_set_pod_target:
        return translated_only(op, guest);
    default:
        return not_implemented();
    }
}
