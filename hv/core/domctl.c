/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domctl.c - what Domain 0 does with other domains
 *
 * The order in which a builder uses these is in include/xenolith/bvt.h. All of them are for the
 * privileged domain only, one at a time.
 *
 * Source: xen/domctl.h.
 */
#include "hv/include/public_headers.h"
#include <xen/domctl.h>
#include "hv/include/control.h"
#include "hv/include/errors.h"
#include "hv/include/event.h"
#include "hv/include/grant.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/arch/smp.h"
#include "hv/include/time.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"
#include "include/xenolith/bvt.h"

#define BVT_MAX_ADVANCE          10000
#define BVT_MAX_WEIGHT           100000
#define BVT_WEIGHT_TIMES_ADVANCE 100u
#define CREATION_ALLOWED         (XEN_DOMCTL_CDF_oos_off | XEN_DOMCTL_CDF_xs_domain)
/* Ways to read the TSC, numbered as leaf 3 of arch-x86/cpuid.h tells them to guests. */
enum { TSC_DEFAULT, TSC_ALWAYS_EMULATE, TSC_NEVER_EMULATE };
#define PAGE_INFO_LIMIT 1024 /* frames that can be asked for at once */

struct spinlock domctl_lock;

void domain_info(const struct domain *domain, struct xen_domctl_getdomaininfo *info)
{
    memset(info, 0, sizeof(*info));
    info->domain = domain->id;
    if (domain->state == DOMAIN_DYING)
        info->flags |= XEN_DOMINF_dying;
    if (domain->state == DOMAIN_SHUTDOWN)
        info->flags |= XEN_DOMINF_shutdown;
    if (domain->vcpu[0].blocked)
        info->flags |= XEN_DOMINF_blocked;
    if (domain->paused)
        info->flags |= XEN_DOMINF_paused;
    if (domain->vcpu[0].running)
        info->flags |= XEN_DOMINF_running;
    info->flags |= domain->shutdown_reason << XEN_DOMINF_shutdownshift;
    info->tot_pages = domain->pages;
    info->max_pages = domain->max_pages;
    info->shared_info_frame = domain->shared_mfn;
    info->cpu_time = sched_cpu_time(&domain->vcpu[0]);
    info->nr_online_vcpus = 1;
    memcpy(info->handle, domain->handle, sizeof(info->handle));
    info->gpaddr_bits = 32;
}

static status create(struct xen_domctl *op)
{
    struct domain *domain;
    unsigned id = op->domain == 0 || op->domain >= DOMID_FIRST_RESERVED ? DOMAIN_ANY : op->domain;
    int result;

    if (op->u.createdomain.flags & ~CREATION_ALLOWED)
        return -EINVAL;
    if (XEN_DOMCTL_GRANT_version(op->u.createdomain.grant_opts) != 1)
        return -EINVAL;
    if (op->u.createdomain.max_vcpus != 1 || op->u.createdomain.max_grant_frames == 0 ||
        op->u.createdomain.max_grant_frames > GRANT_FRAMES_MAX)
        return -EINVAL;
    result = domain_create(id, false, &domain);
    if (result)
        return result;
    memcpy(domain->handle, op->u.createdomain.handle, sizeof(domain->handle));
    if (op->u.createdomain.max_grant_frames > 0)
        domain->max_grant_frames = (uint16_t)op->u.createdomain.max_grant_frames;
    op->domain = domain->id;
    return 0;
}

static status set_context(struct domain *domain, const struct xen_domctl_vcpucontext *op)
{
    static struct vcpu_guest_context context; /* under domctl_lock; too big for a stack */

    if (op->vcpu != 0)
        return -EINVAL;
    if (!domain->paused || domain->state == DOMAIN_DYING)
        return -EINVAL;
    if (copy_from_guest(&context, op->ctxt.p, sizeof(context)))
        return -EFAULT;
    return vcpu_set_context(&domain->vcpu[0], &context);
}

