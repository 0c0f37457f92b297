/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain is given registers with a root that is not pinned and whose tree is large: some
 * milliseconds of validation, which Domain 0 does not wait for in one go. Then it runs.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

#define TABLES 160 /* L1 tables of 512 entries: 4 ms of validation */

__asm__(".globl leave, leave_end\n"
        "leave:\n"
        "mov $29, %eax\n"
        "mov $2, %ebx\n"
        "mov $0xC0001800, %ecx\n" /* SCHEDOP_shutdown, for the reason there */
        "int $0x82\n"
        "ud2\n"
        "leave_end:\n");
extern const char leave[], leave_end[];

static void *window(const struct child *child, unsigned long frame)
{
    static void *at;

    if (!at)
        at = page_unmapped();
    expect(child_map(at, child->id, frame, PTE_P | PTE_W | PTE_A | PTE_D), 0);
    return at;
}

/* L1 tables that map the child's code, read-only, over and over. */
static void grow_tree(const struct child *child)
{
    static unsigned long frames[TABLES];
    struct xen_memory_reservation r = {.nr_extents = TABLES, .domid = child->id};
    struct xen_domctl op = {.cmd = XEN_DOMCTL_max_mem,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .domain = child->id};
    uint64_t *table;

    op.u.max_mem.max_memkb = (CHILD_PAGES + TABLES) * PAGE_SIZE / 1024;
    expect(HYPERCALL(domctl, &op), 0);
    for (unsigned i = 0; i < TABLES; i++)
        frames[i] = CHILD_PAGES + i;
    set_xen_guest_handle(r.extent_start, frames);
    expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &r), TABLES);
    for (unsigned i = 0; i < TABLES; i++) {
        table = window(child, frames[i]);
        for (unsigned n = 0; n < 512; n++)
            table[n] = MFN_PTE(child->frame[CHILD_CODE], PTE_P | PTE_A);
    }
    table = window(child, child->frame[CHILD_L2]);
    for (unsigned i = 0; i < TABLES; i++)
        table[1 + i] = MFN_PTE(frames[i], PTE_P | PTE_W | PTE_A);
    map(table, 0);
}

void test(void)
{
    struct child child;

    if (!privileged)
        return (void)expect(HYPERCALL(domctl, 0), -EPERM);
    child_make(&child, leave, leave_end);
    grow_tree(&child);
    expect(child_set_context(&child), 0);
    check_equal("reason", child_run(&child), SHUTDOWN_poweroff);
    child_destroy(&child);
}
