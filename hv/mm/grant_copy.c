/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant_copy.c - grants used by the hypervisor itself: bytes copied, frames given away
 *
 * A copy has two ends, each a frame of the caller's own or a grant to the caller. It pins a grant
 * for as long as it lasts; the destination also takes a use as "writable", so that no page table is
 * written. Both ends are checked before a byte moves.
 *
 * A transfer gives a frame to a domain that has said by an entry that it will accept one. The
 * frame must be used by nobody. From the moment it is taken from its owner it is gone, whatever
 * becomes of the transfer (the interface's rule): refused, it goes to the allocator.
 */
#include "hv/include/errors.h"
#include "hv/include/grant.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

#define UNSTABLE_TRIES 5

typedef uint32_t __attribute__((may_alias)) header_word;

/*
 * --- copy --------------------------------------------------------------------------------------
 */

/* One end of a copy that holds its frame. */
struct end {
    const struct domain *domain;
    grant_ref_t ref;
    mfn frame;
    bool pinned, writes;
};

static grant_status end_domain(const struct domain *self, const struct gnttab_copy_ptr *ptr,
                               bool is_ref, struct end *end)
{
    /* Frames are named by number only by their owner. */
    if (ptr->domid != DOMID_SELF && !is_ref)
        return GNTST_permission_denied;
    end->domain = domain_by_id(self, ptr->domid);
    return end->domain ? GNTST_okay : GNTST_bad_domain;
}

static void end_release(const struct end *end)
{
    if (end->pinned)
        grant_unpin(end->domain, end->ref, end->writes ? GRANT_HOST_WRITE : GRANT_HOST_READ);
    /* Last: the domain may be dying, and this the last count of its last frame. */
    if (end->writes)
        frame_put_with_type(end->frame);
    else
        frame_put(end->frame);
}

static grant_status end_claim(const struct domain *self, const struct gnttab_copy_ptr *ptr,
                              bool is_ref, bool writes, struct end *end)
{
    enum grant_use use = writes ? GRANT_HOST_WRITE : GRANT_HOST_READ;
    grant_status result = GNTST_okay;

    end->writes = writes;
    end->pinned = is_ref;
    if (is_ref) {
        end->ref = ptr->u.ref;
        result = grant_pin(end->domain, end->ref, self->id, use, false, &end->frame);
        if (result)
            return result;
    } else {
        end->frame = (mfn)ptr->u.gmfn;
    }
    if (frame_get(end->frame, end->domain->id)) {
        /* A pinned entry's frame that is not the granter's any more. */
        result = is_ref ? GNTST_bad_domain : GNTST_bad_page;
    } else if (writes && frame_get_type(end->frame, FRAME_WRITABLE)) {
        frame_put(end->frame);
        result = GNTST_general_error;
    }
    if (result && is_ref)
        grant_unpin(end->domain, end->ref, use);
    return result;
}

static void copy_bytes(const struct gnttab_copy *op, const struct end *from, const struct end *to)
{
    const char *source = map_frame(from->frame);
    char *target = map_frame(to->frame);

    memmove(target + op->dest.offset, source + op->source.offset, op->len);
    unmap_frame(target);
    unmap_frame(source);
}

grant_status grant_copy(struct domain *self, const struct gnttab_copy *op)
{
    bool from_ref = op->flags & GNTCOPY_source_gref, to_ref = op->flags & GNTCOPY_dest_gref;
    struct end from, to;
    grant_status result;

    result = end_domain(self, &op->source, from_ref, &from);
    if (!result)
        result = end_domain(self, &op->dest, to_ref, &to);
    if (!result)
        result = end_claim(self, &op->source, from_ref, false, &from);
    if (result)
        return result;
    result = end_claim(self, &op->dest, to_ref, true, &to);
    if (result) {
        end_release(&from);
        return result;
    }
    if (op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE)
        result = GNTST_bad_copy_arg;
    else
        copy_bytes(op, &from, &to);
    end_release(&from);
    end_release(&to);
    return result;
}

/*
 * --- transfer ----------------------------------------------------------------------------------
 */

/* Whether an entry accepts a frame from this domain; if so it is committed to it. */
static bool accepts(struct grant_entry_v1 *entry, uint16_t from)
{
    header_word *word = (header_word *)(void *)entry;
    uint32_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);

    for (unsigned tries = 0; tries < UNSTABLE_TRIES; tries++) {
        if ((uint16_t)seen != GTF_accept_transfer || (uint16_t)(seen >> 16) != from)
            return false;
        if (__atomic_compare_exchange_n(word, &seen, seen | GTF_transfer_committed, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return true;
    }
    return false;
}

bool grant_accepts(const struct domain *to, grant_ref_t ref, uint16_t from)
{
    struct grant_entry_v1 *entry;

    if (to->state == DOMAIN_DYING || (to->id != from && to->pages >= to->max_pages))
        return false;
    entry = grant_shared(to, ref);
    return entry && accepts(entry, from);
}

uint32_t grant_accepted_pfn(const struct domain *to, grant_ref_t ref)
{
    const struct grant_entry_v1 *entry = grant_shared(to, ref);

    ASSERT(entry);
    return __atomic_load_n(&entry->frame, __ATOMIC_SEQ_CST);
}

void grant_complete(const struct domain *to, grant_ref_t ref, mfn number)
{
    struct grant_entry_v1 *entry = grant_shared(to, ref);

    ASSERT(entry);
    __atomic_store_n(&entry->frame, number, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&entry->flags, GTF_transfer_completed, __ATOMIC_SEQ_CST);
}

grant_status grant_transfer(struct domain *self, const struct gnttab_transfer *op)
{
    struct domain *to = op->domid < MAX_DOMAINS ? domains[op->domid] : NULL;
    struct frame *frame = frame_of((mfn)op->mfn);
    mfn number = (mfn)op->mfn;

    if (frame)
        table_settle(number);
    if (!frame || frame->owner != self->id || frame->count != 1 ||
        !(frame->flags & FRAME_ALLOCATED))
        return GNTST_bad_page;
    if (!to || !grant_accepts(to, op->ref, self->id)) {
        frame->flags &= ~FRAME_ALLOCATED;
        frame_put(number);
        return to ? GNTST_general_error : GNTST_bad_domain;
    }
    frame_give(number, self, to);
    m2p[number] = grant_accepted_pfn(to, op->ref);
    grant_complete(to, op->ref, number);
    return GNTST_okay;
}

/*
 * --- swap --------------------------------------------------------------------------------------
 */

grant_status grant_swap(struct domain *self, grant_ref_t a, grant_ref_t b)
{
    struct grant_entry_v1 *first = grant_shared(self, a), *second = grant_shared(self, b), kept;

    if (a >= grant_entries(self) || b >= grant_entries(self))
        return GNTST_bad_gntref;
    if (a == b || !first)
        return GNTST_okay; /* nothing to exchange, or nothing with nothing */
    if (grant_pinned(grant_active(self, a)) || grant_pinned(grant_active(self, b)))
        return GNTST_eagain;
    kept = *first;
    *first = *second;
    *second = kept;
    return GNTST_okay;
}
