/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant_ops.c - the grant table hypercall (the tables: mm/grant.c)
 *
 * Most operations take a list, each element with a status of its own; one that fails does not stop
 * the others. The hypercall's own result tells only of arguments that cannot be read or written.
 *
 * Source: xen/grant_table.h.
 */
#include "hv/include/errors.h"
#include "hv/include/grant.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/arch/uaccess.h"

#define COMMAND_MASK    0xfffu /* above it is a continuation's affair */
#define ENTRIES_A_PIECE 2048
#define CACHE_OPS       (GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL)

/* --- operations on the table ------------------------------------------------------------------ */

/* The domain whose table is meant, if the caller may look at it. */
static grant_status table_owner(const struct domain *self, domid_t id, struct domain **owner)
{
    *owner = domain_by_id(self, id);
    if (!*owner)
        return GNTST_bad_domain;
    return *owner == self || self->privileged ? GNTST_okay : GNTST_permission_denied;
}

static bool list_in_reach(const void *list, uint64_t count, uint32_t bytes)
{
    uint64_t end = (uintptr_t)list + count * bytes;

    return end <= HV_VIRT_START;
}

static grant_status list_frames(const struct domain *domain, const struct gnttab_setup_table *op)
{
    for (uint32_t i = 0; i < op->nr_frames; i++) {
        xen_pfn_t number = heap_mfn(domain->grants->shared[i]);

        if (copy_to_guest(op->frame_list.p + i, &number, sizeof(number)))
            return GNTST_bad_virt_addr;
    }
    return GNTST_okay;
}

static status setup_table(const struct domain *self, void *guest, unsigned long count)
{
    struct gnttab_setup_table op;
    struct domain *domain;

    if (count > 1)
        return -EINVAL;
    if (count == 0)
        return 0;
    if (copy_from_guest(&op, guest, sizeof(op)) ||
        !list_in_reach(op.frame_list.p, op.nr_frames, sizeof(xen_pfn_t)))
        return -EFAULT;
    lock(&mm_lock);
    op.status = table_owner(self, op.dom, &domain);
    if (!op.status && (domain->state == DOMAIN_DYING || grant_table_grow(domain, op.nr_frames)))
        op.status = GNTST_general_error;
    if (!op.status)
        op.status = list_frames(domain, &op);
    unlock(&mm_lock);
    return copy_to_guest(guest, &op, sizeof(op)) ? -EFAULT : 0;
}

static status query_size(const struct domain *self, void *guest, unsigned long count)
{
    struct gnttab_query_size op;
    struct domain *domain;

    if (count != 1)
        return -EINVAL;
    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    lock(&mm_lock);
    op.status = table_owner(self, op.dom, &domain);
    if (!op.status) {
        op.nr_frames = grant_frames(domain);
        op.max_nr_frames = domain->max_grant_frames;
    }
    unlock(&mm_lock);
    return copy_to_guest(guest, &op, sizeof(op)) ? -EFAULT : 0;
}

/* Tables are of version 1, and stay so: the answer of a hypervisor that was told so at boot. */
static status set_version(void *guest)
{
    struct gnttab_set_version op;
    status result;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (op.version == 2)
        result = not_implemented();
    else
        result = op.version == 1 ? 0 : -EINVAL;
    op.version = 1;
    return copy_to_guest(guest, &op, sizeof(op)) ? -EFAULT : result;
}

static status get_version(const struct domain *self, void *guest)
{
    struct gnttab_get_version op;
    struct domain *domain;
    grant_status denied;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    denied = table_owner(self, op.dom, &domain);
    if (denied)
        return denied == GNTST_bad_domain ? -ESRCH : -EPERM;
    op.version = 1;
    return copy_to_guest(guest, &op, sizeof(op)) ? -EFAULT : 0;
}

/* Version 1 has no status frames: a request for none succeeds. */
static status get_status_frames(const struct domain *self, void *guest, unsigned long count)
{
    struct gnttab_get_status_frames op;
    struct domain *domain;

    if (count > 1)
        return -EINVAL;
    if (count == 0)
        return 0;
    if (copy_from_guest(&op, guest, sizeof(op)) ||
        !list_in_reach(op.frame_list.p, op.nr_frames, sizeof(uint64_t)))
        return -EFAULT;
    op.status = table_owner(self, op.dom, &domain);
    if (!op.status && op.nr_frames > 0)
        op.status = GNTST_general_error;
    return copy_to_guest(guest, &op, sizeof(op)) ? -EFAULT : 0;
}

/* --- operations on lists ---------------------------------------------------------------------- */

union element {
    struct gnttab_map_grant_ref map;
    struct gnttab_unmap_grant_ref unmap;
    struct gnttab_unmap_and_replace replace;
    struct gnttab_transfer transfer;
    struct gnttab_copy copy;
    struct gnttab_swap_grant_ref swap;
    struct gnttab_cache_flush flush;
};

static status one_map(struct domain *self, union element *op)
{
    grant_map(self, &op->map);
    return 0;
}

static status one_unmap(struct domain *self, union element *op)
{
    op->unmap.status =
        grant_unmap(self, &(struct grant_unmap){.host_addr = op->unmap.host_addr,
                                                .device_addr = op->unmap.dev_bus_addr,
                                                .handle = op->unmap.handle});
    return 0;
}

static status one_replace(struct domain *self, union element *op)
{
    op->replace.status = grant_unmap(self, &(struct grant_unmap){.host_addr = op->replace.host_addr,
                                                                 .new_addr = op->replace.new_addr,
                                                                 .handle = op->replace.handle});
    return 0;
}

