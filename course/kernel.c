/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - a paravirtual kernel: what a domain's first instructions see, and may ask for
 *
 * The kit (tests/guest/kit/kit.h) has entered ring 1 with PAE page tables that the builder made,
 * put a handler behind every exception, and calls test(). Everything beyond one's own memory is a
 * hypercall, HYPERCALL(name, arguments...): its result is 0 or more, or minus an error number.
 * check() and expect() note a failure; the kit prints PASS or FAIL and powers the domain off.
 */
#include "tests/guest/kit/kit.h"

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

void test(void)
{
    /* The console: print() is the hypercall console_io. */
    print("hello from ring %u, domain with %lu pages\n", at_entry.cs & 3, start->nr_pages);

    /* A hypercall: which version of the interface is this? */
    long version = HYPERCALL(xen_version, XENVER_version, NULL);

    print("the interface is Xen's %ld.%ld\n", version >> 16, version & 0xffff);
    check(version >= 0x30000, "version %lx", version);

    /* A page table: the entry that maps `page`, read through the mapping of the table itself. The
     * table is read-only for us: see exercise 2. */
    uint64_t entry = *l1_entry((unsigned long)page);

    print("page %p is machine frame %lx, entry %llx\n", (void *)page, mfn_of(page), entry);
    expect(entry >> 12 & 0xffffffff, mfn_of(page));
}
