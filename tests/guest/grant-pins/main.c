/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One entry in use several times: the marks go with the last use of their kind, an entry that
 * changes while in use does not matter, and uses of one kind are limited.
 */
#include "tests/guest/kit/kit.h"

#define LIMIT 128

void test(void)
{
    domid_t self = own_domain();
    struct grant_entry_v1 *entry = &grant_table()[8];
    volatile uint32_t *page = page_alloc(), *second = page_alloc();
    volatile uint32_t *a = page_unmapped(), *b = page_unmapped(), *c = page_unmapped();

    *page = 1;
    *second = 2;
    grant_give(8, self, (void *)page, GTF_permit_access);
    struct gnttab_map_grant_ref read, write, more;
    read = grant_map((void *)a, GNTMAP_host_map | GNTMAP_readonly, self, 8);
    expect(read.status, GNTST_okay);
    expect(entry->flags, GTF_permit_access | GTF_reading);
    write = grant_map((void *)b, GNTMAP_host_map, self, 8);
    expect(write.status, GNTST_okay);
    expect(entry->flags, GTF_permit_access | GTF_reading | GTF_writing);
    check(read.handle != write.handle, "two mappings, one handle");

    /* In use, the entry stands for the frame that it named at first. */
    entry->frame = mfn_of((void *)second);
    more = grant_map((void *)c, GNTMAP_host_map, self, 8);
    expect(more.status, GNTST_okay);
    expect(*c, 1);
    expect(grant_unmap((void *)b, write.handle), GNTST_okay);
    expect(entry->flags, GTF_permit_access | GTF_reading | GTF_writing);
    expect(grant_unmap((void *)c, more.handle), GNTST_okay);
    expect(entry->flags, GTF_permit_access | GTF_reading);
    /* A copy is a use, too, and ends by itself. */
    struct gnttab_copy copy = {.source = {.u.ref = 8, .domid = self},
                               .dest = {.u.gmfn = mfn_of((void *)second), .domid = DOMID_SELF},
                               .len = 4,
                               .flags = GNTCOPY_source_gref};
    expect(HYPERCALL(grant_table_op, GNTTABOP_copy, &copy, 1), 0);
    expect(copy.status, GNTST_okay);
    expect(*second, 1);
    expect(entry->flags, GTF_permit_access | GTF_reading);
    expect(grant_unmap((void *)a, read.handle), GNTST_okay);
    expect(entry->flags, GTF_permit_access);
    *second = 2;
    read = grant_map((void *)a, GNTMAP_host_map | GNTMAP_readonly, self, 8);
    expect(*a, 2); /* now it is looked at again */
    expect(grant_unmap((void *)a, read.handle), GNTST_okay);

    static grant_handle_t handles[LIMIT];
    for (unsigned i = 0; i < LIMIT; i++) {
        read = grant_map(NULL, GNTMAP_device_map | GNTMAP_readonly, self, 8);
        if (!expect(read.status, GNTST_okay))
            break;
        handles[i] = read.handle;
    }
    expect(grant_map(NULL, GNTMAP_device_map | GNTMAP_readonly, self, 8).status,
           GNTST_general_error);
    read = grant_map((void *)a, GNTMAP_host_map | GNTMAP_readonly, self, 8); /* another kind */
    expect(read.status, GNTST_okay);
    expect(grant_unmap((void *)a, read.handle), GNTST_okay);
    for (unsigned i = 0; i < LIMIT; i++) {
        struct gnttab_unmap_grant_ref undo = {.dev_bus_addr = machine_of((void *)second),
                                              .handle = handles[i]};

        expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_grant_ref, &undo, 1), 0);
        expect(undo.status, GNTST_okay);
    }
    expect(entry->flags, GTF_permit_access);
}
