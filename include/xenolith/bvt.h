/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * public/bvt.h - what the control program says to the BVT scheduler, and how it builds a domain
 *
 * The public headers lost BVT's structures when Xen lost BVT; these take their place in
 * xen_domctl_scheduler_op and xen_sysctl_scheduler_op, with sched_id XEN_SCHEDULER_BVT (the number
 * that it had). Include after <xen/domctl.h> and <xen/sysctl.h>.
 *
 *   XEN_DOMCTL_scheduler_op   u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo or _getinfo
 *                             struct xen_domctl_sched_bvt laid over u.scheduler_op.u
 *   XEN_SYSCTL_scheduler_op   u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_putinfo or _getinfo
 *                             struct xen_sysctl_bvt_schedule laid over u.scheduler_op.u
 *
 * Building a domain, as Domain 0. Every structure is the public headers' with
 * __XEN_TOOLS__ defined; interface_version is the header's; each step may fail with -Exxx.
 *
 *    1. XEN_DOMCTL_createdomain     domain = 0 (any): number comes back in .domain; max_vcpus 1.
 *                                   The domain is paused and has no memory. It is placed on a
 *                                   processor now, round robin, and stays there.
 *    2. XEN_DOMCTL_max_vcpus        max = 1. Accepted, changes nothing.
 *    3. XEN_DOMCTL_max_mem          max_memkb: populating fails beyond it.
 *    4. XENMEM_populate_physmap     domid, extent_order 0, extent_start: in pfns, out mfns; the
 *                                   machine-to-physical table is set. Returns extents done.
 *                                   Frames are zero-filled.
 *    5. map frames to fill them     privcmd's mmapbatch: MMU_NORMAL_PT_UPDATE with the domain in
 *                                   foreigndom[15:0], or update_va_mapping_otherdomain, writable.
 *    6. write kernel, ramdisk, P2M list, start_info, page tables. The tables' own frames must not
 *                                   be mapped writable in the tables (nor by Domain 0) when they
 *                                   are pinned: unmap them first. The fourth entry of the root must
 *                                   name the top quarter's L2; slots from 0xF5800000 on in it
 *                                   are filled by the hypervisor.
 *    7. XEN_DOMCTL_getdomaininfo    shared_info_frame, for start_info.shared_info (<< 12)
 *    8. XEN_DOMCTL_hypercall_init   gmfn = the MFN of the kernel's hypercall page (while it is not
 *                                   a page table)
 *    9. mmuext_op MMUEXT_PIN_L3_TABLE, foreigndom = the domain: validates everything.
 *   10. MMU_MACHPHYS_UPDATE         only for frames whose pfn changed after step 4
 *                                   (foreigndom = the domain)
 *   11. XEN_DOMCTL_setvcpucontext   user_regs: eip, esp, esi = start_info's address; cs 0xe019,
 *                                   ds es ss 0xe021, eflags 0x200; kernel_ss, kernel_sp;
 *                                   ctrlreg[3] = xen_pfn_to_cr3(root); gdt_ents 0 for none.
 *   12. EVTCHNOP_alloc_unbound      dom = the domain, remote_dom 0: store and console ports
 *   13. XEN_DOMCTL_unpausedomain
 *
 * XEN_DOMCTL_destroydomain frees everything; frames still mapped by Domain 0 follow when unmapped.
 */
#ifndef XEN_PUBLIC_BVT_H
#define XEN_PUBLIC_BVT_H

#define XEN_SCHEDULER_BVT 1

/* A domain's parameters. Virtual time in units of 100 us x mcu_advance; times in nanoseconds. */
struct xen_domctl_sched_bvt {
    uint32_t mcu_advance; /* inverse of weight, 1..10000; 10 by default */
    uint32_t warpback;    /* 0 or 1 */
    int32_t warpvalue;    /* 0.. */
    int64_aligned_t warpl;
    int64_aligned_t warpu;
    /* 1..100000: takes the place of mcu_advance, which is 100 / weight then, not cut off; the
     * default advance is that of 10. 0: the advance counts, and was given. */
    uint32_t weight;
};

struct xen_sysctl_bvt_schedule {
    uint32_t ctx_allow; /* microseconds, at least 100 */
};

#endif
