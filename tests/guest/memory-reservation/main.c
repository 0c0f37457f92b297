/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op's questions: current and maximum reservation, the highest frame, where the machine-to-
 * phys table is.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    domid_t self = DOMID_SELF, nobody = 0x7000;

    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), start->nr_pages);
    long maximum = HYPERCALL(memory_op, XENMEM_maximum_reservation, &self);
    check((unsigned long)maximum >= start->nr_pages, "maximum %lx", maximum);
    expect_no_domain(HYPERCALL(memory_op, XENMEM_current_reservation, &nobody));
    expect_no_domain(HYPERCALL(memory_op, XENMEM_maximum_reservation, &nobody));

    unsigned long highest = HYPERCALL(memory_op, XENMEM_maximum_ram_page, NULL);
    unsigned beyond = 0;
    for (unsigned long pfn = 0; pfn < start->nr_pages; pfn++)
        beyond += p2m[pfn] > highest;
    check(beyond == 0, "%u of our frames are beyond frame %lx", beyond, highest);

    struct xen_machphys_mapping mapping = {0};
    expect(HYPERCALL(memory_op, XENMEM_machphys_mapping, &mapping), 0);
    expect(mapping.v_start, MACH2PHYS_VIRT_START);
    check(mapping.v_end > mapping.v_start && mapping.max_mfn >= highest, "table to %lx, frame %lx",
          mapping.v_end, mapping.max_mfn);
    expect(HYPERCALL(memory_op, 99, NULL), -ENOSYS);
}
