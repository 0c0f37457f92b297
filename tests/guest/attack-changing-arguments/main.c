/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arguments that change between check and use. One processor is enough where a call's own effects
 * reach its arguments: what it writes back lands on what it has still to read, or an update remaps
 * the page of the requests behind it. Whatever happens must be what the copied request said.
 */
#include "tests/guest/kit/kit.h"

/*
 * Requests in a page; the first one gives the page's address to another page, full of worse ones.
 */
static void remapped_requests(void)
{
    uint64_t *l1 = page_alloc(), *l2_page = page_alloc();
    struct mmu_update *good = page_alloc(), *bad = page_alloc();
    uint64_t window = MFN_PTE(mfn_of(good), PTE_P | PTE_A | PTE_D);
    unsigned done = 99;

    /* The window through which the hypervisor reads: user_map's page 2. */
    expect(user_map(2, window), 0);
    uint64_t entry = machine_of(l1_entry(USER_BASE + 2 * PAGE_SIZE));
    for (unsigned i = 0; i < 4; i++) {
        good[i] = (struct mmu_update){.ptr = machine_of(&l2_page[i]), .val = i};
        bad[i] = (struct mmu_update){.ptr = machine_of(&base_table()[0]), .val = 0xE7};
    }
    good[0] = (struct mmu_update){.ptr = entry, .val = MFN_PTE(mfn_of(bad), PTE_P | PTE_A)};
    long result = HYPERCALL(mmu_update, USER_BASE + 2 * PAGE_SIZE, 4, &done, DOMID_SELF);
    check(result == -EINVAL || (result == 0 && done == 4), "requests remapped: %ld", result);
    check(base_table()[0] != 0xE7, "the root holds what no check has seen");
    (void)l1;
}

/* The count done is written into the requests. */
static void count_in_requests(void)
{
    static uint64_t words[8] __attribute__((aligned(64)));
    struct mmu_update list[4];

    for (unsigned i = 0; i < 4; i++)
        list[i] = (struct mmu_update){.ptr = machine_of(&words[i]), .val = i + 1};
    long result = HYPERCALL(mmu_update, list, 4, (unsigned *)&list[2].ptr, DOMID_SELF);
    check(result == 0, "the count among the requests gave %ld", result);
    for (unsigned i = 0; i < 4; i++)
        check(words[i] == i + 1, "word %u is %llx", i, words[i]);
}

/* A call of a multicall rewrites the entries behind it. */
static void rewritten_entries(void)
{
    static struct multicall_entry list[3] __attribute__((aligned(64)));
    struct multicall_entry *page = page_alloc();

    memset(page, 0xff, PAGE_SIZE);
    list[0] = (struct multicall_entry){.op = __HYPERVISOR_xen_version,
                                       .args = {XENVER_extraversion, (unsigned long)&list[1].op}};
    list[1] = (struct multicall_entry){.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}};
    list[2] = (struct multicall_entry){.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}};
    expect(HYPERCALL(multicall, list, 3), 0);
    check(list[1].op != __HYPERVISOR_xen_version, "the entry was not rewritten");
    expect(list[1].result, -ENOSYS);
    expect(list[2].result, PAGE_SIZE);
}

/* The list of frames lies over the description of the list. */
static void reservation_over_itself(void)
{
    union {
        struct xen_memory_reservation request;
        xen_pfn_t words[16];
    } u = {.request = {.nr_extents = 8, .domid = DOMID_SELF}};
    domid_t self = DOMID_SELF;
    unsigned long before = HYPERCALL(memory_op, XENMEM_current_reservation, &self)
    , now;

    set_xen_guest_handle(u.request.extent_start, u.words);
    long got = HYPERCALL(memory_op, XENMEM_increase_reservation, &u);
    now = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    check(got >= 0 && got <= 8 && now <= before + 8, "%ld more, but %lx after %lx", got, now,
          before);
}

void test(void)
{
    remapped_requests();
    count_in_requests();
    rewritten_entries();
    reservation_over_itself();
}
