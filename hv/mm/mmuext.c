/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmuext.c - whole tables: pinning, the base pointer (both: large_trees.c), the LDT, flushes, pages
 *
 * Source: xen/xen.h, "MMU EXTENDED OPERATIONS".
 */
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"

#define LDT_MAX_ENTRIES 8192
#define TREE_GET        0xff /* beside the numbers of MMUEXT_*, plus 1 */

static status run_pin(struct domain *self, const struct tree_operation *op)
{
    (void)self;
    return frame_pin(op->top, op->owner, op->pin_as);
}

static status run_unpin(struct domain *self, const struct tree_operation *op)
{
    (void)self;
    return frame_unpin(op->top, op->owner);
}

static status run_get(struct domain *self, const struct tree_operation *op)
{
    (void)self;
    return frame_get_with_type(op->top, op->owner, FRAME_L3);
}

status tree_get(struct domain *domain, mfn root)
{
    const struct tree_operation get = {.command = TREE_GET,
                                       .top = root,
                                       .owner = domain->id,
                                       .root = true,
                                       .takes = true,
                                       .run = run_get};

    return tree_operation(domain, &get);
}

static status load(struct domain *self, mfn root)
{
    status result = frame_get_with_type(root, self->id, FRAME_L3);

    if (!result)
        commit_root(&self->vcpu[0], root);
    return result;
}

static status run_load(struct domain *self, const struct tree_operation *op)
{
    return load(self, op->top); /* its owner is `self` */
}

status tree_load(struct vcpu *vcpu, mfn root)
{
    struct domain *self = vcpu->domain;
    const struct tree_operation load = {.command = MMUEXT_NEW_BASEPTR + 1,
                                        .top = root,
                                        .owner = self->id,
                                        .root = true,
                                        .takes = true,
                                        .run = run_load};
    status result;

    if (!tables_release(self))
        return AGAIN;
    result = tree_operation(self, &load);
    if (!result && (tree_pending(self) || tables_pending(self)))
        return AGAIN;
    return result;
}

/*
 * Whether loading this root validates nothing, and so needs no pieces: it is one already, and no
 * large tree is on its way.
 */
static bool ready_root(const struct domain *self, mfn root)
{
    const struct frame *frame = frame_of(root);

    return !self->large_tree && frame && frame_is_valid(frame, FRAME_L3);
}

/* What takes and returns whole trees of tables. */
static status on_tree(struct domain *self, const struct mmuext_op *op, uint16_t owner)
{
    static const enum frame_type types[] = {
        [MMUEXT_PIN_L1_TABLE] = FRAME_L1,
        [MMUEXT_PIN_L2_TABLE] = FRAME_L2,
        [MMUEXT_PIN_L3_TABLE] = FRAME_L3,
    };
    struct tree_operation tree = {
        .command = op->cmd + 1, .top = op->arg1.mfn, .owner = owner, .root = true, .takes = true};

    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE: /* no tree */
        return frame_pin(op->arg1.mfn, owner, FRAME_L1);
    case MMUEXT_UNPIN_TABLE:
        tree.takes = false;
        tree.run = run_unpin;
        break;
    case MMUEXT_NEW_BASEPTR:
        tree.run = run_load;
        break;
    default:
        tree.root = op->cmd == MMUEXT_PIN_L3_TABLE;
        tree.pin_as = types[op->cmd];
        tree.run = run_pin;
        break;
    }
    return tree_operation(self, &tree);
}

/* The processors in a guest's mask: whether its only one is among them. -EINVAL: unreadable. */
static status mask_names_us(const struct mmuext_op *op, bool *named)
{
    unsigned long mask;

    if (copy_from_guest(&mask, op->arg2.vcpumask.p, sizeof(mask)))
        return -EINVAL;
    *named = mask & 1;
    return 0;
}

static status flush(const struct mmuext_op *op)
{
    bool named = true;
    status result = 0;

    if (op->cmd == MMUEXT_TLB_FLUSH_MULTI || op->cmd == MMUEXT_INVLPG_MULTI)
        result = mask_names_us(op, &named);
    if (result || !named)
        return result;
    if (op->cmd == MMUEXT_INVLPG_LOCAL || op->cmd == MMUEXT_INVLPG_MULTI ||
        op->cmd == MMUEXT_INVLPG_ALL) {
        if (op->arg1.linear_addr < HV_VIRT_START)
            invlpg(op->arg1.linear_addr);
    } else {
        this_cpu()->flush_deferred = true;
    }
    return 0;
}

static status set_ldt(struct domain *self, const struct mmuext_op *op)
{
    uint32_t base = op->arg1.linear_addr, entries = op->arg2.nr_ents;

    if ((base & (PAGE_SIZE - 1)) || entries > LDT_MAX_ENTRIES ||
        (entries && !guest_range(base, entries * 8)))
        return -EINVAL;
    commit_ldt(&self->vcpu[0], base, entries);
    return 0;
}