static status get_context(struct domain *domain, const struct xen_domctl_vcpucontext *op)
{
    static struct vcpu_guest_context context;
    bool paused = domain->paused;

    if (op->vcpu != 0)
        return -EINVAL;
    if (!domain->vcpu[0].started)
        return -ENODATA;
    sched_pause(domain);
    vcpu_get_context(&domain->vcpu[0], &context);
    if (!paused)
        sched_unpause(domain);
    return copy_to_guest(op->ctxt.p, &context, sizeof(context)) ? -EFAULT : 0;
}

/* Its weight, or its advance if that is 0. Needs the queue's lock. */
static status set_weight(struct vcpu *vcpu, uint32_t weight, uint32_t mcu_advance)
{
    uint32_t advance = mcu_advance << 16;

    if (weight > BVT_MAX_WEIGHT || (!weight && (!mcu_advance || mcu_advance > BVT_MAX_ADVANCE)))
        return -EINVAL;
    if (weight)
        advance = (BVT_WEIGHT_TIMES_ADVANCE << 16) / weight;
    if (vcpu->running)
        bvt_charge(&vcpu->bvt, now());
    vcpu->weight = weight;
    bvt_weigh(&cpus[vcpu->cpu].queue, &vcpu->bvt, advance >> 16, (uint16_t)advance);
    return 0;
}

static status scheduler_op(struct domain *domain, struct xen_domctl_scheduler_op *op)
{
    struct xen_domctl_sched_bvt *bvt = (struct xen_domctl_sched_bvt *)&op->u;
    struct bvt_entity *e = &domain->vcpu[0].bvt;
    struct cpu *cpu = &cpus[domain->vcpu[0].cpu];
    status result = 0;

    if (op->sched_id != XEN_SCHEDULER_BVT)
        return -EINVAL;
    lock(&cpu->queue_lock);
    switch (op->cmd) {
    case XEN_DOMCTL_SCHEDOP_putinfo:
        result = bvt->warpvalue < 0 || bvt->warpl < 0 || bvt->warpu < 0
                     ? -EINVAL
                     : set_weight(&domain->vcpu[0], bvt->weight, bvt->mcu_advance);
        if (result)
            break;
        e->warpback = bvt->warpback != 0;
        e->warp = (uint32_t)bvt->warpvalue;
        e->warpl = (nanoseconds)bvt->warpl;
        e->warpu = (nanoseconds)bvt->warpu;
        break;
    case XEN_DOMCTL_SCHEDOP_getinfo:
        bvt->weight = domain->vcpu[0].weight;
        bvt->mcu_advance = MAX(e->mcu_advance, 1u);
        bvt->warpback = e->warpback;
        bvt->warpvalue = (int32_t)e->warp;
        bvt->warpl = (int64_t)e->warpl;
        bvt->warpu = (int64_t)e->warpu;
        break;
    default:
        result = -EINVAL;
        break;
    }
    unlock(&cpu->queue_lock);
    return result;
}

/* The type and the pin of each frame of a list, as the headers encode them. */
static status page_info(struct domain *domain, const struct xen_domctl_getpageframeinfo3 *op)
{
    static const uint8_t type_code[FRAME_TYPES] = {
        [FRAME_L1] = 1, [FRAME_L2] = 2, [FRAME_L2_TOP] = 2, [FRAME_L3] = 3};

    if (op->num > PAGE_INFO_LIMIT)
        return -E2BIG;
    for (uint32_t i = 0; i < op->num; i++) {
        xen_pfn_t number, code;
        const struct frame *frame;

        if (copy_from_guest(&number, op->array.p + i, sizeof(number)))
            return -EFAULT;
        frame = frame_of((mfn)number);
        if (!frame || frame->owner != domain->id) {
            code = XEN_DOMCTL_PFINFO_XTAB;
        } else {
            code = (xen_pfn_t)type_code[frame_relied_on(frame)] << XEN_DOMCTL_PFINFO_LTAB_SHIFT;
            if (frame->flags & FRAME_PINNED)
                code |= XEN_DOMCTL_PFINFO_LPINTAB;
        }
        if (copy_to_guest(op->array.p + i, &code, sizeof(code)))
            return -EFAULT;
    }
    return 0;
}

