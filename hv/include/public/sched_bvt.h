/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched_bvt.h - Borrowed Virtual Time in domctl and sysctl
 *
 * The public headers no longer know the paper's scheduler, so it is added here in their manner: a
 * scheduler number that they do not use, and what lies in the unions named `u` of struct
 * xen_domctl_scheduler_op and struct xen_sysctl_scheduler_op (copy it there; it fits their padding).
 * Commands are theirs: putinfo and getinfo. Another sched_id gives -EINVAL.
 *
 * Shared by the hypervisor and Domain 0's programs; needs only fixed-width types.
 */
#ifndef XENOLITH_PUBLIC_SCHED_BVT_H
#define XENOLITH_PUBLIC_SCHED_BVT_H

#define XEN_SCHEDULER_BVT 1

/* Of one domain. Times are in microseconds. */
struct xen_domctl_sched_bvt {
    uint32_t mcu_advance; /* inverse of weight, 1 or more; 10 by default */
    uint32_t warpback;    /* 1: may borrow virtual time when it wakes */
    uint32_t warp;        /* how much, in units of virtual time */
    uint32_t warpl;       /* longest time it may run warped, 0: no limit */
    uint32_t warpu;       /* shortest time between two warps */
};

/* Of the whole machine. */
struct xen_sysctl_sched_bvt {
    uint32_t ctx_allow_us; /* context switch allowance, which is the slice; 1 or more */
};

#endif
