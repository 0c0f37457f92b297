/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VCPUOP_register_vcpu_info: what the processor says of itself moves to a page of the kernel's,
 * with all marks set so that no event is lost; from then on masks, pending marks, CR2 and time live
 * there. It is done once; the page has to be one that could be written, and stays so: it becomes no
 * table while it serves.
 */
#include "tests/guest/kit/kit.h"

#define OFFSET 0x340u

CODE(touch, AT(touch) "movl %eax, 0x2000\nud2");

static long move_to(uint64_t mfn, uint32_t offset)
{
    struct vcpu_register_vcpu_info op = {.mfn = mfn, .offset = offset};

    return HYPERCALL(vcpu_op, VCPUOP_register_vcpu_info, 0, &op);
}

static void refused(const void *page)
{
    uint64_t *table = page_alloc();

    expect(move_to(mfn_of(page), PAGE_SIZE - sizeof(struct vcpu_info) + 1), -ENXIO);
    expect(move_to(mfn_of(page), 2), -ENXIO);
    expect(move_to(0xFFFFFF, 0), -EINVAL);
    expect(move_to(mfn_of(base_table()), 0), -EINVAL);
    make_readonly(table);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(table), 0), 0);
    expect(move_to(mfn_of(table), 0), -EINVAL);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(table), 0), 0);
    expect(HYPERCALL(vcpu_op, VCPUOP_register_vcpu_info, 0, 0xFC000000), -EFAULT);
    expect(HYPERCALL(vcpu_op, VCPUOP_register_vcpu_info, 99, NULL), -ENOENT);
}

void test(void)
{
    char *page = page_alloc();
    struct vcpu_info *moved = (struct vcpu_info *)(page + OFFSET), *old = vcpu();
    unsigned port = bind_ipi();

    refused(page);
    expect(move_to(mfn_of(page), OFFSET), 0);
    vcpu_record = moved;
    expect(moved->evtchn_upcall_pending, 1);
    expect(moved->evtchn_pending_sel, -1);
    expect(moved->evtchn_upcall_mask, 1);
    check(moved->time.tsc_to_system_mul == old->time.tsc_to_system_mul, "the rate of time differs");
    expect(move_to(mfn_of(page), 0), -EINVAL);

    event_mask_set(port, false);
    event_clear(port);
    expect(event_send(port), 0);
    expect(moved->evtchn_upcall_pending, 1);
    expect(upcalls, 0);
    events_on();
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    events_off();
    expect(upcalls, 1);
    expect(event_mask_inside, 1);

    /* The old place is plain memory now. */
    event_clear(port);
    old->evtchn_upcall_mask = 0;
    old->evtchn_upcall_pending = 1;
    old->arch.cr2 = 0x55;
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    expect(upcalls, 1);
    expect_in_ring1(TRAP_CASE(touch, 14, 2));
    expect(trap_cr2, 0x2000);
    expect(old->arch.cr2, 0x55);

    uint64_t before = now();
    expect(
        HYPERCALL(set_timer_op, (uint32_t)(before + 5 * MS), (uint32_t)((before + 5 * MS) >> 32)),
        0);
    unsigned timer = bind_virq(VIRQ_TIMER);
    event_mask_set(timer, false);
    expect(HYPERCALL(sched_op, SCHEDOP_block, NULL), 0);
    check(now() >= before + 4 * MS, "it woke after %llu ns", now() - before);

    check(map(page, MFN_PTE(mfn_of(page), PTE_P | PTE_A)) == 0, "no read-only mapping of the page");
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(page), 0), -EINVAL);
    make_writable(page);
}
