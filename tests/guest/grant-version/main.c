/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The smaller operations: versions, status frames (version 1 has none), entries exchanged, cache
 * lines written back; and what the hypercall refuses as a whole.
 */
#include "tests/guest/kit/kit.h"

static long set_version(uint32_t version, uint32_t *now_it_is)
{
    struct gnttab_set_version op = {.version = version};
    long result = HYPERCALL(grant_table_op, GNTTABOP_set_version, &op, 1);

    *now_it_is = op.version;
    return result;
}

static int swap(grant_ref_t a, grant_ref_t b)
{
    struct gnttab_swap_grant_ref op = {.ref_a = a, .ref_b = b, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_swap_grant_ref, &op, 1), 0);
    return op.status;
}

static long flush(uint64_t machine, unsigned offset, unsigned length, unsigned op)
{
    struct gnttab_cache_flush flush = {
        .a.dev_bus_addr = machine, .offset = offset, .length = length, .op = op};

    return HYPERCALL(grant_table_op, GNTTABOP_cache_flush, &flush, 1);
}

static void versions(void)
{
    struct gnttab_get_version get = {.dom = DOMID_SELF, .version = 77};
    uint32_t version;

    expect(HYPERCALL(grant_table_op, GNTTABOP_get_version, &get, 1), 0);
    expect(get.version, 1);
    get.dom = 0x7000;
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_version, &get, 1), -ESRCH);
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_version, 0xFC000000, 1), -EFAULT);
    expect(set_version(1, &version), 0);
    expect(set_version(3, &version), -EINVAL);
    expect(version, 1);
    expect(HYPERCALL(grant_table_op, GNTTABOP_set_version, 0xFC000000, 1), -EFAULT);

    uint64_t frames[2];
    struct gnttab_get_status_frames status = {.dom = DOMID_SELF, .nr_frames = 0, .status = 77};
    set_xen_guest_handle(status.frame_list, frames);
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_status_frames, &status, 1), 0);
    expect(status.status, GNTST_okay);
    status.nr_frames = 1;
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_status_frames, &status, 1), 0);
    expect(status.status, GNTST_general_error);
    status.dom = 0x7000;
    expect(HYPERCALL(grant_table_op, GNTTABOP_get_status_frames, &status, 1), 0);
    expect(status.status, GNTST_bad_domain);
}

void test(void)
{
    domid_t self = own_domain();
    struct grant_entry_v1 *entries = grant_table();
    void *page = page_alloc(), *at = page_unmapped();

    versions();

    grant_give(8, self, page, GTF_permit_access);
    grant_give(9, 77, base_table(), GTF_permit_access | GTF_readonly);
    expect(swap(8, 9), GNTST_okay);
    expect(entries[9].domid, self);
    expect(entries[9].frame, mfn_of(page));
    expect(entries[8].domid, 77);
    expect(entries[8].flags, GTF_permit_access | GTF_readonly);
    expect(swap(8, 8), GNTST_okay);
    expect(swap(8, 100000), GNTST_bad_gntref);
    expect(swap(100000, 8), GNTST_bad_gntref);
    struct gnttab_map_grant_ref op = grant_map(at, GNTMAP_host_map, self, 9);
    expect(op.status, GNTST_okay);
    expect(swap(8, 9), GNTST_eagain);
    expect(swap(9, 8), GNTST_eagain);
    expect(grant_unmap(at, op.handle), GNTST_okay);

    uint64_t machine = machine_of(page);
    expect(flush(machine, 0, 64, GNTTAB_CACHE_CLEAN), 0);
    expect(flush(machine, 64, 64, GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL), 0);
    expect(flush(machine, 0, 64, GNTTAB_CACHE_INVAL), -EOPNOTSUPP);
    expect(flush(machine, 0, 0, GNTTAB_CACHE_CLEAN), 0);
    expect(flush(machine, 0, 64, 0), 0);
    expect(flush(machine, 4096, 0, GNTTAB_CACHE_CLEAN), -EINVAL);
    expect(flush(machine, 4000, 200, GNTTAB_CACHE_CLEAN), -EINVAL);
    expect(flush(machine, 0, 64, 4), -EINVAL);
    expect(flush(machine, 0, 64, GNTTAB_CACHE_SOURCE_GREF | GNTTAB_CACHE_CLEAN), -EINVAL);
    expect(flush(0x7ffffff000ULL, 0, 64, GNTTAB_CACHE_CLEAN), -EINVAL);

    expect(HYPERCALL(grant_table_op, GNTTABOP_dump_table, &op, 1), -ENOSYS);
    expect(HYPERCALL(grant_table_op, 99, &op, 1), -ENOSYS);
    expect(HYPERCALL(grant_table_op, 1 << 12 | GNTTABOP_map_grant_ref, &op, 1), -EINVAL);
    expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, &op, -1), -EINVAL);
    expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, 0xFC000000, 0), 0);
    expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, 0xFC000000, 1), -EFAULT);
    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_grant_ref, 0xFC000000, 1), -EFAULT);
    expect(HYPERCALL(grant_table_op, GNTTABOP_copy, 0xFC000000, 1), -EFAULT);
    expect(HYPERCALL(grant_table_op, GNTTABOP_swap_grant_ref, 0xFC000000, 1), -EFAULT);
    expect(HYPERCALL(grant_table_op, GNTTABOP_cache_flush, 0xFC000000, 1), -EFAULT);
}
