/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain 0 may give a domain any trap table, but no handler gets into the hypervisor's code
 * segment, whatever privilege its selector asks for: least of all by the direct gate of system
 * calls, where the processor looks at no more than the segment.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

#define HV_CODE 0xe008 /* ring 0's code, beside the flat segments of the interface */
#define VECTOR  0x80

/*
 * Goes to ring 3, where it makes a system call; the handler says which ring it is in by its reason.
 */
CODE(climb, "push $0xe033\n"
            "push $0xC0001f00\n"
            "push $0\n"
            "push $0xe02b\n"
            "push $0xC0000100\n"
            "push $0\n"
            "mov $23, %eax\n" /* iret */
            "int $0x82\n"
            "ud2\n"
            ".org 0x100\n"
            "int $0x80\n"
            "ud2\n"
            ".org 0x200\n"
            "mov %ss, %eax\n" /* iret to ring 3 took DS away */
            "mov %eax, %ds\n"
            "mov %cs, %eax\n"
            "and $3, %eax\n"
            "jz 1f\n"
            "mov %eax, 0xC0001800\n"
            "mov $29, %eax\n"
            "mov $2, %ebx\n"
            "mov $0xC0001800, %ecx\n"
            "int $0x82\n"
            "ud2\n"
            "1: cli\n"
            "hlt\n");

static void user_pages(struct child *child)
{
    uint64_t *l1 = child_window(child, CHILD_L1);

    l1[0] |= PTE_U;
    l1[1] |= PTE_U;
    map(l1, 0);
    uint64_t *l2 = child_window(child, CHILD_L2);
    l2[0] |= PTE_U;
    map(l2, 0);
}

static void try_selector(uint16_t cs, unsigned reason)
{
    struct child child;

    child_make(&child, climb, climb_end);
    user_pages(&child);
    child_context()->trap_ctxt[VECTOR] =
        (struct trap_info){.vector = VECTOR, .flags = 3, .cs = cs, .address = CHILD_BASE + 0x200};
    child_context()->user_regs.eflags |= 0x3000; /* IOPL 3: taken out */
    expect(child_set_context(&child), 0);
    check_equal("reason", child_run(&child), reason);
    child_destroy(&child);
}

/* Another base pointer, beside a descriptor table that would do: neither is taken. */
static void refused_changes_nothing(void)
{
    static struct vcpu_guest_context have;
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getvcpucontext,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
    struct child child;

    child_make(&child, climb, climb_end);
    expect(child_set_context(&child), 0);
    child_context()->gdt_frames[0] = child.frame[CHILD_GDT];
    child_context()->gdt_ents = 512;
    child_context()->ctrlreg[3] = xen_pfn_to_cr3(child.frame[CHILD_DATA]);
    expect(child_set_context(&child), -EOPNOTSUPP);
    op.domain = child.id;
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &have);
    expect(HYPERCALL(domctl, &op), 0);
    check_equal("entries of its descriptor table", (long)have.gdt_ents, 0);
    check_equal("its base pointer", (long)have.ctrlreg[3],
                (long)xen_pfn_to_cr3(child.frame[CHILD_L3]));
    child_destroy(&child);
}

void test(void)
{
    if (!privileged)
        return (void)expect(HYPERCALL(domctl, 0), -EPERM);
    try_selector(FLAT_KERNEL_CS, SHUTDOWN_reboot); /* ring 1 says so */
    try_selector(HV_CODE | 1, SHUTDOWN_crash);
    try_selector(HV_CODE, SHUTDOWN_crash);
    try_selector(HV_CODE | 3, SHUTDOWN_crash);
    refused_changes_nothing();
}