/* Clears a page, or copies one over it, if it could be mapped writable. */
static status write_page(const struct mmuext_op *op, uint16_t owner)
{
    bool copy = op->cmd == MMUEXT_COPY_PAGE;
    status result = frame_get_with_type(op->arg1.mfn, owner, FRAME_WRITABLE);
    void *to;

    if (result)
        return result;
    if (copy) {
        result = frame_get(op->arg2.src_mfn, owner);
        if (result) {
            frame_put_with_type(op->arg1.mfn);
            return result;
        }
    }
    to = map_frame(op->arg1.mfn);
    if (copy) {
        const void *from = map_frame(op->arg2.src_mfn);

        memcpy(to, from, PAGE_SIZE);
        unmap_frame(from);
        frame_put(op->arg2.src_mfn);
    } else {
        memset(to, 0, PAGE_SIZE);
    }
    unmap_frame(to);
    frame_put_with_type(op->arg1.mfn);
    return 0;
}

static status one_op(struct domain *self, const struct mmuext_op *op, uint16_t owner)
{
    if (!operation_begin(__HYPERVISOR_mmuext_op, op->cmd))
        return not_implemented();
    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_UNPIN_TABLE:
        return on_tree(self, op, owner);
    case MMUEXT_NEW_BASEPTR:
        if (owner != self->id)
            return -EPERM;
        return ready_root(self, op->arg1.mfn) ? load(self, op->arg1.mfn) : on_tree(self, op, owner);
    case MMUEXT_TLB_FLUSH_LOCAL:
    case MMUEXT_TLB_FLUSH_MULTI:
    case MMUEXT_TLB_FLUSH_ALL:
    case MMUEXT_INVLPG_LOCAL:
    case MMUEXT_INVLPG_MULTI:
    case MMUEXT_INVLPG_ALL:
        return flush(op);
    case MMUEXT_FLUSH_CACHE:
    case MMUEXT_FLUSH_CACHE_GLOBAL:
        /* Only a domain that drives devices has a reason. */
        if (!self->privileged)
            return -EACCES;
        __asm__ volatile("wbinvd" : : : "memory");
        return 0;
    case MMUEXT_SET_LDT:
        return owner == self->id ? set_ldt(self, op) : -EPERM;
    case MMUEXT_CLEAR_PAGE:
    case MMUEXT_COPY_PAGE:
        return write_page(op, owner);
    case MMUEXT_MARK_SUPER:
    case MMUEXT_UNMARK_SUPER:
        return -EOPNOTSUPP;   /* there are no superpages to mark */
    case MMUEXT_PIN_L4_TABLE: /* four levels and a user's base pointer are 64-bit guests' */
    case MMUEXT_NEW_USER_BASEPTR:
        return -EINVAL;
    default:
        return not_implemented();
    }
}

/* Whether operations that have been done have left something to do. */
static bool pending(const struct domain *self, uint16_t owner)
{
    return tree_pending(self) || tables_pending(domains[owner]);
}

/* The list, after its first `i` have been done; `again`: with what AGAIN was said of. */
static long all_ops(const unsigned long *args, unsigned long i, bool again)
{
    const struct mmuext_op *list = (const void *)args[0];
    struct domain *self = current_domain();
    const struct domain *owner = domain_by_id(self, (uint32_t)args[3]);
    /* Its number, as it may go at any moment. */
    uint16_t owner_id = args[3] == DOMID_SELF ? self->id : (uint16_t)args[3];
    struct mmu_batch batch;
    long result = mmu_batch_begin(&batch, args, sizeof(*list));

    if (result == -EFAULT)
        return result;
    if (!owner)
        return -ESRCH;
    if (owner != self && !self->privileged)
        return -EPERM;
    if (result)
        return result;
    while (i < batch.count || pending(self, owner_id)) {
        struct mmuext_op op;

        if ((i > 0 || again) && hypercall_should_yield())
            break;
        again = pending(self, owner_id);
        if (!again && copy_from_guest(&op, &list[i], sizeof(op))) {
            result = -EFAULT;
            break;
        }
        lock(&mm_lock);
        if (again) {
            if (tables_release(domains[owner_id]) && tree_pending(self))
                tree_finish(self);
        } else {
            result = one_op(self, &op, owner_id);
            again = result == AGAIN;
            if (again)
                result = 0;
            else
                i += !result;
        }
        unlock(&mm_lock);
        if (result)
            break;
    }
    return mmu_batch_end(&batch, i, result, pending(self, owner_id));
}

/* A list of one, of the domain's own, when nothing else is to be done. AGAIN: there is more. */
static long only_op(struct domain *self, const struct mmuext_op *list)
{
    struct mmuext_op op;
    long result;

    if (copy_from_guest(&op, list, sizeof(op)))
        return -EFAULT;
    lock(&mm_lock);
    result = one_op(self, &op, self->id);
    unlock(&mm_lock);
    return result;
}

long do_mmuext_op(const unsigned long *args)
{
    struct domain *self = current_domain();
    long result;

    if (args[1] != 1 || args[2] || args[3] != DOMID_SELF || tree_pending(self) ||
        tables_pending(self))
        return all_ops(args, 0, false);
    result = only_op(self, (const void *)args[0]);
    if (result == AGAIN)
        return all_ops(args, 0, true);
    return !result && (tree_pending(self) || tables_pending(self)) ? all_ops(args, 1, false)
                                                                   : result;
}