static status vcpu_info(struct domain *domain, struct xen_domctl_getvcpuinfo *info)
{
    const struct vcpu *vcpu = &domain->vcpu[0];

    if (info->vcpu != 0)
        return -EINVAL;
    info->online = 1;
    info->blocked = vcpu->blocked;
    info->running = vcpu->running;
    info->cpu_time = sched_cpu_time(vcpu);
    info->cpu = vcpu->cpu;
    return 0;
}

/*
 * How a domain reads its TSC: as it is, whatever was asked for by "default" or "never emulated". To
 * emulate it always is not implemented.
 */
static status set_tsc(struct domain *domain, const struct xen_domctl_tsc_info *info)
{
    if (info->tsc_mode == TSC_ALWAYS_EMULATE)
        return not_implemented();
    if (info->tsc_mode > TSC_NEVER_EMULATE)
        return -EINVAL;
    domain->tsc_mode = (uint8_t)info->tsc_mode;
    return 0;
}

static void get_tsc(const struct domain *domain, struct xen_domctl_tsc_info *info)
{
    *info = (struct xen_domctl_tsc_info){.tsc_mode = domain->tsc_mode,
                                         .gtsc_khz = tsc_khz(),
                                         .incarnation = 1, /* it has never moved here */
                                         .elapsed_nsec = now()};
}

/* All memory is on node 0. Bitmaps are of as many bits as the caller has room for. */
static status set_nodes(const struct xen_domctl_nodeaffinity *op)
{
    uint8_t first = 0;

    if (op->nodemap.nr_bits && copy_from_guest(&first, op->nodemap.bitmap.p, sizeof(first)))
        return -EFAULT;
    return first & 1 ? 0 : -EINVAL;
}

static status get_nodes(const struct xen_domctl_nodeaffinity *op)
{
    for (uint32_t i = 0; i < (op->nodemap.nr_bits + 7) / 8; i++) {
        uint8_t bits = i == 0;

        if (copy_to_guest(op->nodemap.bitmap.p + i, &bits, sizeof(bits)))
            return -EFAULT;
    }
    return 0;
}

