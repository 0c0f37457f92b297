/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ring 3. The tables that the domain starts with map nothing for it, so the kit hangs tables of its
 * own below 4 GB's first slot: one L2, one L1, a 2 MB window at USER_BASE.
 */
#include "tests/guest/kit/kit.h"

static uint64_t *window; /* the L1 page; NULL before first use */
static char *code_page;

void user_enter(void *state);

static void window_open(void)
{
    if (window)
        return;
    uint64_t *l2 = page_alloc(), *l1 = page_alloc();
    char *stack = page_alloc();
    code_page = page_alloc();
    l1[0] = USER_ENTRY(code_page);
    l1[1] = USER_ENTRY(stack);
    l2[(USER_BASE >> 21) & 511] = MFN_PTE(mfn_of(l1), PTE_P | PTE_W | PTE_U | PTE_A);
    make_readonly(l1);
    make_readonly(l2);
    if (pte_write(machine_of(base_table()), MFN_PTE(mfn_of(l2), PTE_P)))
        give_up("the window for ring 3 could not be linked");
    window = l1;
}

struct user_state user_state(void)
{
    window_open();
    return (struct user_state){.eip = USER_BASE,
                               .cs = FLAT_RING3_CS,
                               .eflags = 0x202,
                               .esp = USER_STACK,
                               .ss = FLAT_RING3_SS,
                               .ds = FLAT_RING3_DS,
                               .es = FLAT_RING3_DS};
}

void user_run(const void *from, const void *to, struct user_state *state)
{
    window_open();
    memcpy(code_page, from, (const char *)to - (const char *)from);
    if (!trapped(user_enter, state))
        give_up("ring 3 came back without a trap");
}

long user_map(unsigned index, uint64_t entry)
{
    window_open();
    return map((void *)(USER_BASE + index * PAGE_SIZE), entry);
}
