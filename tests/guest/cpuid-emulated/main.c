/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interface's prefix for cpuid (ud2, "xen"): the hypervisor answers with its own leaves,
 * "XenVMMXenVMM" at 0x40000000, and EIP goes on behind the instruction. Without the prefix ud2
 * stays an invalid opcode.
 */
#include "tests/guest/kit/kit.h"

static void ask(void *answer)
{
    uint32_t *to = answer;

    asm volatile(XEN_EMULATE_PREFIX "cpuid"
                 : "=a"(to[0]), "=b"(to[1]), "=c"(to[2]), "=d"(to[3])
                 : "0"(to[0]), "2"(0));
}

static uint32_t msr;
static uint64_t where;
static void write_msr(void *unused)
{
    (void)unused;
    asm volatile("wrmsr" : : "A"(where), "c"(msr) : "memory");
}

/* The register that the third leaf names makes a page of hypercalls of a frame of ours. */
static void transfer_page(uint32_t number)
{
    unsigned char *page = page_alloc();

    msr = number;
    where = machine_of(page);
    check(!trapped(write_msr, NULL), "a frame of ours: vector %u", trap.vector);
    check(memcmp(page + 32 * __HYPERVISOR_xen_version,
                 hypercall_page + 32 * __HYPERVISOR_xen_version, 8) == 0,
          "the page holds %x", page[32 * __HYPERVISOR_xen_version]);
    where = machine_of(page) | 1; /* there is one page */
    check(trapped(write_msr, NULL) && trap.vector == 13, "a second page was taken");
    where = machine_of(base_table());
    check(trapped(write_msr, NULL) && trap.vector == 13, "a table was taken");
}

void test(void)
{
    uint32_t answer[4] = {0x40000000};

    check(!trapped(ask, answer), "vector %u", trap.vector);
    /* Kernels look for three leaves at least. */
    check(answer[0] >= 0x40000002 && answer[0] < 0x40000100, "highest leaf %x", answer[0]);
    expect(answer[1], 0x566e6558); /* "XenV" */
    expect(answer[2], 0x65584d4d); /* "MMXe" */
    expect(answer[3], 0x4d4d566e); /* "nVMM" */
    answer[0] = 0x40000001;
    ask(answer);
    expect(answer[0], HYPERCALL(xen_version, XENVER_version, NULL));
    answer[0] = 0x40000002;
    ask(answer);
    expect(answer[0], 1);
    expect(answer[2] & 1, 1); /* MMU_PT_UPDATE_PRESERVE_AD */
    transfer_page(answer[1]);
    answer[0] = 1;
    ask(answer);
    check(answer[3] & 1U << 4, "no time stamp counter in %x", answer[3]);
    check(!(answer[3] & 1U << 3), "large pages are offered: %x", answer[3]);
    struct user_state state = user_state();
    static const char other[] = {0x0f, 0x0b, 'n', 'e', 'x'};
    user_run(other, other + sizeof(other), &state);
    expect(trap.vector, 6);
    expect(trap.eip, USER_BASE);
}
