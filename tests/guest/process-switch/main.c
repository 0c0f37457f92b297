/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two processes: each has tables of its own with another page behind the same address; one
 * multicall does what a kernel does to change from one to the other (new base, new stack, FPU
 * flag), many times.
 */
#include "tests/guest/kit/kit.h"

#define AT_DATA (USER_BASE + 2 * PAGE_SIZE)

CODE(count, "incl 0x402000\nmov 0x402000, %eax\nint $0x80\n" AT(count) "ud2");

static uint64_t *process(uint32_t first_value)
{
    uint64_t *l3 = address_space_build(), *l2 = page_alloc(), *l1 = page_alloc();
    uint32_t *code = page_alloc(), *stack = page_alloc(), *data = page_alloc();

    memcpy(code, count, count_end - count);
    *data = first_value;
    l1[0] = USER_ENTRY(code);
    l1[1] = USER_ENTRY(stack);
    l1[2] = USER_ENTRY(data);
    l2[(USER_BASE >> 21) & 511] = MFN_PTE(mfn_of(l1), PTE_P | PTE_W | PTE_U);
    make_readonly(l1);
    make_readonly(l2);
    expect(pte_write(machine_of(&l3[0]), MFN_PTE(mfn_of(l2), PTE_P)), 0);
    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0), 0);
    return l3;
}

void user_enter(void *state);

void test(void)
{
    struct user_state state = user_state();
    uint64_t *spaces[2] = {process(1000), process(2000)};
    char *stacks[2] = {page_alloc(), page_alloc()};

    for (unsigned turn = 0; turn < 60; turn++) {
        unsigned who = turn & 1;
        struct mmuext_op base = {.cmd = MMUEXT_NEW_BASEPTR, .arg1.mfn = mfn_of(spaces[who])};
        struct multicall_entry calls[3] = {
            {.op = __HYPERVISOR_stack_switch,
             .args = {FLAT_RING1_SS, (unsigned long)stacks[who] + PAGE_SIZE}},
            {.op = __HYPERVISOR_fpu_taskswitch, .args = {1}},
            {.op = __HYPERVISOR_mmuext_op, .args = {(unsigned long)&base, 1, 0, DOMID_SELF}},
        };

        expect(HYPERCALL(multicall, calls, 3), 0);
        expect(calls[0].result | calls[1].result | calls[2].result, 0);
        check(trapped(user_enter, &state), "ring 3 came back");
        if (!check(trap.vector == 0x80, "turn %u: vector %u at %x", turn, trap.vector, trap.eip))
            break;
        expect(trap.eax, 1000 * (who + 1) + turn / 2 + 1);
        expect(trap_bottom, (uint32_t)stacks[who] + PAGE_SIZE - 20);
    }
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0), 0);
    for (unsigned who = 0; who < 2; who++) {
        expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(spaces[who]), 0), 0);
        make_writable(spaces[who]);
    }
}
