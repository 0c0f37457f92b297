/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A long call in a multicall. It may be interrupted and go on where it was; its result, the count
 * done, and the calls around it are those of one that was not.
 */
#include "tests/guest/kit/kit.h"

#define PAGES    256 /* of addresses, all of one page */
#define A_PAGE   (PAGE_SIZE / sizeof(struct mmu_update))
#define REQUESTS (PAGES * A_PAGE)

void test(void)
{
    struct mmu_update *requests = page_alloc();
    uint64_t *target = page_alloc();
    static struct multicall_entry calls[3];
    unsigned done = 0;

    for (unsigned i = 0; i < A_PAGE; i++)
        requests[i] = (struct mmu_update){.ptr = machine_of(&target[i]), .val = i};
    for (unsigned i = 0; i < PAGES; i++)
        if (user_map(8 + i, MFN_PTE(mfn_of(requests), PTE_P | PTE_W | PTE_A | PTE_D)))
            give_up("page %u of the requests could not be mapped", i);
    for (unsigned round = 0; round < 4; round++) {
        done = 0;
        /* Each time anew: only the results say something when the call is over. */
        calls[0] =
            (struct multicall_entry){.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}};
        calls[1] = (struct multicall_entry){
            .op = __HYPERVISOR_mmu_update,
            .args = {USER_BASE + 8 * PAGE_SIZE, REQUESTS, (unsigned long)&done, DOMID_SELF}};
        calls[2] = calls[0];
        calls[0].result = calls[1].result = calls[2].result = 1;
        expect(HYPERCALL(multicall, calls, 3), 0);
        expect(calls[0].result, PAGE_SIZE);
        expect(calls[1].result, 0);
        expect(done, REQUESTS);
        expect(calls[2].result, PAGE_SIZE);
    }
    check(target[7] == 7, "the updates were not made");
}