static status one_transfer(struct domain *self, union element *op)
{
    op->transfer.status = grant_transfer(self, &op->transfer);
    return 0;
}

static status one_copy(struct domain *self, union element *op)
{
    op->copy.status = grant_copy(self, &op->copy);
    return 0;
}

static status one_swap(struct domain *self, union element *op)
{
    op->swap.status = grant_swap(self, op->swap.ref_a, op->swap.ref_b);
    return 0;
}

/*
 * Whether a domain has a grant of another's frame mapped: looks through what that one grants. AGAIN
 * after a piece of it; the next call for the same frame goes on there.
 */
static status has_mapped(struct domain *self, mfn number, const struct domain *granter,
                         bool *mapped)
{
    grant_ref_t ref = self->search.frame == number ? self->search.ref : 0;
    grant_ref_t end = grant_entries(granter), stop = MIN(end, ref + ENTRIES_A_PIECE);

    for (; ref < stop; ref++) {
        const struct active_grant *active = grant_active(granter, ref);

        if (active && active->frame == number && active->domain == self->id && grant_pinned(active))
            break;
    }
    self->search.frame = ref == stop && stop < end ? number : 0;
    self->search.ref = ref;
    *mapped = ref < stop;
    return self->search.frame ? AGAIN : 0;
}

static status one_flush(struct domain *self, union element *op)
{
    const struct gnttab_cache_flush *f = &op->flush;
    const struct frame *frame = frame_of((mfn)(f->a.dev_bus_addr >> PAGE_SHIFT));
    bool mapped = false;

    if (f->offset >= PAGE_SIZE || f->length > PAGE_SIZE || f->offset + f->length > PAGE_SIZE ||
        (f->op & ~CACHE_OPS))
        return -EINVAL;
    if (f->length == 0 || f->op == 0)
        return 0;
    if (f->a.dev_bus_addr >> 44 || !frame)
        return -EINVAL;
    if (frame->count == 0 || frame->owner >= MAX_DOMAINS)
        return -EPERM;
    if (frame->owner != self->id) {
        if (domains[frame->owner] && has_mapped(self, (mfn)(f->a.dev_bus_addr >> PAGE_SHIFT),
                                                domains[frame->owner], &mapped) == AGAIN)
            return AGAIN;
        if (!mapped)
            return -EINVAL;
    }
    /* To throw lines away unwritten would give their old contents back. */
    if (f->op == GNTTAB_CACHE_INVAL)
        return -EOPNOTSUPP;
    __asm__ volatile("wbinvd" : : : "memory");
    return 0;
}

static const struct list_op {
    status (*one)(struct domain *self, union element *op);
    uint8_t bytes;
    bool whole; /* the list must lie below the hypervisor as a whole before anything is done */
} list_ops[] = {
    [GNTTABOP_map_grant_ref] = {one_map, sizeof(struct gnttab_map_grant_ref), false},
    [GNTTABOP_unmap_grant_ref] = {one_unmap, sizeof(struct gnttab_unmap_grant_ref), false},
    [GNTTABOP_unmap_and_replace] = {one_replace, sizeof(struct gnttab_unmap_and_replace), false},
    [GNTTABOP_transfer] = {one_transfer, sizeof(struct gnttab_transfer), true},
    [GNTTABOP_copy] = {one_copy, sizeof(struct gnttab_copy), true},
    [GNTTABOP_swap_grant_ref] = {one_swap, sizeof(struct gnttab_swap_grant_ref), false},
    [GNTTABOP_cache_flush] = {one_flush, sizeof(struct gnttab_cache_flush), false},
};

static long do_list(struct domain *self, const struct list_op *list, const unsigned long *args)
{
    unsigned long count = args[2];
    char *guest = (char *)args[1];
    bool look = false;

    if (list->whole && !list_in_reach(guest, count, list->bytes))
        return -EFAULT;
    for (unsigned long i = 0; i < count;) {
        union element op;
        long result;

        if (look && hypercall_should_yield()) {
            unsigned long rest[3] = {args[0], (unsigned long)guest, count - i};

            return hypercall_continue(rest, 3);
        }
        if (copy_from_guest(&op, guest, list->bytes))
            return -EFAULT;
        lock(&mm_lock);
        result = list->one(self, &op);
        unlock(&mm_lock);
        look = true;
        if (result == AGAIN)
            continue;
        if (result)
            return result;
        if (copy_to_guest(guest, &op, list->bytes))
            return -EFAULT;
        i++;
        guest += list->bytes;
    }
    return 0;
}

long do_grant_table_op(const unsigned long *args)
{
    struct domain *self = current_domain();
    unsigned long command = args[0];
    void *guest = (void *)args[1];

    if ((long)args[2] < 0 || (command & ~(unsigned long)COMMAND_MASK))
        return -EINVAL;
    if (!operation_begin(__HYPERVISOR_grant_table_op, command))
        return not_implemented();
    switch (command) {
    case GNTTABOP_setup_table:
        return setup_table(self, guest, args[2]);
    case GNTTABOP_query_size:
        return query_size(self, guest, args[2]);
    case GNTTABOP_set_version:
        return set_version(guest);
    case GNTTABOP_get_version:
        return get_version(self, guest);
    case GNTTABOP_get_status_frames:
        return get_status_frames(self, guest, args[2]);
    default:
        if (command < ARRAY_SIZE(list_ops) && list_ops[command].one)
            return do_list(self, &list_ops[command], args);
        return not_implemented();
    }
}
