/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * batch.c - how mmu_update and mmuext_op begin and end
 *
 * Both take a list and a word into which the number of elements done is counted, and may let go in
 * the middle: then the hypercall is repeated with the rest of the list, and a bit of the count says
 * that the word already holds what was done before.
 *
 * Source: xen/xen.h, mmu_update.
 */
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/mm.h"
#include "hv/include/arch/uaccess.h"

#define REPEATED 0x80000000ul

status mmu_batch_begin(struct mmu_batch *batch, const unsigned long *args, unsigned element_bytes)
{
    *batch = (struct mmu_batch){
        .args = args, .element_bytes = element_bytes, .count = args[1] & ~REPEATED};
    if ((args[1] & REPEATED) && args[2] &&
        copy_from_guest(&batch->done_before, (void *)args[2], sizeof(batch->done_before)))
        return -EFAULT;
    return batch->count > HV_VIRT_START / element_bytes ? -EINVAL : 0;
}

long mmu_batch_end(const struct mmu_batch *batch, unsigned long done, long result, bool more)
{
    const unsigned long *args = batch->args;
    uint32_t all = batch->done_before + (uint32_t)done;

    if (args[2] && copy_to_guest((void *)args[2], &all, sizeof(all)))
        return -EFAULT;
    if (!result && (done < batch->count || more)) {
        unsigned long rest[4] = {args[0] + done * batch->element_bytes,
                                 (batch->count - done) | REPEATED, args[2], args[3]};

        return hypercall_continue(rest, 4);
    }
    return result;
}