static status trigger(struct domain *domain, const struct xen_domctl_sendtrigger *op)
{
    struct vcpu *vcpu = &domain->vcpu[0];

    if (op->vcpu != 0)
        return -EINVAL;
    if (op->trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
        return not_implemented();
    vcpu->nmi_pending = true;
    sched_wake(vcpu);
    if (vcpu->running)
        poke_processor(vcpu->cpu);
    return 0;
}

static status with_domain(struct domain *self, struct domain *domain, struct xen_domctl *op)
{
    if (!operation_begin(__HYPERVISOR_domctl, op->cmd))
        return not_implemented();
    switch (op->cmd) {
    case XEN_DOMCTL_destroydomain:
        if (domain == self || domain->relinquished)
            return -EINVAL;
        return domain_destroy(domain) ? 0 : AGAIN;
    case XEN_DOMCTL_pausedomain:
        if (domain == self)
            return -EINVAL;
        sched_pause(domain);
        return 0;
    case XEN_DOMCTL_unpausedomain:
        if (domain == self || !domain->vcpu[0].started || domain->state == DOMAIN_DYING)
            return -EINVAL;
        sched_unpause(domain);
        return 0;
    case XEN_DOMCTL_getdomaininfo:
        domain_info(domain, &op->u.getdomaininfo);
        return 0;
    case XEN_DOMCTL_max_vcpus:
        return domain != self && op->u.max_vcpus.max == 1 ? 0 : -EINVAL;
    case XEN_DOMCTL_max_mem:
        /* More than there is may be allowed: populating says so. */
        domain->max_pages = (uint32_t)MIN(op->u.max_mem.max_memkb / 4, (uint64_t)frames_total());
        return 0;
    case XEN_DOMCTL_setvcpucontext:
        return domain == self ? -EINVAL : set_context(domain, &op->u.vcpucontext);
    case XEN_DOMCTL_getvcpucontext:
        return domain == self ? -EINVAL : get_context(domain, &op->u.vcpucontext);
    case XEN_DOMCTL_getvcpuinfo:
        return vcpu_info(domain, &op->u.getvcpuinfo);
    case XEN_DOMCTL_hypercall_init:
        return hypercall_page_install(domain, (mfn)op->u.hypercall_init.gmfn);
    case XEN_DOMCTL_scheduler_op:
        return scheduler_op(domain, &op->u.scheduler_op);
    case XEN_DOMCTL_setdomainhandle:
        memcpy(domain->handle, op->u.setdomainhandle.handle, sizeof(domain->handle));
        return 0;
    case XEN_DOMCTL_settimeoffset:
        domain->time_offset = op->u.settimeoffset.time_offset_seconds;
        wall_clock_publish(domain);
        return 0;
    case XEN_DOMCTL_set_address_size:
        return op->u.address_size.size == 32 ? 0 : -EINVAL;
    case XEN_DOMCTL_get_address_size:
        op->u.address_size.size = 32;
        return 0;
    case XEN_DOMCTL_resumedomain:
        if (domain == self)
            return -EINVAL;
        sched_resume(domain);
        return 0;
    case XEN_DOMCTL_gettscinfo:
        if (domain == self)
            return -EINVAL;
        get_tsc(domain, &op->u.tsc_info);
        return 0;
    case XEN_DOMCTL_settscinfo:
        return domain == self ? -EINVAL : set_tsc(domain, &op->u.tsc_info);
    case XEN_DOMCTL_setnodeaffinity:
        return set_nodes(&op->u.nodeaffinity);
    case XEN_DOMCTL_getnodeaffinity:
        return get_nodes(&op->u.nodeaffinity);
    case XEN_DOMCTL_sendtrigger:
        return trigger(domain, &op->u.sendtrigger);
    case XEN_DOMCTL_getpageframeinfo3:
        return page_info(domain, &op->u.getpageframeinfo3);
    default:
        return not_implemented();
    }
}

/* getdomaininfo alone finds the next domain if there is none of this number: lists rely on it. */
static struct domain *hold_at_or_after(const struct domain *self, unsigned id)
{
    struct domain *domain = NULL;

    for (; id < MAX_DOMAINS && !domain; id++)
        domain = domain_hold(self, id);
    return domain;
}

/* One operation, or one piece of a long one. */
static status perform(struct domain *self, struct xen_domctl *op)
{
    struct domain *domain;
    status result;

    if (op->cmd == XEN_DOMCTL_createdomain) { /* the only one without a domain */
        operation_begin(__HYPERVISOR_domctl, op->cmd);
        return create(op);
    }
    domain = op->cmd == XEN_DOMCTL_getdomaininfo ? hold_at_or_after(self, op->domain)
                                                 : domain_hold(self, op->domain);
    result = domain ? with_domain(self, domain, op) : -ESRCH;
    if (domain && op->cmd == XEN_DOMCTL_getdomaininfo)
        op->domain = op->u.getdomaininfo.domain;
    domain_release(domain);
    return result;
}

long do_domctl(const unsigned long *args)
{
    struct domain *self = current_domain();
    struct xen_domctl op;
    long result;

    if (!self->privileged)
        return -EPERM;
    if (copy_from_guest(&op, (void *)args[0], sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    do {
        lock(&domctl_lock);
        result = perform(self, &op);
        unlock(&domctl_lock);
    } while (result == AGAIN && !hypercall_should_yield());
    if (result == AGAIN)
        return hypercall_continue(args, 1);
    if (result == 0 && copy_to_guest((void *)args[0], &op, sizeof(op)))
        return -EFAULT;
    return result;
}
