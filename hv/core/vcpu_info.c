/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vcpu_info.c - the processor's record in a frame that the guest chose
 *
 * A domain's vcpu_info (pending and mask of upcalls, CR2, time) begins in shared_info. The guest
 * may move it, once, to where its kernel reaches it better (VCPUOP_register_vcpu_info). Every way
 * out to the guest looks at it, so the frame is mapped in the hypervisor's range for as long as the
 * domain lives, and counts as a writable frame of the guest's: it becomes neither a table nor
 * anybody else's.
 *
 * A sender of an event at the same time sees the move either before or after. A mark that
 * was set in the old place between copy and change would be lost, so in the new place all are set:
 * the guest finds events that are none, once, which every kernel stands.
 *
 * Source: xen/vcpu.h.
 */
#include "hv/include/errors.h"
#include "hv/include/event.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/arch/uaccess.h"

#define PAGE_OFFSET_LAST (PAGE_SIZE - sizeof(struct vcpu_info))

status vcpu_info_register(struct vcpu *vcpu, const void *guest)
{
    struct vcpu_register_vcpu_info op;
    struct vcpu_info *to;
    status result = -EINVAL;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (op.offset > PAGE_OFFSET_LAST || op.offset % sizeof(uint32_t))
        return -ENXIO;
    if (op.mfn >> 32)
        return -EINVAL;
    lock(&mm_lock);
    if (!vcpu->vcpu_info_frame) /* it moves once */
        result = frame_get_with_type((mfn)op.mfn, vcpu->domain->id, FRAME_WRITABLE);
    if (!result)
        vcpu->vcpu_info_frame = (mfn)op.mfn;
    unlock(&mm_lock);
    if (result)
        return -EINVAL;

    to = (struct vcpu_info *)((char *)map_vcpu_info(vcpu->domain->id, (mfn)op.mfn) + op.offset);
    memcpy(to, vcpu->vcpu_info, sizeof(*to));
    __atomic_store_n(&vcpu->vcpu_info, to, __ATOMIC_SEQ_CST);
    to->evtchn_upcall_pending = 1;
    to->evtchn_pending_sel = ~0ul;
    return 0;
}

void vcpu_info_release(struct vcpu *vcpu)
{
    mfn number = vcpu->vcpu_info_frame;

    if (!number)
        return;
    vcpu->vcpu_info = &vcpu->domain->shared->vcpu_info[0];
    vcpu->vcpu_info_frame = 0;
    unmap_vcpu_info(vcpu->domain->id);
    frame_put_with_type(number);
}
